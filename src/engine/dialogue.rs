//! The person at the other end of a run: what he is shown and asked. The engine asks through this and prints nothing.

use crate::model::observed::OpenChange;
use crate::planning::plan::Plan;
use crate::remote::agent::AgentEvent;

/// What is to be done with a change that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Put the host back to before it.
    Undo,
    /// Bring it to the end that was approved.
    Finish,
    /// Leave it, and do nothing else either.
    Leave,
}

/// The person at the other end, or nobody. Implementations may block the thread that they are called on.
pub trait Dialogue: Send {
    /// How far it is.
    fn event(&mut self, event: AgentEvent);

    /// Shows a plan that is about to be run, or asked about.
    fn planned(&mut self, plan: &Plan);

    /// Notes that an approved change goes to the host, and how long that waits for its confirmation by a new login, in
    /// seconds, if it needs one.
    fn applying(&mut self, change_id: &str, confirmation: Option<u64>) {
        let _ = (change_id, confirmation);
    }

    /// Asks for approval of the plan that was shown; `None` if there is nobody to ask.
    fn approve(&mut self, plan: &Plan) -> Option<bool>;

    /// Asks for the host's name, for a change that nobody shall make on the wrong host by a habit of saying yes: whether
    /// it was typed right; `None` if there is nobody to ask.
    fn type_name(&mut self, name: &str) -> Option<bool> {
        let _ = name;
        None
    }

    /// Asks what to do with an interrupted change; `None` if there is nobody to ask.
    fn settle(&mut self, open: &OpenChange) -> Option<Settlement>;
}
