//! A host to work on: where it is, how to log in, and where fail2ban and f2bctl keep their things there.

use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::model::host_name::HostName;
use crate::remote::agent::{HostPaths, concealed};
use crate::remote::ssh::{Destination, SshOptions};

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
    /// The password that sudo wanted, once it was asked for.
    pub password: SudoPassword,
    /// Where fail2ban and f2bctl keep their things there.
    pub paths: HostPaths,
}

/// The sudo password of one host, kept for the run's further logins; forgotten and overwritten with it.
#[derive(Clone, Default)]
pub struct SudoPassword(Arc<Mutex<Option<Zeroizing<String>>>>);

impl std::fmt::Debug for SudoPassword {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SudoPassword(not shown)")
    }
}

impl SudoPassword {
    /// The password, if it was asked for already.
    pub(super) fn known(&self) -> Option<Zeroizing<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A text of the host without the password: nothing is known that would repeat it, and nothing that does gets further.
    pub(super) fn concealed_in(&self, text: &str) -> String {
        match self.known() {
            Some(password) => concealed(text, &password),
            None => text.to_owned(),
        }
    }

    /// Keeps what was typed, or forgets it.
    pub(super) fn keep(&self, password: Option<Zeroizing<String>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = password;
    }
}
