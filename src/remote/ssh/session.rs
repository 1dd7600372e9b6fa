//! A session with one host: connected once, it runs commands until it is closed.

use std::net::SocketAddr;
use std::sync::Arc;

use russh::Channel;
use russh::client::Msg;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::authentication::Identity;
use super::destination::Destination;
use super::dial::dial;
use super::error::ConnectError;
use super::exec::{Exec, ExecError};
use super::link::Link;
use super::options::SshOptions;
use super::patience::Patience;
use super::prompt::Prompt;
use super::route::route;

/// A connection to a host on which commands can be run.
pub struct Session {
    target: Arc<Link>,
    hops: Vec<Arc<Link>>,
    spare: Mutex<Option<Opening>>,
}

/// A channel on its way.
type Opening = JoinHandle<Result<Channel<Msg>, ExecError>>;

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let target = &self.target;
        formatter
            .debug_struct("Session")
            .field("identity", &target.identity)
            .field("server_key", &target.server_key)
            .field("peer", &target.peer)
            .field("hops", &self.hops.len())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Connects as `ssh DESTINATION` would, checks the host's key and logs in.
    ///
    /// # Errors
    /// Each way in which that can fail has its own variant, with hints; nothing on the host was changed.
    pub async fn connect(
        destination: &Destination,
        options: &SshOptions,
        prompt: Arc<dyn Prompt>,
    ) -> Result<Self, ConnectError> {
        let hosts = route(destination, options).await?;
        let last = hosts.len().saturating_sub(1);
        let mut links: Vec<Arc<Link>> = Vec::new();
        for (index, host) in hosts.iter().enumerate() {
            for notice in &host.notices {
                prompt.notice(notice);
            }
            let patience = Patience::new(host.timeout);
            let connected = async {
                let dialled = match links.last() {
                    None => dial(host, options, &patience).await?,
                    Some(previous) => previous.tunnel(host).await?,
                };
                Link::establish(dialled, host, &prompt, &options.keyring, &patience).await
            };
            let link = connected.await.map_err(|error| {
                if index < last {
                    error.through(host.name.clone())
                } else {
                    error
                }
            })?;
            links.push(Arc::new(link));
        }
        let target = links.pop().ok_or_else(|| no_route(destination))?;
        let session = Self {
            target,
            hops: links,
            spare: Mutex::new(None),
        };
        session.prepare_channel().await;
        Ok(session)
    }

    /// Runs a command; the text is for the host's shell. Returns as soon as the request is on its way.
    ///
    /// # Errors
    /// When the host opens no channel, or the connection has ended; the command was not started then.
    pub async fn exec(&self, command: &str) -> Result<Exec, ExecError> {
        let spare = self.spare.lock().await.take();
        let prepared = match spare {
            Some(opening) => opening.await.ok().and_then(Result::ok),
            None => None,
        };
        let channel = match prepared {
            Some(channel) => channel,
            None => self.target.open_channel().await?,
        };
        Exec::start(channel, command, self.target.watch()).await
    }

    /// Opens a channel before the next command, which then costs one round trip less. [`Session::connect`] does it once.
    pub async fn prepare_channel(&self) {
        let mut spare = self.spare.lock().await;
        if spare.is_none() {
            let target = Arc::clone(&self.target);
            *spare = Some(tokio::spawn(async move { target.open_channel().await }));
        }
    }

    /// How the operator logged in.
    #[must_use]
    pub fn authenticated_with(&self) -> &Identity {
        &self.target.identity
    }

    /// The fingerprint of the host's key, such as `SHA256:…`.
    #[must_use]
    pub fn server_key_fingerprint(&self) -> &str {
        &self.target.server_key
    }

    /// The address that was dialled; `None` behind a jump host or a ProxyCommand.
    #[must_use]
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.target.peer
    }

    /// Why the connection ended; `None` while it lives.
    #[must_use]
    pub fn disconnect_reason(&self) -> Option<String> {
        self.target.watch().ended()
    }

    /// Ends the session: the host first, then the hosts on the way, nearest last.
    pub async fn close(self) {
        if let Some(opening) = self.spare.lock().await.take() {
            opening.abort();
        }
        self.target.close().await;
        for hop in self.hops.iter().rev() {
            hop.close().await;
        }
    }
}

fn no_route(destination: &Destination) -> ConnectError {
    ConnectError::Resolve {
        host: destination.name.clone(),
        source: std::io::Error::other("there is no route to it"),
    }
}
