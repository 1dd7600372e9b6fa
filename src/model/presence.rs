//! Who was seen in Asterisk's log of a host, as its agent counted it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// By address and account.
    pub rows: Vec<PresenceRow>,
    /// From when on nothing is missing, seconds of the Unix clock; absent where nothing with a date was read.
    pub horizon: Option<i64>,
    /// Whether the log has SECURITY events: without them it shows no success.
    pub has_events: bool,
    /// Whether some of the text was not read, for its amount.
    pub truncated: bool,
    /// Attempts that were left out, since they were of pairs too many.
    pub dropped: u64,
    /// Lines that were left out, since they can be read as of two addresses.
    pub doubtful: u64,
    /// What could not be read, and why.
    pub faults: Vec<String>,
    /// By network of the whitelist, what is remembered on the host.
    pub seen: BTreeMap<String, SeenLast>,
}

/// An address with an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceRow {
    /// The address.
    pub address: String,
    /// The account; `*` stands for the rest of an address that asked for very many.
    pub account: String,
    /// Attempts that were let in.
    pub succeeded: u64,
    /// Wrong passwords.
    pub failed: u64,
    /// Attempts for an account that does not exist, and first requests of phones that are identified by their password.
    pub unknown: u64,
    /// The first attempt, seconds of the Unix clock.
    pub first: i64,
    /// The last attempt.
    pub last: i64,
    /// The last that was let in.
    pub last_success: Option<i64>,
}

/// When a network was seen last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenLast {
    /// When, seconds of the Unix clock; absent if never.
    pub last: Option<i64>,
    /// Since when it has been looked at without a gap.
    pub from: i64,
}
