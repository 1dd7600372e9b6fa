//! Runbook, "Rollback to the pre-split single jail": what its three commands get wrong is refused or done right.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::support::namespace::{in_namespace, rules};
use super::support::snapshot::assert_put_back;
use super::support::{Lab, assert_same, texts};

const CARRY: &[&str] = &["rollback", "--carry-whitelist", "--yes"];
const FILTERS: [&str; 2] = ["filter.d/asterisk-auth.local", "filter.d/asterisk-scan.local"];

fn pre_split(lab: &Lab) -> PathBuf {
    lab.paths.config_dir().join("jail.local.bak-2026-05-11-pre-split")
}

fn edit_pre_split(lab: &Lab, from: &str, to: &str) {
    let text = std::fs::read_to_string(pre_split(lab)).expect("the backup");
    assert!(text.contains(from), "{from:?} is not in {text}");
    std::fs::write(pre_split(lab), text.replace(from, to)).expect("the backup");
}

fn own_logpath(lab: &Lab) -> String {
    let log = lab.paths.asterisk_log();
    format!("[asterisk]\nenabled  = true\nlogpath  = {}\n", log.display())
}

#[test]
fn the_single_jail_runs_with_the_customers_and_undo_brings_the_split_back() {
    let lab = Lab::start();
    lab.done(&["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels", "--yes"]);
    let before = lab.snapshot();

    let document = lab.done(&[CARRY, &["--json"]].concat()).json();
    assert_eq!(document["outcome"], json!("changed"), "{document}");
    assert_eq!(lab.jails(), ["asterisk", "sshd"]);
    for jail in ["asterisk", "sshd"] {
        for network in ["192.0.2.0/28", "203.0.113.0/24", "198.51.100.128/28"] {
            assert!(lab.ignored_in(jail).contains(network), "{network} in {jail}");
        }
    }
    assert!(
        lab.jail_local_text()
            .contains("# 192.0.2.0/28 | Lotus Court Hotels | | by=ravi")
    );
    for filter in FILTERS {
        assert!(!lab.paths.config_dir().join(filter).exists(), "{filter}");
    }
    // The lab's scanner is below the lenient jail's threshold and above the single one's: said beforehand.
    assert_eq!(
        document["plan"]["banned_at_once"]["asterisk"]["value"],
        json!(["198.51.100.66"])
    );
    let row = proof_of(&document, "asterisk");
    assert_eq!(
        texts(&row["log_files"]),
        [lab.paths.asterisk_log().display().to_string()]
    );
    assert_eq!(texts(&row["actions"]), ["lab-record-tcp", "lab-record-udp"]);

    let there = lab.snapshot();
    assert!(lab.done(CARRY).stdout.contains("No changes."));
    assert_same(&there, &lab.snapshot());

    lab.done(&["undo", "--yes"]);
    assert_put_back(&before, &lab.snapshot());
}

fn proof_of(document: &Value, jail: &str) -> Value {
    let rows = document["proof"].as_array().cloned().unwrap_or_default();
    rows.into_iter()
        .find(|row| row["jail"] == jail)
        .expect("a row of the proof")
}

