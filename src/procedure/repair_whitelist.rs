//! `whitelist lint --fix`: the repairs of the whitelist whose meaning is certain, in force at once.

use crate::model::jail_local::{EntryKind, JailLocal};
use crate::model::observed::Observed;
use crate::model::operation::Edit;

use super::Procedure;
use super::draft::Draft;
use super::guard::Guard;
use super::onboard::today;
use super::reading::{edit_refusal, jail_local, new_jail_local};
use super::refusal::Refusal;
use super::reload::server_move;
use super::whitelist_findings::in_file;
use crate::document::Warning;

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
        for finding in in_file(&repaired.document, guard, today(observed)) {
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
        if same_entries(&document, &repaired.document) {
            // Comments mean nothing to the running server.
            return Ok(draft);
        }
        intend(&mut draft, &document, &repaired.document);
        draft.server = server_move(observed, guard)?;
        Ok(draft)
    }
}

fn texts(document: &JailLocal) -> Vec<String> {
    let list = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    list.into_iter().map(|entry| entry.text).collect()
}

fn same_entries(before: &JailLocal, after: &JailLocal) -> bool {
    texts(before) == texts(after)
}

/// Words that go, as fail2ban shows them, and networks that were glued to others and now stand for themselves.
fn intend(draft: &mut Draft, before: &JailLocal, after: &JailLocal) {
    let entries = |document: &JailLocal| document.ignoreip().map(|list| list.entries).unwrap_or_default();
    for entry in entries(before) {
        if matches!(entry.kind, EntryKind::Junk { .. }) {
            if entry.text.contains('\t') {
                // fail2ban shows what it could not split as everybody.
                draft
                    .intent
                    .unwhitelisted
                    .extend(["0.0.0.0".to_owned(), "::".to_owned()]);
            }
            draft.intent.unwhitelisted.insert(entry.text);
        }
    }
    let listed: Vec<_> = entries(before).iter().filter_map(|entry| entry.network()).collect();
    let gained = entries(after).into_iter().filter_map(|entry| entry.network());
    for network in gained.filter(|network| !listed.contains(network)) {
        draft.intent.whitelisted.insert(network.shown_by_fail2ban());
    }
}
