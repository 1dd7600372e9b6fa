//! The trail as operators read it: one entry a change or attempt, newest last.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

/// One change or attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The change's identifier; for an attempt that never became a change, its number in the trail.
    pub id: String,
    /// When it ended (or began, if it has no end), RFC 3339 in UTC.
    pub time: String,
    /// Who.
    pub operator: String,
    /// Which command.
    pub command: String,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--ticket`.
    pub ticket: Option<String>,
    /// What it did, in one line.
    pub summary: String,
    /// `changed`, `restored`, `not_restored`, `refused`, ..., or `unknown` for one without an end.
    pub outcome: String,
}

/// Joins a trail's records into entries, in the order in which they began.
pub fn entries(records: &[Value]) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    // A trail may be long: its entries are looked up, not searched.
    let mut places: HashMap<String, usize> = HashMap::new();
    for record in records {
        let change = text(record, "change_id");
        let known = change.as_ref().and_then(|id| places.get(id));
        match known.and_then(|place| found.get_mut(*place)) {
            Some(entry) => {
                entry.outcome = text(record, "outcome").unwrap_or_else(|| entry.outcome.clone());
                entry.time = text(record, "time").unwrap_or_default();
            }
            None => {
                if let Some(id) = &change {
                    places.insert(id.clone(), found.len());
                }
                found.push(entry(record, change));
            }
        }
    }
    found
}

fn entry(record: &Value, change: Option<String>) -> Entry {
    let sequence = record.get("sequence").and_then(Value::as_u64).unwrap_or_default();
    Entry {
        id: change.unwrap_or_else(|| format!("#{sequence}")),
        time: text(record, "time").unwrap_or_default(),
        operator: text(record, "operator").unwrap_or_default(),
        command: text(record, "command").unwrap_or_default(),
        reason: text(record, "reason"),
        ticket: text(record, "ticket"),
        summary: text(record, "summary").unwrap_or_default(),
        outcome: text(record, "outcome").unwrap_or_else(|| "unknown".to_owned()),
    }
}

fn text(record: &Value, key: &str) -> Option<String> {
    record.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn intent_and_outcome_are_one_entry() {
        let records = [
            json!({"sequence": 1, "kind": "intent", "change_id": "c1", "command": "onboard", "time": "T1"}),
            json!({"sequence": 2, "kind": "attempt", "command": "unban", "outcome": "refused", "time": "T2"}),
            json!({"sequence": 3, "kind": "outcome", "change_id": "c1", "outcome": "changed", "time": "T3"}),
            json!({"sequence": 4, "kind": "intent", "change_id": "c2", "command": "offboard", "time": "T4"}),
        ];
        let told: Vec<(String, String)> = entries(&records)
            .into_iter()
            .map(|entry| (entry.id, entry.outcome))
            .collect();
        let pair = |id: &str, outcome: &str| (id.to_owned(), outcome.to_owned());
        assert_eq!(
            told,
            [pair("c1", "changed"), pair("#2", "refused"), pair("c2", "unknown")]
        );
    }
}
