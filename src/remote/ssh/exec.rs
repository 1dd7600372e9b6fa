//! One command on the host: its stdin and stdout as streams, the end of its stderr, and how it ended.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::{mpsc, oneshot, watch};

use crate::model::comment_text::escaped;

use super::prompt::visible;
use super::watcher::LinkWatch;

/// How much of stderr is kept, from its end, in bytes.
const STDERR_TAIL: usize = 16 * 1024;
/// How many packets (of at most 32 KiB) wait for the reader of stdout before the host has to wait.
const STDOUT_QUEUE: usize = 64;
/// After the exit status: how long a quiet channel is kept, which a child in the background may hold open for ever.
const GRACE: Duration = Duration::from_secs(2);

/// The connection (or at least the command's channel) is gone, so nobody here knows whether the command finished. Never
/// take it for a failure of the command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the command was cut off ({cause})")]
pub struct LinkLost {
    /// Why, as far as it is known.
    pub cause: String,
}

/// A command that was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecError {
    /// The host opens no further channel.
    #[error("the host opens no channel for a command: {0}")]
    NoChannel(String),
    /// The connection had ended before.
    #[error("the command was not started, because the connection to the host had ended ({0})")]
    Ended(String),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With this exit status.
    Exit(u32),
    /// By a signal, such as `TERM`.
    Signal(String),
    /// The host did not run it.
    Refused,
    /// It is unknown whether it ended.
    LinkLost(LinkLost),
}

/// A command that has ended, or is not known to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// How.
    pub ended: Ended,
    /// The end of what it wrote to stderr, at most 16 KiB, made safe for a terminal.
    pub stderr: String,
}

/// A command that runs.
///
/// Its stdout must be read (or dropped): the host waits when 2 MiB are unread, and with it everything else on the
/// connection.
#[derive(Debug)]
pub struct Exec {
    /// What the command reads. Shutting it down sends the end of file; dropping it does not.
    pub stdin: Stdin,
    /// What the command writes.
    pub stdout: Stdout,
    /// How it ends. Dropping it gives the command up: the channel is closed, which ends no process by itself.
    pub completion: Completion,
}

/// The command's stdin.
pub struct Stdin {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    ended: watch::Receiver<Option<Ended>>,
    at_end_of_file: bool,
    waiting: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// The command's stdout. After a lost connection it ends with an error that holds a [`LinkLost`].
#[derive(Debug)]
pub struct Stdout {
    packets: mpsc::Receiver<Vec<u8>>,
    packet: io::Cursor<Vec<u8>>,
    ended: watch::Receiver<Option<Ended>>,
}

/// The end of a command, still to come.
#[derive(Debug)]
pub struct Completion {
    ended: watch::Receiver<Option<Ended>>,
    stderr: Tail,
    _given_up: oneshot::Sender<()>,
}

impl Exec {
    /// Waits for the end. stdin is shut down, and what is still to come on stdout is thrown away.
    pub async fn finish(self) -> Finished {
        let Self {
            mut stdin,
            stdout,
            completion,
        } = self;
        drop(stdout);
        // A command that has ended already needs no end of file.
        let _ = stdin.shutdown().await;
        completion.finish().await
    }

    /// Runs `command` on an open channel. Nothing is waited for: data written to stdin follows in the same flight.
    pub(super) async fn start(channel: Channel<Msg>, command: &str, link: LinkWatch) -> Result<Self, ExecError> {
        let (reader, writer) = channel.split();
        // The reply is not waited for; it comes through the channel if the host refuses.
        writer
            .exec(true, command)
            .await
            .map_err(|_| ExecError::Ended(link.cause()))?;
        let (packet_sender, packets) = mpsc::channel(STDOUT_QUEUE);
        let (ended_sender, ended) = watch::channel(None);
        let (given_up_sender, given_up) = oneshot::channel();
        let stderr = Tail::default();
        let stdin = Stdin::new(Box::pin(writer.make_writer()), ended.clone());
        let pump = Pump {
            reader,
            writer,
            stdout: Some(packet_sender),
            stderr: stderr.clone(),
            link,
        };
        tokio::spawn(pump.run(given_up, ended_sender));
        Ok(Self {
            stdin,
            stdout: Stdout {
                packets,
                packet: io::Cursor::default(),
                ended: ended.clone(),
            },
            completion: Completion {
                ended,
                stderr,
                _given_up: given_up_sender,
            },
        })
    }
}

impl Completion {
    /// Waits for the end. stdout must be read or dropped meanwhile.
    pub async fn finish(mut self) -> Finished {
        let ended = match self.ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone(),
            Err(_) => None,
        };
        let unknown = || {
            Ended::LinkLost(LinkLost {
                cause: "the session was closed here".into(),
            })
        };
        Finished {
            ended: ended.unwrap_or_else(unknown),
            stderr: self.stderr.text(),
        }
    }

    /// The end of stderr as it is now, at most 16 KiB, made safe for a terminal.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }
}

/// The last bytes of a stream.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        let surplus = kept.len().saturating_sub(STDERR_TAIL);
        kept.drain(..surplus);
    }

    fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Escaped line by line: what reads it looks for lines of sudo's and of the agent's.
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<String> = text.trim_end().lines().map(escaped).collect();
        lines.join("\n")
    }
}

