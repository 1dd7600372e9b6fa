//! Whether somebody whose ban is lifted will be banned again at once: by the rate of the failures that led to the ban.
//!
//! While an address is blocked, its attempts are not logged. So what counts is the run of failures up to the ban: a phone that
//! failed in a rhythm goes on with it.

use std::net::IpAddr;

use super::evidence::Evidence;
use super::facts::Facts;
use crate::document::{Advice, Warning, WarningCode};
use crate::history::accounts;
use crate::model::fail2ban::Event;
use crate::model::network::Network;

/// Failures further apart than this are no run, seconds.
const PAUSE: i64 = 300;
/// How many failures make a run.
const RUN: usize = 3;

/// A failure run up to a ban.
struct Run {
    count: usize,
    from: i64,
    to: i64,
}

/// A warning for each banned address of these networks that will soon be banned again.
pub fn banned_again(evidence: &Evidence<'_>, networks: &[Network]) -> Vec<Warning> {
    let addresses = evidence.addresses(networks);
    let mut found: Vec<Warning> = Vec::new();
    for address in addresses {
        let facts = Facts::of(evidence, address);
        let again = facts.bans.iter().filter_map(|(jail, settings, ban)| {
            let (maxretry, findtime) = (settings.number("maxretry")?, settings.number("findtime")?);
            let run = run(&facts, jail, ban.since)?;
            let every = (run.to - run.from) as f64 / (run.count - 1) as f64;
            let seconds = (every * maxretry as f64).ceil() as i64;
            (seconds <= findtime).then_some((seconds, run, *jail))
        });
        if let Some((seconds, run, jail)) = again.min_by_key(|(seconds, ..)| *seconds) {
            found.push(warning(&facts, address, (seconds, &run, jail)));
        }
    }
    found
}

/// The run of failures that a jail found up to a ban.
fn run(facts: &Facts<'_>, jail: &str, since: i64) -> Option<Run> {
    let moments: Vec<i64> = facts
        .did(Event::Found)
        .filter(|act| act.jail == jail && act.weight.is_none() && act.dated <= since)
        .map(|act| act.dated)
        .collect();
    let last = *moments.last()?;
    let mut from = last;
    let mut count = 0;
    for moment in moments.iter().rev() {
        if from - moment > PAUSE {
            break;
        }
        from = *moment;
        count += 1;
    }
    (count >= RUN && since - last <= PAUSE).then_some(Run { count, from, to: last })
}

fn warning(facts: &Facts<'_>, address: IpAddr, (seconds, run, jail): (i64, &Run, &str)) -> Warning {
    let within = |moment: Option<i64>| moment.is_some_and(|moment| (run.from - 1..=run.to + 1).contains(&moment));
    let failures = facts.failures();
    let rows = accounts(failures.into_iter().filter(|attempt| within(attempt.moment)));
    let by = match rows
        .iter()
        .filter_map(|row| row.account.as_deref())
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => String::new(),
        [one] => format!(" by account {one}"),
        [first, rest @ ..] => format!(" by account {first} and {} others", rest.len()),
    };
    let message = format!(
        "{address} failed {} times in {}{by} before jail {jail} banned it: if that goes on, it is banned again in about {}. Fix \
         the phone, or let it in meanwhile: ",
        run.count,
        span(run.to - run.from),
        span(seconds)
    );
    let advice = Advice::text(message).run(format!("unban {address} --grace 30m"));
    Warning::new(WarningCode::BannedAgainSoon, advice)
}

/// Seconds as people say them.
fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} s", seconds.max(1)),
        _ => format!("{} min", (seconds + 30) / 60),
    }
}
