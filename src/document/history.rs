//! What `history` answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::text::{Prose, Text};

/// Who changed what, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct History {
    /// The changes and attempts, in the order in which they began.
    pub entries: Vec<Entry>,
    /// Whether the log has older entries than these.
    pub more: bool,
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
    /// Who, as the operator's machine says: `user@machine`.
    pub operator: Text,
    /// The SSH key that logged in, as the operator's machine says.
    pub key: Option<Text>,
    /// The same as the host sees it; absent in records of versions that did not note it.
    pub seen: Option<Login>,
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

impl Entry {
    /// What was run, by whom, how it ended and what it did, as a sentence.
    pub fn sentence(&self) -> String {
        let ticket = self
            .ticket
            .iter()
            .map(|ticket| format!(" ({ticket})"))
            .collect::<String>();
        let head = format!("{} by {}, {}{ticket}", self.command, self.operator, self.outcome);
        match self.summary.to_string().trim_end() {
            "" => format!("{head}."),
            summary => format!("{head}: {summary}"),
        }
    }
}

/// Who logged in, as the host sees it. What it cannot know is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Login {
    /// The user that made the change.
    pub login: Text,
    /// That user's number.
    pub uid: u32,
    /// The user that began the session, which sudo and su do not change.
    #[serde(default)]
    pub session_login: Option<Text>,
    /// The user who called sudo.
    #[serde(default)]
    pub sudo_user: Option<Text>,
    /// That user's number.
    #[serde(default)]
    pub sudo_uid: Option<u32>,
    /// The address that the login came from.
    #[serde(default)]
    pub address: Option<Text>,
    /// The SSH key that sshd accepted, where it tells its sessions (`ExposeAuthInfo yes`).
    #[serde(default)]
    pub key: Option<Text>,
}
