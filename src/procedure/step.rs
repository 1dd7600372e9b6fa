//! What a draft and its plan are both made of: steps in sentences, and values that are set at run time.

use serde::Serialize;

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A stable word, e.g. `backup`, `add`, `reload`, `unban`.
    pub action: &'static str,
    /// A full sentence.
    pub summary: String,
}

impl Step {
    /// A step of this action, told in this sentence.
    pub fn new(action: &'static str, summary: impl Into<String>) -> Self {
        Self {
            action,
            summary: summary.into(),
        }
    }

    /// The step as it is shown.
    pub fn shown(&self) -> crate::document::Step {
        crate::document::Step {
            action: self.action,
            summary: self.summary.as_str().into(),
        }
    }
}

/// A value to set in a running jail after a reload, which drops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeEntry {
    /// The jail.
    pub jail: String,
    /// The `set` command, e.g. `addignoreip`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}
