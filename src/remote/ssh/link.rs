//! One SSH connection to one host of a route: key exchange, host key, login, and channels on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle, Msg};
use russh::{Channel, ChannelOpenFailure, Disconnect};

use super::algorithms;
use super::authentication::{Identity, Login};
use super::dial::{Dialled, ProxyWords};
use super::error::ConnectError;
use super::exec::ExecError;
use super::first_words::{FirstWords, Overheard};
use super::host_key::HostKeyCheck;
use super::keyring::Keyring;
use super::patience::Patience;
use super::prompt::{Prompt, visible};
use super::settings::HostSettings;
use super::watcher::{LinkWatch, Watched, Watcher, WatcherError};

/// How often a channel is asked for again when the host is still clearing away an earlier one.
const CHANNEL_ATTEMPTS: u32 = 4;
/// How long the host gets to take in a goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

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
        let (watcher, watched) = Watcher::new(check, prompt, host.label());
        let (stream, first_words) = Overheard::new(dialled.stream);
        let exchanged = patience.wait_for(client::connect_stream(config, stream, watcher)).await;
        let mut handle = match exchanged {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => return Err(exchange_error(error, host, &watched, dialled.words, &first_words).await),
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
            watch: watched.end(),
        };
        let identity = login.run().await?;
        Ok(Self {
            handle,
            watch: watched.end(),
            patience: patience.clone(),
            identity,
            server_key: watched.fingerprint(),
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
            let _ = tokio::time::timeout(GOODBYE, self.watch().until_ended()).await;
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
    watched: &Watched,
    words: Option<ProxyWords>,
    first_words: &FirstWords,
) -> ConnectError {
    let label = host.label();
    if let Some(source) = watched.refused_key() {
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
                message: match first_words.text() {
                    text if text.is_empty() => WatcherError::Russh(error).in_words(),
                    text => format!("the host sent: {text}"),
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
