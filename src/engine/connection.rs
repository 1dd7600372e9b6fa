//! A host that is logged in to, with its agent running: one connection and one channel for a whole procedure.

use std::sync::Arc;
use std::time::Duration;

use crate::audit::HostName;
use crate::remote::agent::{Elevation, HostPaths, Link, LinkError, command_line, greeting_payload};
use crate::remote::host::Host;
use crate::remote::ssh::{Completion, ConnectError, Destination, Ended, Form, Prompt, Question, Session, SshOptions};

use super::failure::{Failure, FailureKind};

/// How often a host is tried that hangs up before the login: sshd's MaxStartups turns newcomers away at random, from ten
/// on (`10:30:100`, its default).
const TURNED_AWAY_ATTEMPTS: u64 = 8;
/// How long sudo may take to ask for the password.
const SUDO_PROMPT_SECONDS: u64 = 20;
/// How long an agent that ended may take to say why.
const LAST_WORDS_SECONDS: u64 = 5;

/// A host to work on, and how to reach it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name and address, for messages and records.
    pub name: HostName,
    /// Where to log in.
    pub destination: Destination,
    /// How to log in.
    pub options: SshOptions,
    /// Whether root's rights are got through sudo.
    pub elevated: bool,
    /// Where fail2ban and f2bctl keep their things there.
    pub paths: HostPaths,
}

/// A host that is logged in to.
pub struct Connection {
    session: Session,
    completion: Completion,
    /// What the host can be asked to do.
    pub host: Host,
}

impl Connection {
    /// Logs in and starts the agent; its greeting is read with the first answer.
    ///
    /// # Errors
    /// A [`Failure`] of kind `Connection`, or `Refused` where sudo does not let the login in.
    pub async fn open(target: &Target, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        let session = connect(target, &prompt).await?;
        let elevation = if target.elevated {
            sudo_mode(&session).await?
        } else {
            Elevation::None
        };
        let exec = session.exec(&command_line(elevation)).await.map_err(|error| {
            Failure::new(
                FailureKind::Connection,
                format!("the host does not run commands for this login: {error}"),
            )
        })?;
        let mut stdin = exec.stdin;
        if elevation == Elevation::SudoWithPassword {
            answer_sudo(&mut stdin, &exec.completion, target, prompt).await?;
        }
        let payload = greeting_payload().map_err(|error| Failure::new(FailureKind::Fault, error.to_string()))?;
        write(&mut stdin, &payload).await?;
        let link = Link::new(Box::new(exec.stdout), Box::new(stdin));
        Ok(Self {
            session,
            completion: exec.completion,
            host: Host::new(link, target.paths.clone()),
        })
    }

    /// The fingerprint of the key that logged in; absent for a password.
    pub fn key(&self) -> Option<String> {
        self.session.authenticated_with().fingerprint.clone()
    }

    /// Whether logging in asks a person for something.
    pub fn asks_a_person(&self) -> bool {
        self.session.authenticated_with().method != "publickey"
    }

    /// Explains a link that was lost before the agent greeted: no python3, sudo that refused, a shell that ended.
    pub async fn explain(self, error: LinkError) -> Failure {
        if !matches!(error, LinkError::Lost(_)) {
            return Failure::while_reading(error);
        }
        let last_words = tokio::time::timeout(Duration::from_secs(LAST_WORDS_SECONDS), self.completion.finish());
        match last_words.await {
            Ok(finished) => told(&finished.ended, &finished.stderr).unwrap_or_else(|| Failure::while_reading(error)),
            Err(_) => Failure::while_reading(error),
        }
    }

    /// Logs out.
    pub async fn close(self) {
        drop(self.host);
        self.session.close().await;
    }
}

/// Connects; a host that hangs up before the login is one that many log in to at this moment, and nothing was done yet.
async fn connect(target: &Target, prompt: &Arc<dyn Prompt>) -> Result<Session, Failure> {
    let mut attempt = 1;
    loop {
        match Session::connect(&target.destination, &target.options, Arc::clone(prompt)).await {
            Err(ConnectError::Ended { .. }) if attempt < TURNED_AWAY_ATTEMPTS => {
                // Those who were turned away together must not come back together.
                let apart = u64::from(std::process::id() % 10) * 50;
                tokio::time::sleep(Duration::from_millis(attempt * 300 + apart)).await;
                attempt += 1;
            }
            connected => return connected.map_err(not_connected),
        }
    }
}

