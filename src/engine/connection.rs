//! A host that is logged in to, with its agent running: one connection and one channel for a whole procedure.

use std::sync::Arc;
use std::time::Duration;

use crate::remote::agent::{
    FrameError, HostPaths, Link, LinkError, Prefetch, Sudo, command_line, greeting_payload, rest_of_program,
    short_command_line,
};
use crate::remote::host::Host;
use crate::remote::ssh::{Completion, ConnectError, Ended, Exec, ExecError, Prompt, Session};

use super::elevation::pass_sudo;
use super::last_words::failure_of;
use super::target::{SudoPassword, Target};
use crate::document::{Failure, FailureKind};

/// How often a host is tried that hangs up before the login: sshd's MaxStartups turns newcomers away at random, from
/// ten on (`10:30:100`, its default).
const TURNED_AWAY_ATTEMPTS: u64 = 8;
/// How long an agent that ended may take to say why.
const LAST_WORDS_SECONDS: u64 = 5;

/// A host that is logged in to.
pub struct Connection {
    name: String,
    session: Session,
    /// How the agent ends; absent once that was asked.
    completion: Option<Completion>,
    password: SudoPassword,
    /// What the host can be asked to do.
    pub host: Host,
}

impl Connection {
    /// Logs in and starts the agent; its greeting is read with the first answer.
    ///
    /// # Errors
    /// A [`Failure`] of kind `Connection`, or `Refused` where sudo does not let the login in.
    pub async fn open(target: &Target, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        Self::open_looking(target, prompt, Prefetch::default()).await
    }

