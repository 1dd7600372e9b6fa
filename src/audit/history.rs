//! The audit log as operators read it: one entry a change or attempt, newest last.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::operation::{Made, summary_of};

/// One change or attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The change's identifier; for an attempt that never became a change, its number in the trail.
    pub id: String,
    /// When it ended (or began, if it has no end), RFC 3339 in UTC.
    pub time: String,
    /// Who, as the operator's machine says: `user@machine`.
    pub operator: String,
    /// The SSH key that logged in, as the operator's machine says.
    pub key: Option<String>,
    /// The same as the host sees it; absent in records of versions that did not note it.
    pub seen: Option<Seen>,
    /// Which command.
    pub command: String,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--ticket`.
    pub ticket: Option<String>,
    /// What it did, in one line; for an attempt that was given up before there was a plan to run, what was asked for.
    pub summary: String,
    /// `changed`, `restored`, `not_restored`, `refused`, ..., or `unknown` for one without an end.
    pub outcome: String,
    /// Why it was refused, given up or undone, in one line; absent where all went well.
    pub failure: Option<String>,
}

/// Who logged in, as the host sees it. What it cannot know is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The user as whom the change was made.
    pub login: String,
    /// That user's number.
    pub uid: u32,
    /// The user as whom the session began, which sudo and su do not change.
    #[serde(default)]
    pub session_login: Option<String>,
    /// The user who called sudo.
    #[serde(default)]
    pub sudo_user: Option<String>,
    /// That user's number.
    #[serde(default)]
    pub sudo_uid: Option<u32>,
    /// The address that the login came from.
    #[serde(default)]
    pub address: Option<String>,
    /// The SSH key that sshd accepted, where it tells its sessions (`ExposeAuthInfo yes`).
    #[serde(default)]
    pub key: Option<String>,
}

/// Joins a log's records into entries, in the order in which they began.
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
fn done(record: &Value) -> Option<String> {
    let done: Vec<String> = serde_json::from_value(record.get("done")?.clone()).ok()?;
    let made: Made = serde_json::from_value(record.clone()).ok()?;
    Some(summary_of(&done, &made)).filter(|summary| !summary.is_empty())
}

fn entry(record: &Value, change: Option<String>) -> Entry {
    let sequence = record.get("sequence").and_then(Value::as_u64).unwrap_or_default();
    Entry {
        id: change.unwrap_or_else(|| format!("#{sequence}")),
        time: text(record, "time").unwrap_or_default(),
        operator: text(record, "operator").unwrap_or_default(),
        key: text(record, "key"),
        seen: record.get("seen").and_then(|seen| Seen::deserialize(seen).ok()),
        command: text(record, "command").unwrap_or_default(),
        reason: text(record, "reason"),
        ticket: text(record, "ticket"),
        summary: text(record, "summary")
            .filter(|summary| !summary.is_empty())
            .unwrap_or_else(|| asked(record)),
        outcome: text(record, "outcome").unwrap_or_else(|| "unknown".to_owned()),
        failure: failure(record),
    }
}

/// Why it did not become what was asked; what stands below the first line is an excerpt of a file.
fn failure(record: &Value) -> Option<String> {
    let told = text(record, "failure")?;
    told.lines().next().map(str::to_owned)
}

/// What was typed, from the command on; the flags before it say where, which the trail of a host need not.
fn asked(record: &Value) -> String {
    let command = text(record, "command").unwrap_or_default();
    let command: Vec<&str> = command.split(' ').collect();
    let arguments = record.get("arguments").and_then(Value::as_array);
    let typed: Vec<&str> = arguments.into_iter().flatten().filter_map(Value::as_str).collect();
    let begins = typed.windows(command.len()).position(|words| words == command);
    let words = typed.iter().skip(begins.unwrap_or_default());
    words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word as it can be typed again.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:,=@%+".contains(letter);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
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
    fn an_attempt_says_what_was_asked_and_why_it_came_to_nothing() {
        let attempt = json!({
            "sequence": 5, "kind": "attempt", "command": "temp add", "outcome": "refused", "summary": "",
            "arguments": ["-H", "lab", "temp", "add", "192.0.2.7", "--for", "9d", "-m", "Ravi's wish"],
            "failure": "9 d is too long\n  | an excerpt",
        });
        let found = entries(&[attempt]);
        assert_eq!(found[0].summary, r"temp add 192.0.2.7 --for 9d -m 'Ravi'\''s wish'");
        assert_eq!(found[0].failure.as_deref(), Some("9 d is too long"));
    }

    #[test]
    fn a_change_that_was_put_back_says_why() {
        let records = [
            json!({"sequence": 1, "kind": "intent", "change_id": "c1", "summary": "Reload.", "failure": null}),
            json!({"sequence": 2, "kind": "outcome", "change_id": "c1", "outcome": "restored", "failure": "no proof"}),
        ];
        let found = entries(&records);
        assert_eq!(
            (found[0].summary.as_str(), found[0].failure.as_deref()),
            ("Reload.", Some("no proof"))
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
