//! What is asked of the agent and what it answers, as far as that is not an observation of the host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::ProofRow;
use crate::model::observed::{HostFile, Jail};
use crate::model::operation::{Expectation, Operation, Unbanned};
use crate::model::runbook;

/// Where fail2ban and f2bctl keep their things on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostPaths {
    /// fail2ban's configuration directory.
    pub config_dir: String,
    /// fail2ban's client, a name or an absolute path.
    pub client: String,
    /// fail2ban's action log.
    pub log: String,
    /// The log that Asterisk writes.
    pub asterisk_log: String,
    /// Journal, lock and audit log.
    pub state_dir: String,
}

impl HostPaths {
    /// The runbook's paths ("File layout on PROD"), which a host has unless its configuration says otherwise.
    pub fn usual() -> Self {
        Self {
            config_dir: runbook::CONFIG_DIR.to_owned(),
            client: runbook::CLIENT.to_owned(),
            log: runbook::ACTION_LOG.to_owned(),
            asterisk_log: runbook::ASTERISK_LOG.to_owned(),
            state_dir: runbook::STATE_DIR.to_owned(),
        }
    }
}

/// One approved change, as the agent runs it and keeps it in its journal.
#[derive(Debug, Serialize)]
pub struct ApplyArguments<'plan> {
    /// The host's paths.
    pub host: HostPaths,
    /// The change's identifier, unique and sortable by time.
    pub change_id: &'plan str,
    /// How long to wait for the lock, seconds.
    pub wait: u64,
    /// What the plan was made on.
    pub expect: &'plan Expectation,
    /// What is done, in order: the very value that was approved.
    pub operations: &'plan [Operation],
    /// The jails that have to run afterwards; absent if the server has no part in it.
    pub expected: Option<BTreeMap<&'plan str, ExpectedJail<'plan>>>,
    /// The change that this one undoes.
    pub undoes: Option<&'plan str>,
    /// The new login without which the change is undone, where it could lock its operator out.
    pub sign: Option<Confirmation>,
    /// What both audit records say beside the outcome.
    pub audit: Value,
    /// What the record of a change that ended well says was done, in sentences.
    pub done: Vec<String>,
}

/// A new login that the host waits for.
#[derive(Debug, Clone, Serialize)]
pub struct Confirmation {
    /// What ties the login to the change.
    pub token: String,
    /// How long the host waits.
    pub seconds: u64,
}

/// What a jail has to be set to after a change.
#[derive(Debug, Serialize)]
pub struct ExpectedJail<'plan> {
    /// What `get JAIL KEY` has to answer, by key.
    values: &'plan BTreeMap<String, Value>,
    /// The actions that have to be there, with the properties that the configuration sets.
    actions: &'plan BTreeMap<String, BTreeMap<String, String>>,
}

impl<'plan> From<&'plan Jail> for ExpectedJail<'plan> {
    fn from(jail: &'plan Jail) -> Self {
        Self {
            values: &jail.values,
            actions: &jail.actions,
        }
    }
}

/// How the host says that a change ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyOutcome {
    /// Done and proven.
    Changed,
    /// It had been recovered already.
    Unchanged,
    /// It failed, and the host was put back as it was.
    Restored,
    /// It failed, and the host could not be put back.
    NotRestored,
    /// It ended well, and fail2ban was gone when it had.
    Lost,
    /// It ended, and the host could not write that down.
    Unrecorded,
    /// A word that no agent says.
    #[serde(untagged)]
    Other(String),
}

