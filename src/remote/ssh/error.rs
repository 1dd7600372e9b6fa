//! Why a session could not be had. Every variant says what, why and, in its hints, what to do; nothing on the host was
//! changed.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::configuration_error::ConfigurationError;
use super::host_key::HostKeyError;
use super::refusal::Refusal;

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
        /// Its output, or how it ended.
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

impl ConnectError {
    /// What went wrong and why: the sentence of this error and, where that leaves it open, those of its causes.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self {
            Self::Configuration { source, .. } => format!("{self}: {source}"),
            Self::Resolve { source, .. } | Self::Unreachable { source, .. } => format!("{self}: {source}"),
            Self::HostKey { source, .. } => format!("{self}: {source}"),
            Self::Jump { source, .. } => format!("{self}: {}", source.in_full()),
            _ => self.to_string(),
        }
    }

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
                "allow more time with --connect-timeout SECS".into(),
            ],
            Self::ProxyCommand { .. } => {
                vec!["run the ProxyCommand of ssh_config by hand and read what it says".into()]
            }
            Self::Protocol { .. } => vec!["check that the port is that of an SSH server".into()],
            Self::Ended { message, .. } if message.contains("Not allowed at this time") => vec![
                "sshd refused your address, after failed logins (PerSourcePenalties) or because too many log in at \
                 once (MaxStartups); try again in a minute"
                    .into(),
            ],
            Self::Ended { .. } => {
                vec!["see the host's sshd log; MaxStartups and PerSourcePenalties end connections early".into()]
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
