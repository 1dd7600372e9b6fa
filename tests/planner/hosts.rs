//! Hosts as files: what an agent answered of a rehearsal host, and of each draft that was tried on it.
//!
//! A draft is known by its files, so that a planner that drafts something else finds no answer. Answers are kept as what
//! differs from the first of them, since most of each is the same.

use std::collections::BTreeMap;
use std::path::PathBuf;

use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::model::operation::ReplaceFile;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// A host as it was seen at one moment, with its answers to drafts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RecordedHost {
    /// What the agent answered to `observe`.
    pub observed: Value,
    /// The answer that the others are patches of.
    pub first: Value,
    /// Draft -> what differs in the answer to `rehearse`.
    pub rehearsals: BTreeMap<String, Value>,
}

impl RecordedHost {
    /// The file of a host.
    pub fn file(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/planner/hosts/{name}.json"))
    }

    /// Reads the file of a host.
    pub fn read(name: &str) -> Self {
        let file = Self::file(name);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        serde_json::from_str(&text).expect("a recorded host")
    }

    /// What the planners are given.
    pub fn observed(&self) -> Observed {
        serde_json::from_value(self.observed.clone()).expect("an observation")
    }

    /// What the host answered to a draft.
    pub fn rehearsal(&self, files: &[ReplaceFile]) -> Rehearsal {
        let Some(patch) = self.rehearsals.get(&draft_name(files)) else {
            let texts = files.iter().map(|file| {
                let after = String::from_utf8_lossy(file.after.as_deref().unwrap_or_default()).into_owned();
                format!("--- {}\n{after}", file.path)
            });
            panic!(
                "this draft was never tried on the host; try it with \
                 `F2BCTL_REGENERATE=1 cargo test --test scenarios recorded_hosts`:\n{}",
                texts.collect::<String>()
            );
        };
        let mut answer = self.first.clone();
        merge(&mut answer, patch);
        serde_json::from_value(answer).expect("a rehearsal")
    }

    /// Keeps an answer.
    pub fn keep(&mut self, files: &[ReplaceFile], rehearsal: &Rehearsal) {
        let answer = json!(rehearsal);
        if self.first.is_null() {
            self.first = answer.clone();
        }
        let patch = difference(&self.first, &answer);
        let mut again = self.first.clone();
        merge(&mut again, &patch);
        assert_eq!(again, answer, "an answer that a patch cannot say");
        self.rehearsals.insert(draft_name(files), patch);
    }
}

/// The name of a draft: each path, and a hash of everything that it would write.
fn draft_name(files: &[ReplaceFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.path.as_bytes());
        hash.update(file.after.as_deref().unwrap_or(b"\0gone"));
    }
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let digest: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match paths.is_empty() {
        true => "the files as they lie on disk".to_owned(),
        false => format!("{} {digest}", paths.join(" ")),
    }
}

/// What stands in a patch for a key that is not there any more; null is a value of fail2ban's.
const GONE: &str = "(gone)";

/// The patch that makes `new` of `old`: of objects what differs, of all else the new value.
fn difference(old: &Value, new: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return new.clone();
    };
    let mut patch = Map::new();
    for (key, value) in new {
        let before = old.get(key).unwrap_or(&Value::Null);
        if before != value || !old.contains_key(key) {
            patch.insert(key.clone(), difference(before, value));
        }
    }
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    patch.extend(gone.map(|key| (key.clone(), json!(GONE))));
    Value::Object(patch)
}

/// Applies a patch.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().expect("an object");
    for (key, value) in patch {
        if value == GONE {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
