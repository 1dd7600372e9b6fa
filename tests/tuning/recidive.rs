//! Runbook, "Tuning guidance": the built-in jail for those who come back, with what it needs.

use serde_json::json;

use super::support::{Lab, assert_same};

/// What is written so that both protocols are shut out.
const ACTIONS: &str = "action_ = %(banaction)s[name=%(__name__)s-tcp, actname=%(__name__)s-tcp, protocol=\"tcp\", chain=\"%(chain)s\"]\n    \
                       %(banaction)s[name=%(__name__)s-udp, actname=%(__name__)s-udp, protocol=\"udp\", chain=\"%(chain)s\"]\n";

/// Lines of the action log that ban an address five times within the last minutes.
fn five_bans(address: &str) -> String {
    let now = chrono::Local::now();
    let line = |minute: i64| {
        let time = (now - chrono::TimeDelta::minutes(minute)).format("%Y-%m-%d %H:%M:%S");
        format!("{time},123 fail2ban.actions        [77]: NOTICE  [asterisk-scan] Ban {address}\n")
    };
    (1..=5).rev().map(line).collect()
}

fn append_to_action_log(lab: &Lab, text: &str) {
    let mut bytes = std::fs::read(lab.paths.action_log()).expect("the action log");
    bytes.extend(text.as_bytes());
    std::fs::write(lab.paths.action_log(), bytes).expect("the action log is written");
}

