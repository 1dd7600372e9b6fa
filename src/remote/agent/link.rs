//! The conversation with the agent: requests go out in order, answers come back in order, events in between.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::frame::{self, FrameError};

/// How far a long request is, told by the agent.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentEvent {
    /// A stable word, e.g. `reload`.
    pub step: String,
    /// A full sentence.
    pub text: String,
}

/// A refusal or failure that the agent told of.
#[derive(Debug, Clone, Deserialize)]
pub struct AgentFailure {
    /// A stable word: `precondition`, `conflict`, `locked`, `permission`, `missing`, `io`, `protocol`, `fault`.
    pub kind: String,
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
    greeted: bool,
    sent: u64,
}

impl Link {
    /// A link over the agent's stdout and stdin. `program` is what of its program goes over stdin; it is written with the
    /// first request, so that a look which was asked for on the command line sends nothing at all.
    pub fn new(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        writer: Box<dyn AsyncWrite + Send + Unpin>,
        program: Vec<u8>,
    ) -> Self {
        Self {
            reader: BufReader::new(reader),
            writer,
            unsent: program,
            greeted: false,
            sent: 0,
        }
    }

    /// Sends a request without waiting for its answer, so that several cost one round trip.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the connection is gone.
    pub async fn send(&mut self, verb: &'static str, arguments: Value) -> Result<Ticket, LinkError> {
        self.sent += 1;
        let message = json!({"id": self.sent, "verb": verb, "arguments": arguments});
        let mut bytes = std::mem::take(&mut self.unsent);
        bytes.extend(frame::encode(&message));
        self.writer.write_all(&bytes).await.map_err(FrameError::Io)?;
        self.writer.flush().await.map_err(FrameError::Io)?;
        Ok(Ticket { id: self.sent, verb })
    }

    /// The ticket of a request that the agent was given on its command line; these come before any that is sent.
    pub fn told(&mut self, verb: &'static str) -> Ticket {
        self.sent += 1;
        Ticket { id: self.sent, verb }
    }

    /// Waits for a request's answer; what the agent tells meanwhile goes to `events`.
    ///
    /// # Errors
    /// [`LinkError`] if the connection is lost, the agent refuses or fails, or the answer is not understood.
    pub async fn answer<T: DeserializeOwned>(
        &mut self,
        ticket: Ticket,
        events: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<T, LinkError> {
        self.stream(ticket, events).await
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
        if !self.greeted {
            frame::greeting(&mut self.reader).await?;
            self.greeted = true;
        }
        let unintelligible = |reason: String| LinkError::Unintelligible {
            verb: ticket.verb.to_owned(),
            reason,
        };
        loop {
            let mut message = frame::read(&mut self.reader).await?;
            if message.get("id").and_then(Value::as_u64) != Some(ticket.id) {
                return Err(unintelligible("it belongs to another request".to_owned()));
            }
            let mut take = |key: &str| message.get_mut(key).map(Value::take);
            if let Some(event) = take("event") {
                events(read(event).map_err(unintelligible)?);
            } else if let Some(failure) = take("error") {
                return Err(LinkError::Agent(read(failure).map_err(unintelligible)?));
            } else if let Some(answer) = take("ok") {
                return read(answer).map_err(unintelligible);
            } else {
                return Err(unintelligible("it holds no answer".to_owned()));
            }
        }
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
