//! Joins a draft, what was observed and what the rehearsal showed into a plan - or says why there is none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::document::{Advice, Effect, FindingCode, Warning, WarningCode};
use crate::model::known::Known;
use crate::model::observed::{Jail, Observed, Rehearsal};
use crate::model::operation::{
    Expectation, Operation, RestartCause, RuntimeKey, RuntimeSetting, SetRuntime, TemporaryEdit,
};
use crate::model::some::some;

use super::draft::{Draft, ServerMove};
use super::effect::{Intent, effects};
use super::guard::Guard;
use super::lifting::{lift_bans, lift_of_gained};
use super::lint::lint;
use super::lists::lists;
use super::plan::Plan;
use super::reading::preflight_refusal;
use super::refusal::{Refusal, RefusalKind};
use super::sign_of_life;
use super::temporary::{losing_jails, register_move, set_again, set_again_where_lost, standing, sweep};

/// What was tried on copies of the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rehearsals<'run> {
    /// Of the draft; absent if it changes no file and moves no server.
    pub draft: Option<&'run Rehearsal>,
    /// Of the files as they lie on disk; present for a draft that replaces files wholesale.
    pub disk: Option<&'run Rehearsal>,
}

/// Makes the plan of a draft.
///
/// # Errors
/// The preflight's refusal if the rehearsal failed, a guard-rail's if the finished plan breaks one.
pub fn assemble(
    command: &str,
    mut draft: Draft,
    observed: &Observed,
    rehearsals: Rehearsals<'_>,
    guard: &Guard,
) -> Result<Plan, Refusal> {
    sweep(&mut draft, observed);
    set_again_where_lost(&mut draft, observed, rehearsals.draft);
    let mut plan = Plan {
        command: command.to_owned(),
        made_on: made_on(observed)?,
        ..Plan::default()
    };
    let mut kept = Vec::new();
    if let Some(rehearsal) = rehearsals.draft {
        if let Some(refusal) = preflight_refusal(&draft, observed, rehearsal) {
            return Err(refusal);
        }
        for requirement in &draft.requirements {
            requirement.check(observed, rehearsal)?;
        }
        if draft.server != ServerMove::None {
            lift_of_gained(&mut draft, observed, rehearsal);
        }
        kept = weigh(&mut plan, &draft, observed, rehearsal, rehearsals.disk);
        if let Some(disk) = rehearsals.disk {
            plan.drift = running(observed)
                .map(|jails| drift_on_disk(jails, disk, observed, &draft.intent))
                .unwrap_or_default();
        }
    } else if !draft.unban.is_empty() {
        plan.expected = running(observed).cloned();
    }
    let lifted = lift_bans(&draft.unban, observed);
    if draft.files.is_empty() && draft.server == ServerMove::Reload && plan.effect.is_empty() {
        draft.server = ServerMove::None;
        kept.clear();
        plan.warnings
            .retain(|warning| warning.code != WarningCode::RuntimeEntryKept);
        // The bans of members are lifted along with a change; by itself, with nobody banned, that is none.
        if lifted.banned.is_empty() {
            draft.unban.clear();
        }
    }
    let runtime = set_runtime(&mut plan, &draft, observed, kept);
    plan.operations = operations(&plan, &mut draft, observed, runtime);
    plan.warnings.extend(draft.warnings);
    plan.not_banned = draft.not_banned;
    plan.undoes = draft.undoes;
    plan.name_to_type = draft.name_to_type;
    let confirmation = sign_of_life::confirmation(&plan, &observed.operator);
    plan.operations.extend(confirmation);
    lint(&plan, observed, guard)?;
    Ok(plan)
}

