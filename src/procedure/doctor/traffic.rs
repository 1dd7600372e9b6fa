//! Recent traffic, replayed through the jails' own filters: does each count what it is meant to, and once?

use std::collections::{BTreeMap, BTreeSet};

use crate::model::asterisk::{Attempt, Event, attempt};
use crate::model::known::Known;
use crate::model::observed::Replay;

use super::super::finding::{Code, Finding, Severity};
use super::{Evidence, unknown};

const STRICT: &str = "asterisk-auth";

/// Runs these checks. A log without failures has nothing to say.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let replay = match evidence.replay.read() {
        Ok(replay) => replay,
        Err(reason) => return vec![unknown("recent traffic", reason)],
    };
    let attempts: BTreeMap<usize, Attempt> = replay
        .lines
        .iter()
        .enumerate()
        .filter_map(|(number, line)| Some((number, attempt(line)?)))
        .collect();
    let mut found = Vec::new();
    for (name, counted) in &replay.counted {
        match counted {
            Known::Unknown { unknown: reason, .. } => found.push(unknown(&format!("what jail {name} counts"), reason)),
            Known::Value { value } => {
                let numbers: Vec<usize> = value.iter().map(|(number, _)| *number).collect();
                found.extend(strict(name, &numbers, &attempts));
                found.extend(doubled(name, &numbers, &attempts));
            }
        }
    }
    found.extend(unseen(replay, &attempts));
    found
}

/// The strict jail must not count what every legitimate phone logs first.
fn strict(name: &str, counted: &[usize], attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
    if name != STRICT {
        return None;
    }
    let of = |number: &usize| {
        attempts
            .get(number)
            .is_some_and(|attempt| attempt.event == Event::Discovery)
    };
    let first = counted.iter().filter(|number| of(number)).count();
    if first == 0 {
        return None;
    }
    let message = format!(
        "Jail {STRICT} counts {first} recent lines that every legitimate first REGISTER logs: three phones that come back \
         are banned for a day."
    );
    Some(Finding::new(
        Code::StrictCountsFirstRegisters,
        Severity::Error,
        message,
        "f2bctl split installs filters that do not",
    ))
}

/// One SIP attempt logs a NOTICE and a SECURITY event: a jail that counts both bans at half its threshold. A denial and
/// the failure that follows it are one attempt as well.
fn doubled(name: &str, counted: &[usize], attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
    let mut seen: BTreeSet<(&str, bool)> = BTreeSet::new();
    let mut twice = 0;
    for attempt in counted.iter().filter_map(|number| attempts.get(number)) {
        let first = attempt.event == Event::Discovery;
        if !attempt.call.is_empty() && !seen.insert((attempt.call.as_str(), first)) {
            twice += 1;
        }
    }
    if twice == 0 {
        return None;
    }
    let message =
        format!("Jail {name} counts {twice} recent attempts twice: once as NOTICE and once as SECURITY event.");
    Some(Finding::new(
        Code::CountedTwice,
        Severity::Warning,
        message,
        "f2bctl split installs the filters for the levels that this log holds",
    ))
}

/// Attempts of which no jail counts any line: the levels of logger.conf have changed since the filters were chosen. A
/// denied request without a password is none: it is answered with a challenge, and what comes back is counted.
fn unseen(replay: &Replay, attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
    let readable = replay.counted.values().filter_map(Known::value);
    let counted: BTreeSet<usize> = readable.flatten().map(|(number, _)| *number).collect();
    let calls = |numbers: &mut dyn Iterator<Item = &usize>| -> BTreeSet<String> {
        numbers
            .filter_map(|number| attempts.get(number))
            .map(|attempt| attempt.call.clone())
            .collect()
    };
    let seen = calls(&mut counted.iter());
    let tried = attempts.iter().filter(|(_, attempt)| attempt.event != Event::Denied);
    let missed = calls(&mut tried.map(|(number, _)| number)).difference(&seen).count();
    if missed == 0 || replay.counted.is_empty() {
        return None;
    }
    let message = format!(
        "{missed} recent attempts are counted by no jail: the log holds other levels than the filters are made for."
    );
    Some(Finding::new(
        Code::AttemptsNotCounted,
        Severity::Error,
        message,
        "f2bctl split installs the filters for the levels that this log holds",
    ))
}
