//! One line of the action log as JSON (contract, JSON: one object a line).

use serde_json::{Value, json};

use crate::audit::HostName;
use crate::model::fail2ban::Line;

/// The event of a line. `offset` is the host's zone, seconds east of UTC.
pub fn line(host: &HostName, line: &Line, offset: i32, customer: Option<&str>) -> Value {
    json!({
        "schema": super::SCHEMA,
        "command": "watch",
        "host": host,
        "time": line.moment(offset),
        "event": line.event,
        "level": line.level,
        "jail": line.jail,
        "ip": line.ip,
        "customer": customer,
        "text": line.text,
    })
}
