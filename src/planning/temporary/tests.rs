//! Temporary entries as values: what is granted, what is swept, and that a second run is empty.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use crate::document::WarningCode;
use crate::model::known::Known;
use crate::model::observed::{Clock, HostFile, Jail, Observed, Rehearsal, Server, TemporaryEntry, TemporaryRegister};
use crate::model::operation::RuntimeKey;
use crate::model::timespan::Timespan;
use crate::planning::draft::{Draft, TemporaryChange};
use crate::planning::policy::Guard;
use crate::planning::server_move::ServerMove;

use super::grant::Grant;
use super::register::{displaced, named, register_move, sweep};
use super::set_again::{lost, set_again_where_lost};

const NOW: i64 = 1_795_400_000;
const GUEST: &str = "198.51.100.7";

fn host(jails: &[(&str, &[&str])], entries: Vec<TemporaryEntry>, ignoreip: &str) -> Observed {
    let jail = |list: &[&str]| Jail {
        values: BTreeMap::from([("ignoreip".to_owned(), json!(list))]),
        ..Jail::default()
    };
    let running = jails.iter().map(|(name, list)| ((*name).to_owned(), jail(list)));
    Observed {
        clock: Clock {
            now: NOW as f64,
            ..Clock::default()
        },
        server: Known::of(Server {
            running: true,
            version: Some("1.0.2".to_owned()),
            jails: running.collect(),
            ..Server::default()
        }),
        jail_local: Known::of(HostFile {
            path: "/etc/fail2ban/jail.local".to_owned(),
            exists: true,
            link: None,
            sha256: None,
            content: Some(format!("[DEFAULT]\nignoreip = {ignoreip}\n").into_bytes()),
            mode: None,
        }),
        temporary: Known::of(TemporaryRegister { entries, ender: None }),
        ..Observed::default()
    }
}

fn entry(until: i64) -> TemporaryEntry {
    TemporaryEntry {
        entry: GUEST.to_owned(),
        jails: vec!["asterisk-auth".to_owned(), "asterisk-scan".to_owned()],
        since: NOW - 1000,
        until,
        operator: "ravi@desk".to_owned(),
        reason: None,
    }
}

fn grant(seconds: u64) -> Grant {
    Grant {
        span: Timespan::from_seconds(seconds).expect("a span"),
        jails: Vec::new(),
        operator: "ravi@desk".to_owned(),
        reason: None,
    }
}

fn lenient() -> Guard {
    Guard {
        allow_special: true,
        ..Guard::default()
    }
}

fn granted(seconds: u64, observed: &Observed) -> Draft {
    let mut draft = Draft::default();
    grant(seconds)
        .draft(&mut draft, GUEST, observed, &lenient())
        .expect("granted");
    draft
}

/// The host as a draft leaves it, some seconds later.
fn after(draft: &Draft, mut observed: Observed, seconds: i64) -> Observed {
    let entries = match register_move(draft, &observed) {
        Some(moved) => moved.after,
        None => observed.temporary.value().expect("known").entries.clone(),
    };
    let mut server = observed.server.value().expect("known").clone();
    for wish in &draft.runtime {
        let jail = server.jails.get_mut(&wish.jail).expect("it runs");
        let mut list = jail.ignoreip();
        match wish.key {
            RuntimeKey::AddIgnoreIp => list.push(wish.value.clone()),
            _ => list.retain(|other| *other != wish.value),
        }
        jail.values.insert("ignoreip".to_owned(), json!(list));
    }
    observed.server = Known::of(server);
    observed.temporary = Known::of(TemporaryRegister { entries, ender: None });
    observed.clock.now += seconds as f64;
    observed
}

#[test]
fn a_grant_is_for_the_asterisk_jails_that_lack_it() {
    let observed = host(
        &[("asterisk-auth", &[GUEST]), ("asterisk-scan", &[]), ("sshd", &[])],
        vec![entry(NOW + 10)],
        "127.0.0.1/8",
    );
    let draft = granted(3600, &observed);
    let set: Vec<&str> = draft.runtime.iter().map(|wish| wish.jail.as_str()).collect();
    assert_eq!(set, ["asterisk-scan"]);
    let [TemporaryChange::Put(put)] = draft.temporary.as_slice() else {
        panic!("{:?}", draft.temporary);
    };
    assert_eq!((put.until, put.since, put.jails.len()), (NOW + 3600, NOW - 1000, 2));
}

#[test]
fn an_end_is_never_moved_nearer() {
    let observed = host(
        &[("asterisk-auth", &[GUEST]), ("asterisk-scan", &[GUEST])],
        vec![entry(NOW + 7200)],
        "",
    );
    let draft = granted(600, &observed);
    assert!(draft.is_empty(), "{draft:?}");
    assert_eq!(draft.warnings[0].code, WarningCode::TemporaryEntry);
}

