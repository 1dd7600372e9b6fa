//! What a command that changes a host answers to the engine: its draft, and what it has to see and to try for that.

use crate::model::observed::{Observed, Part, Rehearsal};

use super::draft::Draft;
use super::policy::Guard;
use super::refusal::Refusal;

/// A procedure of the runbook with its arguments: it says what it would change on a host that was observed.
///
/// Given the state that its own plan leads to, it must answer with a draft that changes nothing.
pub trait Procedure: Send + Sync {
    /// The command's name as the operator types it.
    fn command(&self) -> &'static str;

    /// The addresses and networks that were typed: one that is neither is refused before any host is asked.
    fn typed_networks(&self) -> &[String] {
        &[]
    }

    /// The parts of the host that it has to see besides those that every change is planned on.
    fn parts(&self) -> &'static [Part] {
        &[]
    }

    /// Whether its draft may have to be tried on a copy, which the host prepares while the draft is being made. What no
    /// draft of it needs is not prepared; what a draft needs is tried in any case.
    fn rehearses(&self) -> bool {
        true
    }

    /// Whether a person at a terminal is asked before it is run. One that only adds what nobody relies on needs no
    /// question.
    fn needs_approval(&self) -> bool {
        true
    }

    /// Whether its draft has to know what the files on disk would set up: [`Observed::on_disk`]. That costs a
    /// rehearsal of its own.
    fn reads_the_disk(&self, observed: &Observed) -> bool {
        let _ = observed;
        false
    }

    /// Drafts the change.
    ///
    /// # Errors
    /// A [`Refusal`] by a guard-rail or a failed precondition; nothing is changed then.
    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal>;

    /// Why its draft changes nothing on this host, in sentences: what is so already. Asked only of such a draft.
    fn already(&self, observed: &Observed) -> Vec<String> {
        let _ = observed;
        Vec::new()
    }

    /// Looks at what the rehearsal of its draft came to, before there is a plan. It may add warnings to the
    /// draft, and refuse for reasons of its own, which go before those of the preflight since they know more.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing is changed then.
    fn judge(&self, draft: &mut Draft, observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        let _ = (draft, observed, rehearsal);
        Ok(())
    }
}
