//! The connection was lost while a change ran: the host goes on by itself, so log in again and ask how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::remote::agent::{AgentEvent, AgentStep, ApplyResult, LinkError, SettleArguments, SettleWay};
use crate::remote::ssh::Prompt;

use super::connection::Connection;
use super::dialogue::Dialogue;
use super::target::Target;
use crate::document::{Advice, Failure, FailureKind};

/// How long it is tried (contract, "One way for every change").
const FOLLOW_UP_SECONDS: u64 = 30;
const PAUSE_MILLISECONDS: u64 = 500;

/// Finds out how a change ended. `more_seconds` is how long the host may wait for a sign of life besides: an operator who
/// is shut out gets in again only when it has reverted.
///
/// # Errors
/// `Unknown` if the host cannot be asked in time; `Connection` if the change never began there.
pub async fn follow_up(
    target: &Target,
    prompt: Arc<dyn Prompt>,
    change_id: &str,
    cause: &str,
    more_seconds: u64,
    dialogue: &mut dyn Dialogue,
) -> Result<ApplyResult, Failure> {
    let seconds = FOLLOW_UP_SECONDS + more_seconds;
    dialogue.event(AgentEvent {
        step: AgentStep::FollowUp,
        text: format!("The connection was lost ({cause}); logging in again to see how the change ended."),
    });
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut last = cause.to_owned();
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        let attempt = ask(target, Arc::clone(&prompt), change_id, left.as_secs().max(1), dialogue);
        match tokio::time::timeout(left, attempt).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => last = error,
            Err(_) => break,
        }
        tokio::time::sleep(Duration::from_millis(PAUSE_MILLISECONDS)).await;
    }
    Err(Failure::new(
        FailureKind::Unknown,
        format!(
            "the connection was lost while the change ran, and the host could not be asked within {seconds} s \
             how it ended ({last}); the host finishes or undoes it by itself"
        ),
    )
    .hint(Advice::from("ask again with `f2bctl history` and `f2bctl status`; the change is ").then(change_id)))
}

/// One try: `Err` to try again, `Ok` for what is known now.
async fn ask(
    target: &Target,
    prompt: Arc<dyn Prompt>,
    change_id: &str,
    wait: u64,
    dialogue: &mut dyn Dialogue,
) -> Result<Result<ApplyResult, Failure>, String> {
    let mut connection = Connection::open(target, prompt)
        .await
        .map_err(|failure| failure.message)?;
    let mut events = |event| dialogue.event(event);
    let answer = connection
        .host
        .outcome(change_id, wait, &mut events)
        .await
        .map_err(|error| error.to_string())?;
    let result = match (answer.phase.as_deref(), answer.result) {
        (None, _) => Err(Failure::new(
            FailureKind::Connection,
            "the connection was lost before the change began; nothing was changed",
        )
        .hint("run the command again")),
        (Some("refused"), _) => Err(Failure::new(
            FailureKind::Refused,
            "the host refused the change while preparing it; nothing was changed",
        )
        .hint("run the command again to see why")),
        (Some(_), Some(result)) if !answer.open => Ok(result),
        // The one who ran it is gone and has not ended it: the lock was free.
        (Some(_), _) => undo(&mut connection, change_id, wait, &mut events).await,
    };
    connection.close().await;
    Ok(result)
}

async fn undo(
    connection: &mut Connection,
    change_id: &str,
    wait: u64,
    events: &mut (dyn FnMut(AgentEvent) + Send),
) -> Result<ApplyResult, Failure> {
    let told = SettleArguments {
        how: SettleWay::Undo,
        settler: None,
        sign: None,
    };
    let settled = connection
        .host
        .settle(change_id, &told, wait, events, std::future::pending());
    match settled.await {
        Ok(result) => Ok(result),
        Err(LinkError::Agent(failure)) => Err(Failure::new(FailureKind::Unknown, failure.message)),
        Err(error) => Err(Failure::new(FailureKind::Unknown, error.to_string())),
    }
}
