//! Everything on whole hosts: sshd, fail2ban-server and the program, each test on a lab of its own.
//!
//! One program for all of it, so that it is linked once and no suite waits for the last test of another one. The runbook's
//! procedures lie in this folder; what `doctor`, `watch` and others have of their own lies in folders beside it.

#[path = "../doctor/mod.rs"]
mod doctor;
#[path = "../documents/mod.rs"]
mod documents;
#[path = "../lab/mod.rs"]
mod lab;
#[path = "../left_out/mod.rs"]
mod left_out;
#[expect(
    dead_code,
    reason = "what reads the answers to drafts is used by the planners' own tests"
)]
#[path = "../planner/hosts.rs"]
mod planner_hosts;
#[expect(dead_code, reason = "plans are drawn on pages by the planners' own tests")]
#[path = "../planner/script.rs"]
mod planner_script;
#[path = "../split_and_back/mod.rs"]
mod split_and_back;
#[path = "../support/mod.rs"]
mod support;
#[path = "../temp/mod.rs"]
mod temp;
#[path = "../terminal/mod.rs"]
mod terminal;
#[path = "../tuning/mod.rs"]
mod tuning;
#[path = "../watch/mod.rs"]
mod watch;
#[path = "../why/mod.rs"]
mod why;

mod ansible;
mod audit_trail;
mod bans;
mod beside_a_follower;
mod cases;
mod confirmation;
mod drift;
mod examples;
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
mod many_hosts;
mod odd_hosts;
mod onboard;
mod one_value;
mod preflight;
mod recorded_hosts;
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
