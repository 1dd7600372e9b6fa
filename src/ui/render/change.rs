//! A change: what will be done, what was done, and the proof of it.

use serde_json::Value;

use super::{items, text, texts};
use crate::model::comment_text::escaped;
use crate::procedure::grouped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// A plan as it is shown before anybody approves it; every effect is listed on a verbose page.
pub fn plan(plan: &Value, page: &Page) -> String {
    let mut lines = vec![styled(STRONG, "Plan")];
    for (number, step) in items(plan, "steps").enumerate() {
        let mark = format!("  {}. ", number + 1);
        lines.push(page.prose(&format!("{mark}{}", escaped(text(step, "summary"))), mark.len()));
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
    for step in document.get("plan").into_iter().flat_map(|plan| items(plan, "steps")) {
        if !matches!(
            text(step, "action"),
            "backup" | "reload" | "unban" | "restart" | "sign_of_life"
        ) {
            lines.push(page.prose(&format!("  {}", escaped(text(step, "summary"))), 4));
        }
    }
    lines.extend(unbanned(document, page));
    lines.extend(not_banned(document, page));
    if has_temporary(document)
        && let Some(sentence) = super::temporary::ender(document)
    {
        lines.push(page.prose(&format!("  {sentence}"), 4));
    }
    lines.extend(super::proof::proof(document, page));
    if let Some(backup) = document.get("backup").and_then(Value::as_str) {
        lines.push(styled(FAINT, &format!("Backup: {}", escaped(backup))));
    }
    if let Some(change) = document.get("change_id").and_then(Value::as_str) {
        lines.push(styled(FAINT, &format!("Change: {}", escaped(change))));
    }
    lines
}

/// Who was let go of, a line each; a page that is not verbose has some of many.
fn unbanned(document: &Value, page: &Page) -> Vec<String> {
    const SHOWN: usize = 10;
    let all: Vec<&Value> = items(document, "unbanned").collect();
    let shown = if page.verbose { all.len() } else { SHOWN };
    let mut lines = Vec::new();
    for unbanned in all.iter().take(shown) {
        let ip = escaped(text(unbanned, "ip"));
        let (jails, chains) = (
            texts(unbanned, "jails").join(", "),
            texts(unbanned, "chains").join(", "),
        );
        if !jails.is_empty() {
            lines.push(page.prose(&format!("  Unbanned {ip} in {jails}."), 4));
        }
        if !chains.is_empty() {
            let removed = format!("  Removed {ip} from the firewall ({chains}); no jail listed it as banned.");
            lines.push(page.prose(&removed, 4));
        }
    }
    if all.len() > shown {
        let more = grouped(all.len() - shown);
        lines.push(styled(
            FAINT,
            &format!("  and {more} more addresses (--verbose shows them)"),
        ));
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
