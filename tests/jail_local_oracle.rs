//! Python is the oracle: thousands of generated files and fail2ban's stock files must read the same here and there, and
//! every edit must change what Python reads by exactly what was meant.
//!
//! One python3 process answers one batch (`jail_local_oracle/reading.py`). It uses fail2ban's own parser where the package
//! is installed; each test prints which. `ORACLE_SEED` and `ORACLE_CASES` vary the generated files, `ORACLE_PYTHON` the
//! interpreter.

#[path = "jail_local_oracle/generator.rs"]
mod generator;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use f2bctl::model::comment_text::CommentText;
use f2bctl::model::jail_local::{EntryKind, JailLocal, Metadata, Reader, Registration};
use f2bctl::model::network::Network;
use proptest::prelude::*;
use serde_json::{Value, json};

const CASES: usize = 2500;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Asks Python everything at once; the answers come in the order of the questions.
fn ask(questions: &[Value]) -> Vec<Value> {
    let python = std::env::var("ORACLE_PYTHON").unwrap_or_else(|_| "/usr/bin/python3".to_owned());
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jail_local_oracle/reading.py");
    let mut child = Command::new(python)
        .arg("-I")
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed to compare with");
    let mut stdin = child.stdin.take().unwrap();
    let text: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answers: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    writer.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success());
    println!("oracle: {}", answers.remove(0));
    assert_eq!(answers.len(), questions.len());
    answers
}

fn file_question(bytes: &[u8]) -> Value {
    json!({ "file": base64::engine::general_purpose::STANDARD.encode(bytes) })
}

/// Our reading in the oracle's form.
fn our_reading(document: &JailLocal) -> (Value, Value) {
    let pairs = |section: &str| {
        let mut pairs: Vec<(&str, &str)> = document
            .keys(section)
            .into_iter()
            .map(|key| (key, document.value(section, key).unwrap()))
            .collect();
        pairs.sort_unstable();
        json!(pairs)
    };
    let sections: Vec<Value> = document
        .sections()
        .iter()
        .map(|name| json!([name, pairs(name)]))
        .collect();
    (pairs("DEFAULT"), json!(sections))
}

fn our_words(document: &JailLocal) -> Value {
    let words = document.ignoreip().map(|list| {
        let entries = list.entries.into_iter();
        entries.map(|entry| entry.text).collect::<Vec<_>>()
    });
    json!(words)
}

fn parse(bytes: &[u8], version: &str) -> Option<JailLocal> {
    JailLocal::parse("jail.local", bytes, &Reader::new(version)).ok()
}

/// A header with a second `]`: Python changed its mind about it in 3.10, so f2bctl refuses what each Python reads.
fn is_read_in_two_ways(bytes: &[u8]) -> bool {
    let findings = JailLocal::parse("jail.local", bytes, &Reader::unknown()).unwrap_err();
    findings
        .iter()
        .all(|finding| finding.message.contains("Python before 3.10"))
}

/// Both read the same, or both refuse.
fn assert_same_reading(bytes: &[u8], answer: &Value, shown: &str) {
    let ours = parse(bytes, "1.0.2");
    let Some(document) = ours else {
        assert!(
            answer.get("refused").is_some() || is_read_in_two_ways(bytes),
            "{shown}: only Python reads it: {answer}"
        );
        return;
    };
    assert!(
        answer.get("refused").is_none(),
        "{shown}: only Python refuses it: {answer}"
    );
    assert_eq!(document.to_bytes(), bytes, "{shown}");
    let (defaults, sections) = our_reading(&document);
    assert_eq!(
        (&defaults, &sections),
        (&answer["defaults"], &answer["sections"]),
        "{shown}"
    );
    // Python interpolates before it splits, so raw values compare only without interpolation.
    let raw = document.value("DEFAULT", "ignoreip").unwrap_or_default();
    if !raw.contains("%(") {
        assert_eq!(our_words(&document), answer["words"], "{shown}");
        assert_eq!(
            our_words(&parse(bytes, "1.1.0").unwrap()),
            answer["words_1_1"],
            "{shown}"
        );
    }
}

fn shown(index: usize, bytes: &[u8]) -> String {
    format!(
        "case {index} of seed {}: {:?}",
        setting("ORACLE_SEED", 1),
        String::from_utf8_lossy(bytes)
    )
}

