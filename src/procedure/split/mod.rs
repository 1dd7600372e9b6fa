//! Split the single asterisk jail into a strict and a lenient one (runbook, Why two asterisk jails).

mod jails;
mod planner;
mod variant;

pub use planner::Split;
