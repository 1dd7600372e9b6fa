//! Journals of f2bctl 0.1, whose requests had a field for each kind of operation: they are recovered and undone as before.
//!
//! `tests/data/journals-v1` holds what that version wrote on a rehearsal host in /srv/pbx. Here each is put on a rehearsal
//! host in the state that the change had come to; paths, hashes and the host's own facts are made this host's.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use f2bctl::audit::chain::sha256_hex;
use serde_json::{Map, Value, json};

use super::support::snapshot::assert_put_back;
use super::support::{Lab, eventually};

/// The rehearsal host that the journals were written on.
const OLD: &str = "/srv/pbx/s/f2bctl/lab";
const CUSTOMER: &str = "192.0.2.0/28";
const GUEST: &str = "192.0.2.10";

/// A journal of version 0.1 on a rehearsal host.
struct OldJournal<'lab> {
    lab: &'lab Lab,
    name: &'static str,
    request: Value,
}

impl<'lab> OldJournal<'lab> {
    /// Writes the change into the host's journal, as it would have been written on this host.
    fn install(lab: &'lab Lab, name: &'static str) -> Self {
        let here = lab.paths.folder.display().to_string();
        let present = present(lab);
        let mut request = read(name, "request.json", &here);
        let mut live = read(name, "live.json", &here);
        let mut before = read(name, "before.json", &here);
        for file in request["files"].as_array_mut().expect("files") {
            let content = file["content"].as_str().map(|text| moved(&decoded(text), &here));
            file["after"] = content.as_deref().map_or(Value::Null, |bytes| json!(sha256_hex(bytes)));
            file["content"] = content.map_or(Value::Null, |bytes| json!(STANDARD.encode(bytes)));
        }
        for (number, file) in before.as_array_mut().expect("files").iter_mut().enumerate() {
            let Ok(bytes) = fs::read(fixture(name).join(format!("before-{number}"))) else {
                continue;
            };
            let bytes = moved(&bytes, &here);
            file["sha256"] = json!(sha256_hex(&bytes));
            file["uid"] = json!(rustix::process::geteuid().as_raw());
            file["gid"] = json!(rustix::process::getegid().as_raw());
            request["files"][number]["before"] = file["sha256"].clone();
        }
        adapt(&mut request, &mut live, &present);
        let journal = Self { lab, name, request };
        journal.write(&live, &before, &here);
        journal
    }

    fn folder(&self) -> PathBuf {
        let id = self.request["change_id"].as_str().expect("an identifier");
        self.lab.paths.state_dir().join("changes").join(id)
    }

    fn write(&self, live: &Value, before: &Value, here: &str) {
        let folder = self.folder();
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .expect("the change's folder");
        for entry in fs::read_dir(fixture(self.name)).expect("the fixture") {
            let entry = entry.expect("an entry");
            let bytes = fs::read(entry.path()).expect("its bytes");
            fs::write(folder.join(entry.file_name()), moved(&bytes, here)).expect("written");
        }
        for (file, value) in [
            ("request.json", &self.request),
            ("live.json", live),
            ("before.json", before),
        ] {
            fs::write(folder.join(file), value.to_string()).expect("written");
        }
    }

    /// Puts the change's files on disk and has fail2ban read them.
    fn bring_about(&self) {
        for file in self.request["files"].as_array().expect("files") {
            let path = self.lab.paths.config_dir().join(file["path"].as_str().expect("a path"));
            match file["content"].as_str() {
                Some(content) => fs::write(path, decoded(content)).expect("written"),
                None => fs::remove_file(path).expect("removed"),
            }
        }
        self.lab.client(&["reload"]);
    }

    fn phase(&self) -> String {
        fs::read_to_string(self.folder().join("phase")).expect("a phase")
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/journals-v1")
        .join(name)
}

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

/// The same text of the host that is here.
fn moved(bytes: &[u8], here: &str) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replace(OLD, here).into_bytes()
}

fn read(name: &str, file: &str, here: &str) -> Value {
    let bytes = fs::read(fixture(name).join(file)).expect("the fixture");
    serde_json::from_slice(&moved(&bytes, here)).expect("JSON")
}

/// What this host is like now, as a change of it has it: the request and the running jails of a backup.
fn present(lab: &Lab) -> (Value, Value) {
    let backup = lab.done(&["backup", "--yes", "--json"]).json();
    let folder = lab.paths.state_dir().join("changes");
    let folder = folder.join(backup["change_id"].as_str().expect("an identifier"));
    fs::remove_file(backup["backup"].as_str().expect("a backup")).expect("removed");
    let value = |file: &str| serde_json::from_slice(&fs::read(folder.join(file)).expect("a file")).expect("JSON");
    (value("request.json"), value("live.json"))
}

/// Makes what a journal says of the host this host's: the configuration, the jails as they run, the time. What the change
/// was to change stays as it says.
fn adapt(request: &mut Value, live: &mut Value, (present, now): &(Value, Value)) {
    request["expect"]["files"] = present["expect"]["files"].clone();
    request["expect"]["digest"] = present["expect"]["digest"].clone();
    if let Some(expected) = request["expected"].as_object_mut() {
        for (jail, wanted) in expected {
            for part in ["values", "actions"] {
                let before = live["jails"][jail][part].as_object().cloned().unwrap_or_default();
                let here = &now["jails"][jail][part];
                keep_unchanged(wanted[part].as_object_mut().expect("settings"), &before, here);
            }
        }
    }
    live["jails"] = now["jails"].clone();
    let second = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_secs();
    let granted = request.pointer_mut("/temporary/after").and_then(Value::as_array_mut);
    for entry in granted.into_iter().flatten() {
        entry["since"] = json!(second);
        entry["until"] = json!(second + 86_400);
    }
}

