//! Each statement of the runbook as a check of a host.

mod asterisk;
mod bans;
mod checklist;
mod evidence;
mod examination;
mod jails;
mod logs;
mod server;
mod surroundings;
mod traffic;
mod whitelist;

pub(super) use asterisk::{levels, not_written};
pub use checklist::{checklist, whitelist_checklist};
pub use evidence::Evidence;
pub use examination::examine;
pub(super) use server::unjudged_ignorecommand;
pub(super) use whitelist::exempts_everybody;
