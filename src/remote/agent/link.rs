//! The conversation with the agent. Requests have numbers, and the frames of several may alternate: one task reads them all and
//! hands each to whoever waits for that number; another one writes. So a log can be followed while other things are asked.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::frame::{self, FrameError, LARGEST_ANSWER};
use super::message::{AgentEvent, AgentFailure, LinkError, concealed, cut};
use super::spoken::shown;

/// How long the host may take to read a request: the longest carries a whole jail.local.
const SEND_SECONDS: u64 = 60;
/// How long a host may take from the command to the agent's greeting: a login shell, python3 and a slow disk.
const GREETING_SECONDS: u64 = 60;
/// How long it may take to the first event of a stream: the agent sends one at once.
const FIRST_EVENT_SECONDS: u64 = 180;
/// How many frames of an answer are kept for one who does not wait for them yet; then the host waits.
const FRAMES_KEPT: usize = 32;
/// How many events of a stream the agent may send ahead of its reader; it does not send more.
const ROOM: usize = 16;

/// A request that was sent and not answered yet.
#[must_use = "each request's answer has to be read"]
#[derive(Debug)]
pub struct Ticket {
    id: u64,
    verb: &'static str,
    frames: mpsc::Receiver<Value>,
}

/// One running agent.
pub struct Link {
    shared: Arc<Shared>,
    greeted: watch::Receiver<bool>,
    /// Whether somebody waits for answers: before that none is read, since the tickets of what the command line asks for are
    /// made after the greeting.
    waited_for: watch::Sender<bool>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    unsent: Vec<u8>,
    secret: Option<Zeroizing<String>>,
    /// Whether it was given up in the middle of something.
    broken: bool,
    sent: u64,
    tasks: [JoinHandle<()>; 2],
}

/// Bytes to write, and who waits until they are written.
struct Outgoing {
    bytes: Vec<u8>,
    written: Option<oneshot::Sender<Result<(), FrameError>>>,
}

/// What the reading task and those who wait have in common.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: HashMap<u64, Waiting>,
    /// Why nothing more comes.
    ended: Option<FrameError>,
}

/// One who waits for the frames of a request.
struct Waiting {
    frames: mpsc::Sender<Value>,
    kind: Kind,
}

/// What is expected of a request's frames.
#[derive(Clone, Copy)]
enum Kind {
    /// An answer; with the events before it, no more than so many bytes may still come.
    Answer(usize),
    /// Events without end, each bounded by itself, and no more at a time than there is room for.
    Stream,
}

