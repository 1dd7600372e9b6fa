//! A change as JSON: its plan, its proof, its outcome.

use serde_json::{Value, json};

use crate::engine::ChangeReport;
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

/// A plan.
pub fn plan(plan: &Plan) -> Value {
    let sentences = |effects: &[crate::procedure::Effect]| -> Vec<String> {
        effects.iter().map(crate::procedure::Effect::sentence).collect()
    };
    json!({
        "steps": plan.steps(),
        "operations": plan.operations,
        "undo": plan.undo(),
        "diff": plan.diff(),
        "effect": plan.effect,
        "drift": plan.drift,
        "restart": plan.restarts(),
        "temporary": plan.register().map(|register| &register.after),
        "banned_at_once": plan.banned_at_once,
        "unbans": plan.lifted().map(|lifted| lifted.banned.as_slice()).unwrap_or_default(),
        "effect_text": sentences(&plan.effect),
        "drift_text": sentences(&plan.drift),
    })
}
