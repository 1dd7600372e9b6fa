//! What a change does on a host, as values: what is shown, approved, sent to the agent and kept in the host's journal
//! is this one list of operations.
//!
//! Each operation says what it will do (`steps`), what it did (`done`) and what its undo is (`undo`). Boundary: how it
//! is done and undone is the agent's table (`operations.py`); which operations a change needs is decided in `planning`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edit::Edit;
use super::made::{Made, Unbanned};
use super::step::Step;
use super::temporary::TemporaryEdit;
use crate::model::comment_text::escaped;
use crate::model::network::Network;
use crate::model::observed::{Attributes, Fingerprint, TemporaryEntry};
use crate::model::some::{grouped, some};

/// One operation of a change. A plan holds them in the order in which they run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Operation {
    /// Copies jail.local beside itself.
    Backup {
        /// The end of the copy's name.
        label: String,
    },
    /// Gives a file new content, creates it or takes it away.
    ReplaceFile(ReplaceFile),
    /// Writes the register of temporary entries.
    RegisterTemporary(RegisterTemporary),
    /// Has fail2ban read its configuration again.
    Reload,
    /// Restarts a jail after the reload, which does not apply everything.
    Restart {
        /// The jail.
        jail: String,
        /// What a reload does not apply.
        because: RestartCause,
        /// How many bans it has, which fail2ban restores one after the other.
        bans: usize,
    },
    /// Starts a fail2ban that is down.
    Start,
    /// Sets values in running jails, which are in no file.
    SetRuntime(SetRuntime),
    /// Lifts bans.
    LiftBans(LiftBans),
    /// Keeps the change only if the operator logs in again.
    Confirm {
        /// How long the host waits for that, seconds.
        seconds: u64,
        /// Why it is asked for, a clause.
        because: String,
    },
}

/// New content of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplaceFile {
    /// The path, relative to the configuration directory.
    pub path: String,
    /// The content as it was observed; absent if there was no such file.
    #[serde(with = "crate::model::base64_bytes")]
    #[schemars(with = "Option<String>")]
    pub before: Option<Vec<u8>>,
    /// The content as it shall be; absent if the file goes.
    #[serde(with = "crate::model::base64_bytes")]
    #[schemars(with = "Option<String>")]
    pub after: Option<Vec<u8>>,
    /// Owner and mode of a file that does not exist now; a file that does keeps its own.
    pub attributes: Option<Attributes>,
    /// What the new content means.
    pub meaning: Vec<Edit>,
}

/// The register of temporary entries before and after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterTemporary {
    /// As it was observed.
    pub before: Vec<TemporaryEntry>,
    /// As it shall be, the earliest end first.
    pub after: Vec<TemporaryEntry>,
    /// What that means.
    pub meaning: Vec<TemporaryEdit>,
}

/// What of a jail a reload does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestartCause {
    /// Its actions.
    Actions,
    /// A setting of its filter that is gone.
    FilterSettings,
}

/// Values that are set in running jails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetRuntime {
    /// The values, in order.
    pub settings: Vec<RuntimeSetting>,
    /// What they mean, as far as no other operation says it.
    pub meaning: Vec<TemporaryEdit>,
}

/// A value to set in a running jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuntimeSetting {
    /// The jail.
    pub jail: String,
    /// The `set` command.
    pub key: RuntimeKey,
    /// Its value.
    pub value: String,
}

/// fail2ban's commands that set a value in a running jail, as far as a change uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeKey {
    /// Adds an entry to the whitelist.
    AddIgnoreIp,
    /// Takes an entry off the whitelist.
    DelIgnoreIp,
}

/// Bans to lift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiftBans {
    /// Whose bans; every member that is banned at that moment is meant, also one that was not when the plan was made.
    pub of: Vec<BansOf>,
    /// Who of them was banned when the plan was made.
    pub banned: Vec<Unbanned>,
}

/// The bans of a network's members, in some jails or in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BansOf {
    /// The network (an address is a network of one).
    pub network: Network,
    /// The jails, or all of them.
    pub jails: Option<Vec<String>>,
}

impl BansOf {
    /// Whether the bans of this jail are meant.
    pub fn is_about(&self, jail: &String) -> bool {
        self.jails.as_ref().is_none_or(|jails| jails.contains(jail))
    }
}

/// What the host was like when the plan was made; the transaction compares it under the lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// Hashes of the configuration.
    pub files: Fingerprint,
    /// The running jails' digest; absent if fail2ban is down.
    pub digest: Option<String>,
    /// The register of temporary entries; absent if it could not be read.
    pub temporary: Option<Vec<TemporaryEntry>>,
}

