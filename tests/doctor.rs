//! `doctor` on a rehearsal host: healthy at first, then each finding is made to appear and to disappear after its fix.
//!
//! The host's state is changed as another hand would change it: by editing files and by its own fail2ban-client.

mod support;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use support::{Lab, eventually};

/// The codes that doctor finds.
fn codes(lab: &Lab) -> BTreeSet<String> {
    let run = lab.run(&["doctor", "--json"]);
    let document = run.json();
    let findings = document["findings"].as_array().cloned().unwrap_or_default();
    assert!(
        run.code == 0 || run.code == 8,
        "exit {}: {}{}",
        run.code,
        run.stdout,
        run.stderr
    );
    findings
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .map(str::to_owned)
        .collect()
}

/// Makes a finding appear, heals it, and sees it gone.
fn appears_and_goes(lab: &Lab, code: &str, make: impl FnOnce(), heal: impl FnOnce()) {
    make();
    let found = codes(lab);
    assert!(found.contains(code), "{code} does not appear; found {found:?}");
    heal();
    let found = codes(lab);
    assert!(!found.contains(code), "{code} is still there");
}

/// An edit of jail.local without a reload, and its undoing.
fn on_disk(lab: &Lab, code: &str, from: &str, to: &str) {
    let before = lab.jail_local();
    appears_and_goes(
        lab,
        code,
        || lab.edit_jail_local(from, to),
        || lab.write_jail_local(&before),
    );
}

/// An edit of jail.local that is put into force, and its undoing.
fn in_force(lab: &Lab, code: &str, from: &str, to: &str) {
    let before = lab.jail_local();
    let make = || {
        lab.edit_jail_local(from, to);
        lab.client(&["reload"]);
    };
    let heal = || {
        lab.write_jail_local(&before);
        lab.client(&["reload"]);
    };
    appears_and_goes(lab, code, make, heal);
}

#[test]
fn a_fresh_rehearsal_host_is_healthy() {
    let lab = Lab::start();
    let run = lab.run(&["doctor", "--json"]);
    run.expect(0);
    assert_eq!(run.json()["findings"], Value::Array(Vec::new()));
    assert!(lab.done(&["doctor"]).stdout.contains("nothing to mend"));
}

#[test]
fn jails_and_files_that_are_not_as_the_runbook_says() {
    let lab = Lab::start();
    in_force(
        &lab,
        "jail_missing",
        "[asterisk-scan]\nenabled  = true",
        "[asterisk-scan]\nenabled  = false",
    );
    in_force(&lab, "threshold_differs", "maxretry = 3", "maxretry = 4");
    on_disk(&lab, "disk_differs", "maxretry = 3", "maxretry = 4");
    on_disk(&lab, "disk_unusable", "maxretry = 3", "maxretry = abc");
    on_disk(&lab, "suspect_value", "maxretry = 3", "maxretry = 3\nmaxrety = 30");
    on_disk(
        &lab,
        "unreadable",
        "[asterisk-scan]\n",
        "[asterisk-scan]\nno delimiter here\n",
    );
    let filter = lab.paths.config_dir().join("filter.d/asterisk-scan.local");
    let aside = lab.folder().join("filter");
    let move_away = || std::fs::rename(&filter, &aside).expect("moved away");
    appears_and_goes(&lab, "filter_missing", move_away, || {
        std::fs::rename(&aside, &filter).expect("moved back")
    });
    let stop = || lab.stop_fail2ban();
    let start = || {
        lab.done(&["start", "--yes"]);
    };
    appears_and_goes(&lab, "fail2ban_down", stop, start);
}

#[test]
fn the_distributions_jail_and_the_way_back() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let single = format!(
        "[asterisk]\nenabled = true\nbackend = polling\nlogpath = {}\n\n[asterisk-auth]",
        log.display()
    );
    in_force(&lab, "distribution_jail_enabled", "[asterisk-auth]", &single);
    let backup = lab.paths.config_dir().join("jail.local.bak-2026-05-11-pre-split");
    let text = std::fs::read_to_string(&backup).expect("the backup");
    let broken = text.replace(&*log.to_string_lossy(), "/nowhere/messages");
    assert_ne!(text, broken, "the backup names the log");
    let spoil = || std::fs::write(&backup, &broken).expect("written");
    appears_and_goes(&lab, "pre_split_backup_unusable", spoil, || {
        std::fs::write(&backup, &text).expect("written")
    });
    let remove = || std::fs::remove_file(&backup).expect("removed");
    appears_and_goes(&lab, "pre_split_backup_missing", remove, || {
        std::fs::write(&backup, &text).expect("written")
    });
}

