//! A dialogue that notes on the roll which change goes to the host, for what is said where Ctrl-C cuts the run short.

use std::sync::Arc;

use crate::engine::{Dialogue, Settlement};
use crate::model::host_name::HostName;
use crate::model::observed::OpenChange;
use crate::planning::plan::Plan;
use crate::remote::agent::AgentEvent;

use super::roll::Sent;
use super::services::Services;

/// The dialogue about one host.
pub struct Noted<Inner> {
    inner: Inner,
    services: Arc<Services>,
    host: HostName,
}

impl<Inner: Dialogue> Noted<Inner> {
    /// A dialogue that notes what goes to `host`.
    pub fn new(inner: Inner, services: Arc<Services>, host: HostName) -> Self {
        Self { inner, services, host }
    }
}

impl<Inner: Dialogue> Dialogue for Noted<Inner> {
    fn event(&mut self, event: AgentEvent) {
        self.inner.event(event);
    }

    fn planned(&mut self, plan: &Plan) {
        self.inner.planned(plan);
    }

    fn applying(&mut self, change_id: &str, confirmation: Option<u64>) {
        let sent = Sent {
            change_id: change_id.to_owned(),
            confirmation,
        };
        self.services.roll.sent(&self.host, sent);
        self.inner.applying(change_id, confirmation);
    }

    fn approve(&mut self, plan: &Plan) -> Option<bool> {
        self.inner.approve(plan)
    }

    fn type_name(&mut self, name: &str) -> Option<bool> {
        self.inner.type_name(name)
    }

    fn settle(&mut self, open: &OpenChange) -> Option<Settlement> {
        self.inner.settle(open)
    }
}
