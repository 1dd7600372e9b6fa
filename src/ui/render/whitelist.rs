//! The whitelist as a table: each entry with its customer, and where it is in force.

use super::or;
use crate::document::{Source, WhitelistRow};
use crate::model::comment_text::escaped;
use crate::model::text::joined;
use crate::ui::page::Page;

/// The whitelist's table.
pub fn whitelist(entries: &[WhitelistRow], page: &Page) -> String {
    if entries.is_empty() {
        return "Nobody is whitelisted.".to_owned();
    }
    whitelist_table(entries.iter(), page, None)
}

/// The same of some of its rows; where the moment of the look is known, a terminal gets what is left of a temporary entry.
pub fn whitelist_table<'rows>(
    entries: impl Iterator<Item = &'rows WhitelistRow>,
    page: &Page,
    now: Option<&str>,
) -> String {
    let rows = entries.map(|entry| whitelist_row(entry, page, now)).collect();
    page.table(&["NETWORK", "CUSTOMER", "NOTE", "DETAILS", "IN FORCE"], rows)
}

fn whitelist_row(row: &WhitelistRow, page: &Page, now: Option<&str>) -> Vec<String> {
    let customer = match (&row.customer, row.source) {
        (Some(customer), _) => customer.to_string(),
        (None, Source::Runtime) => "(set at run time)".to_owned(),
        (None, Source::RuntimeOrDeleted) => "(in no file)".to_owned(),
        (None, Source::Temporary) => "(temporary)".to_owned(),
        (None, Source::OtherFile) => or(row.place.as_ref(), "(another file)"),
        (None, Source::Unknown) => "(origin unknown)".to_owned(),
        (None, _) if row.documented => "-".to_owned(),
        (None, _) => "(undocumented)".to_owned(),
    };
    let until = row
        .until
        .as_deref()
        .map(|until| match now.and_then(|now| page.is_left(until, now)) {
            Some(left) => left,
            None => format!("until={}", page.moment(until)),
        });
    let meta = row.meta.iter();
    let meta = meta.map(|(key, value)| format!("{}={}", escaped(key), page.moment(&escaped(value))));
    let details: Vec<String> = until.into_iter().chain(meta).collect();
    let force = match (row.in_force.is_empty(), row.not_in_force.is_empty()) {
        (true, true) => "unknown".to_owned(),
        (false, true) if row.until.is_some() => format!("in {}", joined(&row.in_force)),
        (false, true) => "in every jail".to_owned(),
        (true, false) => "NOWHERE".to_owned(),
        (false, false) => format!("not in {}", joined(&row.not_in_force)),
    };
    vec![
        row.network.to_string(),
        customer,
        or(row.note.as_ref(), ""),
        details.join(" "),
        force,
    ]
}
