//! The pure floor: values and texts, with no I/O, no clock and no environment.

pub mod comment_text;
pub mod jail_local;
pub mod network;
mod special_range;
pub mod timespan;
