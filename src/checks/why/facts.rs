//! The facts about one address: its attempts, what fail2ban did with it, what each jail counts, who whitelists it.

use std::net::IpAddr;

use super::evidence::{Act, Evidence, NOT_ASKED};
use crate::document::{CountPeak, CountSource, Exemption, JailCount, JailDecision};
use crate::history::{Attempt, Event as Counting, Forgetting, Outcome, count};
use crate::model::fail2ban::Event;
use crate::model::network::Network;
use crate::model::observed::{Ban, Jail};
use crate::model::text::Text;
use crate::planning::decisions::judged;

/// The facts about one address.
pub struct Facts<'a> {
    /// The address.
    pub address: IpAddr,
    /// Its attempts.
    pub attempts: Vec<&'a Attempt>,
    /// What fail2ban did with it.
    pub acts: Vec<&'a Act<'a>>,
    /// What each jail counts of it.
    pub counts: Vec<JailCount>,
    /// Its bans: the jail and the ban, which may be that of a network.
    pub bans: Vec<(&'a str, &'a Jail, &'a Ban)>,
    /// Whether each running jail ignores it, by fail2ban's own decision.
    pub decisions: Vec<(&'a str, JailDecision)>,
}

impl<'a> Facts<'a> {
    /// The facts that the evidence holds.
    pub fn of(evidence: &'a Evidence<'a>, address: IpAddr) -> Self {
        let single = Network::single(address);
        let jails = evidence.jails();
        let acts: Vec<&Act<'_>> = evidence.acts.iter().filter(|act| is_about(act, &single)).collect();
        let bans = jails.iter().flat_map(|(name, jail)| {
            let of_it = jail
                .bans
                .iter()
                .filter(|ban| ban.ip.network().is_some_and(|network| network.contains(address)));
            of_it.map(|ban| (*name, *jail, ban))
        });
        let attempts: Vec<&Attempt> = evidence
            .attempts
            .iter()
            .filter(|attempt| attempt.address == Some(address))
            .collect();
        let decided = |(name, jail): (&&'a str, &&'a Jail)| {
            let asked = evidence.decided.ok_or(NOT_ASKED);
            let one = asked
                .and_then(|decided| decided.of(name, address))
                .map(std::slice::from_ref);
            (*name, judged(name, jail, one, &single, evidence.observed))
        };
        Self {
            address,
            bans: bans.collect(),
            counts: counts(evidence, &single),
            decisions: jails.iter().map(decided).collect(),
            attempts,
            acts,
        }
    }

    /// The running jails that ignore it, that do not, or of which that is not known.
    pub fn jails_that(&self, ignore: Option<bool>) -> Vec<&'a str> {
        let those = self.decisions.iter().filter(|(_, decision)| decision.ignored == ignore);
        those.map(|(name, _)| *name).collect()
    }

    /// Why it is not known of a jail whether that ignores it; none where all is known.
    pub fn doubt(&self) -> Option<&Text> {
        self.decisions.iter().find_map(|(_, decision)| decision.reason.as_ref())
    }

    /// Whether an entry of a whitelist is what a jail ignores it for.
    pub fn is_listed(&self) -> bool {
        let because = self.decisions.iter().flat_map(|(_, decision)| &decision.because);
        let mut by = because.map(|one| one.by);
        by.any(|by| matches!(by, Exemption::IgnoreIp | Exemption::File))
    }

    /// How many of its attempts ended so.
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.attempts
            .iter()
            .filter(|attempt| attempt.outcome == outcome)
            .count() as u64
    }

    /// Its attempts that failed as jails count it.
    pub fn failures(&self) -> Vec<&'a Attempt> {
        self.attempts
            .iter()
            .copied()
            .filter(|attempt| attempt.outcome.is_failure())
            .collect()
    }

    /// Whether the action log says what came of its lines.
    pub fn was_acted_on(&self) -> bool {
        self.acts
            .iter()
            .any(|act| matches!(act.event, Event::Ignore | Event::Ban | Event::RestoreBan))
    }

    /// What fail2ban did of one kind, in order.
    pub fn did(&self, event: Event) -> impl DoubleEndedIterator<Item = &'a Act<'a>> + '_ {
        self.acts.iter().copied().filter(move |act| act.event == event)
    }
}

