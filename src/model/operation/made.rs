//! What only the host can say of a change that ended well, and the sentences made of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::step::Step;
use crate::model::comment_text::escaped;
use crate::model::some::{NAMED, grouped};

/// An address and the jails in which it is, or was, banned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unbanned {
    /// The address.
    pub ip: String,
    /// The jails in which it was banned.
    pub jails: Vec<String>,
    /// The firewall's chains and sets that blocked it although no jail listed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<String>,
}

impl Unbanned {
    /// That it was unbanned, and removed from the firewall where no ban was the reason.
    fn sentences(&self) -> Vec<String> {
        let (ip, jails, chains) = (
            escaped(&self.ip),
            escaped(&self.jails.join(", ")),
            escaped(&self.chains.join(", ")),
        );
        let unbanned = format!("Unbanned {ip} in {jails}.");
        let removed = format!("Removed {ip} from the firewall ({chains}); no jail listed it as banned.");
        let pairs = [(jails.is_empty(), unbanned), (chains.is_empty(), removed)];
        let sentences = pairs.into_iter().filter(|(is_empty, _)| !is_empty);
        sentences.map(|(_, sentence)| sentence).collect()
    }
}

/// What the host made, as its answer and its records have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Made {
    /// The backup's path.
    #[serde(default)]
    pub backup: Option<String>,
    /// Bans that were lifted; a record has the first of them.
    #[serde(default)]
    pub unbanned: Vec<Unbanned>,
    /// How many there were, where these are not all.
    #[serde(default)]
    pub unbanned_count: Option<usize>,
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

    /// Whose bans were lifted: of many, some are named and the rest is counted.
    pub(super) fn unban_steps(&self) -> Vec<Step> {
        let named = self.unbanned.iter().take(NAMED);
        let mut sentences: Vec<String> = named.flat_map(Unbanned::sentences).collect();
        let count = self.unbanned_count.unwrap_or(self.unbanned.len());
        match count.saturating_sub(NAMED) {
            0 => {}
            1 => sentences.push("Unbanned 1 more address.".to_owned()),
            more => sentences.push(format!("Unbanned {} more addresses.", grouped(more))),
        }
        let sentences = sentences.into_iter();
        sentences.map(|sentence| Step::new("unban", sentence)).collect()
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