/// Gives the settings that a change was to leave alone the values that they have here.
fn keep_unchanged(wanted: &mut Map<String, Value>, before: &Map<String, Value>, here: &Value) {
    for (key, value) in wanted {
        if before.get(key) == Some(value) && !here[key].is_null() {
            *value = here[key].clone();
        }
    }
}

/// The next run with `--yes` undoes the change, and the host is as it was before it.
fn is_undone(name: &'static str, bring_about: impl Fn(&OldJournal<'_>)) {
    let lab = Lab::start();
    let before = lab.snapshot();
    let journal = OldJournal::install(&lab, name);
    bring_about(&journal);
    let status = lab.done(&["status", "--json"]);
    assert!(
        status.warnings().contains(&"interrupted_change".to_owned()),
        "{}",
        status.stdout
    );

    let run = lab.done(&["backup", "--yes", "--json"]);
    let settled = run.warnings().contains(&"interrupted_change_settled".to_owned());
    assert!(settled, "{name}: {}", run.stdout);
    assert_eq!(journal.phase(), "undone", "{name}");
    fs::remove_file(run.json()["backup"].as_str().expect("a backup")).expect("removed");
    eventually("the bans are back", || lab.banned_in("asterisk-auth").contains(GUEST));
    assert_put_back(&before, &lab.snapshot());
    lab.done(&["audit", "verify"]);
}

#[test]
fn one_that_was_killed_before_the_rename_is_undone() {
    is_undone("onboard-replacing", |_| ());
}

#[test]
fn one_that_was_killed_before_the_proof_is_undone() {
    is_undone("onboard-reloaded", |journal| journal.bring_about());
}

#[test]
fn one_that_was_killed_after_it_lifted_bans_is_undone() {
    is_undone("onboard-lifting", |journal| {
        journal.bring_about();
        for jail in ["asterisk-auth", "asterisk-scan"] {
            journal.lab.client(&["set", jail, "unbanip", GUEST]);
        }
    });
}

#[test]
fn one_that_was_killed_while_it_waited_for_the_new_login_is_undone() {
    is_undone("offboard-awaiting", |journal| journal.bring_about());
}

#[test]
fn one_that_was_killed_after_it_wrote_the_register_is_undone() {
    is_undone("temp-add-replaced", |journal| {
        let register = json!({"schema": 1, "entries": journal.request["temporary"]["after"]});
        let path = journal.lab.paths.state_dir().join("temp.json");
        fs::write(path, register.to_string()).expect("the register");
    });
}

#[test]
fn one_that_was_interrupted_is_finished_as_it_was_approved() {
    let lab = Lab::start();
    let journal = OldJournal::install(&lab, "onboard-replacing");
    let finish = [("was interrupted. What now?", "\x1b[B\r"), ("Run this plan", "n\r")];
    let asking = ["tune", "asterisk-scan", "maxretry", "100"];
    let seen = lab.at_a_terminal(&asking, &finish);
    seen.expect(130, "was finished as approved");
    assert_eq!(journal.phase(), "done");
    assert!(lab.jail_local_text().contains("# 192.0.2.0/28 | Lotus Court Hotels"));
    for jail in lab.jails() {
        assert!(lab.ignored_in(&jail).contains(CUSTOMER), "{jail}");
        assert!(!lab.banned_in(&jail).contains(GUEST), "{jail}");
    }
}

/// `undo` takes a finished change back, byte for byte.
fn is_taken_back(lab: &Lab, name: &'static str) {
    let text = |lab: &Lab| {
        let files = lab.snapshot().files.into_iter();
        let read = files.filter(|(path, _)| !path.to_string_lossy().contains(".bak-"));
        read.map(|(path, facts)| (path, facts.bytes().to_vec()))
            .collect::<BTreeMap<_, _>>()
    };
    let (before, jails) = (text(lab), lab.jails());
    let journal = OldJournal::install(lab, name);
    journal.bring_about();
    assert_ne!(text(lab), before, "{name}");
    let id = journal.request["change_id"].as_str().expect("an identifier");
    let run = lab.done(&["undo", id, "--yes", "--json"]);
    assert_eq!(run.json()["outcome"], json!("changed"));
    assert_eq!(text(lab), before, "{name}");
    assert_eq!(lab.jails(), jails, "{name}");
    assert_eq!(
        lab.done(&["undo", id, "--yes", "--json"]).json()["outcome"],
        json!("unchanged")
    );
}

#[test]
fn a_finished_onboard_is_taken_back() {
    is_taken_back(&Lab::start(), "onboard-done");
}

#[test]
fn a_finished_split_is_taken_back() {
    let lab = Lab::start();
    lab.done(&["rollback", "--drop-whitelist", "--yes"]);
    is_taken_back(&lab, "split-done");
}
