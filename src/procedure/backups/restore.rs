//! Put jail.local back to a backup (runbook, File layout: "Pre-change backups").

use crate::document::{Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::jail_local::JailLocal;
use crate::model::observed::{Observed, Part};
use crate::model::operation::Edit;
use crate::planning::backups::{Chosen, file_name, missing_entries, with_customer};
use crate::planning::draft::Draft;
use crate::planning::effect::Intent;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{jail_local, jail_local_before, replaced_jail_local};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::server_move;

/// The request.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The backup: its path, its name, or a part of the name that no other has.
    pub backup: String,
}

impl Procedure for Restore {
    fn command(&self) -> &'static str {
        "restore"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Backups, Part::BackupTexts]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let chosen = Chosen::named(observed, &self.backup)?;
        if jail_local_before(observed)? == Some(chosen.bytes) {
            return Ok(Draft::default());
        }
        let moved = server_move(observed, guard)?;
        let meaning = vec![Edit::Restore {
            backup: file_name(&chosen.path).to_owned(),
        }];
        Ok(Draft {
            files: vec![replaced_jail_local(observed, chosen.bytes.to_vec(), meaning)?],
            backup: Some("restore".to_owned()),
            server: moved,
            intent: Intent::wholesale(moved),
            warnings: dropped_customers(observed, &chosen.document),
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec![format!("jail.local is already the same as {}.", escaped(&self.backup))]
    }
}

/// Who is on the whitelist of jail.local and not on that of another text of it.
fn dropped_customers(observed: &Observed, target: &JailLocal) -> Vec<Warning> {
    let Ok(now) = jail_local(observed) else {
        return Vec::new();
    };
    let missing = missing_entries(now, target);
    missing
        .iter()
        .map(|entry| {
            let message = format!("{} is no longer whitelisted afterwards.", with_customer(entry));
            Warning::new(WarningCode::CustomerDropped, message)
        })
        .collect()
}
