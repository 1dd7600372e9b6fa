//! The questions that a run may have to ask, as a trait: who answers them is a person, flags or a test.

use crate::model::observed::OpenChange;
use crate::planning::plan::Plan;

/// What is to be done with a change that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Put the host back to before it.
    Undo,
    /// Bring it to the end that was approved.
    Finish,
    /// Leave it, and do nothing else either.
    Leave,
}

/// One who answers, or nobody. Implementations may block the thread that they are called on.
pub trait Approver: Send + Sync {
    /// Asks for approval of the plan that was shown; `None` if there is nobody to ask.
    fn approve(&self, plan: &Plan) -> Option<bool>;

    /// Asks for the host's name, for a change that nobody shall make on the wrong host by a habit of saying yes: whether
    /// it was typed right; `None` if there is nobody to ask.
    fn type_host_name(&self, name: &str) -> Option<bool>;

    /// Asks what to do with an interrupted change; `None` if there is nobody to ask.
    fn recover(&self, open: &OpenChange) -> Option<Recovery>;
}
