//! What fail2ban writes: its action log, line by line.

mod action_log;

pub use action_log::{Event, Level, Line};
