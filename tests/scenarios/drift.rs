//! What another hand left on disk without a reload: shown in the plan, and not put into force without its own consent.

use serde_json::json;

use super::support::{Lab, assert_same, texts};

const ONBOARD: &[&str] = &["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels"];

#[test]
fn a_valid_edit_that_was_never_reloaded_needs_its_own_consent() {
    let lab = Lab::start();
    lab.edit_jail_local("maxretry = 50", "maxretry = 80");
    let before = lab.snapshot();

    let plan = lab.done(&[ONBOARD, &["--dry-run", "--json"]].concat()).json();
    assert_eq!(plan["outcome"], json!("planned"));
    let drift = plan["plan"]["drift"].as_array().expect("drift");
    let meant = json!({"jail": "asterisk-scan", "key": "maxretry", "before": 50, "after": 80});
    assert!(drift.contains(&meant), "{drift:?}");
    // What follows from it stands there too, and nothing of another jail.
    assert!(
        drift.iter().all(|effect| effect["jail"] == json!("asterisk-scan")),
        "{drift:?}"
    );
    let shown = lab.done(&[ONBOARD, &["--dry-run"]].concat());
    assert!(shown.stdout.contains("maxretry 50 -> 80"), "{}", shown.stdout);

    let run = lab.run(&[ONBOARD, &["--yes", "--json"]].concat());
    run.expect(5);
    assert_eq!(run.json()["outcome"], json!("conflict"));
    assert!(run.error().contains("maxretry 50 -> 80"), "{}", run.error());
    assert!(run.stdout.contains("--with-drift"), "{}", run.stdout);
    assert_same(&before, &lab.snapshot());
    assert_eq!(lab.audit_of("attempt")[0]["outcome"], json!("conflict"));

    lab.done(&[ONBOARD, &["--yes", "--with-drift"]].concat());
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "80");
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
}

#[test]
fn a_mistake_comes_before_drift() {
    let lab = Lab::start();
    lab.edit_jail_local("maxretry = 50", "maxretry = 80");
    lab.edit_jail_local("maxretry = 3\n", "maxretry = abc\n");
    let before = lab.snapshot();
    lab.run(&[ONBOARD, &["--yes"]].concat()).expect(3);
    lab.run(&[ONBOARD, &["--yes", "--with-drift"]].concat()).expect(3);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn an_entry_that_another_hand_removed_is_drift() {
    let lab = Lab::start();
    lab.edit_jail_local(" 198.51.100.128/28\n", "\n");
    let run = lab.run(&[ONBOARD, &["--yes", "--json"]].concat());
    run.expect(5);
    assert!(run.error().contains("-198.51.100.128/28"), "{}", run.error());
    // The list says that it is in force without standing in the file.
    let list = lab.done(&["whitelist", "list", "--json"]).json();
    let rows = list["whitelist"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["network"] == json!("198.51.100.128/28"))
        .expect("the row");
    assert_eq!(row["source"], json!("runtime_or_deleted"));

    lab.done(&["reload", "--yes"]);
    assert!(!lab.ignored_in("sshd").contains("198.51.100.128/28"));
    lab.done(&[ONBOARD, &["--yes"]].concat());
}

#[test]
fn a_runtime_entry_survives_in_some_jails_and_in_every_one() {
    let lab = Lab::start();
    // Runbook, "Add a temporary runtime ignoreip".
    lab.client(&["set", "asterisk-auth", "addignoreip", "198.51.100.20"]);
    lab.client(&["set", "asterisk-scan", "addignoreip", "198.51.100.20"]);
    let run = lab.done(&[ONBOARD, &["--yes", "--json"]].concat());
    assert!(
        run.warnings().contains(&"runtime_entry_kept".to_owned()),
        "{}",
        run.stdout
    );
    assert_eq!(run.json()["plan"]["drift"], json!([]));
    for (jail, there) in [("asterisk-auth", true), ("asterisk-scan", true), ("sshd", false)] {
        assert_eq!(lab.ignored_in(jail).contains("198.51.100.20"), there, "{jail}");
        assert!(lab.ignored_in(jail).contains("192.0.2.0/28"), "{jail}");
    }
    // An offboard leaves it as well, and so does a reload.
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    lab.done(&["reload", "--yes"]);
    assert!(lab.ignored_in("asterisk-auth").contains("198.51.100.20"));
    assert!(!lab.jail_local_text().contains("198.51.100.20"));

    lab.client(&["set", "sshd", "addignoreip", "198.51.100.20"]);
    // No file changed since f2bctl's own reload, so it is no deleted entry, and is kept in every jail.
    lab.done(&[ONBOARD, &["--yes", "--json"]].concat());
    for jail in ["asterisk-auth", "asterisk-scan", "sshd"] {
        assert!(lab.ignored_in(jail).contains("198.51.100.20"), "{jail}");
    }
}

#[test]
fn a_reload_shows_everything_and_puts_it_into_force() {
    let lab = Lab::start();
    let before = lab.snapshot();
    assert!(lab.done(&["reload", "--yes"]).stdout.contains("No changes."));
    assert_same(&before, &lab.snapshot());
    assert!(lab.audit_lines().is_empty(), "nothing happened");

    lab.edit_jail_local("maxretry = 5\n", "maxretry = 6\n");
    let run = lab.done(&["reload", "--yes", "--json"]);
    assert_eq!(run.json()["outcome"], json!("changed"));
    assert_eq!(run.json()["backup"], json!(null));
    assert_eq!(lab.client(&["get", "sshd", "maxretry"]), "6");
    super::support::snapshot::assert_same_server(&before.with("sshd", "maxretry", "6"), &lab.snapshot());
}

#[test]
fn a_jail_that_another_hand_added_or_took_away_is_drift() {
    let lab = Lab::start();
    let good = lab.jail_local_text();
    lab.edit_jail_local("[sshd]\nenabled  = true", "[sshd]\nenabled  = false");
    let run = lab.run(&[ONBOARD, &["--yes", "--json"]].concat());
    run.expect(5);
    assert!(run.error().contains("jail sshd goes away"), "{}", run.error());

    let log = lab.paths.asterisk_log();
    lab.write_jail_local(format!(
        "{good}\n[asterisk-new]\nenabled = true\nfilter = asterisk-auth\nlogpath = {}\nmaxretry = 2\n",
        log.display()
    ));
    let run = lab.run(&[ONBOARD, &["--yes", "--json"]].concat());
    run.expect(5);
    assert!(run.error().contains("jail asterisk-new starts"), "{}", run.error());
    // Whom the new jail would ban at once, from its log, is said before.
    let banned = texts(&run.json()["plan"]["banned_at_once"]["asterisk-new"]["value"]);
    let said = run.json()["plan"]["banned_at_once"].clone();
    assert_eq!(banned.len(), 1, "{said}");
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    lab.done(&[ONBOARD, &["--yes", "--with-drift"]].concat());
    super::support::eventually("it was right", || lab.banned_in("asterisk-new").contains(&banned[0]));
}
