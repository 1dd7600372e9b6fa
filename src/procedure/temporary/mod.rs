//! Temporary whitelist entries: set in running jails alone, registered on the host with their end, and ended there by
//! themselves.

mod changes;
mod list;

pub use changes::{Act, Temp};
pub use list::temporary;
