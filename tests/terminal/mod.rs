//! What an operator at a terminal is asked, and what becomes of the host when the answer is no, or Ctrl-C.

mod demonstration;
mod live;
mod right_host;
mod width;

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::support::terminal::{CONTROL_C, Seen};
use crate::support::{Lab, assert_same, eventually};

const ONBOARD: [&str; 4] = ["onboard", "192.0.2.0/28", "--customer", "Blue Lotus Hotels"];
const QUESTION: &str = "Run this plan";

/// What is shown of a question that these keys have cancelled.
#[track_caller]
fn expect_given_up(seen: &Seen, keys: &str) {
    let is_signal = keys == CONTROL_C;
    seen.expect(
        130,
        if is_signal {
            "interrupted at a prompt; nothing was changed"
        } else {
            "not approved; nothing was changed"
        },
    );
}

#[test]
fn yes_runs_the_plan_that_was_shown_and_everything_else_leaves_the_host_alone() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // A line that was meant for a shell has a `y` somewhere as well.
    for keys in ["n\r", "\r", "\x1b\r", "cat /etc/hosts | grep my-pbx\r", CONTROL_C] {
        let seen = lab.at_a_terminal(&ONBOARD, &[(QUESTION, keys)]);
        expect_given_up(&seen, keys);
        // A cursor that was hidden is shown again.
        assert!(
            seen.shown.rfind("\x1b[?25l") <= seen.shown.rfind("\x1b[?25h"),
            "{:?}",
            seen.shown
        );
        assert_same(&before, &lab.snapshot());
    }
    assert_eq!(lab.phases(), Vec::<String>::new(), "nothing was begun");
    lab.at_a_terminal(&ONBOARD, &[(QUESTION, "y\r")])
        .expect(0, "lab: done and verified.");
    assert!(lab.jail_local_text().contains("# 192.0.2.0/28 | Blue Lotus Hotels"));
    lab.at_a_terminal(&ONBOARD, &[]).expect(0, "No changes.");
}

#[test]
fn control_c_at_a_question_lets_no_further_host_begin() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let next = TcpListener::bind("127.0.0.1:0").expect("a port");
    next.set_nonblocking(true).expect("it need not wait");
    let hosts = format!("lab,root@{}", next.local_addr().expect("its address"));
    let seen = lab.at_a_terminal_on(&hosts, &[], &ONBOARD, &[(QUESTION, CONTROL_C)]);
    seen.expect(130, "interrupted before this host was reached; nothing was done there");
    let dialled = next.accept().map_err(|error| error.kind());
    assert_eq!(dialled.err(), Some(ErrorKind::WouldBlock), "{}", seen.shown);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn what_was_typed_before_the_question_answers_nothing() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // The rehearsal takes its time, and somebody types ahead.
    lab.on_client("case \" $* \" in *' -t '*) sleep 2 ;; esac");
    lab.at_a_terminal(&ONBOARD, &[("", "yyy\r"), (QUESTION, "n\r")])
        .expect(130, "nothing was changed");
    assert_same(&before, &lab.snapshot());
}

#[test]
fn whom_a_plan_would_hurt_is_reported_once_and_before_the_question() {
    let lab = Lab::start();
    let warning = "203.0.113.0/24 (Vista Seven Hotels) is no longer whitelisted";
    let drop = ["rollback", "--drop-whitelist"];
    let seen = lab.at_a_terminal(&drop, &[(QUESTION, "n\r")]);
    seen.expect(130, warning);
    assert!(seen.shown.find(warning) < seen.shown.find(QUESTION), "{}", seen.shown);
    assert_eq!(seen.shown.matches(warning).count(), 1, "{}", seen.shown);
}

