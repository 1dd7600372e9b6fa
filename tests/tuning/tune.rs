//! Runbook, "Tuning guidance": thresholds within their limits, in the jail's own section, in force at once.

use serde_json::json;

use super::support::{Lab, Run, assert_same};

#[test]
fn flash_crowds_raise_the_lenient_jail_to_100_and_a_second_run_does_nothing() {
    let lab = Lab::start();
    let before = lab.jail_local_text();

    let run = lab.done(&["tune", "asterisk-scan", "maxretry", "100", "--yes", "--json"]);

    // One line of the file, in the jail's own section.
    assert_eq!(
        lab.jail_local_text(),
        before.replace("maxretry = 50\n", "maxretry = 100\n")
    );
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "100");
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxmatches"]), "100");
    assert_eq!(lab.client(&["get", "asterisk-auth", "maxretry"]), "3");
    let document = run.json();
    assert_eq!(document["outcome"], json!("changed"));
    let keys: Vec<_> = document["plan"]["effect"]
        .as_array()
        .expect("effect")
        .iter()
        .map(|one| &one["key"])
        .collect();
    assert_eq!(keys, [&json!("maxmatches"), &json!("maxretry")]);
    assert_eq!(document["plan"]["drift"], json!([]));
    assert_eq!(std::fs::read_to_string(&lab.backups()[0]).expect("the backup"), before);

    let settled = lab.snapshot();
    let again = lab.done(&["tune", "asterisk-scan", "maxretry", "100", "--yes", "--json"]);
    assert_eq!(again.json()["outcome"], json!("unchanged"));
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn a_text_that_python_would_evaluate_never_reaches_the_host() {
    // There is no host at all: whatever connected would fail with 4.
    let nowhere = Lab::folder_only();
    let arguments = [
        "-H",
        "root@127.0.0.1:1",
        "tune",
        "asterisk-scan",
        "findtime",
        "len(\"x\")",
        "--yes",
        "--json",
    ];
    let run = Run::of(nowhere.program().args(arguments));
    run.expect(2);
    assert!(
        run.error().starts_with("findtime: `len(\"x\")` is not a duration;"),
        "{}",
        run.error()
    );
}

#[test]
fn a_file_that_is_read_later_is_named_when_it_would_win() {
    let lab = Lab::start();
    let later = lab.paths.config_dir().join("jail.d").join("zz-site.local");
    std::fs::write(&later, "[asterisk-scan]\nmaxretry = 50\n").expect("another hand's file");
    let before = lab.snapshot();

    let run = lab.run(&["tune", "asterisk-scan", "maxretry", "120", "--yes", "--json"]);

    run.expect(3);
    assert_eq!(
        run.error(),
        "the maxretry of asterisk-scan would be 50 and not 120: a file that is read after jail.local sets it, too"
    );
    assert_eq!(
        run.json()["error"]["hints"],
        json!(["look into jail.d/zz-site.local: the file that is read last wins"])
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn a_jail_of_another_file_gets_a_section_with_just_that_key() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let other = format!(
        "[asterisk-extra]\nenabled = true\nfilter = asterisk-scan\nport = 5060\nlogpath = {}\nmaxretry = 70\n",
        log.display()
    );
    std::fs::write(lab.paths.config_dir().join("jail.d").join("extra.conf"), other).expect("another hand's file");
    lab.client(&["reload"]);
    let before = lab.jail_local_text();

    lab.done(&["tune", "asterisk-extra", "findtime", "20m", "--yes"]);

    assert_eq!(
        lab.jail_local_text(),
        format!("{before}\n[asterisk-extra]\nfindtime = 1200\n")
    );
    assert_eq!(lab.client(&["get", "asterisk-extra", "findtime"]), "1200");
    assert_eq!(lab.client(&["get", "asterisk-extra", "maxretry"]), "70");
}

#[test]
fn another_spelling_of_the_value_that_is_in_force_stays_as_it_is() {
    let lab = Lab::start();
    lab.edit_jail_local("findtime = 3600", "findtime = 1h  ; by hand");
    lab.client(&["reload"]);
    let before = lab.snapshot();
    let run = lab.done(&["tune", "asterisk-scan", "findtime", "60m", "--yes", "--json"]);
    assert_eq!(run.json()["outcome"], json!("unchanged"));
    assert_same(&before, &lab.snapshot());
}

#[test]
fn an_edit_by_hand_without_a_reload_is_put_into_force_if_it_is_what_was_asked_for() {
    let lab = Lab::start();
    lab.edit_jail_local("maxretry = 50", "maxretry = 80");
    let bytes = lab.jail_local();
    let run = lab.done(&["tune", "asterisk-scan", "maxretry", "80", "--yes", "--json"]);
    assert_eq!(run.json()["outcome"], json!("changed"));
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "80");
    assert_eq!(lab.jail_local(), bytes);
    assert!(lab.backups().is_empty());
}

#[test]
fn standing_bans_follow_a_new_bantime_and_the_plan_says_so() {
    let lab = Lab::start();
    lab.ban("asterisk-scan", "192.0.2.77");
    let run = lab.done(&["tune", "asterisk-scan", "bantime", "2h", "--yes", "--json"]);
    assert!(
        run.warnings().contains(&"standing_bans".to_owned()),
        "{:?}",
        run.warnings()
    );
    let bans = lab.client(&["get", "asterisk-scan", "banip", "--with-time"]);
    assert!(
        bans.lines()
            .any(|line| line.starts_with("192.0.2.77") && line.contains("+ 7200 =")),
        "{bans}"
    );
    // And back again: the bans are as before.
    lab.done(&["tune", "asterisk-scan", "bantime", "1h", "--yes"]);
    let bans = lab.client(&["get", "asterisk-scan", "banip", "--with-time"]);
    assert!(
        bans.lines()
            .any(|line| line.starts_with("192.0.2.77") && line.contains("+ 3600 =")),
        "{bans}"
    );
}

#[test]
fn a_threshold_within_a_storm_is_allowed_with_a_warning() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let run = lab.done(&["tune", "asterisk-scan", "maxretry", "20", "--dry-run", "--json"]);
    assert_eq!(run.json()["outcome"], json!("planned"));
    assert_eq!(run.warnings(), ["below_a_storm"]);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn a_jail_that_closes_the_port_one_came_in_by_is_kept_only_after_a_new_login() {
    let lab = Lab::start();
    let asked = |document: &serde_json::Value| document["plan"]["steps"].to_string().contains("sign_of_life");
    let tune = ["tune", "asterisk-auth", "maxretry", "4"];
    let planned = || lab.done(&[&tune[..], &["--dry-run", "--json"]].concat()).json();
    let before = planned();
    assert!(!asked(&before), "{before}");

    let address = before["host"]["address"].as_str().expect("an address");
    let port: u16 = address
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let ports = format!("port     = 5060,{}:{}\n", port - 1, port + 1);
    let text = lab.jail_local_text().replacen("port     = 5060,5061\n", &ports, 1);
    lab.write_jail_local(text);
    lab.client(&["restart", "asterisk-auth"]);
    let after = planned();
    assert_eq!(after["plan"]["drift"], json!([]), "{after}");
    assert!(asked(&after), "{after}");
    let done = lab.done(&[&tune[..], &["--yes", "--json"]].concat()).json();
    assert_eq!(done["outcome"], json!("changed"));
}
