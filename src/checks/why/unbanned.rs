//! An address that is not banned: whether it was, how near it came, or why nobody counts it.

use std::collections::BTreeSet;

use super::audit::lifted;
use super::bans::blame;
use super::decision::Decision;
use super::evidence::{Act, Evidence};
use super::facts::{Facts, matched};
use crate::document::{Advice, CountSource, JailCount, Verdict};
use crate::history::{Attempt, Driver, Outcome};
use crate::model::fail2ban::Event;
use crate::model::network::Network;
use crate::model::runbook::{AUTH, SCAN, SINGLE_JAIL, is_named_after_asterisk};

/// How near to its end a ban may end to have ended by itself, seconds.
const BY_ITSELF: i64 = 5;
/// How long fail2ban may take to find a line, seconds.
const LATENCY: i64 = 15;

/// It was banned, and is not now.
pub fn was_banned(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let is_ban = |event: Event| matches!(event, Event::Ban | Event::RestoreBan | Event::IncreaseBan);
    let ban = facts.acts.iter().rev().find(|act| is_ban(act.event))?;
    let unban = facts
        .acts
        .iter()
        .rev()
        .find(|act| act.event == Event::Unban && act.moment >= ban.moment && act.jail == ban.jail);
    let bantime = evidence
        .jails()
        .get(ban.jail.as_str())
        .and_then(|jail| jail.number("bantime"));
    let first = facts
        .acts
        .iter()
        .rev()
        .find(|act| act.event == Event::Ban && act.jail == ban.jail)
        .unwrap_or(ban);
    let due = bantime
        .filter(|seconds| *seconds >= 0)
        .map(|seconds| first.moment + seconds);
    let address = facts.address;
    let head = format!(
        "{address} was banned in {} at {}",
        ban.jail,
        evidence.when(first.moment)
    );
    let ended = unban.map(|act| act.moment);
    let is_early = match (ended, due) {
        (Some(ended), Some(due)) => ended < due - BY_ITSELF,
        (None, Some(due)) => evidence.now() < due,
        (_, None) => true,
    };
    if !is_early {
        let answer = format!(
            "{head}; the ban ended by itself at {}.",
            evidence.when(ended.or(due).unwrap_or_default())
        );
        return Some(Decision::new(Verdict::WasBannedExpired, answer));
    }
    let answer = match ended {
        Some(ended) => format!(
            "{head}; the ban was lifted at {} by {}.",
            evidence.when(ended),
            by_whom(evidence, facts, ended)
        ),
        None => format!("{head} and is not now; when and by whom it was lifted is not in the action log."),
    };
    Some(Decision::new(Verdict::WasBannedLifted, answer).next(Advice::command("history")))
}

fn by_whom(evidence: &Evidence<'_>, facts: &Facts<'_>, ended: i64) -> String {
    match lifted(evidence, &Network::single(facts.address), ended) {
        Some(lifted) => format!("{} (f2bctl {}, {})", lifted.operator, lifted.command, lifted.place),
        None => "somebody outside of f2bctl, or a restart".to_owned(),
    }
}

/// Jails count it, and it did not reach their thresholds.
pub fn counted(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let of_log = facts
        .counts
        .iter()
        .filter(|count| count.source == CountSource::ActionLog && count.matches > 0);
    let nearest = of_log.max_by_key(|count| share(count))?;
    if let Some(decision) = misdated(facts, nearest) {
        return Some(decision);
    }
    Some(below(evidence, facts, nearest))
}

/// How far the date that fail2ban counts by may lie from that of a line, seconds: beyond that it takes the line as of now.
const SAME_TIME: i64 = 60;

