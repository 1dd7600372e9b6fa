//! The agent's result of a change as it goes into the report, as far as it can be believed.

use crate::document::{Advice, Failure, FailureKind, Outcome, Warning, WarningCode};
use std::collections::BTreeSet;

use crate::model::comment_text::escaped;
use crate::remote::agent::{ApplyOutcome, ApplyResult};

use super::report::ChangeReport;

/// How long the lock is waited for, seconds (contract, "One way for every change").
pub const LOCK_SECONDS: u64 = 60;

/// Puts what the agent reported into the report.
pub fn take_in(report: &mut ChangeReport, result: &ApplyResult) {
    report.backup = result.backup.clone();
    report.unbanned = result.unbanned.clone();
    report.proof = result.proof.clone();
    report.ender = result.ender.clone();
    if let Some(why) = &result.unended {
        let message = format!("Temporary entries may not end by themselves: {why}.");
        report.warnings.push(Warning::new(WarningCode::Unended, message));
    }
    for lost in &result.attributes_lost {
        let message = format!("The host did not let f2bctl set the extended attributes {lost}.");
        report.warnings.push(Warning::new(WarningCode::AttributesLost, message));
    }
    for unwritten in &result.unrecorded {
        let message = format!("The host's records could not be completed: {unwritten}.");
        report.warnings.push(Warning::new(WarningCode::Unrecorded, message));
    }
    if let Some(lost) = &result.lost {
        let message = Advice::text(format!("While this change ran, {lost}; "))
            .run("start")
            .then(" starts it.");
        report.warnings.push(Warning::new(WarningCode::Fail2banLost, message));
    }
    let why = result
        .failure
        .clone()
        .unwrap_or_else(|| "no reason was given".to_owned());
    match &result.outcome {
        ApplyOutcome::Changed => {
            report.changed = true;
            match contradiction(report, result) {
                Some(contradiction) => fail(report, unbelievable(&contradiction)),
                None => report.outcome = Outcome::Changed,
            }
        }
        ApplyOutcome::Unchanged => report.outcome = Outcome::Unchanged,
        ApplyOutcome::Restored => fail(report, restored(&why)),
        ApplyOutcome::NotRestored => {
            report.changed = true;
            fail(
                report,
                not_restored(&why, result.not_restored.as_deref().unwrap_or_default()),
            );
        }
        ApplyOutcome::Lost => {
            report.changed = result.failure.is_none();
            fail(report, lost(result));
        }
        ApplyOutcome::Unrecorded => {
            report.changed = true;
            fail(report, unrecorded(&result.unrecorded));
        }
        ApplyOutcome::Other(other) => fail(
            report,
            Failure::new(FailureKind::Unknown, format!("the host reported `{other}`")),
        ),
    }
}

/// Where the host's word that a change is done and proven does not go together with what it shows.
///
/// A host that lies throughout cannot be caught from here; one whose agent is broken, or that answers for another
/// change, is not believed.
fn contradiction(report: &ChangeReport, result: &ApplyResult) -> Option<String> {
    if let (Some(answered), Some(own)) = (&result.change_id, &report.change_id)
        && answered != own
    {
        return Some(format!("its answer is about another change ({})", escaped(answered)));
    }
    let expected = report.plan.as_ref().and_then(|plan| plan.expected.as_ref())?;
    for (name, jail) in expected {
        let shown = escaped(name);
        let Some(row) = result.proof.iter().find(|row| row.jail == *name) else {
            return Some(format!("its proof does not cover jail {shown}"));
        };
        if !row.ok || !row.problems.is_empty() {
            return Some(format!("its own proof of jail {shown} failed"));
        }
        let numbers = [
            ("maxretry", row.maxretry),
            ("findtime", row.findtime),
            ("bantime", row.bantime),
        ];
        let moved = numbers
            .iter()
            .find(|(key, value)| jail.number(key).is_some_and(|planned| Some(planned) != *value));
        if let Some((key, _)) = moved {
            return Some(format!(
                "its proof of jail {shown} shows a {key} that is not the planned one"
            ));
        }
        let planned: BTreeSet<String> = jail.ignoreip().into_iter().collect();
        if planned != row.ignoreip.iter().map(|entry| entry.raw().to_owned()).collect() {
            return Some(format!(
                "its proof of jail {shown} shows a whitelist that is not the planned one"
            ));
        }
    }
    None
}

