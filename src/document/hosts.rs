//! What `hosts` answers.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

/// The hosts of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hosts {
    /// The hosts, by name.
    pub hosts: Vec<HostRow>,
    /// The configuration file.
    pub config: PathBuf,
    /// Whether it exists.
    pub config_present: bool,
}

/// The settings of one host. Paths, except `identity` and `known_hosts`, are the host's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HostRow {
    /// The name in the configuration, or the text that was given.
    pub name: String,
    /// `[USER@]ADDR[:PORT]`, or a name that ssh_config knows.
    pub address: String,
    /// A private key on this machine.
    pub identity: Option<PathBuf>,
    /// A known_hosts file on this machine instead of the usual ones.
    pub known_hosts: Option<PathBuf>,
    /// How to become root there: `sudo`; null where the login is root's.
    pub r#become: Option<&'static str>,
    /// fail2ban's configuration directory.
    pub config_dir: PathBuf,
    /// fail2ban's client.
    pub client: String,
    /// fail2ban's action log.
    pub log: PathBuf,
    /// The file that Asterisk logs to.
    pub asterisk_log: PathBuf,
    /// Journal, lock and audit log on the host.
    pub state_dir: PathBuf,
    /// The groups that `@GROUP` finds this host by.
    pub groups: Vec<String>,
    /// Addresses and networks that are never un-whitelisted or banned.
    pub protected: Vec<String>,
    /// Whether special ranges need no flag here.
    pub allow_special: bool,
    /// Where these settings come from: `builtin`, `file`, `inventory`, `alias` or `given`.
    pub origin: &'static str,
    /// Whether it is the default host; absent where that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}