fn not_connected(error: ConnectError) -> Failure {
    Failure {
        kind: FailureKind::Connection,
        hints: error.hints(),
        message: error.to_string(),
    }
}

/// What the agent's end means, where its exit status says so.
fn told(ended: &Ended, stderr: &str) -> Option<Failure> {
    let words = last_line(stderr);
    match ended {
        Ended::Exit(127) => Some(
            Failure::new(
                FailureKind::Refused,
                "python3 is not installed on the host; fail2ban needs it as well",
            )
            .hint("install python3 there: `apt-get install python3`"),
        ),
        Ended::Exit(_) if stderr.contains("sudo:") => Some(
            Failure::new(
                FailureKind::Refused,
                format!("sudo does not let this login in: {words}"),
            )
            .hint("the login needs a sudo rule that allows python3; log in as root otherwise"),
        ),
        Ended::Exit(status) => Some(Failure::new(
            FailureKind::Connection,
            format!("the host's agent ended with status {status} before it did anything: {words}"),
        )),
        _ => None,
    }
}

fn last_line(text: &str) -> String {
    let line = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it said nothing");
    crate::model::comment_text::escaped(line)
}

/// Whether sudo wants a password; asked without one first.
async fn sudo_mode(session: &Session) -> Result<Elevation, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            FailureKind::Connection,
            format!("the host does not run commands for this login: {error}"),
        )
    };
    let exec = session.exec("sudo -n -- true").await.map_err(|error| failed(&error))?;
    let finished = exec.finish().await;
    match finished.ended {
        Ended::Exit(0) => Ok(Elevation::Sudo),
        Ended::Exit(127) => Err(Failure::new(FailureKind::Refused, "sudo is not installed on the host")
            .hint("log in as root, without --become")),
        Ended::Exit(_) if finished.stderr.contains("password") => Ok(Elevation::SudoWithPassword),
        ended => Err(told(&ended, &finished.stderr).unwrap_or_else(|| failed(&"the connection was lost"))),
    }
}

/// Gives sudo the password when it asks on stderr.
async fn answer_sudo(
    stdin: &mut crate::remote::ssh::Stdin,
    completion: &Completion,
    target: &Target,
    prompt: Arc<dyn Prompt>,
) -> Result<(), Failure> {
    let asked = async {
        while !completion.stderr().contains(Elevation::PROMPT) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(SUDO_PROMPT_SECONDS), asked)
        .await
        .map_err(|_| {
            let said = last_line(&completion.stderr());
            Failure::new(
                FailureKind::Refused,
                format!("sudo did not ask for its password: {said}"),
            )
        })?;
    let form = Form {
        host: target.name.address.clone(),
        name: String::new(),
        instruction: String::new(),
        questions: vec![Question {
            text: format!("sudo password on {}: ", target.name.name),
            echo: false,
        }],
    };
    let answers = prompt.answers(&form).await;
    let password = answers.and_then(|answers| answers.into_iter().next()).ok_or_else(|| {
        Failure::new(
            FailureKind::Refused,
            "sudo wants a password on the host, and nobody is there to give it",
        )
        .hint("run on a terminal, or give the login a sudo rule with NOPASSWD")
    })?;
    let mut line = zeroize::Zeroizing::new(password.as_bytes().to_vec());
    line.push(b'\n');
    write(stdin, &line).await
}

async fn write(stdin: &mut crate::remote::ssh::Stdin, bytes: &[u8]) -> Result<(), Failure> {
    use tokio::io::AsyncWriteExt as _;
    let sent = async {
        stdin.write_all(bytes).await?;
        stdin.flush().await
    };
    sent.await.map_err(|error| {
        Failure::new(
            FailureKind::Connection,
            format!("the connection was lost before anything was done: {error}"),
        )
    })
}
