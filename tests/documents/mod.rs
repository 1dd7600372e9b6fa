//! Reads JSON documents of the program and holds them against the committed schemas (docs/schema): whatever a test sees of
//! them has every key that the schema asks for, none that it does not know, and values of its kinds.
//!
//! Boundary: it knows the dozen keywords that the generated schemas use, and fails at any other. A schema leaves room for
//! keys of later versions; here a key that this version does not describe is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

/// The schemas that were read, by command.
static READ: Mutex<BTreeMap<String, &'static Value>> = Mutex::new(BTreeMap::new());

/// A document (or an event of `watch`), which has to be what its schema says.
#[track_caller]
pub fn read(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"));
    let faults = faults(&document);
    assert!(
        faults.is_empty(),
        "not as docs/schema says:\n{}\nin {document}",
        faults.join("\n")
    );
    document
}

/// Where the schema of a command lies.
pub fn path_of(command: &str) -> PathBuf {
    let name = match command {
        "" => "usage".to_owned(),
        command => command.replace(' ', "-"),
    };
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"))
}

/// What of a document is not as the schema of its command says.
pub fn faults(document: &Value) -> Vec<String> {
    match document["command"].as_str().map(|command| (command, path_of(command))) {
        Some((command, path)) if path.exists() => Schema {
            root: schema_of(command, &path),
        }
        .faults_of(document),
        _ => vec!["$.command: no command that has a schema".to_owned()],
    }
}

fn schema_of(command: &str, path: &Path) -> &'static Value {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.entry(command.to_owned()).or_insert_with(|| {
        let text = std::fs::read_to_string(path).expect("a schema");
        Box::leak(Box::new(serde_json::from_str(&text).expect("a schema is JSON")))
    })
}

/// A schema, to whose root its references lead.
struct Schema<'root> {
    root: &'root Value,
}

/// The keys of an object that some part of its schema describes.
type Described = BTreeSet<String>;

impl Schema<'_> {
    fn faults_of(&self, document: &Value) -> Vec<String> {
        self.whole(self.root, document, "$")
    }

    /// What is wrong with a value, with the keys that nothing describes.
    fn whole(&self, schema: &Value, value: &Value, path: &str) -> Vec<String> {
        let mut described = Described::new();
        let mut faults = self.part(schema, value, path, &mut described);
        if let (Value::Object(fields), true) = (value, faults.is_empty()) {
            let unknown = fields.keys().filter(|key| !described.contains(*key));
            faults.extend(unknown.map(|key| format!("{path}.{key}: a key that the schema does not have")));
        }
        faults
    }

    /// What is wrong with a value by a schema that describes all of it or, together with others, a part of it.
    fn part(&self, schema: &Value, value: &Value, path: &str, described: &mut Described) -> Vec<String> {
        let keywords = match schema {
            Value::Object(keywords) if says_something(keywords) => keywords,
            Value::Object(_) | Value::Bool(true) => {
                described.extend(value.as_object().into_iter().flat_map(Map::keys).cloned());
                return Vec::new();
            }
            _ => return vec![format!("{path}: nothing may stand here")],
        };
        let rules = keywords.iter().filter(|(keyword, _)| !is_remark(keyword));
        rules
            .flat_map(|(keyword, rule)| self.rule(keywords, keyword, rule, value, path, described))
            .collect()
    }

    fn rule(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        rule: &Value,
        value: &Value,
        path: &str,
        described: &mut Described,
    ) -> Vec<String> {
        let hold = |holds: bool| match holds {
            true => Vec::new(),
            false => vec![format!("{path}: {value} against {keyword} {rule}")],
        };
        match keyword {
            "$ref" => {
                let pointer = rule.as_str().and_then(|place| place.strip_prefix('#'));
                let target = pointer.and_then(|place| self.root.pointer(place));
                self.part(target.expect("a reference into the schema"), value, path, described)
            }
            "type" => hold(members(rule).any(|kind| is_of(value, kind))),
            "const" => hold(value == rule),
            "enum" => hold(members(rule).any(|word| word == value)),
            "minimum" => hold(value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64())),
            "maximum" => hold(value.as_f64().is_none_or(|number| Some(number) <= rule.as_f64())),
            "required" => {
                let has = |key: &Value| {
                    value
                        .as_object()
                        .is_none_or(|fields| fields.contains_key(key.as_str().expect("a key")))
                };
                hold(members(rule).all(has))
            }
            "properties" => self.fields(value, path, described, |key| rule.get(key)),
            "additionalProperties" => {
                let named = keywords.get("properties");
                let others = |key: &str| named.is_none_or(|named| named.get(key).is_none()).then_some(rule);
                self.fields(value, path, described, others)
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items
                    .flat_map(|(at, item)| self.whole(rule, item, &format!("{path}[{at}]")))
                    .collect()
            }
            "allOf" => members(rule)
                .flat_map(|part| self.part(part, value, path, described))
                .collect(),
            "anyOf" | "oneOf" => self.one_of(rule, value, path, described),
            _ => panic!("the schema has a keyword that this test does not know: {keyword}"),
        }
    }

    /// The fields of an object for which there is a schema.
    fn fields<'rule>(
        &self,
        value: &Value,
        path: &str,
        described: &mut Described,
        known: impl Fn(&str) -> Option<&'rule Value>,
    ) -> Vec<String> {
        let mut faults = Vec::new();
        for (key, field) in value.as_object().into_iter().flatten() {
            if let Some(rule) = known(key) {
                described.insert(key.clone());
                faults.extend(self.whole(rule, field, &format!("{path}.{key}")));
            }
        }
        faults
    }

    /// What is wrong by the nearest of several schemas; what those describe that fit is described.
    fn one_of(&self, rule: &Value, value: &Value, path: &str, described: &mut Described) -> Vec<String> {
        let mut nearest: Option<Vec<String>> = None;
        for choice in members(rule) {
            let mut of_this = Described::new();
            let faults = self.part(choice, value, path, &mut of_this);
            if faults.is_empty() {
                described.extend(of_this);
            }
            if nearest.as_ref().is_none_or(|known| faults.len() < known.len()) {
                nearest = Some(faults);
            }
        }
        nearest.expect("a choice")
    }
}