/// fail2ban found its lines under no date that one of them has: it took them as of just now.
fn misdated(facts: &Facts<'_>, count: &JailCount) -> Option<Decision> {
    let moments: Vec<i64> = facts.attempts.iter().filter_map(|attempt| attempt.moment).collect();
    let is_of_a_line = |act: &Act<'_>| moments.iter().any(|moment| (act.dated - moment).abs() <= SAME_TIME);
    let found: Vec<_> = facts.did(Event::Found).filter(|act| count.name == *act.jail).collect();
    (!facts.attempts.is_empty() && !found.iter().any(|act| is_of_a_line(act))).then(|| {
        let dates = if moments.is_empty() {
            "have no date that can be read"
        } else {
            "have other dates than the host's clock"
        };
        let answer = format!(
            "{} found {} lines of {} as of just now, since they {dates}: a wrong zone or clock of Asterisk's.",
            count.name,
            found.len(),
            facts.address
        );
        Decision::new(Verdict::DateUnreadable, answer).next(Advice::command("doctor"))
    })
}

/// How near a count comes to its threshold, in parts of a thousand.
fn share(count: &JailCount) -> i64 {
    let peak = count.peak.as_ref().map_or(0, |peak| peak.count);
    peak.saturating_mul(1000) / count.maxretry.unwrap_or(i64::MAX).max(1)
}

fn below(evidence: &Evidence<'_>, facts: &Facts<'_>, count: &JailCount) -> Decision {
    let (address, name) = (facts.address, &count.name);
    let (maxretry, findtime) = (count.maxretry.unwrap_or_default(), count.findtime.unwrap_or_default());
    let peak = count.peak.as_ref().map_or_else(String::new, |peak| {
        let moment = chrono::DateTime::parse_from_rfc3339(&peak.at)
            .map_or_else(|_| peak.at.clone(), |at| evidence.when(at.timestamp()));
        format!("at most {} at {moment} ({} real), ", peak.count, peak.attempts)
    });
    let answer = format!(
        "{address} is not banned: {name} counts {peak}now {}, and {maxretry} in {findtime} s ban; {}.",
        count.count.unwrap_or_default(),
        blame(facts)
    );
    Decision::new(Verdict::BelowThreshold, answer).next(Advice::command(format!("watch --ip {address}")))
}

