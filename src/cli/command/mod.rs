//! One file a command: its arguments, and a short run that says what it does.

pub mod adopt;
pub mod audit;
pub mod backup;
pub mod backups;
pub mod completions;
pub mod doctor;
pub mod history;
pub mod hosts;
pub mod lab;
pub mod offboard;
pub mod onboard;
pub mod recidive;
pub mod regex;
pub mod register;
pub mod reload;
pub mod restore;
pub mod rollback;
pub mod split;
pub mod start;
pub mod status;
pub mod temp;
pub mod tune;
pub mod unban;
pub mod undo;
pub mod watch;
pub mod whitelist;
