//! A host that follows a script, for logins that need no account on this machine: questions, passwords, several factors.
//!
//! Only the host's side of the login is made up; the wire is russh's own server, and what it shares with sshd is tested with sshd.

#![allow(dead_code, reason = "each test file uses its own part of the support")]

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex};

use russh::keys::PrivateKey;
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey, run_stream,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet};

/// What the host wants.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The methods that it names, at first.
    pub methods: Vec<MethodKind>,
    /// The password that it takes.
    pub password: Option<&'static str>,
    /// The answers that it takes, one list a round.
    pub answers: Vec<Vec<&'static str>>,
    /// Whether a key is only the first factor.
    pub key_is_half: bool,
    /// What it says before the login.
    pub banner: Option<&'static str>,
    /// The text of its form and of each question, instead of the usual ones.
    pub forged: Option<&'static str>,
    /// Whether its questions never end.
    pub endless: bool,
    /// What it does with a command.
    pub command: Command,
}

/// What the host does when a command is to be run.
#[derive(Clone, Copy, Debug, Default)]
pub enum Command {
    /// It opens no channel.
    #[default]
    NoChannel,
    /// It opens one and refuses the command.
    Refuse,
    /// It closes the channel without a word.
    Close,
}

/// A running host.
pub struct ScriptedHost {
    pub port: u16,
    /// What was tried, in order.
    pub seen: Arc<Mutex<Vec<String>>>,
}

struct Conversation {
    script: Script,
    round: usize,
    seen: Arc<Mutex<Vec<String>>>,
}

impl ScriptedHost {
    /// Listens on 127.0.0.1 and serves each connection by the script.
    pub async fn start(script: Script, host_key: &Path) -> Self {
        let key = PrivateKey::read_openssh_file(host_key).expect("a host key");
        let config = Arc::new(Config {
            keys: vec![key],
            methods: MethodSet::from(script.methods.as_slice()),
            auth_rejection_time: std::time::Duration::from_millis(1),
            max_auth_attempts: 30,
            ..Config::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let conversation = Conversation {
                    script: script.clone(),
                    round: 0,
                    seen: Arc::clone(&kept),
                };
                let config = Arc::clone(&config);
                tokio::spawn(async move {
                    if let Ok(running) = run_stream(config, stream, conversation).await {
                        let _ = running.await;
                    }
                });
            }
        });
        Self { port, seen }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("a lock").clone()
    }
}

impl Conversation {
    fn saw(&self, what: String) {
        self.seen.lock().expect("a lock").push(what);
    }

    fn ask(&self) -> Auth {
        let round = self.script.answers.get(self.round).cloned().unwrap_or_default();
        let prompts: Vec<(Cow<'static, str>, bool)> = (0..round.len())
            .map(|index| {
                let usual = format!("Question\u{1b}[2J {index}: ");
                let text = self.script.forged.map_or(usual, str::to_owned);
                (Cow::Owned(text), index == 0)
            })
            .collect();
        Auth::Partial {
            name: self.script.forged.unwrap_or("Form").into(),
            instructions: self.script.forged.unwrap_or("Please answer").into(),
            prompts: prompts.into(),
        }
    }
}

impl Handler for Conversation {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, Self::Error> {
        Ok(self.script.banner.map(Into::into))
    }

    async fn auth_password(&mut self, _user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.saw(format!("password {password}"));
        if self.script.password == Some(password) {
            return Ok(Auth::Accept);
        }
        // As sshd does, a wrong password may be tried again.
        let methods = MethodSet::from(self.script.methods.as_slice());
        Ok(Auth::Reject {
            proceed_with_methods: Some(methods),
            partial_success: false,
        })
    }

    async fn auth_publickey_offered(&mut self, _user: &str, _offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        self.saw("key offered".into());
        Ok(Auth::Accept)
    }

    async fn auth_publickey(&mut self, _user: &str, _key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.saw("key signed".into());
        if !self.script.key_is_half {
            return Ok(Auth::Accept);
        }
        let next = MethodSet::from([MethodKind::KeyboardInteractive].as_slice());
        Ok(Auth::Reject {
            proceed_with_methods: Some(next),
            partial_success: true,
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(response) = response else {
            self.round = 0;
            return Ok(self.ask());
        };
        let answers: Vec<String> = response
            .map(|answer| String::from_utf8_lossy(&answer).into_owned())
            .collect();
        self.saw(format!("answers {}", answers.join("|")));
        if self.script.endless {
            return Ok(self.ask());
        }
        if self
            .script
            .answers
            .get(self.round)
            .is_some_and(|wanted| *wanted != answers)
        {
            return Ok(Auth::reject());
        }
        self.round += 1;
        Ok(if self.round > self.script.answers.len() {
            Auth::Accept
        } else {
            self.ask()
        })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        match self.script.command {
            Command::NoChannel => reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await,
            Command::Refuse | Command::Close => reply.accept().await,
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match self.script.command {
            Command::Close => session.close(channel),
            Command::NoChannel | Command::Refuse => session.channel_failure(channel),
        }
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Result<(), Self::Error> {
        self.saw("logged in".into());
        Ok(())
    }
}
