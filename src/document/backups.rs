//! What `backups list`, `show` and `diff` answer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::{Prose, Text};

/// The copies of jail.local beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackupList {
    /// The backups, oldest first.
    pub backups: Vec<BackupRow>,
}

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackupRow {
    /// Its path on the host.
    pub path: Text,
    /// Its file name.
    pub name: Text,
    /// Its size, bytes.
    pub size: u64,
    /// When it was written, RFC 3339 in the host's zone.
    pub modified: String,
    /// Its mode, four octal digits.
    pub mode: String,
}

/// A backup's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackupText {
    /// Its path on the host.
    pub backup: Text,
    /// What it holds.
    pub text: Prose,
}

/// What jail.local has that a backup has not, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackupDiff {
    /// The backup's path on the host.
    pub backup: Text,
    /// Whether the two are the same.
    pub same: bool,
    /// The unified difference; empty where they are the same.
    pub diff: Prose,
    /// The difference, or the sentence that there is none.
    pub text: Prose,
}
