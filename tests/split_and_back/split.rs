//! Runbook, "Why two asterisk jails", as a procedure: what is missing is installed, what differs is corrected, and the
//! rest of the file stays byte for byte.

use std::path::PathBuf;

use serde_json::json;

use super::support::namespace::in_namespace;
use super::support::snapshot::assert_put_back;
use super::support::{Lab, Snapshot, assert_same};
use crate::doctor::asterisk::Asterisk;

const SPLIT: &[&str] = &["split", "--yes"];

/// A host as it was before the split, with nothing of it left.
fn single() -> Lab {
    let lab = Lab::start();
    lab.done(&["rollback", "--drop-whitelist", "--yes"]);
    lab
}

fn filter(lab: &Lab, jail: &str) -> String {
    let path = lab.paths.config_dir().join(format!("filter.d/{jail}.local"));
    std::fs::read_to_string(path).expect("the filter")
}

fn own_filter(jail: &str, variant: &str) -> String {
    let path = format!(
        "{}/src/model/runbook/{jail}.{variant}.local",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).expect("the product's filter")
}

#[test]
fn a_single_jail_is_split_and_rolled_back_to_the_same_bytes() {
    let lab = single();
    let before = lab.snapshot();
    let original = lab.jail_local();

    let document = lab.done(&[SPLIT, &["--json"]].concat()).json();
    assert_eq!(document["outcome"], json!("changed"), "{document}");
    assert!(
        document["backup"]
            .as_str()
            .is_some_and(|path| path.ends_with("-pre-split")),
        "{document}"
    );
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    for (jail, thresholds) in [
        ("asterisk-auth", ["3", "600", "86400"]),
        ("asterisk-scan", ["50", "3600", "3600"]),
    ] {
        let found = ["maxretry", "findtime", "bantime"].map(|key| lab.client(&["get", jail, key]));
        assert_eq!(found, thresholds, "{jail}");
        assert_eq!(filter(&lab, jail), own_filter(jail, "notice"));
    }
    // What was there is still there; only the single jail is switched off.
    let text = String::from_utf8(original.clone()).expect("text");
    let disabled = text.replace("[asterisk]\nenabled  = true", "[asterisk]\nenabled  = false");
    assert!(
        lab.jail_local_text().starts_with(&disabled),
        "{}",
        lab.jail_local_text()
    );

    let there = lab.snapshot();
    assert!(lab.done(SPLIT).stdout.contains("No changes."));
    assert_same(&there, &lab.snapshot());

    lab.done(&["rollback", "--carry-whitelist", "--yes"]);
    assert_eq!(lab.jail_local(), original);
    let after = lab.snapshot();
    let files = |snapshot: &Snapshot| -> Vec<(PathBuf, Vec<u8>)> {
        let read = snapshot
            .files
            .iter()
            .filter(|(path, _)| !path.to_string_lossy().contains(".bak-"));
        read.map(|(path, facts)| (path.clone(), facts.bytes().to_vec()))
            .collect()
    };
    assert_eq!(files(&before), files(&after));
    assert_eq!(lab.jails(), ["asterisk", "sshd"]);
}

#[test]
fn only_what_differs_is_corrected_and_reported() {
    let lab = Lab::start();
    lab.done(SPLIT);
    let good = lab.jail_local_text();
    lab.edit_jail_local("maxretry = 50", "maxretry = 100 ; flash crowds");
    lab.done(&["reload", "--yes"]);
    // What the runbook lets be tuned stays as it was tuned.
    assert!(lab.done(SPLIT).stdout.contains("No changes."));
    lab.edit_jail_local("maxretry = 100 ;", "maxretry = 300 ;");
    lab.done(&["reload", "--yes"]);

    let document = lab.done(&[SPLIT, &["--json"]].concat()).json();
    let steps = document["plan"]["steps"].to_string();
    assert!(
        steps.contains("Correct [asterisk-scan]: maxretry 300 -> 50."),
        "{steps}"
    );
    assert!(!steps.contains("asterisk-auth]"), "{steps}");
    assert_eq!(
        lab.jail_local_text(),
        good.replace("maxretry = 50", "maxretry = 50 ; flash crowds")
    );
    // Its jails existed, so this backup is none of before the split.
    assert!(
        document["backup"]
            .as_str()
            .is_some_and(|path| path.ends_with("-split") && !path.ends_with("-pre-split"))
    );
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "50");
}

#[test]
fn a_log_without_notices_gets_the_filters_for_events() {
    let lab = single();
    let log = std::fs::read_to_string(lab.paths.asterisk_log()).expect("the log");
    let events: Vec<&str> = log.lines().filter(|line| line.contains("SECURITY[")).collect();
    std::fs::write(lab.paths.asterisk_log(), events.join("\n") + "\n").expect("the log");
    lab.done(SPLIT);
    for jail in ["asterisk-auth", "asterisk-scan"] {
        assert_eq!(filter(&lab, jail), own_filter(jail, "security"));
    }
    // The scanner's events count in the lenient jail alone, and Asterisk's notices come back: the filters follow.
    assert!(lab.done(SPLIT).stdout.contains("No changes."));
    std::fs::write(lab.paths.asterisk_log(), log).expect("the log");
    lab.done(SPLIT);
    assert_eq!(filter(&lab, "asterisk-auth"), own_filter("asterisk-auth", "notice"));
}

