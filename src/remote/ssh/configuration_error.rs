//! Why it could not be found out what ssh_config means for a host. Nothing was connected to.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::destination::DestinationError;

/// The most hosts that a connection goes through.
pub(super) const MOST_HOPS: usize = 8;

/// What ssh_config means for a host could not be found out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// There is no such program.
    #[error("{} is not installed, so the given ssh_config file cannot be read", .0.display())]
    NotInstalled(PathBuf),
    /// The given file would be waited for.
    #[error("the ssh_config file {} is a pipe or a socket", .0.display())]
    NotAFile(PathBuf),
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
        /// Its output.
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
    /// A jump host is not a host.
    #[error("the jump host {hop:?} is not a host")]
    Hop {
        /// As given.
        hop: String,
        /// Why.
        #[source]
        source: DestinationError,
    },
}

impl ConfigurationError {
    /// What the operator can do, best first.
    pub(super) fn hints(&self) -> Vec<String> {
        match self {
            Self::NotInstalled(_) => vec!["install the OpenSSH client, or leave out --ssh-config".into()],
            Self::NotAFile(_) => vec!["name a file with --ssh-config".into()],
            Self::NotRun { .. } | Self::TooLong { .. } | Self::Unreadable(_) => {
                vec!["run ssh -G with the same host by hand".into()]
            }
            Self::Refused { .. } => {
                vec!["fix the ssh_config file that it names; ssh fails in the same way".into()]
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
