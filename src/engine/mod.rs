//! Runs procedures on hosts: observe, draft, rehearse, plan, approve, apply, prove, record. It prints nothing.

mod change;
mod confirmation;
mod connection;
mod dialogue;
mod elevation;
mod failure;
mod follow_up;
mod interrupted;
mod last_words;
mod report;
mod target;
mod transaction;
mod watch;

pub use change::{Context, Mode, run};
pub use connection::Connection;
pub use dialogue::{Dialogue, Settlement};
pub use report::ChangeReport;

pub use target::{SudoPassword, Target};
pub use watch::{Follower, Watched, watch};
