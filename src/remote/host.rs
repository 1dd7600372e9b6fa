//! What a host can be asked to do: the verbs that the engine uses, over one link.

mod action_log;

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::model::known::{Cause, Known};
use crate::model::looked_back::{CountedLines, LookedBack};
use crate::model::network::Network;
use crate::model::observed::{HostFile, Observed, Part, Rehearsal, Replay};
use crate::model::operation::{Operation, ReplaceFile};
use crate::model::origins::Decisions;
use crate::model::regex_trial::{RegexTrial, TrialLines};

use super::agent::{
    AgentEvent, ApplyArguments, ApplyResult, AuditPage, AuditPlace, HostPaths, Interjection, Link, LinkError, LogEvent,
    LogPlace, LogSince, OutcomeAnswer, Prefetch, RecoverArguments, Stream, Ticket,
};

pub use action_log::Kept;

/// How long a host may take to look at itself, or for any small request. Each of the agent's own steps has a shorter
/// limit (a tool of the packet filter 20 s, an answer of fail2ban-server 30 s), so only a host that never answers comes
/// here.
const LOOK_SECONDS: u64 = 180;
/// How long it may take to try a draft: two runs of fail2ban-client (60 s each), a server's start (60 s), a forecast
/// (30 s).
const REHEARSAL_SECONDS: u64 = 300;
/// How long a change may take beside what it waits for: reload (90 s), start (120 s), proof (15 s), and the same back
/// again.
const CHANGE_SECONDS: u64 = 600;
/// What the restart of a jail adds to that, there and back: fail2ban-client's own limit is 90 s.
const RESTART_SECONDS: u64 = 180;
/// What each ban adds, which fail2ban may have to restore one by one, there and back; the agent waits a second for
/// each.
const BAN_SECONDS: u64 = 3;

/// How long a host that has the lock may take to give it back: it may still copy the configuration for a rehearsal.
const UNLOCK_SECONDS: u64 = 5;

/// Takes what the agent tells while it works.
pub type Events<'a> = &'a mut (dyn FnMut(AgentEvent) + Send);

/// The sign that has a waiting change undone at once.
const REVERT: &str = "revert";

/// A host whose agent runs.
pub struct Host {
    link: Link,
    paths: HostPaths,
    begun: Option<Begun>,
    owed: Option<Ticket>,
    /// Whether the lock was asked for, and no change has used it.
    locked: bool,
    /// How many bans stood at the last look.
    bans: u64,
}

/// A first look that is on its way.
struct Begun {
    prefetch: Prefetch,
    tickets: Vec<Ticket>,
}

/// The audit record that was written, as the agent tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct Written {
    /// Its number in the host's audit log.
    pub sequence: u64,
    /// Its hash.
    pub hash: String,
}

/// What is looked for in the logs of a host.
#[derive(Debug, Clone, Default)]
pub struct LookBack {
    /// Addresses and networks.
    pub networks: Vec<Network>,
    /// Accounts.
    pub accounts: Vec<String>,
    /// How far back, seconds before now; absent for all that there is.
    pub since: Option<u64>,
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
struct Decided {
    jails: Decisions,
}

#[derive(Deserialize)]
struct Tree {
    files: Vec<HostFile>,
}

impl Host {
    /// A host with an agent that has `prefetch` on its command line, and answers that first.
    pub fn prefetching(mut link: Link, paths: HostPaths, prefetch: Prefetch) -> Self {
        let requests = prefetch.requests(&paths);
        let tickets = requests.iter().map(|(verb, _)| link.prefetched(verb)).collect();
        Self {
            locked: prefetch.lock.is_some(),
            begun: Some(Begun { prefetch, tickets }),
            ..Self::new(link, paths)
        }
    }

    /// A host after a running agent.
    pub fn new(link: Link, paths: HostPaths) -> Self {
        Self {
            link,
            paths,
            begun: None,
            owed: None,
            locked: false,
            bans: 0,
        }
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
        self.look(&Prefetch::look(want), events).await
    }

