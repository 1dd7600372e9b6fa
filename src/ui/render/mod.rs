//! The human view, drawn from the JSON view: the same facts, as sentences and tables.

mod change;
mod difference;
mod proof;
mod records;
mod status;
mod temporary;
mod tuning;
mod watch;

pub use change::plan;
pub use watch::line;

use serde_json::Value;

use super::page::Page;

/// A document as text that nobody breaks into lines, as a pipe gets it.
pub fn human_view(document: &Value) -> String {
    self::document(document, &Page::ENDLESS)
}

/// A document as text; empty if everything it has to say is its failure.
pub fn document(document: &Value, page: &Page) -> String {
    let command = text(document, "command");
    if document.get("plan").is_some() {
        return change::change(document, page);
    }
    let drawn = match command {
        "status" => status::status(document, page),
        "whitelist list" => status::whitelist(document, page),
        "whitelist check" => status::check(document, page),
        "temp list" => temporary::temporary(document, page),
        "backups list" => records::backups(document, page),
        "backups show" | "backups diff" | "completions" => lines_of(document, "text"),
        "doctor" | "whitelist lint" => records::findings(document, page),
        "regex" => tuning::regex(document, page),
        "recidive status" => tuning::recidive(document, page),
        "history" => records::history(document, page),
        "audit verify" => records::verdict(document, page),
        "hosts" => records::hosts(document, page),
        _ if command.starts_with("lab ") => page.prose(&lines_of(document, "text"), 2),
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
