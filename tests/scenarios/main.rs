//! The runbook's procedures on a real host: sshd, fail2ban-server and the program, each scenario on a lab of its own.

#[path = "../support/mod.rs"]
mod support;

mod audit_trail;
mod bans;
mod confirmation;
mod drift;
mod failed_reload;
mod file_attributes;
mod files;
mod firewall;
mod host_faults;
mod interrupted;
mod journal;
mod journals_v1;
mod local_files;
mod lock;
mod long_log;
mod lost_bans;
mod many_bans;
mod odd_hosts;
mod onboard;
mod one_value;
mod preflight;
mod refusals;
mod remarks;
mod reports;
mod settled_beside_others;
mod settled_later;
mod several_hosts;
mod who;

/// The change that most of the scenarios break: a customer joins.
const ONBOARD: &[&str] = &[
    "onboard",
    "192.0.2.0/28",
    "--customer",
    "Lotus Court Hotels",
    "--yes",
    "--json",
];
