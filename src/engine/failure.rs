//! What a refusal of a plan, of the link or of the agent is to the operator.

use crate::document::{Advice, Failure, FailureKind};
use crate::planning::refusal::{Refusal, RefusalKind};
use crate::remote::agent::{AgentFailure, AgentFailureKind, FrameError, LinkError};

/// An answer that f2bctl's agent does not give.
const NOT_THE_AGENT: &str = "f2bctl's agent does not answer like this; check the login shell and python3 on the host";

impl Failure {
    /// A failure of the link to `host` while nothing was being changed.
    pub fn while_reading(error: LinkError, host: &str) -> Self {
        let hint = match error {
            LinkError::Agent(failure) => return Self::of_agent(failure, host),
            LinkError::Lost(FrameError::Malformed(_)) | LinkError::Unintelligible { .. } => NOT_THE_AGENT,
            LinkError::Lost(_) => "try again; if it happens again, see the host's sshd log",
        };
        Self::new(FailureKind::Connection, format!("{host}: {error}; nothing was changed")).hint(hint)
    }

    /// A failure of the link to `host` while it was changing something, in which it did not say how that ended.
    pub fn while_changing(error: LinkError, host: &str) -> Self {
        match error {
            LinkError::Agent(failure) if failure.kind.is_refusal() => Self::of_agent(failure, host),
            error => Self::new(
                FailureKind::Unknown,
                format!("{host}: {error}; how the change ended is unknown"),
            )
            .hint("check the host now: `f2bctl status`, then `f2bctl history`"),
        }
    }

    /// What the agent of `host` refused before it changed anything.
    pub fn of_agent(failure: AgentFailure, host: &str) -> Self {
        let AgentFailure { kind, message, facts } = failure;
        let path = facts.get("path").and_then(serde_json::Value::as_str);
        match kind {
            AgentFailureKind::Precondition if facts.get("names").is_some() => {
                let path = path.unwrap_or("FILE");
                Self::new(FailureKind::Refused, message).hint(format!(
                    "`find / -xdev -samefile {path}` on the host shows all its names; `cp -a {path} {path}.own && mv {path}.own \
                     {path}` separates this one from the others"
                ))
            }
            AgentFailureKind::Locked => {
                Self::new(FailureKind::Conflict, message).hint("try again when the other change has ended")
            }
            AgentFailureKind::Conflict => {
                Self::new(FailureKind::Conflict, message).hint("run the command again to plan on the host as it is now")
            }
            AgentFailureKind::Precondition => Self::new(FailureKind::Refused, message)
                .hint("fix this on the host (disk space, permissions, a missing file) and run the command again"),
            AgentFailureKind::Permission => Self::new(FailureKind::Refused, message).hint(Advice::AS_ROOT),
            AgentFailureKind::Missing => Self::new(FailureKind::Refused, message).hint("check the name"),
            AgentFailureKind::Io => Self::new(
                FailureKind::Refused,
                format!("the host cannot do this: {message}; nothing was changed"),
            )
            .hint("if permissions are the cause, log in as root, or pass --become to use sudo"),
            AgentFailureKind::Fault | AgentFailureKind::Protocol => Self::new(
                FailureKind::Fault,
                format!("{host}: the host's agent failed: {message}"),
            )
            .hint("this is a fault of f2bctl; nothing was changed"),
            AgentFailureKind::Other => Self::new(
                FailureKind::Connection,
                format!("{host}: the host reports an error of an unknown kind: {message}; nothing was changed"),
            )
            .hint(NOT_THE_AGENT),
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
            ("precondition", FailureKind::Refused, "fix this on the host"),
            ("permission", FailureKind::Refused, "--become"),
            ("missing", FailureKind::Refused, "check the name"),
            ("io", FailureKind::Refused, "--become"),
            ("fault", FailureKind::Fault, "a fault of f2bctl"),
            ("protocol", FailureKind::Fault, "a fault of f2bctl"),
            ("gibberish", FailureKind::Connection, "does not answer like this"),
        ];
        for (word, kind, hint) in kinds {
            let reported = serde_json::json!({"kind": word, "message": "what was reported"});
            let reported: AgentFailure = serde_json::from_value(reported).expect("a failure");
            let failure = Failure::of_agent(reported, "pbx1");
            assert_eq!(failure.kind, kind, "{word}");
            assert!(failure.message.contains("what was reported"), "{failure}");
            assert!(
                failure.hints.iter().any(|advice| advice.to_string().contains(hint)),
                "{failure:?}"
            );
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
                (kind, &[Advice::from("do this")][..])
            );
        }
    }
}
