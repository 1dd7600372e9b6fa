//! Temporary whitelist entries, with the time that they still last.

use serde_json::Value;

use super::{items, text, texts};
use crate::ui::page::Page;
use crate::ui::text::left;

/// The temporary entries of a host.
pub fn temporary(document: &Value, page: &Page) -> String {
    let rows: Vec<Vec<String>> = items(document, "temporary").map(|entry| row(entry, page)).collect();
    if rows.is_empty() {
        return match document.get("temporary") {
            Some(_) => "There are no temporary entries.".to_owned(),
            None => String::new(),
        };
    }
    let drawn = page.table(&["NETWORK", "LEFT", "UNTIL", "IN FORCE", "SET BY", "REASON"], rows);
    match ender(document) {
        Some(sentence) => format!("{drawn}\n\n{}", page.prose(sentence, 2)),
        None => drawn,
    }
}

/// Who brings the ends, in a sentence.
pub fn ender(document: &Value) -> Option<&'static str> {
    match document.get("ender").and_then(Value::as_str) {
        Some("systemd") => Some("A systemd timer on the host ends temporary entries."),
        Some("process") => {
            Some("A process on the host ends temporary entries; nothing sets them again after a reboot.")
        }
        _ => None,
    }
}

fn row(row: &Value, page: &Page) -> Vec<String> {
    let seconds = row.get("left").and_then(Value::as_i64).unwrap_or_default();
    let ended = row.get("ended") == Some(&Value::Bool(true));
    let absent = texts(row, "not_in_force");
    let present = texts(row, "in_force");
    let force = match (present.is_empty(), absent.is_empty()) {
        (true, _) => "NOWHERE".to_owned(),
        (false, true) => present.join(", "),
        (false, false) => format!("{}, not in {}", present.join(", "), absent.join(", ")),
    };
    vec![
        text(row, "network").to_owned(),
        if ended { "ended".to_owned() } else { left(seconds) },
        page.moment(text(row, "until")),
        force,
        text(row, "operator").to_owned(),
        text(row, "reason").to_owned(),
    ]
}
