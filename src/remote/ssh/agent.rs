//! Speaks to an ssh-agent: lists its keys and has them sign.
//!
//! russh has a client too, but it gives up on the whole list when one key is of a type it does not know.

use std::io;
use std::path::Path;

use russh::keys::agent::AgentSessionBinding;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// The largest message of an agent, as OpenSSH has it, in bytes.
const MOST_BYTES: usize = 256 * 1024;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const EXTENSION: u8 = 27;

/// A key that an agent holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeldKey {
    /// The public key or certificate, as it goes over the wire.
    pub blob: Vec<u8>,
    /// The agent's comment.
    pub comment: String,
}

/// Which hash an RSA key signs with; other keys have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RsaHash {
    /// Not an RSA key.
    None,
    /// `rsa-sha2-256`.
    Sha256,
    /// `rsa-sha2-512`.
    Sha512,
}

impl RsaHash {
    fn flags(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Sha256 => 2,
            Self::Sha512 => 4,
        }
    }
}

/// A connection to an agent.
pub(super) struct Agent {
    stream: UnixStream,
}

impl Agent {
    /// Connects to the agent's socket.
    pub(super) async fn connect(socket: &Path) -> io::Result<Self> {
        Ok(Self {
            stream: UnixStream::connect(socket).await?,
        })
    }

    /// The keys that the agent holds, in its order.
    pub(super) async fn keys(&mut self) -> io::Result<Vec<HeldKey>> {
        let answer = self.ask(&[REQUEST_IDENTITIES]).await?;
        let mut reader = Reader::after(&answer, IDENTITIES_ANSWER)?;
        let count = reader.number()?;
        let mut keys = Vec::new();
        for _ in 0..count {
            let blob = reader.string()?.to_vec();
            let comment = String::from_utf8_lossy(reader.string()?).into_owned();
            keys.push(HeldKey { blob, comment });
        }
        Ok(keys)
    }

    /// The signature of `blob`'s key over `data`, in the form that goes over the wire (without its outer length).
    pub(super) async fn sign(&mut self, blob: &[u8], data: &[u8], hash: RsaHash) -> io::Result<Vec<u8>> {
        let mut request = vec![SIGN_REQUEST];
        push_string(&mut request, blob)?;
        push_string(&mut request, data)?;
        request.extend(hash.flags().to_be_bytes());
        let answer = self.ask(&request).await?;
        if answer.first() == Some(&FAILURE) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the agent declined to sign",
            ));
        }
        let signature = Reader::after(&answer, SIGN_RESPONSE)?.string()?.to_vec();
        let wanted: Option<&[u8]> = match hash {
            RsaHash::None => None,
            RsaHash::Sha256 => Some(b"rsa-sha2-256"),
            RsaHash::Sha512 => Some(b"rsa-sha2-512"),
        };
        let signed_with = Reader(&signature).string()?;
        if wanted.is_some_and(|wanted| wanted != signed_with) {
            return Err(malformed(
                "the agent signed with another algorithm than it was asked for",
            ));
        }
        Ok(signature)
    }

    /// Tells the agent which host the connection goes to, so that it can apply a key's destination limits. Old agents refuse; that is no error.
    pub(super) async fn bind(&mut self, binding: &AgentSessionBinding) -> io::Result<()> {
        let mut request = vec![EXTENSION];
        push_string(&mut request, b"session-bind@openssh.com")?;
        push_string(&mut request, binding.host_key())?;
        push_string(&mut request, binding.session_id())?;
        push_string(&mut request, binding.signature())?;
        request.push(0);
        self.ask(&request).await.map(drop)
    }

    async fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut message = Vec::with_capacity(request.len() + 4);
        push_string(&mut message, request)?;
        self.stream.write_all(&message).await?;
        let length = usize::try_from(self.stream.read_u32().await?).unwrap_or(usize::MAX);
        if length > MOST_BYTES {
            return Err(malformed("the agent's answer is too long"));
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn push_string(message: &mut Vec<u8>, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).map_err(|_| malformed("the message is too long"))?;
    message.extend(length.to_be_bytes());
    message.extend(content);
    Ok(())
}

/// Takes a message apart.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn after(message: &'a [u8], kind: u8) -> io::Result<Self> {
        match message.split_first() {
            Some((first, rest)) if *first == kind => Ok(Self(rest)),
            _ => Err(malformed("the agent gave another answer than was asked for")),
        }
    }

    fn number(&mut self) -> io::Result<u32> {
        let (number, rest) = self
            .0
            .split_first_chunk::<4>()
            .ok_or_else(|| malformed("the agent's answer is cut"))?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> io::Result<&'a [u8]> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let (string, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| malformed("the agent's answer is cut"))?;
        self.0 = rest;
        Ok(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answering(answer: Vec<u8>) -> Agent {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        tokio::spawn(async move {
            let length = theirs.read_u32().await.unwrap();
            let mut request = vec![0; length as usize];
            theirs.read_exact(&mut request).await.unwrap();
            theirs.write_all(&answer).await.unwrap();
        });
        Agent { stream: ours }
    }

    fn framed(content: &[u8]) -> Vec<u8> {
        let mut message = Vec::new();
        push_string(&mut message, content).unwrap();
        message
    }

    #[tokio::test]
    async fn a_key_of_an_unknown_type_does_not_hide_the_others() {
        let mut list = vec![IDENTITIES_ANSWER, 0, 0, 0, 2];
        for (blob, comment) in [(b"ssh-foo".as_slice(), b"odd".as_slice()), (b"good", b"mine\xff")] {
            push_string(&mut list, blob).unwrap();
            push_string(&mut list, comment).unwrap();
        }
        let keys = answering(framed(&list)).await.keys().await.unwrap();
        assert_eq!(
            keys.iter().map(|key| key.comment.as_str()).collect::<Vec<_>>(),
            ["odd", "mine\u{fffd}"]
        );
    }

    #[tokio::test]
    async fn broken_answers_are_errors_and_not_memory() {
        let cases: [Vec<u8>; 5] = [
            framed(&[IDENTITIES_ANSWER, 0xff, 0xff, 0xff, 0xff]),
            framed(&[IDENTITIES_ANSWER, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]),
            framed(&[SIGN_RESPONSE]),
            framed(&[]),
            vec![0xff, 0xff, 0xff, 0xff],
        ];
        for answer in cases {
            assert!(answering(answer.clone()).await.keys().await.is_err(), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_refusal_and_a_weaker_hash_are_told() {
        let declined = answering(framed(&[FAILURE]))
            .await
            .sign(b"k", b"d", RsaHash::None)
            .await
            .unwrap_err();
        assert_eq!(declined.kind(), io::ErrorKind::PermissionDenied);
        let mut weak = vec![SIGN_RESPONSE];
        push_string(&mut weak, &framed(b"ssh-rsa")).unwrap();
        assert!(
            answering(framed(&weak))
                .await
                .sign(b"k", b"d", RsaHash::Sha512)
                .await
                .is_err()
        );
    }
}
