//! `f2bctl watch`.

mod arguments;
mod handed;
mod run;
mod view;

pub use arguments::Arguments;
pub use run::run;
