//! What a change of temporary entries means, above the register and the running jails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Step;

/// One thing that becomes of a temporary entry. Moments are texts by the host's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TemporaryEdit {
    /// It is whitelisted until a moment.
    Grant {
        /// The entry.
        entry: String,
        /// The jails.
        jails: Vec<String>,
        /// The end.
        until: String,
    },
    /// Its end moves.
    MoveEnd {
        /// The entry.
        entry: String,
        /// The jails.
        jails: Vec<String>,
        /// The end so far.
        from: String,
        /// The new end.
        until: String,
    },
    /// It ends now.
    End {
        /// The entry.
        entry: String,
        /// The jails.
        jails: Vec<String>,
    },
    /// It leaves the register; no jail has it from there.
    Forget {
        /// The entry.
        entry: String,
        /// Whether it is in force nowhere.
        nowhere: bool,
    },
    /// It ends, later than it was due.
    EndOverdue {
        /// The entry.
        entry: String,
        /// The jails; empty where none has it any more.
        jails: Vec<String>,
        /// When it was due.
        until: String,
    },
    /// It is an entry of jail.local from now on.
    Keep {
        /// The entry.
        entry: String,
    },
    /// It goes on in the jail that takes the place of another.
    CarryOver {
        /// The entry.
        entry: String,
        /// The jail.
        jail: String,
        /// The end.
        until: String,
    },
    /// It is set again in running jails that have lost it.
    SetLostAgain {
        /// The entry.
        entry: String,
        /// The jails.
        jails: Vec<String>,
        /// The end.
        until: String,
    },
    /// It is set again in running jails, since a reload drops what is in no file.
    SetAgain {
        /// The entry.
        entry: String,
        /// The jails.
        jails: Vec<String>,
    },
}

impl TemporaryEdit {
    fn action(&self) -> &'static str {
        match self {
            Self::EndOverdue { .. } => "temporary_end",
            Self::SetLostAgain { .. } => "temporary_set_again",
            Self::SetAgain { .. } => "set_again",
            _ => "temporary",
        }
    }

    /// What will be done.
    pub fn step(&self) -> Step {
        let summary = match self {
            Self::Grant { entry, jails, until } => format!(
                "Whitelist {entry} in {} until {until}; the host ends it by itself.",
                jails.join(", ")
            ),
            Self::MoveEnd {
                entry,
                jails,
                from,
                until,
            } => format!(
                "Move the end of the temporary entry {entry} in {} from {from} to {until}; the host ends it by itself.",
                jails.join(", ")
            ),
            Self::End { entry, jails } => format!("End the temporary entry {entry} in {} now.", jails.join(", ")),
            Self::Forget { entry, nowhere: true } => {
                format!("Forget the temporary entry {entry}, which is in force nowhere.")
            }
            Self::Forget { entry, .. } => format!("Forget the temporary entry {entry}."),
            Self::EndOverdue { entry, jails, until } if jails.is_empty() => {
                format!("Forget the temporary entry {entry}, which was due until {until}.")
            }
            Self::EndOverdue { entry, jails, until } => format!(
                "End the temporary entry {entry} in {}: it expired at {until} and was not removed.",
                jails.join(", ")
            ),
            Self::Keep { entry } => format!("Keep {entry}: it is no longer a temporary entry."),
            Self::CarryOver { entry, jail, until } => {
                format!("Keep {entry} whitelisted for its time: in {jail} until {until}; the host ends it by itself.")
            }
            Self::SetLostAgain { entry, jails, until } => format!(
                "Set the temporary entry {entry} again in {}, where it was lost; it ends at {until}.",
                jails.join(", ")
            ),
            Self::SetAgain { entry, jails } => format!(
                "Whitelist {entry} again in the running jails {}, because a reload drops it.",
                jails.join(", ")
            ),
        };
        Step::new(self.action(), summary)
    }

    /// What was done.
    pub fn done(&self) -> Step {
        let summary = match self {
            Self::Grant { entry, jails, until } => {
                format!("Whitelisted {entry} in {} until {until}.", jails.join(", "))
            }
            Self::MoveEnd {
                entry,
                jails,
                from,
                until,
            } => format!("{entry} in {}: end {from} -> {until}.", jails.join(", ")),
            Self::End { entry, jails } => format!("Ended the temporary entry {entry} in {}.", jails.join(", ")),
            Self::Forget { entry, .. } => format!("Removed the temporary entry {entry} from the register."),
            Self::EndOverdue { entry, jails, until } if jails.is_empty() => {
                format!("Removed the temporary entry {entry}, due until {until}, from the register.")
            }
            Self::EndOverdue { entry, jails, until } => {
                format!(
                    "Ended the temporary entry {entry} in {}; it was due until {until}.",
                    jails.join(", ")
                )
            }
            Self::Keep { entry } => format!("{entry} is no longer a temporary entry."),
            Self::CarryOver { entry, jail, until } => format!("Whitelisted {entry} in {jail} until {until}."),
            Self::SetLostAgain { entry, jails, until } => format!(
                "Set the temporary entry {entry} again in {}; it ends at {until}.",
                jails.join(", ")
            ),
            Self::SetAgain { entry, jails } => {
                format!("Whitelisted {entry} again in the running jails {}.", jails.join(", "))
            }
        };
        Step::new(self.action(), summary)
    }
}
