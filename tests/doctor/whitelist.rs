//! The whitelist: entries that let in too many, say too little, or are in force nowhere.

use super::support::Lab;
use super::{appears_and_goes, in_force, on_disk};

/// The lab's list, as far as it names nobody.
const LIST: &str = "ignoreip = 127.0.0.1/8 ::1";

/// An edit of the list, or of the lines before it, that is put into force; the fix is a command of f2bctl.
fn mended_by(lab: &Lab, code: &str, to: &str, fix: &[&str]) {
    let before = lab.jail_local();
    let make = || {
        lab.edit_jail_local(LIST, to);
        lab.client(&["reload"]);
    };
    appears_and_goes(lab, code, make, || {
        lab.done(fix);
    });
    lab.write_jail_local(before);
    lab.client(&["reload"]);
}

#[test]
fn the_whitelist_lets_in_too_many_or_says_too_little() {
    let lab = Lab::start();
    in_force(&lab, "undocumented", LIST, "ignoreip = 127.0.0.1/8 ::1 192.0.2.99");
    in_force(&lab, "too_wide", LIST, "ignoreip = 127.0.0.1/8 ::1 198.18.0.0/15");
    in_force(
        &lab,
        "everybody_whitelisted",
        LIST,
        "ignoreip = 127.0.0.1/8 ::1 0.0.0.0/0",
    );
    on_disk(&lab, "junk_word", LIST, "ignoreip = 127.0.0.1/8 ::1 999.1.1.1");
    in_force(
        &lab,
        "own_ignoreip",
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
    let lose = || {
        lab.done(&["temp", "add", "198.51.100.77", "--for", "1h", "--yes"]);
        lab.client(&["reload"]);
    };
    appears_and_goes(&lab, "temporary_not_in_force", lose, || {
        lab.done(&["reload", "--yes"]);
    });
    let onboard = |key: &str, day: &str| {
        let text = lab.jail_local_text();
        let line =
            format!("# 192.0.2.0/28 | Blue Lotus Hotels | | {key}={day}\nignoreip = 127.0.0.1/8 ::1 192.0.2.0/28");
        lab.write_jail_local(text.replacen(LIST, &line, 1));
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
fn entries_that_are_there_twice_or_for_nothing() {
    let lab = Lab::start();
    let entry = "# 192.0.2.0/28 | Blue Lotus Hotels\nignoreip = 127.0.0.1/8 ::1 192.0.2.0/28";
    let repair = ["whitelist", "lint", "--fix", "--yes"];
    mended_by(&lab, "duplicate", &format!("{entry} 192.0.2.0/28"), &repair);
    let covered = format!("# 192.0.2.4/30 | Blue Lotus Hotels | Desk\n{entry} 192.0.2.4/30");
    mended_by(&lab, "covered", &covered, &["offboard", "192.0.2.4/30", "--yes"]);
    let stale = format!("# 192.0.2.64/28 | Lotus Court Hotels\n{LIST}");
    mended_by(&lab, "stale_line", &stale, &repair);
    on_disk(
        &lab,
        "repeated_line",
        LIST,
        &format!("# 192.0.2.0/28 | Blue Lotus Hotels | Old\n{entry}"),
    );
    on_disk(
        &lab,
        "unread_words",
        LIST,
        &entry.replace("Hotels", "Hotels | Desk | by=ravi and more"),
    );
    let annotate = [
        "whitelist",
        "annotate",
        "192.0.2.0/28",
        "--expires",
        "2099-01-31",
        "--yes",
    ];
    let dated = entry.replace("Hotels", "Hotels | Desk | expires=soon");
    mended_by(&lab, "unreadable_date", &dated, &annotate);
}

#[test]
fn entries_that_fail2ban_reads_otherwise_than_they_look() {
    let lab = Lab::start();
    let repair = ["whitelist", "lint", "--fix", "--yes"];
    mended_by(&lab, "tabs", &LIST.replace(' ', "\t").replace("\t=\t", " = "), &repair);
    on_disk(&lab, "everybody", LIST, &format!("{LIST} 0.0.0.0/0"));
    on_disk(&lab, "everybody_in_disguise", LIST, &format!("{LIST} 192.0.2.7/0"));
    on_disk(&lab, "host_name", LIST, &format!("{LIST} pbx.example.net"));
    on_disk(
        &lab,
        "interpolation",
        LIST,
        &format!("offices = 192.0.2.0/28\n{LIST} %(offices)s"),
    );
}

#[test]
fn a_host_without_a_list_and_one_that_takes_no_special_ranges() {
    let lab = Lab::start();
    let text = lab.jail_local_text();
    let (list, register) = (
        |line: &&str| line.starts_with("ignoreip"),
        |line: &&str| line.contains(" | by=lab"),
    );
    let without: Vec<&str> = text.lines().filter(|line| !list(line) && !register(line)).collect();
    let make = || {
        lab.write_jail_local(without.join("\n") + "\n");
        lab.client(&["reload"]);
    };
    let onboard = || {
        lab.done(&["onboard", "192.0.2.0/28", "--customer", "Blue Lotus Hotels", "--yes"]);
    };
    appears_and_goes(&lab, "no_list", make, onboard);
    lab.set_host("allow_special", "false");
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    lab.set_host("allow_special", "true");
    onboard();
    // Documentation ranges are special; the lab allows them, and other hosts don't.
    let forbid = || lab.set_host("allow_special", "false");
    appears_and_goes(&lab, "special_range", forbid, || {
        lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    });
}
