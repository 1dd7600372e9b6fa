//! What `recidive status` answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

use super::status::Ban;

/// The built-in jail for repeat offenders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecidiveStatus {
    /// The jail and what it needs.
    pub recidive: Recidive,
}

/// The jail and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recidive {
    /// Whether it runs.
    pub enabled: bool,
    /// Bans before its own ban.
    pub maxretry: Option<i64>,
    /// The window that bans are counted in, seconds.
    pub findtime: Option<i64>,
    /// How long its ban lasts, seconds; -1 is for ever.
    pub bantime: Option<i64>,
    /// The logs that it reads; null where it does not run.
    pub log_files: Option<Vec<Text>>,
    /// Whom it bans; null where it does not run.
    pub banned: Option<Vec<Ban>>,
    /// What it needs.
    pub needs: Vec<Need>,
}

/// One thing that the jail needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Need {
    /// A stable word: `log_target`, `log_level`, `log_path`, `purge_age`, `protocols`.
    pub code: &'static str,
    /// Whether it is met; null if that cannot be judged before the jail runs.
    pub met: Option<bool>,
    /// A full sentence.
    pub message: String,
}
