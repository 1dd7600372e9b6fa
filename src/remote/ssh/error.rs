//! Why a session could not be had. Every variant says what, why and, in its hints, what to do; nothing on the host was changed.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::host_key::HostKeyError;

/// What ssh_config means for a host could not be found out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// There is no such program.
    #[error("{} is not installed, so the given ssh_config file cannot be read", .0.display())]
    NotInstalled(PathBuf),
    /// The program could not be started.
    #[error("{} could not be run", program.display())]
    NotRun {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program did not end.
    #[error("{} -G gave no answer in {} s", program.display(), after.as_secs())]
    TooLong {
        /// The program.
        program: PathBuf,
        /// How long it was waited for.
        after: Duration,
    },
    /// The program found a fault in the configuration.
    #[error("{} -G refused: {message}", program.display())]
    Refused {
        /// The program.
        program: PathBuf,
        /// What it said.
        message: String,
    },
    /// The program's answer makes no sense.
    #[error("ssh -G was not understood: {0}")]
    Unreadable(String),
    /// An option cannot be honoured, and going on without it would be less safe or go elsewhere.
    #[error("ssh_config sets {option} to {value:?}, which cannot be honoured: {why}")]
    Unsupported {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// Why not.
        why: String,
    },
    /// Nothing names a login.
    #[error("no login is known for {0}")]
    NoLogin(String),
    /// The hosts to go through lead to each other, or there are too many.
    #[error("the way to {0} goes through more than {MOST_HOPS} hosts")]
    TooManyHops(String),
    /// A jump host is no host.
    #[error("the jump host {hop:?} is no host")]
    Hop {
        /// As given.
        hop: String,
        /// Why.
        #[source]
        source: super::destination::DestinationError,
    },
}

/// The most hosts that a connection goes through.
pub(super) const MOST_HOPS: usize = 8;

/// A session could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What ssh_config means for the host could not be found out.
    #[error("the ssh configuration for {host} could not be used")]
    Configuration {
        /// The host as typed.
        host: String,
        /// Why.
        #[source]
        source: ConfigurationError,
    },
    /// The name has no address.
    #[error("{host} has no address")]
    Resolve {
        /// The name.
        host: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nothing listens there.
    #[error("{address} refused the connection: nothing listens on that port")]
    ConnectionRefused {
        /// Where.
        address: SocketAddr,
        /// The system's word.
        #[source]
        source: io::Error,
    },
    /// There is no way there.
    #[error("{address} cannot be reached")]
    Unreachable {
        /// Where, as far as it is known.
        address: String,
        /// The system's word.
        #[source]
        source: io::Error,
    },
    /// No answer in time.
    #[error("{host} did not answer within {} s while {step}", after.as_secs_f32())]
    TimedOut {
        /// The host.
        host: String,
        /// What was waited for.
        step: &'static str,
        /// The limit.
        after: Duration,
    },
    /// The ProxyCommand did not bring a connection.
    #[error("the ProxyCommand for {host} failed: {message}")]
    ProxyCommand {
        /// The host.
        host: String,
        /// What it said, or how it ended.
        message: String,
    },
    /// What answers there is no SSH server, or shares no algorithm.
    #[error("{host} does not speak SSH as expected: {message}")]
    Protocol {
        /// The host.
        host: String,
        /// What went wrong.
        message: String,
    },
    /// The connection ended before the login.
    #[error("{host} ended the connection while {step}: {message}")]
    Ended {
        /// The host.
        host: String,
        /// What was going on.
        step: &'static str,
        /// The reason as far as it was given.
        message: String,
    },
    /// The host's key is not to be trusted.
    #[error("the host key of {host} is not accepted")]
    HostKey {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: Box<HostKeyError>,
    },
    /// The host took none of the identities.
    #[error("{0}")]
    Authentication(Box<Refusal>),
    /// A jump host could not be gone through.
    #[error("the jump host {hop} could not be used")]
    Jump {
        /// The jump host.
        hop: String,
        /// Why.
        #[source]
        source: Box<ConnectError>,
    },
}

/// A login that was refused: what was tried, what was not, and what the host would still take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `user@host`.
    pub host: String,
    /// What was offered, in order.
    pub offered: Vec<Offer>,
    /// What was not offered, and why.
    pub skipped: Vec<Skipped>,
    /// The methods that the host still accepts, such as `publickey`.
    pub accepts: Vec<String>,
    /// Whether a first factor was accepted and another one is wanted.
    pub partial: bool,
    /// Why the host ended the connection, if it did.
    pub ended: Option<String>,
}

/// An identity that the host refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Such as `publickey`.
    pub method: &'static str,
    /// Such as `ssh-ed25519 SHA256:… from /home/ravi/.ssh/id_ed25519`.
    pub what: String,
}

