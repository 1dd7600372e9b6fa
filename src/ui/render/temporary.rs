//! Temporary whitelist entries, with the time that they still last.

use super::or;
use crate::document::{Temporary, TemporaryRow};
use crate::model::text::{Text, joined};
use crate::ui::page::Page;
use crate::ui::text::left;

/// The temporary entries of a host.
pub fn temporary(temporary: &Temporary, page: &Page) -> String {
    if temporary.temporary.is_empty() {
        return "There are no temporary entries.".to_owned();
    }
    let rows = temporary.temporary.iter().map(|entry| row(entry, page)).collect();
    let drawn = page.table(&["NETWORK", "LEFT", "UNTIL", "IN FORCE", "SET BY", "REASON"], rows);
    match ender(temporary.ender.as_ref()) {
        Some(sentence) => format!("{drawn}\n\n{}", page.prose(sentence, 2)),
        None => drawn,
    }
}

/// Who brings the ends, in a sentence.
pub fn ender(ender: Option<&Text>) -> Option<&'static str> {
    match ender?.raw() {
        "systemd" => Some("A systemd timer on the host ends temporary entries."),
        "process" => Some("A process on the host ends temporary entries; nothing sets them again after a reboot."),
        _ => None,
    }
}

fn row(row: &TemporaryRow, page: &Page) -> Vec<String> {
    let (present, absent) = (joined(&row.in_force), joined(&row.not_in_force));
    let force = match (present.is_empty(), absent.is_empty()) {
        (true, _) => "NOWHERE".to_owned(),
        (false, true) => present,
        (false, false) => format!("{present}, not in {absent}"),
    };
    vec![
        row.network.to_string(),
        if row.ended { "ended".to_owned() } else { left(row.left) },
        page.moment(&row.until),
        force,
        row.operator.to_string(),
        or(row.reason.as_ref(), ""),
    ]
}
