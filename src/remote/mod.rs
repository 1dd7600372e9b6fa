//! Hosts, as they are reached over SSH and as their agent answers. Nothing here decides what a host should be like.

pub mod agent;
pub mod host;
pub mod ssh;
