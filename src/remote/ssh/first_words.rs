//! What a host says before it speaks SSH: sshd writes the reason of a refusal in a plain line, which would else be
//! lost.
//!
//! Boundary: bytes pass through unchanged; only the beginning of what the host sends is remembered.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::dial::ByteStream;
use super::prompt::visible;

/// How much of it is kept, in bytes: more than any such line of sshd has.
const MOST_BYTES: usize = 256;

/// What was heard so far; `None` once the host speaks SSH.
#[derive(Debug, Clone)]
pub(super) struct FirstWords(Arc<Mutex<Option<Vec<u8>>>>);

impl FirstWords {
    /// What the host sent instead of speaking SSH, in one line that is safe for a terminal; empty if that was nothing.
    pub(super) fn text(&self) -> String {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(heard.as_deref().unwrap_or_default());
        visible(text.trim_end())
    }

    fn listening(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(words) = heard.as_mut() else { return };
        let room = MOST_BYTES.saturating_sub(words.len());
        words.extend(bytes.iter().take(room));
        let speaks = words.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"SSH-"));
        if speaks {
            *heard = None;
        }
    }
}

/// A stream that is listened to until the host speaks SSH.
pub(super) struct Overheard {
    stream: Box<dyn ByteStream>,
    words: FirstWords,
}

impl Overheard {
    /// The stream, and what will be heard on it.
    pub(super) fn new(stream: Box<dyn ByteStream>) -> (Self, FirstWords) {
        let words = FirstWords(Arc::new(Mutex::new(Some(Vec::new()))));
        let overheard = Self {
            stream,
            words: words.clone(),
        };
        (overheard, words)
    }

    /// What has arrived and was not read when the host closed the connection under a write.
    fn hear_the_rest(&mut self, context: &mut Context<'_>) {
        let mut bytes = [0; MOST_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        if matches!(
            Pin::new(&mut self.stream).poll_read(context, &mut buffer),
            Poll::Ready(Ok(()))
        ) {
            self.words.hear(buffer.filled());
        }
    }
}

impl AsyncRead for Overheard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.words.listening() {
            self.words.hear(buffer.filled().get(before..).unwrap_or_default());
        }
        polled
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if matches!(polled, Poll::Ready(Err(_))) && self.words.listening() {
            self.hear_the_rest(context);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn heard(parts: &[&[u8]]) -> String {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let (mut stream, words) = Overheard::new(Box::new(near));
        let mut read = Vec::new();
        for part in parts {
            far.write_all(part).await.unwrap();
            let mut bytes = vec![0; part.len()];
            stream.read_exact(&mut bytes).await.unwrap();
            read.extend(bytes);
        }
        assert_eq!(read, parts.concat());
        words.text()
    }

    #[tokio::test]
    async fn words_are_kept_until_the_host_speaks_ssh_and_made_safe() {
        assert_eq!(
            heard(&[b"Not allowed ", b"at this time\r\n"]).await,
            "Not allowed at this time"
        );
        assert_eq!(heard(&[b"Wel\x1b[2Jcome\r\n"]).await, "Wel\\u{1b}[2Jcome");
        assert_eq!(heard(&[b"Hello\r\nSS", b"H-2.0-OpenSSH_9.2\r\nmore"]).await, "");
        assert_eq!(heard(&[b"SSH-2.0-x\r\n", b"Not allowed"]).await, "");
        assert_eq!(heard(&[&[b'x'; 5000]]).await.len(), MOST_BYTES);
    }

    #[tokio::test]
    async fn what_came_before_a_failed_write_is_heard() {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let (mut stream, words) = Overheard::new(Box::new(near));
        far.write_all(b"Exceeded MaxStartups\r\n").await.unwrap();
        drop(far);
        assert!(stream.write_all(b"SSH-2.0-x\r\n").await.is_err());
        assert_eq!(words.text(), "Exceeded MaxStartups");
    }
}
