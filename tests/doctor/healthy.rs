//! Hosts on which there is nothing to fix.

use serde_json::json;

use super::support::Lab;

/// No finding, in the document and in the text.
#[track_caller]
fn is_healthy(lab: &Lab) {
    let run = lab.run(&["doctor", "--json"]);
    assert_eq!(run.json()["findings"], json!([]));
    run.expect(0);
    assert!(lab.done(&["doctor"]).stdout.contains("nothing to fix"));
}

#[test]
fn a_fresh_rehearsal_host() {
    let lab = Lab::start();
    is_healthy(&lab);
    // It is what `split` would make of it, so that has nothing to do.
    assert!(lab.done(&["split", "--yes"]).stdout.contains("No changes."));
}

/// From the single jail, by `split` and nothing else: its own pre-split backup is the only one there is.
#[test]
fn a_host_that_was_set_up_by_split() {
    let lab = Lab::start();
    lab.done(&["rollback", "--drop-whitelist", "--yes"]);
    let backups = || {
        let entries = std::fs::read_dir(lab.paths.config_dir()).expect("the configuration");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let found: Vec<_> = paths
            .filter(|path| path.to_string_lossy().contains("jail.local.bak-"))
            .collect();
        found
    };
    for backup in backups() {
        std::fs::remove_file(backup).expect("removed");
    }
    assert_eq!(lab.jails(), ["asterisk", "sshd"]);
    lab.done(&["split", "--yes"]);
    let [kept] = backups().try_into().expect("one backup");
    assert!(kept.to_string_lossy().ends_with("-pre-split"), "{}", kept.display());
    is_healthy(&lab);
}
