//! One SSH connection to one host of a route: key exchange, host key, login, and channels on it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, ChannelOpenHandle, DisconnectReason, Handle, Msg};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use russh::{Channel, ChannelOpenFailure, Disconnect};
use tokio::sync::watch;

use super::algorithms;
use super::authentication::{Identity, Login};
use super::dial::{Dialled, ProxyWords};
use super::error::ConnectError;
use super::exec::ExecError;
use super::first_words::{FirstWords, Overheard};
use super::host_key::{HostKeyCheck, HostKeyError, fingerprint};
use super::patience::Patience;
use super::prompt::{Notice, Prompt, visible};
use super::settings::HostSettings;
use super::signing::Keyring;

/// How often a channel is asked for again when the host is still clearing away an earlier one.
const CHANNEL_ATTEMPTS: u32 = 4;
/// The most banners of one host that are shown.
const MOST_BANNERS: u32 = 8;
/// How long the host gets to take in a goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

/// Why a connection ended, for everyone who has to know.
#[derive(Debug, Clone)]
pub(super) struct LinkWatch(watch::Receiver<Option<String>>);

impl LinkWatch {
    /// The reason; `None` while the connection lives.
    pub(super) fn ended(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// The reason as a clause, also where none was given.
    pub(super) fn cause(&self) -> String {
        self.ended().unwrap_or_else(|| "it ended without a reason".into())
    }
}

/// A connection that is logged in.
pub(super) struct Link {
    handle: Handle<Watcher>,
    watch: LinkWatch,
    patience: Patience,
    /// How the operator logged in.
    pub identity: Identity,
    /// The fingerprint of the host's key, such as `SHA256:…`.
    pub server_key: String,
    /// The host's address, where the connection is a direct one.
    pub peer: Option<SocketAddr>,
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

impl client::Handler for Watcher {
    type Error = WatcherError;

    async fn auth_banner(&mut self, banner: &str, _session: &mut client::Session) -> Result<(), Self::Error> {
        self.banners = self.banners.saturating_add(1);
        if self.banners > MOST_BANNERS {
            return Ok(());
        }
        self.prompt.notice(&Notice {
            code: "ssh_banner",
            message: format!("{}: {}", self.label, visible(banner)),
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
                (format!("the host said: {}", visible(&info.message)), Ok(()))
            }
            DisconnectReason::Error(error) => (describe(&error), Err(error)),
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

/// The reason of an end in the operator's words.
fn describe(error: &WatcherError) -> String {
    match error {
        WatcherError::HostKey(error) => error.to_string(),
        WatcherError::Russh(error) => match error {
            russh::Error::KeepaliveTimeout => "the host stopped answering".into(),
            russh::Error::IO(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                "the connection was cut".into()
            }
            russh::Error::HUP | russh::Error::Disconnect => "the connection was closed".into(),
            other => other.to_string(),
        },
    }
}

impl Link {
    /// Makes a dialled stream into a connection that is logged in.
    pub(super) async fn establish(
        dialled: Dialled,
        host: &HostSettings,
        prompt: &Arc<dyn Prompt>,
        keyring: &Keyring,
        patience: &Patience,
    ) -> Result<Self, ConnectError> {
        let check = HostKeyCheck::prepare(host, patience.clone(), Arc::clone(prompt)).map_err(|source| {
            ConnectError::HostKey {
                host: host.label(),
                source: Box::new(source),
            }
        })?;
        let config = Arc::new(config(host, &check));
        let (ended, watch) = watch::channel(None);
        let watch = LinkWatch(watch);
        let shown = Arc::<Mutex<Shown>>::default();
        let watcher = Watcher {
            check,
            shown: Arc::clone(&shown),
            ended,
            prompt: Arc::clone(prompt),
            label: host.label(),
            banners: 0,
        };
        let (stream, first_words) = Overheard::new(dialled.stream);
        let exchanged = patience.wait_for(client::connect_stream(config, stream, watcher)).await;
        let mut handle = match exchanged {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => return Err(exchange_error(error, host, &shown, dialled.words, &first_words).await),
            Err(_) => {
                return Err(ConnectError::TimedOut {
                    host: host.label(),
                    step: "keys were exchanged",
                    after: patience.limit(),
                });
            }
        };
        let login = Login {
            host,
            handle: &mut handle,
            prompt,
            patience,
            keyring,
            watch: watch.clone(),
        };
        let identity = login.run().await?;
        let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Self {
            handle,
            watch,
            patience: patience.clone(),
            identity,
            server_key: shown.key.as_ref().map(fingerprint).unwrap_or_default(),
            peer: dialled.peer,
        })
    }

    /// A stream through this host to the next one.
    pub(super) async fn tunnel(&self, host: &HostSettings) -> Result<Dialled, ConnectError> {
        let opened = self
            .handle
            .channel_open_direct_tcpip(host.host.clone(), u32::from(host.port), "127.0.0.1", 0);
        let channel = match self.patience.wait_for(opened).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => {
                return Err(ConnectError::Unreachable {
                    address: format!("{}:{} (from the jump host)", host.host, host.port),
                    source: std::io::Error::other(self.refusal_of(&error)),
                });
            }
            Err(_) => {
                return Err(ConnectError::TimedOut {
                    host: host.label(),
                    step: "the jump host connected to it",
                    after: self.patience.limit(),
                });
            }
        };
        Ok(Dialled {
            stream: Box::new(channel.into_stream()),
            peer: None,
            words: None,
        })
    }

    /// A channel for a command. Refused ones are asked for again: the host may still be clearing away an earlier one.
    pub(super) async fn open_channel(&self) -> Result<Channel<Msg>, ExecError> {
        for attempt in 1..=CHANNEL_ATTEMPTS {
            match self.patience.wait_for(self.handle.channel_open_session()).await {
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed)))
                    if attempt < CHANNEL_ATTEMPTS =>
                {
                    tokio::time::sleep(Duration::from_millis(20) * attempt).await;
                }
                Ok(Err(error @ russh::Error::ChannelOpenFailure(_))) => {
                    return Err(ExecError::NoChannel(self.refusal_of(&error)));
                }
                Ok(Err(_)) => return Err(ExecError::Ended(self.watch.cause())),
                Err(_) => return Err(ExecError::NoChannel("it does not answer".into())),
            }
        }
        Err(ExecError::NoChannel("it has too many open".into()))
    }

