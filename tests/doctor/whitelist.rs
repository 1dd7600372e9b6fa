//! The whitelist: entries that let in too many, say too little, or are in force nowhere.

use super::{appear_and_go, appear_and_go_in_force, edit, fault, host};

/// The lab's list, as far as it names nobody. More words behind it leave it where it is, so edits of it add up.
const LIST: &str = "ignoreip = 127.0.0.1/8 ::1";

#[test]
fn the_whitelist_lets_in_too_many_or_says_too_little() {
    let lab = host();
    let added = |words: &str| format!("{LIST} {words}");
    let (unknown, wide, all) = (added("192.0.2.99"), added("198.18.0.0/15"), added("0.0.0.0/0"));
    let own = "[asterisk-scan]\nignoreip = 127.0.0.1/8\n";
    appear_and_go_in_force(
        &lab,
        [
            edit(&lab, "undocumented", LIST, &unknown),
            edit(&lab, "too_wide", LIST, &wide),
            edit(&lab, "everybody_whitelisted", LIST, &all),
            edit(&lab, "own_ignoreip", "[asterisk-scan]\n", own),
        ],
    );
    let shadow = lab.paths.config_dir().join("jail.d/later.local");
    std::fs::create_dir_all(lab.paths.config_dir().join("jail.d")).expect("jail.d");
    let make = || std::fs::write(&shadow, "[DEFAULT]\nignoreip = 127.0.0.1/8 ::1\n").expect("written");
    let heal = || std::fs::remove_file(&shadow).expect("removed");
    // The reload that puts the other file into force drops what was set at run time.
    lab.done(&["temp", "add", "198.51.100.77", "--for", "1h", "--yes"]);
    let set_again = || {
        lab.done(&["reload", "--yes"]);
    };
    lab.client(&["reload"]);
    appear_and_go(&lab, [fault("temporary_not_in_force", || (), set_again)]);
    lab.done(&["temp", "remove", "198.51.100.77", "--yes"]);
    appear_and_go_in_force(&lab, [fault("not_in_force", make, heal)]);
}

#[test]
fn entries_whose_day_has_come() {
    let lab = host();
    let dated = format!(
        "# 192.0.2.0/28 | Blue Lotus Hotels | | expires=2020-01-31\n# 203.0.113.64/28 | Sunrise Motels | | \
         review=2020-01-31\n{LIST} 192.0.2.0/28 203.0.113.64/28"
    );
    lab.edit_jail_local(LIST, &dated);
    lab.client(&["reload"]);
    let expire = || {
        lab.done(&["offboard", "--expired", "--yes"]);
    };
    let later = [
        "whitelist",
        "annotate",
        "203.0.113.64/28",
        "--review",
        "2099-01-31",
        "--yes",
    ];
    let review = || {
        lab.done(&later);
    };
    appear_and_go(
        &lab,
        [fault("expired", || (), expire), fault("review_due", || (), review)],
    );
}

/// Each with the command that the finding offers.
#[test]
fn entries_that_commands_of_the_program_repair() {
    let lab = host();
    let text = format!(
        "# 192.0.2.0/28 | Blue Lotus Hotels | Desk | expires=soon\n# 192.0.2.4/30 | Blue Lotus Hotels | Desk\n\
         # 198.51.100.64/28 | Sunrise Motels\n# 192.0.2.64/28 | Lotus Court Hotels\n\
         {LIST} 192.0.2.0/28 192.0.2.4/30 198.51.100.64/28 198.51.100.64/28"
    );
    lab.edit_jail_local(LIST, &text);
    lab.client(&["reload"]);
    let by = |command: &'static [&str]| {
        let lab = &lab;
        move || {
            lab.done(command);
        }
    };
    let lint = &["whitelist", "lint", "--fix", "--yes"];
    let annotate = &[
        "whitelist",
        "annotate",
        "192.0.2.0/28",
        "--expires",
        "2099-01-31",
        "--yes",
    ];
    // The last one is healed first.
    appear_and_go(
        &lab,
        [
            fault("covered", || (), by(&["offboard", "192.0.2.4/30", "--yes"])),
            fault("unreadable_date", || (), by(annotate)),
            fault("duplicate", || (), || ()),
            fault("stale_line", || (), by(lint)),
        ],
    );
    // Gone from the file without a change of f2bctl.
    let onboarded = ["onboard", "192.0.2.96/28", "--customer", "Inn", "--yes"];
    let lose = || {
        let before = lab.jail_local();
        lab.done(&onboarded);
        lab.write_jail_local(before);
    };
    let onboard = || {
        lab.done(&onboarded);
    };
    appear_and_go(&lab, [fault("recorded_customer_gone", lose, onboard)]);
    lab.done(&["offboard", "192.0.2.96/28", "--yes"]);
    // Words that a tab separates are one word to fail2ban, which lets everybody in.
    let tabs = || {
        lab.edit_jail_local("::1 192.0.2.0/28", "::1\t192.0.2.0/28");
        lab.client(&["reload"]);
    };
    appear_and_go(&lab, [fault("tabs", tabs, by(lint))]);
}

