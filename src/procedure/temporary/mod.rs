//! Temporary whitelist entries: set in running jails alone, registered on the host with their end, and ended there by
//! themselves.

mod request;
mod row;

pub use request::{Act, Temp};
pub use row::temporary;