/// How a change ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApplyResult {
    /// The change that it is about; absent for one that had been recovered already.
    #[serde(default)]
    pub change_id: Option<String>,
    /// How.
    pub outcome: ApplyOutcome,
    /// The backup that was made.
    #[serde(default)]
    pub backup: Option<String>,
    /// Bans that were lifted.
    #[serde(default)]
    pub unbanned: Vec<Unbanned>,
    /// The proof, a row a jail.
    #[serde(default)]
    pub proof: Vec<ProofRow>,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<String>,
    /// What could not be put back.
    #[serde(default)]
    pub not_restored: Option<Vec<String>>,
    /// What a recovery left alone, because it was changed outside f2bctl in the time between.
    #[serde(default)]
    pub left_alone: Vec<String>,
    /// Extended attributes (an ACL, an SELinux label) that new files could not get: `NAMES of PATH`.
    #[serde(default)]
    pub attributes_lost: Vec<String>,
    /// What of the records could not be written.
    #[serde(default)]
    pub unrecorded: Vec<String>,
    /// Why fail2ban does not run any more, though it did before and the change is not about that.
    #[serde(default)]
    pub lost: Option<String>,
    /// Who will end the temporary entries: `systemd` or `process`; absent where there are none.
    #[serde(default)]
    pub ender: Option<String>,
    /// Why nobody will.
    #[serde(default)]
    pub unended: Option<String>,
    /// The audit record of the outcome: `sequence`, `hash`, `time`.
    #[serde(default)]
    pub audit: Option<Value>,
}

/// How an interrupted change is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryWay {
    /// Back to the state before it.
    Undo,
    /// Forward to the state that was approved.
    Finish,
}

/// What a later run says when it recovers a change.
#[derive(Debug, Clone, Serialize)]
pub struct RecoverArguments {
    /// How.
    pub how: RecoveryWay,
    /// Who recovers it, for the record: `operator`, `command`, `key`. Absent for the run that began the change and has
    /// lost its connection: nobody has worked on the host since, so that everything before is compared and put back.
    pub recovered_by: Option<Value>,
    /// The confirmation to wait for, if the change is finished and needs one.
    pub sign: Option<Confirmation>,
}

/// How a change ended, asked after the connection was lost.
#[derive(Debug, Clone, Deserialize)]
pub struct OutcomeAnswer {
    /// The phase; absent if the host has never heard of the change.
    pub phase: Option<String>,
    /// What was reported at its end.
    pub result: Option<ApplyResult>,
    /// Whether it has not come to its end.
    pub open: bool,
    /// Whether that is because someone who has the lock still works on it, forward or back.
    pub running: bool,
}

/// A place in the action log that outlives its rotation; only the agent reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPlace {
    /// The file's number.
    pub inode: u64,
    /// The byte after the last line that was sent, in the unpacked text.
    pub offset: u64,
    /// A hash of the text before it.
    pub tail: String,
    /// When it was reached, seconds of the host's Unix clock.
    pub time: i64,
}

/// From when on the action log is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogSince {
    /// So many seconds before now, by the host's clock.
    Ago(u64),
    /// A second of the Unix clock.
    Epoch(i64),
    /// `YYYY-MM-DD HH:MM:SS`, or `HH:MM:SS` of today, in the host's zone.
    Local(String),
}

/// What the agent sends while the action log is followed.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum LogEvent {
    /// Whole lines in their order.
    Lines {
        /// The lines, without their ends.
        lines: Vec<String>,
        /// When each was written, seconds of the Unix clock by the zone that the host had then; absent for a line
        /// without a time.
        times: Vec<Option<i64>>,
        /// The place after them; absent while there is no log.
        place: Option<LogPlace>,
    },
    /// jail.local, whose register names the customers.
    Customers {
        /// The file.
        customers: HostFile,
    },
    /// Something that is no line.
    Notice {
        /// A stable word: `rotated`, `truncated`, `lost`, `missing`.
        notice: String,
        /// A full sentence.
        text: String,
    },
}

/// A page of the host's audit log.
#[derive(Debug, Clone, Deserialize)]
pub struct AuditPage {
    /// The file of the log that this text is from, by its name.
    pub file: String,
    /// Whole lines, unless one line is longer than a page.
    pub text: String,
    /// Whether the next page has more of the only line.
    pub continued: bool,
    /// Where the next page begins; absent at the end. Only the agent reads it.
    pub next: Option<AuditPlace>,
}

/// A place in the host's audit log that outlives the renaming of its files; only the agent reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPlace {
    /// The file's number.
    pub inode: u64,
    /// The byte; absent where reading begins.
    pub offset: Option<u64>,
}
