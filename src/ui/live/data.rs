//! What is known of the host: the last look, who is counted, the last events. Each has its age.

use std::collections::{BTreeMap, VecDeque};

use crate::document::{Event, EventKind, Headroom, Status};
use crate::model::fail2ban;
use crate::model::network::Network;
use crate::model::text::Text;

/// How many events are kept.
const MOST_EVENTS: usize = 2000;
/// The failures of a jail are shown by so many seconds each, and so many of these.
pub const STEP: i64 = 10;
pub const STEPS: i64 = 24;

/// A look at the host.
#[derive(Debug, Clone)]
pub struct Look {
    /// What was seen.
    pub status: Status,
    /// When, seconds of the host's clock.
    pub at: i64,
}

/// How near a customer's address is to a ban in a jail.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The customer.
    pub customer: Text,
    /// The jail.
    pub jail: Text,
    /// The address.
    pub ip: Network,
    /// fail2ban's count.
    pub headroom: Headroom,
}

/// What is wrong with the log that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTrouble {
    /// What, for people.
    pub text: String,
    /// Whether nothing is read at all, so that no count is known.
    pub is_unread: bool,
    /// Since when, seconds of the host's clock.
    pub since: i64,
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// The last look; absent before the first.
    pub look: Option<Look>,
    /// Why there is none, or why it is old: a look that failed, a connection that was lost.
    pub trouble: Option<String>,
    /// What is wrong with the log; no look ends that, lines alone do.
    pub log_trouble: Option<LogTrouble>,
    /// The customers that are counted, the nearest first.
    pub counted: Vec<Counted>,
    /// Why nobody's count is known.
    pub uncounted: Option<String>,
    /// From when on is counted, for people.
    pub counted_from: Option<String>,
    /// The newest events, the newest last.
    pub events: VecDeque<Event>,
    /// How many events there were.
    pub seen: u64,
    /// When the newest line was written, seconds of the host's clock.
    pub last_line: Option<i64>,
    /// From when on the log was read, seconds of the host's clock.
    pub read_from: Option<i64>,
    /// Until when it was read, while the connection is lost.
    pub read_until: Option<i64>,
    /// Failures by jail and step of time.
    found: BTreeMap<String, BTreeMap<i64, u64>>,
}

impl Data {
    /// Takes a look; it ends the trouble with looks, not that with the log.
    pub fn looked(&mut self, look: Look) {
        self.look = Some(look);
        self.trouble = None;
    }

    /// The log is not read from now on.
    pub fn break_off(&mut self) {
        if self.read_until.is_none() {
            let looked = self.look.as_ref().map(|look| look.at);
            self.read_until = looked.max(self.last_line);
        }
    }

    /// Lines come, this one written in this second: they end the trouble of a log that is not read. Of lost lines is known until
    /// one comes that was written after that.
    pub fn lines_come(&mut self, written: Option<i64>) {
        let is_over =
            |trouble: &LogTrouble| trouble.is_unread || written.is_some_and(|written| written > trouble.since);
        if self.log_trouble.as_ref().is_some_and(is_over) {
            self.log_trouble = None;
        }
    }

    /// Why nobody's count is known.
    pub fn unknown(&self) -> Option<&str> {
        self.unread().or(self.uncounted.as_deref())
    }

    /// Why nothing of the log is read.
    pub fn unread(&self) -> Option<&str> {
        let trouble = self.log_trouble.as_ref().filter(|trouble| trouble.is_unread)?;
        Some(&trouble.text)
    }

    /// Takes an event that was written in this second. What was written before the view began is only counted.
    pub fn take(&mut self, event: Event, written: Option<i64>, is_shown: bool) {
        if let Some(written) = written {
            self.read_until = self.read_until.map(|until| until.max(written));
            self.last_line = Some(self.last_line.map_or(written, |last| last.max(written)));
            self.read_from.get_or_insert(written);
            if let (EventKind::Logged(fail2ban::Event::Found), Some(jail)) = (event.event, &event.jail) {
                let steps = self.found.entry(jail.raw().to_owned()).or_default();
                *steps.entry(written / STEP).or_default() += 1;
                while steps.len() > STEPS as usize {
                    steps.pop_first();
                }
            }
        }
        if !is_shown {
            return;
        }
        self.seen += 1;
        self.events.push_back(event);
        while self.events.len() > MOST_EVENTS {
            self.events.pop_front();
        }
    }

    /// The failures of a jail in the last steps up to now; absent for a step that the log was not read for.
    pub fn failures(&self, jail: &str, now: i64) -> Vec<Option<u64>> {
        let newest = now / STEP;
        let steps = self.found.get(jail);
        let first_read = self.read_from.map(|from| from / STEP);
        let last_read = self.read_until.map_or(newest, |until| until / STEP);
        let is_known = self.unknown().is_none();
        let of = |step: i64| {
            let is_read = is_known && first_read.is_some_and(|first| (first..=last_read).contains(&step));
            is_read.then(|| steps.and_then(|steps| steps.get(&step)).copied().unwrap_or_default())
        };
        (newest - STEPS + 1..=newest).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fail2ban::Line;
    use crate::model::host_name::HostName;

    const BEGIN: i64 = 1_795_322_700;

    fn found(data: &mut Data, written: i64) {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        let line = Line::parse("2026-11-22 04:45:03,123 fail2ban.filter [7]: INFO    [sshd] Found 203.0.113.7 - x");
        data.lines_come(Some(written));
        data.take(Event::of(&host, &line, Some(written), None), Some(written), true);
    }

    fn trouble(is_unread: bool) -> Option<LogTrouble> {
        Some(LogTrouble {
            text: "it does not exist".to_owned(),
            is_unread,
            since: BEGIN + 20,
        })
    }

    #[test]
    fn steps_that_were_not_read_while_the_connection_is_lost_are_not_zero() {
        let mut data = Data::default();
        found(&mut data, BEGIN);
        let last = |data: &Data| data.failures("sshd", BEGIN + 30).split_off(STEPS as usize - 4);
        assert_eq!(last(&data), [Some(1), Some(0), Some(0), Some(0)]);
        data.break_off();
        assert_eq!(last(&data), [Some(1), None, None, None]);
        // What is read after a new login comes bit by bit.
        found(&mut data, BEGIN + 10);
        data.break_off();
        assert_eq!(last(&data), [Some(1), Some(1), None, None]);
        data.read_until = None;
        assert_eq!(last(&data), [Some(1), Some(1), Some(0), Some(0)]);
    }

    #[test]
    fn a_log_that_is_not_read_is_known_until_lines_come_and_leaves_the_counts_unknown() {
        let mut data = Data::default();
        found(&mut data, BEGIN);
        data.uncounted = Some("the level".to_owned());
        data.log_trouble = trouble(true);
        assert_eq!(data.unread(), Some("it does not exist"));
        assert_eq!(data.unknown(), data.unread());
        assert!(data.failures("sshd", BEGIN).iter().all(Option::is_none));
        found(&mut data, BEGIN + 10);
        assert_eq!((&data.log_trouble, data.unknown()), (&None, Some("the level")));
        data.uncounted = None;
        // Lost lines leave the counts as they are, and are shown until something is logged after that.
        data.log_trouble = trouble(false);
        assert_eq!(data.unknown(), None);
        found(&mut data, BEGIN + 20);
        assert!(data.log_trouble.is_some());
        found(&mut data, BEGIN + 21);
        assert_eq!(data.log_trouble, None);
    }
}