impl Operation {
    /// What will be done, in sentences; more than one where a file means more than one thing.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Self::Backup { label } => vec![Step::new(
                "backup",
                format!("Back up jail.local as jail.local.bak-DATE-TIME-{label}, with its owner and mode."),
            )],
            Self::ReplaceFile(file) if file.meaning.is_empty() => {
                vec![Step::new("replace", format!("Replace {}.", escaped(&file.path)))]
            }
            Self::ReplaceFile(file) => file.meaning.iter().map(Edit::step).collect(),
            Self::RegisterTemporary(RegisterTemporary { meaning, .. })
            | Self::SetRuntime(SetRuntime { meaning, .. }) => meaning.iter().map(TemporaryEdit::step).collect(),
            Self::Reload => vec![Step::new(
                "reload",
                "Reload fail2ban and prove that every jail runs as rehearsed.",
            )],
            Self::Restart { jail, because, bans } => vec![Step::new(
                "restart",
                format!(
                    "Restart jail {jail}: its {} change, and a reload does not apply those.{}",
                    because.name(),
                    one_after_the_other(*bans)
                ),
            )],
            Self::Start => vec![Step::new(
                "start",
                "Start fail2ban and prove that every jail runs as rehearsed.",
            )],
            Self::LiftBans(lifted) => lifted.steps(),
            Self::Confirm { seconds, because } => vec![Step::new(
                "sign_of_life",
                format!("Keep it only if a new login works within {seconds} s, else roll it back: {because}."),
            )],
        }
    }

    /// What was done, in sentences, when the change has ended well. `made` has what only the host could tell.
    pub fn done(&self, made: &Made) -> Vec<Step> {
        match self {
            Self::Backup { .. } => made.backup_step().into_iter().collect(),
            Self::ReplaceFile(file) if file.meaning.is_empty() => {
                vec![Step::new("replace", format!("Replaced {}.", escaped(&file.path)))]
            }
            Self::ReplaceFile(file) => file.meaning.iter().map(Edit::done).collect(),
            Self::RegisterTemporary(RegisterTemporary { meaning, .. })
            | Self::SetRuntime(SetRuntime { meaning, .. }) => meaning.iter().map(TemporaryEdit::done).collect(),
            Self::Reload => vec![Step::new("reload", "Reloaded fail2ban.")],
            Self::Restart { jail, because, .. } => vec![Step::new(
                "restart",
                format!("Restarted jail {jail}, so that its {} are in force.", because.name()),
            )],
            Self::Start => vec![Step::new("start", "Started fail2ban.")],
            Self::LiftBans(_) => made.unban_steps(),
            Self::Confirm { .. } => vec![Step::new("sign_of_life", "Confirmed by a new login.")],
        }
    }

    /// Whether it only goes along with others, so that a line of the history names it only where there is nothing else.
    pub fn goes_along(&self) -> bool {
        match self {
            Self::Backup { .. } | Self::Reload | Self::Restart { .. } | Self::Confirm { .. } => true,
            Self::LiftBans(lifted) => lifted.banned.is_empty(),
            Self::SetRuntime(runtime) => {
                let again = |edit: &TemporaryEdit| matches!(edit, TemporaryEdit::SetAgain { .. });
                runtime.meaning.iter().all(again)
            }
            Self::ReplaceFile(_) | Self::RegisterTemporary(_) | Self::Start => false,
        }
    }

    /// How the host undoes this when the change fails or is not confirmed, a clause; absent where nothing is left of
    /// it.
    pub fn undo(&self) -> Option<&'static str> {
        match self {
            Self::Backup { .. } => Some("the backup is removed"),
            Self::ReplaceFile(_) => Some("each file is put back as it was"),
            Self::RegisterTemporary(_) => Some("the register of temporary entries is put back as it was"),
            Self::Reload | Self::Restart { .. } | Self::SetRuntime(_) => {
                Some("jails, their values and their actions are brought back and compared with what they were")
            }
            Self::Start => Some("fail2ban is stopped again"),
            Self::LiftBans(_) => Some("lifted bans are set again with the ends that they had"),
            Self::Confirm { .. } => None,
        }
    }
}

impl RestartCause {
    fn name(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::FilterSettings => "filter's settings",
        }
    }
}

impl LiftBans {
    fn steps(&self) -> Vec<Step> {
        let named = |places: fn(&Unbanned) -> &Vec<String>| -> Vec<String> {
            let held = self.banned.iter().filter(|ban| !places(ban).is_empty());
            held.map(|ban| format!("{} ({})", ban.ip, places(ban).join(", ")))
                .collect()
        };
        let (bans, blocks) = (named(|ban| &ban.jails), named(|ban| &ban.chains));
        let mut sentences = Vec::new();
        if !bans.is_empty() {
            sentences.push(format!("Lift the bans of {}.", some(&bans)));
        }
        if !blocks.is_empty() {
            let blocks = some(&blocks);
            sentences.push(format!(
                "Remove from the firewall what it blocks although no jail lists it: {blocks}."
            ));
        }
        if sentences.is_empty() {
            let networks: Vec<String> = self.of.iter().map(|bans| bans.network.to_string()).collect();
            sentences.push(format!(
                "Lift bans within {}; nobody is banned there now.",
                some(&networks)
            ));
        }
        let sentences = sentences.into_iter();
        sentences.map(|sentence| Step::new("unban", sentence)).collect()
    }
}

/// What the restart of a jail with many bans means.
fn one_after_the_other(bans: usize) -> String {
    /// From how many bans on a restart takes so long that the plan says so.
    const MANY: usize = 100;
    match bans > MANY {
        true => format!(" fail2ban restores its {} bans one after the other.", grouped(bans)),
        false => String::new(),
    }
}

/// Whether fail2ban reads a file of this name: backups and the like are not among them.
pub fn is_read_by_fail2ban(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('.') && [".conf", ".local", ".py"].iter().any(|ending| name.ends_with(ending))
}
