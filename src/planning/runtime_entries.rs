//! Whitelist entries that are in no file: a reload drops them, so what a change does not mean to end is set again in
//! the running jails, with what the change itself sets there.

use crate::document::{Advice, Warning, WarningCode};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::comment_text::escaped;
use crate::model::observed::{Jail, Observed, Rehearsal};
use crate::model::operation::{RuntimeKey, RuntimeSetting, SetRuntime, TemporaryEdit};
use crate::model::origins::Loaded;

use super::draft::Draft;
use super::effect::{Intent, effects};
use super::lists::lists;
use super::plan::Plan;
use super::reading::running;
use super::temporary::register::standing;

/// Entries of the running whitelist that are not on disk and that a reload would drop.
///
/// One that is registered as temporary, or absent from at least one jail, was set at run time in the others, and is set
/// again there. So is any other where the files are still those that the server read (`loaded`). Else one that is in every
/// jail may have been deleted from a file, and stays in the effect as drift, which a warning says. `expected` gains what
/// is set again. Where files are replaced wholesale, jails may come and go and entries may be dropped on purpose: `disk`
/// then tells which entries stood in the files before.
pub fn kept_entries(
    running: &BTreeMap<String, Jail>,
    expected: &mut BTreeMap<String, Jail>,
    (disk, loaded): (Option<&Rehearsal>, Option<&Loaded>),
    intent: &Intent,
    observed: &Observed,
) -> (Vec<RuntimeSetting>, Vec<Warning>) {
    let is_current = loaded.is_some_and(Loaded::is_current);
    let mut dropped = BTreeSet::new();
    let mut entries = Vec::new();
    let mut kept: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let on_disk = disk.map(|rehearsal| &rehearsal.jails).filter(|jails| !jails.is_empty());
    let inheriting = inheriting(on_disk.unwrap_or(expected));
    let (now_in, disk_in) = (lists(running), on_disk.map(lists).unwrap_or_default());
    let in_file = |name: &String, entry: &String| disk_in.get(name).is_some_and(|list| list.contains(entry));
    let everywhere = |entry: &String| {
        let has = |name: &String| now_in.get(name).is_some_and(|list| list.contains(entry));
        inheriting.iter().all(has)
    };
    for (name, now) in running {
        let Some(jail) = expected.get_mut(name) else {
            continue;
        };
        let mut list: BTreeSet<String> = jail.ignoreip().into_iter().collect();
        for entry in now.ignoreip() {
            if list.contains(&entry) || intent.unwhitelisted.contains(&entry) || in_file(name, &entry) {
                continue;
            }
            let temporary = standing(observed, name, &entry);
            if temporary.is_none() && everywhere(&entry) && !is_current {
                dropped.insert(entry);
                continue;
            }
            let how_long = temporary.map_or_else(
                || "for the time being".to_owned(),
                |temporary| format!("until {}", observed.clock.moment(temporary.until)),
            );
            kept.entry((entry.clone(), how_long)).or_default().push(name.clone());
            entries.push(RuntimeSetting {
                jail: name.clone(),
                key: RuntimeKey::AddIgnoreIp,
                value: entry.clone(),
            });
            list.insert(entry);
        }
        jail.values.insert("ignoreip".to_owned(), json!(list));
    }
    let warnings = kept.into_iter().map(|((entry, how_long), jails)| {
        let jails = jails.join(", ");
        let message = format!("{entry} is whitelisted {how_long} in {jails}; it is set again there.");
        Warning::new(WarningCode::RuntimeEntryKept, message)
    });
    let dropped = dropped.iter().map(|entry| dropped_entry(entry, loaded, observed));
    (entries, warnings.chain(dropped).collect())
}

/// An entry that is about to be lost, since nothing tells whether somebody meant it to go.
fn dropped_entry(entry: &str, loaded: Option<&Loaded>, observed: &Observed) -> Warning {
    let changed = loaded.map_or_else(String::new, |loaded| {
        // Whole seconds are what is shown.
        let moment = observed.clock.moment(loaded.changed as i64);
        format!(" ({} changed at {moment})", escaped(&loaded.file))
    });
    let message = Advice::text(format!(
        "{entry} is in force in every jail and no file gives it: it was set at run time, or deleted from a file since \
         fail2ban read it{changed}. A reload drops it; "
    ))
    .and(Advice::whitelist_customer(entry, ""))
    .then(" keeps it.");
    Warning::new(WarningCode::RuntimeEntryDropped, message)
}

/// The settings of running jails: those that a reload drops, then the draft's, as far as the jails that are expected
/// then are not set so anyway.
pub fn set_runtime(plan: &mut Plan, draft: &Draft, observed: &Observed, kept: Vec<RuntimeSetting>) -> SetRuntime {
    let meaning = set_again_by_entry(&kept);
    let mut settings = kept;
    let Some(running) = running(observed).filter(|_| !draft.runtime.is_empty()) else {
        return SetRuntime { settings, meaning };
    };
    let mut expected = plan.expected.take().unwrap_or_else(|| running.clone());
    for setting in &draft.runtime {
        let Some(jail) = expected.get_mut(&setting.jail) else {
            continue;
        };
        let mut list = jail.ignoreip();
        let has = list.contains(&setting.value);
        match setting.key {
            RuntimeKey::AddIgnoreIp if !has => list.push(setting.value.clone()),
            RuntimeKey::DelIgnoreIp if has => list.retain(|entry| *entry != setting.value),
            _ => continue,
        }
        list.sort();
        jail.values.insert("ignoreip".to_owned(), json!(list));
        settings.push(setting.clone());
    }
    plan.effect = effects(running, &expected);
    plan.expected = Some(expected);
    SetRuntime { settings, meaning }
}

fn set_again_by_entry(kept: &[RuntimeSetting]) -> Vec<TemporaryEdit> {
    let mut jails: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for setting in kept {
        jails.entry(&setting.value).or_default().push(setting.jail.clone());
    }
    let by_entry = jails.into_iter();
    by_entry
        .map(|(entry, jails)| TemporaryEdit::SetAgain {
            entry: entry.clone(),
            jails,
        })
        .collect()
}

/// The jails that share the `[DEFAULT]` list: those with the most common list.
fn inheriting(jails: &BTreeMap<String, Jail>) -> Vec<String> {
    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (name, jail) in jails {
        groups.entry(jail.ignoreip()).or_default().push(name.clone());
    }
    groups.into_values().max_by_key(Vec::len).unwrap_or_default()
}
