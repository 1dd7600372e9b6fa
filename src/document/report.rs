//! A document: what a command answers about one host, how it ended, and the warnings and the failure that go with it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Advice, Answer, Failure, FailureKind, Outcome, SCHEMA, Warning};
use crate::model::host_name::HostName;

/// What a command answers about one host, or about none.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Document {
    /// The version of the form.
    pub schema: u32,
    /// The command as it is typed, e.g. `whitelist list`; empty where it could not be read.
    pub command: String,
    /// The host; null where none is asked.
    pub host: Option<HostName>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the host is other than before.
    pub changed: bool,
    /// What has to be known besides.
    pub warnings: Vec<Warning>,
    /// What was asked.
    #[serde(flatten)]
    pub answer: Answer,
    /// Why it did not do what was asked; absent where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The exit code of this part (contract, Exit codes).
    #[serde(skip)]
    pub exit_code: u8,
}

impl Document {
    /// A report that was made.
    pub fn report(command: &str, host: Option<&HostName>, report: impl Into<Report>) -> Self {
        let Report {
            answer,
            warnings,
            exit_code,
        } = report.into();
        Self {
            schema: SCHEMA,
            command: command.to_owned(),
            host: host.cloned(),
            outcome: Outcome::Report,
            changed: false,
            warnings,
            answer,
            error: None,
            exit_code,
        }
    }

    /// A failure before there was anything to report.
    pub fn failed(command: &str, host: Option<&HostName>, failure: &Failure) -> Self {
        Self::failed_with(command, host, failure, Answer::Nothing {})
    }

    /// A failure with what is known all the same.
    pub fn failed_with(command: &str, host: Option<&HostName>, failure: &Failure, known: impl Into<Report>) -> Self {
        Self {
            outcome: failure.kind.into(),
            exit_code: failure.kind.exit_code(),
            error: Some(failure.clone()),
            ..Self::report(command, host, known)
        }
    }

    /// The same with a further hint, if it ended with this kind of failure.
    #[must_use]
    pub fn hinted_if(mut self, kind: FailureKind, hint: Option<Advice>) -> Self {
        let failure = self.error.as_mut().filter(|failure| failure.kind == kind);
        if let (Some(failure), Some(hint)) = (failure, hint) {
            failure.hints.push(hint);
        }
        self
    }
}

/// What a report comes to: its answer, what goes with it, and its exit code.
#[derive(Debug, Clone)]
pub struct Report {
    /// The answer.
    pub answer: Answer,
    /// What has to be known besides.
    pub warnings: Vec<Warning>,
    /// 0, or [`FINDINGS`].
    pub exit_code: u8,
}

/// The exit code of a report that found something: nothing failed (contract, Exit codes).
pub const FINDINGS: u8 = 8;

impl Report {
    /// The same with warnings.
    #[must_use]
    pub fn warned(mut self, warnings: Vec<Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// The same with the exit code of findings, if there are any.
    #[must_use]
    pub fn found(mut self, something: bool) -> Self {
        self.exit_code = if something { FINDINGS } else { 0 };
        self
    }
}

impl<Given: Into<Answer>> From<Given> for Report {
    fn from(answer: Given) -> Self {
        Self {
            answer: answer.into(),
            warnings: Vec::new(),
            exit_code: 0,
        }
    }
}