/// On the disk only: what a reload would make of them.
#[test]
fn entries_that_fail2ban_reads_otherwise_than_they_look() {
    let lab = host();
    let entry = format!("# 192.0.2.0/28 | Blue Lotus Hotels\n{LIST} 192.0.2.0/28");
    let twice = format!("# 192.0.2.0/28 | Blue Lotus Hotels | Old\n{entry}");
    let unread = format!("# 203.0.113.64/28 | Sunrise Motels | Desk | by=ravi and more\n{LIST} 203.0.113.64/28");
    let offices = format!("offices = 198.51.100.64/28\n{LIST} %(offices)s");
    let added = |words: &str| format!("{LIST} {words}");
    let (junk, name) = (added("999.1.1.1"), added("pbx.example.net"));
    let (all, disguised) = (added("0.0.0.0/0"), added("192.0.2.7/0"));
    let runtime = |verb: &'static str| {
        let lab = &lab;
        move || {
            lab.client(&["set", "asterisk-auth", verb, "192.0.2.44"]);
        }
    };
    let ban = || lab.ban("asterisk-scan", "203.0.113.9");
    let unban = || {
        lab.done(&["unban", "203.0.113.9", "--yes"]);
    };
    appear_and_go(
        &lab,
        [
            edit(&lab, "repeated_line", LIST, &twice),
            edit(&lab, "unread_words", LIST, &unread),
            edit(&lab, "junk_word", LIST, &junk),
            edit(&lab, "host_name", LIST, &name),
            edit(&lab, "interpolation", LIST, &offices),
            edit(&lab, "everybody", LIST, &all),
            edit(&lab, "everybody_in_disguise", LIST, &disguised),
            fault("runtime_entry", runtime("addignoreip"), runtime("delignoreip")),
            fault("banned_whitelisted", ban, unban),
        ],
    );
}

#[test]
fn a_host_without_a_list_and_one_that_takes_no_special_ranges() {
    let lab = host();
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
    appear_and_go(&lab, [fault("no_list", make, onboard)]);
    // A section that fail2ban does not know by that name: nothing of it is in force.
    // What keeps the rehearsal host harmless stays in force.
    let harmless = "[DEFAULT]\nbackend = polling\nusedns = no\nignoreself = false\nbanaction = lab-record\n";
    let small = || {
        let folder = lab.paths.config_dir().join("jail.d");
        std::fs::create_dir_all(&folder).expect("jail.d");
        std::fs::write(folder.join("harmless.conf"), harmless).expect("written");
        lab.edit_jail_local("[DEFAULT]", "[default]");
        lab.client(&["reload"]);
    };
    let lint = || {
        lab.done(&["whitelist", "lint", "--fix", "--yes"]);
    };
    appear_and_go(&lab, [fault("default_section", small, lint)]);
    // Documentation ranges are special; the lab allows them, and other hosts don't.
    let forbid = || lab.set_host("allow_special", "false");
    let offboard = || {
        lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    };
    appear_and_go(&lab, [fault("special_range", forbid, offboard)]);
}
