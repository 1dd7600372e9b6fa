//! What the operator's own audit log remembers of a host, to hold against that host's log.
//!
//! A host is known by its key: it may get another name, and a name may lead to another machine. Records of versions
//! that did not note the key are tied to name and address.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::verifier::Finding;
use crate::model::host_name::HostName;

/// What is remembered of one host.
#[derive(Debug)]
pub struct Memory {
    host: Value,
    key: String,
    /// The hashes of the host's records by their numbers; more than one where the host's log was begun again.
    remembered: BTreeMap<u64, BTreeSet<String>>,
    compared: u64,
    contradicted: Vec<u64>,
    /// Other names of the host, by its key.
    pub names: BTreeSet<String>,
    /// Other keys that this name and address had, with how many records each.
    pub other_keys: BTreeMap<String, u64>,
}

impl Memory {
    /// Nothing is remembered yet of the host that has this name now, and this key (`SHA256:...`).
    pub fn of(host: &HostName, key: &str) -> Self {
        Self {
            host: json!(host),
            key: key.to_owned(),
            remembered: BTreeMap::new(),
            compared: 0,
            contradicted: Vec::new(),
            names: BTreeSet::new(),
            other_keys: BTreeMap::new(),
        }
    }

    /// Takes a record of the operator's own log.
    pub fn learn(&mut self, record: &Value) {
        let named_so = record.get("host") == Some(&self.host);
        match record.get("host_key").and_then(Value::as_str) {
            Some(key) if key == self.key => {
                let name = record.pointer("/host/name").and_then(Value::as_str);
                if !named_so && name != self.host.get("name").and_then(Value::as_str) {
                    self.names.extend(name.map(str::to_owned));
                }
            }
            Some(key) if named_so => {
                *self.other_keys.entry(key.to_owned()).or_default() += 1;
                return;
            }
            None if named_so => {}
            _ => return,
        }
        let known = record.get("host_record");
        let number = known.and_then(|known| known.get("sequence")).and_then(Value::as_u64);
        let hash = known.and_then(|known| known.get("hash")).and_then(Value::as_str);
        if let (Some(number), Some(hash)) = (number, hash) {
            self.remembered.entry(number).or_default().insert(hash.to_owned());
        }
    }

    /// Holds a record of the host's log against what is remembered.
    pub fn compare(&mut self, record: &Value) {
        let Some(number) = record.get("sequence").and_then(Value::as_u64) else {
            return;
        };
        let Some(hashes) = self.remembered.remove(&number) else {
            return;
        };
        self.compared += 1;
        let hash = record.get("hash").and_then(Value::as_str).unwrap_or_default();
        if hashes.iter().any(|remembered| remembered != hash) {
            self.contradicted.push(number);
        }
    }

    /// How many of the remembered records were found, and what the host's log contradicts: records cut off the end, and
    /// a log that was written again, which the chain alone cannot show.
    pub fn finish(self) -> (u64, Vec<Finding>) {
        let other = self.contradicted.iter().map(|number| {
            let message = format!("Record {number} differs from the one in the operator's local audit log.");
            (*number, message)
        });
        let missing = self.remembered.keys().map(|number| {
            let message = format!("Record {number} is missing on the host; the operator's local audit log has it.");
            (*number, message)
        });
        let found: BTreeMap<u64, String> = other.chain(missing).collect();
        let findings = found.into_values().map(|message| Finding {
            code: "contradicted",
            file: None,
            line: None,
            message,
        });
        (self.compared, findings.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> HostName {
        HostName {
            name: name.to_owned(),
            address: "root@192.0.2.1".to_owned(),
        }
    }

    fn record(name: &str, key: Option<&str>, number: u64, hash: &str) -> Value {
        json!({"host": host(name), "host_key": key, "host_record": {"sequence": number, "hash": hash}})
    }

    /// How many were compared, and the findings.
    fn held(memory: &[Value], log: &[Value]) -> (u64, Vec<String>) {
        let mut of_host = Memory::of(&host("pbx"), "SHA256:a");
        memory.iter().for_each(|record| of_host.learn(record));
        log.iter().for_each(|record| of_host.compare(record));
        let (compared, findings) = of_host.finish();
        (compared, findings.into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn a_host_is_known_by_its_key_whatever_its_name() {
        let log = [json!({"sequence": 1, "hash": "x"}), json!({"sequence": 2, "hash": "y"})];
        let memory = [
            record("old name", Some("SHA256:a"), 1, "x"),
            record("pbx", Some("SHA256:other machine"), 2, "z"),
            record("pbx", None, 2, "y"),
            record("another", None, 2, "q"),
        ];
        assert_eq!(held(&memory, &log), (2, Vec::new()));
        let mut of_host = Memory::of(&host("pbx"), "SHA256:a");
        memory.iter().for_each(|record| of_host.learn(record));
        assert_eq!(of_host.names.into_iter().collect::<Vec<_>>(), ["old name"]);
        assert_eq!(of_host.other_keys["SHA256:other machine"], 1);
    }

    #[test]
    fn a_log_that_was_cut_off_or_written_anew_contradicts_what_is_remembered() {
        let log = [json!({"sequence": 1, "hash": "x"})];
        let memory = [
            record("pbx", Some("SHA256:a"), 1, "q"),
            record("pbx", Some("SHA256:a"), 2, "y"),
        ];
        let (compared, findings) = held(&memory, &log);
        assert_eq!((compared, findings.len()), (1, 2));
        assert!(findings[0].contains("Record 1 differs") && findings[1].contains("Record 2 is missing"));
    }
}