fn generated() -> Vec<Vec<u8>> {
    let count = usize::try_from(setting("ORACLE_CASES", CASES as u64)).unwrap();
    generator::files(count, setting("ORACLE_SEED", 1))
}

#[test]
fn generated_files_read_as_in_python() {
    let files = generated();
    let answers = ask(&files.iter().map(|bytes| file_question(bytes)).collect::<Vec<_>>());
    let mut readable = 0;
    for (index, (bytes, answer)) in files.iter().zip(&answers).enumerate() {
        assert_same_reading(bytes, answer, &shown(index, bytes));
        readable += usize::from(answer.get("refused").is_none());
    }
    println!("{readable} of {} files are readable", files.len());
    assert!(
        readable * 2 > files.len(),
        "the generator makes too few readable files: {readable}"
    );
    assert!(readable < files.len(), "the generator makes no unreadable files");
}

fn configuration_files(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            configuration_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "conf") {
            found.push(path);
        }
    }
}

#[test]
fn stock_files_read_as_in_python() {
    let mut paths = Vec::new();
    configuration_files(Path::new("/etc/fail2ban"), &mut paths);
    assert!(
        !paths.is_empty(),
        "this test needs fail2ban's own files (Debian: fail2ban)"
    );
    let files: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let answers = ask(&files.iter().map(|bytes| file_question(bytes)).collect::<Vec<_>>());
    println!("{} stock files", files.len());
    for ((path, bytes), answer) in paths.iter().zip(&files).zip(&answers) {
        assert_same_reading(bytes, answer, &path.display().to_string());
    }
}

#[test]
fn stock_jails_hold_nothing_suspect() {
    let bytes =
        std::fs::read("/etc/fail2ban/jail.conf").expect("this test needs fail2ban's own files (Debian: fail2ban)");
    let findings = parse(&bytes, "1.0.2").unwrap().suspect_values();
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}

fn registration(network: &str) -> Registration {
    let mut metadata = Metadata::new();
    metadata.set("by", "ravi").unwrap();
    Registration {
        network: Network::parse(network).unwrap().network,
        customer: CommentText::new("Blue Lotus Hotels").unwrap(),
        note: None,
        metadata,
    }
}

/// The entry that the edit tests add; the generator makes it now and then, too.
const ADDED: &str = "203.0.113.77";

/// A second one, which the generator never makes.
const SECOND: &str = "2001:db8:77::/48";

fn inherited() -> Vec<String> {
    vec!["127.0.0.1/8".to_owned(), "::1".to_owned()]
}

fn is_known(document: &JailLocal) -> bool {
    let network = registration(ADDED).network;
    let register = document.register();
    let registered = register.iter().any(|line| line.registration.network == network);
    let listed = document.ignoreip().is_some_and(|list| {
        list.entries
            .iter()
            .any(|entry| entry.kind == EntryKind::Network(network))
    });
    registered || listed
}

#[test]
fn adding_changes_what_python_reads_by_the_entry_only() {
    for (version, words) in [("1.0.2", "words"), ("1.1.1", "words_1_1")] {
        let edits = add_to_all(version);
        let questions: Vec<Value> = edits
            .iter()
            .flat_map(|edit| [file_question(&edit.before), file_question(&edit.after)])
            .collect();
        println!("{} files were edited", edits.len());
        for (edit, answers) in edits.iter().zip(ask(&questions).chunks(2)) {
            check_added(&answers[0], &answers[1], words, &edit.context());
        }
    }
}

