//! The JSON examples of docs/json.md come from a real run on a rehearsal host, and are compared by their shape: which keys
//! there are and of which kind their values. The page's prose stays as it is; only the blocks are generated.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::{committed, documents_read, project, regenerating};

const PAGE: &str = "docs/json.md";
/// Behind this mark stands the command whose document the next block is.
const MARK: &str = "<!-- example: ";

/// A rehearsal host of this test alone, which is taken down at the end.
struct Rehearsal {
    folder: tempfile::TempDir,
}

impl Rehearsal {
    fn start() -> Self {
        let rehearsal = Self {
            folder: tempfile::Builder::new().prefix("f2b").tempdir().expect("a folder"),
        };
        rehearsal.run(&["lab", "up"]);
        rehearsal
    }

    /// The document of a command, and its exit code.
    fn run(&self, arguments: &[&str]) -> (Value, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_f2bctl"))
            .args(arguments)
            .arg("--json")
            .env("XDG_CONFIG_HOME", self.folder.path().join("c"))
            .env("XDG_STATE_HOME", self.folder.path().join("s"))
            .env("USER", "ravi")
            .env_remove("F2BCTL_HOST")
            .env_remove("F2BCTL_CONFIG")
            .output()
            .expect("the program");
        let text = String::from_utf8_lossy(&output.stdout);
        // The schemas may be those of the version before while they are written anew.
        let document = match regenerating() {
            true => serde_json::from_str(&text).expect("JSON"),
            false => documents_read::read(&text),
        };
        (document, output.status.code().expect("an exit code"))
    }

    /// Puts the places of this run away: an example shows what a host of the runbook would say.
    fn plain(&self, text: &str) -> String {
        let state = self.folder.path().join("s/f2bctl/lab");
        let state = state.to_str().expect("a path in UTF-8");
        let own = self.folder.path().to_str().expect("a path in UTF-8");
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("this machine's name");
        text.replace(&format!("{state}/etc/fail2ban"), "/etc/fail2ban")
            .replace(&format!("{state}/log"), "/var/log")
            .replace(&format!("{state}/state"), "/var/lib/f2bctl")
            .replace(f2bctl::settings::HostSettings::PRODUCTION_ADDRESS, "root@192.0.2.1")
            .replace(&format!("{own}/c"), "/home/ravi/.config")
            .replace(&format!("{own}/s"), "/home/ravi/.local/state")
            .replace(&format!("ravi@{}", machine.trim()), "ravi@desk")
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.run(&["lab", "down"]);
    }
}

/// One example of the page: its command, the code that it ends with, and where its block lies in the text.
struct Example {
    command: String,
    exit_code: i32,
    block: std::ops::Range<usize>,
}

/// `<!-- example: 3 f2bctl ... -->`, then the block.
fn examples(page: &str) -> Vec<Example> {
    const OPENING: &str = "```json\n";
    let mut found = Vec::new();
    for (place, _) in page.match_indices(MARK) {
        let rest = &page[place + MARK.len()..];
        let (said, _) = rest.split_once(" -->").expect("the end of the mark");
        let (code, command) = said.split_once(' ').expect("an exit code and a command");
        let begin = place + page[place..].find(OPENING).expect("a block behind the mark") + OPENING.len();
        let end = begin + page[begin..].find("```").expect("the end of the block");
        found.push(Example {
            command: command.to_owned(),
            exit_code: code.parse().expect("an exit code"),
            block: begin..end,
        });
    }
    found
}

/// Which keys there are, and of which kind each value is. A list is the shape of all its members together.
fn shape(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(members) => {
            for member in members {
                shape(member, &format!("{path}[]"), found);
            }
            "list"
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                shape(field, &format!("{path}.{key}"), found);
            }
            "object"
        }
    };
    let kinds = found.entry(path.to_owned()).or_default();
    if !kinds.split(' ').any(|known| known == kind) {
        *kinds = format!("{kinds} {kind}").trim().to_owned();
    }
}

/// The shape of a document, without what depends on who runs this and on what is installed: root alone can read the packet
/// filters, and everybody else is told so.
fn shape_of(document: &Value) -> BTreeMap<String, String> {
    let mut document = document.clone();
    if let Some(warnings) = document.get_mut("warnings").and_then(Value::as_array_mut) {
        warnings.retain(|warning| warning["code"] != "firewall_unknown");
    }
    let mut found = BTreeMap::new();
    shape(&document, "", &mut found);
    // Whether a file was written after fail2ban read it is unknown where both were within a moment, as on a host just made.
    found.retain(|path, _| !path.contains(".unknown.firewall (") && !path.starts_with(".protection.drift."));
    found
}

/// A document as the page shows it: the contents of files are cut.
fn without_long_texts(document: &Value) -> Value {
    const SHOWN: usize = 40;
    match document {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| match field.as_str() {
                Some(text) if ["before", "after"].contains(&key.as_str()) && text.len() > SHOWN => {
                    (key.clone(), Value::from(format!("{}...", &text[..SHOWN])))
                }
                _ => (key.clone(), without_long_texts(field)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(members) => members.iter().map(without_long_texts).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_json_examples_are_what_the_program_says() {
    let mut page = committed(PAGE);
    let rehearsal = Rehearsal::start();
    let mut said = Vec::new();
    for example in examples(&page) {
        let words: Vec<&str> = example.command.split(' ').skip(1).collect();
        // Words in the marks have no blanks: an underscore stands for one.
        let words: Vec<String> = words.iter().map(|word| word.replace('_', " ")).collect();
        let (document, code) = rehearsal.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, example.exit_code, "{}: {document}", example.command);
        said.push((example, document));
    }
    assert_eq!(said.len(), 3, "a report, a change and a refusal");
    if regenerating() {
        for (example, document) in said.iter().rev() {
            let text = serde_json::to_string_pretty(&without_long_texts(document)).expect("JSON");
            page.replace_range(example.block.clone(), &format!("{}\n", rehearsal.plain(&text)));
        }
        std::fs::write(project(PAGE), &page).expect("the page");
        return;
    }
    for (example, document) in &said {
        let shown: Value = serde_json::from_str(&page[example.block.clone()])
            .unwrap_or_else(|error| panic!("the example of {}: {error}", example.command));
        assert_eq!(
            shape_of(&shown),
            shape_of(document),
            "the example of {} is out of date",
            example.command
        );
    }
}
