//! Logs in: keys, then the host's questions, then a password, in OpenSSH's order, with no more tries than hosts allow.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{Algorithm, HashAlg};
use russh::{MethodKind, MethodSet};
use zeroize::Zeroizing;

use super::agent::Agent;
use super::error::ConnectError;
use super::host_key::fingerprint;
use super::identities::{Candidate, Holder, gather, held_keys};
use super::keyring::{Keyring, unlock};
use super::patience::{Patience, TooLong};
use super::prompt::{Asker, Form, Prompt, Question, visible};
use super::refusal::{Offer, Refusal, Skipped};
use super::settings::{HostSettings, Method};
use super::signing::{KeySigner, SignError};
use super::watcher::{LinkWatch, Watcher};

/// The most keys that are offered: sshd allows 6 tries by default, and the sixth is what fail2ban counts as an attack.
const MOST_OFFERS: usize = 5;
/// The most rounds of questions of one keyboard-interactive login.
const MOST_ROUNDS: usize = 10;
/// The most questions of one round: a password and a second factor are two.
const MOST_QUESTIONS: usize = 8;
/// A login may take a host longer than a packet does: PAM delays its refusals, and names are looked up.
const LEAST_REPLY_TIME: Duration = Duration::from_secs(20);

/// How the operator proved who they are; for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `publickey`, `keyboard-interactive`, `password` or `none`; several factors with commas between, in their order.
    pub method: String,
    /// Such as `ssh-ed25519`; with a certificate, that of its key.
    pub key_type: Option<String>,
    /// Such as `SHA256:…`.
    pub fingerprint: Option<String>,
    /// The key's comment, or the certificate's key id. Made safe for a terminal.
    pub comment: Option<String>,
}

/// The host's answer to one try, or that there was none.
type Reply = Result<Result<AuthResult, russh::Error>, TooLong>;

/// What the host thinks of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    /// It is content.
    LoggedIn,
    /// This was right, and it wants another factor.
    OneFactor,
    /// Not this.
    Refused,
}

/// One login on one host.
pub(super) struct Login<'a> {
    /// The host's settings.
    pub host: &'a HostSettings,
    /// The connection.
    pub handle: &'a mut Handle<Watcher>,
    /// The person.
    pub prompt: &'a Arc<dyn Prompt>,
    /// The limit of each reply.
    pub patience: &'a Patience,
    /// Keys that are open already.
    pub keyring: &'a Keyring,
    /// Why the connection ended, if it did.
    pub watch: LinkWatch,
}

/// What has been tried so far.
struct Attempt<'a> {
    login: Login<'a>,
    patience: Patience,
    agent: Option<Agent>,
    waiting: VecDeque<Candidate>,
    refused: Vec<Candidate>,
    factors: Vec<Identity>,
    offers: usize,
    asked: HashMap<&'static str, u32>,
    refusal: Refusal,
    accepts: Option<Vec<MethodKind>>,
}

impl<'a> Login<'a> {
    /// Tries what there is until the host is content.
    pub(super) async fn run(self) -> Result<Identity, ConnectError> {
        let mut skipped = Vec::new();
        let mut agent = self.connect_agent(&mut skipped).await;
        let held = held_keys(agent.as_mut(), &mut skipped).await;
        let mut identities = gather(self.host, &held);
        skipped.append(&mut identities.skipped);
        let keys_allowed = self.host.methods.contains(&Method::PublicKey);
        let waiting = if keys_allowed {
            identities.candidates.into()
        } else {
            VecDeque::new()
        };
        let refusal = Refusal {
            host: self.host.label(),
            offered: Vec::new(),
            skipped,
            accepts: Vec::new(),
            partial: false,
            ended: None,
        };
        let attempt = Attempt {
            patience: self.patience.at_least(LEAST_REPLY_TIME),
            login: self,
            agent,
            waiting,
            refused: Vec::new(),
            factors: Vec::new(),
            offers: 0,
            asked: HashMap::new(),
            refusal,
            accepts: None,
        };
        attempt.run().await
    }

    fn passphrase_attempts(&self) -> u32 {
        if self.host.batch_mode {
            0
        } else {
            self.host.password_prompts
        }
    }

    async fn connect_agent(&self, skipped: &mut Vec<Skipped>) -> Option<Agent> {
        let socket = self.host.agent.as_ref()?;
        match Agent::connect(socket).await {
            Ok(mut agent) => {
                if let Some(binding) = self.handle.agent_session_binding() {
                    // Agents from before OpenSSH 8.9 do not know this; their keys have no destination limits.
                    let _ = agent.bind(binding).await;
                }
                Some(agent)
            }
            Err(error) => {
                skipped.push(Skipped {
                    what: format!("ssh-agent at {}", socket.display()),
                    why: error.to_string(),
                });
                None
            }
        }
    }
}

