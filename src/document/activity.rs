//! What `report` answers: what happened on a host in a time, for a ticket or for people who do not work on it.

use schemars::JsonSchema;
use serde::Serialize;

use super::history::Entry;
use super::protection::Protection;
use super::whitelist_review::ReviewFinding;
use crate::model::text::Text;

/// What happened on a host.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Activity {
    /// From when on it was asked for, RFC 3339 in the host's zone, like every moment here.
    pub from: String,
    /// The moment of the look.
    pub to: String,
    /// From when on nothing is missing of fail2ban's action log; null where nothing was logged, or the log could not be read: then
    /// what was counted of it is not known.
    pub covered_from: Option<String>,
    /// What is missing, as sentences.
    pub gaps: Vec<Text>,
    /// Whether names and addresses are replaced by numbers.
    pub redacted: bool,
    /// Whether the PBX is protected at the moment of the look.
    pub protection: Protection,
    /// What each jail did.
    pub jails: Vec<JailActivity>,
    /// Bans by hour, without the hours in which nobody was banned.
    pub hours: Vec<HourBans>,
    /// Crowds of bans.
    pub storms: Vec<Storm>,
    /// The networks with most bans.
    pub networks: Vec<BusyNetwork>,
    /// How near each customer came to a ban, or would have without the whitelist.
    pub headroom: Vec<CustomerHeadroom>,
    /// What `whitelist review` finds; null where that could not be made.
    pub review: Option<Vec<ReviewFinding>>,
    /// What was changed, or tried, oldest first. A gap that begins with `The audit log` says why changes may be missing.
    pub changes: Vec<Entry>,
    /// What happened, oldest first.
    pub timeline: Vec<Happening>,
    /// Where the page was written; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Text>,
}

/// How the gaps begin that are about the audit log.
const OF_AUDIT_LOG: &str = "The audit log";

impl Activity {
    /// Why changes may be missing, as sentences; none where the audit log was read and is whole.
    pub fn audit_gaps(&self) -> impl Iterator<Item = &Text> {
        self.gaps.iter().filter(|gap| gap.raw().starts_with(OF_AUDIT_LOG))
    }

    /// Whether what happened is known: fail2ban's action log has something of the time, and no change may be missing.
    pub fn is_known(&self) -> bool {
        self.covered_from.is_some() && self.audit_gaps().next().is_none()
    }
}

/// What a jail did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JailActivity {
    /// The jail.
    pub jail: Text,
    /// Bans.
    pub bans: u64,
    /// Addresses that were banned.
    pub addresses: u64,
    /// Failures that were counted.
    pub failures: u64,
    /// Failures of the whitelisted, which were not counted.
    pub ignored: u64,
    /// How often it began: fail2ban was started, restarted or reloaded.
    pub began: u64,
    /// How many are banned at the moment of the look; null where it does not run.
    pub banned_now: Option<u64>,
}

/// The bans of a jail in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HourBans {
    /// When the hour begins.
    pub hour: String,
    /// The jail.
    pub jail: Text,
    /// Its bans.
    pub bans: u64,
}

/// Ten bans of a jail or more, with less than ten minutes between two of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Storm {
    /// The jail.
    pub jail: Text,
    /// The first ban.
    pub from: String,
    /// The last ban.
    pub to: String,
    /// How many bans.
    pub bans: u64,
    /// Of how many networks (/24, /48).
    pub networks: u64,
}

/// A network (/24, /48) whose addresses were banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BusyNetwork {
    /// The network.
    pub network: Text,
    /// Bans of its addresses.
    pub bans: u64,
    /// How many of its addresses were banned.
    pub addresses: u64,
    /// The customer who has an entry in it.
    pub customer: Option<Text>,
}

/// How near somebody came to a ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CustomerHeadroom {
    /// The customer.
    pub customer: Text,
    /// The customer's address with the highest count.
    pub address: Text,
    /// The jail.
    pub jail: Text,
    /// fail2ban's highest count of it, or what it would have been without the whitelist.
    pub count: i64,
    /// From which count on the jail bans.
    pub maxretry: i64,
    /// When.
    pub at: String,
    /// Whether the whitelist keeps it from being banned now.
    pub whitelisted: bool,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HappeningKind {
    /// Jails began: fail2ban was started, restarted or reloaded.
    Reload,
    /// A change of f2bctl.
    Change,
    /// A crowd of bans.
    Storm,
    /// A ban.
    Ban,
    /// Bans of one hour.
    Bans,
    /// A ban of a customer ended or was lifted.
    Unban,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Happening {
    /// When it began.
    pub time: String,
    /// What kind of thing it was.
    pub kind: HappeningKind,
    /// What, as a sentence.
    pub message: Text,
    /// The customer who was concerned.
    pub customer: Option<Text>,
    /// The identifier of the change that it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Text>,
}
