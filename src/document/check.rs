//! What an examination looked at: each check with how it came out, whether it found something or not.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// The section of the runbook that it belongs to.
    pub section: &'static str,
    /// What is so where it passes.
    pub check: &'static str,
    /// How it came out.
    pub outcome: CheckOutcome,
    /// Why it could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The codes of what it found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<&'static str>,
}

impl Check {
    /// A check that found what it found; without that it passed, or could not be made for this reason.
    pub fn of(section: &'static str, check: &'static str, found: Vec<&'static str>, reason: Option<Text>) -> Self {
        let outcome = match (found.is_empty(), &reason) {
            (false, _) => CheckOutcome::Found,
            (true, Some(_)) => CheckOutcome::Unknown,
            (true, None) => CheckOutcome::Passed,
        };
        Self {
            section,
            check,
            outcome,
            reason: reason.filter(|_| outcome == CheckOutcome::Unknown),
            found,
        }
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It is as it should be.
    Passed,
    /// It is not, or is worth knowing: the findings say what.
    Found,
    /// It could not be made; nothing is claimed.
    Unknown,
}
