//! The temporary entries as a report shows them.

use crate::document::TemporaryRow;
use crate::model::observed::Observed;
use crate::model::text::{Text, texts};
use crate::procedure::reading::running_jails;
use crate::procedure::refusal::Refusal;

use super::grant::readable;
use super::register::{entries, named};

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
        let (in_force, not_in_force): (Vec<_>, Vec<_>) = named(entry, observed)
            .into_iter()
            .partition(|name| has(name, &entry.entry));
        let row = TemporaryRow {
            network: entry.entry.as_str().into(),
            since: observed.clock.moment(entry.since),
            until: observed.clock.moment(entry.until),
            left: (entry.until - now).max(0),
            ended: entry.until <= now,
            operator: entry.operator.as_str().into(),
            reason: entry.reason.clone().map(Text::from),
            in_force: texts(in_force),
            not_in_force: texts(not_in_force),
        };
        rows.push((entry.until, row));
    }
    rows.sort_by(|one, other| (one.0, &one.1.network).cmp(&(other.0, &other.1.network)));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}