/// No running jail has found anything of it: why not.
pub fn uncounted(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Decision {
    let failures = facts.failures();
    if let Some(act) = facts.did(Event::Ignore).next_back().filter(|_| !failures.is_empty()) {
        return ignored(evidence, facts, act);
    }
    if facts.attempts.is_empty() {
        return ambiguous(evidence, facts).unwrap_or_else(|| unseen(evidence, facts));
    }
    if failures.is_empty() {
        return unfailed(facts);
    }
    missed(evidence, facts, &failures)
}

fn ignored(evidence: &Evidence<'_>, facts: &Facts<'_>, act: &Act<'_>) -> Decision {
    let by = act.text.split_once(" by ").map_or("another rule", |(_, by)| by);
    let by = if by == "ip" { "its whitelist at that time" } else { by };
    let answer = format!(
        "{} ignored {} by {by}, last at {}.",
        act.jail,
        facts.address,
        evidence.when(act.moment)
    );
    Decision::new(Verdict::IgnoredOtherwise, answer).next(Advice::command(format!("whitelist check {}", facts.address)))
}

/// Lines that hold its address, and that can be read as of another one, too: the caller wrote one of the two.
fn ambiguous(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let count = evidence
        .attempts
        .iter()
        .filter(|attempt| attempt.address.is_none())
        .count();
    (count > 0).then(|| {
        let answer = format!(
            "{count} lines hold {} and a second address, of which the caller wrote one: no jail takes them, and they do not \
             tell who it was.",
            facts.address
        );
        let advice = "log the security level to the same file (logger.conf); its events show the true address";
        Decision::new(Verdict::NoMatch, answer).next(Advice::text(advice))
    })
}

/// Nothing of it was seen.
fn unseen(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Decision {
    let (address, past) = (facts.address, evidence.past);
    let asterisk = past.logs.first();
    if let Some(log) = asterisk.filter(|log| !log.exists || log.files.is_empty() || log.horizon.is_none()) {
        let elsewhere: Vec<&str> = past
            .held
            .iter()
            .map(String::as_str)
            .filter(|path| *path != log.path)
            .collect();
        if !log.exists || !elsewhere.is_empty() {
            let where_to = match elsewhere.as_slice() {
                [] => "where Asterisk writes is not known".to_owned(),
                paths => format!("Asterisk has open {}", paths.join(", ")),
            };
            let what = if log.exists { "is empty" } else { "does not exist" };
            let answer = format!("Nothing of {address} was seen: {} {what}; {where_to}.", log.path);
            return Decision::new(Verdict::LogElsewhere, answer).next(Advice::text(
                "set `asterisk_log` of this host in f2bctl's configuration to the file that Asterisk writes",
            ));
        }
    }
    if let Some(fault) = past.logs.iter().flat_map(|log| &log.faults).next() {
        return Decision::new(
            Verdict::Unknown,
            format!("Nothing of {address} was seen, and not all could be read: {fault}."),
        );
    }
    let horizon = asterisk.and_then(|log| log.horizon);
    let begin = horizon.map_or_else(|| "an unknown time".to_owned(), |moment| evidence.when(moment));
    let wanted = evidence
        .since
        .map(|seconds| evidence.now() - i64::try_from(seconds).unwrap_or(i64::MAX / 2));
    let is_short = horizon
        .zip(wanted)
        .is_some_and(|(horizon, wanted)| horizon > wanted + LATENCY);
    if is_short || past.logs.iter().any(|log| log.truncated) {
        let answer = format!("Nothing of {address} was seen, and the logs were read from {begin} on only.");
        return Decision::new(Verdict::BeyondHorizon, answer);
    }
    let answer = format!("Nothing of {address} stands in the logs, which were read from {begin} on.");
    Decision::new(Verdict::NoLines, answer)
}

/// It is in the log and did not fail.
fn unfailed(facts: &Facts<'_>) -> Decision {
    let address = facts.address;
    let refused: Vec<&&Attempt> = facts
        .attempts
        .iter()
        .filter(|attempt| attempt.outcome == Outcome::Refused)
        .collect();
    if let Some(last) = refused.last() {
        let what = if last.is_over_contacts {
            "its account has as many contacts as it may (max_contacts)"
        } else {
            &last.reason
        };
        let answer = format!(
            "Asterisk refused {address} {} times by its own rules: {what}; no jail is about that.",
            refused.len()
        );
        return Decision::new(Verdict::RefusedByAsterisk, answer);
    }
    let answer = format!(
        "{address} did not fail: {} attempts, {} let in.",
        facts.attempts.len(),
        facts.ended(Outcome::Success)
    );
    Decision::new(Verdict::LinesButNoFailure, answer)
}

/// Its failures are logged, and no jail found them.
fn missed(evidence: &Evidence<'_>, facts: &Facts<'_>, failures: &[&Attempt]) -> Decision {
    let (single, jails) = (Network::single(facts.address), evidence.jails());
    let count = failures.len();
    let head = format!("{count} failures of {} are logged", facts.address);
    if evidence.is_local() {
        let answer = format!(
            "{head} ({}); whether a jail counts or bans them was not asked.",
            blame(facts)
        );
        return Decision::new(Verdict::Unknown, answer);
    }
    let about: Vec<&str> = jails
        .keys()
        .copied()
        .filter(|name| is_named_after_asterisk(name))
        .collect();
    if about.is_empty() {
        let answer = format!("{head}, and no asterisk jail runs.");
        return Decision::new(Verdict::JailMissing, answer)
            .next(Advice::command("split"))
            .next(Advice::command("doctor"));
    }
    let files: BTreeSet<&str> = failures
        .iter()
        .flat_map(|attempt| &attempt.lines)
        .filter_map(|number| evidence.lines.get(*number))
        .map(|(log, _)| log.path.as_str())
        .collect();
    let reads = |name: &&str| {
        jails
            .get(name)
            .is_some_and(|jail| jail.list("logpath").iter().any(|path| files.contains(path.as_str())))
    };
    let reading: Vec<&str> = about.iter().copied().filter(|name| reads(name)).collect();
    if reading.is_empty() {
        let names: Vec<&str> = files.into_iter().collect();
        let answer = format!(
            "{head} in {}, which {} do not read.",
            names.join(", "),
            about.join(", ")
        );
        return Decision::new(Verdict::JailReadsOtherFile, answer).next(Advice::command("doctor"));
    }
    let Some(counted) = evidence.counted else {
        return Decision::new(
            Verdict::Unknown,
            format!("{head}; whether a jail takes these lines was not asked."),
        );
    };
    let unasked = reading
        .iter()
        .find_map(|name| counted.counted.get(*name)?.reason().map(|reason| (*name, reason)));
    for name in &reading {
        let lines = matched(evidence, name, &single);
        if !lines.is_empty() {
            return not_found_by(evidence, facts, &head, name, &lines);
        }
    }
    if let Some((name, reason)) = unasked {
        return Decision::new(
            Verdict::Unknown,
            format!("{head}; what {name} takes is unknown: {reason}."),
        );
    }
    not_matched(facts, &head, failures, &reading, &about)
}

/// A jail's own fail2ban matches lines that the running jail did not find.
fn not_found_by(
    evidence: &Evidence<'_>,
    facts: &Facts<'_>,
    head: &str,
    name: &str,
    lines: &[(usize, &str, Option<i64>)],
) -> Decision {
    if lines.iter().all(|(_, _, dated)| dated.is_none()) {
        let answer = format!(
            "{head}; {name} matches {} of them and reads no date in them, so that it drops them.",
            lines.len()
        );
        return Decision::new(Verdict::DateUnreadable, answer).next(Advice::command(format!("regex {name}")));
    }
    let last = lines
        .iter()
        .filter_map(|(number, _, _)| evidence.lines.get(*number)?.1.time)
        .max();
    let started = evidence
        .acts
        .iter()
        .rev()
        .find(|act| act.event == Event::JailStarted && act.jail == name)
        .map(|act| act.moment);
    let horizon = evidence.past.actions.horizon;
    let was_running = last
        .is_some_and(|last| last < evidence.now() - LATENCY && started.or(horizon).is_some_and(|began| began < last));
    if was_running && evidence.past.actions.exists {
        let answer = format!(
            "{head}; {name}'s expressions match {} of them, and the running jail found none.",
            lines.len()
        );
        return Decision::new(Verdict::JailCountsNothing, answer).next(Advice::command("reload"));
    }
    let by_regex = facts.counts.iter().find(|count| count.name == name);
    match by_regex {
        Some(count) => below(evidence, facts, count),
        None => Decision::new(
            Verdict::Unknown,
            format!("{head}; what {name} counts of them is not in the action log."),
        ),
    }
}

/// No expression of a jail that reads them takes them.
fn not_matched(facts: &Facts<'_>, head: &str, failures: &[&Attempt], reading: &[&str], about: &[&str]) -> Decision {
    let is_search = failures.iter().all(|attempt| attempt.outcome != Outcome::WrongPassword);
    let is_guess = failures.iter().all(|attempt| attempt.outcome == Outcome::WrongPassword);
    let missing = [(SCAN.name, is_search), (AUTH.name, is_guess)]
        .into_iter()
        .find(|(name, is_its)| *is_its && !about.contains(name) && !about.contains(&SINGLE_JAIL));
    if let Some((name, _)) = missing {
        let answer = format!("{head}, and {name}, the jail for them, does not run.");
        return Decision::new(Verdict::JailMissing, answer).next(Advice::command("split"));
    }
    let is_usual = |attempt: &&Attempt| attempt.driver == Driver::Pjsip && attempt.has_notice();
    if !failures.iter().any(is_usual) {
        let answer = format!("{head} in a form that {} are not made for.", reading.join(", "));
        return Decision::new(Verdict::CountedByNoJail, answer).next(Advice::command("doctor"));
    }
    let answer = format!(
        "{head} where {} read, and no expression takes them; {}.",
        reading.join(", "),
        blame(facts)
    );
    Decision::new(Verdict::NoMatch, answer).next(Advice::command("doctor"))
}
