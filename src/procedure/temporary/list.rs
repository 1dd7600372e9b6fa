//! The temporary entries as a report shows them.

use crate::document::TemporaryRow;
use crate::model::observed::Observed;
use crate::model::text::{Text, texts};
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::temporary::grant::readable;
use crate::planning::temporary::register::{entries, named};

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{Jail, Server, TemporaryEntry, TemporaryRegister};

    #[test]
    fn a_row_says_where_an_entry_is_in_force_and_names_no_jail_that_is_gone() {
        let jail = |list: &[&str]| Jail {
            values: BTreeMap::from([("ignoreip".to_owned(), json!(list))]),
            ..Jail::default()
        };
        let entry = TemporaryEntry {
            entry: "198.51.100.7".to_owned(),
            jails: ["asterisk", "asterisk-auth", "asterisk-scan"]
                .map(str::to_owned)
                .to_vec(),
            since: 0,
            until: 3600,
            operator: "mia".to_owned(),
            reason: None,
        };
        let running = [("asterisk-auth", jail(&["198.51.100.7"])), ("asterisk-scan", jail(&[]))];
        let observed = Observed {
            server: Known::of(Server {
                running: true,
                jails: running
                    .into_iter()
                    .map(|(name, jail)| (name.to_owned(), jail))
                    .collect(),
                ..Server::default()
            }),
            temporary: Known::of(TemporaryRegister {
                entries: vec![entry],
                ender: None,
            }),
            ..Observed::default()
        };
        let rows = temporary(&observed).expect("rows");
        assert_eq!((rows[0].left, rows[0].ended), (3600, false));
        assert_eq!(rows[0].in_force, ["asterisk-auth"]);
        assert_eq!(rows[0].not_in_force, ["asterisk-scan"]);
    }
}
