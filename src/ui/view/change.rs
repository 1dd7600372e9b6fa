//! A change as JSON: its plan, its proof, its outcome.

use serde_json::{Value, json};

use crate::engine::ChangeReport;
use crate::model::operation::Unbanned;
use crate::procedure::Plan;

/// The document of a change.
pub fn change(report: &ChangeReport) -> Value {
    let mut value = super::document(
        &report.command,
        Some(&report.host),
        report.outcome,
        report.changed,
        json!({
            "warnings": report.warnings,
            "plan": report.plan.as_ref().map(plan),
            "done": report.done(),
            "backup": report.backup,
            "change_id": report.change_id,
            "unbanned": report.unbanned,
            "not_banned": report.not_banned,
            "proof": report.proof,
        }),
    );
    if report.ender.is_some() {
        super::put(&mut value, "ender", json!(report.ender));
    }
    if let Some(failure) = &report.failure {
        super::put(&mut value, "error", json!(failure));
    }
    value
}

/// The addresses that a plan unbans and for which there are places of this kind: `[{ip, KEY}]`.
fn of_bans(plan: &Plan, places: fn(&Unbanned) -> &Vec<String>, key: &str) -> Vec<Value> {
    let banned = plan.lifted().into_iter().flat_map(|lifted| &lifted.banned);
    let held = banned.filter(|ban| !places(ban).is_empty());
    held.map(|ban| json!({"ip": ban.ip, (key): places(ban)})).collect()
}

/// A plan.
pub fn plan(plan: &Plan) -> Value {
    let sentences = |effects: &[crate::procedure::Effect]| -> Vec<String> {
        effects.iter().map(crate::procedure::Effect::sentence).collect()
    };
    let mut value = json!({
        "steps": plan.steps(),
        "operations": plan.operations,
        "undo": plan.undo(),
        "diff": plan.diff(),
        "effect": plan.effect,
        "drift": plan.drift,
        "restart": plan.restarts(),
        "temporary": plan.register().map(|register| &register.after),
        "banned_at_once": plan.banned_at_once,
        "unblocked": of_bans(plan, |ban| &ban.chains, "chains"),
        "unbans": of_bans(plan, |ban| &ban.jails, "jails"),
        "effect_text": sentences(&plan.effect),
        "drift_text": sentences(&plan.drift),
    });
    if !plan.already.is_empty() {
        super::put(&mut value, "already", json!(plan.already));
    }
    value
}
