//! What an examination found: a stable code, how much it matters, what it is, and what mends it.

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody who should be shut out is not, or somebody who should get in may be shut out, now or at the next reload.
    Error,
    /// It works, and something that the runbook relies on is missing.
    Warning,
    /// Worth knowing.
    Notice,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word, e.g. `threshold_differs`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, with its evidence, as a sentence.
    pub message: String,
    /// What mends it, a command where there is one.
    pub fix: String,
}

impl Finding {
    /// A finding.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            fix: fix.into(),
        }
    }
}
