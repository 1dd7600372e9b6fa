//! An approved plan as the agent runs it, and the agent's result as it goes into the report.

use crate::audit::Record;
use crate::audit::chain::sha256_hex;
use crate::procedure::{Approved, FileDraft, Plan, ServerMove, Warning};
use crate::remote::agent::{
    ApplyArguments, ApplyResult, ExpectedJail, ExpectedState, FileChange, HostPaths, RegisterChange, RuntimeSetting,
    SignOfLife, UnbanRequest,
};

use super::change::LOCK_SECONDS;
use super::failure::{Failure, FailureKind};
use super::report::{ChangeReport, Outcome};

/// A drafted file, as the agent takes it.
pub fn file_change(file: &FileDraft) -> FileChange {
    FileChange {
        path: file.path.clone(),
        content: file.after.clone(),
        before: file.before.as_deref().map(sha256_hex),
        after: file.after.as_deref().map(sha256_hex),
        attributes: None,
    }
}

fn with_attributes(plan: &Plan, file: &FileDraft) -> FileChange {
    FileChange {
        attributes: plan.attributes.get(&file.path).copied(),
        ..file_change(file)
    }
}

/// The request that runs an approved plan.
pub fn arguments(
    approved: &Approved,
    paths: &HostPaths,
    change_id: &str,
    record: &Record,
    sign: Option<SignOfLife>,
) -> ApplyArguments {
    let plan = approved.plan();
    ApplyArguments {
        host: paths.clone(),
        change_id: change_id.to_owned(),
        wait: LOCK_SECONDS,
        sign,
        expect: ExpectedState {
            files: plan.made_on.files.clone(),
            digest: plan.made_on.digest.clone(),
            temporary: plan.made_on.temporary.clone(),
        },
        files: plan.files.iter().map(|file| with_attributes(plan, file)).collect(),
        backup: plan.backup.clone(),
        server: match plan.server {
            ServerMove::None => "none",
            ServerMove::Reload => "reload",
            ServerMove::Start => "start",
        },
        restart: plan.restart.clone(),
        runtime: plan
            .runtime
            .iter()
            .map(|entry| RuntimeSetting {
                jail: entry.jail.clone(),
                key: entry.key.to_owned(),
                value: entry.value.clone(),
            })
            .collect(),
        temporary: plan.temporary.as_ref().map(|moved| RegisterChange {
            before: moved.before.clone(),
            after: moved.after.clone(),
        }),
        unban: plan
            .unban
            .iter()
            .map(|wish| UnbanRequest {
                network: wish.network.to_string(),
                jails: wish.jails.clone(),
            })
            .collect(),
        expected: expected(plan),
        undoes: plan.undoes.clone(),
        audit: serde_json::json!(record),
    }
}

fn expected(plan: &Plan) -> Option<std::collections::BTreeMap<String, ExpectedJail>> {
    let jails = plan.expected.as_ref()?;
    Some(
        jails
            .iter()
            .map(|(name, jail)| (name.clone(), ExpectedJail::from(jail)))
            .collect(),
    )
}

/// Puts what the agent reported into the report.
pub fn take_in(report: &mut ChangeReport, result: &ApplyResult) {
    report.backup = result.backup.clone();
    report.unbanned = result.unbanned.clone();
    report.proof = result.proof.clone();
    report.ender = result.ender.clone();
    if let Some(why) = &result.unended {
        let message = format!("Temporary entries may not end by themselves: {why}.");
        report.warnings.push(Warning::new("unended", message));
    }
    for unwritten in &result.unrecorded {
        let message = format!("The host's records could not be completed: {unwritten}.");
        report.warnings.push(Warning::new("unrecorded", message));
    }
    let why = result
        .failure
        .clone()
        .unwrap_or_else(|| "no reason was given".to_owned());
    match result.outcome.as_str() {
        "changed" => {
            report.outcome = Outcome::Changed;
            report.changed = true;
        }
        "unchanged" => report.outcome = Outcome::Unchanged,
        "restored" => fail(report, restored(&why)),
        "not_restored" => {
            report.changed = true;
            fail(
                report,
                not_restored(&why, result.not_restored.as_deref().unwrap_or_default()),
            );
        }
        other => fail(
            report,
            Failure::new(FailureKind::Unknown, format!("the host reported `{other}`")),
        ),
    }
}

fn fail(report: &mut ChangeReport, failure: Failure) {
    report.outcome = failure.kind.into();
    report.failure = Some(failure);
}

fn restored(why: &str) -> Failure {
    Failure::new(
        FailureKind::Restored,
        format!("the change failed and the host was put back as it was (files, jails and bans were checked): {why}"),
    )
    .hint("mend what is named and run the command again")
}

fn not_restored(why: &str, left: &[String]) -> Failure {
    let told = left.join("; ");
    Failure::new(
        FailureKind::NotRestored,
        format!("the change failed ({why}) and the host could not be put back: {told}"),
    )
    .hint("look at the host now: `f2bctl status`")
    .hint("the next change settles what was left; the files as they were lie in the state directory under changes/")
}