fn is_about(act: &Act<'_>, single: &Network) -> bool {
    act.ip.is_some_and(|ip| ip.covers(single))
}

/// What each jail counts of an address: from the action log, or else from fail2ban's own reading of the lines.
fn counts(evidence: &Evidence<'_>, single: &Network) -> Vec<JailCount> {
    let jails = evidence.jails();
    let counted = |(name, jail): (&&str, &&Jail)| {
        let events = events(evidence, name, single);
        let found = events
            .iter()
            .any(|event| matches!(event, Counting::Found(_) | Counting::FoundAgain(_)));
        if found {
            return Some(row(evidence, name, jail, &events, CountSource::ActionLog));
        }
        let matched = matched(evidence, name, single);
        let moments: Vec<i64> = matched.iter().filter_map(|(_, _, dated)| *dated).collect();
        let events: Vec<Counting> = moments.into_iter().map(Counting::Found).collect();
        (!events.is_empty()).then(|| row(evidence, name, jail, &events, CountSource::Fail2banRegex))
    };
    jails.iter().filter_map(counted).collect()
}

/// The lines that a jail's own fail2ban matches for an address: number, address, date.
pub fn matched<'a>(evidence: &Evidence<'a>, jail: &str, single: &Network) -> Vec<(usize, &'a str, Option<i64>)> {
    let Some(counted) = evidence.counted else {
        return Vec::new();
    };
    let of_jail = counted.counted.get(jail).and_then(|counted| counted.value());
    let lines = of_jail.into_iter().flatten();
    let of_it = lines.filter(|(_, ip, _)| Network::parse(ip).is_ok_and(|parsed| parsed.network == *single));
    of_it
        .map(|(number, ip, dated)| (counted.from + number, ip.as_str(), *dated))
        .collect()
}

fn row(evidence: &Evidence<'_>, name: &str, jail: &Jail, events: &[Counting], source: CountSource) -> JailCount {
    let (maxretry, findtime) = (jail.number("maxretry"), jail.number("findtime"));
    let server = evidence.observed.server.value();
    let version = server.and_then(|server| server.version.as_deref()).unwrap_or_default();
    let counted = count(
        events,
        maxretry.unwrap_or(i64::MAX),
        findtime.unwrap_or(i64::MAX / 4),
        Forgetting::of_version(version),
        evidence.now(),
    );
    JailCount {
        name: name.into(),
        matches: counted.matches,
        count: Some(counted.count),
        attempts: counted.attempts,
        peak: counted.peak.map(|peak| CountPeak {
            count: peak.count,
            attempts: peak.attempts,
            at: evidence.clock().moment(peak.moment),
        }),
        maxretry,
        findtime,
        source,
    }
}

/// What the action log says of an address in a jail, as far as it changes the count.
fn events(evidence: &Evidence<'_>, name: &str, single: &Network) -> Vec<Counting> {
    let mut found = Vec::new();
    // The newest line that was found before the jail began anew: up to that, it reads back what it had found.
    let (mut newest, mut before) = (i64::MIN, i64::MIN);
    for act in evidence.acts.iter().filter(|act| act.jail == name) {
        let is_it = is_about(act, single);
        match (act.event, act.weight) {
            (Event::JailStarted, _) => {
                before = newest;
                found.push(Counting::Began);
            }
            (Event::Found, Some(weight)) if is_it => found.push(Counting::Weighed(act.dated, weight)),
            (Event::Found, None) if is_it && act.dated <= before => found.push(Counting::FoundAgain(act.dated)),
            (Event::Found, None) if is_it => {
                newest = newest.max(act.dated);
                found.push(Counting::Found(act.dated));
            }
            (Event::Ban, _) if is_it => found.push(Counting::Banned),
            (Event::Ban, _) => found.push(Counting::Cleaned(act.moment)),
            _ => {}
        }
    }
    found
}