impl Attempt<'_> {
    async fn run(mut self) -> Result<Identity, ConnectError> {
        if self.waiting.is_empty()
            && let Some(identity) = self.ask_what_is_accepted().await?
        {
            return Ok(identity);
        }
        while let Some(method) = self.next_method() {
            let accepted = match method {
                Method::PublicKey => self.offer_next_key().await?,
                Method::KeyboardInteractive => self.answer_questions().await?,
                Method::Password => self.send_password().await?,
            };
            if let Some(identity) = accepted {
                return Ok(joined(self.factors, identity));
            }
        }
        if self.accepts.is_none() && self.refusal.ended.is_none() {
            // Every key was skipped before the host could refuse one.
            if let Some(identity) = self.ask_what_is_accepted().await? {
                return Ok(identity);
            }
        }
        Err(self.refused_error())
    }

    /// The host tells its methods only in a refusal; this request is the one that counts as no try.
    async fn ask_what_is_accepted(&mut self) -> Result<Option<Identity>, ConnectError> {
        let user = self.login.host.user.clone();
        let reply = self.patience.wait_for(self.login.handle.authenticate_none(user)).await;
        let judgement = self.judge(reply, "none")?;
        Ok((judgement == Judgement::LoggedIn).then(|| keyless("none")))
    }

    /// The best method that the host accepts and that still has something to try.
    fn next_method(&self) -> Option<Method> {
        if self.refusal.ended.is_some() {
            return None;
        }
        let host = self.login.host;
        let person = self.login.prompt.has_person() && !host.batch_mode;
        host.methods.iter().copied().find(|method| {
            let kind = match method {
                Method::PublicKey => MethodKind::PublicKey,
                Method::KeyboardInteractive => MethodKind::KeyboardInteractive,
                Method::Password => MethodKind::Password,
            };
            let wanted = self.accepts.as_ref().is_none_or(|accepts| accepts.contains(&kind));
            let asked = self.asked.get(method.word()).copied().unwrap_or(0);
            wanted
                && match method {
                    Method::PublicKey => !self.waiting.is_empty() && self.offers < MOST_OFFERS,
                    Method::KeyboardInteractive | Method::Password => person && asked < host.password_prompts,
                }
        })
    }

    fn refused_error(mut self) -> ConnectError {
        for candidate in &self.waiting {
            let why = format!("{MOST_OFFERS} keys were refused already, and hosts allow few tries");
            self.refusal.skipped.push(Skipped {
                what: candidate.origin.clone(),
                why,
            });
        }
        if let Some(accepts) = &self.accepts {
            self.refusal.accepts = accepts.iter().map(String::from).collect();
        }
        ConnectError::Authentication(Box::new(self.refusal))
    }

    /// Takes in the host's answer.
    fn judge(&mut self, reply: Reply, method: &'static str) -> Result<Judgement, ConnectError> {
        match reply {
            Ok(Ok(AuthResult::Success)) => Ok(Judgement::LoggedIn),
            Ok(Ok(AuthResult::Failure {
                remaining_methods,
                partial_success,
            })) => Ok(self.take_in_refusal(&remaining_methods, partial_success)),
            Ok(Err(_)) => Err(self.ended(method)),
            Err(TooLong) => Err(ConnectError::TimedOut {
                host: self.login.host.label(),
                step: "it checked the login",
                after: self.patience.limit(),
            }),
        }
    }

    fn take_in_refusal(&mut self, remaining: &MethodSet, partial: bool) -> Judgement {
        if self.login.handle.is_closed() || remaining.is_empty() {
            self.refusal.ended = Some(self.login.watch.cause());
            return Judgement::Refused;
        }
        self.accepts = Some(remaining.to_vec());
        if !partial {
            return Judgement::Refused;
        }
        // The next factor may well be a key that was refused as the first one.
        self.refusal.partial = true;
        self.waiting.extend(self.refused.drain(..));
        self.asked.clear();
        Judgement::OneFactor
    }

    fn ended(&self, method: &str) -> ConnectError {
        ConnectError::Ended {
            host: self.login.host.label(),
            step: if method == "none" {
                "it was asked how to log in"
            } else {
                "the login was tried"
            },
            message: self.login.watch.cause(),
        }
    }

    fn skip(&mut self, candidate: &Candidate, why: String) {
        self.refusal.skipped.push(Skipped {
            what: candidate.origin.clone(),
            why,
        });
    }

    async fn offer_next_key(&mut self) -> Result<Option<Identity>, ConnectError> {
        let Some(mut candidate) = self.waiting.pop_front() else {
            return Ok(None);
        };
        let Some(public) = self.public_half(&mut candidate).await else {
            return Ok(None);
        };
        let hash = match self.rsa_hash(&public.algorithm()).await {
            Ok(hash) => hash,
            Err(why) => {
                self.skip(&candidate, why.into());
                return Ok(None);
            }
        };
        let user = self.login.host.user.clone();
        let attempts = self.login.passphrase_attempts();
        let mut signer = KeySigner {
            holder: &candidate.holder,
            agent: self.agent.as_mut(),
            keyring: self.login.keyring,
            prompt: self.login.prompt,
            patience: &self.patience,
            attempts,
        };
        let handle = &mut *self.login.handle;
        let replied = match candidate.certificate.clone() {
            Some(certificate) => {
                let offered = handle.authenticate_certificate_with(user, certificate, hash, &mut signer);
                self.patience.wait_for(offered).await
            }
            None => {
                let offered = handle.authenticate_publickey_with(user, public.clone(), hash, &mut signer);
                self.patience.wait_for(offered).await
            }
        };
        let reply = match replied {
            Ok(Err(SignError::Not(why))) => {
                self.skip(&candidate, why);
                return Ok(None);
            }
            Ok(Err(SignError::Ended)) => Ok(Err(russh::Error::SendError)),
            Ok(Ok(reply)) => Ok(Ok(reply)),
            Err(TooLong) => Err(TooLong),
        };
        self.offers += 1;
        let identity = identity_of(&candidate, &public);
        match self.judge(reply, Method::PublicKey.word())? {
            Judgement::LoggedIn => return Ok(Some(identity)),
            Judgement::OneFactor => self.factors.push(identity),
            Judgement::Refused => {
                self.refusal.offered.push(offer_of(&candidate, &identity));
                self.refused.push(candidate);
            }
        }
        Ok(None)
    }

    /// The public key of a candidate; a file that hides it has to be opened first, before the host was asked.
    async fn public_half(&mut self, candidate: &mut Candidate) -> Option<russh::keys::PublicKey> {
        if let Some(public) = &candidate.public {
            return Some(public.clone());
        }
        let Holder::File(file) = candidate.holder.clone() else {
            return None;
        };
        let attempts = self.login.passphrase_attempts();
        match unlock(&file, self.login.keyring, self.login.prompt, &self.patience, attempts).await {
            Ok(key) => {
                candidate.public = Some(key.public_key().clone());
                candidate.public.clone()
            }
            Err(why) => {
                self.skip(candidate, why);
                None
            }
        }
    }

    /// The hash that an RSA key signs with: the best that the host takes, and never SHA-1.
    async fn rsa_hash(&self, algorithm: &Algorithm) -> Result<Option<HashAlg>, &'static str> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(None);
        }
        match self.login.handle.best_supported_rsa_hash().await {
            Ok(Some(Some(hash))) => Ok(Some(hash)),
            Ok(Some(None)) => Err("the host takes RSA keys only with SHA-1, which is broken"),
            Ok(None) | Err(_) => Ok(Some(HashAlg::Sha512)),
        }
    }

    async fn send_password(&mut self) -> Result<Option<Identity>, ConnectError> {
        *self.asked.entry(Method::Password.word()).or_insert(0) += 1;
        let label = self.login.host.label();
        let form = Form {
            asker: Asker::Program,
            host: label.clone(),
            name: String::new(),
            instruction: String::new(),
            questions: vec![Question {
                text: format!("{label}'s password: "),
                echo: false,
            }],
        };
        let Some(mut answers) = self.ask(&form).await else {
            self.give_up(Method::Password);
            return Ok(None);
        };
        let password = answers.pop().unwrap_or_default();
        let user = self.login.host.user.clone();
        let reply = self
            .patience
            .wait_for(self.login.handle.authenticate_password(user, password.as_str()))
            .await;
        self.conclude(reply, Method::Password)
    }

    async fn answer_questions(&mut self) -> Result<Option<Identity>, ConnectError> {
        let method = Method::KeyboardInteractive;
        *self.asked.entry(method.word()).or_insert(0) += 1;
        let user = self.login.host.user.clone();
        let started = self
            .login
            .handle
            .authenticate_keyboard_interactive_start(user, None::<String>);
        let mut reply = self.patience.wait_for(started).await;
        for _ in 0..MOST_ROUNDS {
            let (name, instructions, prompts) = match reply {
                Ok(Ok(KeyboardInteractiveAuthResponse::InfoRequest {
                    name,
                    instructions,
                    prompts,
                })) => (name, instructions, prompts),
                Ok(Ok(KeyboardInteractiveAuthResponse::Success)) => {
                    return self.conclude(Ok(Ok(AuthResult::Success)), method);
                }
                Ok(Ok(KeyboardInteractiveAuthResponse::Failure {
                    remaining_methods,
                    partial_success,
                })) => {
                    return self.conclude(
                        Ok(Ok(AuthResult::Failure {
                            remaining_methods,
                            partial_success,
                        })),
                        method,
                    );
                }
                Ok(Err(error)) => return self.conclude(Ok(Err(error)), method),
                Err(TooLong) => return self.conclude(Err(TooLong), method),
            };
            let answers = self.answers_to(&name, &instructions, &prompts).await;
            let sent = self.login.handle.authenticate_keyboard_interactive_respond(answers);
            reply = self.patience.wait_for(sent).await;
        }
        self.give_up(method);
        Ok(None)
    }

    /// Answers for one round. Where nobody answers, empty ones end the attempt: the protocol knows no other way out.
    async fn answers_to(&mut self, name: &str, instructions: &str, prompts: &[russh::client::Prompt]) -> Vec<String> {
        if prompts.is_empty() {
            return Vec::new();
        }
        if prompts.len() > MOST_QUESTIONS {
            self.give_up(Method::KeyboardInteractive);
            return vec![String::new(); prompts.len()];
        }
        let form = Form {
            asker: Asker::Host,
            host: self.login.host.name.clone(),
            name: visible(name),
            instruction: visible(instructions),
            questions: prompts
                .iter()
                .map(|prompt| Question {
                    text: visible(&prompt.prompt),
                    echo: prompt.echo,
                })
                .collect(),
        };
        match self.ask(&form).await {
            Some(answers) if answers.len() == prompts.len() => {
                answers.iter().map(|answer| answer.to_string()).collect()
            }
            _ => {
                self.give_up(Method::KeyboardInteractive);
                vec![String::new(); prompts.len()]
            }
        }
    }

    async fn ask(&self, form: &Form) -> Option<Vec<Zeroizing<String>>> {
        let _pause = self.patience.pause();
        self.login.prompt.answers(form).await
    }

    fn give_up(&mut self, method: Method) {
        self.asked.insert(method.word(), u32::MAX);
    }

    fn conclude(&mut self, reply: Reply, method: Method) -> Result<Option<Identity>, ConnectError> {
        match self.judge(reply, method.word())? {
            Judgement::LoggedIn => return Ok(Some(keyless(method.word()))),
            Judgement::OneFactor => self.factors.push(keyless(method.word())),
            Judgement::Refused => self.refusal.offered.push(Offer {
                method: method.word(),
                what: "as typed".into(),
            }),
        }
        Ok(None)
    }
}

