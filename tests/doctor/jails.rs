//! The runbook's jails, their files, and the way back.

use super::support::Lab;
use super::{appears_and_goes, in_force, on_disk};

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
    let own = std::fs::read_to_string(&filter).expect("the filter");
    let outdated = || {
        let older = own.replace(
            "# asterisk-scan: endpoint discovery",
            "# asterisk-scan: discovery of endpoints",
        );
        assert_ne!(older, own);
        std::fs::write(&filter, older).expect("written");
    };
    appears_and_goes(&lab, "filters_outdated", outdated, || {
        lab.done(&["split", "--yes"]);
    });
    assert_eq!(std::fs::read_to_string(&filter).expect("the filter"), own);
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
