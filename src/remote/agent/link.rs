//! The conversation with the agent: requests go out in order, answers come back in order, events in between.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use zeroize::Zeroizing;

use super::frame::{self, FrameError, LARGEST_ANSWER};

/// The longest text of an event or a failure that is taken from the host, in characters; the rest is cut off.
const LONGEST_TEXT: usize = 4000;
/// How long the host may take to read a request: the longest carries a whole jail.local.
const SEND_SECONDS: u64 = 60;

/// How long a host may take from the command to the agent's greeting: a login shell, python3 and a slow disk.
const GREETING_SECONDS: u64 = 60;
/// How long it may take to the first event of a stream: the agent sends one at once.
const FIRST_EVENT_SECONDS: u64 = 180;

/// How far a long request is, told by the agent.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentEvent {
    /// What it is at.
    pub step: AgentStep,
    /// A full sentence.
    pub text: String,
}

/// What a long request is at, as far as that matters to who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStep {
    /// Another change holds the lock.
    Waiting,
    /// A change is rolled back.
    Undo,
    /// An interrupted change is finished.
    Finish,
    /// What a change lifted or moved is put back.
    Restore,
    /// The host waits for the new login that confirms the change.
    SignOfLife,
    /// Any other step.
    #[serde(other)]
    Other,
}

/// Why the agent refused or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentFailureKind {
    /// The host is not in a state in which this can be done.
    Precondition,
    /// The host is not as it was planned on.
    Conflict,
    /// Another change holds the lock.
    Locked,
    /// The login may not do this.
    Permission,
    /// What was named does not exist.
    Missing,
    /// The system refused.
    Io,
    /// The request is not one that the agent knows.
    Protocol,
    /// The agent itself failed.
    Fault,
    /// A word that no agent says.
    #[serde(other)]
    Other,
}

impl AgentFailureKind {
    /// Whether nothing was changed before the agent failed like this.
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::Locked | Self::Conflict | Self::Precondition | Self::Permission | Self::Missing | Self::Io
        )
    }
}

