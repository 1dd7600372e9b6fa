//! Frames of the agent protocol: a header line, `LENGTH` or `LENGTH z`, then that many bytes of JSON.
//!
//! What the host sends is untrusted: lengths are bounded before memory is taken, unpacking is bounded as well, and so
//! is how many items a message holds, since each takes many times its bytes once it is read.

use std::io::Read as _;
use std::sync::Arc;

use flate2::read::ZlibDecoder;
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// The most that is taken for one answer of a host, packed or unpacked, its events included: 64 MiB.
pub const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// The most items (list and map entries) of one message: 2 million. A host with 100,000 bans needs a quarter of that.
const MOST_ITEMS: usize = 2_000_000;
/// The longest header line: `67108864 z` and its end fit many times.
const LONGEST_HEADER: u64 = 32;
/// How much a login shell may print before the agent greets: 256 KiB.
const LONGEST_NOISE: u64 = 256 * 1024;
/// The agent's first line, after whatever the login shell has printed.
const GREETING: &[u8] = b"\x1ff2bctl-agent 1\n";

/// Why a frame could not be read; all who wait for one learn the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FrameError {
    /// The stream ended where a frame or the greeting was due.
    #[error("the host's agent ended")]
    Ended,
    /// The stream failed.
    #[error("the connection to the host's agent failed: {0}")]
    Io(#[source] Arc<std::io::Error>),
    /// What came is not a frame.
    #[error("the host's agent sent something that is not a message: {0}")]
    Malformed(String),
    /// The agent did not greet in time.
    #[error("the host's agent did not start within {seconds} s")]
    NotStarted {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Nothing (or no end of it) came in time.
    #[error("the host's agent gave no answer to `{verb}` within {seconds} s")]
    Silent {
        /// What it was asked.
        verb: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl From<std::io::Error> for FrameError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

/// Reads on until the agent's greeting; what comes before is the login shell's noise.
///
/// # Errors
/// [`FrameError`] if the stream ends, fails, or is noise without end.
pub async fn greeting<R: AsyncBufRead + Unpin>(reader: &mut R) -> Result<(), FrameError> {
    let mut noise = 0;
    loop {
        let mut line = Vec::new();
        let read = (&mut *reader).take(LONGEST_NOISE).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Err(FrameError::Ended);
        }
        if line.ends_with(GREETING) {
            return Ok(());
        }
        noise += read as u64;
        if noise >= LONGEST_NOISE {
            let fault = format!("{noise} bytes of the login shell's output before the agent's greeting");
            return Err(FrameError::Malformed(fault));
        }
    }
}

/// Reads one message of an answer, of which no more than `left` bytes may still come; its own are taken off.
///
/// # Errors
/// [`FrameError`] if the stream ends or fails, or if what comes is not a bounded frame of JSON.
pub async fn read<R: AsyncBufRead + Unpin>(reader: &mut R, left: &mut usize) -> Result<Value, FrameError> {
    let mut header = Vec::new();
    let read = (&mut *reader)
        .take(LONGEST_HEADER)
        .read_until(b'\n', &mut header)
        .await?;
    if read == 0 {
        return Err(FrameError::Ended);
    }
    let (length, packed) = parse_header(&header)?;
    if length > *left {
        return Err(too_much());
    }
    let mut body = Vec::new();
    let taken = (&mut *reader).take(length as u64).read_to_end(&mut body).await?;
    if taken < length {
        return Err(FrameError::Ended);
    }
    let body = if packed { unpack(&body, *left)? } else { body };
    *left = left.saturating_sub(body.len());
    parse(&body)
}

/// Why no more of an answer is taken.
pub fn too_much() -> FrameError {
    FrameError::Malformed(format!("an answer of more than {} MiB", LARGEST_ANSWER >> 20))
}

/// Reads a body as JSON.
///
/// # Errors
/// [`FrameError::Malformed`] if it is not JSON, or if it holds too many items.
pub fn parse(body: &[u8]) -> Result<Value, FrameError> {
    if items(body) > MOST_ITEMS {
        let fault = format!("a message of more than {MOST_ITEMS} items");
        return Err(FrameError::Malformed(fault));
    }
    serde_json::from_slice(body).map_err(|error| FrameError::Malformed(error.to_string()))
}

/// How many list and map entries a body has at most: openings and commas that do not are in a string.
fn items(body: &[u8]) -> usize {
    let mut count = 0;
    let mut bytes = body.iter();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_string => {
                bytes.next();
            }
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// The length of the body, and whether it is packed.
pub fn parse_header(header: &[u8]) -> Result<(usize, bool), FrameError> {
    let text = std::str::from_utf8(header)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    let text = text.ok_or_else(|| FrameError::Malformed("a header that is not a line".to_owned()))?;
    let (digits, packed) = match text.strip_suffix(" z") {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let length = digits
        .parse::<usize>()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match length {
        Some(length) if length <= LARGEST_ANSWER => Ok((length, packed)),
        Some(_) => Err(too_much()),
        None => Err(FrameError::Malformed("a header without a length".to_owned())),
    }
}

/// Unpacks a body, refused when it grows beyond `most` bytes.
pub fn unpack(body: &[u8], most: usize) -> Result<Vec<u8>, FrameError> {
    let mut unpacked = Vec::new();
    let bound = (most as u64).saturating_add(1);
    ZlibDecoder::new(body)
        .take(bound)
        .read_to_end(&mut unpacked)
        .map_err(|error| FrameError::Malformed(error.to_string()))?;
    if unpacked.len() > most {
        return Err(too_much());
    }
    Ok(unpacked)
}

/// A message as it is sent to the agent.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    let mut frame = format!("{}\n", body.len()).into_bytes();
    frame.extend(body.into_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_is_encoded_is_read_back() {
        let message = json!({"id": 1, "verb": "observe"});
        let bytes = encode(&message);
        assert_eq!(
            read(&mut bytes.as_slice(), &mut LARGEST_ANSWER.clone())
                .await
                .expect("frame"),
            message
        );
    }

    #[tokio::test]
    async fn the_shells_noise_is_passed_over_and_bounded() {
        let mut quiet: &[u8] = b"Welcome!\nno newline here\n\x1ff2bctl-agent 1\nrest";
        greeting(&mut quiet).await.expect("greeting");
        assert_eq!(quiet, b"rest");
        let endless = vec![b'x'; 2 * LONGEST_NOISE as usize];
        let error = greeting(&mut endless.as_slice()).await.expect_err("noise");
        assert!(matches!(error, FrameError::Malformed(_)), "{error}");
    }

    #[tokio::test]
    async fn hostile_headers_are_refused_before_memory_is_taken() {
        for header in [
            "99999999999999999999\n",
            "-1\n",
            "+5\n",
            "x\n",
            "67108865\n",
            "12",
            "\n",
        ] {
            assert!(
                read(&mut header.as_bytes(), &mut LARGEST_ANSWER.clone()).await.is_err(),
                "{header:?}"
            );
        }
        assert!(matches!(
            read(&mut &b"10\n{}"[..], &mut LARGEST_ANSWER.clone()).await,
            Err(FrameError::Ended)
        ));
    }

    #[test]
    fn a_crowd_of_small_items_is_refused_and_commas_in_texts_are_not_counted() {
        let crowd = format!("[{}0]", "0,".repeat(MOST_ITEMS));
        assert!(matches!(parse(crowd.as_bytes()), Err(FrameError::Malformed(_))));
        let text = json!({"text": format!("\"\\{}", ",[{\"".repeat(MOST_ITEMS))});
        assert_eq!(parse(text.to_string().as_bytes()).expect("one text"), text);
        let deep = "[".repeat(100_000);
        assert!(matches!(parse(deep.as_bytes()), Err(FrameError::Malformed(_))));
    }

    #[test]
    fn a_packed_bomb_is_refused() {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0u8; 1024 * 1024];
        for _ in 0..70 {
            packer.write_all(&zeros).expect("memory");
        }
        let bomb = packer.finish().expect("memory");
        assert!(bomb.len() < 200_000);
        assert!(unpack(&bomb, LARGEST_ANSWER).is_err());
    }

    #[tokio::test]
    async fn the_messages_of_one_answer_are_counted_together() {
        let message = encode(&json!({"text": "x".repeat(1000)}));
        let stream = message.repeat(3);
        let (mut reader, mut left) = (stream.as_slice(), 2500);
        assert!(read(&mut reader, &mut left).await.is_ok());
        assert!(read(&mut reader, &mut left).await.is_ok());
        let error = read(&mut reader, &mut left).await.expect_err("too much");
        assert!(error.to_string().contains("more than 64 MiB"), "{error}");
    }
}
