//! The recidive jail's state.

use serde_json::Value;

use super::tables::table;
use super::{items, text};
use crate::model::comment_text::escaped;
use crate::ui::text::{ATTENTION, BAD, GOOD, duration, styled};

/// Whether the recidive jail runs, and what it needs.
pub fn recidive(document: &Value) -> String {
    let Some(jail) = document.get("recidive") else {
        return String::new();
    };
    let number = |key: &str| jail.get(key).and_then(Value::as_i64);
    let enabled = jail.get("enabled") == Some(&Value::Bool(true));
    let mut lines = vec![
        match (enabled, number("maxretry"), number("findtime"), number("bantime")) {
            (true, Some(count), Some(findtime), Some(bantime)) => format!(
                "{} {count} bans in {} shut an address out for {}.",
                styled(GOOD, "recidive runs:"),
                duration(findtime),
                duration(bantime)
            ),
            (true, ..) => styled(GOOD, "recidive runs."),
            _ => "recidive is not enabled; `f2bctl recidive enable --dry-run` shows whom it would ban at once."
                .to_owned(),
        },
    ];
    for need in items(jail, "needs") {
        let mark = match need.get("met").and_then(Value::as_bool) {
            Some(true) => styled(GOOD, "ok"),
            Some(false) => styled(BAD, "no"),
            None => styled(ATTENTION, "--"),
        };
        lines.push(format!("  {mark} {}", escaped(text(need, "message"))));
    }
    let rows: Vec<Vec<String>> = items(jail, "banned")
        .map(|ban| {
            let shown = |key: &str, absent: &str| ban.get(key).and_then(Value::as_str).unwrap_or(absent).to_owned();
            vec![
                shown("ip", ""),
                shown("customer", "-"),
                shown("since", ""),
                shown("until", "for ever"),
            ]
        })
        .collect();
    if !rows.is_empty() {
        lines.push(table(&["ADDRESS", "CUSTOMER", "SINCE", "UNTIL"], rows));
    }
    lines.join("\n")
}
