//! `restore`, `undo` and `backups prune`: what comes back is what was there, byte for byte.

use std::os::unix::fs::MetadataExt as _;

use serde_json::json;

use super::support::snapshot::assert_put_back;
use super::support::{Lab, assert_same};

const ONBOARD: &[&str] = &["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels", "--yes"];

#[test]
fn a_restored_backup_is_in_force_and_the_second_run_is_empty() {
    let lab = Lab::start();
    let before = lab.jail_local();
    lab.done(ONBOARD);
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));

    let run = lab.done(&["restore", "onboard", "--yes", "--json"]);
    assert_eq!(lab.jail_local(), before);
    assert!(!lab.ignored_in("sshd").contains("192.0.2.0/28"));
    assert!(
        run.warnings().contains(&"customer_dropped".to_owned()),
        "{:?}",
        run.warnings()
    );

    let then = lab.snapshot();
    let again = lab.done(&["restore", "onboard", "--yes"]);
    assert!(again.stdout.contains("No changes."), "{}", again.stdout);
    assert_same(&then, &lab.snapshot());
}

#[test]
fn whom_a_way_back_whitelists_again_is_let_in_again() {
    let lab = Lab::start();
    let offboard: &[&str] = &["offboard", "192.0.2.0/28", "--yes"];
    lab.done(ONBOARD);
    for back in [&["restore", "offboard"][..], &["undo"]] {
        lab.done(offboard);
        lab.ban("asterisk-auth", "192.0.2.10");
        let planned = lab.done(&[back, &["--dry-run", "--json"]].concat()).json();
        let steps = planned["plan"]["steps"].to_string();
        assert!(
            steps.contains("Lift the bans of 192.0.2.10 (asterisk-auth)."),
            "{steps}"
        );
        assert!(lab.banned_in("asterisk-auth").contains("192.0.2.10"));

        let document = lab.done(&[back, &["--yes", "--json"]].concat()).json();
        let lifted = json!([{"ip": "192.0.2.10", "jails": ["asterisk-auth"]}]);
        assert_eq!((&planned["unbanned"], &document["unbanned"]), (&lifted, &lifted));
        assert!(!lab.banned_in("asterisk-auth").contains("192.0.2.10"), "{back:?}");
        assert!(lab.ignored_in("asterisk-auth").contains("192.0.2.0/28"), "{back:?}");
        let again = lab.done(&[back, &["--yes"]].concat());
        assert!(again.stdout.contains("No changes."), "{}", again.stdout);
    }
}

#[test]
fn a_backup_that_is_not_there_ambiguous_or_unreadable_is_refused() {
    let lab = Lab::start();
    let copy = lab.paths.config_dir().join("jail.local.bak-2026-01-01-broken");
    std::fs::write(&copy, "[DEFAULT]\nno delimiter here\n").expect("a backup");
    let before = lab.snapshot();
    assert!(
        lab.run(&["restore", "absent", "--yes", "--json"])
            .expect(3)
            .error()
            .contains("absent")
    );
    lab.run(&["restore", "2026", "--yes", "--json"]).expect(2);
    let broken = lab.run(&["restore", "broken", "--yes", "--json"]);
    assert!(broken.expect(3).error().contains(":2:1"), "{}", broken.error());
    assert_same(&before, &lab.snapshot());
}

#[test]
fn undo_takes_the_newest_change_back_and_the_second_one_is_empty() {
    let lab = Lab::start();
    let before = lab.jail_local();
    lab.done(ONBOARD);
    let after = lab.jail_local();
    let change = lab.audit_of("outcome")[0]["change_id"]
        .as_str()
        .expect("an id")
        .to_owned();

    // What changed no file is passed over, and that is said.
    lab.ban("sshd", "198.51.100.7");
    lab.done(&["unban", "198.51.100.7", "--yes"]);
    lab.done(&["temp", "add", "192.0.2.77", "--for", "1h", "--yes"]);
    let planned = lab.done(&["undo", "--dry-run", "--json"]);
    let passed = planned.warnings().into_iter().filter(|code| code == "passed_over");
    assert_eq!(passed.count(), 2, "{}", planned.stdout);
    lab.done(&["temp", "remove", "192.0.2.77", "--yes"]);
    let undone = lab.done(&["undo", "--yes", "--json"]).json();
    assert_eq!(undone["outcome"], json!("changed"));
    let summary = lab.done(&["history", "--json"]).json()["entries"]
        .as_array()
        .and_then(|entries| entries.last()?["summary"].as_str().map(str::to_owned))
        .expect("a summary");
    assert!(
        summary.contains(&format!("before the onboard {}", &change[..13])),
        "{summary}"
    );
    assert_eq!(lab.jail_local(), before);
    assert!(!lab.ignored_in("asterisk-auth").contains("192.0.2.0/28"));
    for arguments in [&["undo", "--yes"][..], &["undo", &change, "--yes"]] {
        assert!(lab.done(arguments).stdout.contains("No changes."), "{arguments:?}");
    }
    // An undo is a change like any other: it can be undone by its name.
    let own = undone["change_id"].as_str().expect("an id");
    lab.done(&["undo", own, "--yes"]);
    assert_eq!(lab.jail_local(), after);
    assert!(lab.ignored_in("asterisk-auth").contains("192.0.2.0/28"));
}

