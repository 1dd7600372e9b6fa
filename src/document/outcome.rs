//! How a command ended on one host.

use schemars::JsonSchema;
use serde::Serialize;

use super::failure::FailureKind;

/// How a command ended on one host (contract, JSON: `outcome`), in the order in which an operator has to know of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It failed and could not be put back; `error` says what is left. Exit code 7.
    NotRestored,
    /// The connection was lost, and how it ended could not be asked. Exit code 7.
    Unknown,
    /// It failed, the host was put back, and that was checked. Exit code 6.
    Restored,
    /// Anything else: `error.kind` says what. Exit code 1, 2, 4 or 130.
    Error,
    /// The host changed since the plan, or another change holds the lock; nothing was changed. Exit code 5.
    Conflict,
    /// A guard-rail or a failed precondition; nothing was changed. Exit code 3.
    Refused,
    /// Done and verified. Exit code 0.
    Changed,
    /// A dry run showed the plan. Exit code 0.
    Planned,
    /// The host already is as it should be; nothing was written, reloaded or backed up. Exit code 0.
    Unchanged,
    /// A report was made. Exit code 0, or 8 with findings.
    Report,
}

impl Outcome {
    /// The word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotRestored => "not_restored",
            Self::Unknown => "unknown",
            Self::Restored => "restored",
            Self::Error => "error",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Planned => "planned",
            Self::Unchanged => "unchanged",
            Self::Report => "report",
        }
    }

    /// Whether everything went as it was meant to.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Report | Self::Changed | Self::Unchanged | Self::Planned)
    }
}

impl From<FailureKind> for Outcome {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Refused => Self::Refused,
            FailureKind::Conflict => Self::Conflict,
            FailureKind::Restored => Self::Restored,
            FailureKind::NotRestored => Self::NotRestored,
            FailureKind::Unknown => Self::Unknown,
            FailureKind::Usage | FailureKind::Connection | FailureKind::Interrupted | FailureKind::Fault => Self::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn the_word_is_the_one_of_json() {
        for outcome in [
            Outcome::NotRestored,
            Outcome::Report,
            Outcome::Unchanged,
            Outcome::Error,
        ] {
            assert_eq!(serde_json::json!(outcome), outcome.word());
        }
    }
}
