//! The roll of a run's hosts: which hosts are at work, what each has answered, and what is reported of those that
//! have not.
//!
//! It outlives the work: where Ctrl-C cuts that short, what the hosts that were done answered is still known here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::document::{Document, Failure, FailureKind, UnderWay};
use crate::model::host_name::HostName;
use crate::ui::{is_asking, is_recovery_chosen};

/// Why no further host has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// An earlier host failed, under `--fail-fast`.
    FailedFast,
    /// Ctrl-C.
    Interrupted,
}

/// The hosts of the run that is under way; empty before it has begun.
#[derive(Debug, Default)]
pub struct Roll(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    command: &'static str,
    hosts: Vec<Line>,
    turns: Option<Arc<Semaphore>>,
    stopped: Option<Stop>,
}

#[derive(Debug)]
struct Line {
    name: HostName,
    state: State,
    sent: Option<Sent>,
}

/// A change that went to a host.
#[derive(Debug)]
pub struct Sent {
    /// Its identifier.
    pub change_id: String,
    /// How long the host waits for its confirmation, seconds; absent if it needs none.
    pub confirmation: Option<u64>,
}

#[derive(Debug)]
enum State {
    Waiting,
    UnderWay,
    Answered(Box<Document>),
}

impl Roll {
    /// Calls the hosts of a run, so many at once.
    pub fn begin(&self, command: &'static str, hosts: impl Iterator<Item = HostName>, at_once: usize) {
        let mut lines = self.lines();
        let turns = Semaphore::new(at_once);
        if lines.stopped.is_some() {
            turns.close();
        }
        let waiting = |name| Line {
            name,
            state: State::Waiting,
            sent: None,
        };
        lines.command = command;
        lines.hosts = hosts.map(waiting).collect();
        lines.turns = Some(Arc::new(turns));
    }

    /// Waits for the turn of the host at this place, which lasts until the answer is dropped; none once the run is
    /// stopped.
    pub async fn turn(&self, place: usize) -> Option<OwnedSemaphorePermit> {
        let turns = self.lines().turns.clone()?;
        let turn = turns.acquire_owned().await.ok()?;
        self.put(place, State::UnderWay);
        Some(turn)
    }

    /// Notes the change that goes to a host.
    pub fn sent(&self, host: &HostName, sent: Sent) {
        let mut lines = self.lines();
        let line = lines.hosts.iter_mut().find(|line| line.name == *host);
        if let Some(line) = line {
            line.sent = Some(sent);
        }
    }

    /// Keeps what came of the host at this place.
    pub fn answer(&self, place: usize, document: Document) {
        self.put(place, State::Answered(Box::new(document)));
    }

    /// Starts no further host; the first reason is the one that is shown.
    pub fn stop(&self, why: Stop) {
        let mut lines = self.lines();
        lines.stopped.get_or_insert(why);
        if let Some(turns) = &lines.turns {
            turns.close();
        }
    }

    /// One document a host, in their order.
    pub fn documents(&self) -> Vec<Document> {
        let lines = self.lines();
        let under_way = lines.hosts.iter().filter(|line| matches!(line.state, State::UnderWay));
        let alone = under_way.count() == 1;
        let document = |line: &Line| {
            let failure = match &line.state {
                State::Answered(document) => return Document::clone(document),
                State::Waiting => not_begun(lines.stopped),
                State::UnderWay if lines.stopped != Some(Stop::Interrupted) => broken_off(),
                State::UnderWay if line.sent.is_some() => return left(&lines, line),
                State::UnderWay if alone => interruption(lines.command),
                // One of several may be at a question, and which one is not known here.
                State::UnderWay => interrupted_at_work(),
            };
            Document::failed(lines.command, Some(&line.name), &failure)
        };
        lines.hosts.iter().map(document).collect()
    }

