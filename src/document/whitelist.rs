//! What `whitelist list`, `check` and `export` answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::Blocked;
use crate::model::jail_local::{Metadata, Registration};
use crate::model::network::Network;
use crate::model::text::{Prose, Text};

/// The register of customers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Whitelist {
    /// The entries of jail.local in order, then what is in force without standing there.
    pub whitelist: Vec<WhitelistRow>,
}

/// Which entries cover an address, or all or a part of a network.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WhitelistCheck {
    /// What was asked about.
    pub address: Network,
    /// Whether any running jail has it whitelisted.
    pub whitelisted: bool,
    /// What each running jail would do, by fail2ban's own decision.
    pub jails: Vec<JailDecision>,
    /// The running jails that ban it, a part of it, or a network that holds it.
    pub banned_in: Vec<Text>,
    /// The entries that cover all of it.
    pub whitelist: Vec<WhitelistRow>,
    /// The entries that cover a part of it.
    pub partly: Vec<WhitelistRow>,
    /// The running jails in which it is whitelisted.
    pub in_force: Vec<Text>,
    /// The running jails in which it is not.
    pub not_in_force: Vec<Text>,
    /// What of it the firewall blocks although no jail lists it, whitelisted or not.
    pub blocked_without_ban: Vec<Blocked>,
}

/// Whether a running jail would ignore what was asked about, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JailDecision {
    /// The jail.
    pub jail: Text,
    /// Whether it would ignore all of it; `null` where that is not known, or is so of a part only.
    pub ignored: Option<bool>,
    /// What decides it; empty for what is not ignored.
    pub because: Vec<Because>,
    /// Why `ignored` is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// One thing that makes a jail ignore an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Because {
    /// What kind of thing it is.
    pub by: Exemption,
    /// The entry as it is written, or the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Text>,
    /// Where the entry comes from: `FILE:LINE`, or that no file gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// What exempts an address from being banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exemption {
    /// An entry of the list.
    IgnoreIp,
    /// It is an own address of the host.
    IgnoreSelf,
    /// The jail's command says so, which is not run here.
    IgnoreCommand,
    /// An entry that names a file, which lists it.
    File,
}

/// The register, for `import` or another program.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Registrations {
    /// The documented entries.
    pub registrations: Vec<Registration>,
    /// The same in the form that was asked for.
    pub text: Prose,
}

/// One entry of the whitelist: what the file says of it, and in which jails it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhitelistRow {
    /// The entry, canonical where it is a network.
    pub network: Text,
    /// The customer's name.
    pub customer: Option<Text>,
    /// The note on it.
    pub note: Option<Text>,
    /// `by`, `on`, `ticket`, `review`, `expires` and whatever else is there.
    pub meta: Metadata,
    /// Whether it has a line in the register (localhost needs none).
    pub documented: bool,
    /// The running jails whose whitelist has it.
    pub in_force: Vec<Text>,
    /// The running jails whose whitelist lacks it.
    pub not_in_force: Vec<Text>,
    /// Where it comes from.
    pub source: Source,
    /// The file and line that give it, as `FILE:LINE` below the configuration directory, by fail2ban's own reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Text>,
    /// When a temporary entry ends, RFC 3339 in the host's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Where an entry of the whitelist comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It is in jail.local's list in `[DEFAULT]`.
    File,
    /// Another file gives it, or a jail's own list.
    OtherFile,
    /// It is registered as a temporary entry, with its end.
    Temporary,
    /// It was set at run time.
    Runtime,
    /// No file gives it: it was set at run time, or deleted from a file since fail2ban read it.
    RuntimeOrDeleted,
    /// Where it comes from could not be found out.
    Unknown,
}

impl WhitelistRow {
    /// The entry as a network, if it is one.
    pub fn as_network(&self) -> Option<Network> {
        Network::parse(self.network.raw()).ok().map(|parsed| parsed.network)
    }
}
