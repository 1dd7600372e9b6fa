//! The human view, drawn from the JSON view: the same facts, as sentences and tables.

mod change;
mod difference;
mod proof;
mod records;
mod status;
mod temporary;
mod tuning;
mod watch;

pub use watch::line;

use serde_json::Value;

use super::page::Page;
use super::text::safe_document;

/// A document as text that nobody breaks into lines, as a pipe gets it.
pub fn human_view(document: &Value) -> String {
    self::document(document, &Page::ENDLESS)
}

/// A document as text; empty if everything it has to say is its failure. Every text in it is escaped before anything is
/// drawn: all of it may be a host's.
pub fn document(document: &Value, page: &Page) -> String {
    let document = &safe_document(document);
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

/// Whether the view of a document is lines of a host's file as they are, which among those of other hosts need a margin.
pub fn is_file(document: &Value) -> bool {
    document.get("plan").is_none() && (document.get("text").is_some() || document.get("markdown").is_some())
}

/// A plan for a host as it is shown before anybody approves it.
pub fn plan(plan: &Value, host: &str, page: &Page) -> String {
    change::plan(&safe_document(plan), host, page)
}

/// Text that a report carries as a whole, escaped line by line.
fn lines_of(document: &Value, key: &str) -> String {
    super::text::safe_text(text(document, key))
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
