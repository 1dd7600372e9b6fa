//! PURE: what each procedure of the runbook would do to a host, decided from values alone.
//!
//! ```text
//! Request + Observed + Guard -> Draft            (one planner a file: onboard, offboard, unban, ...)
//! Draft + Observed + Rehearsal -> Plan           (assemble: effect, drift, expectation)
//! Plan -> lint -> Plan                           (a second opinion)
//! Plan + consent -> Approved                     (the only thing that can be applied)
//! ```

mod adopt;
mod annotate;
mod assemble;
mod backup;
mod backup_name;
mod closed_ports;
mod doctor;
mod draft;
mod effect;
mod enforcement;
mod entry_index;
mod guard;
mod import;
mod lifting;
mod lint;
mod lists;
mod offboard;
mod onboard;
mod plan;
mod prune;
mod reading;
mod recidive;
mod refusal;
mod reload;
mod repair_whitelist;
mod requirement;
mod restore;
mod rollback;
mod sign_of_life;
mod split;
mod status;
mod survey;
mod temporary;
mod tune;
mod unban;
mod under_way;
mod undo;
mod unlisted;
mod whitelist_findings;

pub use crate::model::some::{grouped, some};
pub use adopt::{Adopt, Proposal, proposals};
pub use annotate::Annotate;
pub use assemble::{Rehearsals, assemble, consent_to_drift};
pub use backup::Backup;
pub use backup_name::{file_name, resolve};
pub use doctor::{Evidence, examine};
pub use draft::{Draft, ServerMove, TemporaryChange};
pub use effect::Intent;
pub use enforcement::{Enforcement, Gap, enforcement};
pub use guard::{Allowed, Guard, Widths};
pub use import::Import;
pub use lint::covers;
pub use offboard::Offboard;
pub use onboard::{Details, Onboard};
pub use plan::{Approved, Consent, Plan};
pub use prune::Prune;
pub use reading::{jail_local, running_jails, whitelist};
pub use recidive::{RECIDIVE, Recidive, recidive_needs};
pub use refusal::{Refusal, RefusalKind};
pub use reload::{Reload, Start};
pub use repair_whitelist::RepairWhitelist;
pub use requirement::Requirement;
pub use restore::Restore;
pub use rollback::{Customers, Rollback};
pub use sign_of_life::{SECONDS as SIGN_SECONDS, SECONDS_WITH_A_PERSON as SIGN_SECONDS_WITH_A_PERSON};
pub use split::{Split, Variant, chosen_variant};
pub use status::{bans, customer, status, texts};
pub use survey::{foreign_lock, state_warnings, survey};
pub use temporary::{Act as TempAct, Grant, LONGEST_SECONDS as LONGEST_TEMPORARY_SECONDS, Temp, temporary};
pub use tune::{Threshold, Tune};
pub use unban::Unban;
pub use undo::Undo;
pub use unlisted::{Unlisted, members as unlisted_members, named as named_unlisted, on_host as unlisted_on_host};
pub use whitelist_findings::whitelist_findings;

use crate::model::observed::{Observed, Part, Rehearsal};

/// A procedure of the runbook with its arguments: it says what it would change on a host that was observed.
///
/// Given the state that its own plan leads to, it must answer with a draft that changes nothing.
pub trait Procedure: Send + Sync {
    /// The command's name as the operator types it, e.g. `onboard`.
    fn command(&self) -> &'static str;

    /// The parts of the host that it has to see besides those that every change is planned on.
    fn parts(&self) -> &'static [Part] {
        &[]
    }

    /// Whether its draft may have to be tried on a copy, which the host prepares while the draft is being made. What no
    /// draft of it needs is not prepared; what a draft needs is tried in any case.
    fn rehearses(&self) -> bool {
        true
    }

    /// Whether a person at a terminal is asked before it is run. One that only adds what nobody relies on needs no question.
    fn needs_approval(&self) -> bool {
        true
    }

    /// Whether its draft has to know what the files as they lie on disk would set up: [`Observed::on_disk`]. That costs a
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

    /// Looks at what the rehearsal of its draft came to, before there is a plan. It may add to the draft what has to be
    /// said, and refuse for reasons of its own, which go before those of the preflight since they know more.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing is changed then.
    fn judge(&self, draft: &mut Draft, observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        let _ = (draft, observed, rehearsal);
        Ok(())
    }
}
