//! The chain: how a line of a trail is sealed, and whether a trail is whole.
//!
//! A line is the record's JSON with `,"hash":"..."` before its last brace. The hash is the SHA-256 of the JSON without
//! it; `previous` is the hash of the line before and `sequence` counts from 1. So a trail can be checked as text,
//! without agreeing on how JSON is written.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What is wrong with a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `altered`, `missing`, `reordered`, `unreadable` or `contradicted`.
    pub code: &'static str,
    /// The line, from 1; absent if it is about the end of the trail.
    pub line: Option<usize>,
    /// A full sentence.
    pub message: String,
}

/// A trail that was read, as far as it is whole.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The records that can be read, in the order of the file.
    pub records: Vec<Value>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seals a record behind the last one of a trail: the line without its line end, and its hash.
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
/// Why it cannot be believed: it is no record, or its text is not what was hashed.
pub fn open(line: &str) -> Result<Value, &'static str> {
    const SEAL: &str = ",\"hash\":\"";
    let record: Value = serde_json::from_str(line).map_err(|_| "it is not a record")?;
    let (body, seal) = line.rsplit_once(SEAL).ok_or("it has no hash")?;
    let hash = seal.strip_suffix("\"}").ok_or("it has no hash")?;
    if sha256_hex(format!("{body}}}").as_bytes()) != hash {
        return Err("its text is not what was hashed");
    }
    Ok(record)
}

/// Checks a whole trail.
pub fn verify(text: &str) -> Verdict {
    let mut verdict = Verdict::default();
    let mut last: Option<(u64, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let record = match open(line) {
            Ok(record) => record,
            Err(why) => {
                let code = if serde_json::from_str::<Value>(line).is_ok() {
                    "altered"
                } else {
                    "unreadable"
                };
                verdict.findings.push(finding(
                    code,
                    number,
                    format!("Line {number} cannot be believed: {why}."),
                ));
                // What is linked to it is checked against its claimed hash, so that one fault is told once.
                last = claimed(line).or(last);
                continue;
            }
        };
        let sequence = record.get("sequence").and_then(Value::as_u64).unwrap_or(0);
        let previous = record.get("previous").and_then(Value::as_str).map(str::to_owned);
        verdict
            .findings
            .extend(link(number, sequence, previous.as_deref(), last.as_ref()));
        let hash = record
            .get("hash")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        last = Some((sequence, hash));
        verdict.records.push(record);
    }
    verdict
}

/// The number and hash that a broken line claims.
fn claimed(line: &str) -> Option<(u64, String)> {
    let record: Value = serde_json::from_str(line).ok()?;
    Some((
        record.get("sequence")?.as_u64()?,
        record.get("hash")?.as_str()?.to_owned(),
    ))
}

fn link(line: usize, sequence: u64, previous: Option<&str>, last: Option<&(u64, String)>) -> Option<Finding> {
    let due = last.map_or(1, |(number, _)| number + 1);
    if sequence > due {
        let message = format!("Records {due} to {} are missing before line {line}.", sequence - 1);
        return Some(finding("missing", line, message));
    }
    if sequence < due {
        let message = format!("Line {line} is record {sequence}, where {due} was due: the order was changed.");
        return Some(finding("reordered", line, message));
    }
    if previous != last.map(|(_, hash)| hash.as_str()) {
        let message = format!("Line {line} follows another record than the one before it.");
        return Some(finding("altered", line, message));
    }
    None
}

fn finding(code: &'static str, line: usize, message: String) -> Finding {
    Finding {
        code,
        line: Some(line),
        message,
    }
}

/// Holds a host's trail against what another trail remembers of it: `(sequence, hash)` of single records.
///
/// This finds what the chain alone cannot: records cut off the end, and a trail that was written anew.
pub fn contradictions(records: &[Value], remembered: &[(u64, String)]) -> Vec<Finding> {
    let hash_of = |sequence: u64| {
        let numbered = records
            .iter()
            .find(|record| record.get("sequence").and_then(Value::as_u64) == Some(sequence));
        numbered.and_then(|record| record.get("hash")).and_then(Value::as_str)
    };
    let mut found = Vec::new();
    for (sequence, hash) in remembered {
        let message = match hash_of(*sequence) {
            Some(present) if present == hash => continue,
            Some(_) => format!("Record {sequence} is not the one that this operator's own trail remembers."),
            None => format!("Record {sequence}, which this operator's own trail remembers, is missing."),
        };
        found.push(Finding {
            code: "contradicted",
            line: None,
            message,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(count: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for number in 0..count {
            let last = lines.last().map(|line| open(line).expect("sealed"));
            let record = json!({"operator": "ravi@office", "command": format!("onboard {number}"), "note": "ü"});
            lines.push(seal(&record, "2026-11-23T10:00:00Z", last.as_ref()).0);
        }
        lines
    }

    fn codes(lines: &[String]) -> Vec<&'static str> {
        verify(&lines.join("\n"))
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn a_whole_trail_has_no_findings() {
        assert!(codes(&trail(5)).is_empty());
        assert!(codes(&[]).is_empty());
    }

    #[test]
    fn an_altered_record_is_found_wherever_it_stands() {
        for index in 0..4 {
            let mut lines = trail(4);
            lines[index] = lines[index].replace("ravi", "asha");
            assert_eq!(codes(&lines), ["altered"], "record {index}");
        }
    }

    #[test]
    fn an_altered_record_with_a_hash_made_anew_breaks_the_next_link() {
        let mut lines = trail(3);
        let mut record = open(&lines[1]).expect("sealed");
        let before = open(&lines[0]).expect("sealed");
        record["operator"] = json!("nobody");
        for key in ["hash", "schema", "sequence", "previous", "time"] {
            record.as_object_mut().expect("object").shift_remove(key);
        }
        lines[1] = seal(&record, "2026-11-23T10:00:00Z", Some(&before)).0;
        assert_eq!(codes(&lines), ["altered"]);
    }

    #[test]
    fn a_missing_record_and_a_changed_order_are_told_apart() {
        let mut lines = trail(4);
        lines.remove(1);
        assert_eq!(codes(&lines), ["missing"]);
        let mut lines = trail(4);
        lines.swap(1, 2);
        assert!(codes(&lines).contains(&"reordered"));
    }

    #[test]
    fn a_trail_that_was_cut_off_contradicts_what_is_remembered() {
        let lines = trail(3);
        let third = open(&lines[2]).expect("sealed");
        let remembered = vec![(3, third["hash"].as_str().expect("hash").to_owned())];
        let whole = verify(&lines.join("\n"));
        assert!(contradictions(&whole.records, &remembered).is_empty());
        let cut = verify(&lines[..2].join("\n"));
        assert!(cut.findings.is_empty());
        assert_eq!(contradictions(&cut.records, &remembered).len(), 1);
    }

    #[test]
    fn nothing_panics_on_garbage() {
        for text in ["{", "{}", "\"", ",\"hash\":\"\"}", "{\"hash\":\"x\"}", "\u{0}\n\n[]"] {
            assert!(!verify(text).findings.is_empty() || text.is_empty(), "{text:?}");
        }
    }
}