    /// Takes the host's lock where that is wanted, then looks; both cost one round trip, or none where it was asked for
    /// on the command line. The lock is kept until the change or the agent ends. Where a rehearsal is to be prepared,
    /// the host does so after its answer, while the draft is being made; the answer to that is read with the next one.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `locked` if another holds it for longer than it is waited for; else as `observe`.
    pub async fn look(&mut self, prefetch: &Prefetch, events: Events<'_>) -> Result<Observed, LinkError> {
        let tickets = self.begin(prefetch, events).await?;
        self.seen(prefetch, tickets, events).await
    }

    /// Looks at the parts that are named and back into the logs, in one round trip.
    ///
    /// # Errors
    /// As [`Host::observe`].
    pub async fn look_back(
        &mut self,
        want: &[Part],
        asked: &LookBack,
        events: Events<'_>,
    ) -> Result<(Observed, LookedBack), LinkError> {
        let prefetch = Prefetch::look(want);
        let tickets = self.begin(&prefetch, events).await?;
        let arguments = json!({
            "host": self.paths, "networks": asked.networks, "accounts": asked.accounts, "since": asked.since,
        });
        let ticket = self.link.send("look_back", arguments).await?;
        let observed = self.seen(&prefetch, tickets, events).await?;
        let patience = Duration::from_secs(LOOK_SECONDS);
        Ok((observed, self.link.answer(ticket, patience, events).await?))
    }

    /// Which of the lines that were looked back at last each running jail counts.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn counted(&mut self) -> Result<CountedLines, LinkError> {
        let arguments = json!({"host": self.paths});
        self.ask("counted", arguments, REHEARSAL_SECONDS, &mut |_| ()).await
    }

    /// Sends the requests of a look, unless they went with the command line.
    async fn begin(&mut self, prefetch: &Prefetch, events: Events<'_>) -> Result<Vec<Ticket>, LinkError> {
        self.locked |= prefetch.lock.is_some();
        let begun = self.begun.take_if(|begun| begun.prefetch == *prefetch);
        if let Some(begun) = begun {
            return Ok(begun.tickets);
        }
        self.read_unread_answers(events).await?;
        let mut tickets = Vec::new();
        for (verb, arguments) in prefetch.requests(&self.paths) {
            tickets.push(self.link.send(verb, arguments).await?);
        }
        Ok(tickets)
    }

    /// What a look comes to.
    async fn seen(
        &mut self,
        prefetch: &Prefetch,
        mut tickets: Vec<Ticket>,
        events: Events<'_>,
    ) -> Result<Observed, LinkError> {
        if prefetch.prepare {
            self.owed = tickets.pop();
        }
        let patience = Duration::from_secs(prefetch.lock.unwrap_or_default().saturating_add(LOOK_SECONDS));
        self.answers_to(tickets, patience, events).await
    }

    /// The answer to the last of several requests, and the first failure of any.
    async fn answers_to(
        &mut self,
        tickets: Vec<Ticket>,
        patience: Duration,
        events: Events<'_>,
    ) -> Result<Observed, LinkError> {
        let mut answers = Vec::new();
        for ticket in tickets {
            answers.push(self.link.answer::<Value>(ticket, patience, events).await);
        }
        let mut last = Value::Null;
        for answer in answers {
            last = answer?;
        }
        let observed: Observed = serde_json::from_value(last).map_err(|error| LinkError::Unintelligible {
            verb: "observe".to_owned(),
            reason: error.to_string(),
        })?;
        let jails = observed
            .server
            .value()
            .into_iter()
            .flat_map(|server| server.jails.values());
        self.bans = jails.map(|jail| jail.bans.len() as u64).sum();
        Ok(observed)
    }

