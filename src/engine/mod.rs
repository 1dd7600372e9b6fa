//! Runs procedures on hosts: observe, draft, rehearse, plan, approve, apply, prove, record. It prints nothing.

mod approver;
mod change;
mod confirmation;
mod connection;
mod elevation;
mod event;
mod failure;
mod follow_up;
mod interrupted;
mod last_words;
mod report;
mod target;
mod transaction;
mod watch;

pub use approver::{Approver, Recovery};
pub use change::{Context, Mode, run, run_over};
pub use connection::Connection;
pub use event::{Consumer, Event, Events};
pub use report::ChangeReport;

pub use target::{SudoPassword, Target};
pub use watch::{Looks, watch};
