//! What becomes of registered temporary entries when a reload lets jails go or come: the register says where they belong.

use std::collections::BTreeMap;

use serde_json::json;

use crate::document::Warning;
use crate::model::observed::{Jail, Observed, TemporaryEntry};
use crate::procedure::draft::{Draft, ServerMove, TemporaryChange};
use crate::procedure::step::{RuntimeEntry, Step};

use super::register::{entries, register_move};

/// The registered entries that still have time left once the draft has been applied.
fn lasting(draft: &Draft, observed: &Observed) -> Vec<TemporaryEntry> {
    let moved = register_move(draft, observed).map(|moved| moved.after);
    let mut found = moved.unwrap_or_else(|| entries(observed).to_vec());
    found.retain(|entry| entry.until > observed.clock.second());
    found
}

/// Sets registered entries again in those of their jails that a reload lets come, as the way back from a rollback does.
/// `expected` gains what is set.
///
/// A server that was down has lost them for good: after a restart nothing sets them again. Nor is one set again in a jail
/// that runs without it, which another hand may have meant.
pub fn set_again(
    draft: &Draft,
    observed: &Observed,
    running: &BTreeMap<String, Jail>,
    expected: &mut BTreeMap<String, Jail>,
) -> (Vec<RuntimeEntry>, Vec<Warning>) {
    let mut wishes = Vec::new();
    let mut warnings = Vec::new();
    if draft.server != ServerMove::Reload {
        return (wishes, warnings);
    }
    for entry in lasting(draft, observed) {
        let mut set = Vec::new();
        for name in entry.jails.iter().filter(|name| !running.contains_key(*name)) {
            let Some(jail) = expected.get_mut(name) else {
                continue;
            };
            let mut list = jail.ignoreip();
            if list.contains(&entry.entry) {
                continue;
            }
            list.push(entry.entry.clone());
            list.sort();
            jail.values.insert("ignoreip".to_owned(), json!(list));
            set.push(name.clone());
        }
        if set.is_empty() {
            continue;
        }
        let until = observed.clock.moment(entry.until);
        let message = format!(
            "{} is registered as temporary until {until}; it is set again in {}.",
            entry.entry,
            set.join(", ")
        );
        warnings.push(Warning::new("temporary_set_again", message));
        wishes.extend(set.into_iter().map(|jail| RuntimeEntry {
            jail,
            key: "addignoreip",
            value: entry.entry.clone(),
        }));
    }
    (wishes, warnings)
}

/// Says which entries lose jails that go, and where they stay in force.
pub fn losing_jails(draft: &Draft, observed: &Observed, expected: &BTreeMap<String, Jail>) -> Vec<Warning> {
    let mut found = Vec::new();
    for entry in lasting(draft, observed) {
        let going = going(&entry, observed, expected);
        if going.is_empty() {
            continue;
        }
        let until = observed.clock.moment(entry.until);
        let kept: Vec<&str> = entry
            .jails
            .iter()
            .filter(|name| expected.contains_key(*name))
            .map(String::as_str)
            .collect();
        let rest = match kept.is_empty() {
            true => "It is in force nowhere then".to_owned(),
            false => format!("It is in force in {} then", kept.join(", ")),
        };
        let message = format!(
            "{} is whitelisted until {until} in {}, which will not run any more. {rest}; when they come back by `f2bctl \
             split`, `undo` or `reload` before that end, it is set again.",
            entry.entry,
            going.join(", ")
        );
        found.push(Warning::new("temporary_jail_goes", message));
    }
    found
}

/// Carries entries whose jails go over to a jail that takes their place, for the time that they have left.
pub fn carry_over(draft: &mut Draft, observed: &Observed, expected: &BTreeMap<String, Jail>, successor: &str) {
    if !expected.contains_key(successor) {
        return;
    }
    for mut entry in lasting(draft, observed) {
        if entry.jails.iter().any(|name| name == successor) || going(&entry, observed, expected).is_empty() {
            continue;
        }
        entry.jails.push(successor.to_owned());
        entry.jails.sort();
        let until = observed.clock.moment(entry.until);
        let summary = format!(
            "Keep {} whitelisted for its time: in {successor} until {until}; the host ends it by itself.",
            entry.entry
        );
        draft.steps.push(Step::new("temporary", summary));
        draft.temporary.push(TemporaryChange::Put(entry));
    }
}

/// The jails of an entry that run with it now and will not run any more.
fn going(entry: &TemporaryEntry, observed: &Observed, expected: &BTreeMap<String, Jail>) -> Vec<String> {
    let running = observed.server.value().map(|server| &server.jails);
    let has = |name: &String| {
        let jail = running.and_then(|jails| jails.get(name));
        jail.is_some_and(|jail| jail.ignoreip().contains(&entry.entry))
    };
    let names = entry.jails.iter();
    names
        .filter(|name| has(name) && !expected.contains_key(*name))
        .cloned()
        .collect()
}
