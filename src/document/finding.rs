//! What `doctor` and `whitelist lint` answer: a stable code, how much it matters, what it is, and what repairs it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::advice::Advice;
use super::check::Check;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// An address that should be blocked is not, or one that should not be may be blocked, now or at the next reload.
    Error,
    /// It works, and something that the runbook relies on is missing.
    Warning,
    /// Worth knowing.
    Notice,
}

/// Declares every code once: the value, its word in JSON, and the list of all of them.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $word:literal,)*) => {
        /// What was found, as a stable word. Whatever an examination can find is one of these.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word, e.g. `threshold_differs`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// fail2ban is not running.
    Fail2banDown => "fail2ban_down",
    /// fail2ban is as it was installed: there is no jail.local.
    NoJailLocal => "no_jail_local",
    /// A jail of the runbook's table, or sshd's, is not running.
    JailMissing => "jail_missing",
    /// A jail's thresholds are not those of the runbook's table.
    ThresholdDiffers => "threshold_differs",
    /// The distribution's own asterisk jail runs.
    DistributionJailEnabled => "distribution_jail_enabled",
    /// The files on disk would fail at the next reload or restart.
    DiskUnusable => "disk_unusable",
    /// The running jails differ from the files on disk.
    DiskDiffers => "disk_differs",
    /// A filter of the split is missing.
    FilterMissing => "filter_missing",
    /// A filter of the split has another text than this version of f2bctl installs.
    FiltersOutdated => "filters_outdated",
    /// There is no backup to roll back to.
    PreSplitBackupMissing => "pre_split_backup_missing",
    /// A rollback to the newest pre-split backup would fail.
    PreSplitBackupUnusable => "pre_split_backup_unusable",
    /// A key that fail2ban does not know, or a value that it reads otherwise than it looks.
    SuspectValue => "suspect_value",
    /// A running jail ignores the whole internet.
    EverybodyWhitelisted => "everybody_whitelisted",
    /// fail2ban cannot read jail.local.
    Unreadable => "unreadable",
    /// A section that is meant for `[DEFAULT]` and has other letters, so that what it sets is in force nowhere.
    DefaultSection => "default_section",
    /// jail.local sets no whitelist.
    NoList => "no_list",
    /// Entries separated by a tab, which fail2ban up to 1.0.2 reads as one.
    Tabs => "tabs",
    /// An entry that fail2ban reads as the whole internet.
    EverybodyInDisguise => "everybody_in_disguise",
    /// A word in the whitelist that is not an address.
    JunkWord => "junk_word",
    /// A host name in the whitelist.
    HostName => "host_name",
    /// An entry that names a file with entries.
    EntryFile => "entry_file",
    /// An entry whose value the file alone does not tell.
    Interpolation => "interpolation",
    /// An entry that whitelists the whole internet.
    Everybody => "everybody",
    /// An entry wider than the runbook's limit.
    TooWide => "too_wide",
    /// An entry in a private, reserved or documentation range.
    SpecialRange => "special_range",
    /// An entry that is listed twice.
    Duplicate => "duplicate",
    /// An entry that another one covers.
    Covered => "covered",
    /// An entry without a line in the register.
    Undocumented => "undocumented",
    /// An entry whose `expires` is in the past.
    Expired => "expired",
    /// An entry whose `review` is due.
    ReviewDue => "review_due",
    /// A date in the register that is no day.
    UnreadableDate => "unreadable_date",
    /// A line of the register that ends in words of no meaning.
    UnreadWords => "unread_words",
    /// A line of the register about a network that is not an entry.
    StaleLine => "stale_line",
    /// Two lines of the register about one network.
    RepeatedLine => "repeated_line",
    /// A jail with a whitelist of its own.
    OwnIgnoreip => "own_ignoreip",
    /// An entry that was set at run time only.
    RuntimeEntry => "runtime_entry",
    /// A customer whom f2bctl whitelisted is gone from jail.local without a change of f2bctl.
    RecordedCustomerGone => "recorded_customer_gone",
    /// A ban of a whitelisted address, or one that holds a whitelisted network.
    BannedWhitelisted => "banned_whitelisted",
    /// An entry that is not in force in every jail.
    NotInForce => "not_in_force",
    /// A running jail without any action.
    JailWithoutActions => "jail_without_actions",
    /// The actions of a jail only report its bans.
    BanBlocksNobody => "ban_blocks_nobody",
    /// The actions of a SIP jail leave UDP open.
    SipUdpOpen => "sip_udp_open",
    /// The actions of a jail leave another protocol open.
    ProtocolOpen => "protocol_open",
    /// A ban without its rule in the packet filter.
    BanWithoutRule => "ban_without_rule",
    /// A rule accepts packets before they get to fail2ban's.
    RuleBeforeBan => "rule_before_ban",
    /// Packets are sent on to Asterisk in a container and never come to fail2ban's rules.
    BanPassedBy => "ban_passed_by",
    /// fail2ban found lines of an address after its ban.
    BannedButReachable => "banned_but_reachable",
    /// A rule of fail2ban without a ban.
    RuleWithoutBan => "rule_without_ban",
    /// The database forgets sooner than the recidive jail looks back.
    RecidiveForgets => "recidive_forgets",
    /// An asterisk jail that does not read the log that Asterisk writes.
    LogNotRead => "log_not_read",
    /// A jail reads a log that the running Asterisk does not write, while it writes others beside it.
    LogNotWritten => "log_not_written",
    /// Asterisk's log has not grown for an hour, and no running Asterisk has a log open beside it.
    AsteriskNotRunning => "asterisk_not_running",
    /// A ban leaves a port open on which Asterisk listens.
    SipPortOpen => "sip_port_open",
    /// logger.conf has neither level for the log that the jails read, so that no attempt is logged.
    LevelsNotLogged => "levels_not_logged",
    /// A jail found nothing of recent lines that its filter matches: it is idle, or reads otherwise than its files say.
    JailFindsNothing => "jail_finds_nothing",
    /// fail2ban's own log has neither what jails find nor, at some levels, their bans.
    ActionLogSilent => "action_log_silent",
    /// fail2ban keeps no database, so that a restart lifts every ban.
    DatabaseOff => "database_off",
    /// Asterisk's log does not exist.
    LogMissing => "log_missing",
    /// Asterisk's log is empty.
    LogEmpty => "log_empty",
    /// Asterisk's log has not grown for an hour.
    LogNotGrowing => "log_not_growing",
    /// The log's lines are of another time zone than the host.
    LogTimeZone => "log_time_zone",
    /// The strict jail counts what every legitimate phone logs first.
    StrictCountsFirstRegisters => "strict_counts_first_registers",
    /// A jail counts one attempt twice.
    CountedTwice => "counted_twice",
    /// Attempts that no jail counts.
    AttemptsNotCounted => "attempts_not_counted",
    /// The host's clock is not the operator's.
    ClockDiffers => "clock_differs",
    /// A file that others may change, or read where it is private.
    FileMode => "file_mode",
    /// A file that belongs to someone who is not root.
    FileOwner => "file_owner",
    /// A file that an access control list lets others change.
    FileAcl => "file_acl",
    /// An earlier change that is not recovered.
    InterruptedChange => "interrupted_change",
    /// A change that waits for the new login that confirms it.
    AwaitingConfirmation => "awaiting_confirmation",
    /// A change that is being made at this moment.
    ChangeUnderWay => "change_under_way",
    /// A registered temporary entry that is not in force.
    TemporaryNotInForce => "temporary_not_in_force",
    /// Something that could not be looked at.
    Unknown => "unknown",
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "FindingCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Self::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({"type": "string", "enum": words})
    }
}

/// What an examination found, the gravest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Findings {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Everything that was looked at, with how it came out, by the sections of the runbook.
    pub checks: Vec<Check>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, with its evidence, as a sentence.
    pub message: String,
    /// What mends it, a command where there is one.
    pub fix: Advice,
}

impl Finding {
    /// A finding.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>, fix: impl Into<Advice>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

/// What a finding of this code means on any host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// What it means.
    pub meaning: &'static str,
    /// How it is found.
    pub found_by: &'static str,
    /// How it is fixed.
    pub fix: &'static str,
}
