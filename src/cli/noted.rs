//! Notes on the roll which change goes to the host, for the message where Ctrl-C cuts the run short.

use std::sync::Arc;

use crate::engine::{Consumer, Event};
use crate::model::host_name::HostName;

use super::roll::Sent;
use super::services::Services;

/// The consumer of one host's events that notes what goes there.
pub struct Noted {
    services: Arc<Services>,
    host: HostName,
}

impl Noted {
    /// Notes what goes to `host`.
    pub fn new(services: Arc<Services>, host: HostName) -> Self {
        Self { services, host }
    }
}

impl Consumer for Noted {
    fn take(&self, event: &Event<'_>) {
        if let Event::Applying {
            change_id,
            confirmation,
        } = *event
        {
            let sent = Sent {
                change_id: change_id.to_owned(),
                confirmation,
            };
            self.services.roll.sent(&self.host, sent);
        }
    }
}
