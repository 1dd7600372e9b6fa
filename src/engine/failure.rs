//! What a refusal of a plan, of the link or of the agent is to the operator.

use crate::document::{Failure, FailureKind};
use crate::procedure::{Refusal, RefusalKind};
use crate::remote::agent::{AgentFailure, LinkError};

impl Failure {
    /// A failure of the link while nothing was being changed.
    pub fn while_reading(error: LinkError) -> Self {
        match error {
            LinkError::Lost(_) => Self::new(FailureKind::Connection, format!("{error}; nothing was changed"))
                .hint("try again; if it happens again, look into the host's sshd log"),
            LinkError::Agent(failure) => Self::of_agent(failure),
            LinkError::Unintelligible { .. } => Self::new(FailureKind::Fault, error.to_string()),
        }
    }

    /// What the agent refused before it changed anything.
    pub fn of_agent(failure: AgentFailure) -> Self {
        let AgentFailure { kind, message, .. } = failure;
        match kind.as_str() {
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
            _ => Self::new(FailureKind::Fault, format!("the host's agent failed: {message}"))
                .hint("this is a fault of f2bctl; nothing was changed"),
        }
    }
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
        ];
        for (word, kind, hint) in kinds {
            let failure = Failure::of_agent(AgentFailure {
                kind: word.to_owned(),
                message: "what was said".to_owned(),
                facts: serde_json::Value::Null,
            });
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
