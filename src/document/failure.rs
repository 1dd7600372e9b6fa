//! Why a run did not do what was asked: one kind, one message, hints. The kind alone decides the exit code.

use schemars::JsonSchema;
use serde::Serialize;

use super::advice::Advice;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Bad arguments, or an approval that is missing.
    Usage,
    /// A guard-rail or a failed precondition; nothing was changed.
    Refused,
    /// The host could not be reached, or its key or the login was refused; nothing was changed.
    Connection,
    /// The host changed since the plan, or another holds the lock; nothing was changed.
    Conflict,
    /// It failed, the host was put back as it was, and that was checked.
    Restored,
    /// It failed, and the host could not be put back.
    NotRestored,
    /// How it ended could not be asked.
    Unknown,
    /// The operator ended it.
    Interrupted,
    /// A fault of f2bctl itself.
    Fault,
}

impl FailureKind {
    /// The exit code (contract, Exit codes).
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Fault => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Connection => 4,
            Self::Conflict => 5,
            Self::Restored => 6,
            Self::NotRestored | Self::Unknown => 7,
            Self::Interrupted => 130,
        }
    }
}

/// A failure, as the operator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// What and why, beginning with a lower-case letter.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<Advice>,
}

impl Failure {
    /// A failure without hints.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// The same with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Advice>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::FailureKind;

    #[test]
    fn each_kind_has_the_exit_code_of_the_contract() {
        let codes = [
            (FailureKind::Fault, 1),
            (FailureKind::Usage, 2),
            (FailureKind::Refused, 3),
            (FailureKind::Connection, 4),
            (FailureKind::Conflict, 5),
            (FailureKind::Restored, 6),
            (FailureKind::NotRestored, 7),
            (FailureKind::Unknown, 7),
            (FailureKind::Interrupted, 130),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code, "{kind:?}");
        }
    }
}
