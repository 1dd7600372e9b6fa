//! Each statement of the runbook as a check, with its evidence and what mends it.
//!
//! A check that cannot look says so as a finding of its own code `unknown`, so that no hole is silent.

mod bans;
mod jails;
mod logs;
mod surroundings;
mod traffic;
mod whitelist;

use crate::model::known::Known;
use crate::model::observed::{Jail, Observed, Rehearsal, Replay};

use super::guard::Guard;
use crate::document::{Finding, FindingCode as Code, Severity};

/// Everything that an examination looks at.
pub struct Evidence<'host> {
    /// The host.
    pub observed: &'host Observed,
    /// What the files on disk come to on a copy.
    pub disk: &'host Known<Rehearsal>,
    /// What the newest pre-split backup comes to on a copy without the two filters; absent if there is no such backup.
    pub pre_split: Option<&'host Known<Rehearsal>>,
    /// Which recent lines of Asterisk's log each jail counts.
    pub replay: &'host Known<Replay>,
    /// The log that Asterisk writes.
    pub asterisk_log: &'host str,
    /// The operator's own clock, seconds of the Unix clock.
    pub clock: f64,
    /// The guard-rails of the host and the operator.
    pub guard: Guard,
}

impl Evidence<'_> {
    /// The running jails; none if fail2ban is down.
    fn jails(&self) -> impl Iterator<Item = (&String, &Jail)> {
        self.observed
            .server
            .value()
            .into_iter()
            .flat_map(|server| &server.jails)
    }

    fn jail(&self, name: &str) -> Option<&Jail> {
        self.observed.server.value()?.jails.get(name)
    }
}

/// Runs every check; the gravest findings come first.
pub fn examine(evidence: &Evidence<'_>) -> Vec<Finding> {
    let checks: [fn(&Evidence<'_>) -> Vec<Finding>; 6] = [
        jails::check,
        whitelist::check,
        bans::check,
        logs::check,
        traffic::check,
        surroundings::check,
    ];
    let mut found: Vec<Finding> = checks.iter().flat_map(|check| check(evidence)).collect();
    found.sort_by_key(|finding| finding.severity);
    found
}

/// What could not be looked at.
fn unknown(what: &str, reason: &str) -> Finding {
    Finding::new(
        Code::Unknown,
        Severity::Notice,
        format!("{what} could not be examined: {reason}."),
        "mend what keeps it from being read, or log in as root (--become)",
    )
}