/// What is done, in the order in which the host does it.
fn operations(plan: &Plan, draft: &mut Draft, observed: &Observed, mut runtime: SetRuntime) -> Vec<Operation> {
    let mut found = Vec::new();
    let register = register_move(draft, observed);
    if register.is_none() {
        runtime.meaning.append(&mut draft.temporary_meaning);
    }
    found.extend(draft.backup.take().map(|label| Operation::Backup { label }));
    found.extend(draft.files.drain(..).map(Operation::ReplaceFile));
    found.extend(register.map(Operation::RegisterTemporary));
    found.extend(match draft.server {
        ServerMove::None => None,
        ServerMove::Reload => Some(Operation::Reload),
        ServerMove::Start => Some(Operation::Start),
    });
    if draft.server == ServerMove::Reload {
        found.extend(restarts(plan, observed));
    }
    if !runtime.settings.is_empty() {
        found.push(Operation::SetRuntime(runtime));
    }
    if !draft.unban.is_empty() {
        found.push(Operation::LiftBans(lift_bans(&draft.unban, observed)));
    }
    found
}

/// The jails whose effect a plain reload would not apply.
fn restarts(plan: &Plan, observed: &Observed) -> Vec<Operation> {
    let mut causes: BTreeMap<&String, RestartCause> = BTreeMap::new();
    for effect in plan.effect.iter().filter(|effect| effect.needs_restart()) {
        let cause = causes.entry(&effect.jail).or_insert(RestartCause::FilterSettings);
        if effect.is_of_actions() {
            *cause = RestartCause::Actions;
        }
    }
    let bans = |name: &String| running(observed).and_then(|jails| Some(jails.get(name)?.bans.len()));
    let restarts = causes.into_iter().map(|(jail, because)| Operation::Restart {
        jail: jail.clone(),
        because,
        bans: bans(jail).unwrap_or_default(),
    });
    restarts.collect()
}

/// Whether a plan may be run by this guard: another hand's edits need their own consent.
///
/// # Errors
/// The drift's refusal, which is a conflict and not a guard-rail.
pub fn consent_to_drift(plan: &Plan, guard: &Guard) -> Result<(), Refusal> {
    if plan.drift.is_empty() || guard.with_drift {
        return Ok(());
    }
    let told: Vec<String> = plan.drift.iter().map(Effect::sentence).collect();
    Err(Refusal::new(
        RefusalKind::Drift,
        format!(
            "another hand changed the configuration without a reload, and this would put it into force: {}",
            told.join("; ")
        ),
    )
    .hint("look at it with --dry-run; pass --with-drift if it is meant"))
}

/// The host as it was when the plan was made.
fn made_on(observed: &Observed) -> Result<Expectation, Refusal> {
    let files = observed.files.read().map_err(|reason| {
        Refusal::precondition(format!("the configuration cannot be read: {reason}")).hint(Advice::AS_ROOT)
    })?;
    let server = observed.server.value();
    Ok(Expectation {
        files: files.clone(),
        digest: server.and_then(|server| server.digest.clone()),
        temporary: observed.temporary.value().map(|register| register.entries.clone()),
    })
}

/// The running jails, or none if fail2ban is down.
fn running(observed: &Observed) -> Option<&BTreeMap<String, Jail>> {
    let server = observed.server.value()?;
    server.running.then_some(&server.jails)
}

/// Effect, drift and what has to be true afterwards; the settings that a reload drops, to be set again.
fn weigh(
    plan: &mut Plan,
    draft: &Draft,
    observed: &Observed,
    rehearsal: &Rehearsal,
    disk: Option<&Rehearsal>,
) -> Vec<RuntimeSetting> {
    if draft.server == ServerMove::None {
        return Vec::new();
    }
    let empty = BTreeMap::new();
    let running = running(observed).unwrap_or(&empty);
    let mut expected = rehearsal.jails.clone();
    let (mut runtime, mut warnings) = settle_runtime(running, &mut expected, disk, &draft.intent, observed);
    let (again, told) = set_again(draft, observed, running, &mut expected);
    warnings.extend(told);
    warnings.extend(losing_jails(draft, observed, &expected));
    plan.effect = effects(running, &expected);
    runtime.extend(again);
    let unmeant = |effect: &&Effect| !draft.intent.wholesale && !effect.is_meant(&draft.intent);
    plan.drift = plan.effect.iter().filter(unmeant).cloned().collect();
    plan.banned_at_once = rehearsal.forecast.clone();
    plan.warnings.extend(
        plan.banned_at_once
            .iter()
            .filter_map(|(name, banned)| at_once(name, banned)),
    );

    plan.warnings.extend(warnings);
    plan.warnings.extend(not_covered(&expected, &draft.intent));
    plan.expected = Some(expected);
    runtime
}

