//! What a forecast stands on: the jail's past as its action log has it, who its addresses are, and what is missing.

use std::net::IpAddr;

use crate::checks::found_lines::silent_level;
use crate::document::{Affected, Coverage, Split};
use crate::history::{Act, Course, Forgetting, Happened, JailPast, Peak, Setting, Unlisted, is_attempt, past, replay};
use crate::model::action_columns::ActionLog;
use crate::model::clock::Clock;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::text::{Text, texts};
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::whitelist::whitelist;

/// The jail's past and its addresses.
pub struct Ground<'a> {
    /// The jail's name.
    pub jail: &'a str,
    /// The host's clock.
    pub clock: &'a Clock,
    /// What happened.
    pub past: JailPast,
    /// Who its addresses are, by their numbers.
    pub who: Vec<Who>,
    /// The addresses whose ignored attempts count: no whitelist has them now.
    pub unlisted: Unlisted,
    /// How the host's version forgets.
    pub forgetting: Forgetting,
    /// From when on nothing is missing, seconds of the Unix clock; absent where nothing was logged.
    pub from: Option<i64>,
    /// What is missing.
    pub gaps: Vec<String>,
    /// The action log's path.
    pub source: String,
}

/// Who an address is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The customer in whose network it lies.
    pub customer: Option<Text>,
    /// Whether the host's settings protect it.
    pub is_protected: bool,
    /// Whether the jail's whitelist has it now.
    pub is_whitelisted: bool,
}

impl<'a> Ground<'a> {
    /// The ground for a running jail.
    ///
    /// # Errors
    /// A refusal if fail2ban does not run.
    pub fn new(observed: &'a Observed, log: &ActionLog, jail: &'a str, protected: &[Network]) -> Result<Self, Refusal> {
        let now = observed.clock.second();
        let from = log.horizon(now);
        let mut pasts = past(log.events(), from.unwrap_or(i64::MAX));
        let past = pasts.remove(jail).unwrap_or_default();
        let who = who(observed, jail, &past.addresses, protected)?;
        let unlisted = (0..who.len())
            .filter(|number| who.get(*number).is_some_and(|who| !who.is_whitelisted))
            .collect();
        let server = observed.server.value();
        let version = server.and_then(|server| server.version.as_deref()).unwrap_or_default();
        let mut ground = Self {
            jail,
            clock: &observed.clock,
            past,
            who,
            unlisted,
            forgetting: Forgetting::of_version(version),
            from,
            gaps: Vec::new(),
            source: log.files.first().map(|(file, _)| file.path.clone()).unwrap_or_default(),
        };
        ground.gaps = gaps(&ground, observed, log, now);
        Ok(ground)
    }

    /// The course of each address through a setting.
    pub fn courses(&self, setting: Setting) -> Vec<Course> {
        replay(&self.past, setting, self.forgetting, &self.unlisted)
    }

    /// What is counted as an attempt.
    pub fn attempts(&self) -> impl Iterator<Item = &Act> {
        self.past.acts.iter().filter(|act| is_attempt(act, &self.unlisted))
    }

    /// How many addresses of each kind these are.
    pub fn split(&self, numbers: impl IntoIterator<Item = usize>) -> Split {
        let mut split = Split::default();
        for who in numbers.into_iter().filter_map(|number| self.who.get(number)) {
            match who {
                Who { customer: Some(_), .. } => split.customers += 1,
                Who { is_protected: true, .. } => split.protected += 1,
                Who { .. } => split.unknown += 1,
            }
        }
        split
    }

    /// An address with its highest count.
    pub fn affected(&self, number: usize, peak: Option<Peak>) -> Option<Affected> {
        let (address, who) = (self.past.addresses.get(number)?, self.who.get(number)?);
        let peak = peak?;
        Some(Affected {
            address: address.to_string().into(),
            customer: who.customer.clone(),
            whitelisted: who.is_whitelisted,
            count: peak.count,
            attempts: peak.attempts,
            at: self.clock.moment(peak.moment),
        })
    }

