//! The audit log as operators read it: one entry a change or attempt, newest last.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::document::{Entry, Login, shell_word};
use crate::model::operation::{Made, summary_of};
use crate::model::text::Text;

/// Joins a log's records into entries, in the order in which they began.
pub fn entries(records: &[Value]) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    // An audit log may be long: its entries are looked up, not searched.
    let mut places: HashMap<String, usize> = HashMap::new();
    for record in records {
        let change = text(record, "change_id");
        let known = change.as_ref().and_then(|id| places.get(id));
        match known.and_then(|place| found.get_mut(*place)) {
            Some(entry) => {
                entry.outcome = shown(record, "outcome").unwrap_or_else(|| entry.outcome.clone());
                entry.time = shown(record, "time").unwrap_or_default();
                entry.failure = failure(record).or_else(|| entry.failure.take());
                entry.summary = done(record).unwrap_or_else(|| std::mem::take(&mut entry.summary));
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

/// What was done, where the change ended well and its record says it.
fn done(record: &Value) -> Option<Text> {
    let done: Vec<String> = serde_json::from_value(record.get("done")?.clone()).ok()?;
    let made: Made = serde_json::from_value(record.clone()).ok()?;
    Some(summary_of(&done, &made).into()).filter(|summary: &Text| !summary.is_empty())
}

fn entry(record: &Value, change: Option<String>) -> Entry {
    let sequence = record.get("sequence").and_then(Value::as_u64).unwrap_or_default();
    Entry {
        id: change.unwrap_or_else(|| format!("#{sequence}")).into(),
        time: shown(record, "time").unwrap_or_default(),
        operator: shown(record, "operator").unwrap_or_default(),
        key: shown(record, "key"),
        seen: record.get("seen").and_then(|seen| Login::deserialize(seen).ok()),
        command: shown(record, "command").unwrap_or_default(),
        reason: shown(record, "reason"),
        ticket: shown(record, "ticket"),
        summary: shown(record, "summary")
            .filter(|summary| !summary.is_empty())
            .unwrap_or_else(|| asked(record).into()),
        outcome: shown(record, "outcome").unwrap_or_else(|| "unknown".into()),
        failure: failure(record),
    }
}

/// Why it did not become what was asked; what is below the first line is an excerpt of a file.
fn failure(record: &Value) -> Option<Text> {
    text(record, "failure")?.lines().next().map(Text::from)
}

/// What was typed, from the command on; the flags before it say where, which the audit log of a host need not.
fn asked(record: &Value) -> String {
    let command = text(record, "command").unwrap_or_default();
    let command: Vec<&str> = command.split(' ').collect();
    let arguments = record.get("arguments").and_then(Value::as_array);
    let typed: Vec<&str> = arguments.into_iter().flatten().filter_map(Value::as_str).collect();
    let begins = typed.windows(command.len()).position(|words| words == command);
    let words = typed.iter().skip(begins.unwrap_or_default());
    words.map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

/// A text of a record, as it is shown.
fn shown(record: &Value, key: &str) -> Option<Text> {
    text(record, key).map(Text::from)
}

fn text(record: &Value, key: &str) -> Option<String> {
    record.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_attempt_says_what_was_asked_and_why_it_came_to_nothing() {
        let attempt = json!({
            "sequence": 5, "kind": "attempt", "command": "temp add", "outcome": "refused", "summary": "",
            "arguments": ["-H", "lab", "temp", "add", "192.0.2.7", "--for", "9d", "-m", "Ravi's wish"],
            "failure": "9 d is too long\n  | an excerpt",
        });
        let found = entries(&[attempt]);
        assert_eq!(found[0].summary, r"temp add 192.0.2.7 --for 9d -m 'Ravi'\''s wish'");
        assert_eq!(found[0].failure, Some("9 d is too long".into()));
    }

    #[test]
    fn a_change_that_was_put_back_says_why() {
        let records = [
            json!({"sequence": 1, "kind": "intent", "change_id": "c1", "summary": "Reload.", "failure": null}),
            json!({"sequence": 2, "kind": "outcome", "change_id": "c1", "outcome": "restored", "failure": "no proof"}),
        ];
        let found = entries(&records);
        assert_eq!(
            (&found[0].summary, found[0].failure.as_ref()),
            (&"Reload.".into(), Some(&"no proof".into()))
        );
    }

    #[test]
    fn a_change_that_was_made_says_what_was_done_and_what_only_the_host_knew() {
        let intent = json!({"kind": "intent", "change_id": "c1", "summary": "Set maxretry of jail sshd to 6."});
        let outcome = |mut more: serde_json::Value| {
            more["kind"] = json!("outcome");
            more["change_id"] = json!("c1");
            more["outcome"] = json!("changed");
            entries(&[intent.clone(), more]).remove(0).summary
        };
        let backup = "/etc/fail2ban/jail.local.bak-2026-11-27-160206-tune";
        let tuned = json!({"done": ["[sshd] maxretry: 5 -> 6."], "backup": backup, "unbanned": []});
        assert_eq!(outcome(tuned), "[sshd] maxretry: 5 -> 6.");
        let unbanned = json!([{"ip": "192.0.2.10", "jails": ["sshd"]}]);
        assert_eq!(
            outcome(json!({"done": [], "unbanned": unbanned})),
            "Unbanned 192.0.2.10 in sshd."
        );
        let backed_up = format!("Backed up jail.local as {backup}.");
        assert_eq!(outcome(json!({"done": [], "backup": backup})), backed_up);
        // A record of an earlier f2bctl has no more than the plan.
        assert_eq!(outcome(json!({"backup": null})), "Set maxretry of jail sshd to 6.");
    }

    #[test]
    fn intent_and_outcome_are_one_entry() {
        let records = [
            json!({"sequence": 1, "kind": "intent", "change_id": "c1", "command": "onboard", "time": "T1"}),
            json!({"sequence": 2, "kind": "attempt", "command": "unban", "outcome": "refused", "time": "T2"}),
            json!({"sequence": 3, "kind": "outcome", "change_id": "c1", "outcome": "changed", "time": "T3"}),
            json!({"sequence": 4, "kind": "intent", "change_id": "c2", "command": "offboard", "time": "T4"}),
        ];
        let shown: Vec<(Text, Text)> = entries(&records)
            .into_iter()
            .map(|entry| (entry.id, entry.outcome))
            .collect();
        let pair = |id: &str, outcome: &str| (id.into(), outcome.into());
        assert_eq!(
            shown,
            [pair("c1", "changed"), pair("#2", "refused"), pair("c2", "unknown")]
        );
    }
}