    fn refusal_of(&self, error: &russh::Error) -> String {
        match error {
            russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => {
                "it is forbidden there".into()
            }
            russh::Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed) => "the connection failed".into(),
            russh::Error::ChannelOpenFailure(failure) => visible(&format!("{failure:?}")),
            _ => self.watch.cause(),
        }
    }

    /// Why the connection ended; `None` while it lives.
    pub(super) fn watch(&self) -> LinkWatch {
        self.watch.clone()
    }

    /// Says goodbye, and waits a moment for it to go out.
    pub(super) async fn close(&self) {
        if self.handle.disconnect(Disconnect::ByApplication, "", "").await.is_ok() {
            let mut watch = self.watch.0.clone();
            let _ = tokio::time::timeout(GOODBYE, watch.wait_for(Option::is_some)).await;
        }
    }
}

fn config(host: &HostSettings, check: &HostKeyCheck) -> client::Config {
    client::Config {
        preferred: algorithms::preferred(check),
        gex: algorithms::group_exchange(),
        keepalive_interval: Some(host.alive_interval),
        keepalive_max: host.alive_count,
        ..client::Config::default()
    }
}

async fn exchange_error(
    error: WatcherError,
    host: &HostSettings,
    shown: &Mutex<Shown>,
    words: Option<ProxyWords>,
    first_words: &FirstWords,
) -> ConnectError {
    let label = host.label();
    let refused = shown.lock().unwrap_or_else(PoisonError::into_inner).refused.clone();
    if let Some(source) = refused {
        return ConnectError::HostKey {
            host: label,
            source: Box::new(source),
        };
    }
    if let Some(words) = words {
        let message = words.last().await;
        if !message.is_empty() {
            return ConnectError::ProxyCommand { host: label, message };
        }
    }
    match error {
        WatcherError::HostKey(source) => ConnectError::HostKey {
            host: label,
            source: Box::new(source),
        },
        WatcherError::Russh(error) => match error {
            russh::Error::IO(_) | russh::Error::Disconnect | russh::Error::HUP => ConnectError::Ended {
                host: label,
                step: "keys were exchanged",
                message: match first_words.said() {
                    said if said.is_empty() => describe(&WatcherError::Russh(error)),
                    said => format!("the host said: {said}"),
                },
            },
            russh::Error::Version => ConnectError::Protocol {
                host: label,
                message: "what answers there is no SSH server".into(),
            },
            other => ConnectError::Protocol {
                host: label,
                message: visible(&other.to_string()),
            },
        },
    }
}
