//! Configurations that fail2ban refuses: the refusal, and doctor, name fail2ban's own cause, and the line where jail.local has it.

use super::Host;

/// What is broken, by an edit of jail.local (from, to), and what a refusal has to name.
const BROKEN: [(&str, &str, &[&str]); 7] = [
    (
        "[sshd]\nenabled  = true\n",
        "[sshd]\nenabled  = true\njournalmatch = %(nosuch)s\n",
        &["nosuch", "journalmatch", "sshd"],
    ),
    (
        "filter   = asterisk-scan",
        "filter   = nosuch",
        &["filter.d/nosuch", "asterisk-scan", "jail.local:"],
    ),
    (
        "banaction = lab-record",
        "banaction = nosuch",
        &["nosuch", "jail.local:"],
    ),
    (
        "maxretry = 3",
        "maxretry = %(maxretry)s",
        &["Recursion", "maxretry", "asterisk-auth", "jail.local:"],
    ),
    (
        "ignoreip = 127.0.0.1/8",
        "ignoreip = %(nosuch)s 127.0.0.1/8",
        &["nosuch", "ignoreip", "jail.local:"],
    ),
    (
        "[asterisk-scan]",
        "[misspelt]\nenabled = true\n[asterisk-scan]",
        &["filter.d/misspelt", "misspelt"],
    ),
    // The message of another file names it.
    ("", "", &["jail.d/broken.conf"]),
];

#[test]
fn a_refusal_names_the_cause() {
    let host = Host::start();
    let before = host.lab.jail_local_text();
    let broken = host.lab.paths.config_dir().join("jail.d/broken.conf");
    for (from, to, named) in BROKEN {
        match from {
            "" => std::fs::write(&broken, "no section\n").expect("written"),
            _ => host.lab.edit_jail_local(from, to),
        }
        let onboard = ["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"];
        let refused = host.lab.run(&onboard);
        refused.expect(3);
        let doctor = host.lab.run(&["doctor", "--json"]);
        let findings = doctor.json()["findings"].as_array().expect("findings").clone();
        let of = |code: &str| {
            findings
                .iter()
                .find(|finding| finding["code"] == code)
                .map(ToString::to_string)
        };
        for word in named {
            assert!(
                refused.stderr.contains(word),
                "{to:?}: {word} is not in {}",
                refused.stderr
            );
        }
        if let Some(unusable) = of("disk_unusable") {
            assert!(unusable.contains(named[0]), "{to:?}: {unusable}");
        }
        // The running jails count as before.
        assert_eq!(of("attempts_not_counted"), None, "{to:?}");
        host.lab.write_jail_local(&before);
    }
    std::fs::remove_file(&broken).expect("removed");
    host.lab
        .done(&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"]);
}

/// A log that is not there stops fail2ban as a whole.
#[test]
fn a_missing_log_is_named_with_its_jail_and_line() {
    let host = Host::start();
    let log = host.lab.paths.asterisk_log().display().to_string();
    host.lab
        .edit_jail_local(&format!("logpath  = {log}"), "logpath  = /nowhere/messages");
    let refused = host
        .lab
        .run(&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"]);
    refused.expect(3);
    for word in [
        "Have not found any log file for asterisk-auth jail",
        "logpath  = /nowhere/messages",
        "jail.local:",
    ] {
        assert!(refused.stderr.contains(word), "{word} is not in {}", refused.stderr);
    }
    let doctor = host.lab.run(&["doctor"]);
    assert!(
        doctor.stdout.contains("Have not found any log file"),
        "{}",
        doctor.stdout
    );
}
