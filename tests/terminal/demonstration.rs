//! The demonstration as somebody sees it: each job's plan, then its result, in the terminal's width and colour.

use crate::support::terminal::Seen;
use crate::support::{Lab, Run};

/// What is on the screen, without colours and other control sequences.
fn plain(seen: &Seen) -> String {
    anstream::adapter::strip_str(&seen.shown).to_string()
}

/// Fails unless the words stand in this order.
#[track_caller]
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let Some((_, after)) = rest.split_once(word) else {
            panic!("{word:?} is missing, or too early, in:\n{text}");
        };
        rest = after;
    }
}

const ORDER: [&str; 7] = [
    "[1/10]",
    "asterisk-auth",
    "[3/10]",
    "Plan for lab (",
    "lab: done and verified.",
    "[4/10]",
    "No changes.",
];

#[test]
fn a_pipe_gets_each_plan_before_its_result_and_is_not_waited_for() {
    let desk = Lab::folder_only();
    let run = Run::of(desk.program().args(["lab", "demo"]));
    run.expect(0);
    in_order(&run.stderr, &ORDER);
    assert!(!run.stderr.contains("Press Enter"), "{}", run.stderr);
    assert!(run.stdout.starts_with("All 10 jobs"), "{}", run.stdout);
    // Whole files are a line each, and the whole is short enough to be read.
    assert!(
        run.stderr.contains("new file filter.d/asterisk-auth.local, "),
        "{}",
        run.stderr
    );
    let lines = run.stderr.lines().count();
    assert!(lines < 330, "{lines} lines:\n{}", run.stderr);
}

#[test]
fn a_terminal_waits_between_jobs_and_keeps_its_width_and_colour() {
    let desk = Lab::folder_only();
    let enter = ("Press Enter", "\r");
    let seen = desk.on_a_screen(80, &["lab", "demo"], &[enter; 9]);
    seen.expect(0, "\x1b[1m");
    let screen = plain(&seen);
    in_order(&screen, &ORDER);
    for line in screen
        .lines()
        .map(|line| line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default())
    {
        let is_copied = line.starts_with(['+', '-', ' ', '@', '$']) || line.starts_with("Backup: ");
        assert!(is_copied || line.chars().count() <= 80, "{line}");
    }
    let green = seen.shown.contains("\x1b[32mlab: done and verified.");
    assert!(green, "the jobs have no colour:\n{}", seen.shown);
}

#[test]
fn who_ends_the_demonstration_early_leaves_no_rehearsal_host() {
    let desk = Lab::folder_only();
    let seen = desk.on_a_screen(80, &["lab", "demo"], &[("Press Enter", "\x04")]);
    seen.expect(130, "rehearsal host is gone");
    assert!(!desk.paths.folder.exists());
    let seen = desk.on_a_screen(80, &["lab", "demo", "--no-input"], &[]);
    assert!(!plain(&seen).contains("Press Enter"));
}
