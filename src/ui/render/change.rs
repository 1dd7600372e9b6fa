//! A change: what will be done, what was done, and the proof of it.

use serde_json::Value;

use super::{difference, items, text, texts};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, FAINT, GOOD, STRONG, host_at, styled};

/// A plan for a host as it is shown before anybody approves it; every effect is listed on a verbose page.
pub fn plan(plan: &Value, host: &str, page: &Page) -> String {
    drawn(plan, host, page, page.verbose)
}

fn drawn(plan: &Value, host: &str, page: &Page, every_effect: bool) -> String {
    let heading = match host {
        "" => "Plan".to_owned(),
        _ => format!("Plan for {host}"),
    };
    let mut lines = vec![styled(STRONG, &heading)];
    for (number, step) in items(plan, "steps").enumerate() {
        let mark = format!("  {}. ", number + 1);
        lines.push(page.prose(&format!("{mark}{}", escaped(text(step, "summary"))), mark.len()));
    }
    if page.verbose {
        lines.extend(section(
            "If it fails or is not confirmed, the host undoes it by itself",
            &texts(plan, "undo"),
            page,
            true,
        ));
    }
    let diff = text(plan, "diff");
    if !diff.is_empty() {
        lines.push(String::new());
        lines.extend(difference::lines(diff, page));
    }
    lines.extend(section(
        "Effect on the running jails",
        &texts(plan, "effect_text"),
        page,
        every_effect,
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

fn section(title: &str, sentences: &[String], page: &Page, all: bool) -> Vec<String> {
    const SHOWN: usize = 12;
    if sentences.is_empty() {
        return Vec::new();
    }
    let shown = if all { sentences.len() } else { SHOWN };
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

/// What came of a change.
pub fn change(document: &Value, page: &Page) -> String {
    let field = |key: &str| {
        let found = document.pointer(&format!("/host/{key}"));
        found.and_then(Value::as_str).unwrap_or_default()
    };
    let (name, address) = (field("name"), field("address"));
    let mut lines = Vec::new();
    match text(document, "outcome") {
        "planned" => {
            if let Some(planned) = document.get("plan") {
                lines.push(drawn(planned, &host_at(name, address), page, true));
            }
            lines.push(String::new());
            lines.push(format!("{}: dry run; nothing was changed.", escaped(name)));
        }
        "unchanged" => {
            lines.push(styled(GOOD, "No changes."));
            if !page.quiet {
                lines.extend(already(document, page));
                lines.extend(not_banned(document, page));
            }
        }
        "changed" => {
            let heading = format!("{}: done and verified.", escaped(name));
            lines.push(styled(GOOD, &heading));
            if !page.quiet {
                lines.extend(done(document, page));
            }
        }
        _ => {}
    }
    lines.join("\n")
}

/// What is so already, which is why nothing had to be changed.
fn already(document: &Value, page: &Page) -> Vec<String> {
    let sentences = document
        .get("plan")
        .map(|plan| texts(plan, "already"))
        .unwrap_or_default();
    let indented = sentences.iter().map(|sentence| page.prose(&format!("  {sentence}"), 4));
    indented.collect()
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