/// An identity that was not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Such as a key file.
    pub what: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} refused the login", self.host)?;
        if self.partial {
            formatter.write_str(" after accepting a first factor")?;
        }
        match self.offered.as_slice() {
            [] => formatter.write_str("; nothing was offered")?,
            offers => {
                let names: Vec<String> = offers
                    .iter()
                    .map(|offer| format!("{} {}", offer.method, offer.what))
                    .collect();
                write!(formatter, "; offered: {}", names.join(", "))?;
            }
        }
        if !self.skipped.is_empty() {
            let names: Vec<String> = self
                .skipped
                .iter()
                .map(|skip| format!("{} ({})", skip.what, skip.why))
                .collect();
            write!(formatter, "; not offered: {}", names.join(", "))?;
        }
        if !self.accepts.is_empty() {
            write!(formatter, "; it still accepts: {}", self.accepts.join(", "))?;
        }
        match &self.ended {
            Some(reason) => write!(formatter, "; it ended the connection: {reason}"),
            None => Ok(()),
        }
    }
}

impl ConnectError {
    /// What the operator can do, best first.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Configuration { source, .. } => source.hints(),
            Self::Resolve { host, .. } => vec![format!("check the spelling of {host}, or give its address")],
            Self::ConnectionRefused { .. } => {
                vec![
                    "check the port, and that sshd runs on the host".into(),
                    "give another port as USER@ADDRESS:PORT".into(),
                ]
            }
            Self::Unreachable { .. } => vec!["check the network, the VPN and the address".into()],
            Self::TimedOut { .. } => vec![
                "the host may be down, or a firewall (or a ban of fail2ban's sshd jail) may drop the packets".into(),
                "give it longer with --connect-timeout SECS".into(),
            ],
            Self::ProxyCommand { .. } => {
                vec!["run the ProxyCommand of ssh_config by hand and read what it says".into()]
            }
            Self::Protocol { .. } => vec!["check that the port is that of an SSH server".into()],
            Self::Ended { message, .. } if message.contains("Not allowed at this time") => vec![
                "sshd turned your address away: for a while after logins that failed (PerSourcePenalties), or because \
                 many are logging in just now (MaxStartups); try again in a minute"
                    .into(),
            ],
            Self::Ended { .. } => {
                vec!["look into the host's sshd log; MaxStartups and PerSourcePenalties end connections early".into()]
            }
            Self::HostKey { source, .. } => source.hints(),
            Self::Authentication(refusal) => refusal.hints(),
            Self::Jump { hop, source } => match **source {
                Self::Authentication(_) => vec![format!(
                    "--identity is for the last host: set IdentityFile for {hop} in ssh_config, or load its key into the agent"
                )],
                _ => source.hints(),
            },
        }
    }

    /// The error of one host, as the error of going through it.
    pub(super) fn through(self, hop: String) -> Self {
        Self::Jump {
            hop,
            source: Box::new(self),
        }
    }
}

impl ConfigurationError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotInstalled(_) => vec!["install the OpenSSH client, or leave out --ssh-config".into()],
            Self::NotRun { .. } | Self::TooLong { .. } | Self::Unreadable(_) => {
                vec!["run ssh -G with the same host by hand".into()]
            }
            Self::Refused { .. } => {
                vec!["mend the ssh_config file that it names; ssh itself fails in the same way".into()]
            }
            Self::Unsupported { .. } => vec!["set the option for this host to a plain value in ssh_config".into()],
            Self::NoLogin(_) => vec!["write the login as USER@ADDRESS".into()],
            Self::TooManyHops(_) => vec!["look for ProxyJump lines that lead to each other".into()],
            Self::Hop { .. } => {
                vec!["write jump hosts as USER@ADDRESS:PORT, nearest first, with commas between".into()]
            }
        }
    }
}

impl Refusal {
    fn hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        let wants = |method: &str| self.accepts.iter().any(|accepted| accepted == method);
        if self
            .ended
            .as_deref()
            .is_some_and(|reason| reason.contains("Too many authentication failures"))
        {
            hints.push(
                "name the right key with --identity FILE, and set IdentitiesOnly yes for this host in ssh_config"
                    .into(),
            );
        }
        if self.skipped.iter().any(|skip| skip.why.contains("passphrase")) {
            hints.push(
                "load the key into the agent with ssh-add, or run on a terminal so that the passphrase can be asked"
                    .into(),
            );
        }
        if wants("publickey") && self.offered.iter().all(|offer| offer.method != "publickey") {
            hints.push("give a key with --identity FILE, or load one into the agent with ssh-add".into());
        } else if wants("publickey") {
            hints.push("put one of the offered public keys into the host's authorized_keys, or give another with --identity FILE".into());
        }
        if wants("password") || wants("keyboard-interactive") {
            hints.push("run on a terminal to be asked for a password".into());
        }
        if hints.is_empty() {
            hints.push("check the login name and the host's sshd log".into());
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_was_offered_and_what_is_still_accepted() {
        let refusal = Refusal {
            host: "root@192.0.2.7".into(),
            offered: vec![Offer {
                method: "publickey",
                what: "ssh-ed25519 SHA256:abc from k".into(),
            }],
            skipped: vec![Skipped {
                what: "/k2".into(),
                why: "its passphrase could not be asked".into(),
            }],
            accepts: vec!["publickey".into(), "password".into()],
            partial: false,
            ended: None,
        };
        assert_eq!(
            refusal.to_string(),
            "root@192.0.2.7 refused the login; offered: publickey ssh-ed25519 SHA256:abc from k; \
             not offered: /k2 (its passphrase could not be asked); it still accepts: publickey, password"
        );
        assert_eq!(ConnectError::Authentication(Box::new(refusal)).hints().len(), 3);
    }
}
