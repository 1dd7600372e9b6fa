//! Whether an address is whitelisted, by what, and what contradicts that.

use std::collections::BTreeMap;

use crate::document::{Because, Exemption, WhitelistCheck};
use crate::model::some::some;
use crate::model::text::joined;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, styled};

use super::whitelist::whitelist_table;

/// Which jails would ignore an address, by what; of a network what covers all of it, or a part.
pub fn check(check: &WhitelistCheck, page: &Page) -> String {
    let mut lines = vec![page.prose(&verdict(check), 2)];
    for (because, jails) in reasons(check) {
        lines.push(page.prose(&format!("  {because} ({})", jails.join(", ")), 4));
    }
    for decision in &check.jails {
        if let Some(reason) = &decision.reason {
            let line = format!("  Jail {}: not known: {reason}.", decision.jail);
            lines.push(page.prose(&styled(ATTENTION, &line), 4));
        }
    }
    if let Some(blocked) = blocked_without_ban(check) {
        lines.push(page.prose(&styled(ATTENTION, &blocked), 2));
    }
    if !(check.whitelist.is_empty() && check.partly.is_empty()) {
        let entries = check.whitelist.iter().chain(&check.partly);
        lines.push(format!("\n{}", whitelist_table(entries, page, None)));
    }
    lines.join("\n")
}

fn verdict(check: &WhitelistCheck) -> String {
    let address = check.address;
    let (present, absent) = (joined(&check.in_force), joined(&check.not_in_force));
    let unknown: Vec<String> = check
        .jails
        .iter()
        .filter(|decision| decision.ignored.is_none())
        .map(|decision| decision.jail.to_string())
        .collect();
    let banned = match check.banned_in.is_empty() {
        true => String::new(),
        false => format!(" It is banned in {}.", joined(&check.banned_in)),
    };
    let verdict = match (present.is_empty(), absent.is_empty(), unknown.is_empty()) {
        (true, _, _) if !check.partly.is_empty() => {
            format!("No entry covers all of {address}. Parts of it are whitelisted:")
        }
        (true, false, true) => format!("{address} is not whitelisted: every jail can ban it."),
        (false, true, true) => format!("{address} is whitelisted in every jail: {present}."),
        (false, false, true) => format!("{address} is whitelisted in {present}, but not in {absent}."),
        (true, true, _) => format!("Whether {address} is whitelisted is not known."),
        (true, false, false) => {
            format!(
                "{address} is not whitelisted in {absent}; in {} that is not known.",
                unknown.join(", ")
            )
        }
        (false, _, false) => {
            format!(
                "{address} is whitelisted in {present}; in {} that is not known.",
                unknown.join(", ")
            )
        }
    };
    verdict + &banned
}

/// What decides, each with the jails in which it does.
fn reasons(check: &WhitelistCheck) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for decision in &check.jails {
        for because in &decision.because {
            found
                .entry(clause(because))
                .or_default()
                .push(decision.jail.to_string());
        }
    }
    found
}

fn clause(because: &Because) -> String {
    let entry = because.entry.as_ref().map(ToString::to_string).unwrap_or_default();
    let source = because
        .source
        .as_ref()
        .map_or_else(String::new, |source| format!(", {source}"));
    match because.by {
        Exemption::IgnoreIp => format!("by ignoreip {entry}{source}"),
        Exemption::File => format!("by {entry}{source}, whose file lists it"),
        Exemption::IgnoreSelf => "by ignoreself: it is an own address of the host".to_owned(),
        Exemption::IgnoreCommand => format!("perhaps by ignorecommand {entry}"),
    }
}

/// What the firewall blocks although no jail lists it, whitelisted or not.
fn blocked_without_ban(check: &WhitelistCheck) -> Option<String> {
    let blocked = check.blocked_without_ban.iter();
    let blocked: Vec<String> = blocked
        .map(|row| format!("{} ({})", row.ip, joined(&row.chains)))
        .collect();
    (!blocked.is_empty()).then(|| {
        format!(
            "The firewall blocks {} although no jail lists it as banned; `f2bctl unban {}` removes that.",
            some(&blocked),
            check.address
        )
    })
}
