//! What a host can be asked over SSH; everything above this floor speaks to hosts through it.

pub mod ssh;
