//! The whitelist as reports show it: the entries of jail.local with their customers, then what another file gives or what was
//! set at run time, each with the jails that have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Source, WhitelistRow};
use crate::model::jail_local::{Entry, EntryKind, JailLocal, Metadata, RegisterLine};
use crate::model::network::Network;
use crate::model::observed::{Observed, TemporaryEntry};
use crate::model::text::Text;

use super::lists::{Lists, lists};
use super::origins::{Origin, members, origin, shown_place};
use super::policy::is_localhost;
use super::reading::{JAIL_LOCAL, jail_local_if_any, running_jails};
use super::refusal::Refusal;
use super::temporary::register::standing;

/// A server's own list shows any /0 as one of these, whichever address was written.
const SHOWN_FOR_ALL: [&str; 2] = ["0.0.0.0", "::"];

/// The whitelist: the entries of jail.local in order, then what is in force and stands elsewhere, or nowhere.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read; one that does not exist has no entries.
pub fn whitelist(observed: &Observed) -> Result<Vec<WhitelistRow>, Refusal> {
    let list = jail_local_if_any(observed)?.and_then(JailLocal::ignoreip);
    let (entries, mut lines) = list.map_or_else(Default::default, |list| (list.entries, list.stale));
    lines.extend(own_lines(observed));
    let empty = BTreeMap::new();
    let jails = running_jails(observed).unwrap_or(&empty);
    let lists = lists(jails);
    let spelt = spellings(observed);
    let mut known = BTreeSet::new();
    let mut rows = Vec::new();
    for entry in &entries {
        let shown = shown(entry, &spelt);
        let row = row(entry, &shown, &lists);
        rows.push(match entry.kind {
            // What it stands for has rows of its own.
            EntryKind::Interpolation => WhitelistRow {
                documented: true,
                in_force: Vec::new(),
                not_in_force: Vec::new(),
                ..row
            },
            _ => row,
        });
        rows.extend(
            shown
                .iter()
                .flat_map(|shown| member_rows(shown, &lists, &lines, observed)),
        );
        known.extend(shown);
        known.insert(entry.text.clone());
    }
    for (name, jail) in jails {
        for shown in jail.ignoreip() {
            if !known.insert(shown.trim().to_owned()) {
                continue;
            }
            let registered = standing(observed, name, &shown);
            let members = member_rows(&shown, &lists, &lines, observed);
            rows.push(match registered {
                Some(entry) => temporary_row(entry, &lists, observed),
                None => registered_row(elsewhere_row(name, shown, &lists, observed), &lines),
            });
            rows.extend(members);
        }
    }
    Ok(rows)
}

/// The register lines of the jails' own lists in jail.local.
fn own_lines(observed: &Observed) -> Vec<RegisterLine> {
    let document = jail_local_if_any(observed).ok().flatten();
    let lists = document.into_iter().flat_map(JailLocal::own_lists);
    let entries = lists.flat_map(|(_, list)| list.entries);
    entries.filter_map(|entry| entry.register).collect()
}

/// What the file lists that an entry names, in the jails that have the entry.
fn member_rows(shown: &str, lists: &Lists<'_>, lines: &[RegisterLine], observed: &Observed) -> Vec<WhitelistRow> {
    let members = members(observed, shown).unwrap_or_default().iter();
    let rows = members.map(|member| WhitelistRow {
        network: member.word.as_str().into(),
        source: Source::OtherFile,
        place: Some(shown_place(&member.place, observed).into()),
        ..runtime_row(shown.to_owned(), lists)
    });
    rows.map(|row| registered_row(row, lines)).collect()
}

/// What the register says of an entry that stands elsewhere, such as in a group that the list takes in.
fn registered_row(row: WhitelistRow, lines: &[RegisterLine]) -> WhitelistRow {
    let network = row.as_network();
    let about = |line: &&RegisterLine| Some(line.registration.network) == network;
    match lines.iter().rfind(about).map(|line| &line.registration) {
        None => row,
        Some(line) => WhitelistRow {
            customer: Some(line.customer.as_str().into()),
            note: line.note.as_ref().map(|note| note.as_str().into()),
            meta: line.metadata.clone(),
            documented: true,
            ..row
        },
    }
}

