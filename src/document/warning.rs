//! What goes with an answer: it stops nothing, and an operator should know it.

use schemars::JsonSchema;
use serde::Serialize;

use super::advice::Advice;
use super::finding::Code as FindingCode;

/// What is warned of, as a stable word for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// The change that was to be undone is undone already.
    AlreadyUndone,
    /// A network is whitelisted for good in some jails already.
    AlreadyWhitelisted,
    /// Extended attributes of a file could not be set on its successor.
    AttributesLost,
    /// Addresses that a jail which starts new bans from its log.
    BannedAtOnce,
    /// Whom a jail that starts new bans from its log could not be found out.
    BannedAtOnceUnknown,
    /// An address whose ban is lifted will be banned again soon, by the rate of its failures.
    BannedAgainSoon,
    /// Whether an address whose ban is lifted will be banned again soon could not be found out.
    BannedAgainUnknown,
    /// An address stays banned by the ban of a network round it.
    BannedByNetwork,
    /// Bans end together with their jail.
    BansEnd,
    /// Bans of jails that go are not carried over.
    BansLost,
    /// Bans that the undone change lifted are not set again.
    BansStayLifted,
    /// A threshold so low that one customer's phones reach it when they come back all at once.
    BelowAStorm,
    /// An entry that is covered by another one.
    CoveredBy,
    /// An entry that covers others.
    Covers,
    /// A customer's entry goes, because the backup does not have it.
    CustomerDropped,
    /// A directory of fail2ban's configuration that others than root may write to.
    ExposedFolder,
    /// fail2ban ended after the change.
    #[serde(rename = "fail2ban_lost")]
    Fail2banLost,
    /// A single jail can ban customers' phones.
    FalseBanRisk,
    /// The packet filter could not be read.
    FirewallUnknown,
    /// Another program holds a lock on fail2ban's configuration.
    ForeignLock,
    /// The database forgets bans sooner than a jail counts them.
    ForgottenSooner,
    /// A file that was edited says that another program writes it.
    GeneratedFile,
    /// Only a part of the audit log was read.
    HistoryLimited,
    /// Host bits of a network were cleared.
    HostBitsCleared,
    /// The local audit log knows the host by another name as well.
    HostRenamed,
    /// The local audit log knows this name with another host key.
    HostReplaced,
    /// What fail2ban reads otherwise than it looks, in a list of addresses.
    Ignoreip,
    /// An earlier change was interrupted, and this run finished it or rolled it back.
    InterruptedChangeSettled,
    /// A remark about jail.local.
    JailLocal,
    /// Which levels Asterisk's log has could not be found out.
    LevelsUnknown,
    /// The local audit log could not be written, or others may write to it.
    LocalTrail,
    /// An IPv6 address that stands for an IPv4 address.
    MappedAddress,
    /// A place of jail.local that fail2ban reads otherwise than it looks.
    Misread,
    /// The change is about files that fail2ban does not read, so it was not reloaded.
    NoReload,
    /// A jail lists bans, and the packet filter lacks its rules.
    NotEnforced,
    /// What was named is not on the whitelist.
    NotWhitelisted,
    /// An entry goes from one customer to another.
    OtherCustomer,
    /// Newer changes that an undo passes over, because they changed no file.
    PassedOver,
    /// The runbook's plain reload would leave a jail without its new actions.
    RunbookActions,
    /// The runbook's copy of the backup would drop entries of customers that are kept here.
    RunbookCustomers,
    /// The runbook's commands would delete the filters without a copy.
    RunbookFilters,
    /// The backup's own log path is not that of the log that Asterisk writes.
    RunbookLogpath,
    /// An entry that no file gives is dropped by a reload: it was set at run time, or deleted from a file.
    RuntimeEntryDropped,
    /// An entry that was set at run time only is kept over a reload.
    RuntimeEntryKept,
    /// A customer's name that is nearly another one's.
    SimilarCustomer,
    /// Present bans follow the new ban time.
    StandingBans,
    /// An address that is not whitelisted any more and is still banned.
    StillBanned,
    /// A network that another entry still covers.
    StillCovered,
    /// A network that is whitelisted although its temporary entry goes.
    StillWhitelisted,
    /// A temporary entry that was set by a fast clock.
    TemporaryClock,
    /// A temporary entry that has ended and was not cleared away.
    TemporaryEnded,
    /// A network is whitelisted for that time already.
    TemporaryEntry,
    /// A temporary entry that an undo does not set again.
    TemporaryGone,
    /// A temporary entry in a jail that goes.
    TemporaryJailGoes,
    /// A temporary entry is set again in a jail that lost it.
    TemporarySetAgain,
    /// Nothing on the host ends the temporary entries.
    TemporaryUnended,
    /// The audit log has faults.
    TrailBroken,
    /// Comments of a whitelist whose network could not be found out.
    Unclear,
    /// Nothing on the host will end the temporary entries of this change.
    Unended,
    /// A record of the change could not be written.
    Unrecorded,
    /// What `doctor` and `whitelist lint` find.
    #[serde(untagged)]
    Found(FindingCode),
}

impl From<FindingCode> for WarningCode {
    fn from(code: FindingCode) -> Self {
        Self::Found(code)
    }
}

/// A warning that goes with a report or a plan: a stable code and a full sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// What is warned of.
    pub code: WarningCode,
    /// A full sentence for people.
    pub message: Advice,
}

impl Warning {
    /// A warning of this code and sentence.
    pub fn new(code: impl Into<WarningCode>, message: impl Into<Advice>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}