#[test]
fn enabling_and_disabling_leaves_the_file_as_it_was() {
    let lab = Lab::start();
    let before = lab.jail_local();

    let run = lab.done(&["recidive", "enable", "--yes", "--json"]);

    assert_eq!(run.json()["outcome"], json!("changed"));
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "recidive", "sshd"]);
    let log = lab.paths.action_log().display().to_string();
    assert!(lab.client(&["get", "recidive", "logpath"]).contains(&log));
    assert_eq!(
        lab.jail_local_text(),
        format!(
            "{}\n[recidive]\n\
             # f2bctl: section and blank line above added; they go when the jail is disabled\n\
             enabled = true\nlogpath = {log}\n{ACTIONS}",
            String::from_utf8_lossy(&before)
        )
    );
    let actions = lab.client(&["get", "recidive", "actions"]);
    assert!(
        actions.contains("recidive-tcp") && actions.contains("recidive-udp"),
        "{actions}"
    );
    let settled = lab.snapshot();
    assert_eq!(
        lab.done(&["recidive", "enable", "--yes", "--json"]).json()["outcome"],
        json!("unchanged")
    );
    assert_same(&settled, &lab.snapshot());

    lab.done(&["recidive", "disable", "--yes"]);
    assert_eq!(lab.jail_local(), before);
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    let settled = lab.snapshot();
    assert_eq!(
        lab.done(&["recidive", "disable", "--yes", "--json"]).json()["outcome"],
        json!("unchanged")
    );
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn the_plan_says_who_would_be_banned_today_and_the_operator_is_not() {
    let lab = Lab::start();
    append_to_action_log(&lab, &five_bans("192.0.2.200"));
    let before = lab.snapshot();
    let planned = lab.done(&["recidive", "enable", "--dry-run", "--json"]);
    assert_eq!(
        planned.json()["plan"]["banned_at_once"]["recidive"],
        json!({"value": ["192.0.2.200"]})
    );
    assert!(planned.warnings().contains(&"banned_at_once".to_owned()));
    assert_same(&before, &lab.snapshot());

    // The operator logs in from 127.0.0.1; without the whitelist he would be among them.
    lab.edit_jail_local("ignoreip = 127.0.0.1/8 ::1 ", "ignoreip = ");
    lab.client(&["reload"]);
    append_to_action_log(&lab, &five_bans("127.0.0.1"));
    let before = lab.snapshot();
    let refused = lab.run(&["recidive", "enable", "--yes", "--json"]);
    refused.expect(3);
    assert_eq!(
        refused.error(),
        "jail recidive would ban your own address 127.0.0.1 as soon as it starts, from what is in its log"
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn a_log_target_that_is_no_file_is_refused() {
    let lab = Lab::start();
    lab.client(&["set", "logtarget", "SYSOUT"]);
    let before = lab.snapshot();
    let run = lab.run(&["recidive", "enable", "--yes", "--json"]);
    run.expect(3);
    assert_eq!(
        run.error(),
        "jail recidive reads fail2ban's own log file, and this fail2ban logs to SYSOUT"
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn the_database_is_made_to_remember_for_as_long_as_the_jail_looks_back() {
    let lab = Lab::start();
    let path = lab.paths.config_dir().join("fail2ban.local");
    let before = std::fs::read_to_string(&path).expect("fail2ban.local");
    assert!(before.contains("dbpurgeage = 1d\n"));
    lab.done(&["recidive", "enable", "--yes"]);
    let tuned = lab.done(&["tune", "recidive", "findtime", "7d", "--yes", "--json"]);
    assert!(
        tuned.warnings().contains(&"forgotten_sooner".to_owned()),
        "{:?}",
        tuned.warnings()
    );
    let status = lab.run(&["recidive", "status", "--json"]);
    status.expect(8);
    let needs = status.json()["recidive"]["needs"].clone();
    assert_eq!(needs[2]["code"], json!("purge_age"));
    assert_eq!(needs[2]["met"], json!(false));

    lab.done(&["recidive", "enable", "--yes"]);

    let after = std::fs::read_to_string(&path).expect("fail2ban.local");
    assert_eq!(after, before.replace("dbpurgeage = 1d\n", "dbpurgeage = 604800\n"));
    assert!(lab.client(&["get", "dbpurgeage"]).contains("604800seconds"));
    lab.done(&["recidive", "status"]);
    let settled = lab.snapshot();
    assert_eq!(
        lab.done(&["recidive", "enable", "--yes", "--json"]).json()["outcome"],
        json!("unchanged")
    );
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn a_section_by_hand_is_switched_and_not_removed() {
    let lab = Lab::start();
    let text = lab.jail_local_text() + "\n[recidive]\n# ours\nenabled = no\nmaxretry = 4\n";
    lab.write_jail_local(&text);
    lab.client(&["reload"]);
    lab.done(&["recidive", "enable", "--yes"]);
    let log = lab.paths.action_log().display().to_string();
    assert_eq!(
        lab.jail_local_text(),
        text.replace(
            "enabled = no\nmaxretry = 4\n",
            &format!("enabled = true\nmaxretry = 4\nlogpath = {log}\n{ACTIONS}")
        )
    );
    assert_eq!(lab.client(&["get", "recidive", "maxretry"]), "4");
    lab.done(&["recidive", "disable", "--yes"]);
    assert!(
        lab.jail_local_text()
            .contains("[recidive]\n# ours\nenabled = false\nmaxretry = 4\n")
    );
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
}

#[test]
fn a_jail_that_leaves_udp_open_is_reported_and_enabling_it_again_closes_it() {
    let lab = Lab::start();
    let log = lab.paths.action_log().display().to_string();
    let text = format!(
        "{}\n[recidive]\nenabled = true\nlogpath = {log}\n",
        lab.jail_local_text()
    );
    lab.write_jail_local(&text);
    lab.client(&["reload"]);
    let status = lab.run(&["recidive", "status", "--json"]);
    status.expect(8);
    let needs = status.json()["recidive"]["needs"].clone();
    assert_eq!(
        (&needs[3]["code"], &needs[3]["met"]),
        (&json!("protocols"), &json!(false)),
        "{needs}"
    );
    lab.done(&["recidive", "enable", "--yes"]);
    assert_eq!(lab.jail_local_text(), text + ACTIONS);
    lab.done(&["recidive", "status"]);
}