/// How servers show the words of the files, by fail2ban's own answer.
fn spellings(observed: &Observed) -> BTreeMap<&str, &[String]> {
    let lists = observed
        .origins
        .value()
        .into_iter()
        .flat_map(|origins| origins.jails.values());
    let entries = lists.filter_map(|list| list.value()).flat_map(|list| &list.entries);
    entries
        .filter_map(|entry| Some((entry.word.as_str(), entry.shown.as_deref()?)))
        .collect()
}

/// How a server shows an entry of jail.local.
fn shown(entry: &Entry, spelt: &BTreeMap<&str, &[String]>) -> Vec<String> {
    match (spelt.get(entry.text.as_str()), entry.network()) {
        (Some(shown), _) if !shown.is_empty() => shown.to_vec(),
        (_, Some(network)) => vec![network.shown_by_fail2ban()],
        (_, None) => vec![entry.text.clone()],
    }
}

fn row(entry: &Entry, shown: &[String], lists: &Lists<'_>) -> WhitelistRow {
    let network = entry.network();
    let localhost = network.as_ref().is_some_and(is_localhost);
    let line = entry.register.as_ref().map(|line| &line.registration);
    let (in_force, not_in_force) = forces(shown, lists);
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
        place: Some(format!("{JAIL_LOCAL}:{}", entry.position.line).into()),
        until: None,
    }
}

/// An entry that ends by itself; the jails that it was not set in are no lack.
fn temporary_row(entry: &TemporaryEntry, lists: &Lists<'_>, observed: &Observed) -> WhitelistRow {
    let (in_force, mut not_in_force) = forces(std::slice::from_ref(&entry.entry), lists);
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
    let (in_force, not_in_force) = forces(std::slice::from_ref(&shown), lists);
    WhitelistRow {
        network: shown.into(),
        customer: None,
        note: None,
        meta: Metadata::new(),
        documented: false,
        in_force,
        not_in_force,
        source: Source::Runtime,
        place: None,
        until: None,
    }
}

/// An entry that a running jail has and jail.local's list in `[DEFAULT]` does not give.
fn elsewhere_row(jail: &str, shown: String, lists: &Lists<'_>, observed: &Observed) -> WhitelistRow {
    let origin = origin(observed, jail, &shown);
    let row = runtime_row(shown, lists);
    let (source, place) = match origin {
        Origin::Runtime => (Source::Runtime, None),
        Origin::RuntimeOrDeleted => (Source::RuntimeOrDeleted, None),
        Origin::Unknown(_) => (Source::Unknown, None),
        Origin::File(entry) => {
            let place = entry.place.as_ref().map(|place| shown_place(place, observed).into());
            let localhost = Network::parse(&entry.word).is_ok_and(|parsed| is_localhost(&parsed.network));
            let network = match entry.shown.as_deref() {
                Some([only]) if Network::parse(only).is_ok() && !SHOWN_FOR_ALL.contains(&only.as_str()) => row.network,
                _ => entry.word.as_str().into(),
            };
            return WhitelistRow {
                network,
                customer: localhost.then(|| "localhost".into()),
                documented: localhost,
                source: Source::OtherFile,
                place,
                ..row
            };
        }
    };
    WhitelistRow { source, place, ..row }
}

fn forces(shown: &[String], lists: &Lists<'_>) -> (Vec<Text>, Vec<Text>) {
    let (with, without): (Vec<_>, Vec<_>) = lists
        .iter()
        .partition(|(_, list)| shown.iter().all(|text| list.contains(text)));
    let names =
        |part: Vec<(&&String, &BTreeSet<String>)>| part.into_iter().map(|(name, _)| name.as_str().into()).collect();
    (names(with), names(without))
}