#[test]
fn the_whitelist_lets_in_too_many_or_says_too_little() {
    let lab = Lab::start();
    let list = "ignoreip = 127.0.0.1/8 ::1";
    in_force(&lab, "undocumented", list, "ignoreip = 127.0.0.1/8 ::1 192.0.2.99");
    in_force(&lab, "too_wide", list, "ignoreip = 127.0.0.1/8 ::1 198.18.0.0/15");
    in_force(
        &lab,
        "everybody_whitelisted",
        list,
        "ignoreip = 127.0.0.1/8 ::1 0.0.0.0/0",
    );
    on_disk(&lab, "junk_word", list, "ignoreip = 127.0.0.1/8 ::1 999.1.1.1");
    in_force(
        &lab,
        "own_ignoreip",
        "[asterisk-scan]\n",
        "[asterisk-scan]\nignoreip = 127.0.0.1/8\n",
    );
    in_force(
        &lab,
        "not_in_force",
        "[asterisk-scan]\n",
        "[asterisk-scan]\nignoreip = 127.0.0.1/8\n",
    );
    let shadow = lab.paths.config_dir().join("jail.d/later.local");
    std::fs::create_dir_all(lab.paths.config_dir().join("jail.d")).expect("jail.d");
    let make = || {
        std::fs::write(&shadow, "[DEFAULT]\nignoreip = 127.0.0.1/8 ::1\n").expect("written");
        lab.client(&["reload"]);
    };
    let heal = || {
        std::fs::remove_file(&shadow).expect("removed");
        lab.client(&["reload"]);
    };
    appears_and_goes(&lab, "not_in_force", make, heal);
    let add = || {
        lab.client(&["set", "asterisk-auth", "addignoreip", "192.0.2.44"]);
    };
    let remove = || {
        lab.client(&["set", "asterisk-auth", "delignoreip", "192.0.2.44"]);
    };
    appears_and_goes(&lab, "runtime_entry", add, remove);
    let onboard = |key: &str, day: &str| {
        let text = lab.jail_local_text();
        let line =
            format!("# 192.0.2.0/28 | Blue Lotus Hotels | | {key}={day}\nignoreip = 127.0.0.1/8 ::1 192.0.2.0/28");
        lab.write_jail_local(text.replacen(list, &line, 1));
        lab.client(&["reload"]);
    };
    let before = lab.jail_local();
    let expire = || {
        lab.done(&["offboard", "--expired", "--yes"]);
    };
    appears_and_goes(&lab, "expired", || onboard("expires", "2020-01-31"), expire);
    lab.write_jail_local(&before);
    let review = || {
        lab.done(&[
            "whitelist",
            "annotate",
            "192.0.2.0/28",
            "--review",
            "2099-01-31",
            "--yes",
        ]);
    };
    appears_and_goes(&lab, "review_due", || onboard("review", "2020-01-31"), review);
}

#[test]
fn logs_that_show_nothing() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let text = std::fs::read(&log).expect("the log");
    let restore = || std::fs::write(&log, &text).expect("written");
    appears_and_goes(
        &lab,
        "log_missing",
        || std::fs::remove_file(&log).expect("removed"),
        restore,
    );
    appears_and_goes(
        &lab,
        "log_empty",
        || std::fs::write(&log, "").expect("emptied"),
        restore,
    );
    let age = || {
        let file = std::fs::File::options().append(true).open(&log).expect("the log");
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 3600);
        file.set_modified(old).expect("aged");
    };
    appears_and_goes(&lab, "log_not_growing", age, restore);
    let zone = || {
        let line = "[2020-01-01 00:00:00] NOTICE[1] x.c: a line of another time zone\n";
        std::fs::write(&log, [text.as_slice(), line.as_bytes()].concat()).expect("written");
    };
    appears_and_goes(&lab, "log_time_zone", zone, restore);
    let other = lab.folder().join("other.log");
    std::fs::write(&other, "").expect("another log");
    let settings = lab.configuration();
    let point_away = || lab.set_host("asterisk_log", &format!("{:?}", other.display().to_string()));
    let point_back = || std::fs::write(&lab.paths.configuration_file, &settings).expect("written");
    appears_and_goes(&lab, "log_not_read", point_away, point_back);
}

