//! The live view of a host (`watch --live`): one state, which messages change and which is drawn as it is. State and drawing are
//! free of any terminal; `screen` alone takes one and gives it back.

mod data;
mod drawing;
mod help;
mod keys;
mod row;
mod rows;
mod screen;
mod state;

pub use data::{Counted, Data, LogTrouble, Look};
pub use drawing::draw;
pub use keys::{Act, Effect, press};
pub use screen::{Input, Keys, Screen};
pub use state::{Panel, State};