#[test]
fn a_log_that_tells_nothing_is_reported() {
    let lab = single();
    std::fs::write(lab.paths.asterisk_log(), "").expect("the log");
    let run = lab.done(&[SPLIT, &["--json"]].concat());
    assert!(
        run.warnings().contains(&"levels_unknown".to_owned()),
        "{:?}",
        run.warnings()
    );
    assert!(lab.done(SPLIT).stdout.contains("No changes."));
}

#[test]
fn a_filter_by_hand_is_replaced_and_comes_back_with_an_undo() {
    let lab = Lab::start();
    let path = lab.paths.config_dir().join("filter.d/asterisk-auth.local");
    let by_hand = "[Definition]\nfailregex = ^.* hacking attempt detected '<HOST>'$\n";
    std::fs::write(&path, by_hand).expect("the filter");
    // A reload alone would keep the prefregex that is gone, so the jail is restarted.
    let run = lab.done(&["reload", "--yes", "--json"]).json();
    assert_eq!(run["plan"]["restart"], json!(["asterisk-auth"]), "{run}");
    assert_eq!(lab.client(&["get", "asterisk-auth", "prefregex"]), "");
    lab.done(SPLIT);
    assert_eq!(filter(&lab, "asterisk-auth"), own_filter("asterisk-auth", "notice"));
    lab.done(&["undo", "--yes"]);
    assert_eq!(filter(&lab, "asterisk-auth"), by_hand);
}

#[test]
fn another_file_that_has_the_last_word_is_refused() {
    let lab = Lab::start();
    let other = lab.paths.config_dir().join("jail.d/zz-tuned.local");
    std::fs::write(&other, "[asterisk-scan]\nmaxretry = 500\n").expect("the file");
    lab.done(&["reload", "--yes"]);
    let before = lab.snapshot();
    let run = lab.run(&[SPLIT, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("would have maxretry 500 instead of 50"),
        "{}",
        run.error()
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn without_the_log_that_asterisk_writes_nothing_is_split() {
    let lab = single();
    lab.set_host("asterisk_log", "\"/var/log/asterisk/absent.log\"");
    let before = lab.snapshot();
    let run = lab.run(&[SPLIT, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("/var/log/asterisk/absent.log"),
        "{}",
        run.error()
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn what_another_hand_saves_between_two_files_stays_and_is_no_failure_of_the_undo() {
    let lab = single();
    let before = lab.snapshot();
    let path = lab.paths.config_dir().join("jail.local");
    // The filters come first; jail.local is saved by another hand when one of them is in place already.
    lab.on_agent(&format!(
        r##"
def act(event, arguments, seen):
    if event == "os.rename" and str(arguments[1]).endswith("asterisk-scan.local") and not seen["armed"]:
        seen["armed"] = True
        with open({path:?}, "a") as out:
            out.write("# another hand\n")
"##,
        path = path.display().to_string()
    ));
    let run = lab.run(&[SPLIT, &["--json"]].concat());
    run.expect(6);
    assert!(run.error().contains("was edited outside f2bctl"), "{}", run.error());
    assert_eq!(lab.phases().last().map(String::as_str), Some("undone"));
    assert!(lab.jail_local_text().ends_with("# another hand\n"));
    std::fs::write(&path, lab.jail_local_text().replace("# another hand\n", "")).expect("jail.local");
    assert_put_back(&before, &lab.snapshot());
}

#[test]
fn the_bans_of_the_single_jail_are_named_before_they_go() {
    let lab = single();
    lab.ban("asterisk", "192.0.2.77");
    lab.ban("sshd", "192.0.2.78");
    let run = lab.done(&[SPLIT, &["--json"]].concat());
    let document = run.json();
    let warning = document["warnings"]
        .as_array()
        .and_then(|all| all.iter().find(|warning| warning["code"] == "bans_lost"))
        .unwrap_or_else(|| panic!("no warning: {document:#}"));
    let message = warning["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("192.0.2.77") && !message.contains("192.0.2.78"),
        "{message}"
    );
    assert!(lab.banned_in("sshd").contains("192.0.2.78"));
}

/// An Asterisk on 5080 with IAX and the manager: the jails close what it has, and doctor finds nothing open.
#[test]
fn the_ports_on_which_asterisk_listens_are_closed() {
    if !in_namespace("split::the_ports_on_which_asterisk_listens_are_closed") {
        return;
    }
    let lab = single();
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060", "5080", "5038/tcp", "4569"]);
    let run = lab.done(SPLIT);
    assert!(
        run.stdout
            .contains("over UDP and TCP on ports 5060,5061,4569,5038,5080."),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("over UDP and TCP on ports 5060,5061,4569,5080."),
        "{}",
        run.stdout
    );
    assert!(lab.done(SPLIT).stdout.contains("No changes."));
    lab.done(&["doctor"]);
    // Jails of before Asterisk had that port get it.
    lab.edit_jail_local("port = 5060,5061,4569,5080", "port = 5060,5061");
    lab.done(&["reload", "--yes"]);
    lab.run(&["doctor"]).expect(8);
    lab.done(SPLIT);
    lab.done(&["doctor"]);
}
