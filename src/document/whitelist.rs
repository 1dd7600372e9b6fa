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
    /// When a temporary entry ends, RFC 3339 in the host's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Where an entry of the whitelist comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It is in jail.local.
    File,
    /// It is registered as a temporary entry, with its end.
    Temporary,
    /// It was set at run time.
    Runtime,
}

impl WhitelistRow {
    /// The entry as a network, if it is one.
    pub fn as_network(&self) -> Option<Network> {
        Network::parse(self.network.raw()).ok().map(|parsed| parsed.network)
    }
}
