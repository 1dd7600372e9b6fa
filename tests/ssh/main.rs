//! Everything that speaks SSH with a real sshd: logging in, trust, routes, commands, sudo, and hosts that lie.
//!
//! One program for all of it, so that it is linked once. Logging in lies in this folder; sudo and hostile hosts beside it.

#[path = "../documents/mod.rs"]
mod documents;
#[path = "../hostile/mod.rs"]
mod hostile;
#[path = "../left_out/mod.rs"]
mod left_out;
#[path = "../scripted_host/mod.rs"]
mod scripted_host;
#[path = "../sshd/mod.rs"]
mod sshd;
#[path = "../sudo/mod.rs"]
mod sudo;

mod algorithms;
mod commands;
mod host_login;
mod login;
mod route;
mod session;
mod short_lines;
mod trust;
