//! One SSH session with a host: found, checked, logged in to and spoken to as the operator's own `ssh` would.
//!
//! Nothing else in the tree imports russh. The room reads no fail2ban and decides nothing about hosts: it carries bytes.

mod agent;
mod algorithms;
mod authentication;
mod configuration;
mod configuration_error;
mod destination;
mod dial;
mod error;
mod exec;
mod first_words;
mod host_key;
mod identities;
mod key_file;
mod keyring;
mod known_hosts;
mod link;
mod options;
mod patience;
mod prompt;
mod refusal;
mod route;
mod session;
mod settings;
mod signing;
mod ssh_answer;
mod tokens;
mod watcher;

pub use authentication::Identity;
pub use configuration_error::ConfigurationError;
pub use destination::{Destination, DestinationError};
pub use error::ConnectError;
pub use exec::{Completion, Ended, Exec, ExecError, Finished, LinkLost, Stdin, Stdout};
pub use host_key::HostKeyError;
pub use keyring::Keyring;
pub use known_hosts::{Entry, KnownHosts, Marker};
pub use options::{Environment, SshOptions};
pub use prompt::{Asker, Form, NoPrompt, Notice, PassphraseQuestion, Prompt, Question, UnknownHostKey};
pub use refusal::{Offer, Refusal, Skipped};
pub use session::Session;
pub use ssh_answer::read_ssh_answer;
