//! The customers' whitelist: entries that let in too many, say nothing of whose they are, or are not in force.

use chrono::NaiveDate;

use super::super::finding::{Finding, Severity};
use super::super::guard::is_localhost;
use super::super::onboard::today;
use super::super::reading::{WhitelistRow, jail_local, whitelist};
use super::Evidence;

/// Runs these checks. A file that cannot be read is told of elsewhere.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let (Ok(rows), Ok(document)) = (whitelist(evidence.observed), jail_local(evidence.observed)) else {
        return Vec::new();
    };
    let day = today(evidence.observed);
    let mut found: Vec<Finding> = rows.iter().flat_map(|row| about(row, day, evidence)).collect();
    found.extend(everybody(evidence));
    for finding in document.ignoreip_objections() {
        found.push(Finding::new(
            "junk_entry",
            Severity::Error,
            finding.to_string(),
            finding.cure,
        ));
    }
    for section in document.own_ignoreip_sections() {
        let message =
            format!("[{section}] has an ignoreip of its own, which replaces the customers' list in that jail.");
        let fix = format!("take ignoreip out of [{section}], then f2bctl reload");
        found.push(Finding::new("own_ignoreip", Severity::Error, message, fix));
    }
    found
}

/// fail2ban shows any /0 as 0.0.0.0 or ::, whoever was meant.
fn everybody(evidence: &Evidence<'_>) -> Vec<Finding> {
    let all = |entry: &String| matches!(entry.as_str(), "0.0.0.0" | "::" | "0.0.0.0/0" | "::/0");
    let open = evidence.jails().filter(|(_, jail)| jail.ignoreip().iter().any(all));
    open.map(|(name, _)| {
        let message =
            format!("Jail {name} ignores the whole internet: its ignoreip reads 0.0.0.0 or :: in the server.");
        Finding::new(
            "everybody_whitelisted",
            Severity::Error,
            message,
            "correct the ignoreip line, then f2bctl reload",
        )
    })
    .collect()
}

fn about(row: &WhitelistRow, today: NaiveDate, evidence: &Evidence<'_>) -> Vec<Finding> {
    let network = &row.network;
    let mut found = Vec::new();
    if row.source == "runtime" {
        let message = format!("{network} is whitelisted at run time only and goes with the next reload.");
        let fix = format!("f2bctl onboard {network} --customer NAME, if it is to stay");
        found.push(Finding::new("runtime_entry", Severity::Notice, message, fix));
        return found;
    }
    if too_wide(row, evidence) {
        let message = format!("{network} is wider than the runbook allows and whitelists many unrelated hosts.");
        let fix = format!("onboard the customer's own block, then f2bctl offboard {network}");
        found.push(Finding::new("too_wide", Severity::Warning, message, fix));
    }
    if !row.documented {
        let message = format!("{network} does not say whose it is.");
        let fix = format!("f2bctl whitelist annotate {network} --customer NAME");
        found.push(Finding::new("undocumented", Severity::Warning, message, fix));
    }
    if !row.not_in_force.is_empty() {
        let message = format!(
            "{network} stands in jail.local and is not in force in {}.",
            row.not_in_force.join(", ")
        );
        let fix = "look for an ignoreip in jail.d or in the jail's own section; else f2bctl reload";
        found.push(Finding::new("not_in_force", Severity::Error, message, fix));
    }
    let day = |key: &str| row.meta.get(key).and_then(|day| day.parse::<NaiveDate>().ok());
    if let Some(day) = day("expires").filter(|day| *day < today) {
        let message = format!("{network} expired on {day}.");
        found.push(Finding::new(
            "expired",
            Severity::Warning,
            message,
            "f2bctl offboard --expired",
        ));
    }
    if let Some(day) = day("review").filter(|day| *day <= today) {
        let message = format!("{network} was to be reviewed by {day}.");
        let fix = format!("f2bctl whitelist annotate {network} --review DATE, or offboard it");
        found.push(Finding::new("review_due", Severity::Notice, message, fix));
    }
    found
}

fn too_wide(row: &WhitelistRow, evidence: &Evidence<'_>) -> bool {
    row.as_network().is_some_and(|network| {
        let usual = if network.is_ipv4() {
            evidence.widths.ipv4
        } else {
            evidence.widths.ipv6
        };
        !is_localhost(&network) && network.prefix_length() < usual
    })
}
