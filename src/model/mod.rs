//! The pure floor: values and texts, with no I/O, no clock and no environment.

pub mod action_columns;
pub mod base64_bytes;
pub mod blocked_address;
pub mod clock;
pub mod comment_text;
pub mod fail2ban;
pub mod firewall;
pub mod host_name;
pub mod jail_local;
pub mod known;
pub mod looked_back;
pub mod network;
pub mod observed;
pub mod operation;
pub mod origins;
pub mod presence;
pub mod regex_trial;
pub mod register_table;
pub mod runbook;
pub mod running_asterisk;
pub mod some;
pub mod special_range;
pub mod spelling;
pub mod text;
pub mod timespan;
pub mod written_network;