    /// The same, for a run whose first question is known: where the command line may hold it, that costs no round trip.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub async fn open_looking(target: &Target, prompt: Arc<dyn Prompt>, prefetch: Prefetch) -> Result<Self, Failure> {
        let session = connect(target, &prompt).await?;
        if target.elevated {
            Self::through_sudo(session, target, &prompt).await
        } else {
            Self::at_once(session, target, &prompt, prefetch).await
        }
    }

    /// The agent as the login itself: with a first look that is on the command line, as long as that is, and where it
    /// does not come through, once more on a short one. What a long line asks for is a look and the lock, which ends
    /// with the command, so that a second run finds what the first did.
    async fn at_once(
        session: Session,
        target: &Target,
        prompt: &Arc<dyn Prompt>,
        prefetch: Prefetch,
    ) -> Result<Self, Failure> {
        // A host's own paths are data, and no data is on a command line.
        if prefetch.want.is_empty() || target.paths != HostPaths::usual() {
            return Self::on_a_short_line(session, target).await;
        }
        let command = command_line(&prefetch).map_err(out_of_memory)?;
        let Exec {
            stdin,
            stdout,
            completion,
        } = match session.exec(&command).await {
            Ok(exec) => exec,
            Err(ExecError::Ended(_)) => return Self::once_more(None, target, prompt).await,
            Err(error) => return Err(no_command(&error)),
        };
        let program = rest_of_program(&prefetch).map_err(out_of_memory)?;
        let mut link = Link::new(Box::new(stdout), Box::new(stdin)).with_program(program);
        match link.greeted().await {
            Ok(()) => {}
            Err(FrameError::Ended | FrameError::Io(_)) => {
                drop(link);
                let ended = tokio::time::timeout(Duration::from_secs(LAST_WORDS_SECONDS), completion.finish()).await;
                let is_open = ended.is_ok_and(|finished| !matches!(finished.ended, Ended::LinkLost(_)));
                return Self::once_more(is_open.then_some(session), target, prompt).await;
            }
            Err(error) => return Err(Failure::while_reading(error.into(), &target.name.name)),
        }
        Ok(Self {
            name: target.name.name.clone(),
            session,
            completion: Some(completion),
            password: target.password.clone(),
            host: Host::prefetching(link, target.paths.clone(), prefetch),
        })
    }

    /// The short line after a long one that did not come through, over a new connection where it took the old one
    /// along.
    async fn once_more(session: Option<Session>, target: &Target, prompt: &Arc<dyn Prompt>) -> Result<Self, Failure> {
        let session = match session {
            Some(session) => session,
            None => connect(target, prompt).await?,
        };
        Self::on_a_short_line(session, target).await
    }

    async fn on_a_short_line(session: Session, target: &Target) -> Result<Self, Failure> {
        let exec = session
            .exec(&short_command_line())
            .await
            .map_err(|error| no_command(&error))?;
        let program = greeting_payload().map_err(out_of_memory)?;
        let link = Link::new(Box::new(exec.stdout), Box::new(exec.stdin)).with_program(program);
        Ok(Self {
            name: target.name.name.clone(),
            session,
            completion: Some(exec.completion),
            password: target.password.clone(),
            host: Host::new(link, target.paths.clone()),
        })
    }

    /// The agent as root.
    async fn through_sudo(session: Session, target: &Target, prompt: &Arc<dyn Prompt>) -> Result<Self, Failure> {
        let exec = session
            .exec(&Sudo::command_line())
            .await
            .map_err(|error| no_command(&error))?;
        let admitted = pass_sudo(exec, target, prompt).await?;
        let program = greeting_payload().map_err(out_of_memory)?;
        let link = Link::new(Box::new(admitted.stdout), Box::new(admitted.stdin))
            .with_program(program)
            .concealing(target.password.known());
        Ok(Self {
            name: target.name.name.clone(),
            session,
            completion: Some(admitted.completion),
            password: target.password.clone(),
            host: Host::new(link, target.paths.clone()),
        })
    }

    /// The host's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fingerprint of the key that logged in; absent for a password.
    pub fn key(&self) -> Option<String> {
        self.session.authenticated_with().fingerprint.clone()
    }

    /// The fingerprint of the host's key.
    pub fn host_key(&self) -> &str {
        self.session.server_key_fingerprint()
    }

    /// Whether logging in asks a person for something.
    pub fn asks_a_person(&self) -> bool {
        self.session.authenticated_with().method != "publickey"
    }

    /// Explains a link that was lost before the agent greeted: no python3, sudo that refused, a shell that ended.
    pub async fn explain(&mut self, error: LinkError) -> Failure {
        let completion = match error {
            LinkError::Lost(_) => self.completion.take(),
            _ => None,
        };
        let Some(completion) = completion else {
            return Failure::while_reading(error, &self.name);
        };
        let last_words = tokio::time::timeout(Duration::from_secs(LAST_WORDS_SECONDS), completion.finish());
        match last_words.await {
            Ok(finished) => {
                let stderr = self.password.concealed_in(&finished.stderr);
                failure_of(&finished.ended, &stderr, &self.name)
                    .unwrap_or_else(|| Failure::while_reading(error, &self.name))
            }
            Err(_) => Failure::while_reading(error, &self.name),
        }
    }

    /// Gives the lock back, if it is still held, and logs out.
    pub async fn close(mut self) {
        self.host.unlock().await;
        drop(self.host);
        self.session.close().await;
    }
}

/// Connects; a host that hangs up before the login is one that many log in to at this moment, and nothing was done yet.
async fn connect(target: &Target, prompt: &Arc<dyn Prompt>) -> Result<Session, Failure> {
    let mut attempt = 1;
    tracing::debug!(address = target.name.address, "connecting");
    loop {
        match Session::connect(&target.destination, &target.options, Arc::clone(prompt)).await {
            Err(ConnectError::Ended { .. }) if attempt < TURNED_AWAY_ATTEMPTS => {
                // Those who were turned away together must not come back together.
                let apart = u64::from(std::process::id() % 10) * 50;
                tokio::time::sleep(Duration::from_millis(attempt * 300 + apart)).await;
                attempt += 1;
            }
            Ok(session) => {
                tracing::debug!("logged in");
                return Ok(session);
            }
            Err(error) => {
                let failure = not_connected(error);
                tracing::debug!(message = failure.message, "not connected");
                return Err(failure);
            }
        }
    }
}

fn no_command(error: &dyn std::fmt::Display) -> Failure {
    let message = format!("the host does not run commands for this login: {error}");
    Failure::new(FailureKind::Connection, message)
}

fn out_of_memory(error: std::io::Error) -> Failure {
    Failure::new(FailureKind::Fault, error.to_string())
}

fn not_connected(error: ConnectError) -> Failure {
    Failure {
        kind: FailureKind::Connection,
        hints: error.hints().into_iter().map(Into::into).collect(),
        message: error.in_full(),
    }
}
