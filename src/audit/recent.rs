//! The newest entries of an audit log that is read from its end, without the rest of it.

use std::collections::HashMap;

use serde_json::Value;

use super::chain;
use super::customers;
use super::history::entries;
use crate::document::Entry;

/// How many changes may wait for the record that began them; an honest log has a few that were interrupted.
const MOST_WAITING: usize = 10_000;

/// Entries in the making.
#[derive(Debug)]
pub struct Recent {
    customer: Option<String>,
    limit: usize,
    /// Newest first.
    found: Vec<Entry>,
    /// By their change, the records of those whose beginning was not reached yet, newest first.
    waiting: HashMap<String, Vec<Value>>,
    /// The number and the claimed predecessor of the record after the next one.
    next: Option<(u64, Option<String>)>,
    broken: bool,
    left_out: bool,
}

impl Recent {
    /// The newest `limit` entries (0: all), of one customer if that is given.
    pub fn new(limit: usize, customer: Option<String>) -> Self {
        Self {
            customer,
            limit,
            found: Vec::new(),
            waiting: HashMap::new(),
            next: None,
            broken: false,
            left_out: false,
        }
    }

    /// Takes the line before the ones that it has.
    pub fn take(&mut self, line: &str) {
        if self.is_full() {
            self.left_out = true;
            return;
        }
        let Ok(record) = chain::open(line) else {
            self.broken = true;
            return;
        };
        self.link(&record);
        let change = record.get("change_id").and_then(Value::as_str).map(str::to_owned);
        let begins = change.is_none() || record.get("kind").and_then(Value::as_str) == Some("intent");
        let mut records = change
            .as_ref()
            .and_then(|id| self.waiting.remove(id))
            .unwrap_or_default();
        records.push(record);
        match change {
            Some(id) if !begins => {
                self.waiting.insert(id, records);
            }
            _ => self.complete(records),
        }
    }

    /// Whether nothing more has to be read.
    pub fn is_full(&self) -> bool {
        (self.limit > 0 && self.found.len() >= self.limit) || self.waiting.len() > MOST_WAITING
    }

    /// Whether it was given more lines than it needed.
    pub fn has_left_out(&self) -> bool {
        self.left_out
    }

    /// The entries, newest last, and whether what was read is one chain. With the `whole` log read, changes whose
    /// beginning is lost are among them.
    pub fn finish(mut self, whole: bool) -> (Vec<Entry>, bool) {
        if whole {
            let mut lost: Vec<Vec<Value>> = std::mem::take(&mut self.waiting).into_values().collect();
            lost.sort_by_key(|records| std::cmp::Reverse(records.last().and_then(sequence_of)));
            lost.into_iter().for_each(|records| self.complete(records));
        }
        let begins = self
            .next
            .is_none_or(|(number, previous)| number == 1 && previous.is_none());
        self.found.reverse();
        (self.found, !self.broken && (begins || !whole))
    }

    /// Sees whether the record is the one that the newer one follows.
    fn link(&mut self, record: &Value) {
        let sequence = sequence_of(record).unwrap_or_default();
        let hash = record.get("hash").and_then(Value::as_str);
        if let Some((number, previous)) = &self.next {
            self.broken |= sequence.checked_add(1) != Some(*number) || previous.as_deref() != hash;
        }
        let previous = record.get("previous").and_then(Value::as_str).map(str::to_owned);
        self.next = Some((sequence, previous));
    }

    fn complete(&mut self, mut records: Vec<Value>) {
        let is_about = |customer: &String| records.iter().any(|record| customers::is_about(record, customer));
        if self.customer.as_ref().is_none_or(is_about) {
            records.reverse();
            self.found.extend(entries(&records));
        }
    }
}

fn sequence_of(record: &Value) -> Option<u64> {
    record.get("sequence").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log(records: &[Value]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for record in records {
            let last = lines.last().map(|line| chain::open(line).expect("sealed"));
            lines.push(chain::seal(record, "2026-11-23T10:00:00Z", last.as_ref()).0);
        }
        lines
    }

    fn change(id: &str, kind: &str, customer: &str) -> Value {
        json!({"kind": kind, "change_id": id, "command": "onboard", "summary": "", "customers": [customer], "outcome": "changed"})
    }

    fn ids(lines: &[String], limit: usize, customer: Option<&str>) -> (Vec<String>, bool) {
        let mut recent = Recent::new(limit, customer.map(str::to_owned));
        lines.iter().rev().for_each(|line| recent.take(line));
        let whole = !recent.is_full();
        let (found, one_chain) = recent.finish(whole);
        (found.iter().map(|entry| entry.id.raw().to_owned()).collect(), one_chain)
    }

    #[test]
    fn the_newest_come_with_both_of_their_records() {
        let lines = log(&[
            change("a", "intent", "Lotus"),
            change("b", "intent", "Palm"),
            change("a", "outcome", ""),
            change("b", "outcome", ""),
            json!({"kind": "attempt", "command": "unban"}),
        ]);
        assert_eq!(
            ids(&lines, 0, None),
            (vec!["a".to_owned(), "b".to_owned(), "#5".to_owned()], true)
        );
        assert_eq!(ids(&lines, 2, None), (vec!["b".to_owned(), "#5".to_owned()], true));
        assert_eq!(ids(&lines, 9, Some("Lotus")), (vec!["a".to_owned()], true));
    }

    #[test]
    fn a_change_whose_beginning_is_lost_is_shown_and_the_log_is_no_chain() {
        let mut lines = log(&[
            change("a", "intent", ""),
            change("a", "outcome", ""),
            change("b", "intent", ""),
        ]);
        lines.remove(0);
        assert_eq!(ids(&lines, 0, None), (vec!["a".to_owned(), "b".to_owned()], false));
        lines[0] = lines[0].replace("onboard", "unban");
        assert_eq!(ids(&lines, 0, None), (vec!["b".to_owned()], false));
    }
}
