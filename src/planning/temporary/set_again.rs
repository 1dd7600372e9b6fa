//! What becomes of registered temporary entries when jails go, come or were reloaded by another user: the register says
//! where they belong, and every change sets again what is lost.

use std::collections::BTreeMap;

use serde_json::json;

use crate::document::{Advice, Warning, WarningCode};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, Rehearsal, TemporaryEntry};
use crate::model::operation::{RuntimeKey, RuntimeSetting, TemporaryEdit};
use crate::planning::bans::still_banned;
use crate::planning::draft::{Draft, TemporaryChange};
use crate::planning::reading::running_jails;
use crate::planning::server_move::ServerMove;

use super::register::{entries, is_handled, register_move};

/// The registered entries that still have time left once the draft has been applied.
fn lasting(draft: &Draft, observed: &Observed) -> Vec<TemporaryEntry> {
    let moved = register_move(draft, observed).map(|moved| moved.after);
    let mut found = moved.unwrap_or_else(|| entries(observed).to_vec());
    found.retain(|entry| entry.until > observed.clock.second());
    found
}

/// The registered entries that have time left and are not in force in running jails of theirs, each in a sentence:
/// someone reloaded or restarted fail2ban, or took them out by hand.
pub fn lost(observed: &Observed) -> Vec<Advice> {
    let found = lacking(&lasting(&Draft::default(), observed), observed);
    found
        .into_iter()
        .map(|(entry, jails)| {
            let (network, until) = (&entry.entry, observed.clock.moment(entry.until));
            let known = format!(
                "The temporary entry {network} is registered until {until} and is not in force in {}: fail2ban was \
                 reloaded or restarted outside f2bctl, or the entry was removed there. Every change sets it again, ",
                jails.join(", "),
            );
            Advice::text(known)
                .run("reload")
                .then(" too; ")
                .run(format!("temp remove {network}"))
                .then(" ends it.")
        })
        .collect()
}

/// The same entries.
pub fn lost_entries(observed: &Observed) -> Vec<TemporaryEntry> {
    let found = lacking(&lasting(&Draft::default(), observed), observed);
    found.into_iter().map(|(entry, _)| entry).collect()
}

/// Entries with those of their jails that run without them.
fn lacking(entries: &[TemporaryEntry], observed: &Observed) -> Vec<(TemporaryEntry, Vec<String>)> {
    let Ok(running) = running_jails(observed) else {
        return Vec::new();
    };
    let lacks = |name: &&String, entry: &TemporaryEntry| {
        let jail = running.get(*name);
        jail.is_some_and(|jail| !jail.ignoreip().contains(&entry.entry))
    };
    let pairs = entries.iter().map(|entry| {
        let names = entry.jails.iter().filter(|name| lacks(name, entry));
        (entry.clone(), names.cloned().collect::<Vec<String>>())
    });
    pairs.filter(|(_, jails)| !jails.is_empty()).collect()
}

/// Adds to a draft what sets again the registered entries that are lost in running jails, as far as these still run
/// after a reload (`rehearsed`). What the draft itself does with an entry, or takes off the whitelist, is left to it.
pub fn set_again_where_lost(draft: &mut Draft, observed: &Observed, rehearsed: Option<&Rehearsal>) {
    let reloads = rehearsed.filter(|_| draft.server != ServerMove::None);
    let stays = |name: &String| reloads.is_none_or(|rehearsal| rehearsal.jails.contains_key(name));
    let mut entries = lasting(draft, observed);
    entries.retain(|entry| !is_handled(draft, &entry.entry));
    for (entry, mut jails) in lacking(&entries, observed) {
        jails.retain(stays);
        if jails.is_empty() {
            continue;
        }
        draft.temporary_meaning.push(TemporaryEdit::SetLostAgain {
            entry: entry.entry.clone(),
            jails: jails.clone(),
            until: observed.clock.moment(entry.until),
        });
        draft.warnings.extend(still_banned_again(&entry, observed));
        draft.runtime.extend(jails.into_iter().map(|jail| RuntimeSetting {
            jail,
            key: RuntimeKey::AddIgnoreIp,
            value: entry.entry.clone(),
        }));
    }
}

/// Who was banned while an entry was lost stays banned when it is set again.
fn still_banned_again(entry: &TemporaryEntry, observed: &Observed) -> Option<Warning> {
    let network = Network::parse(&entry.entry).ok()?.network;
    still_banned(&network, observed).ok().flatten()
}

/// Sets registered entries again in those of their jails that a reload or a start lets come, as a change back
/// to earlier jails does. `expected` gains what is set.
pub fn set_again(
    draft: &Draft,
    observed: &Observed,
    running: &BTreeMap<String, Jail>,
    expected: &mut BTreeMap<String, Jail>,
) -> (Vec<RuntimeSetting>, Vec<Warning>) {
    let mut wishes = Vec::new();
    let mut warnings = Vec::new();
    if draft.server == ServerMove::None {
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
        warnings.push(Warning::new(WarningCode::TemporarySetAgain, message));
        wishes.extend(set.into_iter().map(|jail| RuntimeSetting {
            jail,
            key: RuntimeKey::AddIgnoreIp,
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
            "{} is whitelisted until {until} in {}, which will no longer run. {rest}; when they come back by `f2bctl \
             split`, `undo` or `reload` before that end, it is set again.",
            entry.entry,
            going.join(", ")
        );
        found.push(Warning::new(WarningCode::TemporaryJailGoes, message));
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
        draft.temporary_meaning.push(TemporaryEdit::CarryOver {
            entry: entry.entry.clone(),
            jail: successor.to_owned(),
            until: observed.clock.moment(entry.until),
        });
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
