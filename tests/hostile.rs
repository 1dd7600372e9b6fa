//! Everything that a host says is untrusted: agents that lie, in memory and behind a real sshd, and hostile data on the host.

#[path = "hostile/arguments.rs"]
mod arguments;
#[path = "hostile/host_data.rs"]
mod host_data;
#[path = "hostile/lab.rs"]
mod lab;
#[path = "hostile/left_behind.rs"]
mod left_behind;
#[path = "hostile/lies.rs"]
mod lies;
#[path = "hostile/over_ssh.rs"]
mod over_ssh;
#[path = "hostile/secrets.rs"]
mod secrets;
#[path = "sshd/mod.rs"]
mod sshd;
#[path = "hostile/views.rs"]
mod views;
