//! What is wrong with the whitelist: entries that fail2ban reads otherwise than they look, that whitelist too many, that
//! are in force nowhere, or have no customer.

use crate::document::{Advice, Finding, FindingCode as Code, Severity};
use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::model::comment_text::escaped;
use crate::model::jail_local::{Entry, EntryKind, IgnoreIp, JailLocal};
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::model::special_range::{is_inside_a_site, special};
use crate::planning::policy::{Guard, is_localhost};
use crate::planning::reading::{jail_local_if_any, jail_local_reading};
use crate::planning::refusal::Refusal;

use super::banned_whitelisted::banned_findings;
use super::lists_in_force::in_force;
use super::recorded_customers::{quoted, recorded_findings};

/// The command that makes the repairs whose meaning is certain.
const REPAIR: &str = "whitelist lint --fix";

/// Everything that is wrong with the whitelist, the weightiest first. A jail.local that fail2ban cannot read is a
/// finding of its own.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read at all.
pub fn whitelist_findings(observed: &Observed, guard: &Guard) -> Result<Vec<Finding>, Refusal> {
    let mut found = match jail_local_if_any(observed) {
        Ok(document) => {
            let mut found = document.map_or_else(
                || vec![no_list("There is no jail.local")],
                |document| in_file(document, guard, observed.clock.today()),
            );
            found.extend(in_force(document, observed)?);
            found
        }
        Err(_) => match jail_local_reading(observed)? {
            Ok(_) => Vec::new(),
            Err(places) => places
                .iter()
                .map(|place| Finding::new(Code::Unreadable, Severity::Error, place.to_string(), place.cure.clone()))
                .collect(),
        },
    };
    found.extend(banned_findings(observed));
    found.extend(recorded_findings(observed));
    found.sort_by_key(|finding| finding.severity);
    Ok(found)
}

/// What the file alone tells.
pub fn in_file(document: &JailLocal, guard: &Guard, today: NaiveDate) -> Vec<Finding> {
    let mut found: Vec<Finding> = document.misspelt_default().map(default_section).into_iter().collect();
    if !found.is_empty() {
        return found;
    }
    let Some(list) = document.ignoreip() else {
        return vec![no_list("jail.local sets no ignoreip in [DEFAULT]")];
    };
    let mut networks: Vec<Network> = Vec::new();
    for entry in &list.entries {
        found.extend(about_word(entry));
        if let Some(network) = entry.network() {
            found.extend(about_network(&network, guard));
            found.extend(about_neighbours(&network, &networks, &list));
            found.extend(about_register(entry, &network, today));
            networks.push(network);
        }
    }
    for (_, list) in document.own_lists() {
        let registered = list.entries.iter().filter(|entry| entry.register.is_some());
        let pairs = registered.filter_map(|entry| Some((entry, entry.network()?)));
        found.extend(pairs.flat_map(|(entry, network)| about_register(entry, &network, today)));
    }
    found.extend(about_stale_lines(&list));
    found.extend(about_repeated_lines(document));
    found
}

fn default_section((name, line): (&str, usize)) -> Finding {
    let name = escaped(name);
    let message = format!(
        "line {line}: fail2ban knows [DEFAULT] in capitals only, so nothing that [{name}] sets is in force, no whitelist either."
    );
    Finding::new(Code::DefaultSection, Severity::Error, message, Advice::command(REPAIR))
}

fn no_list(why: &str) -> Finding {
    Finding::new(
        Code::NoList,
        Severity::Notice,
        format!("{why}, so no customer is whitelisted by it."),
        "f2bctl onboard NETWORK --customer NAME",
    )
}

fn place(entry: &Entry) -> String {
    format!("line {}, column {}", entry.position.line, entry.position.column)
}

fn about_word(entry: &Entry) -> Option<Finding> {
    let (shown, place) = (escaped(&entry.text), place(entry));
    let finding = match &entry.kind {
        EntryKind::Junk { message, cure } => {
            let code = match entry.text.as_str() {
                text if text.contains('\t') => Code::Tabs,
                text if text.ends_with("/0") => Code::EverybodyInDisguise,
                _ => Code::JunkWord,
            };
            let message = format!("`{shown}` ({place}): {message}.");
            Finding::new(
                code,
                Severity::Error,
                message,
                Advice::text(format!("{cure} (what is certain: ")).run(REPAIR).then(")"),
            )
        }
        EntryKind::Dead { message, .. } => Finding::new(
            Code::JunkWord,
            Severity::Warning,
            format!("`{shown}` ({place}): {message}."),
            Advice::command(REPAIR)
                .then(" takes it out and keeps it as a comment, ")
                .run(format!("offboard {}", quoted(&entry.text)))
                .then(" deletes it"),
        ),
        EntryKind::Name => Finding::new(
            Code::HostName,
            Severity::Warning,
            format!("`{shown}` ({place}) is a host name; it is whitelisted only while its DNS answer is right."),
            "write the network itself",
        ),
        EntryKind::File => Finding::new(
            Code::EntryFile,
            Severity::Notice,
            format!(
                "`{shown}` ({place}) names a file, whose entries `fail2ban-client get JAIL ignoreip` does not show."
            ),
            "`f2bctl whitelist list` shows them",
        ),
        EntryKind::Interpolation => Finding::new(
            Code::Interpolation,
            Severity::Notice,
            format!("what `{shown}` ({place}) stands for is not known from this file alone."),
            "compare with `f2bctl whitelist list`",
        ),
        EntryKind::Network(_) => return None,
    };
    Some(finding)
}

