//! Backups, history, the audit's verdict, findings, and the configured hosts.

use super::{checks, or};
use crate::document::{
    AuditVerdict, BackupRow, CheckOutcome, Entry, Finding, FindingCode, Findings, History, HostRow, Severity,
};
use crate::model::comment_text::escaped;
use crate::model::text::Text;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, ended, safe_message, styled};

/// The backups of a host.
pub fn backups(backups: &[BackupRow], page: &Page) -> String {
    let rows: Vec<Vec<String>> = backups
        .iter()
        .map(|backup| {
            vec![
                backup.name.to_string(),
                page.moment(&backup.modified),
                format!("{} bytes", backup.size),
            ]
        })
        .collect();
    match rows.is_empty() {
        true => "There are no backups.".to_owned(),
        false => page.table(&["BACKUP", "MODIFIED", "SIZE"], rows),
    }
}

/// The history as a table, or as the runbook's own in Markdown.
pub fn history(history: &History, page: &Page) -> String {
    if let Some(markdown) = &history.markdown {
        return markdown.to_string();
    }
    if history.entries.is_empty() {
        return "Nothing is recorded.".to_owned();
    }
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
    let drawn = Page::ENDLESS.table(&heading, history.entries.iter().map(row).collect());
    if page.fits(&drawn) {
        return drawn;
    }
    let entries: Vec<String> = history.entries.iter().map(|found| entry(found, page)).collect();
    entries.join("\n")
}

fn row(entry: &Entry) -> Vec<String> {
    vec![
        beginning(&entry.id),
        entry.time.to_string(),
        entry.operator.to_string(),
        seen(entry),
        entry.command.to_string(),
        entry.outcome.to_string(),
        or(entry.ticket.as_ref(), ""),
        summary(entry),
    ]
}

/// An entry of the history where the table would not fit: a line that tells it from the others, and what it did below.
fn entry(entry: &Entry, page: &Page) -> String {
    let ticket = entry
        .ticket
        .iter()
        .map(|ticket| format!(", {ticket}"))
        .collect::<String>();
    let seen = match seen(entry) {
        seen if seen.is_empty() => String::new(),
        seen => format!(" (seen by the host: {seen})"),
    };
    let head = format!(
        " {}  {}  {} {} by {}{seen}{ticket}",
        beginning(&entry.id),
        styled(FAINT, &page.moment(&entry.time.to_string())),
        styled(STRONG, &entry.command.to_string()),
        outcome(&entry.outcome),
        entry.operator,
    );
    let summary = format!("    {}", summary(entry));
    format!("{}\n{}", page.prose(&head, 4), page.prose(summary.trim_end(), 4))
        .trim_end()
        .to_owned()
}

/// Who logged in as the host sees it: `ravi through sudo from 192.0.2.7`. A key is named where it is another one than the
/// operator's machine says.
fn seen(entry: &Entry) -> String {
    let Some(seen) = &entry.seen else {
        return String::new();
    };
    let given = |text: &Option<Text>| text.clone().filter(|text| !text.is_empty());
    let login = &seen.login;
    let mut shown = match (given(&seen.sudo_user), given(&seen.session_login)) {
        (Some(user), _) => format!("{user} through sudo"),
        (None, Some(session)) if session != *login => format!("{login} in a session of {session}"),
        _ => login.to_string(),
    };
    if let Some(address) = given(&seen.address) {
        shown = format!("{shown} from {address}");
    }
    if let Some(key) = given(&seen.key).filter(|key| entry.key.as_ref() != Some(key)) {
        shown = format!("{shown} with the key {key}");
    }
    shown
}

/// What was done, or what was asked and why it came to nothing.
fn summary(entry: &Entry) -> String {
    let summary = entry.summary.to_string();
    match &entry.failure {
        Some(why) if summary.ends_with('.') => format!("{summary} It failed: {}", ended(&why.to_string())),
        Some(why) => format!("{summary}: {}", ended(&why.to_string())),
        None => summary,
    }
}

