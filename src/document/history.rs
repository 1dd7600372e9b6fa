//! What `history` answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::{Prose, Text};

/// Who changed what, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct History {
    /// The changes and attempts, in the order in which they began.
    pub entries: Vec<Entry>,
    /// The runbook's own table, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markdown: Option<Prose>,
}

/// One change or attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// The change's identifier; for an attempt that never became a change, its number in the audit log.
    pub id: Text,
    /// When it ended (or began, if it has no end), RFC 3339 in UTC.
    pub time: Text,
    /// Who.
    pub operator: Text,
    /// Which command.
    pub command: Text,
    /// `--reason`.
    pub reason: Option<Text>,
    /// `--ticket`.
    pub ticket: Option<Text>,
    /// What it did, in one line; for an attempt that was given up before there was a plan to run, what was asked for.
    pub summary: Text,
    /// `changed`, `restored`, `not_restored`, `refused`, ..., or `unknown` for one without an end.
    pub outcome: Text,
    /// Why it was refused, given up or undone, in one line; absent where all went well.
    pub failure: Option<Text>,
}
