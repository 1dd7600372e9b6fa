//! The host's side of a connection, as the SSH crate tells it: the host's key, its banner, channels that it asks for, and its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use russh::Channel;
use russh::client::{self, ChannelOpenHandle, DisconnectReason, Msg};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use tokio::sync::watch;

use super::host_key::{HostKeyCheck, HostKeyError, fingerprint};
use super::prompt::{Notice, Prompt, visible};

/// The most banners of one host that are shown.
const MOST_BANNERS: u32 = 8;

/// Why a connection ended, for everyone who has to know.
#[derive(Debug, Clone)]
pub(super) struct LinkWatch(watch::Receiver<Option<String>>);

impl LinkWatch {
    /// The reason; `None` while the connection lives.
    pub(super) fn ended(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Returns when the connection has ended.
    pub(super) async fn until_ended(mut self) {
        // An error means that nobody is left who could tell, which is an end as well.
        let _ = self.0.wait_for(Option::is_some).await;
    }

    /// The reason as a clause, also where none was given.
    pub(super) fn cause(&self) -> String {
        self.ended().unwrap_or_else(|| "it ended without a reason".into())
    }
}

/// What a [`Watcher`] has seen, for whoever made the connection.
#[derive(Debug)]
pub(super) struct Watched {
    end: LinkWatch,
    shown: Arc<Mutex<Shown>>,
}

impl Watched {
    /// Why the connection ended, once it has.
    pub(super) fn end(&self) -> LinkWatch {
        self.end.clone()
    }

    /// Why the host's key was refused, if it was.
    pub(super) fn refused_key(&self) -> Option<HostKeyError> {
        self.kept().refused.clone()
    }

    /// The fingerprint of the host's key; empty before it was shown.
    pub(super) fn fingerprint(&self) -> String {
        self.kept().key.as_ref().map(fingerprint).unwrap_or_default()
    }

    fn kept(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happens during the key exchange, kept for whoever waits for its end.
#[derive(Debug, Default)]
struct Shown {
    key: Option<PublicKey>,
    refused: Option<HostKeyError>,
}

/// Answers the host's side of a connection: its key, its banner, its end.
pub(super) struct Watcher {
    check: HostKeyCheck,
    shown: Arc<Mutex<Shown>>,
    ended: watch::Sender<Option<String>>,
    prompt: Arc<dyn Prompt>,
    label: String,
    banners: u32,
}

/// What ends a connection from within.
#[derive(Debug, thiserror::Error)]
pub(super) enum WatcherError {
    /// The protocol or the network.
    #[error(transparent)]
    Russh(#[from] russh::Error),
    /// The host's key.
    #[error(transparent)]
    HostKey(#[from] HostKeyError),
}

impl WatcherError {
    /// The reason of an end in the operator's words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::HostKey(error) => error.to_string(),
            Self::Russh(error) => match error {
                russh::Error::KeepaliveTimeout => "the host stopped answering".into(),
                russh::Error::IO(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    "the connection was cut".into()
                }
                russh::Error::HUP | russh::Error::Disconnect => "the connection was closed".into(),
                other => other.to_string(),
            },
        }
    }
}

impl Watcher {
    /// A watcher that decides on the host's key by `check`, and what it will have seen.
    pub(super) fn new(check: HostKeyCheck, prompt: &Arc<dyn Prompt>, label: String) -> (Self, Watched) {
        let (ended, end) = watch::channel(None);
        let shown = Arc::<Mutex<Shown>>::default();
        let watched = Watched {
            end: LinkWatch(end),
            shown: Arc::clone(&shown),
        };
        let watcher = Self {
            check,
            shown,
            ended,
            prompt: Arc::clone(prompt),
            label,
            banners: 0,
        };
        (watcher, watched)
    }
}

impl client::Handler for Watcher {
    type Error = WatcherError;

    async fn auth_banner(&mut self, banner: &str, _session: &mut client::Session) -> Result<(), Self::Error> {
        self.banners = self.banners.saturating_add(1);
        if self.banners > MOST_BANNERS {
            return Ok(());
        }
        self.prompt.notice(&Notice {
            code: "ssh_banner",
            message: format!("{} shows a banner: {}", self.label, visible(banner)),
        });
        Ok(())
    }

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let decided = self.check.decide(shown).await;
        let mut kept = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        kept.key = Some(shown.public_key());
        kept.refused = decided.clone().err();
        drop(kept);
        decided?;
        Ok(true)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        let (cause, result) = match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                (format!("message from the host: {}", visible(&info.message)), Ok(()))
            }
            DisconnectReason::Error(error) => (error.in_words(), Err(error)),
        };
        self.ended.send_replace(Some(cause));
        result
    }

    // No host has a reason to open a channel to the operator's machine: each such request is refused by dropping its handle.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _connected_address: &str,
        _connected_port: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host_to_connect: &str,
        _port_to_connect: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }

    async fn server_channel_open_x11(
        &mut self,
        _channel: Channel<Msg>,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        refuse(reply)
    }
}

fn refuse(reply: ChannelOpenHandle) -> Result<(), WatcherError> {
    drop(reply);
    Ok(())
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // russh does not call `disconnected` when even shutting the socket down fails.
        self.ended.send_if_modified(|cause| {
            let unknown = cause.is_none();
            cause.get_or_insert_with(|| "the connection broke".into());
            unknown
        });
    }
}