#[test]
fn an_entry_of_a_fast_clock_is_reported_and_gets_an_end_by_the_present_one() {
    const YEAR: i64 = 365 * 86_400;
    let jails: [(&str, &[&str]); 2] = [("asterisk-auth", &[GUEST]), ("asterisk-scan", &[GUEST])];
    let codes = |entry: TemporaryEntry| {
        let warnings = displaced(&host(&jails, vec![entry], ""));
        let messages = warnings
            .iter()
            .filter(|warning| warning.code == WarningCode::TemporaryClock);
        messages.map(|warning| warning.message.to_string()).collect::<Vec<_>>()
    };
    let began = |since: i64, until: i64| TemporaryEntry {
        since: NOW + since,
        ..entry(NOW + until)
    };
    for (since, until) in [(YEAR, YEAR + 3600), (3600, 7200), (-1000, 8 * 86_400)] {
        let messages = codes(began(since, until));
        assert_eq!(messages.len(), 1, "{since} {until}");
        assert!(
            messages[0].contains("temp add 198.51.100.7 --for DURATION"),
            "{messages:?}"
        );
    }
    for (since, until) in [(-1000, 7200), (2, 7 * 86_400 + 2), (-7200, -3600)] {
        assert_eq!(codes(began(since, until)), Vec::<String>::new(), "{since} {until}");
    }

    let fast_clock = host(&jails, vec![began(YEAR, YEAR + 3600)], "");
    let draft = granted(600, &fast_clock);
    let [TemporaryChange::Put(put)] = draft.temporary.as_slice() else {
        panic!("{:?}", draft.temporary);
    };
    assert_eq!((put.since, put.until, put.jails.len()), (NOW, NOW + 600, 2));
}

#[test]
fn a_jail_that_has_it_from_the_file_is_left_out() {
    let jails: [(&str, &[&str]); 2] = [("asterisk-auth", &[GUEST]), ("asterisk-scan", &[GUEST])];
    let draft = granted(600, &host(&jails, Vec::new(), "127.0.0.1/8 198.51.100.7"));
    assert!(draft.is_empty(), "{draft:?}");
    assert_eq!(draft.warnings[0].code, WarningCode::AlreadyWhitelisted);
    // The same in the running jails alone was set by hand: it gets an end.
    let adopted = granted(600, &host(&jails, Vec::new(), "127.0.0.1/8"));
    assert!(adopted.runtime.is_empty());
    assert_eq!(adopted.temporary.len(), 1);
}

#[test]
fn more_than_seven_days_and_wide_networks_are_refused() {
    let observed = host(&[("asterisk-auth", &[])], Vec::new(), "");
    let refused = |seconds: u64, typed: &str| {
        grant(seconds)
            .draft(&mut Draft::default(), typed, &observed, &lenient())
            .expect_err("refused")
            .message
    };
    assert!(refused(7 * 86_400 + 1, GUEST).contains("7 days"));
    assert!(refused(60, "198.51.0.0/16").contains("wider than /24"));
    let without = host(&[("sshd", &[])], Vec::new(), "");
    let refusal = grant(60)
        .draft(&mut Draft::default(), GUEST, &without, &lenient())
        .expect_err("refused");
    assert!(refusal.message.contains("asterisk"), "{refusal}");
}

#[test]
fn what_is_overdue_is_swept_but_for_what_a_file_gives() {
    let jails: [(&str, &[&str]); 2] = [("asterisk-auth", &[GUEST]), ("asterisk-scan", &[])];
    let mut draft = Draft::default();
    sweep(&mut draft, &host(&jails, vec![entry(NOW - 60)], ""));
    let ended: Vec<(&str, RuntimeKey)> = draft
        .runtime
        .iter()
        .map(|wish| (wish.jail.as_str(), wish.key))
        .collect();
    assert_eq!(ended, [("asterisk-auth", RuntimeKey::DelIgnoreIp)]);
    assert!(
        draft.intent.unwhitelisted.contains(GUEST),
        "a reload that drops it is no drift"
    );

    // Its own end may be waiting for the lock at this moment.
    let mut early = Draft::default();
    sweep(&mut early, &host(&jails, vec![entry(NOW - 2)], ""));
    assert!(early.is_empty());

    let mut given = Draft {
        backup: Some("x".to_owned()),
        ..Draft::default()
    };
    sweep(&mut given, &host(&jails, vec![entry(NOW - 60)], GUEST));
    assert!(given.runtime.is_empty() && given.intent.unwhitelisted.is_empty());
    assert_eq!(given.temporary, [TemporaryChange::Drop(GUEST.to_owned())]);
}

