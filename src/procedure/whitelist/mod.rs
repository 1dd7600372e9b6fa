//! The whitelist of customers (runbook, "Customer-PBX whitelist"): who comes, who goes, and the customer of each entry.

mod adopt;
mod annotate;
mod import;
mod offboard;
mod onboard;
mod repair;

pub use adopt::{Adopt, Proposal, proposals};
pub use annotate::Annotate;
pub use import::Import;
pub use offboard::Offboard;
pub use onboard::Onboard;
pub use repair::RepairWhitelist;
