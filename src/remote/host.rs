//! What a host can be asked to do: the verbs that the engine uses, over one link.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::observed::{HostFile, Observed, Part, Rehearsal, Replay};
use crate::model::regex_trial::{RegexTrial, TrialLines};

use super::agent::{
    AgentEvent, ApplyArguments, ApplyResult, AuditText, FileChange, HostPaths, Link, LinkError, LogEvent, LogPlace,
    LogSince, OutcomeAnswer, SettleWay,
};

/// How long a host may take to look at itself, or for any small request. Each of the agent's own steps has a shorter limit
/// (a tool of the packet filter 20 s, an answer of fail2ban-server 30 s), so only a host that never answers comes here.
const LOOK_SECONDS: u64 = 180;
/// How long it may take to try a draft: two runs of fail2ban-client (60 s each), a server's start (20 s), a forecast (30 s).
const REHEARSAL_SECONDS: u64 = 300;
/// How long a change may take beside what it waits for: reload (90 s), start (120 s), proof (15 s), and the same back again.
const CHANGE_SECONDS: u64 = 600;
/// What the restart of a jail adds to that, there and back: fail2ban-client's own limit is 90 s.
const RESTART_SECONDS: u64 = 180;

/// Takes what the agent tells while it works.
pub type Events<'a> = &'a mut (dyn FnMut(AgentEvent) + Send);

/// The sign that has a waiting change undone at once.
const REVERT: &str = "revert";

/// A host whose agent runs.
pub struct Host {
    link: Link,
    paths: HostPaths,
}

/// The audit record that was written, as the agent tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct Written {
    /// Its number in the host's trail.
    pub sequence: u64,
    /// Its hash.
    pub hash: String,
}

/// A file that was asked for: its facts, or why it cannot be read.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum ReadFile {
    /// It cannot be read.
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        unknown: String,
    },
    /// What it is.
    File(HostFile),
}

#[derive(Deserialize)]
struct ReadFiles {
    files: Vec<ReadFile>,
}

#[derive(Deserialize)]
struct Tree {
    files: Vec<HostFile>,
}

impl Host {
    /// A host behind a running agent.
    pub fn new(link: Link, paths: HostPaths) -> Self {
        Self { link, paths }
    }

    /// Where fail2ban and f2bctl keep their things there.
    pub fn paths(&self) -> &HostPaths {
        &self.paths
    }

    /// Looks at the parts that are named.
    ///
    /// # Errors
    /// [`LinkError`]; parts that the host cannot read are unknown in the answer, not an error.
    pub async fn observe(&mut self, want: &[Part], events: Events<'_>) -> Result<Observed, LinkError> {
        let arguments = json!({"host": self.paths, "want": want});
        self.ask("observe", arguments, LOOK_SECONDS, events).await
    }

    /// Takes the host's lock, then looks; both cost one round trip. The lock is kept until the change or the agent ends.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `locked` if another holds it for longer than `wait` seconds; else as `observe`.
    pub async fn lock_and_observe(
        &mut self,
        want: &[Part],
        wait: u64,
        events: Events<'_>,
    ) -> Result<Observed, LinkError> {
        let locking = json!({"host": self.paths, "wait": wait});
        let lock = self.link.send("lock", locking).await?;
        let looking = json!({"host": self.paths, "want": want});
        let look = self.link.send("observe", looking).await?;
        let patience = Duration::from_secs(wait.saturating_add(LOOK_SECONDS));
        let locked = self.link.answer::<Value>(lock, patience, events).await;
        let observed = self.link.answer(look, Duration::from_secs(LOOK_SECONDS), events).await;
        locked?;
        observed
    }

    /// Tries a draft on a copy; nothing live is touched. For jails that are not `running`, it is forecast whom they would
    /// ban at once.
    ///
    /// # Errors
    /// [`LinkError`]; a draft that does not work is an answer, not an error.
    pub async fn rehearse(
        &mut self,
        files: &[FileChange],
        running: &[String],
        events: Events<'_>,
    ) -> Result<Rehearsal, LinkError> {
        let arguments = json!({"host": self.paths, "files": files, "running": running});
        self.ask("rehearse", arguments, REHEARSAL_SECONDS, events).await
    }

    /// Runs an approved change to its safe end. Once the sign of life that it may wait for is `given_up`, the host is told
    /// to revert at once, over this connection.
    ///
    /// # Errors
    /// [`LinkError::Agent`] if nothing was changed; [`LinkError::Lost`] if the outcome is unknown. A change that failed
    /// and was undone is an answer.
    pub async fn apply(
        &mut self,
        arguments: &ApplyArguments,
        events: Events<'_>,
        given_up: impl Future<Output = ()> + Send,
    ) -> Result<ApplyResult, LinkError> {
        let restarts = u64::try_from(arguments.restart.len()).unwrap_or(u64::MAX);
        let signed = arguments.sign.as_ref().map_or(0, |sign| sign.seconds);
        let patience = CHANGE_SECONDS
            .saturating_add(arguments.wait)
            .saturating_add(signed)
            .saturating_add(restarts.saturating_mul(RESTART_SECONDS));
        let revert = json!({"host": self.paths, "change_id": arguments.change_id, "token": REVERT});
        let interjection = async move {
            given_up.await;
            ("sign", revert)
        };
        let ticket = self.link.send("apply", json!(arguments)).await?;
        self.link
            .answer_with(ticket, Duration::from_secs(patience), events, interjection)
            .await
    }