fn keyless(method: &str) -> Identity {
    Identity {
        method: method.into(),
        key_type: None,
        fingerprint: None,
        comment: None,
    }
}

/// All factors as one identity: the methods in their order, and the first key, which names the person.
fn joined(mut factors: Vec<Identity>, last: Identity) -> Identity {
    factors.push(last);
    let methods: Vec<&str> = factors.iter().map(|factor| factor.method.as_str()).collect();
    let method = methods.join(",");
    let key = factors.into_iter().find(|factor| factor.fingerprint.is_some());
    Identity {
        method,
        ..key.unwrap_or_else(|| keyless(""))
    }
}

fn identity_of(candidate: &Candidate, public: &russh::keys::PublicKey) -> Identity {
    let comment = match &candidate.certificate {
        Some(certificate) => certificate.key_id().to_owned(),
        None => candidate.comment.clone(),
    };
    Identity {
        method: Method::PublicKey.word().into(),
        key_type: Some(public.algorithm().to_string()),
        fingerprint: Some(fingerprint(public)),
        comment: Some(visible(&comment)).filter(|comment| !comment.is_empty()),
    }
}

fn offer_of(candidate: &Candidate, identity: &Identity) -> Offer {
    let kind = if candidate.certificate.is_some() {
        "certificate for "
    } else {
        ""
    };
    let key_type = identity.key_type.as_deref().unwrap_or_default();
    let fingerprint = identity.fingerprint.as_deref().unwrap_or_default();
    Offer {
        method: Method::PublicKey.word(),
        what: format!("{kind}{key_type} {fingerprint} from {}", candidate.origin),
    }
}
