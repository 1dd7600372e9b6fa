//! Where the entries of each jail's whitelist come from, as fail2ban's own reader of the files says, and whether these
//! files are still those that the running server was made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::known::Known;

/// The lists that the files on disk give to the running jails.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Origins {
    /// By the jail's name; unknown with its reason where fail2ban's reader could not be asked.
    pub jails: BTreeMap<String, Known<ListOrigin>>,
    /// What the files hold that entries name (`file:PATH`, fail2ban 1.1.1), by the entry as a server shows it.
    #[serde(default)]
    pub members: BTreeMap<String, Known<Vec<Member>>>,
    /// The age of the files.
    #[serde(default)]
    pub loaded: Option<Loaded>,
}

/// A jail's list, as the files give it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOrigin {
    /// Whether it is the jail's own and not that of `[DEFAULT]`.
    pub own: bool,
    /// The entries in their order.
    pub entries: Vec<EntryOrigin>,
}

/// One entry of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryOrigin {
    /// The entry as fail2ban splits it off, after interpolation.
    pub word: String,
    /// How a server shows what it makes of it; empty if it keeps nothing, absent if it refuses it.
    pub shown: Option<Vec<String>>,
    /// Where the word stands; absent where it is put together from several places.
    pub place: Option<Place>,
}

/// One entry of a file that the list names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The entry as it is written.
    pub word: String,
    /// Where it stands.
    pub place: Place,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub String, pub u64);

/// When the running server's files were read, and when one of them changed last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    /// The time from before which every file is known to have been read, seconds of the Unix clock; absent if nothing tells.
    pub at: Option<f64>,
    /// The last change of a file, or of a folder's list of files, seconds of the Unix clock.
    pub changed: f64,
    /// Which file or folder that was, relative to the configuration directory.
    pub file: String,
}

impl Loaded {
    /// Whether every file is still as the server has read it: what it holds besides was set at run time.
    pub fn is_current(&self) -> bool {
        self.at.is_some_and(|at| self.changed < at)
    }
}

/// jail.local as f2bctl wrote it last, by the host's own journal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LastWritten {
    /// The change's identifier.
    pub id: String,
    /// When it ended, seconds of the Unix clock.
    pub ended: f64,
    /// The command it belongs to.
    pub command: Option<String>,
    /// The content; absent if the file went.
    #[serde(default, with = "super::base64_bytes")]
    pub content: Option<Vec<u8>>,
}

/// Whether one jail would ignore one address, as fail2ban's own classes decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether it would; absent where that hangs on a command that is not run, or on what the server does not show.
    pub ignored: Option<bool>,
    /// The entries that each alone decide it, as they are written.
    pub words: Vec<String>,
    /// Whether it is an own address of the host.
    pub ignoreself: bool,
    /// Whether it hangs on the jail's `ignorecommand`.
    pub command: bool,
}

/// The decisions about a few addresses by each running jail, in the order in which they were asked for.
pub type Decisions = BTreeMap<String, Known<Vec<Decision>>>;