struct Edit {
    index: usize,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Edit {
    fn context(&self) -> String {
        let after = String::from_utf8_lossy(&self.after);
        format!("{}\nafter: {after:?}", shown(self.index, &self.before))
    }
}

/// Adds the entry to every generated file that can take it, and checks that adding again changes nothing and removing
/// gives the old bytes.
fn add_to_all(version: &str) -> Vec<Edit> {
    let files = generated();
    let count = files.len();
    let mut edits = Vec::new();
    for (index, before) in files.into_iter().enumerate() {
        let Some(document) = parse(&before, version) else {
            continue;
        };
        if !document.ignoreip_objections().is_empty() {
            assert!(document.add(&[registration(ADDED)], &[]).is_err());
            continue;
        }
        if is_known(&document) {
            continue;
        }
        let context = shown(index, &before);
        let added = document.add(&[registration(ADDED)], &inherited());
        let added = added.unwrap_or_else(|refusal| panic!("{context}: {refusal}"));
        assert!(added.changed);
        let again = added.document.add(&[registration(ADDED)], &inherited()).unwrap();
        assert!(!again.changed, "{context}");
        check_removed(&added.document, &[ADDED], &before, &context);
        let both = added.document.add(&[registration(SECOND)], &inherited()).unwrap();
        check_removed(&both.document, &[ADDED, SECOND], &before, &context);
        check_removed(&both.document, &[SECOND, ADDED], &before, &context);
        let after = added.document.to_bytes();
        edits.push(Edit { index, before, after });
    }
    assert!(edits.len() * 4 > count, "the generator makes too few editable files");
    edits
}

fn check_removed(document: &JailLocal, networks: &[&str], expected: &[u8], context: &str) {
    let networks: Vec<Network> = networks.iter().map(|text| registration(text).network).collect();
    let removed = document.remove(&networks);
    let removed = removed.unwrap_or_else(|refusal| panic!("{context}: {refusal}"));
    let (left, right) = (removed.document.to_bytes(), expected);
    assert_eq!(
        String::from_utf8_lossy(&left),
        String::from_utf8_lossy(right),
        "{context}"
    );
}

fn check_added(before: &Value, after: &Value, words: &str, context: &str) {
    assert!(after.get("refused").is_none(), "{context}: {after}");
    assert_eq!(before["sections"], after["sections"], "{context}");
    let others = |answer: &Value| -> Vec<Value> {
        let pairs = answer["defaults"].as_array().unwrap().iter();
        pairs.filter(|pair| pair[0] != "ignoreip").cloned().collect()
    };
    assert_eq!(others(before), others(after), "{context}");
    let old = before[words].as_array().cloned();
    let mut expected = old.unwrap_or_else(|| vec![json!("127.0.0.1/8"), json!("::1")]);
    expected.push(json!(ADDED));
    assert_eq!(after[words], json!(expected), "{context}");
}

#[test]
fn removing_an_entry_leaves_the_other_words_in_python() {
    let mut expectations = Vec::new();
    let mut questions = Vec::new();
    for (index, bytes) in generated().into_iter().enumerate() {
        let Some(document) = parse(&bytes, "1.0.2").filter(|document| document.ignoreip_objections().is_empty()) else {
            continue;
        };
        let entries = document.ignoreip().map_or_else(Vec::new, |list| list.entries);
        let Some(network) = entries
            .get(index % entries.len().max(1))
            .and_then(|entry| entry.network())
        else {
            continue;
        };
        let removed = document
            .remove(&[network])
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", shown(index, &bytes)));
        let left = entries.iter().filter(|entry| entry.network() != Some(network));
        let words: Vec<String> = left.map(|entry| entry.text.clone()).collect();
        questions.push(file_question(&removed.document.to_bytes()));
        expectations.push((shown(index, &bytes), document, removed.document.to_bytes(), words));
    }
    println!("{} entries were removed", expectations.len());
    assert!(expectations.len() > 200 || generated().len() < CASES);
    for ((context, before, after, words), answer) in expectations.iter().zip(ask(&questions)) {
        let context = format!("{context}\nafter: {:?}", String::from_utf8_lossy(after));
        assert_eq!(our_reading(before).1, answer["sections"], "{context}");
        if !words.iter().any(|word| word.contains("%(")) {
            assert_eq!(answer["words"], json!(words), "{context}");
        }
    }
}

#[test]
fn settings_change_what_python_reads_by_one_value() {
    let mut questions = Vec::new();
    let mut expectations = Vec::new();
    for (index, bytes) in generated().into_iter().enumerate() {
        let Some(document) = parse(&bytes, "1.0.2") else {
            continue;
        };
        let section = document.sections().first().map(|name| (*name).to_owned());
        let document = match &section {
            Some(_) => document,
            None => document.add_section("recidive").unwrap().document,
        };
        let section = section.unwrap_or_else(|| "recidive".to_owned());
        let keys = document.keys(&section);
        let key = keys
            .get(index % (keys.len() + 1))
            .map_or("maxretry", |key| *key)
            .to_owned();
        let value = if index % 3 == 0 { "one\ntwo" } else { "77" };
        let edited = document.set(&section, &key, value);
        let edited = edited.unwrap_or_else(|refusal| panic!("{}: {section} {key}: {refusal}", shown(index, &bytes)));
        questions.push(file_question(&edited.document.to_bytes()));
        expectations.push((shown(index, &bytes), document, section, key, value));
    }
    for ((context, before, section, key, value), answer) in expectations.iter().zip(ask(&questions)) {
        let context = format!("{context} after setting {section} {key}");
        let (defaults, mut sections) = our_reading(before);
        let own = sections
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|own| own[0] == json!(section))
            .unwrap();
        let pairs = own[1].as_array_mut().unwrap();
        pairs.retain(|pair| pair[0] != json!(key));
        pairs.push(json!([key, value]));
        pairs.sort_by_key(|pair| pair[0].as_str().unwrap().to_owned());
        assert_eq!(
            (&defaults, &sections),
            (&answer["defaults"], &answer["sections"]),
            "{context}"
        );
    }
}

