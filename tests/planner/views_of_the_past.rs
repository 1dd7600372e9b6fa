//! What people read of a recorded host's past: the forecast of a threshold, why somebody was banned, the review of the
//! whitelisted. The past is made for it, and ends at the host's own clock.

use f2bctl::checks::tuning::forecast;
use f2bctl::checks::whitelist_review::{Watched, review};
use f2bctl::checks::why::{Evidence, Subject, why};
use f2bctl::document::Document;
use f2bctl::model::action_columns::{ActionColumns, ActionFile, ActionLog};
use f2bctl::model::looked_back::{CutLine, CutLog, LookedBack};
use f2bctl::model::network::Network;
use f2bctl::model::observed::Observed;
use f2bctl::model::presence::{Presence, PresenceRow, SeenLast};
use f2bctl::ui::{forecast_view, view_on};

use super::hosts::RecordedHost;
use super::views::{hold, host};

const DAY: i64 = 86_400;

/// The host, whose second is a whole minute, so that the times of a view stand still while others record it anew.
fn observed() -> Observed {
    let mut observed = RecordedHost::read("onboarded").observed();
    observed.clock.now = 1_795_846_200.0;
    observed
}

/// Its action log: what was written so many seconds before now, so often, a second apart.
fn action_log(observed: &Observed, events: &[(&str, i64, i64)]) -> ActionLog {
    let now = observed.clock.second();
    let mut names = Vec::new();
    let mut written = Vec::new();
    for (name, ago, count) in events {
        written.extend((0..*count).map(|number| (now - ago + number, names.len())));
        names.push((*name).to_owned());
    }
    written.sort_unstable();
    let mut before = 0;
    let (mut numbers, mut times) = (Vec::new(), Vec::new());
    for (moment, number) in &written {
        numbers.push(number.to_string());
        times.push((moment - before).to_string());
        before = *moment;
    }
    let columns = ActionColumns {
        names,
        events: numbers.join(" "),
        times: times.join(" "),
        first: written.first().map(|(moment, _)| *moment),
        ..ActionColumns::default()
    };
    let file = ActionFile {
        path: "/var/log/fail2ban.log".to_owned(),
        inode: 7,
        size: 4096,
        ends: None,
    };
    ActionLog {
        since: 14 * DAY as u64,
        files: vec![(file, columns)],
    }
}

#[test]
fn forecast_of_a_threshold() {
    let observed = observed();
    let log = action_log(
        &observed,
        &[
            ("[asterisk-scan] Found 203.0.113.10", 9 * DAY, 44),
            ("[asterisk-scan] Ignore 203.0.113.10", 2 * DAY, 71),
            ("[asterisk-scan] Found 198.51.100.7", 6 * DAY, 60),
            ("[asterisk-scan] Ban 198.51.100.7", 6 * DAY - 60, 1),
            ("[asterisk-scan] Unban 198.51.100.7", 6 * DAY - 3660, 1),
            ("[asterisk-scan] Found 198.51.100.8", 3 * DAY, 35),
        ],
    );
    let found = forecast(&observed, &log, ("asterisk-scan", "maxretry", 40), &[]).expect("a forecast");
    hold("tune-since", &|page| forecast_view(&found, "pbx1", page));
}

/// What was cut out of a log: each line with how many seconds before now it was written.
fn cut(observed: &Observed, path: &str, lines: &[(i64, String)]) -> CutLog {
    let now = observed.clock.second();
    let numbered = lines.iter().zip(4711_u64..);
    let lines: Vec<CutLine> = numbered
        .map(|((ago, text), line)| CutLine {
            file: 0,
            line,
            time: Some(now - ago),
            text: text.clone(),
        })
        .collect();
    CutLog {
        path: path.to_owned(),
        exists: true,
        files: vec![path.to_owned()],
        matched: lines.len() as u64,
        lines,
        horizon: Some(now - 7 * DAY),
        ..CutLog::default()
    }
}

#[test]
fn why_somebody_was_banned() {
    let observed = observed();
    let stamp = |ago: i64| observed.clock.moment(observed.clock.second() - ago).replace('T', " ")[..19].to_owned();
    let wrong = |ago: i64| {
        let text = format!(
            "[{}] NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:201@192.0.2.1>' failed for \
             '198.51.100.21:5060' (callid: {ago}@198.51.100.21) - Failed to authenticate",
            stamp(ago)
        );
        (ago, text)
    };
    let acted = |ago: i64, level: &str, text: &str| {
        let text = format!("{},123 fail2ban.x [7]: {level} [asterisk-auth] {text}", stamp(ago));
        (ago, text)
    };
    let found = |ago: i64| acted(ago, "INFO", &format!("Found 198.51.100.21 - {}", stamp(ago)));
    let past = LookedBack {
        logs: vec![cut(
            &observed,
            "/var/log/asterisk/messages.log",
            &[wrong(9000), wrong(8980), wrong(8960)],
        )],
        actions: cut(
            &observed,
            "/var/log/fail2ban.log",
            &[
                found(9000),
                found(8980),
                found(8960),
                acted(8959, "NOTICE", "Ban 198.51.100.21"),
                acted(1800, "NOTICE", "Unban 198.51.100.21"),
            ],
        ),
        ..LookedBack::default()
    };
    let evidence = Evidence::new(&observed, &past, None, "/var/log/asterisk/messages.log", None);
    let subject = Subject::Network(Network::single("198.51.100.21".parse().expect("an address")));
    let mut document = Document::report("why", None, why(&evidence, &subject));
    document.host = host();
    hold("why", &|page| view_on(&document, page));
}

#[test]
fn who_of_the_whitelisted_needs_a_look() {
    let observed = observed();
    let now = observed.clock.second();
    let row = |address: &str, account: &str, succeeded: u64, failed: u64, ago: i64| PresenceRow {
        address: address.to_owned(),
        account: account.to_owned(),
        succeeded,
        failed,
        first: now - 10 * DAY,
        last: now - ago,
        last_success: (succeeded > 0).then_some(now - ago),
        ..PresenceRow::default()
    };
    let old = SeenLast {
        last: Some(now - 100 * DAY),
        from: now - 120 * DAY,
    };
    let watched = Watched::of(&observed).expect("a register");
    let presence = Presence {
        rows: vec![
            row("203.0.113.10", "6004", 0, 212, 600),
            row("203.0.113.11", "201", 40, 0, 60),
        ],
        horizon: Some(now - 14 * DAY),
        has_events: true,
        dropped: 3,
        seen: watched
            .networks()
            .into_iter()
            .skip(1)
            .map(|network| (network, old))
            .collect(),
        ..Presence::default()
    };
    let log = action_log(&observed, &[("[asterisk-auth] Ignore 203.0.113.10", 2 * DAY, 30)]);
    let found = review(&observed, &log, &presence, &watched).expect("a review");
    let mut document = Document::report("whitelist review", None, found);
    document.host = host();
    hold("whitelist-review", &|page| view_on(&document, page));
}
