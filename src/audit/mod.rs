//! The audit log: records of every change and of every refused or failed attempt, chained by their hashes.
//!
//! One copy lies on each host, shared by all operators and written by the agent under the lock; one lies with the
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

pub use local::{LocalTrail, TrailError};
pub use record::{Ended, Record};
