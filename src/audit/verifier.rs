//! Whether an audit log is whole, line by line: a log of any length in the memory of 30,000 lines.
//!
//! Lines are judged by what is near them. A record that was moved by more than 10,000 lines is reported as missing
//! where it was due, and as out of order where it is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::chain;

/// How many lines are judged at once; as many before and after them are known meanwhile.
const STEP: usize = 10_000;
/// How many findings are kept; the others are counted.
const MOST_FINDINGS: usize = 1000;
/// The file that is written to; a finding in another one names it.
pub const CURRENT: &str = "audit.jsonl";

/// What is wrong with an audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `altered`, `missing`, `reordered`, `unreadable` or `contradicted`.
    pub code: &'static str,
    /// The file's name; absent if it is about no line.
    pub file: Option<Arc<str>>,
    /// The line of that file, from 1.
    pub line: Option<usize>,
    /// A full sentence.
    pub message: String,
}

/// What came of a log.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// How many records can be believed.
    pub records: u64,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
    /// How many findings there are besides.
    pub left_out: u64,
}

/// A log that is being checked.
#[derive(Debug)]
pub struct Verifier {
    /// How many lines are judged at once.
    step: usize,
    /// Judged lines whose claims still count, then lines that are not judged yet.
    window: VecDeque<Fact>,
    /// How many of these are judged.
    judged: usize,
    order: Order,
    verdict: Verdict,
}

/// Where a line is.
#[derive(Debug, Clone)]
struct Place {
    file: Arc<str>,
    line: usize,
}

/// What of a line its judgment needs.
#[derive(Debug)]
struct Fact {
    place: Place,
    /// The number that it claims.
    sequence: Option<u64>,
    /// The hash that it claims.
    hash: Option<String>,
    /// The hash that it claims to follow.
    previous: Option<String>,
    /// Why it cannot be believed: the code and a clause.
    fault: Option<(&'static str, &'static str)>,
}

impl Default for Verifier {
    fn default() -> Self {
        Self::in_steps_of(STEP)
    }
}

impl Verifier {
    fn in_steps_of(step: usize) -> Self {
        Self {
            step,
            window: VecDeque::new(),
            judged: 0,
            order: Order::default(),
            verdict: Verdict::default(),
        }
    }

    /// Takes the next line of the log, and gives its record back if it can be believed.
    pub fn take(&mut self, file: &Arc<str>, line: usize, text: &str) -> Option<Value> {
        let (fact, record) = read(
            Place {
                file: Arc::clone(file),
                line,
            },
            text,
        );
        self.window.push_back(fact);
        if self.window.len() - self.judged >= 2 * self.step {
            self.judge(self.step);
        }
        self.verdict.records += u64::from(record.is_some());
        record
    }

    /// The verdict, after the last line.
    pub fn finish(mut self) -> Verdict {
        self.judge(usize::MAX);
        self.verdict
    }

    /// Judges the next lines, with the claims of all that are in sight.
    fn judge(&mut self, count: usize) {
        let claimed = claims(self.window.iter());
        for fact in self.window.iter().skip(self.judged).take(count) {
            for finding in self.order.judge(fact, &claimed) {
                if self.verdict.findings.len() < MOST_FINDINGS {
                    self.verdict.findings.push(finding);
                } else {
                    self.verdict.left_out += 1;
                }
            }
        }
        self.judged = self.window.len().min(self.judged.saturating_add(count));
        let past = self.judged.saturating_sub(self.step);
        self.window.drain(..past);
        self.judged -= past;
    }
}

fn read(place: Place, text: &str) -> (Fact, Option<Value>) {
    let opened = chain::open(text);
    let claimed = opened
        .as_ref()
        .ok()
        .cloned()
        .or_else(|| serde_json::from_str(text).ok());
    let word = |key: &str| claimed.as_ref()?.get(key)?.as_str().map(str::to_owned);
    let fact = Fact {
        place,
        sequence: claimed.as_ref().and_then(sequence_of),
        hash: word("hash"),
        previous: word("previous"),
        fault: opened.as_ref().err().map(|why| match claimed {
            Some(_) => ("altered", *why),
            None => ("unreadable", *why),
        }),
    };
    (fact, opened.ok())
}

/// Number and hash of each record, as it claims them: what is linked to an altered one is checked against its claim, so
/// that one fault is reported once.
fn claims<'log>(facts: impl Iterator<Item = &'log Fact>) -> BTreeMap<u64, &'log str> {
    let mut claimed = BTreeMap::new();
    for fact in facts {
        if let (Some(sequence), Some(hash)) = (fact.sequence, fact.hash.as_deref()) {
            claimed.entry(sequence).or_insert(hash);
        }
    }
    claimed
}