/// The host finishes what was approved, or has not begun; whichever it is, it is whole.
#[test]
fn control_c_in_the_middle_leaves_nothing_half_done() {
    let lab = Lab::start();
    let before = lab.snapshot();
    lab.on_client("[ \"$3\" = reload ] && touch $here/reloading && sleep 3");
    // The spinner's text is the step that runs.
    let seen = lab.at_a_terminal(&ONBOARD, &[(QUESTION, "y\r"), ("Reload", CONTROL_C)]);
    assert_eq!(seen.code, 130, "{}", seen.shown);
    assert!(
        seen.shown.contains("which completes it or rolls it back"),
        "it is said what becomes of the host: {}",
        seen.shown
    );
    eventually("the change has ended by itself", || {
        lab.phases()
            .iter()
            .all(|phase| ["done", "undone"].contains(&phase.trim()))
    });
    let added = lab.jail_local_text().contains("192.0.2.0/28");
    for jail in lab.jails() {
        assert_eq!(lab.ignored_in(&jail).contains("192.0.2.0/28"), added, "{jail}");
    }
    if !added {
        assert_same(&before, &lab.snapshot());
    }
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
}

#[test]
fn adopt_asks_whose_an_entry_is_and_writes_the_answer() {
    let lab = Lab::start();
    lab.edit_jail_local("ignoreip = 127.0.0.1/8 ::1", "ignoreip = 127.0.0.1/8 ::1 192.0.2.0/28");
    lab.done(&["reload", "--yes"]);
    let before = lab.snapshot();
    let adopt = ["whitelist", "adopt"];
    lab.at_a_terminal(&adopt, &[("Customer of 192.0.2.0/28", CONTROL_C)])
        .expect(130, "");
    lab.at_a_terminal(
        &adopt,
        &[("Customer of 192.0.2.0/28", "Lotus Court Hotels\r"), (QUESTION, "n\r")],
    )
    .expect(130, "nothing was changed");
    assert_same(&before, &lab.snapshot());
    // A name that could not stand in a comment is asked for again.
    let answers = [
        ("Customer of 192.0.2.0/28", "a | b\r"),
        ("Customer of", "\x15Lotus Court Hotels\r"),
        (QUESTION, "y\r"),
    ];
    lab.at_a_terminal(&adopt, &answers).expect(0, "lab: done and verified.");
    let text = lab.jail_local_text();
    assert!(text.contains("\n# 192.0.2.0/28 | Lotus Court Hotels |"), "{text}");
    lab.at_a_terminal(&adopt, &[]).expect(0, "No changes.");
}

#[test]
fn rollback_asks_for_the_customers_the_plan_and_the_hosts_name() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let customers = "What happens to the customers";
    let seen = lab.at_a_terminal(&["rollback"], &[(customers, CONTROL_C)]);
    expect_given_up(&seen, CONTROL_C);
    let name = "Type the host's name (lab)";
    for typed in ["not-the-lab\r", CONTROL_C] {
        let answers = [(customers, "\r"), (QUESTION, "y\r"), (name, typed)];
        expect_given_up(&lab.at_a_terminal(&["rollback"], &answers), typed);
        assert_same(&before, &lab.snapshot());
    }
    let answers = [(customers, "\r"), (QUESTION, "y\r"), (name, "lab\r")];
    lab.at_a_terminal(&["rollback"], &answers)
        .expect(0, "lab: done and verified.");
    assert_eq!(lab.jails(), ["asterisk", "sshd"]);
    assert!(
        lab.ignored_in("asterisk").contains("203.0.113.0/24"),
        "the first answer keeps them"
    );
}

#[test]
fn colours_are_for_terminals_that_want_them_and_questions_for_terminals() {
    let lab = Lab::start();
    let coloured = |text: &str| text.contains("\x1b[1m") || text.contains("\x1b[3");
    lab.ban("sshd", "198.51.100.7");
    let plain = lab.at_a_terminal_with(&[("NO_COLOR", "1")], &["status"], &[]);
    assert!(!coloured(&plain.shown), "{:?}", plain.shown);
    let never = lab.at_a_terminal(&["status", "--color", "never"], &[]);
    assert!(!coloured(&never.shown), "{:?}", never.shown);
    let piped = lab.done(&["status"]).stdout;
    assert!(!piped.contains('\x1b'), "{piped:?}");
    // Meaning survives without colour: the words are the same.
    let words = |text: &str| {
        text.trim_start_matches("\x1b[?25h")
            .split_whitespace()
            .take(12)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(words(&plain.shown), words(&piped));
    let run = lab.run(&ONBOARD);
    run.expect(2);
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
}
