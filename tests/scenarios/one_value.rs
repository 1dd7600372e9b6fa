//! The plan that is shown is the plan that runs: one list of operations is printed, sent to the agent and kept in the
//! host's journal.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde_json::Value;

use super::support::{Lab, Run};

/// Keeps what each login's agent reads on its stdin, in a file of its own.
fn overhear(lab: &Lab) {
    let heard = lab.folder().join("heard");
    std::fs::create_dir(&heard).expect("a folder");
    lab.on_login(&format!("tee {}/$$ | run; exit", heard.display()));
}

/// The requests of this verb that agents have read.
fn heard(lab: &Lab, verb: &str) -> Vec<Value> {
    let logins = std::fs::read_dir(lab.folder().join("heard")).expect("what was read");
    let texts = logins.map(|login| std::fs::read(login.expect("a login").path()).expect("its bytes"));
    let messages = texts.flat_map(|bytes| messages(&bytes));
    messages
        .filter(|message| message["verb"] == verb)
        .map(|message| message["arguments"].clone())
        .collect()
}

/// Frames of a header line, `LENGTH` or `LENGTH z`, and that many bytes; the program may go before them.
fn messages(mut rest: &[u8]) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let header = std::str::from_utf8(&rest[..end]).expect("a header");
        let is_program = header.starts_with("program ");
        let is_packed = header.ends_with(" z");
        let length = header.trim_start_matches("program ").trim_end_matches(" z");
        let length: usize = length.parse().unwrap_or_else(|_| panic!("no length: {header:?}"));
        let frame = &rest[end + 1..end + 1 + length];
        rest = &rest[end + 1 + length..];
        if is_program {
            continue;
        }
        let mut text = frame.to_vec();
        if is_packed {
            text.clear();
            ZlibDecoder::new(frame).read_to_end(&mut text).expect("unpacked");
        }
        found.push(serde_json::from_slice(&text).expect("JSON"));
    }
    found
}

/// The operations of the plan as the run printed them, as an agent read them and as the host's journal has them.
fn is_one_value(lab: &Lab, arguments: &[&str]) -> Vec<Value> {
    let run: Run = lab.done(arguments);
    let document = run.json();
    let id = document["change_id"].as_str().expect("an identifier").to_owned();
    let printed = &document["plan"]["operations"];
    let sent = heard(lab, "apply");
    let sent = sent.iter().find(|request| request["change_id"] == id.as_str());
    let journal = lab.paths.state_dir().join("changes").join(&id).join("request.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(journal).expect("the journal")).expect("JSON");
    assert!(printed.as_array().is_some_and(|list| !list.is_empty()), "{document}");
    assert_eq!(printed, &sent.expect("the request")["operations"]);
    assert_eq!(printed, &kept["operations"]);
    printed.as_array().cloned().expect("a list")
}

fn kinds(operations: &[Value]) -> Vec<&str> {
    operations
        .iter()
        .map(|operation| operation["kind"].as_str().expect("a kind"))
        .collect()
}

#[test]
fn what_is_printed_is_what_the_agent_reads_and_what_the_journal_keeps() {
    let lab = Lab::start();
    overhear(&lab);
    let dry = [super::ONBOARD, &["--dry-run"]].concat();
    let shown = lab.done(&dry).json()["plan"]["operations"].clone();
    let onboard = is_one_value(&lab, super::ONBOARD);
    assert_eq!(shown.as_array(), Some(&onboard), "the dry run shows the same");
    assert_eq!(kinds(&onboard), ["backup", "replace_file", "reload", "lift_bans"]);
    assert_eq!(onboard[1]["meaning"][0]["kind"], "whitelist");

    let granted = is_one_value(&lab, &["temp", "add", "198.51.100.9", "--for", "2h", "--yes", "--json"]);
    assert_eq!(kinds(&granted), ["register_temporary", "set_runtime"]);
    let tuned = is_one_value(&lab, &["tune", "sshd", "maxretry", "6", "--yes", "--json"]);
    assert_eq!(
        kinds(&tuned),
        ["backup", "replace_file", "reload", "set_runtime", "confirm"]
    );
    let away = is_one_value(&lab, &["offboard", "192.0.2.0/28", "--yes", "--json"]);
    assert_eq!(away[1]["meaning"][0]["customer"], "Lotus Court Hotels");
}

#[test]
fn what_was_done_is_reported_and_recorded_and_not_what_was_to_be_done() {
    let lab = Lab::start();
    let run = lab.done(&["tune", "asterisk-scan", "maxretry", "100", "--yes"]);
    assert!(
        run.stdout.contains("[asterisk-scan] maxretry: 50 -> 100."),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("Set maxretry"), "{}", run.stdout);
    let backup = lab.backups().remove(0);
    let named = format!("Backed up jail.local as {}.", backup.display());
    assert!(run.stdout.replace('\n', " ").contains(&named), "{}", run.stdout);

    let run = lab.done(&["offboard", "198.51.100.128/28", "--yes"]);
    let removed = "Removed 198.51.100.128/28 (Blue Lotus Hotels) from [DEFAULT] ignoreip.";
    assert!(run.stdout.contains(removed), "{}", run.stdout);
    lab.done(&["unban", "192.0.2.10", "--yes"]);
    let backup = lab.done(&["backup", "--yes", "--json"]).json();
    let history = lab.done(&["history", "--json"]).json();
    let summaries = history["entries"].as_array().expect("entries").iter();
    let summaries: Vec<&str> = summaries.filter_map(|entry| entry["summary"].as_str()).collect();
    let backed_up = format!(
        "Backed up jail.local as {}.",
        backup["backup"].as_str().expect("a path")
    );
    let expected = [
        "[asterisk-scan] maxretry: 50 -> 100.",
        removed,
        "Unbanned 192.0.2.10 in asterisk-auth, asterisk-scan.",
        &backed_up,
    ];
    assert_eq!(summaries, expected);
    let own = lab.local_audit_lines();
    assert_eq!(own.last().expect("a record")["done"][0], backed_up.as_str());
}
