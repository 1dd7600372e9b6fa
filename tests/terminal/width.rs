//! A terminal of 80 columns: no line is wider, no word is cut, and what is to be copied stays whole. A pipe gets every row
//! on a line.

use super::ONBOARD;
use crate::support::Lab;
use crate::support::terminal::{CONTROL_C, Seen};

const COLUMNS: u16 = 80;

/// The lines of a screen without colours and other control sequences, as they are when whatever moved is gone.
fn lines(seen: &Seen) -> Vec<String> {
    let plain = anstream::adapter::strip_str(&seen.shown).to_string();
    let last = |line: &str| {
        line.trim_end_matches('\r')
            .rsplit('\r')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    plain.lines().map(last).collect()
}

/// The widest line, in characters; all texts of the lab are as wide as they have letters.
fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count()).max().unwrap_or_default()
}

#[test]
fn reports_keep_to_the_terminal_and_their_words_whole() {
    let lab = Lab::start();
    let grace = ["unban", "192.0.2.10", "--grace", "1h", "--ticket", "OPS-412", "--yes"];
    lab.done(&grace);
    lab.ban("sshd", "198.51.100.7");
    lab.run(&["onboard", "203.0.0.0/16", "--customer", "Wide Inn", "--yes"])
        .expect(3);
    for arguments in [
        &["status"][..],
        &["whitelist", "list"],
        &["whitelist", "check", "203.0.112.0/20"],
        &["temp", "list"],
        &["history"],
        &["backups"],
        &["recidive", "status"],
    ] {
        let shown = lines(&lab.on_a_screen(COLUMNS, arguments, &[]));
        assert!(widest(&shown) <= usize::from(COLUMNS), "{arguments:?}: {shown:#?}");
        let screen = shown.join("\n");
        for word in [
            "asterisk-auth",
            "203.0.113.0/24",
            "Vista",
            "unknown",
            "jail.local.bak-2026-05-11-pre-split",
        ] {
            let piped = lab.done(arguments).stdout;
            assert_eq!(
                piped.contains(word),
                screen.contains(word),
                "{arguments:?} {word}:\n{screen}"
            );
        }
    }
    let piped = lab.done(&["status"]).stdout;
    let row = piped
        .lines()
        .find(|line| line.contains("203.0.113.0/24"))
        .expect("its row");
    for word in [
        "Vista Seven Hotels",
        "Current uplink",
        "by=lab on=2026-05-11",
        "in every jail",
    ] {
        assert!(row.contains(word), "{row}");
    }
}

#[test]
fn plans_warnings_and_failures_hang_and_a_difference_stays_whole() {
    let lab = Lab::start();
    lab.done(&["temp", "add", "192.0.2.77", "--for", "1h", "--yes"]);
    let seen = lab.on_a_screen(COLUMNS, &[&ONBOARD[..], &["--yes"]].concat(), &[]);
    seen.expect(0, "lab: done and verified.");
    let shown = lines(&seen);
    let step = shown
        .iter()
        .position(|line| line.starts_with("  2. Whitelist 192.0.2.0/28"))
        .expect("the step");
    assert!(
        shown[step + 1].starts_with("     ") && shown[step].len() <= 80,
        "{shown:#?}"
    );
    let entry = "+ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28 192.0.2.0/28";
    assert!(shown.iter().any(|line| line == entry), "{shown:#?}");
    let proof: Vec<&String> = shown.iter().filter(|line| line.starts_with("  ok ")).collect();
    assert_eq!(proof.len(), 3, "{shown:#?}");
    assert!(proof.iter().all(|line| !line.contains("203.0.113.0/24")), "{proof:#?}");
    for line in shown
        .iter()
        .filter(|line| !line.starts_with("Backup: ") && !line.starts_with(['+', '-', ' ']))
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let refused = lines(&lab.on_a_screen(COLUMNS, &["onboard", "203.0.0.0/16", "--customer", "A", "--yes"], &[]));
    assert!(refused.len() > 3 && widest(&refused) <= 80, "{refused:#?}");
    for wrong in [
        &["onboard", "192.0.2.1", "--expires", "tomorrow"][..],
        &["temp"],
        &["watch", "--since", "x"],
    ] {
        let shown = lines(&lab.on_a_screen(COLUMNS, wrong, &[]));
        assert!(widest(&shown) <= 80, "{shown:#?}");
    }
    let given_up = lines(&lab.on_a_screen(COLUMNS, &["onboard"], &[("The customer's public network", CONTROL_C)]));
    assert!(given_up.iter().any(|line| line.starts_with("error: ")), "{given_up:#?}");
    let piped = lab.run(&["onboard", "203.0.0.0/16", "--customer", "A", "--yes"]);
    assert_eq!(piped.stderr.lines().count(), 2, "{}", piped.stderr);
}

#[test]
fn a_watch_ends_with_what_was_seen_and_no_error() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    let seen = lab.on_a_screen(COLUMNS, &["watch", "--since", "1h"], &[("198.51.100.7", CONTROL_C)]);
    seen.expect(130, "The watch has ended: ");
    assert!(!seen.shown.contains("error:"), "{}", seen.shown);
    let shown = lines(&seen);
    assert!(
        shown.iter().any(|line| line.contains("with 3 bans and 0 unbans")),
        "{shown:#?}"
    );
    // Lines for completeness are cut, and what is about no jail's traffic is left out; with --verbose all are whole.
    let has =
        |shown: &[String], word: &str, end: &str| shown.iter().any(|line| line.contains(word) && line.ends_with(end));
    assert!(has(&shown, "203.0.113.10", "..."), "{shown:#?}");
    assert!(!has(&shown, "Connected to fail2ban", ""), "{shown:#?}");
    let whole = ["watch", "--since", "1h", "--verbose"];
    let seen = lab.on_a_screen(COLUMNS, &whole, &[("198.51.100.7", CONTROL_C)]);
    assert!(has(&lines(&seen), "Connected to fail2ban", ""), "{}", seen.shown);
}
