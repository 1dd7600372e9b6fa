//! Drift: what was edited outside f2bctl and not reloaded, and what a change would put into force with it.

use std::collections::BTreeMap;

use crate::document::{Effect, Warning, WarningCode};
use crate::model::observed::{Jail, Observed, Rehearsal};

use super::effect::{Intent, effects};
use super::plan::Plan;
use super::policy::Guard;
use super::refusal::{Refusal, RefusalKind};
use super::runtime_entries::kept_entries;

/// Whether a plan may be run by this guard: edits made outside f2bctl need their own consent.
///
/// # Errors
/// The drift's refusal, which is a conflict and not a guard-rail.
pub fn consent_to_drift(plan: &Plan, guard: &Guard) -> Result<(), Refusal> {
    if plan.drift.is_empty() || guard.with_drift {
        return Ok(());
    }
    let sentences: Vec<String> = plan.drift.iter().map(Effect::sentence).collect();
    let is_dropped = |warning: &&Warning| warning.code == WarningCode::RuntimeEntryDropped;
    let dropped = plan.warnings.iter().filter(is_dropped);
    let what = match dropped.clone().count() < plan.drift.len() {
        true => {
            "the configuration was edited outside f2bctl and not reloaded, and this change would put that into force"
        }
        false => "a reload would change more than this change means",
    };
    let refusal = Refusal::new(RefusalKind::Drift, format!("{what}: {}", sentences.join("; ")));
    let refusal = dropped.fold(refusal, |refusal, warning| refusal.hint(warning.message.clone()));
    Err(refusal.hint("see it with --dry-run; pass --with-drift if it is intended"))
}

/// What a reload of the files on disk would change, apart from entries that were set at run time.
pub fn drift_on_disk(
    running: &BTreeMap<String, Jail>,
    disk: &Rehearsal,
    observed: &Observed,
    intent: &Intent,
) -> Vec<Effect> {
    let mut jails = disk.jails.clone();
    kept_entries(
        running,
        &mut jails,
        (None, disk.loaded.as_ref()),
        &Intent::default(),
        observed,
    );
    let mut found = effects(running, &jails);
    // A temporary entry that is ended with this change is no external edit.
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
