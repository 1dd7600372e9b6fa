//! A host's audit log over years: larger than any one message, in several files, and still one chain.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::Lab;

/// Appends sealed records to a log until it has so many bytes; a hash of 70 MiB takes Python no time.
const GROW: &str = r#"
import hashlib, json, sys
path, size = sys.argv[1], int(sys.argv[2])
last = json.loads(open(path).read().splitlines()[-1])
with open(path, "a") as out:
    while out.tell() < size:
        entry = {"schema": 1, "sequence": last["sequence"] + 1, "previous": last["hash"], "time": "2026-01-02T03:04:05Z",
                 "kind": "attempt", "operator": "asha@desk", "command": "unban", "outcome": "refused",
                 "arguments": ["unban", "192.0.2.%d" % (last["sequence"] % 250)], "diff": "x" * 60000}
        body = json.dumps(entry, separators=(",", ":"))
        entry["hash"] = hashlib.sha256(body.encode()).hexdigest()
        out.write('%s,"hash":"%s"}\n' % (body[:-1], entry["hash"]))
        last = entry
print(last["sequence"])
"#;

/// Larger than the largest message of the agent (64 MiB).
const LARGE: &str = "73400320";
/// From this size on, the log goes on in another file.
const FULL: &str = "33554432";

fn grow(path: &Path, size: &str) -> u64 {
    let output = Command::new("python3")
        .args(["-I", "-c", GROW])
        .arg(path)
        .arg(size)
        .output()
        .expect("python3");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().unwrap_or_else(|_| panic!("{output:?}"))
}

/// The first and the last record of a file.
fn ends(path: &Path) -> (Value, Value) {
    let text = std::fs::read_to_string(path).expect("a log");
    let record = |line: Option<&str>| serde_json::from_str(line.expect("a line")).expect("a record");
    (record(text.lines().next()), record(text.lines().last()))
}

/// The history's document.
fn history(lab: &Lab, limit: &str) -> Value {
    lab.done(&["history", "--json", "--limit", limit]).json()
}

/// The verdict's document, of a log that is whole.
fn whole(lab: &Lab) -> Value {
    lab.done(&["audit", "verify", "--json"]).json()
}

#[test]
fn a_log_of_more_than_64_mib_is_read_and_shown() {
    let lab = Lab::start();
    lab.done(&["backup", "--label", "first", "--yes"]);
    let records = grow(&lab.paths.state_dir().join("audit.jsonl"), LARGE);
    assert_eq!(whole(&lab)["records"].as_u64(), Some(records));
    let document = history(&lab, "3");
    let entries = document["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[2]["id"], format!("#{records}"), "the newest is the last");
    assert_eq!(document["more"], true);
}

#[test]
fn a_full_log_is_put_aside_and_the_chain_goes_on() {
    let lab = Lab::start();
    let at = |name: &str| lab.paths.state_dir().join(name);
    let (log, first_file, second_file) = (at("audit.jsonl"), at("audit.jsonl.1"), at("audit.jsonl.2"));
    lab.done(&["backup", "--label", "first", "--yes"]);
    let records = grow(&log, FULL);
    lab.done(&["backup", "--label", "second", "--yes"]);
    let mode = std::fs::metadata(&log).expect("the log").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ((_, last), (first, _)) = (ends(&first_file), ends(&log));
    assert_eq!(first["previous"], last["hash"]);
    assert_eq!(first["sequence"], records + 1);
    let all = history(&lab, "0");
    let entries = all["entries"].as_array().expect("entries");
    // Two records of each of the two changes are one entry.
    assert_eq!((entries.len() as u64, all["more"].as_bool()), (records, Some(false)));
    assert_eq!(entries[1]["id"], "#3");

    // A crash after the rename and before the first record leaves no current file.
    std::fs::rename(&log, &second_file).expect("renamed");
    lab.done(&["backup", "--label", "third", "--yes"]);
    assert_eq!(ends(&log).0["previous"], ends(&second_file).1["hash"]);
    let document = whole(&lab);
    assert_eq!(
        (&document["records"], &document["compared"]),
        (&(records + 4).into(), &3.into())
    );

    // What was done to an old file is found there, and a file that is gone is missed.
    let text = std::fs::read_to_string(&first_file).expect("a log");
    std::fs::write(&first_file, text.replacen("asha@", "ravi@", 1)).expect("altered");
    std::fs::remove_file(&second_file).expect("removed");
    let run = lab.run(&["audit", "verify", "--json"]);
    run.expect(8);
    let document = run.json();
    let findings = document["findings"].as_array().expect("findings");
    let told = |number: usize| {
        (
            &findings[number]["code"],
            &findings[number]["file"],
            &findings[number]["line"],
        )
    };
    assert_eq!(
        told(0),
        (&"altered".into(), &"audit.jsonl.1".into(), &3.into()),
        "{document}"
    );
    assert_eq!(
        told(1),
        (&"missing".into(), &"audit.jsonl".into(), &1.into()),
        "{document}"
    );
    assert!(
        findings[0]["message"]
            .as_str()
            .expect("a sentence")
            .starts_with("Line 3 of audit.jsonl.1 ")
    );
}

#[test]
fn an_empty_current_file_after_a_crash_is_a_whole_log() {
    let lab = Lab::start();
    let log = lab.paths.state_dir().join("audit.jsonl");
    lab.done(&["backup", "--label", "first", "--yes"]);
    std::fs::rename(&log, lab.paths.state_dir().join("audit.jsonl.1")).expect("renamed");
    assert_eq!(whole(&lab)["records"], 2);
    std::fs::write(&log, "").expect("an empty file");
    assert_eq!(whole(&lab)["records"], 2);
    assert_eq!(history(&lab, "0")["entries"].as_array().map(Vec::len), Some(1));
    lab.done(&["backup", "--label", "second", "--yes"]);
    assert_eq!(whole(&lab)["records"], 4);
}

#[test]
fn a_record_does_not_hold_every_address_and_the_journal_does() {
    let lab = Lab::start();
    let addresses: Vec<String> = (1..=120).map(|number| format!("198.51.100.{number}")).collect();
    let ban = ["set", "asterisk-auth", "banip"].into_iter();
    lab.client(&ban.chain(addresses.iter().map(String::as_str)).collect::<Vec<_>>());
    super::support::eventually("the bans are listed", || lab.banned_in("asterisk-auth").len() >= 120);
    let run = lab.done(&["unban", "198.51.100.0/24", "--yes", "--json"]);
    assert_eq!(
        run.json()["unbanned"].as_array().map(Vec::len),
        Some(120),
        "the answer has all"
    );
    let outcome = lab.audit_of("outcome").pop().expect("an outcome");
    assert_eq!(outcome["unbanned"].as_array().map(Vec::len), Some(10));
    assert_eq!(outcome["unbanned_count"], 120);
    let id = outcome["change_id"].as_str().expect("an identifier").to_owned();
    let result = lab.paths.state_dir().join("changes").join(id).join("result.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(result).expect("a result")).expect("JSON");
    assert_eq!(
        kept["unbanned"].as_array().map(Vec::len),
        Some(120),
        "the journal has all"
    );
    lab.done(&["audit", "verify"]);
}