#[test]
fn a_file_that_moved_on_is_shown_and_left() {
    let lab = Lab::start();
    lab.done(ONBOARD);
    let change = lab.audit_of("outcome")[0]["change_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    lab.done(&["onboard", "192.0.2.128/28", "--customer", "Marigold Inn", "--yes"]);
    let before = lab.snapshot();

    let run = lab.run(&["undo", &change, "--yes", "--json"]);
    let message = run.expect(3).error();
    assert!(message.contains("+# 192.0.2.128/28 | Marigold Inn"), "{message}");
    let later = lab.audit_of("outcome")[1]["change_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert!(
        run.json()["error"]["hints"][0]
            .as_str()
            .is_some_and(|hint| hint.contains(&later))
    );
    assert_same(&before, &lab.snapshot());
    // In the opposite order both can be undone.
    lab.done(&["undo", &later, "--yes"]);
    lab.done(&["undo", &change, "--yes"]);
    assert!(!lab.jail_local_text().contains("192.0.2.0/28"));
}

#[test]
fn a_change_without_files_and_an_unknown_one_cannot_be_undone() {
    let lab = Lab::start();
    assert!(
        lab.run(&["undo", "--yes", "--json"])
            .expect(3)
            .error()
            .contains("nothing to undo")
    );
    lab.done(&["unban", "192.0.2.10", "--yes"]);
    let change = lab.audit_of("outcome")[0]["change_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let run = lab.run(&["undo", &change, "--yes", "--json"]);
    assert!(run.expect(3).error().contains("touched no file"), "{}", run.error());
    let run = lab.run(&["undo", "0-0-0", "--yes", "--json"]);
    assert!(run.expect(3).error().contains("no change 0-0-0"), "{}", run.error());
}

#[test]
fn pruned_backups_lie_in_the_journal_and_come_back_as_they_were() {
    let lab = Lab::start();
    for label in ["one", "two", "three"] {
        lab.done(&["backup", "--label", label, "--yes"]);
    }
    let before = lab.snapshot();
    let reading = |name: &std::path::Path| std::fs::metadata(name).expect("a backup").mtime();
    let ages: Vec<i64> = lab.backups().iter().map(|path| reading(path)).collect();

    let planned = lab
        .done(&["backups", "prune", "--keep", "1", "--dry-run", "--json"])
        .json();
    assert_eq!(planned["plan"]["steps"].as_array().map(Vec::len), Some(2), "{planned}");
    assert_same(&before, &lab.snapshot());
    lab.done(&["backups", "prune", "--keep", "1", "--yes"]);
    let left = lab.backups();
    assert!(
        left.len() == 1 && left[0].to_string_lossy().ends_with("-three"),
        "{left:?}"
    );
    // The one of before the split is what a rollback needs: it stays whatever is asked for.
    assert!(
        lab.paths
            .config_dir()
            .join("jail.local.bak-2026-05-11-pre-split")
            .exists()
    );
    assert!(
        lab.done(&["backups", "prune", "--keep", "1", "--yes"])
            .stdout
            .contains("No changes.")
    );
    assert!(
        lab.done(&["backups", "prune", "--keep", "0", "--older-than", "1d", "--yes"])
            .stdout
            .contains("No changes.")
    );

    lab.done(&["undo", "--yes"]);
    assert_put_back(&before, &lab.snapshot());
    let now: Vec<i64> = lab.backups().iter().map(|path| reading(path)).collect();
    assert_eq!(now, ages);
    let after = lab.snapshot();
    for (path, facts) in &before.files {
        let now = after.files.get(path).map(|now| now.bytes());
        assert_eq!(now, Some(facts.bytes()), "{}", path.display());
    }
}

#[test]
fn the_newest_change_is_the_hosts_newest_whatever_the_operators_clocks_show() {
    let lab = Lab::start();
    lab.done(&["tune", "asterisk-scan", "maxretry", "60", "--yes"]);
    let changes = lab.paths.state_dir().join("changes");
    let first = std::fs::read_dir(&changes)
        .expect("the journal")
        .flatten()
        .next()
        .expect("a change")
        .path();
    // A name begins with the time of its operator's machine: this one's was years ahead.
    std::fs::rename(first, changes.join("ffffffff-ffff-7fff-bfff-ffffffffffff")).expect("renamed");
    lab.done(&["tune", "asterisk-scan", "maxretry", "70", "--yes"]);
    lab.done(&["undo", "--yes"]);
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "60");
}
