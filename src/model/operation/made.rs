//! What only the host can say of a change that ended well, and the sentences made of it.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::model::comment_text::escaped;

/// An address and the jails in which it is, or was, banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbanned {
    /// The address.
    pub ip: String,
    /// The jails in which it was banned.
    pub jails: Vec<String>,
}

impl Unbanned {
    /// `ADDRESS (jail, jail)`.
    pub fn named(&self) -> String {
        format!("{} ({})", self.ip, self.jails.join(", "))
    }
}

/// What the host made, as its answer and its records have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Made {
    /// The backup's path.
    #[serde(default)]
    pub backup: Option<String>,
    /// Bans that were lifted.
    #[serde(default)]
    pub unbanned: Vec<Unbanned>,
}

impl Made {
    /// That a backup was made.
    pub(super) fn backup_step(&self) -> Option<Step> {
        let path = self.backup.as_deref()?;
        Some(Step::new(
            "backup",
            format!("Backed up jail.local as {}.", escaped(path)),
        ))
    }

    /// Whose bans were lifted, a sentence an address.
    pub(super) fn unban_steps(&self) -> Vec<Step> {
        let lifted = self.unbanned.iter();
        lifted
            .map(|ban| {
                let (ip, jails) = (escaped(&ban.ip), escaped(&ban.jails.join(", ")));
                Step::new("unban", format!("Unbanned {ip} in {jails}."))
            })
            .collect()
    }
}

/// A history's line about a change that ended well: what it did, with what only the host knew. A backup is named only
/// where nothing else was done.
pub fn summary_of(done: &[String], made: &Made) -> String {
    let unbanned = made.unban_steps().into_iter().map(|step| step.summary);
    let mut sentences: Vec<String> = done.iter().cloned().chain(unbanned).collect();
    if sentences.is_empty() {
        sentences.extend(made.backup_step().map(|step| step.summary));
    }
    sentences.join(" ")
}
