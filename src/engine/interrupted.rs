//! Changes that an earlier run began and did not end: killed agents, reboots, power cuts.

use crate::document::{Advice, Failure, FailureKind, FindingCode, Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::known::Cause;
use crate::model::observed::{Observed, OpenChange};
use crate::remote::agent::{
    AgentEvent, AgentStep, ApplyOutcome, ApplyResult, LinkError, RecoverArguments, RecoveryWay,
};

use super::approver::Recovery;
use super::confirmation::Confirmer;
use super::connection::Connection;
use super::event::{Event, Events};
use super::transaction::LOCK_SECONDS;

/// The open changes that nobody is working on: while another holds the lock, its change is not interrupted.
///
/// # Errors
/// A refusal if the journal cannot be read or cannot be trusted: a change on top of one that is not recovered could not
/// be undone.
pub fn open_changes(observed: &Observed) -> Result<Vec<OpenChange>, Failure> {
    let running = observed.lock.value().is_some_and(Option::is_some);
    if running {
        return Ok(Vec::new());
    }
    let read = observed.changes.read().map_err(|reason| {
        let message = format!("cannot check for interrupted changes: {}", escaped(reason));
        let failure = Failure::new(FailureKind::Refused, message);
        match observed.changes.cause() {
            Some(Cause::Permission) => failure.hint(Advice::AS_ROOT),
            _ => failure.hint("look at the state directory on the host; nothing was changed"),
        }
    })?;
    Ok(read.clone())
}

/// What reports say of it.
pub fn warning(open: &OpenChange) -> Warning {
    Warning::new(
        FindingCode::InterruptedChange,
        format!(
            "{} was interrupted in the step `{}` and is not recovered yet; the next change recovers it.",
            named(open),
            open.phase
        ),
    )
}

/// The refusal when nobody can be asked.
pub fn not_recovered(open: &OpenChange) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!(
            "{} was interrupted in the step `{}` and must be recovered first",
            named(open),
            open.phase
        ),
    )
    .hint(match open.can_be_finished() {
        true => "pass --yes to have it undone, or run on a terminal to choose between undoing and finishing it",
        false => "pass --yes, or run on a terminal, to have it undone",
    })
}

fn named(open: &OpenChange) -> String {
    format!(
        "change {} ({} by {})",
        open.id,
        open.command.as_deref().unwrap_or("unknown command"),
        open.operator.as_deref().unwrap_or("an unknown operator")
    )
}

/// Undoes or finishes one interrupted change. `recovered_by` is for the record; a change that needs a confirmation
/// is kept only if `confirmer` logs in again.
///
/// # Errors
/// A [`Failure`] if it is left, or cannot be recovered: nothing else is done on the host then.
pub async fn recover(
    connection: &mut Connection,
    open: &OpenChange,
    how: Recovery,
    recovered_by: serde_json::Value,
    confirmer: &Confirmer,
    events: &Events,
) -> Result<Warning, Failure> {
    let way = match how {
        Recovery::Undo => RecoveryWay::Undo,
        Recovery::Finish => RecoveryWay::Finish,
        Recovery::Leave => return Err(not_recovered(open)),
    };
    let mut tell = |event: AgentEvent| {
        if event.step == AgentStep::SignOfLife {
            confirmer.give();
        }
        events.emit(&Event::from(&event));
    };
    let arguments = RecoverArguments {
        how: way,
        recovered_by: Some(recovered_by),
        sign: Some(confirmer.confirmation(connection.asks_a_person())),
    };
    let recovering = connection
        .host
        .recover(&open.id, &arguments, LOCK_SECONDS, &mut tell, confirmer.given_up());
    let result = recovering.await.map_err(|error| match error {
        LinkError::Agent(_) => Failure::while_changing(error, connection.name()),
        LinkError::Lost(_) | LinkError::Unintelligible { .. } => Failure::new(
            FailureKind::Unknown,
            format!(
                "{}: it is unknown whether {} was recovered: {error}",
                connection.name(),
                named(open)
            ),
        )
        .hint(
            "run the command again: the host ends the change safely by itself, and the next run recovers what is \
             left",
        ),
    })?;
    let unended = result
        .unended
        .as_ref()
        .map(|why| format!(" Temporary entries may not end by themselves: {why}."));
    let others = match result.left_alone.join("; ") {
        left if left.is_empty() => String::new(),
        left => format!(" Changed by others since then, and left as it is: {}.", escaped(&left)),
    };
    let what = match result.outcome {
        ApplyOutcome::Restored => undone(how, others.is_empty(), &result, confirmer),
        ApplyOutcome::Changed => "was finished as approved".to_owned(),
        ApplyOutcome::Unchanged => "had been recovered already".to_owned(),
        _ => {
            let mut left = result.not_restored.unwrap_or_default();
            left.extend(result.lost);
            let left = left.join("; ");
            let message = format!("{} could not be recovered: {left}.{others}", named(open));
            return Err(Failure::new(FailureKind::NotRestored, message)
                .hint("the previous files are in the state directory, under changes/"));
        }
    };
    let message = format!(
        "The interrupted {} {what}.{others}{}",
        named(open),
        unended.unwrap_or_default()
    );
    Ok(Warning::new(WarningCode::InterruptedChangeSettled, message))
}

/// That it was undone, and, where it was to be finished, why it could not be.
fn undone(how: Recovery, is_all: bool, result: &ApplyResult, confirmer: &Confirmer) -> String {
    let done = match is_all {
        true => "was undone; the host is as it was before",
        false => "was undone as far as it had changed the host",
    };
    if how != Recovery::Finish {
        return done.to_owned();
    }
    let why = result.failure.as_deref().unwrap_or("no reason was given");
    let trouble = confirmer
        .trouble()
        .map(|trouble| format!(": {trouble}"))
        .unwrap_or_default();
    escaped(&format!("could not be finished ({why}{trouble}); it {done}"))
}
