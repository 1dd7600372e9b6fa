//! What `why` answers: one verdict, the phases that lead to it with their evidence, and the accounts and episodes besides.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Verdict};
use crate::model::network::Network;
use crate::model::text::{Prose, Text};

/// Why somebody is banned or not.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Why {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict as a sentence, with its numbers: enough for a telephone call.
    pub answer: Text,
    /// The address or network that it is about; of an account, the address that the verdict is about.
    pub address: Option<Network>,
    /// The account that was asked about.
    pub account: Option<Text>,
    /// The customer who was asked about, or whose entry covers the address.
    pub customer: Option<Text>,
    /// What was asked in turn, up to what decides.
    pub phases: Vec<Phase>,
    /// What each jail that found something of it counts.
    pub jails: Vec<JailCount>,
    /// Its accounts, those that failed most first.
    pub accounts: Vec<AccountTraffic>,
    /// Of a network or an account: the addresses that were seen, the weightiest verdict first.
    pub addresses: Vec<AddressVerdict>,
    /// What its attempts are.
    pub episodes: Vec<EpisodeRow>,
    /// From when on nothing is missing of Asterisk's log, RFC 3339 by the host's zone; null where that is not known. Each of
    /// the `sources` has its own.
    pub horizon: Option<String>,
    /// What was read.
    pub sources: Vec<Text>,
    /// What to do.
    pub next: Vec<Advice>,
    /// Three sentences for the customer (`--reply`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Prose>,
    /// The lines themselves, each with its place (`--explain`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Text>>,
    /// The verdict that was expected (`--expect`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Verdict>,
}

/// One question on the way to a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Phase {
    /// 1 whitelisted, 2 counted, 3 threshold reached, 4 banned, 5 blocked.
    pub number: u8,
    /// The question.
    pub question: Question,
    /// `yes`, `no`, `not_seen` or `unknown`.
    pub answer: Answered,
    /// The answer as a sentence.
    pub text: Text,
    /// What it stands on: `PATH:LINE text`, or what was asked of the running server or the firewall.
    pub evidence: Vec<Text>,
}

/// What a phase asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WhyQuestion")]
pub enum Question {
    /// Is it on the whitelist?
    Whitelisted,
    /// Do jails count its lines?
    Counted,
    /// Did fail2ban's count reach the threshold?
    ThresholdReached,
    /// Is it banned?
    Banned,
    /// Is it blocked?
    Blocked,
}

/// How a question is answered. What nobody could be asked is unknown, and what was looked for and not found is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WhyAnswer")]
pub enum Answered {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Looked for in what there is of the logs, and not found.
    NotSeen,
    /// Not known; the text says why.
    Unknown,
}

/// What a jail counts of an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JailCount {
    /// The jail.
    pub name: Text,
    /// How many lines it found.
    pub matches: u64,
    /// fail2ban's own count now; null where the action log does not tell.
    pub count: Option<i64>,
    /// How many it really found in the last findtime.
    pub attempts: u64,
    /// fail2ban's highest count.
    pub peak: Option<CountPeak>,
    /// The threshold.
    pub maxretry: Option<i64>,
    /// Within how long it counts, seconds.
    pub findtime: Option<i64>,
    /// Where this is from: `action_log`, or `fail2ban_regex` where that says nothing.
    pub source: CountSource,
}

/// Who says what a jail counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountSource {
    /// fail2ban's action log: what the running jail found.
    ActionLog,
    /// The host's own fail2ban, tried on the lines: what the jail would find.
    Fail2banRegex,
}

/// fail2ban's highest count, and the real number at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountPeak {
    /// fail2ban's count.
    pub count: i64,
    /// How many were really found within findtime.
    pub attempts: u64,
    /// When, RFC 3339 by the host's zone.
    pub at: String,
}

/// What was seen of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountTraffic {
    /// The account; null where the lines name none.
    pub account: Option<Text>,
    /// Failed attempts.
    pub failures: u64,
    /// Attempts that were let in; a log without SECURITY events shows none.
    pub successes: u64,
    /// By Asterisk's words, how many.
    pub reasons: BTreeMap<String, u64>,
    /// SIP methods.
    pub methods: Vec<Text>,
    /// The first attempt, RFC 3339 by the host's zone.
    pub first: Option<String>,
    /// The last attempt.
    pub last: Option<String>,
    /// The last that was let in.
    pub last_success: Option<String>,
}

/// One address of a network or an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AddressVerdict {
    /// The address.
    pub address: Network,
    /// Its own verdict.
    pub verdict: Verdict,
    /// Its failed attempts.
    pub failures: u64,
    /// Its attempts that were let in.
    pub successes: u64,
    /// The first attempt, RFC 3339 by the host's zone.
    pub first: Option<String>,
    /// The last attempt.
    pub last: Option<String>,
}

/// Attempts that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EpisodeRow {
    /// What they are.
    pub kind: EpisodeKind,
    /// The first, RFC 3339 by the host's zone.
    pub from: String,
    /// The last.
    pub to: String,
    /// How many.
    pub attempts: u64,
    /// How many failed.
    pub failures: u64,
    /// How many were let in.
    pub successes: u64,
    /// How many accounts.
    pub accounts: u64,
}

/// What attempts that belong together are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EpisodeKind {
    /// Many phones register at once, and are let in.
    Storm,
    /// Passwords of one account or a few are guessed, and none was right.
    Guessing,
    /// Many accounts are asked for, and none was let in.
    Discovery,
    /// One account fails steadily, while others of the same address are let in.
    BrokenPhone,
    /// OPTIONS in a rhythm.
    Keepalive,
    /// Calls to extensions that do not exist.
    Misdials,
    /// None of these for certain.
    Mixed,
}