fn unbelievable(contradiction: &str) -> Failure {
    Failure::new(
        FailureKind::Unknown,
        format!("the host reports that the change is done, but {contradiction}"),
    )
    .hint("check the host now: `f2bctl status`; do not rely on what it reports")
}

fn fail(report: &mut ChangeReport, failure: Failure) {
    report.outcome = failure.kind.into();
    report.failure = Some(failure);
}

fn unrecorded(why: &[String]) -> Failure {
    Failure::new(
        FailureKind::Unknown,
        format!(
            "the change ended, but the host could not record how: {}",
            why.join("; ")
        ),
    )
    .hint("fix this on the host; the next change then undoes this one; on a terminal it can finish it instead")
}

/// The change ended well, and fail2ban was gone when that had been written down.
fn lost(result: &ApplyResult) -> Failure {
    let ended = match &result.failure {
        None => "the change was made and proven".to_owned(),
        Some(why) => format!("the change failed ({why}), and the host was put back as it was"),
    };
    let gone = result.lost.as_deref().unwrap_or("fail2ban is gone");
    Failure::new(FailureKind::NotRestored, format!("{ended}; then {gone}"))
        .hint("start it with `f2bctl start`; nothing else is left to recover")
}

fn restored(why: &str) -> Failure {
    Failure::new(
        FailureKind::Restored,
        format!("the change failed and the host was put back as it was (files, jails and bans were checked): {why}"),
    )
    .hint("fix this and run the command again")
}

fn not_restored(why: &str, left: &[String]) -> Failure {
    let problems = left.join("; ");
    Failure::new(
        FailureKind::NotRestored,
        format!("the change failed ({why}) and the host could not be put back: {problems}"),
    )
    .hint("check the host now: `f2bctl status`")
    .hint("the next change recovers what is left; the previous files are in the state directory, under changes/")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::model::host_name::HostName;
    use crate::model::observed::Jail;
    use crate::planning::plan::Plan;

    fn taken(result: serde_json::Value) -> ChangeReport {
        let host = HostName {
            name: "pbx".to_owned(),
            address: "192.0.2.1".to_owned(),
        };
        let values = json!({"maxretry": 3, "findtime": 600, "bantime": 86400, "ignoreip": ["192.0.2.0/28", "::1"]});
        let jail: Jail = serde_json::from_value(json!({"values": values})).expect("a jail");
        let plan = Plan {
            expected: Some(BTreeMap::from([("asterisk-auth".to_owned(), jail)])),
            ..Plan::default()
        };
        let mut report = ChangeReport::begun("onboard", host);
        report.change_id = Some("this-one".to_owned());
        report.plan = Some(plan);
        take_in(&mut report, &serde_json::from_value(result).expect("a result"));
        report
    }

    fn row() -> serde_json::Value {
        json!({"jail": "asterisk-auth", "ok": true, "ignoreip": ["::1", "192.0.2.0/28"],
               "maxretry": 3, "findtime": 600, "bantime": 86400})
    }

    #[test]
    fn a_proof_that_holds_is_believed() {
        let report = taken(json!({"outcome": "changed", "change_id": "this-one", "proof": [row()]}));
        assert_eq!((report.outcome, report.exit_code()), (Outcome::Changed, 0));
    }

    #[test]
    fn a_change_that_its_own_proof_contradicts_is_unknown_and_not_done() {
        let with = |key: &str, value: serde_json::Value| {
            let mut row = row();
            row[key] = value;
            json!({"outcome": "changed", "proof": [row]})
        };
        let lies = [
            json!({"outcome": "changed", "change_id": "another", "proof": [row()]}),
            json!({"outcome": "changed", "proof": []}),
            with("jail", json!("sshd")),
            with("ok", json!(false)),
            with("problems", json!(["gone"])),
            with("maxretry", json!(4)),
            with("bantime", json!(null)),
            with("ignoreip", json!(["0.0.0.0"])),
        ];
        for lie in lies {
            let report = taken(lie.clone());
            assert_eq!((report.outcome, report.exit_code()), (Outcome::Unknown, 7), "{lie}");
        }
        assert_eq!(taken(json!({"outcome": "\u{1b}[2J"})).exit_code(), 7);
    }
}
