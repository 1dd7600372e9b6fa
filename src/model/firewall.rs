//! The kernel's packet filter as far as fail2ban's rules go: who is blocked, by which way packets get there, and what may
//! accept them before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::blocked_address::BlockedAddress;

/// The packet filter's part that belongs to fail2ban.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firewall {
    /// Chains and sets by name (`f2b-sshd`, `addr-set-sshd`).
    pub chains: BTreeMap<String, Chain>,
    /// Tools that could not be asked, with the reason.
    pub unknown: BTreeMap<String, String>,
    /// The ports that are sent on to other addresses; absent where that was not looked at.
    #[serde(default)]
    pub forwarded: Option<Vec<Forward>>,
}

/// One chain or set of the packet filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Addresses that are blocked.
    pub addresses: Vec<BlockedAddress>,
    /// The rules by which packets get there.
    pub entries: Vec<Entry>,
}

/// A rule that sends packets to a chain of fail2ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `tcp`, `udp`, ... or `all`.
    pub protocol: String,
    /// The ports as the tool prints them; absent if all.
    pub ports: Option<String>,
    /// `ip` or `ip6`.
    pub family: String,
    /// The kernel's hook from which packets get there, e.g. `INPUT`; empty in a snapshot of before this was looked at.
    #[serde(default)]
    pub hook: String,
    /// The rules that a packet meets first and that may accept it.
    #[serde(default)]
    pub before: Vec<EarlierRule>,
    /// Whether something else decides which packets get there.
    #[serde(default)]
    pub unread: bool,
}

/// A rule by which a packet may never get to a chain of fail2ban.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRule {
    /// The rule, as its tool writes it.
    pub text: String,
    /// `tcp`, `udp`, ... or `all`.
    pub protocol: String,
    /// The ports; absent if all.
    pub ports: Option<String>,
    /// The network whose packets it is about; absent if all.
    pub source: Option<String>,
    /// The states of the connection that it is about, with commas; absent if all.
    pub states: Option<String>,
    /// Whether it has conditions that were not read.
    pub unread: bool,
}

/// A port that the kernel sends on to another address, as to a container's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// `tcp`, `udp`, ... or `all`.
    pub protocol: String,
    /// The ports; absent if all.
    pub ports: Option<String>,
    /// The address and, if it becomes another one, the port.
    pub to: String,
}

/// What fail2ban's action log says of someone since the ban that stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAgain {
    /// How many lines of theirs are later than the ban.
    pub found: u64,
    /// When the last of them was written, seconds of the Unix clock; absent where Asterisk's log does not tell.
    pub last: Option<i64>,
    /// How often fail2ban found that they were to be banned and were banned already.
    pub already: u64,
}
