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
mod draft;
mod effect;
mod enforcement;
mod guard;
mod import;
mod lint;
mod offboard;
mod onboard;
mod plan;
mod reading;
mod recidive;
mod refusal;
mod reload;
mod repair_whitelist;
mod requirement;
mod sign_of_life;
mod survey;
mod tune;
mod unban;
mod whitelist_findings;

pub use adopt::{Adopt, Proposal, proposals};
pub use annotate::Annotate;
pub use assemble::{Rehearsals, assemble, consent_to_drift};
pub use backup::Backup;
pub use draft::{Draft, FileDraft, Intent, ServerMove, UnbanWish};
pub use effect::Effect;
pub use enforcement::{Enforcement, enforcement};
pub use guard::{Allowed, Guard, Widths};
pub use import::Import;
pub use lint::covers;
pub use offboard::Offboard;
pub use onboard::{Details, Onboard};
pub use plan::{Approved, Consent, Expectation, Plan, RuntimeEntry, Step};
pub use reading::{WhitelistRow, jail_local, running_jails, whitelist};
pub use recidive::{Need, RECIDIVE, Recidive, recidive_needs};
pub use refusal::{Refusal, RefusalKind, Warning};
pub use reload::{Reload, Start};
pub use repair_whitelist::RepairWhitelist;
pub use requirement::Requirement;
pub use sign_of_life::{SECONDS as SIGN_SECONDS, SECONDS_WITH_A_PERSON as SIGN_SECONDS_WITH_A_PERSON};
pub use survey::survey;
pub use tune::{Threshold, Tune};
pub use unban::Unban;
pub use whitelist_findings::{Finding, Severity, whitelist_findings};

use crate::model::observed::{Observed, Part};

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

    /// Drafts the change.
    ///
    /// # Errors
    /// A [`Refusal`] by a guard-rail or a failed precondition; nothing is changed then.
    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal>;
}
