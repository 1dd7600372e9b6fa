//! What `audit verify` answers.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::check::Check;
use crate::model::text::Text;

/// Whether the audit logs are whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditVerdict {
    /// Records on the host that can be believed.
    pub records: u64,
    /// Records of the operator's own that can be believed.
    pub local_records: u64,
    /// Where the operator's own are.
    pub local_trail: PathBuf,
    /// The host's key, `SHA256:...`, by which the operator's own log knows the host.
    pub host_key: Text,
    /// How many records of the host the operator's own log remembers.
    pub compared: u64,
    /// What is wrong with them.
    pub findings: Vec<AuditFault>,
    /// How many findings there are besides.
    pub findings_left_out: u64,
    /// Everything that was looked at, with how it came out.
    pub checks: Vec<Check>,
}

/// One fault of an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditFault {
    /// Which one: `host` or `local`.
    pub trail: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// The file of the log; null where it is about no line.
    pub file: Option<Text>,
    /// The line of that file, from 1; null where it is about the log as a whole.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: Text,
}
