//! The five questions on the way to a verdict, each with what its answer stands on.

use super::bans::{beginning, found_after};
use super::evidence::Evidence;
use super::facts::Facts;
use crate::document::{Answered, CountSource, JailCount, Phase, Question};
use crate::model::fail2ban::Event;
use crate::model::jail_local::{Entry, EntryKind};
use crate::model::network::Network;
use crate::model::text::texts;
use crate::planning::enforcement::{Enforcement, enforcement};
use crate::planning::reading::{jail_local, server};
use crate::planning::unlisted::{members, on_host, unknown};

/// The five questions, whatever they come to.
pub fn phases(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Vec<Phase> {
    let answers = [
        (Question::Whitelisted, whitelisted(evidence, facts)),
        (Question::Counted, counted(evidence, facts)),
        (Question::ThresholdReached, reached(facts)),
        (Question::Banned, banned(evidence, facts)),
        (Question::Blocked, blocked(evidence, facts)),
    ];
    let numbered = (1..).zip(answers);
    numbered
        .map(|(number, (question, given))| Phase {
            number,
            question,
            answer: given.answer,
            text: given.text.into(),
            evidence: texts(given.evidence),
        })
        .collect()
}

/// An answer, and what it stands on.
struct Given {
    answer: Answered,
    text: String,
    evidence: Vec<String>,
}

impl Given {
    fn new(answer: Answered, text: impl Into<String>) -> Self {
        Self {
            answer,
            text: text.into(),
            evidence: Vec::new(),
        }
    }

    fn on(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// Why the server cannot be asked, if it cannot.
fn unasked(evidence: &Evidence<'_>) -> Option<Given> {
    match server(evidence.observed) {
        Ok(server) if server.running => None,
        Ok(_) => Some(Given::new(Answered::Unknown, "fail2ban is not running.")),
        Err(refusal) => Some(Given::new(Answered::Unknown, format!("{}.", refusal.message))),
    }
}

fn whitelisted(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Given {
    if let Some(unknown) = unasked(evidence) {
        return unknown.on(entries(evidence, facts));
    }
    let names = |ignore: Option<bool>| facts.jails_that(ignore).join(", ");
    let (ignoring, judging, undecided) = (names(Some(true)), names(Some(false)), names(None));
    let (answer, mut text) = match (ignoring.is_empty(), judging.is_empty(), undecided.is_empty()) {
        (true, _, true) => (Answered::No, "fail2ban ignores it in no jail.".to_owned()),
        (true, true, false) => (Answered::Unknown, String::new()),
        (true, false, false) => (Answered::Unknown, format!("fail2ban does not ignore it in {judging}.")),
        (false, true, _) => (Answered::Yes, format!("fail2ban ignores it in {ignoring}.")),
        (false, false, _) => (
            Answered::Yes,
            format!("fail2ban ignores it in {ignoring}, and not in {judging}."),
        ),
    };
    if let Some(reason) = facts.doubt() {
        let unknown = format!(" Whether it is ignored in {undecided} is unknown: {reason}.");
        text.push_str(&unknown);
    }
    Given::new(answer, text.trim_start()).on(entries(evidence, facts))
}

/// The entries of jail.local that cover it, and those of which nobody here knows whom they cover.
fn entries(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Vec<String> {
    let Ok(document) = jail_local(evidence.observed) else {
        return vec!["jail.local cannot be read as fail2ban reads it; the running jails were asked".to_owned()];
    };
    let list = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let path = document.path();
    let place = |entry: &Entry| format!("{path}:{}", entry.position.line);
    let shown = |entry: &Entry| match &entry.kind {
        EntryKind::Network(network) if network.contains(facts.address) => {
            let line = entry.register.as_ref();
            let customer = line.map_or_else(String::new, |line| format!(" | {}", line.registration.customer));
            Some(format!("{} {network}{customer}", place(entry)))
        }
        EntryKind::Name => Some(format!(
            "{} {} is a name: whether it covers this address was not asked",
            place(entry),
            entry.text
        )),
        EntryKind::File | EntryKind::Interpolation => {
            Some(format!("{} {}: whom it covers was not asked", place(entry), entry.text))
        }
        _ => None,
    };
    let mut found: Vec<String> = list.iter().filter_map(shown).collect();
    for section in document.own_ignoreip_sections() {
        let line = document
            .locate(&section, "ignoreip")
            .map_or(0, |position| position.line);
        found.push(format!(
            "{path}:{line} [{section}] has an ignoreip of its own, which replaces that of [DEFAULT]"
        ));
    }
    found
}

fn counted(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Given {
    if let Some(unknown) = unasked(evidence) {
        return unknown;
    }
    let failures = facts.failures().len();
    let found: Vec<String> = facts.counts.iter().map(found_by).collect();
    let seen = format!("{} attempts, {failures} failed", facts.attempts.len());
    let given = if facts.counts.iter().any(|count| count.source == CountSource::ActionLog) {
        Given::new(Answered::Yes, format!("{seen}; {}.", found.join("; ")))
    } else if facts.acts.iter().any(|act| act.event == Event::Ignore) {
        let ignored = facts.did(Event::Ignore).count();
        Given::new(Answered::No, format!("{seen}; fail2ban ignored {ignored} lines."))
    } else if failures == 0 {
        Given::new(
            Answered::NotSeen,
            format!("{seen}; no failure was seen in what was read."),
        )
    } else if evidence.counted.is_none() {
        Given::new(
            Answered::Unknown,
            format!("{seen}; the action log has none of them, and fail2ban was not asked."),
        )
    } else if found.is_empty() {
        Given::new(
            Answered::No,
            format!("{seen}; no jail takes its lines, by the host's own fail2ban."),
        )
    } else {
        Given::new(
            Answered::No,
            format!("{seen}; the running jails found none, and {}.", found.join("; ")),
        )
    };
    given.on(counted_evidence(evidence, facts))
}

fn found_by(count: &JailCount) -> String {
    match count.source {
        CountSource::ActionLog => format!("{} found {} lines", count.name, count.matches),
        CountSource::Fail2banRegex => format!("{} would find {} lines", count.name, count.matches),
    }
}

/// The first and the last line, and what fail2ban says of the last and of the dates.
fn counted_evidence(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Vec<String> {
    let mut numbers: Vec<usize> = facts
        .attempts
        .iter()
        .flat_map(|attempt| attempt.lines.iter().copied())
        .collect();
    numbers.sort_unstable();
    let ends = numbers
        .first()
        .into_iter()
        .chain(numbers.last().filter(|_| numbers.len() > 1));
    let lines = ends.filter_map(|number| evidence.cited(*number));
    let found = facts.did(Event::Found).chain(facts.did(Event::Ignore)).next_back();
    // fail2ban warns of a date once a day, and cites the line.
    let address = facts.address.to_string();
    let of_dates = evidence
        .acts
        .iter()
        .rev()
        .find(|act| act.event == Event::Warning && act.text.contains("timestamp") && act.text.contains(&address));
    lines
        .chain(found.map(|act| evidence.cited_act(act)))
        .chain(of_dates.map(|act| evidence.cited_act(act)))
        .collect()
}

fn reached(facts: &Facts<'_>) -> Given {
    let peak = |count: &JailCount| count.peak.as_ref().map_or(0, |peak| peak.count);
    let is_reached = |count: &JailCount| count.maxretry.is_some_and(|maxretry| peak(count) >= maxretry);
    let shown = |count: &JailCount| {
        let real = count.peak.as_ref().map_or(0, |peak| peak.attempts);
        format!(
            "{}: at most {} ({real} real within findtime) of {} in {} s",
            count.name,
            peak(count),
            count
                .maxretry
                .map_or_else(|| "?".to_owned(), |number| number.to_string()),
            count
                .findtime
                .map_or_else(|| "?".to_owned(), |number| number.to_string()),
        )
    };
    let all: Vec<String> = facts.counts.iter().map(shown).collect();
    match (all.is_empty(), facts.counts.iter().any(is_reached)) {
        (true, _) => Given::new(Answered::NotSeen, "No count of a jail was seen."),
        (_, true) => Given::new(Answered::Yes, format!("{}.", all.join("; "))),
        (_, false) => Given::new(Answered::No, format!("{}.", all.join("; "))),
    }
}

fn banned(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Given {
    if let Some(unknown) = unasked(evidence) {
        return unknown;
    }
    let shown: Vec<String> = facts
        .bans
        .iter()
        .map(|(name, _, ban)| {
            let until = ban.until.map_or_else(
                || "for ever".to_owned(),
                |until| format!("until {}", evidence.when(until)),
            );
            format!("{name} since {} {until}", evidence.when(ban.since))
        })
        .collect();
    let of_bans = |event: Event| {
        matches!(
            event,
            Event::Ban | Event::RestoreBan | Event::IncreaseBan | Event::Unban
        )
    };
    let last: Vec<String> = facts
        .acts
        .iter()
        .rev()
        .filter(|act| of_bans(act.event))
        .take(2)
        .map(|act| evidence.cited_act(act))
        .collect();
    let given = match (shown.is_empty(), last.is_empty()) {
        (false, _) => Given::new(Answered::Yes, format!("{}.", shown.join("; "))),
        (true, false) => Given::new(Answered::No, "No jail lists it now; it was banned before."),
        (true, true) => Given::new(Answered::No, "No jail lists it, and the action log has no ban of it."),
    };
    given.on(last.into_iter().rev())
}

fn blocked(evidence: &Evidence<'_>, facts: &Facts<'_>) -> Given {
    if let Some(unknown) = unasked(evidence) {
        return unknown;
    }
    let single = Network::single(facts.address);
    let unlisted = members(&on_host(evidence.observed), &single);
    if facts.bans.is_empty() {
        if let Some(chains) = unlisted.values().next() {
            let chains: Vec<&str> = chains.iter().map(String::as_str).collect();
            return Given::new(
                Answered::Yes,
                format!("The firewall blocks it in {}, without a ban.", chains.join(", ")),
            );
        }
        return match unknown(evidence.observed, &single) {
            Some(warning) => Given::new(Answered::Unknown, warning.message.to_string()),
            None => Given::new(Answered::No, "No chain of fail2ban blocks it."),
        };
    }
    let mut later = Vec::new();
    let (mut open, mut not_known) = (Vec::new(), Vec::new());
    for (name, jail, ban) in &facts.bans {
        let began = beginning(facts, name).map_or(ban.since, |act| act.moment);
        later.extend(found_after(facts, name, began));
        match enforcement(name, jail, evidence.observed) {
            Enforcement::Yes => {}
            Enforcement::No(gap) => open.push(gap.clause(name)),
            Enforcement::Unknown(reason) => not_known.push(reason),
        }
    }
    if let Some(last) = later.last() {
        let still = facts.acts.iter().rev().find(|act| act.event == Event::AlreadyBanned);
        let text = format!("fail2ban found {} lines of it after the ban.", later.len());
        return Given::new(Answered::No, text).on([*last]
            .into_iter()
            .chain(still.copied())
            .map(|act| evidence.cited_act(act)));
    }
    match (open.first(), not_known.first()) {
        (Some(gap), _) => Given::new(Answered::No, format!("{gap}.")),
        (None, Some(reason)) => Given::new(Answered::Unknown, format!("{reason}.")),
        (None, None) => Given::new(
            Answered::Yes,
            "The firewall has its rules, and no line of it came after the ban.",
        ),
    }
}
