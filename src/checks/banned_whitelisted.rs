//! Bans that contradict the whitelist: fail2ban lifts no ban because its address is whitelisted later.

use crate::document::{Advice, Finding, FindingCode as Code, Severity, Warning};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::planning::reading::running;

/// A ban and an entry of the same jail's whitelist that cannot both be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// What is banned, as fail2ban shows it.
    pub banned: String,
    /// The entry.
    pub entry: Network,
    /// The jails in which it is so.
    pub jails: Vec<String>,
    /// Whether the ban is wider than the entry, and holds others as well.
    pub wider: bool,
}

impl Contradiction {
    fn message(&self) -> String {
        let (banned, entry, jails) = (&self.banned, self.entry, self.jails.join(", "));
        match self.wider {
            true => format!("{banned} is banned in {jails} and holds {entry}, which is whitelisted there."),
            false if *banned == entry.to_string() => {
                format!("{banned} is banned in {jails} although it is whitelisted there.")
            }
            false => format!("{banned} is banned in {jails} although {entry} whitelists it there."),
        }
    }

    fn fix(&self) -> Advice {
        Advice::command(format!("unban {}", self.banned))
    }
}

/// Every contradiction, by what is banned; of several entries the narrowest speaks.
pub fn contradictions(observed: &Observed) -> Vec<Contradiction> {
    let mut found: Vec<Contradiction> = Vec::new();
    for (name, jail) in running(observed).into_iter().flatten() {
        let entries = entries(jail);
        for ban in &jail.bans {
            let Some(network) = ban.ip.network() else {
                continue;
            };
            let overlapping = entries.iter().filter(|entry| entry.overlaps(&network));
            let Some(entry) = overlapping.max_by_key(|entry| entry.prefix_length()) else {
                continue;
            };
            let banned = ban.ip.as_str().to_owned();
            match found.iter_mut().find(|one| one.banned == banned && one.entry == *entry) {
                Some(one) => one.jails.push(name.clone()),
                None => found.push(Contradiction {
                    banned,
                    entry: *entry,
                    jails: vec![name.clone()],
                    wider: !entry.covers(&network),
                }),
            }
        }
    }
    found
}

fn entries(jail: &Jail) -> Vec<Network> {
    let shown = jail.ignoreip();
    shown
        .iter()
        .filter_map(|entry| Some(Network::parse(entry).ok()?.network))
        .collect()
}

/// The same as findings.
pub fn banned_findings(observed: &Observed) -> Vec<Finding> {
    let found = contradictions(observed);
    found
        .iter()
        .map(|one| Finding::new(Code::BannedWhitelisted, Severity::Error, one.message(), one.fix()))
        .collect()
}

/// The same as warnings.
pub fn banned_warnings(observed: &Observed) -> Vec<Warning> {
    contradictions(observed).iter().map(warning).collect()
}

/// Of these, what an address or a network has to do with.
pub fn banned_warnings_about(observed: &Observed, asked: &Network) -> Vec<Warning> {
    let found = contradictions(observed);
    let concerns = |one: &&Contradiction| {
        one.entry.overlaps(asked) || Network::parse(&one.banned).is_ok_and(|banned| banned.network.overlaps(asked))
    };
    found.iter().filter(concerns).map(warning).collect()
}

fn warning(one: &Contradiction) -> Warning {
    let message = Advice::text(format!("{} ", one.message()))
        .run(format!("unban {}", one.banned))
        .then(" lifts that.");
    Warning::new(Code::BannedWhitelisted, message)
}
