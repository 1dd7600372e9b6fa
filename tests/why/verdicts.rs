//! The verdicts, each on a host where it is true.

use std::process::Command;

use super::support::{Lab, eventually};
use super::*;

#[test]
fn what_is_counted_and_banned_and_what_is_not() {
    let lab = Lab::start();
    is(&lab, "192.0.2.200", "no_lines");
    is(&lab, "203.0.113.9", "whitelisted");
    // Whether a jail ignores it is fail2ban's decision; a command that decides it is not run.
    lab.client(&["set", "asterisk-scan", "ignorecommand", "/bin/true"]);
    let unknown = why(&lab, &["192.0.2.200"])["phases"][0].to_string();
    assert!(
        unknown.contains("Whether it is ignored in asterisk-scan is unknown"),
        "{unknown}"
    );
    lab.client(&["set", "asterisk-scan", "ignorecommand", ""]);
    lab.client(&["set", "sshd", "addignoreip", "192.0.2.200"]);
    let partly = is(&lab, "192.0.2.200", "whitelisted_but_shadowed")["phases"][0].to_string();
    assert!(
        partly.contains("ignores it in sshd, and not in asterisk-auth"),
        "{partly}"
    );
    lab.client(&["set", "sshd", "delignoreip", "192.0.2.200"]);
    // An own address of the host is ignored without an entry.
    let own = |entry: &str, ignoreself: &str| {
        for jail in lab.jails() {
            lab.client(&["set", &jail, entry, "127.0.0.0/8"]);
            lab.client(&["set", &jail, "ignoreself", ignoreself]);
        }
    };
    own("delignoreip", "true");
    is(&lab, "127.0.0.1", "ignored_otherwise");
    own("addignoreip", "false");
    is(&lab, "127.0.0.1", "whitelisted");
    let lines = [
        vec![wrong("198.51.100.20", "6004"), wrong("198.51.100.20", "6004")],
        vec![wrong("198.51.100.21", "6001"); 4],
        (22..25)
            .map(|last| wrong(&format!("198.51.100.{last}"), "6009"))
            .collect(),
        vec![event("198.51.100.30", "6010", "a", "SuccessfulAuth")],
        vec![event("198.51.100.31", "6011", "b", "FailedACL")],
        // With the filters for notices, SECURITY events are counted by nobody.
        vec![event("198.51.100.32", "6012", "c", "ChallengeResponseFailed")],
        // A phone with a wrong password beside others that are let in.
        (10..16)
            .map(|account| {
                event(
                    "198.51.100.33",
                    &format!("61{account}"),
                    &account.to_string(),
                    "SuccessfulAuth",
                )
            })
            .collect(),
        vec![wrong("198.51.100.33", "6199"); 3],
        // Five wrong passwords from an address that then gets in.
        (0..5).map(|_| wrong("198.51.100.34", "6205")).collect(),
        vec![event("198.51.100.34", "6205", "d", "SuccessfulAuth")],
    ];
    log(&lab, lines.into_iter().flatten());
    acted(&lab, "Ban 198.51.100.34");
    let below = is(&lab, "198.51.100.20", "below_threshold");
    let jail = &below["jails"][0];
    assert_eq!(
        (&jail["name"], &jail["count"], &jail["attempts"]),
        (&"asterisk-auth".into(), &2.into(), &2.into())
    );
    assert_eq!(
        (&jail["peak"]["count"], &jail["source"]),
        (&2.into(), &"action_log".into())
    );
    assert_eq!(below["accounts"][0]["account"], "6004");
    let banned = is(&lab, "198.51.100.21", "banned");
    assert_eq!(banned["phases"].as_array().map(Vec::len), Some(5));
    let cited = banned["phases"][1]["evidence"].to_string();
    assert!(
        cited.contains("messages.log:") && cited.contains("fail2ban.log:"),
        "{cited}"
    );
    is(&lab, "6009", "guessed_from_many_addresses");
    is(&lab, "6205", "account_taken");
    is(&lab, "198.51.100.30", "lines_but_no_failure");
    is(&lab, "198.51.100.31", "refused_by_asterisk");
    is(&lab, "198.51.100.32", "counted_by_no_jail");
    let phone = is(&lab, "198.51.100.33", "banned");
    assert_eq!(phone["episodes"][0]["kind"], "broken_phone");
    assert!(phone["next"].to_string().contains("account 6199"), "{phone:#}");
    // A network by its weightiest address, and a customer by the register.
    let network = is(&lab, "198.51.100.0/24", "banned");
    assert!(network["addresses"].as_array().map(Vec::len) >= Some(11), "{network:#}");
    let customer = why(&lab, &["--customer", "Blue Lotus Hotels"]);
    assert_eq!(customer["verdict"], "whitelisted", "{customer:#}");
    // `.2` is neither `.20` nor `.21`.
    is(&lab, "198.51.100.2", "no_lines");
    assert_eq!(
        why(&lab, &["198.51.100.2", "--since", "365d"])["verdict"],
        "beyond_horizon"
    );
    // A test of one's own: the verdict that is expected, or exit 8.
    lab.run(&["why", "198.51.100.20", "--expect", "below_threshold"])
        .expect(0);
    lab.run(&["why", "198.51.100.20", "--expect", "banned"]).expect(8);
    lab.run(&["why", "198.51.100.20", "--expect", "nosuch"]).expect(2);
    for (language, word) in [("en", "telephone system"), ("de", "Telefonanlage"), ("hi", "टेलीफ़ोन")] {
        let reply = lab
            .done(&["why", "198.51.100.21", "--reply", "--language", language])
            .stdout;
        assert!(reply.contains(word) && !reply.contains("fail2ban"), "{reply}");
    }
    let whole = lab.done(&["why", "198.51.100.21", "--explain"]).stdout;
    assert_eq!(
        whole.matches("messages.log:").count(),
        6,
        "two as evidence, four lines:\n{whole}"
    );
    for subject in ["198.51.100.21", "198.51.100.33", "198.51.100.0/24", "6009"] {
        let shown = lab.done(&["why", subject]).stdout;
        assert!(shown.lines().count() <= 24, "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }
}

#[test]
fn bans_that_are_no_plain_ones_and_those_that_have_ended() {
    let lab = Lab::start();
    lab.ban("asterisk-auth", "198.51.100.40");
    is(&lab, "198.51.100.40", "banned_by_hand");
    lab.ban("asterisk-auth", "203.0.113.9");
    is(&lab, "203.0.113.9", "whitelisted_yet_banned");
    lab.client(&["set", "asterisk-scan", "banip", "198.51.100.224/28"]);
    acted(&lab, "Ban 198.51.100.224/28");
    is(&lab, "198.51.100.230", "banned_with_its_network");
    log(&lab, vec![wrong("198.51.100.41", "6001"); 3]);
    acted(&lab, "Ban 198.51.100.41");
    lab.done(&["unban", "198.51.100.41", "--yes"]);
    let lifted = is(&lab, "198.51.100.41", "was_banned_lifted");
    assert!(
        lifted["answer"]
            .as_str()
            .is_some_and(|answer| answer.contains("ravi") && answer.contains("audit.jsonl:")),
        "{lifted:#}"
    );
    // Still heard after its ban: the harmless action of this host blocks nobody.
    log(&lab, vec![wrong("198.51.100.42", "6001"); 3]);
    acted(&lab, "Ban 198.51.100.42");
    std::thread::sleep(Duration::from_secs(4));
    log(&lab, vec![wrong("198.51.100.42", "6001"); 3]);
    acted(&lab, "198.51.100.42 already banned");
    is(&lab, "198.51.100.42", "banned_but_reachable");
    lab.client(&["set", "asterisk-scan", "bantime", "2"]);
    lab.client(&["set", "asterisk-scan", "banip", "198.51.100.43"]);
    acted(&lab, "Unban 198.51.100.43");
    is(&lab, "198.51.100.43", "was_banned_expired");
    // Found while it was on the whitelist for a moment.
    lab.client(&["set", "asterisk-auth", "addignoreip", "198.51.100.44"]);
    log(&lab, vec![wrong("198.51.100.44", "6001"); 3]);
    acted(&lab, "Ignore 198.51.100.44 by ip");
    lab.client(&["set", "asterisk-auth", "delignoreip", "198.51.100.44"]);
    is(&lab, "198.51.100.44", "ignored_otherwise");
    // fail2ban's count reaches 7 with 3 real lines in the last 10 s.
    for (key, value) in [("maxretry", "7"), ("findtime", "10")] {
        lab.client(&["set", "asterisk-auth", key, value]);
    }
    let began = Instant::now();
    log(&lab, vec![wrong("198.51.100.45", "6001"); 5]);
    for (second, lines) in [(6, 1), (12, 3)] {
        std::thread::sleep(Duration::from_secs(second).saturating_sub(began.elapsed()));
        log(&lab, vec![wrong("198.51.100.45", "6001"); lines]);
    }
    acted(&lab, "Ban 198.51.100.45");
    let by_memory = is(&lab, "198.51.100.45", "banned_by_memory");
    let peak = &by_memory["jails"][0]["peak"];
    assert!(
        peak["count"].as_u64() >= Some(7) && peak["attempts"].as_u64() < Some(7),
        "{peak}"
    );
}

#[test]
fn why_nobody_counts_it() {
    let lab = Lab::start();
    // Asterisk's clock is three hours behind: fail2ban takes the lines as of now.
    log(
        &lab,
        vec![notice("198.51.100.50", "6001", "Failed to authenticate", 3 * 3600); 2],
    );
    acted(&lab, "Found 198.51.100.50");
    is(&lab, "198.51.100.50", "date_unreadable");
    // A jail that idles finds nothing.
    lab.client(&["set", "asterisk-auth", "idle", "on"]);
    std::thread::sleep(Duration::from_secs(2));
    log(&lab, vec![wrong("198.51.100.51", "6001"); 2]);
    std::thread::sleep(Duration::from_secs(17));
    let idle = is(&lab, "198.51.100.51", "jail_counts_nothing");
    assert_eq!(idle["jails"][0]["source"], "fail2ban_regex");
    lab.client(&["set", "asterisk-auth", "idle", "off"]);
    // An entry that a jail's own list shadows.
    lab.edit_jail_local("[asterisk-scan]\n", "[asterisk-scan]\nignoreip = 127.0.0.1/8\n");
    // A filter that was edited by hand and takes other lines than Asterisk's.
    let filter = lab.paths.config_dir().join("filter.d/asterisk-auth.local");
    std::fs::write(&filter, "[Definition]\nprefregex =\nfailregex = ^ never from <HOST>$\n").expect("written");
    lab.client(&["reload"]);
    let shadowed = is(&lab, "203.0.113.9", "whitelisted_but_shadowed");
    assert!(
        shadowed["phases"][0]["evidence"]
            .to_string()
            .contains("ignoreip of its own"),
        "{shadowed:#}"
    );
    log(&lab, vec![wrong("198.51.100.52", "6001"); 4]);
    is(&lab, "198.51.100.52", "no_match");
    // The lenient jail is gone, and with it whoever counts a search for accounts.
    lab.client(&["stop", "asterisk-scan"]);
    eventually("it has stopped", || !lab.jails().contains(&"asterisk-scan".to_owned()));
    log(
        &lab,
        (0..6).map(|account| notice("198.51.100.53", &format!("7{account}"), "No matching endpoint found", 0)),
    );
    is(&lab, "198.51.100.53", "jail_missing");
    // Asterisk writes elsewhere than the jails read, and then elsewhere than the settings say.
    let other = lab.folder().join("elsewhere.log");
    std::fs::write(&other, wrong("198.51.100.54", "6001").repeat(3)).expect("written");
    lab.set_host("asterisk_log", &format!("{:?}", other.display().to_string()));
    is(&lab, "198.51.100.54", "jail_reads_other_file");
    std::fs::write(&other, "").expect("written");
    let asterisk = lab.folder().join("asterisk");
    std::fs::copy("/bin/sleep", &asterisk).expect("a program of that name");
    let real = lab.folder().join("real.log");
    let mut running = Command::new("sh")
        .args(["-c", "exec \"$0\" 60 3>>\"$1\""])
        .args([&asterisk, &real])
        .spawn()
        .expect("it runs");
    let elsewhere = is(&lab, "198.51.100.55", "log_elsewhere");
    let _ = running.kill();
    let _ = running.wait();
    assert!(elsewhere["answer"].to_string().contains("real.log"), "{elsewhere:#}");
    lab.stop_fail2ban();
    is(&lab, "198.51.100.52", "fail2ban_down");
}
