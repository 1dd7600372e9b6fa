//! Whether somebody whose ban is lifted will be banned again at once: by the rate of the failures that led to the ban.
//!
//! While an address is blocked, its attempts are not logged. So what counts is the run of failures up to the ban: a phone that
//! failed in a rhythm goes on with it.

use std::net::IpAddr;

use super::evidence::Evidence;
use super::facts::Facts;
use crate::checks::found_lines::silent_level;
use crate::document::{Advice, Warning, WarningCode};
use crate::history::accounts;
use crate::model::fail2ban::Event;
use crate::model::network::Network;

/// Failures further apart than this are no run, seconds.
const PAUSE: i64 = 300;
/// How many failures make a run.
const RUN: usize = 3;

/// A warning that nobody knows whether somebody is banned again soon.
pub fn banned_again_unknown(reason: &str) -> Warning {
    let message = format!("Whether a ban comes again soon is unknown: {reason}.");
    Warning::new(WarningCode::BannedAgainUnknown, message)
}

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
        match again.min_by_key(|(seconds, ..)| *seconds) {
            Some((seconds, run, jail)) => found.push(warning(&facts, address, (seconds, &run, jail))),
            None => found.extend(unread(evidence, &facts).map(|reason| banned_again_unknown(&reason))),
        }
    }
    found.dedup();
    found
}

/// Why the failures before a ban of an address are not known; none where they are, or where it is not banned.
fn unread(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<String> {
    let since = facts.bans.iter().map(|(_, _, ban)| ban.since).max()?;
    let log = &evidence.past.actions;
    if let Some(level) = silent_level(evidence.observed) {
        return Some(format!(
            "fail2ban logs at level {level}, and the failures before a ban at INFO only"
        ));
    }
    if let Some(fault) = log.faults.first() {
        return Some(fault.clone());
    }
    let looked_at = evidence.since.and_then(|span| i64::try_from(span).ok());
    if let Some(span) = looked_at.filter(|span| since < evidence.now() - span) {
        return Some(format!(
            "the ban is of {}, and the logs were looked at for {} h",
            evidence.when(since),
            span / 3600
        ));
    }
    match log.horizon {
        _ if !log.exists => Some(format!("there is no file {}, fail2ban's action log", log.path)),
        None => Some(format!("{} holds nothing of that time", log.path)),
        Some(horizon) if horizon > since => Some(format!(
            "{} begins at {}, after the ban of {}",
            log.path,
            evidence.when(horizon),
            evidence.when(since)
        )),
        Some(_) => None,
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::model::clock::Clock;
    use crate::model::known::Known;
    use crate::model::looked_back::{CutLog, LookedBack};
    use crate::model::observed::{Observed, Server};

    const NOW: i64 = 1_795_322_703;

    /// The warnings for an address that was banned so many seconds ago.
    fn warnings(ago: i64, level: &str, actions: CutLog) -> Vec<String> {
        let jail = json!({
            "values": {"maxretry": 3, "findtime": 600},
            "bans": [{"ip": "198.51.100.7", "since": NOW - ago, "until": null}],
        });
        let server = Server {
            running: true,
            settings: BTreeMap::from([("loglevel".to_owned(), Value::from(level))]),
            jails: BTreeMap::from([(
                "asterisk-auth".to_owned(),
                serde_json::from_value(jail).expect("a jail"),
            )]),
            ..Server::default()
        };
        let clock = Clock {
            now: NOW as f64,
            ..Clock::default()
        };
        let observed = Observed {
            clock,
            server: Known::of(server),
            ..Observed::default()
        };
        let past = LookedBack {
            actions,
            ..LookedBack::default()
        };
        let evidence = Evidence::new(&observed, &past, None, "", Some(93_600));
        let found = banned_again(
            &evidence,
            &[Network::single("198.51.100.7".parse().expect("an address"))],
        );
        found.iter().map(|warning| warning.message.to_string()).collect()
    }

    fn log() -> CutLog {
        CutLog {
            path: "/var/log/fail2ban.log".to_owned(),
            exists: true,
            horizon: Some(NOW - 5000),
            ..CutLog::default()
        }
    }

    #[test]
    fn what_was_not_read_is_unknown_and_a_ban_without_failures_is_not() {
        assert_eq!(warnings(100, "INFO", log()), Vec::<String>::new());
        let denied = CutLog {
            faults: vec!["/var/log/fail2ban.log: Permission denied".to_owned()],
            ..log()
        };
        let absent = CutLog { exists: false, ..log() };
        let empty = CutLog { horizon: None, ..log() };
        for (ago, level, log, reason) in [
            (100, "NOTICE", log(), "logs at level NOTICE"),
            (100, "INFO", denied, "Permission denied"),
            (100, "INFO", absent, "there is no file /var/log/fail2ban.log"),
            (100, "INFO", empty, "holds nothing of that time"),
            (6000, "INFO", log(), "begins at 03:21:43, after the ban of 03:05:03"),
            (100_000, "INFO", log(), "looked at for 26 h"),
        ] {
            let found = warnings(ago, level, log);
            assert!(found.len() == 1 && found[0].contains(reason), "{reason}: {found:?}");
        }
    }
}
