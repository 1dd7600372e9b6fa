//! The runbook's jails, their files, and the way back.

use super::support::Lab;
use super::{PRE_SPLIT, appear_and_go, appear_and_go_in_force, edit, fault, host};

#[test]
fn jails_that_are_not_as_the_runbook_says() {
    let lab = host();
    let log = lab.paths.asterisk_log();
    let single = format!(
        "[asterisk]\nenabled = true\nbackend = polling\nlogpath = {}\n\n[asterisk-auth]",
        log.display()
    );
    let (on, off) = ("[asterisk-scan]\nenabled  = true", "[asterisk-scan]\nenabled  = false");
    appear_and_go_in_force(
        &lab,
        [
            edit(&lab, "jail_missing", on, off),
            edit(&lab, "threshold_differs", "maxretry = 3", "maxretry = 4"),
            edit(&lab, "distribution_jail_enabled", "[asterisk-auth]", &single),
        ],
    );
    server_as_a_whole(&lab);
    let stop = || lab.stop_fail2ban();
    let start = || {
        lab.done(&["start", "--yes"]);
    };
    appear_and_go(&lab, [fault("fail2ban_down", stop, start)]);
}

/// A server that logs nothing of what it does, a jail that does not read, one that exempts everybody, no database.
fn server_as_a_whole(lab: &Lab) {
    let set = |words: &[&str]| {
        lab.client(&[&["set"], words].concat());
    };
    let level = |level: &'static str| move || set(&["loglevel", level]);
    let command = |command: &'static str| move || set(&["sshd", "ignorecommand", command]);
    appear_and_go(lab, [fault("action_log_silent", level("ERROR"), level("INFO"))]);
    appear_and_go(lab, [fault("everybody_whitelisted", command("/bin/true"), command(""))]);
    // The jails have run for longer than the line is old.
    let action_log = lab.paths.action_log();
    let text = std::fs::read_to_string(&action_log).expect("the action log");
    let earlier = chrono::Local::now() - chrono::TimeDelta::minutes(9);
    let earlier = earlier.format("%Y-%m-%d %H:%M:%S").to_string();
    let aged: String = text
        .lines()
        .map(|line| match line.get(earlier.len()..) {
            Some(rest) if line.contains(" Jail '") || line.contains("Reload jail") => format!("{earlier}{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let first = format!("{earlier},000 fail2ban.server [1]: INFO ---\n");
    std::fs::write(&action_log, first + &aged).expect("written");
    let deafen = || {
        set(&["asterisk-auth", "idle", "on"]);
        let moment = chrono::Local::now() - chrono::TimeDelta::seconds(100);
        let line = format!(
            "[{}] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:6001@198.51.100.20>' failed for \
             '192.0.2.201:5060' (callid: idle) - Failed to authenticate\n",
            moment.format("%Y-%m-%d %H:%M:%S")
        );
        let log = lab.paths.asterisk_log();
        let text = std::fs::read_to_string(&log).expect("the log");
        std::fs::write(&log, text + &line).expect("written");
    };
    let restart = || {
        lab.client(&["reload", "--restart", "asterisk-auth"]);
        let found = || std::fs::read_to_string(&action_log).is_ok_and(|text| text.contains("Found 192.0.2.201"));
        super::support::eventually("the jail has read its log", found);
    };
    appear_and_go(lab, [fault("jail_finds_nothing", deafen, restart)]);
    let local = lab.paths.config_dir().join("fail2ban.local");
    let text = std::fs::read_to_string(&local).expect("fail2ban.local");
    let database = text
        .lines()
        .find(|line| line.starts_with("dbfile"))
        .expect("the database");
    let with = |text: String| {
        std::fs::write(&local, text).expect("written");
        lab.stop_fail2ban();
        lab.done(&["start", "--yes"]);
    };
    let without = || with(text.replace(database, "dbfile = None"));
    appear_and_go(lab, [fault("database_off", without, || with(text.clone()))]);
}

/// What the fix comes to is in the scenarios' `cases::begin`.
#[test]
fn a_host_without_jail_local() {
    let lab = host();
    let kept = lab.jail_local();
    let remove = || std::fs::remove_file(lab.jail_local_path()).expect("removed");
    appear_and_go(&lab, [fault("no_jail_local", remove, || lab.write_jail_local(&kept))]);
}

#[test]
fn files_that_are_not_as_the_runbook_says() {
    let lab = host();
    let filter = lab.paths.config_dir().join("filter.d/asterisk-scan.local");
    let own = std::fs::read_to_string(&filter).expect("the filter");
    let outdated = || {
        let older = own.replace(
            "# asterisk-scan: endpoint discovery",
            "# asterisk-scan: discovery of endpoints",
        );
        assert_ne!(older, own);
        std::fs::write(&filter, older).expect("written");
    };
    let renew = || {
        lab.done(&["split", "--yes"]);
    };
    let misspelt = "maxretry = 4\nmaxrety = 30";
    appear_and_go(
        &lab,
        [
            fault("filters_outdated", outdated, renew),
            edit(&lab, "disk_differs", "maxretry = 3", "maxretry = 4"),
            edit(&lab, "suspect_value", "maxretry = 4", misspelt),
        ],
    );
    assert_eq!(std::fs::read_to_string(&filter).expect("the filter"), own);
    appear_and_go(&lab, [edit(&lab, "disk_unusable", "maxretry = 3", "maxretry = abc")]);
    let aside = lab.folder().join("filter");
    let move_away = || std::fs::rename(&filter, &aside).expect("moved away");
    let move_back = || std::fs::rename(&aside, &filter).expect("moved back");
    let no_delimiter = "[asterisk-scan]\nno delimiter here\n";
    appear_and_go(
        &lab,
        [
            fault("filter_missing", move_away, move_back),
            edit(&lab, "unreadable", "[asterisk-scan]\n", no_delimiter),
        ],
    );
}

#[test]
fn the_way_back() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let backup = lab.paths.config_dir().join(PRE_SPLIT);
    let text = std::fs::read_to_string(&backup).expect("the backup");
    let broken = text.replace(&*log.to_string_lossy(), "/nowhere/messages");
    assert_ne!(text, broken, "the backup names the log");
    let spoil = || std::fs::write(&backup, &broken).expect("written");
    let remove = || std::fs::remove_file(&backup).expect("removed");
    let put_back = || std::fs::write(&backup, &text).expect("written");
    appear_and_go(&lab, [fault("pre_split_backup_unusable", spoil, put_back)]);
    appear_and_go(&lab, [fault("pre_split_backup_missing", remove, put_back)]);
}
