//! The keys of a document that belong to its command: one variant a command's answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Activity, AuditVerdict, BackupDiff, BackupList, BackupText, Change, Explanation, Findings, History, Hosts,
    LabReport, RecidiveStatus, Registrations, Seen, Status, Temporary, TuneReview, Tuned, Whitelist, WhitelistCheck,
    WhitelistReview, Why,
};
use crate::model::regex_trial::RegexTrial;
use crate::model::text::{Prose, Text};

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
    /// `whitelist review`.
    WhitelistReview(WhitelistReview),
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
    /// `doctor --explain`.
    Explanation(Explanation),
    /// `tune --since`.
    Tuned(Box<Tuned>),
    /// `tune --review`.
    TuneReview(TuneReview),
    /// `why`.
    Why(Box<Why>),
    /// `regex`.
    Regex(Regex),
    /// `recidive status`.
    Recidive(RecidiveStatus),
    /// `history`.
    History(History),
    /// `report`.
    Activity(Box<Activity>),
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
    /// Nothing: the other keys hold all there is.
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
    Findings(Findings), Explanation(Explanation), Regex(Regex), Recidive(RecidiveStatus), History(History), Activity(Activity), Hosts(Hosts), Lab(LabReport),
    Completions(Completions), UnderWay(UnderWay), WatchEnded(WatchEnded), Why(Why), TuneReview(TuneReview),
    Tuned(Tuned), WhitelistReview(WhitelistReview),
}
