//! `f2bctl watch`.

mod arguments;
mod followed;
mod handed;
mod live;
mod run;
mod view;

pub use arguments::Arguments;
pub use run::run;
