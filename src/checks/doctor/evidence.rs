//! What an examination of a host looks at, and how a check says that it cannot look.

use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::known::Known;
use crate::model::observed::{Jail, Observed, Rehearsal, Replay};
use crate::planning::policy::Guard;

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
    pub(super) fn jails(&self) -> impl Iterator<Item = (&String, &Jail)> {
        self.observed
            .server
            .value()
            .into_iter()
            .flat_map(|server| &server.jails)
    }

    pub(super) fn jail(&self, name: &str) -> Option<&Jail> {
        self.observed.server.value()?.jails.get(name)
    }
}

/// What could not be looked at.
pub(super) fn unknown(what: &str, reason: &str) -> Finding {
    Finding::new(
        Code::Unknown,
        Severity::Notice,
        format!("{what} could not be examined: {reason}."),
        "fix what prevents reading it, or log in as root (--become)",
    )
}
