//! Who it was: what the operator's machine says of itself, and beside it what the host sees.

use std::process::Command;

use serde_json::json;

use super::support::{Lab, Run, environment};

const BACKUP: &[&str] = &["-H", "lab", "backup", "--yes"];

#[test]
fn a_name_that_somebody_gives_himself_stands_beside_what_the_host_saw() {
    let lab = Lab::start();
    Run::of(lab.program().env("USER", "ceo").args(BACKUP)).expect(0);
    let login = String::from_utf8(Command::new("id").arg("-un").output().expect("id").stdout).expect("text");
    let document = lab.done(&["history", "--json"]).json();
    let entry = &document["entries"][0];
    assert!(
        entry["operator"].as_str().expect("a name").starts_with("ceo@"),
        "{entry}"
    );
    assert_eq!(entry["seen"]["login"], login.trim());
    assert_eq!(entry["seen"]["address"], "127.0.0.1");
    // The lab's sshd tells a session which key it accepted; the operator's machine says the same of itself.
    let key = entry["seen"]["key"].as_str().expect("a key");
    assert!(key.starts_with("SHA256:"), "{entry}");
    assert_eq!(entry["key"], key);
    let text = lab.done(&["history"]).stdout;
    assert!(
        text.contains("ceo@") && text.contains(&format!("{} from 127.0.0.1", login.trim())),
        "{text}"
    );
    // Attempts and intents have it, too.
    for record in lab.audit_lines() {
        assert_eq!(record["seen"]["login"], login.trim(), "{record}");
    }
}

#[test]
fn the_operators_machine_cannot_write_what_the_host_sees() {
    // The agent as it is sent, asked by somebody who speaks its protocol.
    let folder = tempfile::tempdir().expect("a folder");
    let script = r#"
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
from f2bctl_agent import audit_log
host = {"state_dir": sys.argv[2]}
forged = {"operator": "x", "seen": {"login": "ceo"}, "sequence": 7, "previous": "p", "hash": "h", "time": "T"}
audit_log.append(host, forged)
print(open(sys.argv[2] + "/audit.jsonl").read())
"#;
    let agent = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/remote/agent");
    let output = Command::new("python3")
        .args(["-B", "-c", script])
        .arg(agent)
        .arg(folder.path().join("state"))
        .output()
        .expect("python3");
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_ne!(line["seen"]["login"], "ceo");
    assert_eq!((&line["sequence"], &line["previous"]), (&json!(1), &json!(null)));
    assert_ne!(line["time"], "T");
}

/// The configuration with the host under another name.
fn rename(lab: &Lab, from: &str, to: &str) {
    let text = lab
        .configuration()
        .replace(&format!("[hosts.{from}]"), &format!("[hosts.{to}]"));
    let text = text.replace(
        &format!("default_host = \"{from}\""),
        &format!("default_host = \"{to}\""),
    );
    std::fs::write(&lab.paths.configuration_file, text).expect("the configuration");
}

#[test]
fn what_is_remembered_is_tied_to_the_hosts_key_whatever_its_name() {
    let lab = Lab::start();
    lab.done(&["backup", "--label", "first", "--yes"]);
    rename(&lab, "lab", "pbx9");
    let verify = |code: i32| {
        let run = Run::of(lab.program().args(["-H", "pbx9", "audit", "verify", "--json"]));
        run.expect(code);
        run
    };
    let run = verify(0);
    let document = run.json();
    assert_eq!(document["compared"], 1, "{document}");
    assert!(document["host_key"].as_str().expect("a key").starts_with("SHA256:"));
    assert_eq!(run.warnings(), ["host_renamed"]);
    let text = Run::of(lab.program().args(["-H", "pbx9", "audit", "verify"]))
        .expect(0)
        .stdout
        .clone();
    assert!(text.contains("1 record"), "{text}");
    // A host that forgot is found out, whatever it is called.
    let log = lab.paths.state_dir().join("audit.jsonl");
    let whole = std::fs::read(&log).expect("the log");
    std::fs::remove_file(&log).expect("removed");
    assert!(verify(8).stdout.contains("contradicted"));
    std::fs::write(&log, whole).expect("put back");
    rename(&lab, "pbx9", "lab");

    // The name leads to another machine: another host key, and a log of its own.
    let own = environment(lab.folder()).state_home.join("f2bctl").join("audit.jsonl");
    let text = std::fs::read_to_string(&own).expect("the local log");
    let key = document["host_key"].as_str().expect("a key");
    let other: String = text.lines().filter_map(|line| reseal(line, key)).collect();
    std::fs::write(&own, other).expect("written");
    let run = lab.done(&["audit", "verify", "--json"]);
    assert_eq!(run.json()["compared"], 0, "{}", run.stdout);
    assert_eq!(run.warnings(), ["host_replaced"]);
}

/// The first record of a log with another host key, sealed anew; the others would follow another record.
fn reseal(line: &str, key: &str) -> Option<String> {
    let mut record = f2bctl::audit::chain::open(line).ok()?;
    (record["kind"] == "outcome").then_some(())?;
    record["host_key"] = json!(format!("{key}-other"));
    let fields = record.as_object_mut()?;
    for field in ["schema", "sequence", "previous", "time", "hash"] {
        fields.remove(field);
    }
    Some(f2bctl::audit::chain::seal(&record, "2026-01-02T03:04:05Z", None).0 + "\n")
}
