//! What can be wrong with the settings, each with its place, reason and cure.

use std::path::PathBuf;

use super::Place;

/// Why the settings cannot be read, used or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Neither `HOME` nor the password database names a home directory.
    #[error("the home directory is unknown: neither HOME nor the password database names one")]
    NoHome,
    /// `HOME` is a relative path: where the configuration and the records are would depend on the working directory.
    #[error("HOME is {path:?}, which is not an absolute path")]
    RelativeHome {
        /// What `HOME` is.
        path: PathBuf,
    },
    /// A file that was named does not exist.
    #[error("the configuration file {} does not exist", path.display())]
    Missing {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// Others may write to the file or its folder, and so decide what this user runs and where.
    #[error("the configuration is not read: {reason}")]
    Exposed {
        /// What is open, as a clause with the path.
        reason: String,
        /// The command that ends it.
        cure: String,
    },
    /// The text is not TOML.
    #[error("{place}: not valid TOML: {message}")]
    Syntax {
        /// Where reading stopped.
        place: Box<Place>,
        /// The parser's message, on one line.
        message: String,
    },
    /// A key that means nothing here.
    #[error("{place}: unknown key `{key}` in {table}")]
    UnknownKey {
        /// Where the key is.
        place: Box<Place>,
        /// The key.
        key: String,
        /// The table that it is in, as the reader would name it.
        table: String,
        /// The known key that was probably meant.
        nearest: Option<String>,
        /// Every key that this table takes.
        known: Vec<&'static str>,
    },
    /// A value of the wrong kind.
    #[error("{place}: `{key}` is {found}, not {expected}")]
    WrongType {
        /// Where the value is.
        place: Box<Place>,
        /// The key.
        key: String,
        /// What it has to be, with its article.
        expected: &'static str,
        /// What it is, with its article.
        found: String,
    },
    /// A value of the right kind that cannot be used.
    #[error("{place}: `{key}` {fault}")]
    Value {
        /// Where the value is.
        place: Box<Place>,
        /// The key.
        key: String,
        /// What is wrong with it; completes "the key …".
        fault: String,
        /// What to write instead.
        hint: String,
    },
    /// A host selection that names nothing.
    #[error("`{given}` names no host: it {fault}")]
    Selection {
        /// The part of the selection.
        given: String,
        /// What is wrong with it.
        fault: String,
        /// What to give instead.
        hint: String,
    },
    /// Several hosts, none of which was chosen or is the default.
    #[error("no host was chosen, and none of the {} configured hosts is the default", hosts.len())]
    NoDefault {
        /// The configuration file.
        path: PathBuf,
        /// The hosts that may be chosen.
        hosts: Vec<String>,
    },
    /// An inventory that cannot be used.
    #[error("the inventory {} {fault}", path.display())]
    Inventory {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; completes "the inventory …".
        fault: String,
    },
    /// The file cannot be written.
    #[error("cannot write the configuration file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
}

impl SettingsError {
    /// What to do about it, one sentence each.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::NoHome => vec!["set HOME, or name the file with --config".to_owned()],
            Self::RelativeHome { .. } => vec!["set HOME to an absolute path, such as /root".to_owned()],
            Self::Missing { .. } => {
                vec!["correct --config or F2BCTL_CONFIG, or leave it out for the standard place".to_owned()]
            }
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::InvalidInput => {
                vec!["name a file; what a pipe would bring can be written into one first".to_owned()]
            }
            Self::Unreadable { .. } | Self::Write { .. } => {
                vec!["check the owner and the mode of the file and of its directory".to_owned()]
            }
            Self::Exposed { cure, .. } => {
                vec![format!("look at what is in it, then run `{cure}`")]
            }
            Self::Syntax { .. } => {
                vec!["correct the line; put strings in double quotes".to_owned()]
            }
            Self::UnknownKey { nearest, known, .. } => nearest
                .iter()
                .map(|word| format!("did you mean `{word}`?"))
                .chain([format!("the keys are {}", known.join(", "))])
                .collect(),
            Self::WrongType { key, expected, .. } => {
                vec![format!("write {expected} after `{key} =`")]
            }
            Self::NoDefault { path, hosts } => vec![
                format!("pass -H NAME, or --all-hosts; the hosts are {}", hosts.join(", ")),
                format!("or write default_host = \"NAME\" at the top of {}", path.display()),
            ],
            Self::Inventory { .. } => {
                vec!["make it with `ansible-inventory -i INVENTORY --list > FILE` (without --export), or give the host a table in f2bctl's configuration".to_owned()]
            }
            Self::Value { hint, .. } | Self::Selection { hint, .. } => vec![hint.clone()],
        }
    }

    /// The place in the file, where the error is about one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::WrongType { place, .. }
            | Self::Value { place, .. } => Some(place),
            _ => None,
        }
    }
}
