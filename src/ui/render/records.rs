//! Backups, history, the audit's verdict, and the configured hosts.

use serde_json::Value;

use super::tables::table;
use super::{items, text};
use crate::model::comment_text::escaped;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, safe_lines, styled};

/// The backups of a host.
pub fn backups(document: &Value) -> String {
    let rows: Vec<Vec<String>> = items(document, "backups")
        .map(|backup| {
            let size = backup.get("size").and_then(Value::as_u64).unwrap_or_default();
            vec![
                text(backup, "name").to_owned(),
                text(backup, "modified").to_owned(),
                format!("{size} bytes"),
            ]
        })
        .collect();
    match (rows.is_empty(), document.get("backups")) {
        (true, Some(_)) => "There are no backups.".to_owned(),
        (true, None) => String::new(),
        (false, _) => table(&["BACKUP", "MODIFIED", "SIZE"], rows),
    }
}

/// The history as a table, or as the runbook's own in Markdown.
pub fn history(document: &Value) -> String {
    if let Some(markdown) = document.get("markdown").and_then(Value::as_str) {
        return crate::ui::text::safe_lines(markdown);
    }
    let rows: Vec<Vec<String>> = items(document, "entries")
        .map(|entry| {
            let keys = ["time", "operator", "command", "outcome", "ticket", "summary"];
            let told = keys.iter().map(|key| text(entry, key).to_owned());
            std::iter::once(beginning(text(entry, "id"))).chain(told).collect()
        })
        .collect();
    match (rows.is_empty(), document.get("entries")) {
        (true, Some(_)) => "Nothing is recorded.".to_owned(),
        (true, None) => String::new(),
        (false, _) => table(
            &["CHANGE", "TIME", "OPERATOR", "COMMAND", "OUTCOME", "TICKET", "SUMMARY"],
            rows,
        ),
    }
}

/// The beginning of a change's identifier that `undo` takes: its time in milliseconds, which no two changes of a host share.
fn beginning(id: &str) -> String {
    id.chars().take(13).collect()
}

/// Whether the trails are whole.
pub fn verdict(document: &Value) -> String {
    let Some(count) = document.get("records").and_then(Value::as_u64) else {
        return String::new();
    };
    let findings: Vec<String> = items(document, "findings")
        .map(|finding| {
            format!(
                "  {}: {}",
                escaped(text(finding, "trail")),
                escaped(text(finding, "message"))
            )
        })
        .collect();
    if findings.is_empty() {
        return format!(
            "{} {count} records, each linked to the one before.",
            styled(GOOD, "The audit trail is whole:")
        );
    }
    format!(
        "{}\n{}",
        styled(BAD, "The audit trail is not whole:"),
        findings.join("\n")
    )
}

/// What an examination found, the gravest first.
pub fn findings(document: &Value) -> String {
    if document.get("findings").is_none() {
        return String::new();
    }
    let told: Vec<String> = items(document, "findings").map(finding).collect();
    if told.is_empty() {
        return format!("{} nothing to mend.", styled(GOOD, "Healthy:"));
    }
    told.join("\n")
}

fn finding(finding: &Value) -> String {
    let severity = text(finding, "severity");
    let style = match severity {
        "error" => BAD,
        "warning" => ATTENTION,
        _ => FAINT,
    };
    let mark = styled(style, &format!("{severity} [{}]", escaped(text(finding, "code"))));
    let fix = styled(FAINT, &format!("fix: {}", escaped(text(finding, "fix"))));
    format!("{mark} {}\n  {fix}", safe_lines(text(finding, "message")))
}

/// The configured hosts.
pub fn hosts(document: &Value) -> String {
    let rows: Vec<Vec<String>> = items(document, "hosts")
        .map(|host| {
            let default = if host.get("default") == Some(&Value::Bool(true)) {
                "default"
            } else {
                ""
            };
            let groups: Vec<&str> = items(host, "groups").filter_map(Value::as_str).collect();
            vec![
                text(host, "name").to_owned(),
                text(host, "address").to_owned(),
                groups.join(" "),
                default.to_owned(),
            ]
        })
        .collect();
    table(&["NAME", "ADDRESS", "GROUPS", ""], rows)
}
