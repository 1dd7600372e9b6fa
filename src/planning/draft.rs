//! What a procedure wants to change, before anybody has tried it on the host.

use crate::document::Warning;
use crate::model::observed::TemporaryEntry;
use crate::model::operation::{BansOf, ReplaceFile, RuntimeSetting, TemporaryEdit};

use super::effect::Intent;
use super::postcondition::Postcondition;
use super::server_move::ServerMove;

/// A change as its procedure drafts it. Empty if the host is already as it should be.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// New content of files, in an order in which every prefix can start.
    pub files: Vec<ReplaceFile>,
    /// The label of the backup of jail.local, if one is made.
    pub backup: Option<String>,
    /// What has to happen to the running server.
    pub server: ServerMove,
    /// Bans to lift.
    pub unban: Vec<BansOf>,
    /// Values to set in the running jails, after a reload if there is one. They are in no file.
    pub runtime: Vec<RuntimeSetting>,
    /// What becomes of the register of temporary entries.
    pub temporary: Vec<TemporaryChange>,
    /// What the change of the register, and of the running jails, means.
    pub temporary_meaning: Vec<TemporaryEdit>,
    /// What of the running server's settings this is meant to change; everything else is an external edit.
    pub intent: Intent,
    /// What the rehearsal has to come out with, whatever other files say.
    pub postconditions: Vec<Postcondition>,
    /// What was named for an unban and is not banned in the jails that were asked about.
    pub not_banned: Vec<String>,
    /// What the operator has to know.
    pub warnings: Vec<Warning>,
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
