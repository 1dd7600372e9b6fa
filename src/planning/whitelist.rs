//! The whitelist as reports show it: the entries of jail.local with their customers, then what is in force at run time
//! alone, each with the jails that have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Source, WhitelistRow};
use crate::model::jail_local::{Entry, Metadata};
use crate::model::observed::{Observed, TemporaryEntry};
use crate::model::text::Text;

use super::lists::{Lists, lists};
use super::policy::is_localhost;
use super::reading::{jail_local, running_jails};
use super::refusal::Refusal;
use super::temporary::register::standing;

/// The whitelist: the entries of jail.local in order, then what is only in force.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read.
pub fn whitelist(observed: &Observed) -> Result<Vec<WhitelistRow>, Refusal> {
    let document = jail_local(observed)?;
    let empty = BTreeMap::new();
    let jails = running_jails(observed).unwrap_or(&empty);
    let entries = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let lists = lists(jails);
    let mut rows: Vec<WhitelistRow> = entries.iter().map(|entry| row(entry, &lists)).collect();
    let mut known: BTreeSet<String> = rows.iter().flat_map(spellings).collect();
    let own = document.own_ignoreip_sections();
    for (name, jail) in jails.iter().filter(|(name, _)| !own.contains(name)) {
        for shown in jail.ignoreip() {
            if !known.insert(shown.trim().to_owned()) {
                continue;
            }
            let registered = standing(observed, name, &shown);
            rows.push(match registered {
                Some(entry) => temporary_row(entry, &lists, observed),
                None => runtime_row(shown, &lists),
            });
        }
    }
    Ok(rows)
}

fn row(entry: &Entry, lists: &Lists<'_>) -> WhitelistRow {
    let network = entry.network();
    let shown = network.map_or_else(|| entry.text.clone(), |network| network.shown_by_fail2ban());
    let localhost = network.as_ref().is_some_and(is_localhost);
    let line = entry.register.as_ref().map(|line| &line.registration);
    let (in_force, not_in_force) = forces(&shown, lists);
    WhitelistRow {
        network: network
            .map_or_else(|| entry.text.clone(), |network| network.to_string())
            .into(),
        customer: line
            .map(|line| Text::from(line.customer.as_str()))
            .or_else(|| localhost.then(|| "localhost".into())),
        note: line.and_then(|line| line.note.as_ref().map(|note| note.as_str().into())),
        meta: line.map(|line| line.metadata.clone()).unwrap_or_default(),
        documented: line.is_some() || localhost,
        in_force,
        not_in_force,
        source: Source::File,
        until: None,
    }
}

/// An entry that ends by itself; the jails that it was not set in are no lack.
fn temporary_row(entry: &TemporaryEntry, lists: &Lists<'_>, observed: &Observed) -> WhitelistRow {
    let (in_force, mut not_in_force) = forces(&entry.entry, lists);
    not_in_force.retain(|name| entry.jails.iter().any(|jail| name == jail.as_str()));
    WhitelistRow {
        note: entry.reason.clone().map(Text::from),
        documented: true,
        in_force,
        not_in_force,
        source: Source::Temporary,
        until: Some(observed.clock.moment(entry.until)),
        ..runtime_row(entry.entry.clone(), lists)
    }
}

fn runtime_row(shown: String, lists: &Lists<'_>) -> WhitelistRow {
    let (in_force, not_in_force) = forces(&shown, lists);
    WhitelistRow {
        network: shown.into(),
        customer: None,
        note: None,
        meta: Metadata::new(),
        documented: false,
        in_force,
        not_in_force,
        source: Source::Runtime,
        until: None,
    }
}

fn forces(shown: &str, lists: &Lists<'_>) -> (Vec<Text>, Vec<Text>) {
    let (with, without): (Vec<_>, Vec<_>) = lists.iter().partition(|(_, list)| list.contains(shown));
    let names =
        |part: Vec<(&&String, &BTreeSet<String>)>| part.into_iter().map(|(name, _)| name.as_str().into()).collect();
    (names(with), names(without))
}

/// How a row's entry may be written in fail2ban's own list.
fn spellings(row: &WhitelistRow) -> impl Iterator<Item = String> {
    let shown = row.as_network().map(|network| network.shown_by_fail2ban());
    [row.network.raw().to_owned()].into_iter().chain(shown)
}
