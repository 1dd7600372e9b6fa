//! Joins a draft, what was observed and what the rehearsal showed into a plan - or says why there is none.

use std::collections::BTreeMap;

use crate::document::{Advice, Effect, FindingCode, Warning, WarningCode};
use crate::model::known::Known;
use crate::model::observed::{Jail, Observed, Rehearsal};
use crate::model::operation::{Expectation, Operation, RestartCause, RuntimeSetting, SetRuntime};
use crate::model::some::some;

use super::draft::Draft;
use super::drift::drift_on_disk;
use super::effect::{Intent, effects};
use super::lists::lists;
use super::plan::Plan;
use super::policy::Guard;
use super::preflight::preflight_refusal;
use super::reading::{is_without_jail_local, running};
use super::refusal::Refusal;
use super::runtime_entries::{kept_entries, set_runtime};
use super::server_move::ServerMove;
use super::temporary::register::{register_move, sweep};
use super::temporary::set_again::{losing_jails, set_again, set_again_where_lost};
use super::unbans::{lift_bans, lift_of_gained};
use super::{commit_confirm, safety_checks};

/// What was tried on copies of the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rehearsals<'run> {
    /// Of the draft; absent if it changes no file and moves no server.
    pub draft: Option<&'run Rehearsal>,
    /// Of the files on disk; present for a draft that replaces files wholesale.
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
        for postcondition in &draft.postconditions {
            postcondition.check(observed, rehearsal)?;
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
    let confirmation = commit_confirm::confirmation(&plan, &observed.operator);
    plan.operations.extend(confirmation);
    safety_checks::check(&plan, observed, guard)?;
    Ok(plan)
}

/// What is done, in the order in which the host does it.
fn operations(plan: &Plan, draft: &mut Draft, observed: &Observed, mut runtime: SetRuntime) -> Vec<Operation> {
    let mut found = Vec::new();
    let register = register_move(draft, observed);
    if register.is_none() {
        runtime.meaning.append(&mut draft.temporary_meaning);
    }
    let backup = draft.backup.take().filter(|_| !is_without_jail_local(observed));
    found.extend(backup.map(|label| Operation::Backup { label }));
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
    let (mut runtime, mut warnings) = kept_entries(
        running,
        &mut expected,
        (disk, rehearsal.loaded.as_ref()),
        &draft.intent,
        observed,
    );
    let (again, found) = set_again(draft, observed, running, &mut expected);
    warnings.extend(found);
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
            let message = format!("Jail {name} starts new; the addresses it would ban at once are unknown: {reason}.");
            Some(Warning::new(WarningCode::BannedAtOnceUnknown, message))
        }
    }
}

/// Jails that a whitelisted entry does not reach, because their own list, or a later file's, replaces `[DEFAULT]`'s.
fn not_covered(expected: &BTreeMap<String, Jail>, intent: &Intent) -> Vec<Warning> {
    let mut found = Vec::new();
    let lists = lists(expected);
    for entry in &intent.whitelisted {
        for (name, list) in &lists {
            // Of jails that are named, the postcondition is asked.
            if intent.whitelisted_in.is_empty() && !list.contains(entry) {
                let message = Advice::text(format!(
                    "{entry} will not be in force in jail {name}: an ignoreip of its own, or one in jail.d, replaces \
                     the list in [DEFAULT]; "
                ))
                .and(Advice::whitelist_customer(entry, &format!(" --jail {name}")))
                .then(" adds it to the jail's own.");
                found.push(Warning::new(FindingCode::OwnIgnoreip, message));
            }
        }
    }
    found
}