    /// Settles a change that was interrupted; the lock is kept for what follows.
    ///
    /// # Errors
    /// As [`Host::apply`].
    pub async fn settle(
        &mut self,
        change_id: &str,
        how: SettleWay,
        wait: u64,
        events: Events<'_>,
    ) -> Result<ApplyResult, LinkError> {
        let arguments =
            json!({"host": self.paths, "change_id": change_id, "how": how, "wait": wait, "keep_lock": true});
        self.ask("settle", arguments, CHANGE_SECONDS.saturating_add(wait), events)
            .await
    }

    /// Gives the sign of life that a change on another connection waits for.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `missing` if it no longer waits.
    pub async fn sign(&mut self, change_id: &str, token: &str) -> Result<(), LinkError> {
        let arguments = json!({"host": self.paths, "change_id": change_id, "token": token});
        self.ask::<Value>("sign", arguments, LOOK_SECONDS, &mut |_| ())
            .await
            .map(|_| ())
    }

    /// How a change ended, after waiting up to `wait` seconds for one that still runs.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn outcome(
        &mut self,
        change_id: &str,
        wait: u64,
        events: Events<'_>,
    ) -> Result<OutcomeAnswer, LinkError> {
        let arguments = json!({"host": self.paths, "change_id": change_id, "wait": wait});
        self.ask("outcome", arguments, LOOK_SECONDS.saturating_add(wait), events)
            .await
    }

    /// Writes an attempt that never became a change into the host's audit trail.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn record(&mut self, record: &Value) -> Result<Written, LinkError> {
        let arguments = json!({"host": self.paths, "record": record});
        self.ask("record", arguments, LOOK_SECONDS, &mut |_| ()).await
    }

    /// Reads files of the host.
    ///
    /// # Errors
    /// [`LinkError`]; a file that cannot be read is an answer.
    pub async fn read(&mut self, paths: &[String]) -> Result<Vec<ReadFile>, LinkError> {
        let arguments = json!({"paths": paths});
        let answer: ReadFiles = self.ask("read", arguments, LOOK_SECONDS, &mut |_| ()).await?;
        Ok(answer.files)
    }

    /// Which recent lines of Asterisk's log each jail counts.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn replay(&mut self) -> Result<Replay, LinkError> {
        let arguments = json!({"host": self.paths});
        self.ask("replay", arguments, REHEARSAL_SECONDS, &mut |_| ()).await
    }

    /// Every file of the configuration directory, with paths relative to it; backups are left out.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn tree(&mut self) -> Result<Vec<HostFile>, LinkError> {
        let arguments = json!({"host": self.paths});
        let answer: Tree = self.ask("tree", arguments, LOOK_SECONDS, &mut |_| ()).await?;
        Ok(answer.files)
    }

    /// Follows the action log: what lies behind a place or since a moment, then what comes. It ends with the connection.
    ///
    /// # Errors
    /// [`LinkError::Lost`] when the connection ends, [`LinkError::Agent`] if the log may not be read.
    pub async fn follow(
        &mut self,
        since: Option<&LogSince>,
        place: Option<&LogPlace>,
        events: &mut (dyn FnMut(LogEvent) + Send),
    ) -> Result<(), LinkError> {
        let arguments = json!({"host": self.paths, "since": since, "place": place});
        let ticket = self.link.send("follow", arguments).await?;
        let _: Value = self.link.stream(ticket, events).await?;
        Ok(())
    }

    /// The host's audit trail.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn audit(&mut self) -> Result<AuditText, LinkError> {
        let arguments = json!({"host": self.paths});
        self.ask("audit", arguments, LOOK_SECONDS, &mut |_| ()).await
    }

    /// Tries log lines against a jail or a filter with the host's own fail2ban-regex.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `precondition` for a name that is neither, a log that is no file, or a filter that
    /// cannot be loaded.
    pub async fn regex(&mut self, name: &str, lines: &TrialLines) -> Result<RegexTrial, LinkError> {
        let arguments = json!({"host": self.paths, "name": name, "source": lines});
        self.ask("regex", arguments, REHEARSAL_SECONDS, &mut |_| ()).await
    }

    async fn ask<T: DeserializeOwned>(
        &mut self,
        verb: &'static str,
        arguments: Value,
        seconds: u64,
        events: Events<'_>,
    ) -> Result<T, LinkError> {
        let ticket = self.link.send(verb, arguments).await?;
        self.link.answer(ticket, Duration::from_secs(seconds), events).await
    }
}
