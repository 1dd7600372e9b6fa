//! The state of a host: whether it is protected, its jails, who is banned, the whitelist, what could not be read. It fits a
//! screen: long lists are summed up, and what a customer is concerned in stands first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{check, or, whitelist};
use crate::document::{
    Ban, CustomerBan, Jail, Protection, ProtectionVerdict, Source, Status, WhitelistCheck, WhitelistRow,
};
use crate::model::comment_text::escaped;
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::model::some::{grouped, some};
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, duration, styled};

/// How far the further lines of the sentences on top are from the left.
const HANG: usize = 2;
/// How many reasons are shown besides the first.
const MORE_REASONS: usize = 3;
/// How many of a kind the sentences on top name.
const NAMED: usize = 3;

/// The whole status.
pub fn status(host: Option<&HostName>, status: &Status, page: &Page) -> String {
    let mut parts = vec![top(host, status, page)];
    if !status.addresses.is_empty() {
        parts.extend(status.addresses.iter().map(|asked| of_address(asked, status, page)));
        parts.push(unknown(status, page));
        parts.retain(|part| !part.is_empty());
        return parts.join("\n\n");
    }
    let jails = by_weight(status);
    if !jails.is_empty() {
        parts.push(jail_table(&jails, page));
    }
    parts.push(match status.fail2ban.running {
        Some(true) => bans(&jails, status, page),
        Some(false) => "Who is blocked is unknown: fail2ban is not running.".to_owned(),
        None => "Who is banned is unknown.".to_owned(),
    });
    if !status.whitelist.is_empty() {
        parts.push(entries(status, page));
    }
    parts.push(unknown(status, page));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The jails, those first that ban a customer; the others by name.
fn by_weight(status: &Status) -> Vec<&Jail> {
    let bans_a_customer = |jail: &Jail| {
        let mut banned = status.protection.customers_banned.iter().flatten();
        banned.any(|ban| ban.jails.contains(&jail.name))
    };
    let mut jails: Vec<&Jail> = status.jails.iter().collect();
    jails.sort_by_key(|jail| !bans_a_customer(jail));
    jails
}

/// The answer to "is the PBX protected, and is anybody wrongly banned?", and what else matters, in two sentences.
fn top(host: Option<&HostName>, status: &Status, page: &Page) -> String {
    let name = host.map_or_else(String::new, |host| format!("{}: ", escaped(&host.name)));
    let protection = &status.protection;
    let verdict = match protection.verdict {
        ProtectionVerdict::Protected => styled(GOOD, "protected"),
        ProtectionVerdict::NotProtected => styled(BAD, "NOT protected"),
        ProtectionVerdict::Unknown => styled(ATTENTION, "unknown"),
    };
    let mut reasons = protection.reasons.iter();
    let reason = reasons.next().map_or_else(String::new, |reason| format!(": {reason}"));
    let first = format!("{name}{verdict}{reason}; {}.", customers(protection));
    let mut lines = vec![page.prose(&first, HANG)];
    let shown = if page.verbose { usize::MAX } else { MORE_REASONS };
    lines.extend(
        reasons
            .clone()
            .take(shown)
            .map(|reason| page.prose(&format!("  also: {reason}"), 2 * HANG)),
    );
    match reasons.count().saturating_sub(shown) {
        0 => {}
        more => lines.push(styled(FAINT, &format!("  and {more} more reasons (--verbose)"))),
    }
    lines.push(page.prose(&facts(status), HANG));
    lines.join("\n")
}

/// Whether anybody of the whitelist is banned.
fn customers(protection: &Protection) -> String {
    let Some(banned) = &protection.customers_banned else {
        return "whether a customer is banned is unknown".to_owned();
    };
    if banned.is_empty() {
        return styled(GOOD, "no customer is banned");
    }
    let named = |ban: &CustomerBan| match &ban.customer {
        Some(customer) => format!("{customer} ({})", ban.ip),
        None => ban.ip.to_string(),
    };
    let names: Vec<String> = banned.iter().take(NAMED).map(named).collect();
    let (number, more) = match (banned.len(), banned.len().saturating_sub(NAMED)) {
        (1, _) => (String::new(), String::new()),
        (all, 0) => (format!("{} ", grouped(all)), String::new()),
        (all, more) => (format!("{} ", grouped(all)), format!(" and {} more", grouped(more))),
    };
    let head = styled(BAD, &format!("{number}BANNED although whitelisted"));
    format!("{head}: {}{more}", names.join(", "))
}

/// The server, entries that are not in force, files that were written since, and interrupted changes.
fn facts(status: &Status) -> String {
    let state = match status.fail2ban.running {
        Some(true) => styled(GOOD, "running"),
        Some(false) => styled(BAD, "not running"),
        None => styled(ATTENTION, "unknown"),
    };
    let version = status.fail2ban.version.iter().map(|version| format!(" {version}"));
    let mut facts = vec![format!("fail2ban{} is {state}", version.collect::<String>())];
    let protection = &status.protection;
    facts.push(match protection.not_in_force.as_deref() {
        None => "which entries are in force is unknown".to_owned(),
        Some([]) => "every entry is in force".to_owned(),
        Some(entries) => {
            let named: Vec<String> = entries.iter().take(NAMED).map(ToString::to_string).collect();
            let what = match entries.len() {
                1 => format!("{} is not in force", named.join(", ")),
                all if all <= NAMED => format!("{} are not in force", named.join(", ")),
                all => format!("{} entries are not in force ({}, ...)", grouped(all), named.join(", ")),
            };
            styled(ATTENTION, &what)
        }
    });
    let drift = &protection.drift;
    facts.push(match (drift.written_since, &drift.file) {
        (Some(false), _) => "no file was written since fail2ban read them".to_owned(),
        (Some(true), Some(file)) => styled(
            ATTENTION,
            &format!("{file} was written since fail2ban read it (`f2bctl doctor` compares)"),
        ),
        _ => "whether files were edited since is unknown".to_owned(),
    });
    facts.push(match protection.interrupted {
        Some(0) => "no change is interrupted".to_owned(),
        Some(1) => styled(BAD, "1 change is interrupted"),
        Some(many) => styled(BAD, &format!("{many} changes are interrupted")),
        None => "whether a change is interrupted is unknown".to_owned(),
    });
    format!("{}.", facts.join("; "))
}

/// Whether an address is whitelisted, and its bans with their ends.
fn of_address(asked: &WhitelistCheck, status: &Status, page: &Page) -> String {
    let is_about = |ban: &Ban| Network::parse(ban.ip.raw()).is_ok_and(|parsed| parsed.network.overlaps(&asked.address));
    let verdict = check::check(asked, page);
    let each = each_ban(status.jails.iter()).filter(|(_, ban)| is_about(ban)).collect();
    match ban_table(each, status, page) {
        Some(table) => format!("{verdict}\n\n{table}"),
        None => format!("{verdict}\nNo jail bans {} now.", asked.address),
    }
}

fn jail_table(jails: &[&Jail], page: &Page) -> String {
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

/// A ban with its jail.
type Banned<'status> = (&'status Jail, &'status Ban);

fn each_ban<'status>(jails: impl Iterator<Item = &'status Jail>) -> impl Iterator<Item = Banned<'status>> {
    jails.flat_map(|jail| jail.banned.iter().map(move |ban| (jail, ban)))
}

