//! The state of a host: its jails, who is banned, the whitelist, what could not be read.

use super::{check, or, whitelist};
use crate::document::{Ban, Jail, Status, WhitelistCheck};
use crate::model::comment_text::escaped;
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, GOOD, STRONG, duration, styled};

/// The whole status.
pub fn status(host: Option<&HostName>, status: &Status, page: &Page) -> String {
    let mut parts = vec![headline(host, status)];
    if !status.addresses.is_empty() {
        parts.extend(status.addresses.iter().map(|asked| of_address(asked, status, page)));
        parts.push(unknown(status, page));
        parts.retain(|part| !part.is_empty());
        return parts.join("\n\n");
    }
    if !status.jails.is_empty() {
        parts.push(jail_table(&status.jails, page));
    }
    parts.push(match status.fail2ban.running {
        Some(true) => bans(&status.jails, page),
        Some(false) => "Who is blocked is unknown: fail2ban is not running.".to_owned(),
        None => "Who is banned is unknown.".to_owned(),
    });
    if !status.whitelist.is_empty() {
        let table = whitelist::whitelist(&status.whitelist, page);
        parts.push(format!("{}\n{table}", styled(STRONG, "Whitelist")));
    }
    parts.push(unknown(status, page));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn headline(host: Option<&HostName>, status: &Status) -> String {
    let name = host.map_or_else(String::new, |host| escaped(&host.name));
    let state = match status.fail2ban.running {
        Some(true) => styled(GOOD, "running"),
        Some(false) => styled(BAD, "not running"),
        None => styled(ATTENTION, "unknown"),
    };
    match &status.fail2ban.version {
        Some(version) => format!("{name}: fail2ban {version} is {state}"),
        None => format!("{name}: fail2ban is {state}"),
    }
}

/// Whether an address is whitelisted, and its bans with their ends.
fn of_address(asked: &WhitelistCheck, status: &Status, page: &Page) -> String {
    let is_about = |ban: &Ban| Network::parse(ban.ip.raw()).is_ok_and(|parsed| parsed.network.overlaps(&asked.address));
    let verdict = check::check(asked, page);
    match ban_table(&status.jails, is_about, page) {
        Some(table) => format!("{verdict}\n\n{table}"),
        None => format!("{verdict}\nNo jail bans {} now.", asked.address),
    }
}

fn jail_table(jails: &[Jail], page: &Page) -> String {
    let heading = [
        "JAIL",
        "MAXRETRY",
        "FINDTIME",
        "BANTIME",
        "FAILED",
        "BANNED",
        "BANNED EVER",
        "ENFORCED",
    ];
    let unknown = || "unknown".to_owned();
    let rows = jails.iter().map(|jail| {
        let enforced = match jail.enforced {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "unknown",
        };
        vec![
            jail.name.to_string(),
            jail.maxretry.map_or_else(unknown, |count| count.to_string()),
            jail.findtime.map_or_else(unknown, duration),
            jail.bantime.map_or_else(unknown, duration),
            format!("{} of {}", jail.currently_failed, jail.total_failed),
            jail.currently_banned.to_string(),
            jail.total_banned.to_string(),
            enforced.to_owned(),
        ]
    });
    page.table(&heading, rows.collect())
}

fn bans(jails: &[Jail], page: &Page) -> String {
    ban_table(jails, |_| true, page).unwrap_or_else(|| "Nobody is banned.".to_owned())
}

/// The bans that are meant; none if there are none.
fn ban_table(jails: &[Jail], is_meant: impl Fn(&Ban) -> bool, page: &Page) -> Option<String> {
    let each = jails
        .iter()
        .flat_map(|jail| jail.banned.iter().map(move |ban| (jail, ban)));
    let rows: Vec<Vec<String>> = each
        .filter(|(_, ban)| is_meant(ban))
        .map(|(jail, ban)| {
            vec![
                ban.ip.to_string(),
                jail.name.to_string(),
                or(ban.customer.as_ref(), "-"),
                page.moment(&ban.since),
                page.moment(ban.until.as_deref().unwrap_or("for ever")),
            ]
        })
        .collect();
    let heading = ["ADDRESS", "JAIL", "CUSTOMER", "SINCE", "UNTIL"];
    (!rows.is_empty()).then(|| format!("{}\n{}", styled(STRONG, "Banned"), page.table(&heading, rows)))
}

fn unknown(status: &Status, page: &Page) -> String {
    let parts = status.unknown.iter().filter(|(_, reason)| **reason != "not installed");
    let lines: Vec<String> = parts
        .map(|(part, reason)| page.prose(&format!("  {}: {reason}", escaped(part)), 4))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "{}\n{}",
        styled(ATTENTION, "Unknown, because it could not be read"),
        lines.join("\n")
    )
}
