//! Runs procedures on hosts: observe, draft, rehearse, plan, approve, apply, prove, record. It prints nothing.

mod change;
mod connection;
mod elevation;
mod failure;
mod follow_up;
mod interrupted;
mod report;
mod sign_of_life;
mod transaction;
mod watch;

pub use change::{Context, Dialogue, Mode, Settlement, run};
pub use connection::{Connection, Target};
pub use elevation::SudoPassword;
pub use failure::{Failure, FailureKind};
pub use report::{ChangeReport, Outcome};
pub use watch::{Follower, Watched, watch};
