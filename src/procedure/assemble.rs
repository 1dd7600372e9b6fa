//! Joins a draft, what was observed and what the rehearsal showed into a plan - or says why there is none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::document::{Effect, Warning};
use crate::model::known::Known;
use crate::model::observed::{Jail, Observed, Rehearsal};

use super::draft::{Draft, ServerMove};
use super::effect::{Intent, effects};
use super::guard::Guard;
use super::lifting::{lift_of_gained, lifting};
use super::lint::lint;
use super::lists::lists;
use super::plan::{Expectation, Plan};
use super::reading::preflight_refusal;
use super::refusal::{Refusal, RefusalKind};
use super::sign_of_life;
use super::step::{RuntimeEntry, Step};
use super::temporary::{losing_jails, register_move, set_again, standing, sweep};

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
    let mut plan = Plan {
        command: command.to_owned(),
        made_on: made_on(observed)?,
        ..Plan::default()
    };
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
        weigh(&mut plan, &draft, observed, rehearsal, rehearsals.disk);
        if let Some(disk) = rehearsals.disk {
            plan.drift = running(observed)
                .map(|jails| drift_on_disk(jails, disk, observed, &draft.intent))
                .unwrap_or_default();
        }
    } else if !draft.unban.is_empty() {
        plan.expected = running(observed).cloned();
    }
    plan.lifting = running(observed).map_or_else(BTreeMap::new, |jails| lifting(&draft, jails));
    let idle = draft.files.is_empty() && draft.server == ServerMove::Reload && plan.effect.is_empty();
    let server = if idle { ServerMove::None } else { draft.server };
    if idle {
        plan.runtime.clear();
        plan.warnings.retain(|warning| warning.code != "runtime_entry_kept");
    }
    set_runtime(&mut plan, &draft, observed);
    plan.temporary = register_move(&draft, observed);
    plan.steps = draft.steps;
    plan.steps.retain(|step| !idle || step.action != "reload");
    for name in &plan.restart {
        let of_actions = |effect: &Effect| effect.jail == *name && effect.is_of_actions();
        let what = if plan.effect.iter().any(of_actions) {
            "actions"
        } else {
            "filter's settings"
        };
        let summary = format!("Restart jail {name}: its {what} change, and a reload does not apply those.");
        plan.steps.push(Step::new("restart", summary));
    }
    plan.warnings.extend(draft.warnings);
    plan.files = draft.files;
    plan.backup = draft.backup;
    plan.server = server;
    // The wish to lift members' bans goes along with a change; by itself, with nobody banned, it is none.
    plan.unban = if idle && plan.lifting.is_empty() {
        Vec::new()
    } else {
        draft.unban
    };
    plan.not_banned = draft.not_banned;
    plan.attributes = draft.attributes;
    plan.undoes = draft.undoes;
    plan.name_to_type = draft.name_to_type;
    plan.sign_of_life = sign_of_life::reason(&plan, &observed.operator);
    if let Some(why) = &plan.sign_of_life {
        let seconds = sign_of_life::SECONDS;
        let summary = format!("Keep it only if a new login works within {seconds} s, else revert by itself: {why}.");
        plan.steps.push(Step::new("sign_of_life", summary));
    }
    lint(&plan, observed, guard)?;
    Ok(plan)
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
        Refusal::precondition(format!("the configuration cannot be read: {reason}"))
            .hint("log in as root, or use --become")
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

/// Effect, drift, restarts, runtime entries and what has to be true afterwards.
fn weigh(plan: &mut Plan, draft: &Draft, observed: &Observed, rehearsal: &Rehearsal, disk: Option<&Rehearsal>) {
    if draft.server == ServerMove::None {
        return;
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

    let restart: BTreeSet<&String> = plan
        .effect
        .iter()
        .filter(|effect| effect.needs_restart())
        .map(|effect| &effect.jail)
        .collect();
    plan.restart = restart.into_iter().cloned().collect();
    plan.runtime = runtime;
    plan.warnings.extend(warnings);
    plan.warnings.extend(not_covered(&expected, &draft.intent));
    plan.expected = Some(expected);
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
) -> (Vec<RuntimeEntry>, Vec<Warning>) {
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
            entries.push(RuntimeEntry {
                jail: name.clone(),
                key: "addignoreip",
                value: entry.clone(),
            });
            list.insert(entry);
        }
        jail.values.insert("ignoreip".to_owned(), json!(list));
    }
    let told = kept.into_iter().map(|((entry, how_long), jails)| {
        let jails = jails.join(", ");
        let message = format!("{entry} is whitelisted {how_long} in {jails}; it is set again there.");
        Warning::new("runtime_entry_kept", message)
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
                banned.join(", ")
            );
            Some(Warning::new("banned_at_once", message))
        }
        Err(reason) => {
            let message = format!("Jail {name} starts new; whom it would ban at once is unknown: {reason}.");
            Some(Warning::new("banned_at_once_unknown", message))
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

/// Puts the draft's runtime values into the plan, behind those that a reload makes necessary, as far as the jails that
/// are expected then are not set so anyway.
fn set_runtime(plan: &mut Plan, draft: &Draft, observed: &Observed) {
    let Some(running) = running(observed).filter(|_| !draft.runtime.is_empty()) else {
        return;
    };
    let mut expected = plan.expected.take().unwrap_or_else(|| running.clone());
    for wish in &draft.runtime {
        let Some(jail) = expected.get_mut(&wish.jail) else {
            continue;
        };
        let mut list = jail.ignoreip();
        let has = list.contains(&wish.value);
        match wish.key {
            "addignoreip" if !has => list.push(wish.value.clone()),
            "delignoreip" if has => list.retain(|entry| *entry != wish.value),
            _ => continue,
        }
        list.sort();
        jail.values.insert("ignoreip".to_owned(), json!(list));
        plan.runtime.push(wish.clone());
    }
    plan.effect = effects(running, &expected);
    plan.expected = Some(expected);
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
                found.push(Warning::new("own_ignoreip", message));
            }
        }
    }
    found
}
