//! Backups, history, the audit's verdict, and the configured hosts.

use serde_json::Value;

use super::{items, text};
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, ended, safe_message, styled};

/// The backups of a host.
pub fn backups(document: &Value, page: &Page) -> String {
    let rows: Vec<Vec<String>> = items(document, "backups")
        .map(|backup| {
            let size = backup.get("size").and_then(Value::as_u64).unwrap_or_default();
            vec![
                text(backup, "name").to_owned(),
                page.moment(text(backup, "modified")),
                format!("{size} bytes"),
            ]
        })
        .collect();
    match (rows.is_empty(), document.get("backups")) {
        (true, Some(_)) => "There are no backups.".to_owned(),
        (true, None) => String::new(),
        (false, _) => page.table(&["BACKUP", "MODIFIED", "SIZE"], rows),
    }
}

/// The history as a table, or as the runbook's own in Markdown.
pub fn history(document: &Value, page: &Page) -> String {
    if let Some(markdown) = document.get("markdown").and_then(Value::as_str) {
        return crate::ui::text::safe_text(markdown);
    }
    let rows: Vec<Vec<String>> = items(document, "entries")
        .map(|entry| {
            let of = |key: &str| text(entry, key).to_owned();
            let who = [of("time"), of("operator"), seen(entry)];
            std::iter::once(beginning(text(entry, "id")))
                .chain(who)
                .chain(["command", "outcome", "ticket"].map(of))
                .chain([summary(entry)])
                .collect()
        })
        .collect();
    match (rows.is_empty(), document.get("entries")) {
        (true, Some(_)) => "Nothing is recorded.".to_owned(),
        (true, None) => String::new(),
        (false, _) => {
            let heading = [
                "CHANGE",
                "TIME",
                "OPERATOR",
                "SEEN BY HOST",
                "COMMAND",
                "OUTCOME",
                "TICKET",
                "SUMMARY",
            ];
            let drawn = Page::ENDLESS.table(&heading, rows);
            if page.fits(&drawn) {
                return drawn;
            }
            let entries: Vec<String> = items(document, "entries").map(|told| entry(told, page)).collect();
            entries.join("\n")
        }
    }
}

/// An entry of the history where the table would not fit: a line that tells it from the others, and what it did below.
fn entry(entry: &Value, page: &Page) -> String {
    let said = |key: &str| escaped(text(entry, key));
    let ticket = match text(entry, "ticket") {
        "" => String::new(),
        ticket => format!(", {}", escaped(ticket)),
    };
    let seen = match seen(entry) {
        seen if seen.is_empty() => String::new(),
        seen => format!(" (seen by the host: {})", escaped(&seen)),
    };
    let head = format!(
        " {}  {}  {} {} by {}{seen}{ticket}",
        escaped(&beginning(text(entry, "id"))),
        styled(FAINT, &page.moment(&said("time"))),
        styled(STRONG, &said("command")),
        outcome(text(entry, "outcome")),
        said("operator"),
    );
    let summary = format!("    {}", escaped(&summary(entry)));
    format!("{}\n{}", page.prose(&head, 4), page.prose(summary.trim_end(), 4))
        .trim_end()
        .to_owned()
}

/// Who logged in as the host sees it: `ravi through sudo from 192.0.2.7`. A key is named where it is another one than the
/// operator's machine says.
fn seen(entry: &Value) -> String {
    let Some(seen) = entry.get("seen").filter(|seen| seen.is_object()) else {
        return String::new();
    };
    let login = text(seen, "login");
    let mut told = match (text(seen, "sudo_user"), text(seen, "session_login")) {
        ("", "") => login.to_owned(),
        ("", session) if session == login => login.to_owned(),
        ("", session) => format!("{login} in a session of {session}"),
        (user, _) => format!("{user} through sudo"),
    };
    if !text(seen, "address").is_empty() {
        told = format!("{told} from {}", text(seen, "address"));
    }
    let (accepted, given) = (text(seen, "key"), text(entry, "key"));
    if !accepted.is_empty() && accepted != given {
        told = format!("{told} with the key {accepted}");
    }
    told
}

/// What was done, or what was asked and why it came to nothing.
fn summary(entry: &Value) -> String {
    let told = text(entry, "summary");
    match entry.get("failure").and_then(Value::as_str) {
        Some(why) if told.ends_with('.') => format!("{told} It failed: {}", ended(why)),
        Some(why) => format!("{told}: {}", ended(why)),
        None => told.to_owned(),
    }
}

/// How an attempt ended, coloured where it did not go well.
fn outcome(word: &str) -> String {
    let style = match word {
        "changed" => GOOD,
        "unchanged" => FAINT,
        "restored" | "refused" | "conflict" => ATTENTION,
        _ => BAD,
    };
    styled(style, &escaped(word))
}

/// The beginning of a change's identifier that `undo` takes: its time in milliseconds, which no two changes of a host share.
fn beginning(id: &str) -> String {
    id.chars().take(13).collect()
}

/// Whether the trails are whole.
pub fn verdict(document: &Value, page: &Page) -> String {
    let Some(count) = document.get("records").and_then(Value::as_u64) else {
        return String::new();
    };
    let findings: Vec<String> = items(document, "findings")
        .map(|finding| {
            let trail = escaped(text(finding, "trail"));
            page.prose(&format!("  {trail}: {}", escaped(text(finding, "message"))), 4)
        })
        .collect();
    let number = |key: &str| document.get(key).and_then(Value::as_u64).unwrap_or_default();
    let compared = match number("compared") {
        0 => "The local audit log remembers none of them, so a log that was written anew would not be noticed."
            .to_owned(),
        1 => "1 record was compared with the local audit log.".to_owned(),
        compared => format!("{compared} records were compared with the local audit log."),
    };
    let compared = page.prose(&compared, 0);
    if findings.is_empty() {
        return format!(
            "{} {count} records, each linked to the one before.\n{compared}",
            styled(GOOD, "The audit log is whole:")
        );
    }
    let more = match number("findings_left_out") {
        0 => String::new(),
        more => format!("\n  {more} more findings are not shown."),
    };
    format!(
        "{}\n{}{more}\n{compared}",
        styled(BAD, "The audit log is not whole:"),
        findings.join("\n")
    )
}

/// What an examination found, the gravest first.
pub fn findings(document: &Value, page: &Page) -> String {
    if document.get("findings").is_none() {
        return String::new();
    }
    let told: Vec<String> = items(document, "findings").map(|found| finding(found, page)).collect();
    if told.is_empty() {
        return format!("{} nothing to mend.", styled(GOOD, "Healthy:"));
    }
    told.join("\n")
}

fn finding(finding: &Value, page: &Page) -> String {
    let severity = text(finding, "severity");
    let style = match severity {
        "error" => BAD,
        "warning" => ATTENTION,
        _ => FAINT,
    };
    let mark = styled(style, &format!("{severity} [{}]", escaped(text(finding, "code"))));
    let fix = escaped(text(finding, "fix"));
    let told = format!("  {}", styled(FAINT, &format!("fix: {fix}")));
    // A command is there to be copied.
    let told = if fix.starts_with("f2bctl ") {
        told
    } else {
        page.prose(&told, 4)
    };
    let message = format!("{mark} {}", safe_message(text(finding, "message")));
    format!("{}\n{told}", page.prose(&message, 2))
}

/// The configured hosts.
pub fn hosts(document: &Value, page: &Page) -> String {
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
    page.table(&["NAME", "ADDRESS", "GROUPS", ""], rows)
}