fn about_network(network: &Network, guard: &Guard) -> Option<Finding> {
    if network.prefix_length() == 0 {
        let message = format!("{network} whitelists the whole internet: nobody is ever banned.");
        return Some(Finding::new(
            Code::Everybody,
            Severity::Error,
            message,
            "delete it by hand",
        ));
    }
    if is_localhost(network) {
        return None;
    }
    if is_inside_a_site(network) {
        // Nobody on the internet has such an address: of these many are let in at most by the site's own network.
        let message =
            format!("{network} is a range for networks within a site, which is no customer's public network.");
        let fix =
            Advice::text("set `allow_special = true` for this host in f2bctl's configuration if that is meant, or ")
                .run(format!("offboard {network}"));
        return (!guard.allow_special).then(|| Finding::new(Code::SpecialRange, Severity::Notice, message, fix));
    }
    let widest = if network.is_ipv4() {
        guard.widths.ipv4
    } else {
        guard.widths.ipv6
    };
    if network.prefix_length() < widest {
        let message = format!(
            "{network} is wider than /{widest} and whitelists many unrelated hosts on the same ISP (runbook: \"Use /24, not /16\")."
        );
        let fix = Advice::text("onboard the customer's own network, then ").run(format!("offboard {network}"));
        return Some(Finding::new(Code::TooWide, Severity::Error, message, fix));
    }
    let range = special(network).filter(|_| !guard.allow_special)?;
    let message = format!(
        "{network} is in a {} range, which is not a customer's public network.",
        range.name()
    );
    Some(Finding::new(
        Code::SpecialRange,
        Severity::Warning,
        message,
        Advice::command(format!("offboard {network}")),
    ))
}

fn about_neighbours(network: &Network, earlier: &[Network], list: &IgnoreIp) -> Option<Finding> {
    if earlier.contains(network) {
        let message = format!("{network} is listed more than once.");
        return Some(Finding::new(
            Code::Duplicate,
            Severity::Warning,
            message,
            Advice::command(REPAIR),
        ));
    }
    let mut others = list.entries.iter().filter_map(Entry::network);
    let wider = others.find(|other| other != network && other.covers(network))?;
    let message =
        format!("{network} is covered by the entry {wider}, so removing either alone changes less than it seems.");
    Some(Finding::new(
        Code::Covered,
        Severity::Notice,
        message,
        Advice::command(format!("offboard {network}")),
    ))
}

fn about_register(entry: &Entry, network: &Network, today: NaiveDate) -> Vec<Finding> {
    let annotate = |flag: &str| Advice::command(format!("whitelist annotate {network} {flag}"));
    let Some(line) = &entry.register else {
        if is_localhost(network) {
            return Vec::new();
        }
        let message = format!("{network} has no customer.");
        let fix = annotate("--customer NAME").then(", or ").run("whitelist adopt");
        let severity = if is_inside_a_site(network) {
            Severity::Notice
        } else {
            Severity::Warning
        };
        return vec![Finding::new(Code::Undocumented, severity, message, fix)];
    };
    let mut found = Vec::new();
    let whose = &line.registration.customer;
    for (key, past, code, fix) in [
        ("expires", true, Code::Expired, Advice::command("offboard --expired")),
        ("review", false, Code::ReviewDue, annotate("--review DATE")),
    ] {
        let Some(text) = line.registration.metadata.get(key) else {
            continue;
        };
        match text.parse::<NaiveDate>() {
            Ok(day) if day < today || (!past && day == today) => {
                let event = if past { "expired on" } else { "was to be reviewed by" };
                let message = format!("{network} ({whose}) {event} {day}.");
                found.push(Finding::new(code, Severity::Warning, message, fix));
            }
            Ok(_) => {}
            Err(_) => {
                let message = format!(
                    "{network} ({whose}) has {key}={}, which is not a valid date.",
                    escaped(text)
                );
                let fix = annotate(&format!("--{key} YYYY-MM-DD"));
                found.push(Finding::new(Code::UnreadableDate, Severity::Warning, message, fix));
            }
        }
    }
    if !line.unread.is_empty() {
        let message = format!(
            "the comment of {network} (line {}) ends in words that are no key=value: {}.",
            line.line,
            escaped(&line.unread)
        );
        found.push(Finding::new(
            Code::UnreadWords,
            Severity::Notice,
            message,
            "put them into the note by hand",
        ));
    }
    found
}

fn about_stale_lines(list: &IgnoreIp) -> Vec<Finding> {
    if !list.is_closed() {
        return Vec::new();
    }
    let stale = list.stale.iter().map(|line| {
        let registration = &line.registration;
        let message = format!(
            "line {} is about {} ({}), which is not an entry.",
            line.line, registration.network, registration.customer
        );
        Finding::new(Code::StaleLine, Severity::Warning, message, Advice::command(REPAIR))
    });
    stale.collect()
}

fn about_repeated_lines(document: &JailLocal) -> Vec<Finding> {
    let register = document.register();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for line in &register {
        if !seen.insert(line.registration.network) {
            let message = format!(
                "{} has more than one line in the register; the last one (line {}) counts.",
                line.registration.network, line.line
            );
            found.push(Finding::new(
                Code::RepeatedLine,
                Severity::Notice,
                message,
                "delete the other by hand",
            ));
        }
    }
    found
}
