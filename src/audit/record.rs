//! What a record says beside its number, its time and its hash.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::document::Promise;
use crate::model::host_name::HostName;

/// Who wanted what, where and why.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Who: `user@machine` of the operator.
    pub operator: String,
    /// The command, e.g. `onboard`.
    pub command: String,
    /// The arguments as they were given.
    pub arguments: Vec<String>,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--ticket`.
    pub ticket: Option<String>,
    /// The host.
    pub host: HostName,
    /// The SSH key that logged in, as `SHA256:...`; absent for a password. The host says beside it which key it
    /// accepted.
    pub key: Option<String>,
    /// The key by which the host is known, as `SHA256:...`; absent while there is no connection.
    pub host_key: Option<String>,
    /// The program's version.
    pub version: &'static str,
    /// What the plan does, in one line.
    pub summary: String,
    /// The customers whose register lines the plan adds, changes or removes.
    pub customers: BTreeSet<String>,
    /// The unified difference of the files.
    pub diff: String,
    /// How the operator agreed: `flag`, `terminal`, or `not_needed` for a command that asks nothing.
    pub consent: Option<Value>,
    /// What was forecast, where the change was decided on that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Promise>,
}

/// How a change ended.
#[derive(Debug, Clone)]
pub struct Ended<'run> {
    /// `changed`, `restored`, ...
    pub outcome: &'run str,
    /// Why it failed.
    pub failure: Option<&'run str>,
    /// What was done, in sentences; empty unless it ended well.
    pub done: Vec<String>,
}

impl Record {
    /// A record of an attempt that never became a change.
    pub fn attempt(&self, outcome: &str, why: &str) -> Value {
        let mut value = json!(self);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("kind".to_owned(), json!("attempt"));
            fields.insert("outcome".to_owned(), json!(outcome));
            fields.insert("failure".to_owned(), json!(why));
        }
        value
    }

    /// The local record that a change begins.
    pub fn intent(&self, change_id: &str) -> Value {
        self.with(json!({"kind": "intent", "change_id": change_id}))
    }

    /// The local record of how a change ended; `host_record` is the host's own, so that the two audit logs refer to
    /// each other.
    pub fn outcome(&self, change_id: &str, ended: &Ended<'_>, host_record: Option<&Value>) -> Value {
        self.with(json!({
            "kind": "outcome", "change_id": change_id, "outcome": ended.outcome, "failure": ended.failure,
            "done": ended.done, "host_record": host_record,
        }))
    }

    fn with(&self, more: Value) -> Value {
        let mut value = json!(self);
        if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
            fields.extend(more);
        }
        value
    }
}
