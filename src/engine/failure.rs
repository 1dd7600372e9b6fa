//! Why a run did not do what was asked: one kind, one message, hints. The kind alone decides the exit code.

use serde::Serialize;

use crate::procedure::{Refusal, RefusalKind};
use crate::remote::agent::{AgentFailure, FrameError, LinkError};

/// An answer that f2bctl's agent does not give.
const NOT_THE_AGENT: &str =
    "f2bctl's own agent does not answer like this; look at the login's shell and at python3 on the host";

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    /// Nobody knows how it ended.
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

/// A failure, as the operator is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// What and why, beginning with a lower-case letter.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
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
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// A failure of the link to `host` while nothing was being changed.
    pub fn while_reading(error: LinkError, host: &str) -> Self {
        let hint = match error {
            LinkError::Agent(failure) => return Self::of_agent(failure, host),
            LinkError::Lost(FrameError::Malformed(_)) | LinkError::Unintelligible { .. } => NOT_THE_AGENT,
            LinkError::Lost(_) => "try again; if it happens again, look into the host's sshd log",
        };
        Self::new(FailureKind::Connection, format!("{host}: {error}; nothing was changed")).hint(hint)
    }

    /// A failure of the link to `host` while it was changing something, in which it did not say how that ended.
    pub fn while_changing(error: LinkError, host: &str) -> Self {
        match error {
            LinkError::Agent(failure) if is_refusal(&failure.kind) => Self::of_agent(failure, host),
            error => Self::new(
                FailureKind::Unknown,
                format!("{host}: {error}; how the change ended is unknown"),
            )
            .hint("look at the host now: `f2bctl status`, then `f2bctl history`"),
        }
    }

    /// What the agent of `host` refused before it changed anything.
    pub fn of_agent(failure: AgentFailure, host: &str) -> Self {
        let AgentFailure { kind, message, facts } = failure;
        let path = facts.get("path").and_then(serde_json::Value::as_str);
        match kind.as_str() {
            "precondition" if facts.get("names").is_some() => {
                let path = path.unwrap_or("FILE");
                Self::new(FailureKind::Refused, message).hint(format!(
                    "`find / -xdev -samefile {path}` on the host shows all its names; `cp -a {path} {path}.own && mv {path}.own \
                     {path}` parts this one from the others"
                ))
            }
            "locked" => Self::new(FailureKind::Conflict, message).hint("try again when the other change has ended"),
            "conflict" => {
                Self::new(FailureKind::Conflict, message).hint("run the command again to plan on the host as it is now")
            }
            "precondition" => Self::new(FailureKind::Refused, message)
                .hint("mend what is named on the host (disk space, rights, a missing file) and run the command again"),
            "permission" => {
                Self::new(FailureKind::Refused, message).hint("log in as root, or pass --become to use sudo")
            }
            "missing" => Self::new(FailureKind::Refused, message).hint("check the name"),
            "io" => Self::new(
                FailureKind::Refused,
                format!("the host cannot do this: {message}; nothing was changed"),
            )
            .hint("log in as root, or pass --become to use sudo, if it is a matter of rights"),
            "fault" | "protocol" => Self::new(
                FailureKind::Fault,
                format!("{host}: the host's agent failed: {message}"),
            )
            .hint("this is a fault of f2bctl; nothing was changed"),
            _ => Self::new(
                FailureKind::Connection,
                format!("{host}: the host answers with a failure of an unknown kind: {message}; nothing was changed"),
            )
            .hint(NOT_THE_AGENT),
        }
    }
}

/// Whether the agent knows a kind of failure as one before which nothing was changed.
fn is_refusal(kind: &str) -> bool {
    matches!(
        kind,
        "locked" | "conflict" | "precondition" | "permission" | "missing" | "io"
    )
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal.kind {
            RefusalKind::Usage => FailureKind::Usage,
            RefusalKind::GuardRail | RefusalKind::Precondition | RefusalKind::Preflight => FailureKind::Refused,
            RefusalKind::Drift => FailureKind::Conflict,
        };
        Self {
            kind,
            message: refusal.message,
            hints: refusal.hints,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn whatever_the_agent_refuses_has_its_kind_and_says_what_to_do() {
        let kinds = [
            ("locked", FailureKind::Conflict, "when the other change has ended"),
            ("conflict", FailureKind::Conflict, "run the command again"),
            ("precondition", FailureKind::Refused, "mend what is named"),
            ("permission", FailureKind::Refused, "--become"),
            ("missing", FailureKind::Refused, "check the name"),
            ("io", FailureKind::Refused, "--become"),
            ("fault", FailureKind::Fault, "a fault of f2bctl"),
            ("protocol", FailureKind::Fault, "a fault of f2bctl"),
            ("gibberish", FailureKind::Connection, "does not answer like this"),
        ];
        for (word, kind, hint) in kinds {
            let told = AgentFailure {
                kind: word.to_owned(),
                message: "what was said".to_owned(),
                facts: serde_json::Value::Null,
            };
            let failure = Failure::of_agent(told, "pbx1");
            assert_eq!(failure.kind, kind, "{word}");
            assert!(failure.message.contains("what was said"), "{failure}");
            assert!(failure.hints.iter().any(|said| said.contains(hint)), "{failure:?}");
        }
    }

    #[test]
    fn drift_is_a_conflict_and_every_other_refusal_of_a_plan_changed_nothing() {
        let kinds = [
            (RefusalKind::Usage, FailureKind::Usage),
            (RefusalKind::GuardRail, FailureKind::Refused),
            (RefusalKind::Precondition, FailureKind::Refused),
            (RefusalKind::Preflight, FailureKind::Refused),
            (RefusalKind::Drift, FailureKind::Conflict),
        ];
        for (refusal, kind) in kinds {
            let failure = Failure::from(Refusal::new(refusal, "it is so").hint("do this"));
            assert_eq!(
                (failure.kind, failure.hints.as_slice()),
                (kind, &["do this".to_owned()][..])
            );
        }
    }
}