/// The bans; of more than there is room for the customers' and the newest, and how many there are besides.
fn bans(jails: &[&Jail], status: &Status, page: &Page) -> String {
    let mut each: Vec<Banned<'_>> = each_ban(jails.iter().copied()).collect();
    let room = page.room(status.whole, status.whitelist.len());
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    if each.len() > room {
        let of_customer = |ban: &Ban| {
            let mut banned = status.protection.customers_banned.iter().flatten();
            ban.customer.is_some() || banned.any(|one| one.ip == ban.ip)
        };
        each.sort_by_key(|(_, ban)| (!of_customer(ban), Reverse(&ban.since)));
        for (jail, _) in each.split_off(room) {
            *left.entry(jail.name.raw()).or_default() += 1;
        }
    }
    let Some(table) = ban_table(each, status, page) else {
        return "Nobody is banned.".to_owned();
    };
    let jails: Vec<String> = left
        .iter()
        .map(|(jail, number)| format!("{} {}", escaped(jail), grouped(*number)))
        .collect();
    let more = (!left.is_empty()).then(|| {
        let number = grouped(left.values().sum());
        rest(page, &format!("and {number} more bans ({})", some(&jails)))
    });
    std::iter::once(table).chain(more).collect::<Vec<_>>().join("\n")
}

/// What a list leaves out, with how to see it.
fn rest(page: &Page, what: &str) -> String {
    page.prose(
        &styled(FAINT, &format!(" {what}; `f2bctl status --all` shows each")),
        HANG,
    )
}

/// A table of bans; none if there are none.
fn ban_table(bans: Vec<Banned<'_>>, status: &Status, page: &Page) -> Option<String> {
    let rows: Vec<Vec<String>> = bans
        .into_iter()
        .map(|(jail, ban)| {
            let until = ban.until.as_deref().map(|until| page.left(until, &status.time));
            vec![
                ban.ip.to_string(),
                jail.name.to_string(),
                or(ban.customer.as_ref(), "-"),
                page.ago(&ban.since, &status.time),
                until.unwrap_or_else(|| "for ever".to_owned()),
            ]
        })
        .collect();
    let heading = ["ADDRESS", "JAIL", "CUSTOMER", "SINCE", "UNTIL"];
    (!rows.is_empty()).then(|| format!("{}\n{}", styled(STRONG, "Banned"), page.table(&heading, rows)))
}

/// The whitelist; of more entries than there is room for those that need a look, and how many there are besides.
fn entries(status: &Status, page: &Page) -> String {
    let needs_a_look = |row: &&WhitelistRow| {
        row.source != Source::File
            || !row.not_in_force.is_empty()
            || !row.documented
            || row.meta.get("expires").is_some()
    };
    let mut shown: Vec<&WhitelistRow> = status.whitelist.iter().collect();
    let bans = each_ban(status.jails.iter()).count();
    let room = page.room(status.whole, bans);
    let mut more = None;
    if shown.len() > room {
        let is_localhost = |row: &WhitelistRow| row.customer.as_ref().is_some_and(|name| *name == "localhost");
        shown.sort_by_key(|row| (!needs_a_look(row), is_localhost(row)));
        let left = shown.split_off(room);
        let lacking = match left.iter().filter(|row| !row.not_in_force.is_empty()).count() {
            0 => String::new(),
            lacking => format!(" ({} not in force)", grouped(lacking)),
        };
        let what = format!("and {} more entries{lacking}", grouped(left.len()));
        more = Some(rest(page, &what));
    }
    let table = whitelist::whitelist_table(shown.into_iter(), page, Some(&status.time));
    let parts = [styled(STRONG, "Whitelist"), table].into_iter().chain(more);
    parts.collect::<Vec<_>>().join("\n")
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
