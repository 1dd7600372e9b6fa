//! What the agent says beside its answers: how far it is, and why it refuses or fails; and why a request has no answer.

use serde::Deserialize;
use serde_json::Value;

use super::frame::FrameError;

/// The longest text of an event or a failure that is taken from the host, in characters; the rest is cut off.
const LONGEST_TEXT: usize = 4000;

/// How far a long request is, as the agent reports it.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentEvent {
    /// What it is at.
    pub step: AgentStep,
    /// A full sentence.
    pub text: String,
}

/// What a long request is at, as far as that matters to who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStep {
    /// Another change holds the lock.
    Waiting,
    /// A change is rolled back.
    Undo,
    /// An interrupted change is finished.
    Finish,
    /// What a change lifted or moved is put back.
    Restore,
    /// The host waits for the new login that confirms the change.
    SignOfLife,
    /// Any other step.
    #[serde(other)]
    Other,
}

/// Why the agent refused or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentFailureKind {
    /// The host is not in a state in which this can be done.
    Precondition,
    /// The host is not as it was planned on.
    Conflict,
    /// Another change holds the lock.
    Locked,
    /// The login may not do this.
    Permission,
    /// What was named does not exist.
    Missing,
    /// The system refused.
    Io,
    /// The request is not one that the agent knows.
    Protocol,
    /// The agent itself failed.
    Fault,
    /// A word that no agent says.
    #[serde(other)]
    Other,
}

impl AgentFailureKind {
    /// Whether nothing was changed before the agent failed like this.
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Locked | Self::Conflict | Self::Precondition | Self::Permission | Self::Missing | Self::Io
        )
    }
}

/// A refusal or failure that the agent reports.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentFailure {
    /// Which it is.
    pub kind: AgentFailureKind,
    /// A clause.
    pub message: String,
    /// Facts beside it.
    #[serde(default)]
    pub facts: Value,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The stream ended or failed: what the host did since is unknown.
    #[error("{0}")]
    Lost(#[from] FrameError),
    /// The agent refused or failed.
    #[error("{}", .0.message)]
    Agent(AgentFailure),
    /// The answer is not of the expected form.
    #[error("the host's agent answered `{verb}` in a form that is not understood: {reason}")]
    Unintelligible {
        /// The verb.
        verb: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

/// A text of the host without the password that was given to sudo.
pub fn concealed(text: &str, secret: &str) -> String {
    match secret.is_empty() {
        true => text.to_owned(),
        false => text.replace(secret, "(password)"),
    }
}

/// A text of the host, no longer than anybody would read.
pub(super) fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
