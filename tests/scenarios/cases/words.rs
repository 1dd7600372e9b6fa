//! Words of the list that are no entries: what whitelists nobody stands in nobody's way, and goes by a command.

use super::Host;

/// Words that whitelist nobody, each as it stands in the list.
const DEAD: [&str; 6] = [
    "\"192.0.2.77\"",
    "192.168.*.*",
    "\\",
    "Acme",
    "pbx.example.net",
    "999.1.1.1",
];

#[test]
fn a_dead_word_stops_no_change_and_goes_by_its_own_command() {
    let host = Host::start();
    let words = DEAD.join(" ");
    host.listing(&format!(
        "# 203.0.113.0/24 | Vista Seven Hotels\nignoreip = ::1 {words}\n   203.0.113.0/24 \\\n   198.51.100.0/25"
    ));
    host.lab
        .done(&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"]);
    assert!(host.lab.ignored_in("sshd").contains("192.0.2.16/28"));
    host.lab.done(&["offboard", "192.0.2.16/28", "--yes"]);
    for word in DEAD {
        assert!(host.lab.jail_local_text().contains(word), "{word}");
        host.lab.done(&["offboard", word, "--yes"]);
        assert!(!host.lab.ignored_in("sshd").contains(word), "{word}");
        assert!(host.lab.ignored_in("sshd").contains("203.0.113.0/24"), "{word}");
    }
    assert_eq!(host.findings("junk_word"), []);
    // What is neither in the list nor an address is still refused, before and after the login.
    host.lab.run(&["offboard", "192.0.2.0/33", "--yes"]).expect(2);
    host.lab.run(&["offboard", "Blue", "--yes"]).expect(2);
}

#[test]
fn lint_takes_dead_words_out_and_keeps_each_comment_with_its_entry() {
    let host = Host::start();
    host.listing(
        "ignoreip = ::1 \"192.0.2.77\"\n    203.0.113.7 # Blue Lotus\n    198.51.100.0/25 # Acme Hotels 192.0.2.128/25\n    \
         192.0.2.200 \\",
    );
    let run = host.lab.done(&["whitelist", "lint", "--fix", "--yes"]);
    let text = host.lab.jail_local_text();
    assert!(text.contains("# 203.0.113.7 | Blue Lotus\n"), "{text}\n{}", run.stdout);
    assert!(
        text.contains("# no address, taken out of ignoreip: \"192.0.2.77\"\n"),
        "{text}"
    );
    // Somebody is whitelisted by that comment, so it is left for a person.
    assert!(text.contains("198.51.100.0/25 # Acme Hotels 192.0.2.128/25"), "{text}");
    assert_eq!(host.row("203.0.113.7")["customer"], "Blue Lotus");
    let ignored = host.lab.ignored_in("sshd");
    for entry in ["203.0.113.7", "198.51.100.0/25", "192.0.2.128/25", "192.0.2.200"] {
        assert!(ignored.contains(entry), "{entry}: {ignored:?}");
    }
    assert!(
        !ignored.contains("\"192.0.2.77\"") && !ignored.contains("\\"),
        "{ignored:?}"
    );
}

/// What fail2ban reads as everybody has to be corrected before anything else.
#[test]
fn a_dangerous_word_still_stops_every_change() {
    let host = Host::start();
    for list in ["ignoreip = ::1 192.0.2.7/0", "ignoreip = ::1\t192.0.2.7"] {
        host.listing(list);
        let onboard = ["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"];
        host.lab.run(&onboard).expect(3);
    }
}

/// The only list there is stands in a section that fail2ban does not know.
#[test]
fn a_default_section_in_small_letters_is_named_and_corrected() {
    let host = Host::start();
    // What keeps the rehearsal host harmless stays in force.
    let harmless = "[DEFAULT]\nbackend = polling\nusedns = no\nignoreself = false\nbanaction = lab-record\n";
    host.with_file("jail.d/harmless.conf", harmless);
    host.lab.edit_jail_local("[DEFAULT]", "[default]");
    host.reload();
    assert_eq!(host.check("203.0.113.9")["whitelisted"], false);
    let found = host.findings("default_section");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(host.findings("own_ignoreip"), []);
    host.lab.done(&["whitelist", "lint", "--fix", "--yes"]);
    assert_eq!(host.findings("default_section"), []);
    assert_eq!(host.check("203.0.113.9")["whitelisted"], true);
}

/// A site's own networks are a notice at most, and accepted by the host's settings.
#[test]
fn private_ranges_are_what_they_are() {
    let host = Host::start();
    host.listing("ignoreip = ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fe80::/10 fd00::/8");
    for (code, accepted) in [("special_range", true), ("too_wide", true)] {
        assert_eq!(host.findings(code), [], "{code} {accepted}");
    }
    host.lab.run(&["whitelist", "lint"]).expect(8);
    host.lab.set_host("allow_special", "false");
    assert_eq!(host.findings("special_range").len(), 5);
    assert_eq!(host.findings("too_wide"), []);
}
