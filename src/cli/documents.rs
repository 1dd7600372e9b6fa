//! What a command answers: one document a host, and the exit code that they come to together.

use serde_json::{Value, json};

use crate::audit::HostName;
use crate::engine::{ChangeReport, Failure, Outcome};
use crate::ui::{Output, view};

/// The answer about one host (or about none), with its exit code.
#[derive(Debug, Clone)]
pub struct Document {
    /// The JSON view.
    pub value: Value,
    /// The exit code of this part.
    pub exit_code: u8,
}

impl Document {
    /// A report that was made; `more` are its own keys.
    pub fn report(command: &str, host: Option<&HostName>, more: Value, exit_code: u8) -> Self {
        Self {
            value: view::document(command, host, Outcome::Report, false, more),
            exit_code,
        }
    }

    /// A failure before there was anything to report.
    pub fn failed(command: &str, host: Option<&HostName>, failure: &Failure) -> Self {
        Self::failed_with(command, host, failure, json!({}))
    }

    /// A failure with what can be said all the same.
    pub fn failed_with(command: &str, host: Option<&HostName>, failure: &Failure, more: Value) -> Self {
        let mut value = view::document(command, host, failure.kind.into(), false, more);
        view::put(&mut value, "error", json!(failure));
        Self {
            value,
            exit_code: failure.kind.exit_code(),
        }
    }

    /// The same with a further hint, if it ended with this exit code.
    pub fn hinted_if(mut self, exit_code: u8, hint: Option<String>) -> Self {
        let hints = self.value.pointer_mut("/error/hints").and_then(Value::as_array_mut);
        if let (Some(hints), Some(hint)) = (hints.filter(|_| self.exit_code == exit_code), hint) {
            hints.push(Value::String(hint));
        }
        self
    }

    /// What came of a change.
    pub fn change(report: &ChangeReport) -> Self {
        Self {
            value: view::change(report),
            exit_code: report.exit_code(),
        }
    }
}

/// The order of exit codes for several hosts, worst first (contract, Exit codes).
const WORST_FIRST: [u8; 10] = [7, 6, 1, 130, 5, 4, 3, 2, 8, 0];

/// The worst of several exit codes.
pub fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| WORST_FIRST.iter().position(|known| known == code).unwrap_or(0);
    codes.into_iter().min_by_key(rank).unwrap_or(0)
}

/// Prints the documents and returns the exit code.
pub fn print(output: &Output, command: &str, documents: Vec<Document>) -> u8 {
    let code = worst(documents.iter().map(|document| document.exit_code));
    let values: Vec<Value> = documents.into_iter().map(|document| document.value).collect();
    output.documents(command, values);
    code
}

#[cfg(test)]
mod tests {
    use super::worst;

    #[test]
    fn an_unknown_outcome_is_worse_than_a_refusal_and_findings_are_better_than_any_failure() {
        assert_eq!(worst([0, 3, 7, 6]), 7);
        assert_eq!(worst([8, 2, 0]), 2);
        assert_eq!(worst([5, 1]), 1);
        assert_eq!(worst([0, 8]), 8);
        assert_eq!(worst([]), 0);
    }
}