#[test]
fn filters_that_count_the_wrong_lines() {
    let lab = Lab::start();
    let stock = std::fs::read_to_string(lab.paths.config_dir().join("filter.d/asterisk.conf")).expect("stock filter");
    let filter = lab.paths.config_dir().join("filter.d/asterisk-auth.local");
    let own = std::fs::read_to_string(&filter).expect("the lab's filter");
    let with = |text: String| {
        std::fs::write(&filter, text).expect("written");
        lab.client(&["reload"]);
    };
    // The distribution's regular expressions take every level of everything.
    appears_and_goes(
        &lab,
        "strict_counts_first_registers",
        || with(stock.clone()),
        || with(own.clone()),
    );
    appears_and_goes(&lab, "counted_twice", || with(stock.clone()), || with(own.clone()));
    // Filters that look for SECURITY events only, where the attempts of this log are also NOTICE lines, still see them;
    // filters that look for nothing of it do not.
    let blind = "[Definition]\nfailregex = ^nothing of this kind from <HOST>$\n".to_owned();
    let scan = lab.paths.config_dir().join("filter.d/asterisk-scan.local");
    let own_scan = std::fs::read_to_string(&scan).expect("the lab's filter");
    let make = || {
        std::fs::write(&scan, &blind).expect("written");
        lab.client(&["reload"]);
    };
    let heal = || {
        std::fs::write(&scan, &own_scan).expect("written");
        lab.client(&["reload"]);
    };
    appears_and_goes(&lab, "attempts_not_counted", make, heal);
}

#[test]
fn bans_without_effect_and_a_recidive_jail_that_forgets() {
    let lab = Lab::start();
    let drop_action = || {
        lab.client(&["set", "asterisk-scan", "delaction", "lab-record"]);
    };
    let restart = || {
        lab.client(&["reload", "--restart", "asterisk-scan"]);
        eventually("the jail is back", || lab.jails().contains(&"asterisk-scan".to_owned()));
    };
    appears_and_goes(&lab, "jail_without_actions", drop_action, restart);
    // No address is banned, so the packet filter is not touched: the action is started at its first ban.
    let tcp =
        "[asterisk-scan]\nbanaction = iptables-allports\naction = %(banaction)s[port=\"%(port)s\", protocol=\"tcp\"]\n";
    lab.client(&["unban", "--all"]);
    let before = lab.jail_local();
    let make = || {
        lab.edit_jail_local("[asterisk-scan]\n", tcp);
        lab.client(&["reload", "--restart", "asterisk-scan"]);
    };
    let heal = || {
        lab.write_jail_local(&before);
        lab.client(&["reload", "--restart", "asterisk-scan"]);
    };
    appears_and_goes(&lab, "sip_udp_open", make, heal);
    let recidive = format!(
        "[recidive]\nenabled = true\nbackend = polling\nlogpath = {}\nfindtime = 1w\nbantime = 1w\n\n[asterisk-auth]",
        lab.paths.action_log().display()
    );
    in_force(&lab, "recidive_forgets", "[asterisk-auth]", &recidive);
}

#[test]
fn the_host_round_fail2ban() {
    let lab = Lab::start();
    let file = lab.jail_local_path();
    let mode = |bits: u32| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(bits)).expect("chmod");
    appears_and_goes(&lab, "file_mode", || mode(0o666), || mode(0o644));
    let change = lab.paths.state_dir().join("changes/interrupted-change");
    let phase = |text: &str| std::fs::write(change.join("phase"), text).expect("phase");
    let make = || {
        std::fs::create_dir_all(&change).expect("folder");
        for private in [lab.paths.state_dir(), lab.paths.state_dir().join("changes")] {
            std::fs::set_permissions(private, std::fs::Permissions::from_mode(0o700)).expect("chmod");
        }
        let request = r#"{"audit": {"operator": "ravi", "command": "onboard"}, "files": []}"#;
        std::fs::write(change.join("request.json"), request).expect("request");
        phase("replacing");
    };
    appears_and_goes(&lab, "interrupted_change", make, || phase("undone"));
}
