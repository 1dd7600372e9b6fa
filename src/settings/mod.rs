//! The operator's configuration: where it is, what it says, which hosts a run is about.
//!
//! Nothing here connects anywhere or prints; a mistake in the file is refused with its place.

mod configuration;
mod document;
mod environment;
mod error;
mod file;
mod host;
mod inventory;
mod place;
mod policy;
mod selection;
pub mod write;

pub use configuration::Settings;
pub use environment::Environment;
pub use error::SettingsError;
pub use file::{read_input, read_regular};
pub use host::{Become, HostSettings, Origin};
pub use place::Place;
pub use policy::Policy;