#[test]
fn what_is_lost_in_a_running_jail_is_named_and_set_again_there() {
    let jails: [(&str, &[&str]); 2] = [("asterisk-auth", &[GUEST]), ("asterisk-scan", &[])];
    let observed = host(&jails, vec![entry(NOW + 60)], "");
    let messages = lost(&observed);
    assert!(
        messages.len() == 1 && messages[0].to_string().contains("not in force in asterisk-scan:"),
        "{messages:?}"
    );
    let mut draft = Draft::default();
    set_again_where_lost(&mut draft, &observed, None);
    let set: Vec<(&str, RuntimeKey)> = draft
        .runtime
        .iter()
        .map(|wish| (wish.jail.as_str(), wish.key))
        .collect();
    assert_eq!(set, [("asterisk-scan", RuntimeKey::AddIgnoreIp)]);
    assert_eq!(draft.temporary_meaning[0].step().action, "temporary_set_again");
    assert!(draft.temporary.is_empty(), "the register stays as it is");
    assert!(lost(&after(&draft, observed, 0)).is_empty());

    // One that has ended, one that a draft ends, and one in a jail that the draft lets go.
    let ended = host(&jails, vec![entry(NOW)], "");
    assert!(lost(&ended).is_empty());
    let observed = host(&jails, vec![entry(NOW + 60)], "");
    let drop = TemporaryChange::Drop(GUEST.to_owned());
    let mut removing = Draft {
        temporary: vec![drop],
        ..Draft::default()
    };
    set_again_where_lost(&mut removing, &observed, None);
    assert!(removing.runtime.is_empty());
    let mut going = Draft {
        server: ServerMove::Reload,
        ..Draft::default()
    };
    set_again_where_lost(&mut going, &observed, Some(&Rehearsal::default()));
    assert!(going.runtime.is_empty() && going.temporary_meaning.is_empty());
}

#[test]
fn a_jail_that_is_gone_is_remembered_and_not_named() {
    let mut present = entry(NOW + 3600);
    present.jails.insert(0, "asterisk".to_owned());
    let jails: [(&str, &[&str]); 2] = [("asterisk-auth", &[GUEST]), ("asterisk-scan", &[])];
    let observed = host(&jails, vec![present], "127.0.0.1/8");
    let shown = named(&observed.temporary.value().expect("a register").entries[0], &observed);
    assert_eq!(shown, ["asterisk-auth", "asterisk-scan"]);
    let draft = granted(2 * 3600, &observed);
    let summary = &draft.temporary_meaning[0].step().summary;
    assert!(summary.contains(" in asterisk-auth, asterisk-scan "), "{summary}");
    let TemporaryChange::Put(kept) = &draft.temporary[0] else {
        panic!("it is kept: {draft:?}");
    };
    assert_eq!(kept.jails, ["asterisk", "asterisk-auth", "asterisk-scan"]);
}

#[test]
fn what_is_in_force_nowhere_is_no_reason_for_a_change() {
    let observed = host(
        &[("asterisk-auth", &[]), ("asterisk-scan", &[])],
        vec![entry(NOW - 60)],
        "",
    );
    let mut draft = Draft::default();
    sweep(&mut draft, &observed);
    assert!(draft.is_empty(), "{draft:?}");
}

#[test]
fn an_entry_that_is_whitelisted_for_good_or_taken_off_leaves_the_register() {
    let observed = host(&[("asterisk-auth", &[GUEST])], vec![entry(NOW + 60)], "");
    assert_eq!(register_move(&Draft::default(), &observed), None);
    for whitelisted in [true, false] {
        let mut draft = Draft::default();
        let intent = &mut draft.intent;
        let set = if whitelisted {
            &mut intent.whitelisted
        } else {
            &mut intent.unwhitelisted
        };
        set.insert(GUEST.to_owned());
        let moved = register_move(&draft, &observed).expect("it changes");
        assert_eq!((moved.before.len(), moved.after.len()), (1, 0));
    }
}

proptest! {
    /// A planner that is given the state which its own plan leads to answers with the empty plan.
    #[test]
    fn a_second_run_is_empty(
        seconds in 1_u64..=7 * 86_400,
        left in -10_000_i64..700_000,
        registered: bool,
        auth: bool,
        scan: bool,
        later in 0_i64..=60,
    ) {
        let list = |has: bool| if has { vec![GUEST] } else { Vec::new() };
        let (auth, scan) = (list(auth), list(scan));
        let entries = if registered { vec![entry(NOW + left)] } else { Vec::new() };
        let observed = host(&[("asterisk-auth", &auth), ("asterisk-scan", &scan), ("sshd", &[])], entries, "");
        let first = granted(seconds, &observed);
        // As long as the difference is within the grain; a longer wait asks for a later end. An end that the first run let
        // stand, though it was short of what was asked for, has used up that much of the grain already.
        let asked = i64::try_from(seconds).unwrap_or(0);
        let grain = 60.min(asked / 10);
        let short = if registered && (0..=grain).contains(&(asked - left)) { asked - left } else { 0 };
        let later = later.min(grain - short);
        let again = granted(seconds, &after(&first, observed, later));
        prop_assert!(again.is_empty(), "{again:?}");
    }
}