/// A refusal or failure that the agent told of.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentFailure {
    /// Which it is.
    pub kind: AgentFailureKind,
    /// A clause.
    pub message: String,
    /// Facts beside it.
    #[serde(default)]
    pub facts: Value,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The stream ended or failed: what the host did since is unknown.
    #[error("{0}")]
    Lost(#[from] FrameError),
    /// The agent refused or failed.
    #[error("{}", .0.message)]
    Agent(AgentFailure),
    /// The answer is not of the expected form.
    #[error("the host's agent answered `{verb}` in a form that is not understood: {reason}")]
    Unintelligible {
        /// The verb.
        verb: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

/// A request that is sent while another is being served: its verb and its arguments.
pub type Interjection = (&'static str, Value);

/// A request that was sent and not answered yet.
#[must_use = "each request's answer has to be read, in order"]
#[derive(Debug)]
pub struct Ticket {
    id: u64,
    verb: &'static str,
}

/// One running agent.
pub struct Link {
    reader: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    unsent: Vec<u8>,
    secret: Option<Zeroizing<String>>,
    greeted: bool,
    /// Whether it was given up in the middle of something, so that nothing that follows can be told apart.
    broken: bool,
    sent: u64,
}

impl Link {
    /// A link over the stdout and stdin of an agent that has its whole program.
    pub fn new(reader: Box<dyn AsyncRead + Send + Unpin>, writer: Box<dyn AsyncWrite + Send + Unpin>) -> Self {
        Self {
            reader: BufReader::new(reader),
            writer,
            unsent: Vec::new(),
            secret: None,
            greeted: false,
            broken: false,
            sent: 0,
        }
    }

    /// The same for an agent that still waits for `program` on its stdin. That is written with the first request, so that
    /// a look which was asked for on the command line sends nothing at all.
    #[must_use]
    pub fn with_program(mut self, program: Vec<u8>) -> Self {
        self.unsent = program;
        self
    }

    /// The same with a text that no failure or event of the agent's may repeat, wherever it had that from.
    #[must_use]
    pub fn concealing(mut self, secret: Option<Zeroizing<String>>) -> Self {
        self.secret = secret;
        self
    }

    /// Sends a request without waiting for its answer, so that several cost one round trip.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the connection is gone, or if the host does not read it.
    pub async fn send(&mut self, verb: &'static str, arguments: Value) -> Result<Ticket, LinkError> {
        if self.broken {
            return Err(FrameError::Ended.into());
        }
        self.sent += 1;
        let message = json!({"id": self.sent, "verb": verb, "arguments": arguments});
        let mut bytes = std::mem::take(&mut self.unsent);
        bytes.extend(frame::encode(&message));
        let sending = async {
            self.writer.write_all(&bytes).await?;
            self.writer.flush().await
        };
        match tokio::time::timeout(Duration::from_secs(SEND_SECONDS), sending).await {
            Ok(sent) => sent.map_err(FrameError::Io)?,
            Err(_) => return Err(self.given_up(verb, Duration::from_secs(SEND_SECONDS))),
        }
        Ok(Ticket { id: self.sent, verb })
    }

    /// The ticket of a request that the agent was given on its command line; these come before any that is sent.
    pub fn told(&mut self, verb: &'static str) -> Ticket {
        self.sent += 1;
        Ticket { id: self.sent, verb }
    }

    /// Waits for a request's answer, for as long as `patience` allows; what the agent tells meanwhile goes to `events`.
    ///
    /// The limit is for a host that is alive and never answers, or tells without end; a dead link ends by itself.
    ///
    /// # Errors
    /// [`LinkError`] if the connection is lost, the agent refuses or fails, the answer is not understood or does not come.
    pub async fn answer<T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        patience: Duration,
        events: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<T, LinkError> {
        self.answer_with(ticket, patience, events, std::future::pending()).await
    }

    /// The same, with one more request that is sent when `interjection` is ready. The agent takes it while it serves the
    /// first, and gives it no answer of its own.
    ///
    /// # Errors
    /// As [`Link::answer`].
    pub async fn answer_with<T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        patience: Duration,
        events: &mut (dyn FnMut(AgentEvent) + Send),
        interjection: impl Future<Output = Interjection> + Send,
    ) -> Result<T, LinkError> {
        if self.broken {
            return Err(FrameError::Ended.into());
        }
        let verb = ticket.verb;
        match tokio::time::timeout(patience, self.wait_for(ticket, events, interjection)).await {
            Ok(answered) => answered,
            Err(_) => Err(self.given_up(verb, patience)),
        }
    }

    fn given_up(&mut self, verb: &'static str, patience: Duration) -> LinkError {
        self.broken = true;
        let seconds = patience.as_secs();
        FrameError::Silent { verb, seconds }.into()
    }

    async fn wait_for<T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        events: &mut (dyn FnMut(AgentEvent) + Send),
        interjection: impl Future<Output = Interjection> + Send,
    ) -> Result<T, LinkError> {
        let secret = self.secret.clone();
        let mut bounded = |event: AgentEvent| {
            events(AgentEvent {
                step: event.step,
                text: cut(without(event.text, secret.as_ref())),
            });
        };
        self.read_answer(ticket, Events::Beside(&mut bounded), interjection)
            .await
    }

    /// Waits for the answer of a request whose events are what it is asked for; each has the form `E`.
    ///
    /// # Errors
    /// As [`Link::answer`].
    pub async fn stream<E: DeserializeOwned, T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        events: &mut (dyn FnMut(E) + Send),
    ) -> Result<T, LinkError> {
        self.read_answer(ticket, Events::Stream(events), std::future::pending())
            .await
    }

    /// Reads up to the agent's greeting, which comes with no more delay than its first answer.
    ///
    /// # Errors
    /// [`FrameError`] if the command ends before, if nothing comes, or if it is too long to be a login shell's talk.
    pub async fn greeted(&mut self) -> Result<(), FrameError> {
        if !self.greeted {
            let limit = Duration::from_secs(GREETING_SECONDS);
            let greeting = tokio::time::timeout(limit, frame::greeting(&mut self.reader));
            greeting.await.unwrap_or(Err(FrameError::NotStarted {
                seconds: GREETING_SECONDS,
            }))?;
            self.greeted = true;
        }
        Ok(())
    }

    async fn read_answer<E: DeserializeOwned, T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        mut events: Events<'_, E>,
        interjection: impl Future<Output = Interjection> + Send,
    ) -> Result<T, LinkError> {
        let mut interjection = std::pin::pin!(interjection);
        let mut interjected = false;
        self.greeted().await?;
        let unintelligible = |reason: String| LinkError::Unintelligible {
            verb: ticket.verb.to_owned(),
            reason: cut(reason),
        };
        let silent = FrameError::Silent {
            verb: ticket.verb,
            seconds: FIRST_EVENT_SECONDS,
        };
        let mut silence = std::pin::pin!(tokio::time::sleep(Duration::from_secs(FIRST_EVENT_SECONDS)));
        let mut is_silent = events.is_stream();
        let mut left = LARGEST_ANSWER;
        loop {
            let mut message = {
                // A frame that is half read must not be dropped, so the same reading is waited for again.
                let mut reading = std::pin::pin!(frame::read(&mut self.reader, &mut left));
                loop {
                    tokio::select! {
                        message = &mut reading => break message?,
                        () = &mut silence, if is_silent => return Err(silent.into()),
                        (verb, arguments) = &mut interjection, if !interjected => {
                            interjected = true;
                            self.sent += 1;
                            let request = json!({"id": self.sent, "verb": verb, "arguments": arguments});
                            self.writer.write_all(&frame::encode(&request)).await.map_err(FrameError::Io)?;
                            self.writer.flush().await.map_err(FrameError::Io)?;
                        }
                    }
                }
            };
            if message.get("id").and_then(Value::as_u64) != Some(ticket.id) {
                return Err(unintelligible("it belongs to another request".to_owned()));
            }
            let mut take = |key: &str| message.get_mut(key).map(Value::take);
            if let Some(event) = take("event") {
                is_silent = false;
                events.take(read(event).map_err(unintelligible)?, &mut left);
            } else if let Some(failure) = take("error") {
                let mut failure: AgentFailure = read(failure).map_err(unintelligible)?;
                failure.message = cut(without(failure.message, self.secret.as_ref()));
                return Err(LinkError::Agent(failure));
            } else if let Some(answer) = take("ok") {
                return read(answer).map_err(unintelligible);
            } else {
                return Err(unintelligible("it holds no answer".to_owned()));
            }
        }
    }
}

/// Where the events of a request go.
enum Events<'taker, E> {
    /// They tell how far it is; together with the answer they are bounded.
    Beside(&'taker mut (dyn FnMut(E) + Send)),
    /// They are what it is asked for, without an end: each is bounded by itself.
    Stream(&'taker mut (dyn FnMut(E) + Send)),
}

impl<E> Events<'_, E> {
    fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    fn take(&mut self, event: E, left: &mut usize) {
        match self {
            Self::Beside(taker) => taker(event),
            Self::Stream(taker) => {
                taker(event);
                *left = LARGEST_ANSWER;
            }
        }
    }
}

/// A text of the host without the password that was given to sudo.
pub fn concealed(text: &str, secret: &str) -> String {
    match secret.is_empty() {
        true => text.to_owned(),
        false => text.replace(secret, "(password)"),
    }
}

fn without(text: String, secret: Option<&Zeroizing<String>>) -> String {
    match secret {
        Some(secret) => concealed(&text, secret),
        None => text,
    }
}

/// A text of the host, no longer than anybody would read.
fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
