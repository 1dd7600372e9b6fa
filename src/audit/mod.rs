//! The audit log: records of every change and of every refused or failed attempt, chained by their hashes.
//!
//! One copy is on each host, shared by all operators and written by the agent under the lock; one is with the
//! operator. Both have one form, which any reader can check as text (see [`chain`]).

pub mod chain;
pub mod customers;
pub mod history;
mod local;
pub mod memory;
pub mod pages;
pub mod recent;
mod record;
pub mod verifier;

pub use local::{LocalLog, LocalLogError};
pub use record::{Ended, Record};
