//! Each statement of the runbook as a check of a host.

mod asterisk;
mod bans;
mod evidence;
mod examination;
mod jails;
mod logs;
mod surroundings;
mod traffic;
mod whitelist;

pub use evidence::Evidence;
pub use examination::examine;
