//! `whitelist lint --fix`: the repairs of the whitelist whose meaning is certain, in force at once.

use crate::checks::whitelist::in_file;
use crate::document::Warning;
use crate::model::jail_local::JailLocal;
use crate::model::observed::Observed;
use crate::model::operation::Edit;
use crate::planning::draft::Draft;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::server_move;

/// The request.
#[derive(Debug, Clone, Copy, Default)]
pub struct RepairWhitelist;

impl Procedure for RepairWhitelist {
    fn command(&self) -> &'static str {
        "whitelist lint"
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let document = jail_local(observed)?;
        let repaired = document.repaired().map_err(edit_refusal)?;
        let mut draft = Draft::default();
        for finding in in_file(&repaired.document, guard, observed.clock.today()) {
            let message = format!("{} Left for you: {}.", finding.message, finding.fix);
            draft.warnings.push(Warning::new(finding.code, message));
        }
        if repaired.repairs.is_empty() {
            return Ok(draft);
        }
        draft.backup = Some("lint".to_owned());
        let made = repaired.repairs.iter().map(|repair| Edit::Repair {
            will: repair.message.clone(),
            done: repair.done.clone(),
        });
        draft
            .files
            .push(new_jail_local(observed, &repaired.document, made.collect())?);
        if same_entries(document, &repaired.document) {
            // Comments mean nothing to the running server.
            return Ok(draft);
        }
        // How fail2ban reads and shows a word that is none, fail2ban says: in a rehearsal of the files on disk.
        draft.intent.wholesale = true;
        draft.server = server_move(observed, guard)?;
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec!["The list has nothing whose repair is certain.".to_owned()]
    }
}

fn texts(document: &JailLocal) -> Vec<String> {
    let list = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    list.into_iter().map(|entry| entry.text).collect()
}

fn same_entries(before: &JailLocal, after: &JailLocal) -> bool {
    texts(before) == texts(after)
}
