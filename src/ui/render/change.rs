//! A change: what will be done, what was done, and the proof of it.

use serde_json::Value;

use super::{items, text, texts};
use crate::model::comment_text::escaped;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, duration, styled};

/// A plan as it is shown before anybody approves it; every effect is listed in a verbose run.
pub fn plan(plan: &Value, verbose: bool) -> String {
    let mut lines = vec![styled(STRONG, "Plan")];
    for (number, step) in items(plan, "steps").enumerate() {
        lines.push(format!("  {}. {}", number + 1, escaped(text(step, "summary"))));
    }
    let diff = text(plan, "diff");
    if !diff.is_empty() {
        lines.push(String::new());
        lines.extend(diff.lines().map(coloured));
    }
    lines.extend(section(
        "Effect on the running jails",
        &texts(plan, "effect_text"),
        verbose,
    ));
    let drift = texts(plan, "drift_text");
    if !drift.is_empty() {
        lines.push(String::new());
        lines.push(styled(
            ATTENTION,
            "Left on disk by another hand, and put into force with this (needs --with-drift):",
        ));
        lines.extend(drift.iter().map(|line| format!("  ! {line}")));
    }
    lines.join("\n")
}

fn section(title: &str, sentences: &[String], verbose: bool) -> Vec<String> {
    const SHOWN: usize = 12;
    if sentences.is_empty() {
        return Vec::new();
    }
    let shown = if verbose { sentences.len() } else { SHOWN };
    let mut lines = vec![String::new(), styled(STRONG, title)];
    lines.extend(sentences.iter().take(shown).map(|sentence| format!("  {sentence}")));
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
        _ => safe,
    }
}

/// What came of a change.
pub fn change(document: &Value) -> String {
    let mut lines = Vec::new();
    match text(document, "outcome") {
        "planned" => {
            if let Some(planned) = document.get("plan") {
                lines.push(plan(planned, true));
            }
            lines.push(String::new());
            lines.push("Dry run: nothing was changed.".to_owned());
        }
        "unchanged" => {
            lines.push(styled(GOOD, "No changes."));
            lines.extend(not_banned(document));
        }
        "changed" => {
            lines.push(styled(GOOD, "Done and proven."));
            lines.extend(done(document));
        }
        _ => {}
    }
    lines.join("\n")
}

fn done(document: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for step in document.get("plan").into_iter().flat_map(|plan| items(plan, "steps")) {
        if !matches!(
            text(step, "action"),
            "backup" | "reload" | "unban" | "restart" | "sign_of_life"
        ) {
            lines.push(format!("  {}", escaped(text(step, "summary"))));
        }
    }
    let unbanned = items(document, "unbanned").map(|unbanned| {
        format!(
            "  Unbanned {} in {}.",
            escaped(text(unbanned, "ip")),
            texts(unbanned, "jails").join(", ")
        )
    });
    lines.extend(unbanned);
    lines.extend(not_banned(document));
    if let Some(sentence) = super::temporary::ender(document) {
        lines.push(format!("  {sentence}"));
    }
    let proof: Vec<String> = items(document, "proof").map(proof_line).collect();
    if !proof.is_empty() {
        lines.push(styled(FAINT, "As the running server answers:"));
        lines.extend(proof);
    }
    if let Some(backup) = document.get("backup").and_then(Value::as_str) {
        lines.push(styled(FAINT, &format!("Backup: {}", escaped(backup))));
    }
    if let Some(change) = document.get("change_id").and_then(Value::as_str) {
        lines.push(styled(FAINT, &format!("Change: {}", escaped(change))));
    }
    lines
}

fn proof_line(row: &Value) -> String {
    let number = |key: &str| row.get(key).and_then(Value::as_i64);
    let time = |key: &str| number(key).map_or_else(|| "?".to_owned(), duration);
    let mark = if row.get("ok") == Some(&Value::Bool(true)) {
        styled(GOOD, "ok")
    } else {
        styled(BAD, "no")
    };
    format!(
        "  {mark} {}: {} failures in {} ban for {}; whitelist {}",
        escaped(text(row, "jail")),
        number("maxretry").map_or_else(|| "?".to_owned(), |count| count.to_string()),
        time("findtime"),
        time("bantime"),
        texts(row, "ignoreip").join(" ")
    )
}

fn not_banned(document: &Value) -> Vec<String> {
    texts(document, "not_banned")
        .iter()
        .map(|ip| format!("  {ip} was not banned in any of the jails asked."))
        .collect()
}