    fn put(&self, place: usize, state: State) {
        if let Some(line) = self.lines().hosts.get_mut(place) {
            line.state = state;
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Every change of the roll is whole in itself, so one that a panic interrupted elsewhere leaves it readable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The failure of a host that was sent a change whose end was not waited for.
fn left(lines: &Lines, line: &Line) -> Document {
    let change = line.sent.as_ref();
    let failure = change.map_or_else(interrupted_at_work, interrupted_change);
    let more = UnderWay {
        change_id: change.map(|sent| sent.change_id.as_str().into()),
    };
    Document::failed_with(lines.command, Some(&line.name), &failure, more)
}

fn interrupted_change(sent: &Sent) -> Failure {
    let id = &sent.change_id;
    let message = match sent.confirmation {
        Some(seconds) => format!(
            "interrupted; change {id} continues on the host, and this run can no longer confirm it: if no new login \
             has confirmed it yet, the host rolls it back automatically after waiting {seconds} s"
        ),
        None => format!("interrupted; change {id} continues on the host, which completes it or rolls it back"),
    };
    Failure::new(FailureKind::Interrupted, message)
        .hint("`f2bctl history` shows how it ended, `f2bctl status` what is in force")
}

fn not_begun(stopped: Option<Stop>) -> Failure {
    match stopped {
        Some(Stop::FailedFast) => Failure::new(
            FailureKind::Refused,
            "not tried, because an earlier host failed (--fail-fast)",
        ),
        Some(Stop::Interrupted) => Failure::new(
            FailureKind::Interrupted,
            "interrupted before this host was reached; nothing was done there",
        ),
        None => broken_off(),
    }
}

/// The failure of a host on which the program itself failed.
pub fn broken_off() -> Failure {
    Failure::new(FailureKind::Fault, "f2bctl failed unexpectedly on this host")
        .hint("this is a bug in f2bctl; check the host with `f2bctl history` and `f2bctl status`")
}

/// The failure of a command that Ctrl-C cuts short, or of its only host.
pub fn interruption(command: &str) -> Failure {
    if command == "watch" {
        return Failure::new(FailureKind::Interrupted, "interrupted");
    }
    if is_asking() {
        let message = match is_recovery_chosen() {
            true => "interrupted at a prompt; nothing more was changed",
            false => "interrupted at a prompt; nothing was changed",
        };
        return Failure::new(FailureKind::Interrupted, message);
    }
    if command.starts_with("lab ") {
        let message = "interrupted; the rehearsal host may still be running";
        return Failure::new(FailureKind::Interrupted, message).hint("`f2bctl lab down` removes it");
    }
    interrupted_at_work()
}

fn interrupted_at_work() -> Failure {
    Failure::new(
        FailureKind::Interrupted,
        "interrupted; a change that has begun on a host continues there and ends safely",
    )
    .hint("`f2bctl history` and `f2bctl status` show how it ended")
}

#[cfg(test)]
mod tests {
    use super::{Roll, Stop};
    use crate::document::{Answer, Document, Report};
    use crate::model::host_name::HostName;

    fn name(text: &str) -> HostName {
        HostName {
            name: text.to_owned(),
            address: text.to_owned(),
        }
    }

    fn answers(roll: &Roll) -> Vec<(u8, String)> {
        let message = |document: &Document| document.error.as_ref().map_or_else(String::new, ToString::to_string);
        let documents = roll.documents().into_iter();
        documents
            .map(|document| (document.exit_code, message(&document)))
            .collect()
    }

    #[tokio::test]
    async fn an_interrupted_run_keeps_what_was_answered_and_says_the_rest_of_each_host() {
        let roll = Roll::default();
        assert!(roll.documents().is_empty(), "no host is reported before it is called");
        roll.begin("status", ["done", "slow", "late"].map(name).into_iter(), 2);
        let first = roll.turn(0).await;
        let _second = roll.turn(1).await;
        let found = Report::from(Answer::Nothing {}).found(true);
        roll.answer(0, Document::report("status", Some(&name("done")), found));
        drop(first);
        roll.stop(Stop::Interrupted);
        assert!(roll.turn(2).await.is_none(), "no host begins after the interruption");
        let answers = answers(&roll);
        assert_eq!(answers[0], (8, String::new()));
        assert_eq!((answers[1].0, answers[2].0), (130, 130));
        assert!(answers[1].1.contains("continues there and ends safely"));
        assert!(answers[2].1.contains("nothing was done there"));
    }

    #[tokio::test]
    async fn an_interruption_before_the_hosts_are_called_lets_none_begin() {
        let roll = Roll::default();
        roll.stop(Stop::Interrupted);
        roll.begin("status", ["only"].map(name).into_iter(), 1);
        assert!(roll.turn(0).await.is_none());
        assert_eq!(answers(&roll)[0].0, 130);
    }
}
