//! Everything that a host says is untrusted: agents that lie, in memory and behind a real sshd, and hostile data on the host.

mod arguments;
mod host_data;
mod lab;
mod left_behind;
mod lies;
mod over_ssh;
mod past;
mod secrets;
mod states;
mod views;

use crate::sshd;
