//! What `audit verify` answers.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

/// Whether the audit logs are whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditVerdict {
    /// Records on the host.
    pub records: usize,
    /// Records of the operator's own.
    pub local_records: usize,
    /// Where the operator's own lie.
    pub local_trail: PathBuf,
    /// What is wrong with them.
    pub findings: Vec<TrailFault>,
}

/// One fault of an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrailFault {
    /// Which one: `host` or `local`.
    pub trail: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// The line, from 1; null where it is about the log as a whole.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: Text,
}
