//! Several hosts as one: one JSON document, one line, and the outcome that has to be known of first.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text::safe_message;

/// The outcomes of a host on which everything went as it was meant to.
const WELL: [&str; 4] = ["report", "changed", "unchanged", "planned"];

/// One document for one host; several stand in `hosts`, under the worst outcome's keys.
pub fn one_document(command: &str, mut documents: Vec<Value>) -> Value {
    if documents.len() == 1 {
        return documents.pop().unwrap_or(Value::Null);
    }
    let changed = documents
        .iter()
        .any(|document| document.get("changed") == Some(&Value::Bool(true)));
    let outcome = worst_outcome(&documents);
    let counts: Map<String, Value> = counted(&documents)
        .into_iter()
        .map(|(outcome, hosts)| (outcome, json!(hosts.len())))
        .collect();
    json!({
        "schema": 1, "command": command, "outcome": outcome, "changed": changed, "warnings": [], "summary": counts,
        "hosts": documents,
    })
}

/// The outcome that an operator has to know of first.
fn worst_outcome(documents: &[Value]) -> Value {
    const WORST_FIRST: [&str; 10] = [
        "not_restored",
        "unknown",
        "restored",
        "error",
        "conflict",
        "refused",
        "changed",
        "planned",
        "unchanged",
        "report",
    ];
    let rank = |document: &&Value| {
        let outcome = document.get("outcome").and_then(Value::as_str).unwrap_or_default();
        WORST_FIRST
            .iter()
            .position(|known| *known == outcome)
            .unwrap_or(WORST_FIRST.len())
    };
    documents
        .iter()
        .min_by_key(rank)
        .and_then(|document| document.get("outcome"))
        .cloned()
        .unwrap_or(json!("report"))
}

/// The hosts by their outcome.
fn counted(documents: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for document in documents {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let hosts = found.entry(text("/outcome").to_owned()).or_default();
        hosts.push(text("/host/name").to_owned());
    }
    found
}

/// All hosts in one line; those that did not end well are named.
pub fn line(documents: &[Value]) -> String {
    let told = |(outcome, hosts): (String, Vec<String>)| {
        let word = outcome.replace('_', " ");
        if WELL.contains(&outcome.as_str()) {
            format!("{} {word}", hosts.len())
        } else {
            format!("{} {word} ({})", hosts.len(), safe_message(&hosts.join(", ")))
        }
    };
    let parts: Vec<String> = counted(documents).into_iter().map(told).collect();
    format!("{} hosts: {}.", documents.len(), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Vec<Value> {
        let document = |name: &str, outcome: &str, changed: bool| json!({"host": {"name": name}, "outcome": outcome, "changed": changed});
        vec![
            document("a", "changed", true),
            document("b", "refused", false),
            document("c", "unchanged", false),
            document("d", "refused", false),
        ]
    }

    #[test]
    fn those_that_did_not_end_well_are_named() {
        assert_eq!(line(&documents()), "4 hosts: 1 changed, 2 refused (b, d), 1 unchanged.");
    }

    #[test]
    fn one_document_has_the_worst_outcome_and_counts_the_hosts() {
        let document = one_document("reload", documents());
        assert_eq!(document["outcome"], "refused");
        assert_eq!(document["changed"], true);
        assert_eq!(document["summary"], json!({"changed": 1, "refused": 2, "unchanged": 1}));
        assert_eq!(document["hosts"].as_array().map(Vec::len), Some(4));
        assert_eq!(one_document("reload", documents().split_off(3))["host"]["name"], "d");
    }
}
