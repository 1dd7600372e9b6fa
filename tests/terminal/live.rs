//! The live view at a real terminal: keys that change nothing until they are unlocked, a change with its plan and question in the
//! view's place, and a terminal that is given back.

use super::QUESTION;
use crate::support::terminal::{Seen, TERMINATE};
use crate::support::{Lab, assert_same};

const LIVE: [&str; 2] = ["watch", "--live"];
const BACK: &str = "Enter goes back to the live view.";

/// The terminal has its own screen, its cursor and its lines again.
#[track_caller]
fn expect_given_back(seen: &Seen) {
    for (taken, given_back) in [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h")] {
        let last = |text: &str| seen.shown.rfind(text);
        assert!(
            last(taken).is_some() && last(taken) < last(given_back),
            "{given_back:?}\n{:?}",
            seen.shown
        );
    }
}

#[test]
fn a_change_from_the_live_view_has_its_plan_and_question_and_leads_back() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // Locked, `u` does nothing; unlocked, it is `unban` of the selected address.
    let answers = [
        ("TIME LEFT", "uw"),
        ("UNLOCKED", "u"),
        (QUESTION, "n\r"),
        (BACK, "\r"),
        ("UNLOCKED", "\r"),
        (BACK, "\r"),
        ("UNLOCKED", "q"),
    ];
    let seen = lab.on_a_screen(80, &LIVE, &answers);
    seen.expect(0, "unban 192.0.2.10");
    assert!(seen.shown.contains("1 whitelisted?"), "why was asked: {}", seen.shown);
    expect_given_back(&seen);
    assert_same(&before, &lab.snapshot());
    // A program that is asked to end gives the terminal back as well.
    let ended = lab.on_a_screen(80, &LIVE, &[("read-only", TERMINATE)]);
    ended.expect(130, "ended by SIGTERM");
    expect_given_back(&ended);
    // Without a terminal there is nothing to show it on.
    let piped = lab.run(&LIVE);
    piped.expect(2);
    assert!(piped.stderr.contains("watch --customers"), "{}", piped.stderr);
}
