//! PURE: what each command answers, one struct a command. JSON, text and every later view are readers of the same value.
//!
//! Boundary: values only. Who makes them is above (`procedure` from what was observed, `engine` from what was run), and so
//! is who shows them (`ui`). The JSON form and its schema are derived from these structs and from nothing else.

mod audit;
mod backups;
mod change;
mod event;
mod failure;
mod finding;
mod history;
mod hosts;
mod lab;
mod outcome;
mod recidive;
mod several;
mod status;
mod temporary;
mod warning;
mod whitelist;

pub use audit::{AuditVerdict, TrailFault};
pub use backups::{BackupDiff, BackupList, BackupRow, BackupText};
pub use change::{Blocked, Change, Effect, Plan, ProofRow, Step};
pub use event::{Event, Seen};
pub use failure::{Failure, FailureKind};
pub use finding::{Code as FindingCode, Finding, Findings, Severity};
pub use history::{Entry, History, Login};
pub use hosts::{HostRow, Hosts};
pub use lab::{Demonstration, Job, Lab, LabGone, LabReport, LabState, LabStatus, ServiceStatus};
pub use outcome::Outcome;
pub use recidive::{Need, Recidive, RecidiveStatus};
pub use several::{Several, worst};
pub use status::{Ban, Fail2ban, Jail, Status};
pub use temporary::{Temporary, TemporaryRow};
pub use warning::Warning;
pub use whitelist::{Registrations, Source, Whitelist, WhitelistCheck, WhitelistRow};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::host_name::HostName;
use crate::model::regex_trial::RegexTrial;
use crate::model::text::{Prose, Text};

/// The version of the JSON form (contract, JSON: `schema`).
pub const SCHEMA: u32 = 1;

/// What a command answers about one host, or about none.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Document {
    /// The version of the form.
    pub schema: u32,
    /// The command as it is typed, e.g. `whitelist list`; empty where it could not be read.
    pub command: String,
    /// The host; null where none is asked.
    pub host: Option<HostName>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the host is other than before.
    pub changed: bool,
    /// What has to be known besides.
    pub warnings: Vec<Warning>,
    /// What was asked.
    #[serde(flatten)]
    pub answer: Answer,
    /// Why it did not do what was asked; absent where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The exit code of this part (contract, Exit codes).
    #[serde(skip)]
    pub exit_code: u8,
}

impl Document {
    /// A report that was made.
    pub fn report(command: &str, host: Option<&HostName>, report: impl Into<Report>) -> Self {
        let Report {
            answer,
            warnings,
            exit_code,
        } = report.into();
        Self {
            schema: SCHEMA,
            command: command.to_owned(),
            host: host.cloned(),
            outcome: Outcome::Report,
            changed: false,
            warnings,
            answer,
            error: None,
            exit_code,
        }
    }

    /// A failure before there was anything to report.
    pub fn failed(command: &str, host: Option<&HostName>, failure: &Failure) -> Self {
        Self::failed_with(command, host, failure, Answer::Nothing {})
    }

    /// A failure with what is known all the same.
    pub fn failed_with(command: &str, host: Option<&HostName>, failure: &Failure, known: impl Into<Report>) -> Self {
        Self {
            outcome: failure.kind.into(),
            exit_code: failure.kind.exit_code(),
            error: Some(failure.clone()),
            ..Self::report(command, host, known)
        }
    }

    /// The same with a further hint, if it ended with this kind of failure.
    #[must_use]
    pub fn hinted_if(mut self, kind: FailureKind, hint: Option<String>) -> Self {
        let failure = self.error.as_mut().filter(|failure| failure.kind == kind);
        if let (Some(failure), Some(hint)) = (failure, hint) {
            failure.hints.push(hint);
        }
        self
    }
}

/// What a report comes to: its answer, what goes with it, and its exit code.
#[derive(Debug, Clone)]
pub struct Report {
    /// The answer.
    pub answer: Answer,
    /// What has to be known besides.
    pub warnings: Vec<Warning>,
    /// 0, or [`FINDINGS`].
    pub exit_code: u8,
}

/// The exit code of a report that found something: nothing failed (contract, Exit codes).
pub const FINDINGS: u8 = 8;

impl Report {
    /// The same with warnings.
    #[must_use]
    pub fn warned(mut self, warnings: Vec<Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// The same with the exit code of findings, if there are any.
    #[must_use]
    pub fn found(mut self, something: bool) -> Self {
        self.exit_code = if something { FINDINGS } else { 0 };
        self
    }
}

impl<Given: Into<Answer>> From<Given> for Report {
    fn from(answer: Given) -> Self {
        Self {
            answer: answer.into(),
            warnings: Vec::new(),
            exit_code: 0,
        }
    }
}

/// The keys of a document that belong to its command.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// Every change.
    Change(Box<Change>),
    /// `status`.
    Status(Box<Status>),
    /// `whitelist check`.
    WhitelistCheck(WhitelistCheck),
    /// `whitelist list`.
    Whitelist(Whitelist),
    /// `whitelist export`.
    Registrations(Registrations),
    /// `temp list`.
    Temporary(Temporary),
    /// `backups list`.
    BackupList(BackupList),
    /// `backups diff`.
    BackupDiff(BackupDiff),
    /// `backups show`.
    BackupText(BackupText),
    /// `audit verify`.
    Audit(AuditVerdict),
    /// `doctor` and `whitelist lint`.
    Findings(Findings),
    /// `regex`.
    Regex(Regex),
    /// `recidive status`.
    Recidive(RecidiveStatus),
    /// `history`.
    History(History),
    /// `hosts`.
    Hosts(Hosts),
    /// `lab up`, `lab status`, `lab demo` and `lab down`.
    Lab(LabReport),
    /// `completions`.
    Completions(Completions),
    /// A change whose end was not waited for, since the run was interrupted.
    UnderWay(UnderWay),
    /// The last document of a `watch`.
    WatchEnded(WatchEnded),
    /// Nothing: whatever there is to say is said by the other keys.
    Nothing {},
}

/// What came of a trial of regular expressions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Regex {
    /// The trial.
    pub regex: RegexTrial,
}

/// The completions of a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Completions {
    /// The shell.
    pub shell: String,
    /// What it sources.
    pub text: Prose,
}

/// What a watch had shown when it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WatchEnded {
    /// The counts.
    pub seen: Seen,
}

/// A change that goes on on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnderWay {
    /// Its identifier in the journal and the audit log.
    pub change_id: Option<Text>,
}

/// Lets each answer be given as it is.
macro_rules! answers {
    ($($variant:ident($answer:ty)),* $(,)?) => {$(
        impl From<$answer> for Answer {
            fn from(answer: $answer) -> Self {
                Self::$variant(answer.into())
            }
        }
    )*};
}

answers! {
    Change(Change), Status(Status), WhitelistCheck(WhitelistCheck), Whitelist(Whitelist), Registrations(Registrations),
    Temporary(Temporary), BackupList(BackupList), BackupDiff(BackupDiff), BackupText(BackupText), Audit(AuditVerdict),
    Findings(Findings), Regex(Regex), Recidive(RecidiveStatus), History(History), Hosts(Hosts), Lab(LabReport),
    Completions(Completions), UnderWay(UnderWay), WatchEnded(WatchEnded),
}