/// How an attempt ended, coloured where it did not go well.
fn outcome(word: &Text) -> String {
    let style = match word.raw() {
        "changed" => GOOD,
        "unchanged" => FAINT,
        "restored" | "refused" | "conflict" => ATTENTION,
        _ => BAD,
    };
    styled(style, &word.to_string())
}

/// The beginning of a change's identifier that `undo` takes: its time in milliseconds, which no two changes of a host share.
fn beginning(id: &Text) -> String {
    escaped(&id.raw().chars().take(13).collect::<String>())
}

/// Whether the audit logs are whole.
pub fn verdict(verdict: &AuditVerdict, page: &Page) -> String {
    let compared = match verdict.compared {
        0 => "The local audit log has none of them, so a replaced log would not be noticed.".to_owned(),
        1 => "1 record was compared with the local audit log.".to_owned(),
        compared => format!("{compared} records were compared with the local audit log."),
    };
    let compared = page.prose(&compared, 0);
    let found = verdict
        .findings
        .len()
        .saturating_add(usize::try_from(verdict.findings_left_out).unwrap_or(usize::MAX));
    let looked = format!(
        "{}.\n{}",
        checks::summary(&verdict.checks, found),
        checks::list(&verdict.checks, page)
    );
    if verdict.findings.is_empty() {
        return format!(
            "{} {} records, each linked to the one before.\n{compared}\n\n{looked}",
            styled(GOOD, "The audit log is intact:"),
            verdict.records
        );
    }
    let more = match verdict.findings_left_out {
        0 => String::new(),
        more => format!("\n  {more} more findings are not shown."),
    };
    let faults = verdict.findings.iter();
    let lines: Vec<String> = faults
        .map(|fault| page.prose(&format!("  {}: {}", fault.trail, fault.message), 4))
        .collect();
    format!(
        "{}\n{}{more}\n{compared}\n\n{looked}",
        styled(BAD, "The audit log is not intact:"),
        lines.join("\n")
    )
}

/// How much an examination looked at, what it found, the gravest first, and each check. A quiet run leaves out the checks.
pub fn findings(found: &Findings, page: &Page) -> String {
    let real = found
        .findings
        .iter()
        .filter(|finding| finding.code != FindingCode::Unknown)
        .count();
    let summary = checks::summary(&found.checks, real);
    let is_whole = found.checks.iter().all(|check| check.outcome == CheckOutcome::Passed);
    let mark = if found.findings.is_empty() && is_whole {
        styled(GOOD, "Healthy: ")
    } else {
        String::new()
    };
    let mut parts = vec![format!("{mark}{summary}.")];
    let shown: Vec<String> = found.findings.iter().map(|found| finding(found, page)).collect();
    parts.extend((!shown.is_empty()).then(|| shown.join("\n")));
    parts.extend((!page.quiet).then(|| checks::list(&found.checks, page)));
    parts.join("\n\n")
}

fn finding(finding: &Finding, page: &Page) -> String {
    let (word, style) = match finding.severity {
        Severity::Error => ("error", BAD),
        Severity::Warning => ("warning", ATTENTION),
        Severity::Notice => ("notice", FAINT),
    };
    let mark = styled(style, &format!("{word} [{}]", finding.code.as_str()));
    let fix = escaped(&finding.fix.to_string());
    let line = format!("  {}", styled(FAINT, &format!("fix: {fix}")));
    // A command is there to be copied.
    let line = if finding.fix.is_command() {
        line
    } else {
        page.prose(&line, 4)
    };
    let message = format!("{mark} {}", safe_message(&finding.message));
    format!("{}\n{line}", page.prose(&message, 2))
}

/// The configured hosts.
pub fn hosts(hosts: &[HostRow], page: &Page) -> String {
    let rows: Vec<Vec<String>> = hosts
        .iter()
        .map(|host| {
            let default = if host.default == Some(true) { "default" } else { "" };
            vec![
                escaped(&host.name),
                escaped(&host.address),
                escaped(&host.groups.join(" ")),
                default.to_owned(),
            ]
        })
        .collect();
    page.table(&["NAME", "ADDRESS", "GROUPS", ""], rows)
}
