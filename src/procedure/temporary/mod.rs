//! Temporary whitelist entries (runbook, "Add a temporary runtime ignoreip"): set in running jails alone, registered on
//! the host with their end, and ended there by themselves.

mod coming_and_going;
mod given;
mod grant;
mod register;
mod request;
mod row;
#[cfg(test)]
mod tests;

pub use coming_and_going::{carry_over, losing_jails, lost, set_again, set_again_where_lost};
pub use grant::{Grant, LONGEST_SECONDS};
pub use register::{displaced, register_move, standing, sweep};
pub use request::{Act, Temp};
pub use row::temporary;
