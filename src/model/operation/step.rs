//! A sentence about an operation, and the word for what it is.

use serde::Serialize;

/// One sentence about an operation, with a stable word for what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A stable word, e.g. `backup`, `whitelist`, `reload`, `unban`.
    pub action: &'static str,
    /// A full sentence.
    pub summary: String,
}

impl Step {
    /// A step of this action.
    pub fn new(action: &'static str, summary: impl Into<String>) -> Self {
        Self {
            action,
            summary: summary.into(),
        }
    }
}
