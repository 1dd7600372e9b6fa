//! Who could have written a file of this machine: what is decided by such a file is decided by whoever may write to it.

mod file;

pub use file::{Exposure, exposure};