/// How far a log was followed.
#[derive(Debug, Default)]
struct Order {
    /// The highest number so far.
    highest: u64,
    /// How many lines without a number came since: each may be one that is missing.
    nameless: u64,
}

impl Order {
    /// What is wrong with a line, its place, or the record that it is linked to.
    fn judge(&mut self, fact: &Fact, claimed: &BTreeMap<u64, &str>) -> Vec<Finding> {
        let Some((code, why)) = fact.fault else {
            return self.follows(fact, claimed);
        };
        match fact.sequence {
            Some(sequence) => self.highest = self.highest.max(sequence),
            None => self.nameless += 1,
        }
        vec![
            fact.place
                .finding(code, format!("{} cannot be trusted: {why}.", fact.place.named("Line"))),
        ]
    }

    fn follows(&mut self, fact: &Fact, claimed: &BTreeMap<u64, &str>) -> Vec<Finding> {
        let sequence = fact.sequence.unwrap_or(0);
        let due = self.highest.saturating_add(1);
        let mut found = self.missing(due, sequence, &fact.place, claimed);
        let line = fact.place.named("Line");
        // Those that are not here and not missing are elsewhere.
        let elsewhere = sequence > due && claimed.range(due..sequence).next().is_some();
        if sequence < due || elsewhere {
            let message = format!("{line} is record {sequence}, but record {due} was expected: the order was changed.");
            found.push(fact.place.finding("reordered", message));
        }
        let before = sequence.checked_sub(1).and_then(|before| claimed.get(&before));
        let first = sequence == 1 && fact.previous.is_some();
        if first || before.is_some_and(|before| fact.previous.as_deref() != Some(*before)) {
            let message = format!("{line} is not linked to the record before it.");
            found.push(fact.place.finding("altered", message));
        }
        if sequence >= due {
            self.highest = sequence;
            self.nameless = 0;
        }
        found
    }

    /// The records from `due` to before `sequence` that are nowhere in sight, and are no line without a number.
    fn missing(&self, due: u64, sequence: u64, place: &Place, claimed: &BTreeMap<u64, &str>) -> Vec<Finding> {
        let mut gaps = Vec::new();
        let mut next = due;
        let present = claimed.range(due..sequence.max(due)).map(|(number, _)| *number);
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
        let line = place.named("line");
        let messages = gaps.into_iter().map(|(from, to)| match from == to {
            true => format!("Record {from} is missing before {line}."),
            false => format!("Records {from} to {to} are missing before {line}."),
        });
        messages.map(|message| place.finding("missing", message)).collect()
    }
}

impl Place {
    /// `Line 3`, or `Line 3 of audit.jsonl.1`.
    fn named(&self, line: &str) -> String {
        match &*self.file {
            CURRENT => format!("{line} {}", self.line),
            file => format!("{line} {} of {file}", self.line),
        }
    }

    fn finding(&self, code: &'static str, message: String) -> Finding {
        Finding {
            code,
            file: Some(Arc::clone(&self.file)),
            line: Some(self.line),
            message,
        }
    }
}