    /// The coverage, given the courses of the present setting.
    pub fn coverage(&self, present: &[Course]) -> Coverage {
        let now = self.clock.second();
        let count = |what: Happened| self.past.acts.iter().filter(|act| act.what == what).count() as u64;
        let is_banned = |number: &usize| {
            let mut acts = self.past.acts.iter();
            acts.any(|act| act.address == *number && act.what == Happened::Banned)
        };
        let banned: Vec<usize> = (0..self.past.addresses.len()).filter(is_banned).collect();
        let replayed = |number: &&usize| present.get(**number).is_some_and(|course| !course.bans.is_empty());
        let failed = |act: &&Act| matches!(act.what, Happened::Found | Happened::Ignored);
        let mut addresses: Vec<usize> = self.past.acts.iter().filter(failed).map(|act| act.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        Coverage {
            from: self.from.map(|from| self.clock.moment(from)),
            to: self.clock.moment(now),
            seconds: self.from.map_or(0, |from| now - from),
            found: count(Happened::Found),
            ignored: count(Happened::Ignored),
            addresses: addresses.len() as u64,
            banned: banned.len() as u64,
            banned_by_replay: banned.iter().filter(replayed).count() as u64,
            source: self.source.as_str().into(),
            gaps: texts(self.gaps.iter().cloned()),
        }
    }
}

/// Who addresses are.
fn who(observed: &Observed, jail: &str, addresses: &[IpAddr], protected: &[Network]) -> Result<Vec<Who>, Refusal> {
    running_jails(observed)?;
    let rows = whitelist(observed)?;
    let networks: Vec<_> = rows.iter().filter_map(|row| Some((row.as_network()?, row))).collect();
    let of = |address: &IpAddr| {
        let covering: Vec<_> = networks
            .iter()
            .filter(|(network, _)| network.contains(*address))
            .collect();
        let closest = covering
            .iter()
            .filter(|(_, row)| row.customer.is_some())
            .max_by_key(|(network, _)| network.prefix_length());
        Who {
            customer: closest.and_then(|(_, row)| row.customer.clone()),
            is_protected: protected.iter().any(|network| network.contains(*address)),
            is_whitelisted: covering
                .iter()
                .any(|(_, row)| row.in_force.iter().any(|name| name == jail)),
        }
    };
    Ok(addresses.iter().map(of).collect())
}

/// What is missing, as sentences.
fn gaps(ground: &Ground<'_>, observed: &Observed, log: &ActionLog, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(level) = silent_level(observed) {
        found.push(format!(
            "fail2ban logs at level {level}: what a jail finds is logged at INFO only, so the counts are not known."
        ));
    }
    if ground.attempts().next().is_none() {
        found.push(format!(
            "Jail {} found nothing in this time: no threshold changes that. If it should have, fix the filter, not the \
             threshold.",
            ground.jail
        ));
    }
    let wanted = now.saturating_sub(i64::try_from(log.since).unwrap_or(i64::MAX));
    if let Some(from) = ground.from.filter(|from| *from > wanted) {
        found.push(format!(
            "The first event in the action log is of {}; of the time before, nothing is known.",
            ground.clock.moment(from)
        ));
    }
    for (file, columns) in &log.files {
        if let Some(fault) = &columns.fault {
            found.push(format!("{} cannot be read whole: {fault}.", file.path));
        }
        if columns.dropped > 0 {
            found.push(format!(
                "{} events of {} were left out, since they were of too many addresses.",
                columns.dropped, file.path
            ));
        }
    }
    found
}

/// The setting that a running jail has.
pub fn setting_of(jail: &Jail) -> Option<Setting> {
    Some(Setting {
        maxretry: jail.number("maxretry")?,
        findtime: jail.number("findtime")?,
        bantime: jail.number("bantime")?,
    })
}
