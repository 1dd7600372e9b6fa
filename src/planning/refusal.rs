//! Why a procedure is not run: one typed reason, with what to do about it.

use serde::Serialize;

use crate::document::Advice;
use crate::model::network::NetworkError;

/// What kind of refusal it is; the kind alone decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The arguments make no sense, whatever the host's state.
    Usage,
    /// A guard-rail of the runbook or the operator's policy.
    GuardRail,
    /// The host is not in a state in which this can be done.
    Precondition,
    /// The rehearsal showed that the draft would not work.
    Preflight,
    /// External unreloaded edits would come into force.
    Drift,
}

/// A procedure that is not run, and why. Nothing was changed on the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The kind, which decides the exit code.
    pub kind: RefusalKind,
    /// What and why, beginning with a lower-case letter.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<Advice>,
}

impl Refusal {
    /// A refusal without hints; add them with [`Refusal::hint`].
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// The same refusal with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Advice>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// A refusal by a guard-rail.
    pub fn guard_rail(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::GuardRail, message)
    }

    /// A refusal because of the host's state.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Precondition, message)
    }

    /// A refusal of what was typed for a network.
    pub fn not_a_network(error: &NetworkError) -> Self {
        Self::usage(error.to_string()).hint("write an address, or a network with its prefix length, such as ADDRESS/28")
    }

    /// A refusal of arguments.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Usage, message)
    }
}