fn sequence_of(record: &Value) -> Option<u64> {
    record.get("sequence").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::chain::{open, seal};
    use super::*;

    fn verify(text: &str) -> Verdict {
        let mut verifier = Verifier::default();
        let file = Arc::from(CURRENT);
        for (index, line) in text.lines().enumerate() {
            verifier.take(&file, index + 1, line);
        }
        verifier.finish()
    }

    fn log(count: usize) -> Vec<String> {
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
    fn a_whole_log_has_no_findings() {
        assert!(codes(&log(5)).is_empty());
        assert!(codes(&[]).is_empty());
    }

    #[test]
    fn an_altered_record_is_found_wherever_it_stands() {
        for index in 0..4 {
            let mut lines = log(4);
            lines[index] = lines[index].replace("ravi", "asha");
            assert_eq!(codes(&lines), ["altered"], "record {index}");
        }
    }

    #[test]
    fn an_altered_record_with_a_hash_made_anew_breaks_the_next_link() {
        let mut lines = log(3);
        let mut record = open(&lines[1]).expect("sealed");
        let before = open(&lines[0]).expect("sealed");
        record["operator"] = json!("nobody");
        for key in ["hash", "schema", "sequence", "previous", "time"] {
            record.as_object_mut().expect("object").shift_remove(key);
        }
        lines[1] = seal(&record, "2026-11-23T10:00:00Z", Some(&before)).0;
        assert_eq!(codes(&lines), ["altered"]);
    }

    /// (code, line) of each finding, and their messages.
    fn judged(lines: &[String]) -> (Vec<(&'static str, usize)>, String) {
        let findings = verify(&lines.join("\n")).findings;
        let places = findings.iter().map(|finding| (finding.code, finding.line.unwrap_or(0)));
        let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        (places.collect(), messages.join(" "))
    }

    #[test]
    fn missing_records_are_named_by_their_numbers() {
        let mut lines = log(6);
        lines.remove(1);
        let expected = (vec![("missing", 2)], "Record 2 is missing before line 2.".to_owned());
        assert_eq!(judged(&lines), expected);
        lines.drain(1..3);
        let expected = "Records 2 to 4 are missing before line 2.".to_owned();
        assert_eq!(judged(&lines), (vec![("missing", 2)], expected));
        let mut lines = log(3);
        lines.remove(0);
        assert_eq!(judged(&lines).0, [("missing", 1)]);
    }

    #[test]
    fn two_records_that_changed_places_are_both_named_and_none_is_missing() {
        let mut lines = log(5);
        lines.swap(1, 2);
        assert_eq!(judged(&lines).0, [("reordered", 2), ("reordered", 3)]);
        // Apart from each other, what is between them has moved as well.
        let mut lines = log(5);
        lines.swap(0, 3);
        let places: Vec<usize> = judged(&lines).0.iter().map(|(_, line)| *line).collect();
        assert!(places.contains(&1) && places.contains(&4), "{places:?}");
        assert!(!codes(&lines).contains(&"missing"));
        let mut lines = log(3);
        lines.push(lines[1].clone());
        assert_eq!(judged(&lines).0, [("reordered", 4)], "one that stands there twice");
    }

    #[test]
    fn a_line_that_was_cut_is_told_once_and_does_not_hide_one_that_is_missing() {
        let mut lines = log(5);
        let half = lines[2].len() / 2;
        lines[2].truncate(half);
        assert_eq!(judged(&lines).0, [("unreadable", 3)]);
        lines.remove(3);
        assert_eq!(judged(&lines).0, [("unreadable", 3), ("missing", 4)]);
        // A line that never was a record takes nobody's place.
        let mut lines = log(3);
        lines.insert(1, "a line of another program".to_owned());
        assert_eq!(judged(&lines).0, [("unreadable", 2)]);
        lines[1] = r#"{"level":"info"}"#.to_owned();
        assert_eq!(judged(&lines).0, [("altered", 2)]);
    }

    #[test]
    fn a_number_beyond_all_records_costs_no_time() {
        let first = json!({"sequence": u64::MAX - 1, "hash": "x"});
        let lines = [seal(&json!({}), "now", Some(&first)).0, log(1).remove(0)];
        assert_eq!(judged(&lines).0, [("missing", 1), ("reordered", 1), ("reordered", 2)]);
    }

    #[test]
    fn a_log_longer_than_the_window_is_judged_in_steps() {
        let mut lines = log(40);
        lines[0] = lines[0].replace("ravi", "asha");
        lines.swap(10, 11);
        lines.swap(19, 20);
        lines.remove(35);
        let mut verifier = Verifier::in_steps_of(10);
        let file = Arc::from(CURRENT);
        for (index, line) in lines.iter().enumerate() {
            verifier.take(&file, index + 1, line);
            assert!(verifier.window.len() <= 30);
        }
        let findings = verifier.finish().findings;
        let places = findings.iter().map(|finding| (finding.code, finding.line.unwrap_or(0)));
        let expected = [
            ("altered", 1),
            ("reordered", 11),
            ("reordered", 12),
            ("reordered", 20),
            ("reordered", 21),
            ("missing", 36),
        ];
        assert_eq!(places.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn findings_without_end_are_counted() {
        let text = "x\n".repeat(MOST_FINDINGS + 7);
        let verdict = verify(&text);
        assert_eq!((verdict.findings.len(), verdict.left_out), (MOST_FINDINGS, 7));
    }

    #[test]
    fn a_line_of_an_older_file_is_named_with_its_file() {
        let mut verifier = Verifier::default();
        verifier.take(&Arc::from("audit.jsonl.1"), 9, "x");
        let verdict = verifier.finish();
        assert!(verdict.findings[0].message.starts_with("Line 9 of audit.jsonl.1 "));
    }

    #[test]
    fn nothing_panics_on_garbage() {
        for text in ["{", "{}", "\"", ",\"hash\":\"\"}", "{\"hash\":\"x\"}", "\u{0}\n\n[]"] {
            assert!(!verify(text).findings.is_empty() || text.is_empty(), "{text:?}");
        }
    }
}