    /// Reads the answers that nobody has waited for. A preparation that failed tells so when it is needed.
    async fn read_unread_answers(&mut self, events: Events<'_>) -> Result<(), LinkError> {
        let begun = self.begun.take().into_iter().flat_map(|begun| begun.tickets);
        let owed: Vec<Ticket> = begun.chain(self.owed.take()).collect();
        for ticket in owed {
            let patience = Duration::from_secs(REHEARSAL_SECONDS);
            match self.link.answer::<Value>(ticket, patience, events).await {
                Err(LinkError::Agent(_)) | Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Tries a draft on a copy; nothing live is touched. For jails that are not `running`, it is forecast which
    /// addresses they would
    /// ban at once.
    ///
    /// # Errors
    /// [`LinkError`]; a draft that does not work is an answer, not an error.
    pub async fn rehearse(
        &mut self,
        files: &[ReplaceFile],
        running: &[String],
        events: Events<'_>,
    ) -> Result<Rehearsal, LinkError> {
        let arguments = json!({"host": self.paths, "files": files, "running": running});
        self.ask("rehearse", arguments, REHEARSAL_SECONDS, events).await
    }

    /// Asks fail2ban's own classes whether each running jail would ignore these addresses; a refusal leaves that unknown.
    ///
    /// # Errors
    /// [`LinkError`] if the connection is lost or the answer is not understood.
    pub async fn decide(&mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<Known<Decisions>, LinkError> {
        let addresses: Vec<IpAddr> = addresses.into_iter().collect();
        let arguments = json!({"host": self.paths, "addresses": addresses});
        match self
            .ask::<Decided>("decide", arguments, LOOK_SECONDS, &mut |_| ())
            .await
        {
            Ok(decided) => Ok(Known::of(decided.jails)),
            Err(LinkError::Agent(failure)) => Ok(Known::Unknown {
                unknown: failure.message,
                kind: Cause::default(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Runs an approved change to its safe end. Once the confirmation that it may wait for is `given_up`, the host is
    /// asked to revert at once, over this connection.
    ///
    /// # Errors
    /// [`LinkError::Agent`] if nothing was changed; [`LinkError::Lost`] if the outcome is unknown. A change that failed
    /// and was undone is an answer.
    pub async fn apply(
        &mut self,
        arguments: &ApplyArguments<'_>,
        events: Events<'_>,
        given_up: impl Future<Output = ()> + Send,
    ) -> Result<ApplyResult, LinkError> {
        let patience = self.patience(arguments);
        let ticket = self.send("apply", json!(arguments), events).await?;
        self.locked = false;
        let revert = self.revert(arguments.change_id);
        let answer = self.link.answer(ticket, patience, events);
        reverted_when(given_up, &revert, answer).await
    }

    /// How long a change may take on this host, with the bans that stood at the last look.
    pub fn patience(&self, arguments: &ApplyArguments<'_>) -> Duration {
        let restarted = |operation: &&Operation| matches!(operation, Operation::Restart { .. });
        let restarts = arguments.operations.iter().filter(restarted).count();
        let restarts = u64::try_from(restarts).unwrap_or(u64::MAX);
        let confirmation_wait = arguments.sign.as_ref().map_or(0, |sign| sign.seconds);
        let seconds = CHANGE_SECONDS
            .saturating_add(arguments.wait)
            .saturating_add(confirmation_wait)
            .saturating_add(restarts.saturating_mul(RESTART_SECONDS))
            .saturating_add(self.bans.saturating_mul(BAN_SECONDS));
        Duration::from_secs(seconds)
    }

    /// How many bans stood at the last look.
    pub fn bans(&self) -> u64 {
        self.bans
    }

    /// Notes how many bans are on a host that was looked at over an earlier connection.
    pub fn expect_bans(&mut self, bans: u64) {
        self.bans = bans;
    }

    /// Finishes or undoes an interrupted change; the lock is kept for what follows. `given_up` as for [`Host::apply`].
    ///
    /// # Errors
    /// As [`Host::apply`].
    pub async fn recover(
        &mut self,
        change_id: &str,
        how: &RecoverArguments,
        wait: u64,
        events: Events<'_>,
        given_up: impl Future<Output = ()> + Send,
    ) -> Result<ApplyResult, LinkError> {
        let confirmation_wait = how.sign.as_ref().map_or(0, |sign| sign.seconds);
        let patience = CHANGE_SECONDS
            .saturating_add(wait)
            .saturating_add(confirmation_wait)
            .saturating_add(self.bans.saturating_mul(BAN_SECONDS));
        let arguments = json!({
            "host": self.paths, "change_id": change_id, "wait": wait, "keep_lock": true,
            "how": how.how, "recovered_by": how.recovered_by, "sign": how.sign,
        });
        let ticket = self.send("recover", arguments, events).await?;
        self.locked = true;
        let revert = self.revert(change_id);
        let answer = self.link.answer(ticket, Duration::from_secs(patience), events);
        reverted_when(given_up, &revert, answer).await
    }

    /// What reports over the old connection that no confirmation will come.
    fn revert(&mut self, change_id: &str) -> Interjection {
        let revert = json!({"host": self.paths, "change_id": change_id, "token": REVERT});
        self.link.interjection("sign", &revert)
    }

    /// Confirms a change that another connection waits with.
    ///
    /// # Errors
    /// [`LinkError::Agent`] of kind `missing` if it no longer waits.
    pub async fn confirm(&mut self, change_id: &str, token: &str) -> Result<(), LinkError> {
        let arguments = json!({"host": self.paths, "change_id": change_id, "token": token});
        self.ask::<Value>("sign", arguments, LOOK_SECONDS, &mut |_| ())
            .await
            .map(|_| ())
    }

    /// Gives back a lock that no change has used. Without this the host does so as soon as it learns that the
    /// connection has ended, which may be after the next command has begun; a host that does not answer does it then.
    pub async fn unlock(&mut self) {
        if std::mem::take(&mut self.locked) {
            let arguments = json!({"host": self.paths});
            let mut unheard = |_| ();
            let unlocked = self.ask::<Value>("unlock", arguments, UNLOCK_SECONDS, &mut unheard);
            // A lost connection ends the agent, and that gives the lock back.
            let _ = tokio::time::timeout(Duration::from_secs(UNLOCK_SECONDS), unlocked).await;
        }
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

    /// Writes an attempt that never became a change into the host's audit log.
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

    /// Follows the action log: what lies behind a place or since a moment, then what comes, until it is dropped. Other
    /// things can be asked of the host meanwhile. Its events are [`LinkError::Lost`] when the connection ends, and
    /// [`LinkError::Agent`] if the log may not be read.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn follow(
        &mut self,
        since: Option<&LogSince>,
        place: Option<&LogPlace>,
    ) -> Result<Stream<LogEvent>, LinkError> {
        self.read_unread_answers(&mut |_| ()).await?;
        let arguments = json!({"host": self.paths, "since": since, "place": place});
        self.link.stream("follow", arguments).await
    }

    /// A page of the host's audit log, from a place on (absent: from the first), oldest lines first or `newest_first`.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn audit(&mut self, place: Option<&AuditPlace>, newest_first: bool) -> Result<AuditPage, LinkError> {
        let arguments = json!({"host": self.paths, "place": place, "newest_first": newest_first});
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
        let ticket = self.send(verb, arguments, events).await?;
        self.link.answer(ticket, Duration::from_secs(seconds), events).await
    }

    /// Sends a request, then reads the answers that come before its own.
    async fn send(&mut self, verb: &'static str, arguments: Value, events: Events<'_>) -> Result<Ticket, LinkError> {
        let ticket = self.link.send(verb, arguments).await?;
        self.read_unread_answers(events).await?;
        Ok(ticket)
    }
}

/// Waits for an answer, and sends `revert` if the new login is given up before it comes.
async fn reverted_when<T>(
    given_up: impl Future<Output = ()> + Send,
    revert: &Interjection,
    answer: impl Future<Output = Result<T, LinkError>> + Send,
) -> Result<T, LinkError> {
    let reverting = async {
        given_up.await;
        revert.send();
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        answer = answer => answer,
        never = reverting => match never {},
    }
}
