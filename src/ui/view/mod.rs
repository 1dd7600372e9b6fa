//! The JSON views (contract, JSON): what every document has in common, and one file a subject.

mod change;
pub mod status;
pub mod watch;

pub use change::{change, plan};

use serde_json::{Value, json};

use crate::audit::HostName;
use crate::engine::Outcome;

/// The version of the JSON form.
pub const SCHEMA: u32 = 1;

/// A document with the common keys, and its own behind them.
pub fn document(command: &str, host: Option<&HostName>, outcome: Outcome, changed: bool, more: Value) -> Value {
    let mut value = json!({
        "schema": SCHEMA, "command": command, "host": host, "outcome": outcome, "changed": changed, "warnings": [],
    });
    if let Value::Object(more) = more {
        for (key, item) in more {
            put(&mut value, &key, item);
        }
    }
    value
}

/// Sets a key of a document.
pub fn put(document: &mut Value, key: &str, item: Value) {
    if let Some(fields) = document.as_object_mut() {
        fields.insert(key.to_owned(), item);
    }
}