#[test]
fn durations_that_pass_are_numbers_for_fail2ban() {
    let mut texts: Vec<String> = Vec::new();
    let units = ["", "s", "min", " h", "days", "W", "mo", "yy", "x", "ho", "Sec"];
    for number in ["0", "1", "010", "1.5", "12", "-1", "", ".5"] {
        for unit in units {
            texts.push(format!("{number}{unit}"));
            texts.extend(units.iter().map(|second| format!("{number}{unit} 5{second}")));
            texts.extend(units.iter().map(|second| format!("{number}{unit}07{second}")));
        }
    }
    let answers = ask(&texts.iter().map(|text| json!({ "duration": text })).collect::<Vec<_>>());
    let mut passed = 0;
    for (text, answer) in texts.iter().zip(answers) {
        let file = format!("[DEFAULT]\nbantime = {text}\n");
        if parse(file.as_bytes(), "1.0.2").unwrap().suspect_values().is_empty() {
            passed += 1;
            assert!(
                answer.get("refused").is_none(),
                "{text:?} passes here, fail2ban says {answer}"
            );
        }
    }
    assert!(passed > 100, "{passed}");
}

#[test]
fn networks_show_as_fail2ban_shows_them() {
    let texts = [
        "127.0.0.1/8",
        "203.0.113.7",
        "203.0.113.7/32",
        "203.0.113.0/28",
        "0.0.0.0/0",
        "::/0",
        "::1",
        "2001:db8::/48",
        "2001:db8:0:1:0:0:0:1",
        "::192.0.2.1",
        "::5",
        "::1:0/112",
        "2001:db8::1/128",
        "2001:0:0:1:2:3:4:5",
        "2001:db8:0:1:1:1:1:1",
        "::ffff:203.0.113.7",
        "fe80::/10",
        "64:ff9b::192.0.2.1",
        "::1:2:3/120",
        "1::",
    ];
    let answers = ask(&texts.iter().map(|text| json!({ "address": text })).collect::<Vec<_>>());
    for (text, answer) in texts.iter().zip(answers) {
        let ours = Network::parse(text).unwrap().network.shown_by_fail2ban();
        assert!(
            answer["shown"].is_null() || answer["shown"] == json!(ours),
            "{text}: {ours}, {answer}"
        );
    }
}

fn use_everything(bytes: &[u8], version: &str) {
    let reader = Reader::new(version);
    match JailLocal::parse("/etc/x\u{1b}/jail.local", bytes, &reader) {
        Err(findings) => {
            assert!(!findings.is_empty());
            for finding in findings {
                assert!(!finding.to_string().contains('\u{1b}'));
            }
        }
        Ok(document) => {
            assert_eq!(document.to_bytes(), bytes);
            let findings = [
                document.suspect_values(),
                document.ignoreip_warnings(),
                document.ignoreip_objections(),
            ];
            for finding in findings.concat() {
                assert!(!finding.to_string().contains('\u{1b}'));
            }
            let network = registration("203.0.113.0/28").network;
            let _ = document.add(&[registration("203.0.113.0/28")], &[]);
            let _ = document.remove(&[network]);
            let _ = document.forget_stale(&[network]);
            let _ = document.set("DEFAULT", "bantime", "1h");
            let _ = document.add_section("x");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        use_everything(&bytes, "1.0.2");
    }

    #[test]
    fn no_text_like_a_configuration_panics(
        text in "(\\[DEFAULT\\]\n)?(ignoreip|bantime|[a-z#; \t]{0,3})[=: ]{1,2}[0-9./,:%()s#;\u{1b}\u{feff} \t\r\n=\\[\\]é]{0,60}",
    ) {
        use_everything(text.as_bytes(), "1.1.1");
    }
}
