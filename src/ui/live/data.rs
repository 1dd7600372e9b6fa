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

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// The last look; absent before the first.
    pub look: Option<Look>,
    /// Why there is none, or why it is old: a look that failed, a connection that was lost.
    pub trouble: Option<String>,
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
    /// Failures by jail and step of time.
    found: BTreeMap<String, BTreeMap<i64, u64>>,
}

impl Data {
    /// Takes a look; it ends any trouble.
    pub fn looked(&mut self, look: Look) {
        self.look = Some(look);
        self.trouble = None;
    }

    /// Takes an event that was written in this second. What was written before the view began is only counted.
    pub fn take(&mut self, event: Event, written: Option<i64>, is_shown: bool) {
        if let Some(written) = written {
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
        let of = |step: i64| {
            let is_read = first_read.is_some_and(|first| step >= first) && self.uncounted.is_none();
            is_read.then(|| steps.and_then(|steps| steps.get(&step)).copied().unwrap_or_default())
        };
        (newest - STEPS + 1..=newest).map(of).collect()
    }
}
