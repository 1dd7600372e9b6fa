//! What a host can be asked to do: the verbs that the engine uses, over one link.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::observed::{HostFile, Observed, Part, Rehearsal};

use super::agent::{
    AgentEvent, ApplyArguments, ApplyResult, AuditText, FileChange, HostPaths, Link, LinkError, OutcomeAnswer,
    SettleWay,
};

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
        self.ask("observe", arguments, events).await
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
        let locked = self.link.answer::<Value>(lock, events).await;
        let observed = self.link.answer(look, events).await;
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
        self.ask("rehearse", arguments, events).await
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
        let revert = json!({"host": self.paths, "change_id": arguments.change_id, "token": REVERT});
        let interjection = async move {
            given_up.await;
            ("sign", revert)
        };
        let ticket = self.link.send("apply", json!(arguments)).await?;
        self.link.answer_with(ticket, events, interjection).await
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
        self.ask("settle", arguments, events).await
    }

    /// Gives the sign of life that a change on another connection waits for.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `missing` if it no longer waits.
    pub async fn sign(&mut self, change_id: &str, token: &str) -> Result<(), LinkError> {
        let arguments = json!({"host": self.paths, "change_id": change_id, "token": token});
        self.ask::<Value>("sign", arguments, &mut |_| ()).await.map(|_| ())
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
        self.ask("outcome", arguments, events).await
    }

    /// Writes an attempt that never became a change into the host's audit trail.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn record(&mut self, record: &Value) -> Result<Written, LinkError> {
        let arguments = json!({"host": self.paths, "record": record});
        self.ask("record", arguments, &mut |_| ()).await
    }

    /// Reads files of the host.
    ///
    /// # Errors
    /// [`LinkError`]; a file that cannot be read is an answer.
    pub async fn read(&mut self, paths: &[String]) -> Result<Vec<ReadFile>, LinkError> {
        let arguments = json!({"paths": paths});
        let answer: ReadFiles = self.ask("read", arguments, &mut |_| ()).await?;
        Ok(answer.files)
    }

    /// Every file of the configuration directory, with paths relative to it; backups are left out.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn tree(&mut self) -> Result<Vec<HostFile>, LinkError> {
        let arguments = json!({"host": self.paths});
        let answer: Tree = self.ask("tree", arguments, &mut |_| ()).await?;
        Ok(answer.files)
    }

    /// The host's audit trail.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn audit(&mut self) -> Result<AuditText, LinkError> {
        let arguments = json!({"host": self.paths});
        self.ask("audit", arguments, &mut |_| ()).await
    }

    async fn ask<T: DeserializeOwned>(
        &mut self,
        verb: &'static str,
        arguments: Value,
        events: Events<'_>,
    ) -> Result<T, LinkError> {
        let ticket = self.link.send(verb, arguments).await?;
        self.link.answer(ticket, events).await
    }
}
