//! What goes with an answer: it stops nothing, and an operator should know it.

use schemars::JsonSchema;
use serde::Serialize;

/// A warning that goes with a report or a plan: a stable code and a full sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// A stable word for scripts, e.g. `host_bits_cleared`.
    pub code: &'static str,
    /// A full sentence for people.
    pub message: String,
}

impl Warning {
    /// A warning of this code and sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}
