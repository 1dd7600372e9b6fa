//! The temporary entries as a report shows them.

use serde::Serialize;

use crate::model::observed::Observed;
use crate::procedure::reading::running_jails;
use crate::procedure::refusal::Refusal;

use super::grant::readable;
use super::register::{entries, named};

/// One temporary entry.
#[derive(Debug, Clone, Serialize)]
pub struct TemporaryRow {
    /// The address or network.
    pub network: String,
    /// When it was set, RFC 3339 in the host's zone.
    pub since: String,
    /// When it ends.
    pub until: String,
    /// How long it still lasts, seconds; 0 for one that has ended.
    pub left: i64,
    /// Whether its end has come, so that it only waits to be cleared away.
    pub ended: bool,
    /// Who set it.
    pub operator: String,
    /// Why.
    pub reason: Option<String>,
    /// The jails that it was set in and that have it.
    pub in_force: Vec<String>,
    /// The running jails that it was set in and that lack it: fail2ban was restarted, or another hand reloaded it. A jail
    /// that is gone, as the single one after a split, has nothing to lack.
    pub not_in_force: Vec<String>,
}

/// The temporary entries of a host, the earliest end first.
///
/// # Errors
/// A precondition's refusal if the register cannot be read.
pub fn temporary(observed: &Observed) -> Result<Vec<TemporaryRow>, Refusal> {
    readable(observed)?;
    let running = running_jails(observed).ok();
    let now = observed.clock.second();
    let has = |name: &str, shown: &String| {
        let jail = running.and_then(|jails| jails.get(name));
        jail.is_some_and(|jail| jail.ignoreip().contains(shown))
    };
    let mut rows: Vec<(i64, TemporaryRow)> = Vec::new();
    for entry in entries(observed) {
        let (in_force, not_in_force) = named(entry, observed)
            .into_iter()
            .partition(|name| has(name, &entry.entry));
        let row = TemporaryRow {
            network: entry.entry.clone(),
            since: observed.clock.moment(entry.since),
            until: observed.clock.moment(entry.until),
            left: (entry.until - now).max(0),
            ended: entry.until <= now,
            operator: entry.operator.clone(),
            reason: entry.reason.clone(),
            in_force,
            not_in_force,
        };
        rows.push((entry.until, row));
    }
    rows.sort_by(|one, other| (one.0, &one.1.network).cmp(&(other.0, &other.1.network)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}
