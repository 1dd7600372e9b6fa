//! What a change does on a host, as values: what is shown, approved, sent to the agent and kept in the host's journal is
//! one list of operations (`kinds`), with what the new content of files (`edit`) and of the register of temporary entries
//! (`temporary`) means, and what only the host can say of it when it is done (`made`).

mod edit;
mod kinds;
mod made;
mod step;
mod temporary;
#[cfg(test)]
mod tests;

pub use edit::{Edit, KeyChange};
pub use kinds::{
    BansOf, Expectation, LiftBans, Operation, RegisterTemporary, ReplaceFile, RestartCause, RuntimeKey, RuntimeSetting,
    SetRuntime, is_read_by_fail2ban,
};
pub use made::{Made, Unbanned, summary_of};
pub use step::Step;
pub use temporary::TemporaryEdit;