/// Whether any keyword of a schema asks for something.
fn says_something(keywords: &Map<String, Value>) -> bool {
    keywords.keys().any(|keyword| !is_remark(keyword))
}

/// Keywords that ask for nothing. `format` names the width of a number, which its bounds say as well.
fn is_remark(keyword: &str) -> bool {
    ["$schema", "$id", "$defs", "title", "description", "default", "format"].contains(&keyword)
}

/// The members of a list, or the value itself.
fn members(rule: &Value) -> impl Iterator<Item = &Value> {
    match rule {
        Value::Array(members) => members.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("a kind") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no kind of JSON: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::faults;

    fn document() -> Value {
        json!({"schema": 1, "command": "backups list", "host": {"name": "lab", "address": "root@192.0.2.1"},
            "outcome": "report", "changed": false, "warnings": [],
            "backups": [{"path": "/a", "name": "a", "size": 1, "modified": "2026-05-11T00:00:00+00:00", "mode": "0600"}]})
    }

    /// The faults of the document after one change of it.
    fn after(change: impl Fn(&mut Value)) -> Vec<String> {
        let mut changed = document();
        change(&mut changed);
        faults(&changed)
    }

    fn renamed(object: &mut Value, from: &str, to: &str) {
        let fields = object.as_object_mut().expect("an object");
        let field = fields.remove(from).expect("the key");
        fields.insert(to.to_owned(), field);
    }

    #[test]
    fn a_document_that_differs_from_its_schema_is_seen() {
        assert_eq!(faults(&document()), Vec::<String>::new());
        let wrong: [(&str, Vec<String>); 9] = [
            ("$.colour: a key", after(|document| document["colour"] = json!("red"))),
            ("\"backups\"", after(|document| renamed(document, "backups", "copies"))),
            (
                "\"size\"",
                after(|document| renamed(&mut document["backups"][0], "size", "bytes")),
            ),
            (
                "$.backups[0].owner: a key",
                after(|document| document["backups"][0]["owner"] = json!("root")),
            ),
            (
                "$.backups[0].size: -1",
                after(|document| document["backups"][0]["size"] = json!(-1)),
            ),
            (
                "$.backups[0].mode: 384",
                after(|document| document["backups"][0]["mode"] = json!(0o600)),
            ),
            (
                "$.outcome: \"done\"",
                after(|document| document["outcome"] = json!("done")),
            ),
            (
                "$.host.port: a key",
                after(|document| document["host"]["port"] = json!(22)),
            ),
            (
                "$.command: no command",
                after(|document| document["command"] = json!("backups lost")),
            ),
        ];
        for (what, faults) in wrong {
            assert!(faults.iter().any(|fault| fault.contains(what)), "{what}: {faults:?}");
        }
    }

    #[test]
    fn a_failure_may_stand_in_place_of_the_answer_and_nothing_else_may() {
        let failed = |error: Value| {
            after(|document| {
                document["outcome"] = json!("refused");
                document["error"] = error.clone();
                document.as_object_mut().expect("an object").remove("backups");
            })
        };
        let error = json!({"kind": "refused", "message": "no", "hints": []});
        assert_eq!(failed(error), Vec::<String>::new());
        assert!(!failed(json!({"kind": "refused", "message": "no"})).is_empty());
        assert!(!after(|document| drop(document.as_object_mut().map(|fields| fields.remove("backups")))).is_empty());
    }

    #[test]
    fn several_hosts_have_a_document_each() {
        let several = |hosts: Value| {
            json!({"schema": 1, "command": "backups list", "outcome": "report", "changed": false, "warnings": [],
                "summary": {"report": 1}, "hosts": hosts})
        };
        assert_eq!(faults(&several(json!([document()]))), Vec::<String>::new());
        assert!(!faults(&several(json!([{"schema": 1}]))).is_empty());
    }
}
