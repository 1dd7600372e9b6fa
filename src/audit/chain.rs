//! The chain: how a line of a trail is sealed, and whether a trail is whole.
//!
//! A line is the record's JSON with `,"hash":"..."` before its last brace. The hash is the SHA-256 of the JSON without
//! it; `previous` is the hash of the line before and `sequence` counts from 1. So a trail can be checked as text,
//! without agreeing on how JSON is written.

use std::collections::BTreeMap;

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
    let mut order = Order::of(text);
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match open(line) {
            Ok(record) => {
                verdict.findings.extend(order.follows(number, &record));
                verdict.records.push(record);
            }
            Err(why) => {
                let code = if serde_json::from_str::<Value>(line).is_ok() {
                    "altered"
                } else {
                    "unreadable"
                };
                let message = format!("Line {number} cannot be believed: {why}.");
                verdict.findings.push(finding(code, number, message));
                order.pass(line);
            }
        }
    }
    verdict
}

/// Which records a trail has, and how far it was followed.
struct Order {
    /// Number and hash of each record, as it claims them: what is linked to an altered one is checked against its claim,
    /// so that one fault is told once.
    claimed: BTreeMap<u64, String>,
    /// The highest number so far.
    highest: u64,
    /// How many lines without a number came since: each may be one that is missing.
    nameless: u64,
}

impl Order {
    fn of(text: &str) -> Self {
        let mut claimed = BTreeMap::new();
        for record in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let hash = record.get("hash").and_then(Value::as_str);
            if let (Some(sequence), Some(hash)) = (sequence_of(&record), hash) {
                claimed.entry(sequence).or_insert_with(|| hash.to_owned());
            }
        }
        Self {
            claimed,
            highest: 0,
            nameless: 0,
        }
    }

    /// Takes note of a line that cannot be believed.
    fn pass(&mut self, line: &str) {
        let record = serde_json::from_str::<Value>(line).ok();
        match record.as_ref().and_then(sequence_of) {
            Some(sequence) => self.highest = self.highest.max(sequence),
            None => self.nameless += 1,
        }
    }

    /// What is wrong with the place of a record that can be believed, or with the one that it is linked to.
    fn follows(&mut self, line: usize, record: &Value) -> Vec<Finding> {
        let sequence = sequence_of(record).unwrap_or(0);
        let due = self.highest.saturating_add(1);
        let mut found = self.missing(due, sequence, line);
        // Those that are not here and not missing stand elsewhere.
        let elsewhere = sequence > due && self.claimed.range(due..sequence).next().is_some();
        if sequence < due || elsewhere {
            let message = format!("Line {line} is record {sequence}, where {due} was due: the order was changed.");
            found.push(finding("reordered", line, message));
        }
        let previous = record.get("previous").and_then(Value::as_str);
        let before = sequence.checked_sub(1).and_then(|before| self.claimed.get(&before));
        let first = sequence == 1 && previous.is_some();
        if first || before.is_some_and(|before| previous != Some(before)) {
            let message = format!("Line {line} follows another record than the one before it.");
            found.push(finding("altered", line, message));
        }
        if sequence >= due {
            self.highest = sequence;
            self.nameless = 0;
        }
        found
    }

    /// The records from `due` to before `sequence` that stand nowhere in the trail, and are no line without a number.
    fn missing(&self, due: u64, sequence: u64, line: usize) -> Vec<Finding> {
        let mut gaps = Vec::new();
        let mut next = due;
        let present = self.claimed.range(due..sequence.max(due)).map(|(number, _)| *number);
        for number in present.chain([sequence]) {
            if number > next {
                gaps.push((next, number - 1));
            }
            next = number.saturating_add(1);
        }
        let lost = gaps.iter().map(|(from, to)| (to - from).saturating_add(1));
        if lost.fold(0, u64::saturating_add) <= self.nameless {
            return Vec::new();
        }
        let told = gaps.into_iter().map(|(from, to)| match from == to {
            true => format!("Record {from} is missing before line {line}."),
            false => format!("Records {from} to {to} are missing before line {line}."),
        });
        told.map(|message| finding("missing", line, message)).collect()
    }
}

fn sequence_of(record: &Value) -> Option<u64> {
    record.get("sequence").and_then(Value::as_u64)
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

    /// (code, line) of each finding, and what is said of them.
    fn told(lines: &[String]) -> (Vec<(&'static str, usize)>, String) {
        let findings = verify(&lines.join("\n")).findings;
        let places = findings.iter().map(|finding| (finding.code, finding.line.unwrap_or(0)));
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        (places.collect(), messages.join(" "))
    }

    #[test]
    fn missing_records_are_named_by_their_numbers() {
        let mut lines = trail(6);
        lines.remove(1);
        let said = (vec![("missing", 2)], "Record 2 is missing before line 2.".to_owned());
        assert_eq!(told(&lines), said);
        lines.drain(1..3);
        let said = "Records 2 to 4 are missing before line 2.".to_owned();
        assert_eq!(told(&lines), (vec![("missing", 2)], said));
        let mut lines = trail(3);
        lines.remove(0);
        assert_eq!(told(&lines).0, [("missing", 1)]);
    }

    #[test]
    fn two_records_that_changed_places_are_both_named_and_none_is_missing() {
        let mut lines = trail(5);
        lines.swap(1, 2);
        assert_eq!(told(&lines).0, [("reordered", 2), ("reordered", 3)]);
        // Apart from each other, what lies between them has moved as well.
        let mut lines = trail(5);
        lines.swap(0, 3);
        let places: Vec<usize> = told(&lines).0.iter().map(|(_, line)| *line).collect();
        assert!(places.contains(&1) && places.contains(&4), "{places:?}");
        assert!(!codes(&lines).contains(&"missing"));
        let mut lines = trail(3);
        lines.push(lines[1].clone());
        assert_eq!(told(&lines).0, [("reordered", 4)], "one that stands there twice");
    }

    #[test]
    fn a_line_that_was_cut_is_told_once_and_does_not_hide_one_that_is_missing() {
        let mut lines = trail(5);
        let half = lines[2].len() / 2;
        lines[2].truncate(half);
        assert_eq!(told(&lines).0, [("unreadable", 3)]);
        lines.remove(3);
        assert_eq!(told(&lines).0, [("unreadable", 3), ("missing", 4)]);
        // A line that never was a record takes nobody's place.
        let mut lines = trail(3);
        lines.insert(1, "a line of another program".to_owned());
        assert_eq!(told(&lines).0, [("unreadable", 2)]);
        lines[1] = r#"{"level":"info"}"#.to_owned();
        assert_eq!(told(&lines).0, [("altered", 2)]);
    }

    #[test]
    fn a_number_beyond_all_records_costs_no_time() {
        let first = json!({"sequence": u64::MAX - 1, "hash": "x"});
        let lines = [seal(&json!({}), "now", Some(&first)).0, trail(1).remove(0)];
        assert_eq!(told(&lines).0, [("missing", 1), ("reordered", 1), ("reordered", 2)]);
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
