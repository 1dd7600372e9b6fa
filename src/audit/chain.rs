//! The chain: how a line of an audit log is sealed and opened; whether a log is whole is for [`super::verifier`].
//!
//! A line is the record's JSON with `,"hash":"..."` before its last brace. The hash is the SHA-256 of the JSON without
//! it; `previous` is the hash of the line before and `sequence` counts from 1. So an audit log can be checked as text,
//! without agreeing on how JSON is written.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seals a record as the next one of an audit log: the line without its line end, and its hash.
pub fn seal(record: &Value, time: &str, last: Option<&Value>) -> (String, String) {
    let sequence = last
        .and_then(|last| last.get("sequence"))
        .and_then(Value::as_u64)
        .unwrap_or(0)
        + 1;
    let previous = last.and_then(|last| last.get("hash")).cloned().unwrap_or(Value::Null);
    let mut entry = json!({"schema": 1, "sequence": sequence, "previous": previous, "time": time});
    if let (Some(fields), Some(more)) = (entry.as_object_mut(), record.as_object()) {
        fields.extend(more.clone());
    }
    let body = entry.to_string();
    let hash = sha256_hex(body.as_bytes());
    let open = body.strip_suffix('}').unwrap_or(&body);
    (format!("{open},\"hash\":\"{hash}\"}}"), hash)
}

/// Reads a line and checks its own hash.
///
/// # Errors
/// Why it cannot be believed: it is no record, or its hash does not match its text.
pub fn open(line: &str) -> Result<Value, &'static str> {
    const SEAL: &str = ",\"hash\":\"";
    let record: Value = serde_json::from_str(line).map_err(|_| "it is not a record")?;
    let (body, seal) = line.rsplit_once(SEAL).ok_or("it has no hash")?;
    let hash = seal.strip_suffix("\"}").ok_or("it has no hash")?;
    if sha256_hex(format!("{body}}}").as_bytes()) != hash {
        return Err("its hash does not match its text");
    }
    Ok(record)
}
