//! Asterisk's log, and what the jails count of it.

use super::{appear_and_go, fault, host};

#[test]
fn logs_that_show_nothing() {
    let lab = host();
    let log = lab.paths.asterisk_log();
    let text = std::fs::read(&log).expect("the log");
    let restore = || std::fs::write(&log, &text).expect("written");
    let remove = || std::fs::remove_file(&log).expect("removed");
    appear_and_go(&lab, [fault("log_missing", remove, restore)]);
    let empty = || std::fs::write(&log, "").expect("emptied");
    appear_and_go(&lab, [fault("log_empty", empty, restore)]);
    let age = || {
        let file = std::fs::File::options().append(true).open(&log).expect("the log");
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 3600);
        file.set_modified(old).expect("aged");
    };
    appear_and_go(&lab, [fault("asterisk_not_running", age, restore)]);
    let zone = || {
        let line = "[2020-01-01 00:00:00] NOTICE[1] x.c: a line of another time zone\n";
        std::fs::write(&log, [text.as_slice(), line.as_bytes()].concat()).expect("written");
    };
    appear_and_go(&lab, [fault("log_time_zone", zone, restore)]);
    let other = lab.folder().join("other.log");
    std::fs::write(&other, "").expect("another log");
    let settings = lab.configuration();
    let point_away = || lab.set_host("asterisk_log", &format!("{:?}", other.display().to_string()));
    let point_back = || std::fs::write(&lab.paths.configuration_file, &settings).expect("written");
    appear_and_go(&lab, [fault("log_not_read", point_away, point_back)]);
    // Whoever may write in the log's folder must not keep a report waiting for ever.
    std::fs::remove_file(&other).expect("removed");
    rustix::fs::mkfifoat(rustix::fs::CWD, &other, 0o600.into()).expect("a pipe");
    appear_and_go(&lab, [fault("unknown", point_away, point_back)]);
}

#[test]
fn filters_that_count_the_wrong_lines() {
    let lab = host();
    let stock = std::fs::read_to_string(lab.paths.config_dir().join("filter.d/asterisk.conf")).expect("stock filter");
    let filter = lab.paths.config_dir().join("filter.d/asterisk-auth.local");
    let own = std::fs::read_to_string(&filter).expect("the lab's filter");
    let with = |text: String| {
        std::fs::write(&filter, text).expect("written");
        lab.client(&["reload"]);
    };
    // The distribution's regular expressions take every level of everything.
    appear_and_go(
        &lab,
        [
            fault("strict_counts_first_registers", || with(stock), || with(own)),
            fault("counted_twice", || (), || ()),
        ],
    );
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
    appear_and_go(&lab, [fault("attempts_not_counted", make, heal)]);
}
