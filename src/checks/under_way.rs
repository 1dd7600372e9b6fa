//! A change that another command makes at this moment: a report says so, since what it shows may not stay.

use crate::document::FindingCode as Code;
use crate::model::comment_text::escaped;
use crate::model::observed::{Observed, OpenChange};

/// The phase in which a change waits for the new login that confirms it.
const AWAITING: &str = "awaiting";

/// The change that is under way, as a code and a sentence; none where nobody holds the lock, since an open change is then
/// one that was interrupted.
pub fn under_way(observed: &Observed) -> Option<(Code, String)> {
    observed.lock.value()?.as_ref()?;
    let change = observed.changes.value()?.last()?;
    let name = name(change);
    Some(match change.until.filter(|_| change.phase == AWAITING) {
        Some(until) => {
            let until = observed.clock.time_of_day(until as i64);
            let message = format!(
                "{name} waits for confirmation by a new login until {until}, else it is rolled back; the state that is \
                 shown here is the one with it."
            );
            (Code::AwaitingConfirmation, message)
        }
        None => {
            let message = format!(
                "{name} is being made at this moment (step `{}`); what is shown here may be neither the state before it \
                 nor the one after it.",
                escaped(&change.phase)
            );
            (Code::ChangeUnderWay, message)
        }
    })
}

fn name(change: &OpenChange) -> String {
    let text = |part: &Option<String>, otherwise: &str| escaped(part.as_deref().unwrap_or(otherwise));
    format!(
        "A change of {} ({}, {})",
        text(&change.operator, "an unknown operator"),
        text(&change.command, "unknown command"),
        escaped(&change.id)
    )
}

#[cfg(test)]
mod tests {
    use crate::model::known::Known;
    use crate::model::observed::{Clock, LockHolder};

    use super::*;

    fn host(phase: &str, until: Option<f64>, lock: Option<LockHolder>) -> Observed {
        let change = OpenChange {
            id: "0193".to_owned(),
            phase: phase.to_owned(),
            began: 0.0,
            operator: Some("mia".to_owned()),
            command: Some("tune".to_owned()),
            files: Vec::new(),
            until,
        };
        Observed {
            clock: Clock {
                now: 57_700.0,
                ..Clock::default()
            },
            lock: Known::of(lock),
            changes: Known::of(vec![change]),
            ..Observed::default()
        }
    }

    #[test]
    fn a_change_that_waits_is_named_with_its_operator_and_its_end() {
        let (code, message) = under_way(&host("awaiting", Some(57_726.4), Some(LockHolder::default()))).expect("one");
        assert_eq!(code, Code::AwaitingConfirmation);
        assert!(
            message
                .starts_with("A change of mia (tune, 0193) waits for confirmation by a new login until 16:02:06, else"),
            "{message}"
        );
    }

    #[test]
    fn one_that_has_not_come_so_far_is_named_as_well_and_one_without_a_lock_is_interrupted() {
        let (code, message) = under_way(&host("reloading", None, Some(LockHolder::default()))).expect("one");
        assert_eq!(code, Code::ChangeUnderWay);
        assert!(message.contains("step `reloading`"), "{message}");
        // A journal of an older f2bctl does not say until when it waits.
        let (code, _) = under_way(&host("awaiting", None, Some(LockHolder::default()))).expect("one");
        assert_eq!(code, Code::ChangeUnderWay);
        assert!(under_way(&host("awaiting", Some(1.0), None)).is_none());
        assert!(under_way(&Observed::default()).is_none());
    }
}