#[test]
fn what_becomes_of_the_customers_has_to_be_chosen() {
    let lab = Lab::start();
    let before = lab.snapshot();
    for arguments in [
        &["rollback", "--yes", "--json"][..],
        &["rollback", "--json"],
        &["rollback", "--dry-run", "--json"],
    ] {
        let run = lab.run(arguments);
        let hints = run.expect(2).json()["error"]["hints"].to_string();
        assert!(
            hints.contains("--carry-whitelist") && hints.contains("--drop-whitelist"),
            "{hints}"
        );
    }
    lab.run(&["rollback", "--carry-whitelist", "--drop-whitelist", "--yes"])
        .expect(2);
    lab.run(&["rollback", "--carry-whitelist"]).expect(2);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn dropped_customers_are_named_and_gone() {
    let lab = Lab::start();
    lab.client(&["set", "sshd", "addignoreip", "192.0.2.44"]);
    let run = lab.done(&["rollback", "--drop-whitelist", "--yes", "--json"]);
    assert_eq!(lab.jail_local(), std::fs::read(pre_split(&lab)).expect("the backup"));
    let ignored = |jail: &str| lab.ignored_in(jail).into_iter().collect::<Vec<_>>();
    assert_eq!(ignored("asterisk"), ["127.0.0.0/8", "::1"]);
    // They are gone from the jail that stays as well; what another hand set there at run time is not.
    assert_eq!(ignored("sshd"), ["127.0.0.0/8", "192.0.2.44", "::1"]);
    let codes = run.warnings();
    assert_eq!(
        codes.iter().filter(|code| *code == "customer_dropped").count(),
        2,
        "{codes:?}"
    );
    assert!(codes.contains(&"false_ban_risk".to_owned()), "{codes:?}");
    assert!(
        run.stdout.contains("`f2bctl split` returns to the two jails"),
        "{}",
        run.stdout
    );
    assert!(
        lab.done(&["rollback", "--drop-whitelist", "--yes"])
            .stdout
            .contains("No changes.")
    );
}

#[test]
fn the_distributions_logpath_that_is_missing_is_refused_and_can_be_set() {
    let lab = Lab::start();
    let own = own_logpath(&lab);
    edit_pre_split(&lab, &own, "[asterisk]\nenabled  = true\n");
    let before = lab.snapshot();
    let run = lab.run(&[CARRY, &["--json"]].concat());
    let hints = run.expect(3).json()["error"]["hints"].to_string();
    assert!(
        run.error().contains("logpath of jail asterisk matches no file"),
        "{}",
        run.error()
    );
    let log = lab.paths.asterisk_log().display().to_string();
    assert!(hints.contains(&format!("--set-logpath {log}")), "{hints}");
    assert_same(&before, &lab.snapshot());

    let set = lab.done(&[CARRY, &["--set-logpath", &log, "--json"]].concat());
    assert_eq!(texts(&proof_of(&set.json(), "asterisk")["log_files"]), [log]);
    assert!(
        set.warnings().contains(&"runbook_logpath".to_owned()),
        "{:?}",
        set.warnings()
    );
}

#[test]
fn a_log_that_asterisk_does_not_write_is_refused() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log().display().to_string();
    edit_pre_split(&lab, &log, &log.replace("messages.log", "auth.log"));
    let before = lab.snapshot();
    let run = lab.run(&[CARRY, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("nobody would ever be banned"),
        "{}",
        run.error()
    );
    let run = lab.run(&[CARRY, &["--set-logpath", "messages.log", "--json"]].concat());
    run.expect(2);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn filters_that_would_be_missing_are_named() {
    let lab = Lab::start();
    let filter = lab.paths.config_dir().join("filter.d/asterisk.conf");
    let text = std::fs::read(&filter).expect("the distribution's filter");
    std::fs::remove_file(&filter).expect("it goes");
    let before = lab.snapshot();
    let run = lab.run(&[CARRY, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("asterisk (jail asterisk)"),
        "{}",
        run.error()
    );
    assert_same(&before, &lab.snapshot());
    std::fs::write(&filter, text).expect("it is back");

    // A backup that still is split needs the very filters that go.
    lab.done(&["backup", "--label", "split-one", "--yes"]);
    let run = lab.run(&["rollback", "split-one", "--carry-whitelist", "--yes", "--json"]);
    let message = run.expect(3).error();
    assert!(message.contains("asterisk-auth (jail asterisk-auth)"), "{message}");
}

#[test]
fn without_a_usable_backup_nothing_is_done() {
    let lab = Lab::start();
    edit_pre_split(&lab, "[asterisk]\nenabled  = true", "[asterisk]\nenabled  = false");
    let run = lab.run(&[CARRY, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("sets up no [asterisk] jail"),
        "{}",
        run.error()
    );
    std::fs::remove_file(pre_split(&lab)).expect("it goes");
    let run = lab.run(&[CARRY, &["--json"]].concat());
    assert!(
        run.expect(3).error().contains("no backup from before the split"),
        "{}",
        run.error()
    );
}

/// Runbook's plain reload leaves a jail whose banaction the backup changes without any action; here sshd keeps one, and
/// the ban keeps its rule.
#[test]
fn sshd_keeps_an_action_and_its_ban_where_the_backup_has_another_banaction() {
    if !in_namespace("rollback::sshd_keeps_an_action_and_its_ban_where_the_backup_has_another_banaction") {
        return;
    }
    let lab = Lab::start();
    lab.edit_jail_local("banaction = lab-record", "banaction = iptables-multiport");
    lab.done(&["reload", "--yes"]);
    edit_pre_split(&lab, "banaction = lab-record", "banaction = iptables-allports");
    lab.ban("sshd", "192.0.2.99");
    super::support::eventually("the rule is there", || rules().contains("192.0.2.99/32"));
    assert!(rules().contains("--dports 22 -j f2b-sshd"), "{}", rules());

    let document = lab.done(&[CARRY, &["--json"]].concat()).json();
    assert_eq!(document["plan"]["restart"], json!(["sshd"]), "{document}");
    assert!(
        document["warnings"].to_string().contains("runbook_actions"),
        "{document}"
    );
    assert_eq!(texts(&proof_of(&document, "sshd")["actions"]), ["iptables-allports"]);
    assert!(lab.banned_in("sshd").contains("192.0.2.99"));
    let now = rules();
    assert!(now.contains("-A INPUT -p tcp -j f2b-sshd"), "{now}");
    assert!(now.contains("-A f2b-sshd -s 192.0.2.99/32 -j REJECT"), "{now}");
    // The scanner that the single jail bans from its log is shut out over both protocols.
    for protocol in ["tcp", "udp"] {
        assert!(
            now.contains(&format!("-A INPUT -p {protocol} -j f2b-asterisk-{protocol}")),
            "{now}"
        );
        let ban = format!("-A f2b-asterisk-{protocol} -s 198.51.100.66/32 -j REJECT");
        super::support::eventually("the scanner is shut out", || rules().contains(&ban));
    }
}

#[test]
fn a_protected_trunk_stays_whitelisted_in_the_jail_that_takes_the_place_of_two() {
    let lab = Lab::start();
    lab.set_host("protected", "[\"203.0.113.9\"]");
    // Without sshd's jail none stays that has the trunk on its list: both go, and one comes.
    lab.edit_jail_local("[sshd]\nenabled  = true", "[sshd]\nenabled  = false");
    lab.client(&["reload"]);
    let before = lab.snapshot();
    let run = lab.run(&["--json", "rollback", "--drop-whitelist", "--yes", "--with-drift"]);
    run.expect(3);
    assert!(
        run.error().contains("203.0.113.9 is protected") && run.error().contains("in jail asterisk"),
        "{}",
        run.error()
    );
    assert_same(&before, &lab.snapshot());
    lab.done(&["rollback", "--carry-whitelist", "--yes"]);
    assert!(lab.ignored_in("asterisk").contains("203.0.113.0/24"));
}
