//! What f2bctl's own audit log says of an address: who lifted its ban.

use serde_json::Value;

use super::evidence::Evidence;
use crate::model::looked_back::CutLine;
use crate::model::network::Network;

/// A change that lifted a ban.
pub struct Lifted {
    /// Who.
    pub operator: String,
    /// By which command.
    pub command: String,
    /// The record's place in the audit log.
    pub place: String,
}

/// How far a record may be written after what it is about, seconds: a change that waits for its confirmation.
const RECORDED_WITHIN: i64 = 900;

/// Who lifted a ban of this address at about this time.
pub fn lifted(evidence: &Evidence<'_>, single: &Network, moment: i64) -> Option<Lifted> {
    let log = &evidence.past.records;
    log.lines.iter().rev().find_map(|line| {
        let record: Value = serde_json::from_str(&line.text).ok()?;
        let written = moment_of(line, &record)?;
        let is_then = (-5..=RECORDED_WITHIN).contains(&(written - moment));
        let text = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
        (is_then && lifts(&record, single)).then(|| Lifted {
            operator: text("operator").unwrap_or_default(),
            command: text("command").unwrap_or_default(),
            place: log.place(line),
        })
    })
}

fn moment_of(line: &CutLine, record: &Value) -> Option<i64> {
    let time = record.get("time").and_then(Value::as_str)?;
    let read = chrono::DateTime::parse_from_rfc3339(time)
        .ok()
        .map(|time| time.timestamp());
    read.or(line.time)
}

/// Whether a record says that a ban of this address was lifted.
fn lifts(record: &Value, single: &Network) -> bool {
    let is_it = |ip: &Value| {
        let text = ip.get("ip").or(Some(ip)).and_then(Value::as_str).unwrap_or_default();
        Network::parse(text).is_ok_and(|parsed| parsed.network.overlaps(single))
    };
    let list = record.get("unbanned").and_then(Value::as_array);
    list.into_iter().flatten().any(is_it)
}
