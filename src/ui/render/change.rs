//! A change: what will be done, what was done, and the proof of it.

use serde_json::Value;

use super::{items, text, texts};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// A plan as it is shown before anybody approves it; every effect is listed on a verbose page.
pub fn plan(plan: &Value, page: &Page) -> String {
    let mut lines = vec![styled(STRONG, "Plan")];
    for (number, step) in items(plan, "steps").enumerate() {
        let mark = format!("  {}. ", number + 1);
        lines.push(page.prose(&format!("{mark}{}", escaped(text(step, "summary"))), mark.len()));
    }
    if page.verbose {
        lines.extend(section(
            "If it fails or is not confirmed, the host undoes it by itself",
            &texts(plan, "undo"),
            page,
        ));
    }
    let diff = text(plan, "diff");
    if !diff.is_empty() {
        lines.push(String::new());
        lines.extend(diff.lines().map(coloured));
    }
    lines.extend(section(
        "Effect on the running jails",
        &texts(plan, "effect_text"),
        page,
    ));
    let drift = texts(plan, "drift_text");
    if !drift.is_empty() {
        lines.push(String::new());
        let heading = "Left on disk by another hand, and put into force with this (needs --with-drift):";
        lines.push(page.prose(&styled(ATTENTION, heading), 2));
        lines.extend(drift.iter().map(|line| page.prose(&format!("  ! {line}"), 6)));
    }
    lines.join("\n")
}

fn section(title: &str, sentences: &[String], page: &Page) -> Vec<String> {
    const SHOWN: usize = 12;
    if sentences.is_empty() {
        return Vec::new();
    }
    let shown = if page.verbose { sentences.len() } else { SHOWN };
    let mut lines = vec![String::new(), styled(STRONG, title)];
    let told = sentences.iter().take(shown);
    lines.extend(told.map(|sentence| page.prose(&format!("  {sentence}"), 4)));
    if sentences.len() > shown {
        lines.push(styled(
            FAINT,
            &format!("  and {} more (--verbose shows them)", sentences.len() - shown),
        ));
    }
    lines
}

fn coloured(line: &str) -> String {
    let safe = escaped(line);
    match line.chars().next() {
        Some('+') => styled(GOOD, &safe),
        Some('-') => styled(BAD, &safe),
        Some(' ' | '@' | '\\') => safe,
        // The rest of a line that a path with a line end has broken.
        _ => format!("  {safe}"),
    }
}

/// What came of a change.
pub fn change(document: &Value, page: &Page) -> String {
    let mut lines = Vec::new();
    match text(document, "outcome") {
        "planned" => {
            if let Some(planned) = document.get("plan") {
                lines.push(plan(planned, &page.whole()));
            }
            lines.push(String::new());
            lines.push("Dry run: nothing was changed.".to_owned());
        }
        "unchanged" => {
            lines.push(styled(GOOD, "No changes."));
            lines.extend(not_banned(document, page));
        }
        "changed" => {
            lines.push(styled(GOOD, "Done and proven."));
            lines.extend(done(document, page));
        }
        _ => {}
    }
    lines.join("\n")
}

fn done(document: &Value, page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    let done = items(document, "done").map(|step| escaped(text(step, "summary")));
    lines.extend(done.map(|sentence| page.prose(&format!("  {sentence}"), 4)));
    lines.extend(not_banned(document, page));
    if has_temporary(document)
        && let Some(sentence) = super::temporary::ender(document)
    {
        lines.push(page.prose(&format!("  {sentence}"), 4));
    }
    lines.extend(super::proof::proof(document, page));
    if let Some(change) = document.get("change_id").and_then(Value::as_str) {
        lines.push(styled(FAINT, &format!("Change: {}", escaped(change))));
    }
    lines
}

/// Whether the change was about temporary entries, and left some.
fn has_temporary(document: &Value) -> bool {
    let after = document.pointer("/plan/temporary").and_then(Value::as_array);
    after.is_some_and(|entries| !entries.is_empty())
}

fn not_banned(document: &Value, page: &Page) -> Vec<String> {
    texts(document, "not_banned")
        .iter()
        .map(|ip| page.prose(&format!("  {ip} was not banned in any of the jails asked."), 4))
        .collect()
}
