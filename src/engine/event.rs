//! What happens while a host is worked on, as typed events. Whoever wants to know (the text on a terminal, a view, a test) is a
//! consumer of them.

use std::sync::Arc;
use std::time::Duration;

use crate::model::observed::Observed;
use crate::planning::plan::Plan;
use crate::remote::agent::{AgentEvent, AgentStep, LogEvent};

/// Something that happened. Texts are full sentences of the host's agent, and not yet safe to show.
#[derive(Debug, Clone, Copy)]
pub enum Event<'run> {
    /// The login worked, and the agent is started.
    LoggedIn,
    /// The host was looked at.
    Observed(&'run Observed),
    /// Another change holds the host's lock.
    WaitingForLock(&'run str),
    /// An interrupted change is finished.
    Recovering(&'run str),
    /// The plan that is about to be run, or asked about.
    Planned(&'run Plan),
    /// The approved change goes to the host.
    Applying {
        /// Its identifier.
        change_id: &'run str,
        /// How long it waits for its confirmation by a new login, seconds, if it needs one.
        confirmation: Option<u64>,
    },
    /// The host waits for the new login that confirms the change.
    AwaitingConfirmation(&'run str),
    /// A change is rolled back.
    RollingBack(&'run str),
    /// What a change lifted or moved is put back.
    Restoring(&'run str),
    /// Any other step of the host's.
    Progress(&'run str),
    /// The connection was lost, and the host is logged in to again.
    ConnectionLost {
        /// Why.
        cause: &'run str,
        /// How long it is waited before that.
        pause: Duration,
    },
    /// After a lost connection: the host still works on the change, and is waited for.
    StillApplying,
    /// The host is followed again, from where that was broken off.
    Reconnected,
    /// The host could not be looked at again: why. What was seen before is older by now.
    NotObserved(&'run str),
    /// What a follower of the action log sees.
    Log(&'run LogEvent),
}

impl<'run> From<&'run AgentEvent> for Event<'run> {
    fn from(event: &'run AgentEvent) -> Self {
        let text = event.text.as_str();
        match event.step {
            AgentStep::Waiting => Self::WaitingForLock(text),
            AgentStep::Undo => Self::RollingBack(text),
            AgentStep::Finish => Self::Recovering(text),
            AgentStep::Restore => Self::Restoring(text),
            AgentStep::SignOfLife => Self::AwaitingConfirmation(text),
            AgentStep::Other => Self::Progress(text),
        }
    }
}

/// One who wants to know what happens.
pub trait Consumer: Send + Sync {
    /// Takes the next event. It may block the thread that it is called on, and with it the run.
    fn take(&self, event: &Event<'_>);

    /// Whether nobody looks at what it makes of them any more: what is done for that alone is ended then.
    fn is_closed(&self) -> bool {
        false
    }
}

/// The consumers of one run, which get each of its events in their order.
#[derive(Clone, Default)]
pub struct Events(Vec<Arc<dyn Consumer>>);

impl Events {
    /// Events for these consumers.
    pub fn to(consumers: impl IntoIterator<Item = Arc<dyn Consumer>>) -> Self {
        Self(consumers.into_iter().collect())
    }

    /// Gives an event to each consumer.
    pub fn emit(&self, event: &Event<'_>) {
        for consumer in &self.0 {
            consumer.take(event);
        }
    }

    /// Whether no consumer is left to whom events are of any use.
    pub fn are_unwanted(&self) -> bool {
        self.0.iter().all(|consumer| consumer.is_closed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[derive(Default)]
    struct Kept {
        shown: Mutex<Vec<String>>,
        closed: AtomicBool,
    }

    impl Consumer for Kept {
        fn take(&self, event: &Event<'_>) {
            self.shown.lock().expect("a lock").push(format!("{event:?}"));
        }

        fn is_closed(&self) -> bool {
            self.closed.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn each_step_of_the_agent_is_an_event_of_its_own_name() {
        let steps = [
            ("waiting", "WaitingForLock"),
            ("undo", "RollingBack"),
            ("finish", "Recovering"),
            ("restore", "Restoring"),
            ("sign_of_life", "AwaitingConfirmation"),
            ("reload", "Progress"),
        ];
        for (step, name) in steps {
            let event: AgentEvent =
                serde_json::from_value(serde_json::json!({"step": step, "text": "It is so."})).expect("an event");
            assert_eq!(format!("{:?}", Event::from(&event)), format!("{name}(\"It is so.\")"));
        }
    }

    #[test]
    fn every_consumer_gets_every_event_in_order_until_none_is_left() {
        let kept = [Arc::new(Kept::default()), Arc::new(Kept::default())];
        let events = Events::to(kept.iter().map(|one| Arc::clone(one) as Arc<dyn Consumer>));
        events.emit(&Event::LoggedIn);
        events.emit(&Event::Progress("Reading."));
        for one in &kept {
            assert_eq!(
                *one.shown.lock().expect("a lock"),
                ["LoggedIn", "Progress(\"Reading.\")"]
            );
            assert!(!events.are_unwanted());
            one.closed.store(true, Ordering::SeqCst);
        }
        assert!(events.are_unwanted());
    }
}
