//! What `status` answers: jails, thresholds, counters, who is banned, the whitelist, and what could not be read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

use super::protection::Protection;
use super::whitelist::{WhitelistCheck, WhitelistRow};

/// The state of a host.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Status {
    /// The moment of the look, RFC 3339 in the host's zone.
    pub time: String,
    /// Whether the PBX is protected, and who of the whitelisted is banned: of the whole host, whichever jails were asked about.
    pub protection: Protection,
    /// The server.
    pub fail2ban: Fail2ban,
    /// The addresses that were asked about: whether they are whitelisted, and where they are banned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<WhitelistCheck>,
    /// The jails that were asked about.
    pub jails: Vec<Jail>,
    /// The whitelist.
    pub whitelist: Vec<WhitelistRow>,
    /// The parts that could not be read, with the reason.
    pub unknown: BTreeMap<String, Text>,
    /// Whether people see every ban and entry, however many there are.
    #[serde(skip)]
    pub whole: bool,
}

/// The server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fail2ban {
    /// Its version; null where it could not be asked.
    pub version: Option<Text>,
    /// Whether it runs; null where that could not be asked.
    pub running: Option<bool>,
}

/// One running jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Jail {
    /// Its name.
    pub name: Text,
    /// Failures before a ban.
    pub maxretry: Option<i64>,
    /// The window that failures are counted in, seconds.
    pub findtime: Option<i64>,
    /// How long a ban lasts, seconds; -1 is for ever.
    pub bantime: Option<i64>,
    /// Addresses with failures that count now.
    pub currently_failed: u64,
    /// Failures since the jail began.
    pub total_failed: u64,
    /// Addresses that are banned now.
    pub currently_banned: u64,
    /// Bans since the jail began.
    pub total_banned: u64,
    /// Who is banned.
    pub banned: Vec<Ban>,
    /// The whitelist in force, in fail2ban's spelling.
    pub ignoreip: Vec<Text>,
    /// The logs that it reads.
    pub log_files: Vec<Text>,
    /// The names of its actions.
    pub actions: Vec<Text>,
    /// Whether the firewall has its rules, for the protocols that the jail is about; null where that cannot be judged.
    pub enforced: Option<bool>,
    /// Why not, or why it cannot be judged.
    pub enforced_reason: Option<Text>,
}

/// One ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ban {
    /// The address or network.
    pub ip: Text,
    /// The customer whose entry covers it.
    pub customer: Option<Text>,
    /// When it began, RFC 3339 in the host's zone.
    pub since: String,
    /// When it ends; null for one that never does.
    pub until: Option<String>,
}