/// Reads a channel to its end, so that it never holds up the connection, and closes it.
struct Pump {
    reader: ChannelReadHalf,
    writer: ChannelWriteHalf<Msg>,
    stdout: Option<mpsc::Sender<Vec<u8>>>,
    stderr: Tail,
    link: LinkWatch,
}

impl Pump {
    async fn run(mut self, mut given_up: oneshot::Receiver<()>, ended: watch::Sender<Option<Ended>>) {
        let end = tokio::select! {
            end = self.read() => Some(end),
            _ = &mut given_up => None,
        };
        // A dropped channel would count against the host's MaxSessions for the life of the connection.
        let _ = self.writer.close().await;
        // The end is known before stdout ends, so that its reader can tell an end of file from a loss.
        ended.send_replace(end);
        drop(self.stdout);
    }

    async fn read(&mut self) -> Ended {
        let mut end: Option<Ended> = None;
        let mut at_end_of_file = false;
        loop {
            let message = match &end {
                Some(known) if at_end_of_file => return known.clone(),
                Some(known) => match tokio::time::timeout(GRACE, self.reader.wait()).await {
                    Ok(message) => message,
                    Err(_) => return known.clone(),
                },
                None => self.reader.wait().await,
            };
            match message {
                Some(ChannelMsg::Data { data }) => self.pass_on(data.to_vec()).await,
                Some(ChannelMsg::ExtendedData { data, .. }) => self.stderr.push(&data),
                Some(ChannelMsg::Eof) => at_end_of_file = true,
                Some(ChannelMsg::ExitStatus { exit_status }) => end = Some(Ended::Exit(exit_status)),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    end = Some(Ended::Signal(signal_word(&signal_name)))
                }
                Some(ChannelMsg::Failure) if end.is_none() => return Ended::Refused,
                Some(ChannelMsg::Close) | None => {
                    return end.unwrap_or_else(|| self.cut_off());
                }
                Some(_) => {}
            }
        }
    }

    fn cut_off(&self) -> Ended {
        let silent = || "the host closed its channel without saying how it ended".into();
        Ended::LinkLost(LinkLost {
            cause: self.link.ended().unwrap_or_else(silent),
        })
    }

    async fn pass_on(&mut self, packet: Vec<u8>) {
        if let Some(stdout) = &self.stdout
            && stdout.send(packet).await.is_err()
        {
            self.stdout = None;
        }
    }
}

fn signal_word(signal: &russh::Sig) -> String {
    match signal {
        russh::Sig::Custom(name) => visible(name),
        known => format!("{known:?}"),
    }
}

/// The error that a stream ends with.
fn lost(ended: &watch::Receiver<Option<Ended>>) -> Option<io::Error> {
    match &*ended.borrow() {
        Some(Ended::LinkLost(lost)) => Some(io::Error::new(io::ErrorKind::ConnectionAborted, lost.clone())),
        _ => None,
    }
}

impl AsyncRead for Stdout {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let before = buffer.filled().len();
            let read = Pin::new(&mut self.packet).poll_read(context, buffer);
            if !matches!(read, Poll::Ready(Ok(()))) || buffer.filled().len() > before || buffer.remaining() == 0 {
                return read;
            }
            match std::task::ready!(self.packets.poll_recv(context)) {
                Some(packet) => self.packet = io::Cursor::new(packet),
                None => return Poll::Ready(lost(&self.ended).map_or(Ok(()), Err)),
            }
        }
    }
}

impl Stdin {
    fn new(writer: Pin<Box<dyn AsyncWrite + Send>>, ended: watch::Receiver<Option<Ended>>) -> Self {
        let mut watched = ended.clone();
        let waiting = Box::pin(async move {
            let _ = watched.wait_for(Option::is_some).await;
        });
        Self {
            writer,
            ended,
            at_end_of_file: false,
            waiting,
        }
    }

    /// russh leaves a writer that waits for the host's window waiting for ever when the connection goes.
    fn refuse_after_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.ended.borrow().is_none() && self.waiting.as_mut().poll(context).is_pending() {
            return Ok(());
        }
        Err(lost(&self.ended).unwrap_or_else(|| io::Error::new(io::ErrorKind::BrokenPipe, "the command has ended")))
    }
}

impl AsyncWrite for Stdin {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.refuse_after_end(context)?;
        self.writer.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.at_end_of_file {
            return Poll::Ready(Ok(()));
        }
        self.refuse_after_end(context)?;
        std::task::ready!(self.writer.as_mut().poll_shutdown(context))?;
        self.at_end_of_file = true;
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Stdin")
            .field("ended", &*self.ended.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_stderr_is_kept_and_cannot_steer_a_terminal() {
        let tail = Tail::default();
        for _ in 0..3000 {
            tail.push(b"0123456789");
        }
        tail.push(b"the end\x1b[2J\n");
        let text = tail.text();
        assert!(
            text.ends_with("the end\\u{1b}[2J") && text.len() <= STDERR_TAIL + 5,
            "{}",
            text.len()
        );
    }
}
