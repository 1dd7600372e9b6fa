//! PURE: what is worth a finding or a warning about a host that was observed. It changes nothing and plans nothing.

pub mod activity;
pub mod banned_whitelisted;
pub mod doctor;
pub mod explanations;
pub mod found_lines;
pub mod lists_in_force;
pub mod near;
pub mod protection;
pub mod recorded_customers;
pub mod redaction;
pub mod tuning;
pub mod under_way;
pub mod warnings;
pub mod watching;
pub mod whitelist;
pub mod whitelist_review;
pub mod why;
