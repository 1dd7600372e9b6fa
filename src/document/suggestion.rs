//! Commands that an answer suggests to type next, where the floor that suggests them knows no command.

use std::fmt::Display;

/// Whitelists a customer for good; `options` follow the customer's name.
pub fn whitelist_customer(network: impl Display, options: &str) -> String {
    format!("`f2bctl onboard {network} --customer NAME{options}`")
}
