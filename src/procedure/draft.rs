//! What a procedure wants to change, before anybody has tried it on the host.

use std::collections::BTreeMap;

use crate::model::network::Network;
use crate::model::observed::{Attributes, TemporaryEntry};

use super::effect::Intent;
use super::requirement::Requirement;
use super::step::{RuntimeEntry, Step};
use crate::document::Warning;

/// A change as its procedure drafts it. Empty if the host is already as it should be.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What will be done, in order, in sentences.
    pub steps: Vec<Step>,
    /// New content of files, in an order in which every prefix can start.
    pub files: Vec<FileDraft>,
    /// The label of the backup of jail.local, if one is made.
    pub backup: Option<String>,
    /// What has to happen to the running server.
    pub server: ServerMove,
    /// Bans to lift.
    pub unban: Vec<UnbanWish>,
    /// Values to set in the running jails, after a reload if there is one. They stand in no file.
    pub runtime: Vec<RuntimeEntry>,
    /// What becomes of the register of temporary entries.
    pub temporary: Vec<TemporaryChange>,
    /// What of the running server's settings this is meant to change; everything else is another hand's.
    pub intent: Intent,
    /// What the rehearsal has to come out with, whatever other files say.
    pub requirements: Vec<Requirement>,
    /// What was named for an unban and is not banned in the jails that were asked about.
    pub not_banned: Vec<String>,
    /// What has to be said to the operator.
    pub warnings: Vec<Warning>,
    /// Owner and mode of files that do not exist now, by path; those that do keep their own.
    pub attributes: BTreeMap<String, Attributes>,
    /// The change that this one undoes.
    pub undoes: Option<String>,
    /// Whether an operator at a terminal has to type the host's name besides agreeing.
    pub name_to_type: bool,
}

impl Draft {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.backup.is_none()
            && self.server == ServerMove::None
            && self.unban.is_empty()
            && self.runtime.is_empty()
            && self.temporary.is_empty()
    }
}

/// A change of the register of temporary entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemporaryChange {
    /// The entry is written, in place of an earlier one of the same network.
    Put(TemporaryEntry),
    /// The entry of this network, in fail2ban's spelling, goes.
    Drop(String),
}

/// Whether fail2ban reads a file of this name: backups and the like are not among them.
pub fn is_read_by_fail2ban(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('.') && [".conf", ".local", ".py"].iter().any(|ending| name.ends_with(ending))
}

/// One file's new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDraft {
    /// The path, relative to the configuration directory.
    pub path: String,
    /// The content as it was observed; absent if there was no such file.
    pub before: Option<Vec<u8>>,
    /// The content as it shall be; absent if the file goes.
    pub after: Option<Vec<u8>>,
}

/// What has to happen to the running server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServerMove {
    /// Nothing.
    #[default]
    None,
    /// It reads its configuration anew.
    Reload,
    /// It is down and is started.
    Start,
}

/// Bans to lift: those of a network's members, in some jails or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbanWish {
    /// The network (an address is a network of one).
    pub network: Network,
    /// The jails, or all of them.
    pub jails: Option<Vec<String>>,
}
