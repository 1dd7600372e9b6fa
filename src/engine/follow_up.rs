//! The connection was lost while a change ran: the host goes on by itself, so log in again and ask how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::remote::agent::{
    AgentEvent, AgentFailureKind, ApplyResult, LinkError, OutcomeAnswer, RecoverArguments, RecoveryWay,
};
use crate::remote::ssh::Prompt;

use super::connection::Connection;
use super::event::{Event, Events};
use super::target::Target;
use crate::document::{Advice, Failure, FailureKind};

/// How long the host is tried without an answer (contract, "One way for every change").
const FOLLOW_UP_SECONDS: u64 = 30;
/// How long one question waits for the change to end; each answer shows that the host is still there.
const QUESTION_SECONDS: u64 = 5;
const PAUSE_MILLISECONDS: u64 = 500;

/// A change whose connection was lost.
pub struct LostChange<'run> {
    /// Its identifier.
    pub id: &'run str,
    /// How the connection was lost.
    pub cause: String,
    /// How long the host may wait for a confirmation, seconds: an operator who is blocked gets in again only when it
    /// has been rolled back.
    pub confirmation: u64,
    /// How long the host may take for it.
    pub patience: Duration,
    /// How many bans stood on the host before it.
    pub bans: u64,
}

impl LostChange<'_> {
    /// How long the host is tried without an answer.
    fn silence(&self) -> Duration {
        Duration::from_secs(FOLLOW_UP_SECONDS + self.confirmation)
    }
}

/// What one question brought.
enum Reply {
    /// The change has ended, or never began.
    Ended(Box<Result<ApplyResult, Failure>>),
    /// Someone still works on it.
    Running,
    /// Nobody works on it, and it has not ended.
    Abandoned,
}

/// Finds out how a change ended, and undoes it where nobody works on it any more. While the host answers that it still
/// runs, it is waited for.
///
/// # Errors
/// `Unknown` if the host cannot be asked in time; `Connection` if the change never began there.
pub async fn follow_up(
    target: &Target,
    prompt: Arc<dyn Prompt>,
    change: &LostChange<'_>,
    events: &Events,
) -> Result<ApplyResult, Failure> {
    events.emit(&Event::ConnectionLost {
        cause: &change.cause,
        pause: Duration::ZERO,
    });
    let longest = Instant::now() + change.patience + change.silence();
    let mut until = Instant::now() + change.silence();
    let mut last = change.cause.clone();
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match tokio::time::timeout(left, Connection::open(target, Arc::clone(&prompt))).await {
            Ok(Ok(mut connection)) => {
                connection.host.expect_bans(change.bans);
                let watch = Watch {
                    change,
                    longest,
                    until: &mut until,
                };
                match watch.over(&mut connection, events).await {
                    Ok(result) => {
                        connection.close().await;
                        return result;
                    }
                    Err(why) => last = why,
                }
            }
            Ok(Err(failure)) => last = failure.message,
            Err(_) => break,
        }
        tokio::time::sleep(Duration::from_millis(PAUSE_MILLISECONDS)).await;
    }
    Err(unknown(change, &last))
}

/// A change that is watched over one connection.
struct Watch<'run> {
    change: &'run LostChange<'run>,
    /// When it is given up although it still runs.
    longest: Instant,
    /// When it is given up if no answer comes; each answer that it still runs puts it off.
    until: &'run mut Instant,
}

impl Watch<'_> {
    /// Asks until the change has ended; `Err` with the reason to log in again.
    async fn over(self, connection: &mut Connection, events: &Events) -> Result<Result<ApplyResult, Failure>, String> {
        let mut was_running = false;
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            let wait = left.as_secs().min(QUESTION_SECONDS);
            let mut unheard = |_| ();
            let question = connection.host.outcome(self.change.id, wait, &mut unheard);
            let answer = match tokio::time::timeout(left, question).await {
                Ok(answer) => answer.map_err(|error| error.to_string())?,
                Err(_) => return Err("the host did not answer".to_owned()),
            };
            match read(answer) {
                Reply::Ended(result) => return Ok(*result),
                Reply::Abandoned => {
                    if let Some(result) = undo(connection, self.change.id, events).await? {
                        return Ok(result);
                    }
                }
                Reply::Running => {
                    *self.until = self.longest.min(Instant::now() + self.change.silence());
                    if !was_running {
                        events.emit(&Event::StillApplying);
                    }
                    was_running = true;
                }
            }
        }
    }
}

fn read(answer: OutcomeAnswer) -> Reply {
    let ended = match (answer.phase.as_deref(), answer.result) {
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
        (Some(_), _) if answer.running => return Reply::Running,
        (Some(_), _) => return Reply::Abandoned,
    };
    Reply::Ended(Box::new(ended))
}

/// Undoes a change that nobody works on: its end; `None` if another user came first, `Err` with the reason to log in
/// again.
async fn undo(
    connection: &mut Connection,
    change_id: &str,
    events: &Events,
) -> Result<Option<Result<ApplyResult, Failure>>, String> {
    let how = RecoverArguments {
        how: RecoveryWay::Undo,
        recovered_by: None,
        sign: None,
    };
    let mut tell = |event: AgentEvent| events.emit(&Event::from(&event));
    let host = &mut connection.host;
    match host
        .recover(change_id, &how, QUESTION_SECONDS, &mut tell, std::future::pending())
        .await
    {
        Ok(result) => Ok(Some(Ok(result))),
        Err(LinkError::Lost(error)) => Err(error.to_string()),
        Err(LinkError::Agent(failure)) if failure.kind == AgentFailureKind::Locked => Ok(None),
        Err(error) => Ok(Some(Err(Failure::new(
            FailureKind::Unknown,
            format!("the interrupted change was not undone: {error}"),
        )
        .hint(check(change_id))))),
    }
}

fn unknown(change: &LostChange<'_>, last: &str) -> Failure {
    let seconds = change.silence().as_secs();
    Failure::new(
        FailureKind::Unknown,
        format!(
            "the connection was lost while the change ran, and the host could not be asked within {seconds} s \
             how it ended ({last}); the host finishes or undoes it by itself"
        ),
    )
    .hint(check(change.id))
}

/// What to do where the host's state is not known.
fn check(change_id: &str) -> Advice {
    Advice::from("check with `f2bctl history` and `f2bctl status`; the change is ").then(change_id)
}
