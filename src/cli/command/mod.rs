//! One file a command, one folder a family: its arguments, and a short run that says what it does.

pub mod audit;
pub mod backups;
pub mod completions;
pub mod doctor;
pub mod hosts;
pub mod lab;
pub mod recidive;
pub mod regex;
pub mod reload;
pub mod report;
pub mod rollback;
pub mod split;
pub mod start;
pub mod status;
pub mod temp;
pub mod tune;
pub mod unban;
pub mod watch;
pub mod whitelist;
pub mod why;