impl Link {
    /// A link over the stdout and stdin of an agent that has its whole program.
    pub fn new(reader: Box<dyn AsyncRead + Send + Unpin>, writer: Box<dyn AsyncWrite + Send + Unpin>) -> Self {
        let shared = Arc::<Shared>::default();
        let (greets, greeted) = watch::channel(false);
        let (waited_for, waits) = watch::channel(false);
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let tasks = [
            tokio::spawn(read_frames(BufReader::new(reader), Arc::clone(&shared), greets, waits)),
            tokio::spawn(write_frames(writer, to_write)),
        ];
        Self {
            shared,
            greeted,
            waited_for,
            outgoing,
            unsent: Vec::new(),
            secret: None,
            broken: false,
            sent: 0,
            tasks,
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
        self.send_for(verb, arguments, Kind::Answer(LARGEST_ANSWER)).await
    }

    async fn send_for(&mut self, verb: &'static str, arguments: Value, kind: Kind) -> Result<Ticket, LinkError> {
        if self.broken {
            return Err(FrameError::Ended.into());
        }
        let ticket = self.ticket(verb, kind);
        self.waited_for.send_replace(true);
        self.note("request", ticket.id, verb, &arguments);
        let message = json!({"id": ticket.id, "verb": verb, "arguments": arguments});
        let mut bytes = std::mem::take(&mut self.unsent);
        bytes.extend(frame::encode(&message));
        let (written, is_written) = oneshot::channel();
        let outgoing = Outgoing {
            bytes,
            written: Some(written),
        };
        // A task that has ended drops who waits with the bytes.
        let _ = self.outgoing.send(outgoing);
        match tokio::time::timeout(Duration::from_secs(SEND_SECONDS), is_written).await {
            Ok(Ok(written)) => written?,
            Ok(Err(_)) => return Err(self.shared.why_ended().into()),
            Err(_) => return Err(self.given_up(verb, Duration::from_secs(SEND_SECONDS))),
        }
        Ok(ticket)
    }

    /// A request that can be sent while another one is waited for; nobody waits for its own answer.
    pub fn interjection(&mut self, verb: &'static str, arguments: &Value) -> Interjection {
        let ticket = self.ticket(verb, Kind::Answer(LARGEST_ANSWER));
        Interjection {
            message: json!({"id": ticket.id, "verb": verb, "arguments": arguments}),
            outgoing: self.outgoing.clone(),
        }
    }

    /// The ticket of a request that the agent was given on its command line; these come before any that is sent.
    pub fn prefetched(&mut self, verb: &'static str) -> Ticket {
        let ticket = self.ticket(verb, Kind::Answer(LARGEST_ANSWER));
        tracing::debug!("request {} {verb}, on the command line", ticket.id);
        ticket
    }

    fn ticket(&mut self, verb: &'static str, kind: Kind) -> Ticket {
        self.sent += 1;
        let room = match kind {
            Kind::Answer(_) => FRAMES_KEPT,
            // Its answer comes behind all events.
            Kind::Stream => ROOM + 1,
        };
        let (sender, frames) = mpsc::channel(room);
        let mut state = self.shared.state();
        // Whoever waits learns at once that nothing will come.
        if state.ended.is_none() {
            state.waiting.insert(self.sent, Waiting { frames: sender, kind });
        }
        Ticket {
            id: self.sent,
            verb,
            frames,
        }
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
        if self.broken {
            return Err(FrameError::Ended.into());
        }
        let verb = ticket.verb;
        self.waited_for.send_replace(true);
        match tokio::time::timeout(patience, self.wait_for(ticket, events)).await {
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
        mut ticket: Ticket,
        events: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<T, LinkError> {
        self.greeted().await?;
        loop {
            let frame = ticket.frames.recv().await;
            match content(ticket.verb, frame, &self.shared)? {
                Content::Event(event) => {
                    self.note("event", ticket.id, ticket.verb, &event);
                    let event: AgentEvent = read(ticket.verb, event)?;
                    events(AgentEvent {
                        step: event.step,
                        text: cut(self.without_secret(event.text)),
                    });
                }
                Content::Failure(mut failure) => {
                    failure.message = cut(self.without_secret(failure.message));
                    tracing::debug!("failure {} {} {:?}", ticket.id, ticket.verb, failure.message);
                    return Err(LinkError::Agent(failure));
                }
                Content::Answer(answer) => {
                    self.note("answer", ticket.id, ticket.verb, &answer);
                    return read(ticket.verb, answer);
                }
            }
        }
    }

    /// Notes a message where somebody wants a log of them.
    fn note(&self, kind: &str, id: u64, verb: &str, content: &Value) {
        if tracing::enabled!(tracing::Level::DEBUG) {
            let content = shown(content, self.secret.as_ref().map(|secret| secret.as_str()));
            tracing::debug!("{kind} {id} {verb} {content}");
        }
    }

    fn without_secret(&self, text: String) -> String {
        match &self.secret {
            Some(secret) => concealed(&text, secret),
            None => text,
        }
    }

    /// Asks for something whose events, each of the form `E`, are what it is asked for; other requests may be sent meanwhile.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub async fn stream<E>(&mut self, verb: &'static str, mut arguments: Value) -> Result<Stream<E>, LinkError> {
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.insert("room".to_owned(), json!(ROOM));
        }
        let ticket = self.send_for(verb, arguments, Kind::Stream).await?;
        self.greeted().await?;
        Ok(Stream {
            ticket,
            shared: Arc::downgrade(&self.shared),
            outgoing: self.outgoing.clone(),
            taken: 0,
            first_until: Some(Instant::now() + Duration::from_secs(FIRST_EVENT_SECONDS)),
            events: PhantomData,
        })
    }

    /// Waits for the agent's greeting, which comes with no more delay than its first answer.
    ///
    /// # Errors
    /// [`FrameError`] if the command ends before, if nothing comes, or if it is too long to be a login shell's talk.
    pub async fn greeted(&mut self) -> Result<(), FrameError> {
        let limit = Duration::from_secs(GREETING_SECONDS);
        match tokio::time::timeout(limit, self.greeted.wait_for(|greeted| *greeted)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(self.shared.why_ended()),
            Err(_) => Err(FrameError::NotStarted {
                seconds: GREETING_SECONDS,
            }),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.end(FrameError::Ended);
    }
}

/// A request that is ready to be sent.
#[must_use = "it is not sent yet"]
pub struct Interjection {
    message: Value,
    outgoing: mpsc::UnboundedSender<Outgoing>,
}

impl Interjection {
    /// Sends it.
    pub fn send(&self) {
        post(&self.outgoing, &self.message);
    }
}

/// The events of a request that goes on until it is dropped, or until the agent ends it.
pub struct Stream<E> {
    ticket: Ticket,
    shared: std::sync::Weak<Shared>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    /// How many events were taken since the agent last heard of room.
    taken: usize,
    /// Until when the first event has to come; absent once it has.
    first_until: Option<Instant>,
    events: PhantomData<fn() -> E>,
}

impl<E: DeserializeOwned> Stream<E> {
    /// The next event; none when the agent has ended it. Nothing is lost if this is given up while it waits.
    ///
    /// # Errors
    /// As [`Link::answer`].
    pub async fn next(&mut self) -> Result<Option<E>, LinkError> {
        let frame = match self.first_until {
            None => self.ticket.frames.recv().await,
            Some(until) => match tokio::time::timeout_at(until, self.ticket.frames.recv()).await {
                Ok(frame) => frame,
                Err(_) => {
                    return Err(LinkError::Lost(FrameError::Silent {
                        verb: self.ticket.verb,
                        seconds: FIRST_EVENT_SECONDS,
                    }));
                }
            },
        };
        self.first_until = None;
        let shared = self.shared.upgrade().unwrap_or_default();
        match content(self.ticket.verb, frame, &shared)? {
            Content::Event(event) => {
                self.taken += 1;
                if self.taken >= ROOM / 2 {
                    post(&self.outgoing, &json!({"follower": self.ticket.id, "room": self.taken}));
                    self.taken = 0;
                }
                read(self.ticket.verb, event).map(Some)
            }
            Content::Failure(failure) => Err(LinkError::Agent(failure)),
            Content::Answer(_) => Ok(None),
        }
    }
}

impl<E> Drop for Stream<E> {
    fn drop(&mut self) {
        post(&self.outgoing, &json!({"follower": self.ticket.id, "stop": true}));
    }
}

/// Hands a frame to the writing task without waiting; a link that has ended takes none.
fn post(outgoing: &mpsc::UnboundedSender<Outgoing>, message: &Value) {
    let bytes = frame::encode(message);
    let _ = outgoing.send(Outgoing { bytes, written: None });
}

async fn write_frames(mut writer: Box<dyn AsyncWrite + Send + Unpin>, mut to_write: mpsc::UnboundedReceiver<Outgoing>) {
    while let Some(Outgoing { bytes, written }) = to_write.recv().await {
        let result = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        let result = result.await.map_err(FrameError::from);
        let failed = result.is_err();
        if let Some(written) = written {
            // Who has given up waiting needs no answer.
            let _ = written.send(result);
        }
        if failed {
            return;
        }
    }
}

async fn read_frames(
    mut reader: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    shared: Arc<Shared>,
    greets: watch::Sender<bool>,
    mut waits: watch::Receiver<bool>,
) {
    let reading = async {
        frame::greeting(&mut reader).await?;
        greets.send_replace(true);
        // A link that is gone has nobody who waits.
        let _ = waits.wait_for(|waited_for| *waited_for).await;
        loop {
            let mut left = LARGEST_ANSWER;
            let message = frame::read(&mut reader, &mut left).await?;
            shared.hand_on(message, LARGEST_ANSWER - left).await?;
        }
    };
    let ended: Result<(), FrameError> = reading.await;
    shared.end(ended.err().unwrap_or(FrameError::Ended));
    drop(greets);
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a frame to the one who waits for it. While an answer's frames are not taken the host waits; a stream's events are
    /// never waited for.
    async fn hand_on(&self, message: Value, size: usize) -> Result<(), FrameError> {
        let malformed = |what: &str| FrameError::Malformed(what.to_owned());
        let id = message.get("id").and_then(Value::as_u64);
        let is_event = message.get("event").is_some();
        let (frames, kind) = {
            let mut state = self.state();
            let waiting = id.and_then(|id| state.waiting.get_mut(&id));
            let waiting = waiting.ok_or_else(|| malformed("an answer to nothing that was asked"))?;
            if let Kind::Answer(left) = &mut waiting.kind {
                *left = left.checked_sub(size).ok_or_else(frame::too_much)?;
            }
            let found = (waiting.frames.clone(), waiting.kind);
            if let (Some(id), false) = (id, is_event) {
                state.waiting.remove(&id);
            }
            found
        };
        match kind {
            // Nobody may wait for it any more.
            Kind::Answer(_) => {
                let _ = frames.send(message).await;
            }
            Kind::Stream => {
                if let Err(mpsc::error::TrySendError::Full(_)) = frames.try_send(message) {
                    return Err(malformed("more events than there is room for"));
                }
            }
        }
        Ok(())
    }

    /// Nothing more comes: all who wait learn why.
    fn end(&self, why: FrameError) {
        let mut state = self.state();
        state.ended.get_or_insert(why);
        state.waiting.clear();
    }

    fn why_ended(&self) -> FrameError {
        self.state().ended.clone().unwrap_or(FrameError::Ended)
    }
}

/// What a frame holds.
enum Content {
    Event(Value),
    Failure(AgentFailure),
    Answer(Value),
}

fn content(verb: &str, frame: Option<Value>, shared: &Shared) -> Result<Content, LinkError> {
    let Some(mut frame) = frame else {
        return Err(shared.why_ended().into());
    };
    let mut take = |key: &str| frame.get_mut(key).map(Value::take);
    if let Some(event) = take("event") {
        Ok(Content::Event(event))
    } else if let Some(failure) = take("error") {
        read(verb, failure).map(Content::Failure)
    } else if let Some(answer) = take("ok") {
        Ok(Content::Answer(answer))
    } else {
        Err(unintelligible(verb, "it holds no answer".to_owned()))
    }
}

fn unintelligible(verb: &str, reason: String) -> LinkError {
    LinkError::Unintelligible {
        verb: verb.to_owned(),
        reason: cut(reason),
    }
}

fn read<T: DeserializeOwned>(verb: &str, value: Value) -> Result<T, LinkError> {
    serde_json::from_value(value).map_err(|error| unintelligible(verb, error.to_string()))
}
