//! The human view, drawn from the JSON view: the same facts, as sentences and tables.

mod change;
mod records;
mod status;
mod tables;
mod temporary;
mod tuning;
mod watch;

pub use change::plan;
pub use watch::line;

use serde_json::Value;

/// A document as text; empty if everything it has to say is its failure.
pub fn document(document: &Value) -> String {
    let command = text(document, "command");
    if document.get("plan").is_some() {
        return change::change(document);
    }
    let drawn = match command {
        "status" => status::status(document),
        "whitelist list" => status::whitelist(document),
        "whitelist check" => status::check(document),
        "temp list" => temporary::temporary(document),
        "backups list" => records::backups(document),
        "backups show" | "backups diff" | "completions" => lines_of(document, "text"),
        "doctor" | "whitelist lint" => records::findings(document),
        "regex" => tuning::regex(document),
        "recidive status" => tuning::recidive(document),
        "history" => records::history(document),
        "audit verify" => records::verdict(document),
        "hosts" => records::hosts(document),
        _ => lines_of(document, "text"),
    };
    drawn.trim_end().to_owned()
}

/// Text that a report carries as a whole, escaped line by line.
fn lines_of(document: &Value, key: &str) -> String {
    super::text::safe_lines(text(document, key))
}

/// A text field, or nothing.
fn text<'value>(value: &'value Value, key: &str) -> &'value str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list field.
fn items<'value>(value: &'value Value, key: &str) -> impl Iterator<Item = &'value Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The texts of a list field, escaped.
fn texts(value: &Value, key: &str) -> Vec<String> {
    items(value, key)
        .filter_map(Value::as_str)
        .map(crate::model::comment_text::escaped)
        .collect()
}