/// Entries of the running whitelist that are not on disk and that a reload would drop.
///
/// One that is registered as temporary, or absent from at least one jail, was set at run time in the others, and is set
/// again there; any other that is in every jail may as well be another hand's edit of the file, and stays in the effect
/// as drift. `expected` gains what is set again. Where files are replaced wholesale, jails may come and go and entries
/// may be dropped on purpose: `disk` then tells which entries stood in the files before.
fn settle_runtime(
    running: &BTreeMap<String, Jail>,
    expected: &mut BTreeMap<String, Jail>,
    disk: Option<&Rehearsal>,
    intent: &Intent,
    observed: &Observed,
) -> (Vec<RuntimeSetting>, Vec<Warning>) {
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
            if temporary.is_none() && everywhere(&entry) {
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
    let told = kept.into_iter().map(|((entry, how_long), jails)| {
        let jails = jails.join(", ");
        let message = format!("{entry} is whitelisted {how_long} in {jails}; it is set again there.");
        Warning::new(WarningCode::RuntimeEntryKept, message)
    });
    (entries, told.collect())
}

/// A jail that starts new reads its log back and may ban within seconds what happened minutes ago.
fn at_once(name: &str, banned: &Known<Vec<String>>) -> Option<Warning> {
    match banned.read() {
        Ok(banned) if banned.is_empty() => None,
        Ok(banned) => {
            let message = format!(
                "Jail {name} starts new and would ban at once, from its log: {}.",
                some(banned)
            );
            Some(Warning::new(WarningCode::BannedAtOnce, message))
        }
        Err(reason) => {
            let message = format!("Jail {name} starts new; whom it would ban at once is unknown: {reason}.");
            Some(Warning::new(WarningCode::BannedAtOnceUnknown, message))
        }
    }
}

/// What a reload of the files as they lie on disk would change, apart from entries that were set at run time.
pub fn drift_on_disk(
    running: &BTreeMap<String, Jail>,
    disk: &Rehearsal,
    observed: &Observed,
    intent: &Intent,
) -> Vec<Effect> {
    let mut jails = disk.jails.clone();
    settle_runtime(running, &mut jails, None, &Intent::default(), observed);
    let mut found = effects(running, &jails);
    // A temporary entry that is ended with this change is no other hand's edit.
    found.retain(|effect| !effect.is_meant(&ends_alone(intent)));
    found
}

/// Of an intent, what it means to take off the whitelist.
fn ends_alone(intent: &Intent) -> Intent {
    Intent {
        unwhitelisted: intent.unwhitelisted.clone(),
        ..Intent::default()
    }
}

/// The settings of running jails: those that a reload drops, then the draft's, as far as the jails that are expected then
/// are not set so anyway.
fn set_runtime(plan: &mut Plan, draft: &Draft, observed: &Observed, kept: Vec<RuntimeSetting>) -> SetRuntime {
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

/// Jails that a whitelisted entry does not reach, because their own list, or a later file's, replaces `[DEFAULT]`'s.
fn not_covered(expected: &BTreeMap<String, Jail>, intent: &Intent) -> Vec<Warning> {
    let mut found = Vec::new();
    let lists = lists(expected);
    for entry in &intent.whitelisted {
        for (name, list) in &lists {
            if !list.contains(entry) {
                let message = format!(
                    "{entry} will not be in force in jail {name}: an ignoreip of its own, or one in jail.d, replaces \
                     the list in [DEFAULT]."
                );
                found.push(Warning::new(FindingCode::OwnIgnoreip, message));
            }
        }
    }
    found
}
