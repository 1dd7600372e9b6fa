//! fail2ban's own count of failures: its FailManager and FailTicket (server/failmanager.py and ticket.py, 0.10.6 to 1.1.1).
//!
//! It is no sliding window. Once the failures of an address span more than findtime, their number is scaled down to what
//! their rate gives for findtime, and the new one is added: a burst fades slowly. An address is forgotten when a clean-up
//! comes findtime or more after its last failure; from 1.0 on clean-ups come all few seconds, before that only when somebody
//! reaches the threshold. A ban empties the count.

use std::collections::BTreeMap;

/// How a version forgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgetting {
    /// Only when somebody reaches the threshold (0.11.2 and before).
    AtBans,
    /// Every few seconds (1.0 and later).
    Steadily,
}

impl Forgetting {
    /// That of a version, e.g. `1.0.2`; an unknown one is taken as new.
    pub fn of_version(version: &str) -> Self {
        match version.starts_with("0.") {
            true => Self::AtBans,
            false => Self::Steadily,
        }
    }
}

/// The failures of one address (FailTicket).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ticket {
    first: f64,
    last: f64,
    /// fail2ban's count.
    pub retry: i64,
}

/// The failures of a jail's addresses (FailManager); the key stands for an address.
#[derive(Debug, Clone, Default)]
pub struct Tickets {
    list: BTreeMap<u64, Ticket>,
}

impl Tickets {
    /// A failure of this weight at a time; gives the count.
    pub fn add(&mut self, key: u64, time: f64, weight: i64, findtime: f64) -> i64 {
        let ticket = self.list.entry(key);
        let ticket = ticket.and_modify(|ticket| ticket.fail(time, weight, findtime));
        ticket.or_insert(Ticket::new(time, weight)).retry
    }

    /// More weight for a failure that was just added, since its address was banned before (bantime.increment). After a ban
    /// there is nothing to add to.
    pub fn weigh(&mut self, key: u64, time: f64, weight: i64, findtime: f64) {
        if let Some(ticket) = self.list.get_mut(&key) {
            ticket.fail(time, weight, findtime);
        }
    }

    /// Forgets whose last failure is findtime or more before.
    pub fn clean_up(&mut self, now: f64, findtime: f64) {
        self.list.retain(|_, ticket| ticket.is_newer_than(now - findtime));
    }

    /// Whether an address has reached the threshold; its count is empty then.
    pub fn take_ban(&mut self, key: u64, maxretry: i64) -> bool {
        let reached = self.list.get(&key).is_some_and(|ticket| ticket.retry >= maxretry);
        if reached {
            self.list.remove(&key);
        }
        reached
    }

    /// The count of an address.
    pub fn retry(&self, key: u64) -> Option<i64> {
        self.list.get(&key).map(|ticket| ticket.retry)
    }
}

impl Ticket {
    /// A first failure.
    pub(super) fn new(time: f64, weight: i64) -> Self {
        Self {
            first: time,
            last: time,
            retry: weight,
        }
    }

    /// A further failure.
    pub(super) fn fail(&mut self, time: f64, weight: i64, findtime: f64) {
        self.adjust(time, findtime);
        self.retry += weight;
    }

    /// Whether its last failure came after a moment.
    pub(super) fn is_newer_than(&self, moment: f64) -> bool {
        self.last > moment
    }

    /// FailTicket.adjustTime: Python rounds halves to the even number.
    fn adjust(&mut self, time: f64, findtime: f64) {
        if time <= self.last {
            return;
        }
        if self.first < time - findtime {
            self.retry = (self.retry as f64 / (time - self.first) * findtime).round_ties_even() as i64;
            self.first = time - findtime;
        }
        self.last = time;
    }
}

/// What an address came to in a jail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many of its lines the jail found.
    pub matches: u64,
    /// fail2ban's count now, as far as it can be known.
    pub count: i64,
    /// How many lines were really found in the last findtime.
    pub attempts: u64,
    /// fail2ban's highest count, with the real number at that time.
    pub peak: Option<Peak>,
    /// How often the count reached the threshold.
    pub reached: u64,
}

/// A highest count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peak {
    /// fail2ban's count.
    pub count: i64,
    /// The real number in findtime up to then.
    pub attempts: u64,
    /// When, seconds of the Unix clock.
    pub moment: i64,
}

/// What happened to an address in a jail, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A failure was found, dated so.
    Found(i64),
    /// A failure that had been found before was found again, since the jail read its log back.
    FoundAgain(i64),
    /// A failure, dated so, weighs so much more.
    Weighed(i64, i64),
    /// The address was banned.
    Banned,
    /// Somebody was banned: before 1.0 what is old is forgotten then.
    Cleaned(i64),
    /// The jail began anew: its count is empty until it has read its log back.
    Began,
}

/// Counts what a jail found of one address, as its fail2ban does. `now` is when the count is asked for.
pub fn count(events: &[Event], maxretry: i64, findtime: i64, forgetting: Forgetting, now: i64) -> Counted {
    const ADDRESS: u64 = 0;
    let span = findtime as f64;
    let (mut tickets, mut counted) = (Tickets::default(), Counted::default());
    let mut found: Vec<i64> = Vec::new();
    for event in events {
        let moment = match *event {
            Event::Found(moment) | Event::FoundAgain(moment) | Event::Weighed(moment, _) => moment,
            Event::Cleaned(moment) => {
                tickets.clean_up(moment as f64, span);
                continue;
            }
            Event::Banned | Event::Began => {
                tickets = Tickets::default();
                continue;
            }
        };
        if forgetting == Forgetting::Steadily {
            tickets.clean_up(moment as f64, span);
        }
        match *event {
            Event::Weighed(_, weight) => tickets.weigh(ADDRESS, moment as f64, weight, span),
            _ => _ = tickets.add(ADDRESS, moment as f64, 1, span),
        }
        if matches!(event, Event::Found(_)) {
            found.push(moment);
            counted.matches += 1;
        }
        let reached = tickets.retry(ADDRESS).unwrap_or_default();
        if counted.peak.is_none_or(|peak| reached > peak.count) {
            counted.peak = Some(Peak {
                count: reached,
                attempts: within(&found, moment, findtime),
                moment,
            });
        }
        counted.reached += u64::from(tickets.take_ban(ADDRESS, maxretry));
    }
    if forgetting == Forgetting::Steadily {
        tickets.clean_up(now as f64, span);
    }
    counted.count = tickets.retry(ADDRESS).unwrap_or_default();
    counted.attempts = within(&found, now, findtime);
    counted
}

/// How many of these times lie in findtime before a moment.
fn within(found: &[i64], moment: i64, findtime: i64) -> u64 {
    let inside = found
        .iter()
        .rev()
        .filter(|one| **one > moment - findtime && **one <= moment);
    inside.count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(moments: impl IntoIterator<Item = i64>) -> Vec<Event> {
        moments.into_iter().map(Event::Found).collect()
    }

    #[test]
    fn a_burst_fades_and_does_not_leave_a_window() {
        // 16 at 0 s, one each at 6, 12 and 18 s, six at 22 s: banned at 20 in 20 s, with at most 9 in the last 20 s.
        let moments = [vec![0; 16], vec![6, 12, 18], vec![22; 6]].concat();
        let counted = count(&found(moments), 20, 20, Forgetting::Steadily, 22);
        assert_eq!(counted.reached, 1);
        let peak = counted.peak.expect("a peak");
        assert!(peak.count >= 20 && peak.attempts <= 9, "{peak:?}");
    }

    #[test]
    fn the_second_storm_is_banned_by_what_is_left_of_the_first() {
        // 50 in 1 h: a storm of 40, one retry each 10 min, a second storm 65 min later: banned at its 8th line.
        let first = std::iter::repeat_n(0, 40);
        let retries = (1..=6).map(|number| number * 600);
        let counted = |second: usize| {
            let moments = first
                .clone()
                .chain(retries.clone())
                .chain(std::iter::repeat_n(3900, second));
            count(&found(moments), 50, 3600, Forgetting::Steadily, 3900)
        };
        assert_eq!((counted(7).reached, counted(8).reached), (0, 1));
        assert_eq!(counted(8).peak.expect("a peak").attempts, 14);
    }

    #[test]
    fn an_old_version_forgets_only_when_somebody_is_banned() {
        let events = found([0, 1, 25, 26]);
        assert_eq!(count(&events, 3, 10, Forgetting::AtBans, 26).reached, 1);
        assert_eq!(count(&events, 3, 10, Forgetting::Steadily, 26).reached, 0);
        let cleaned = [&events[..2], &[Event::Cleaned(20)], &events[2..]].concat();
        assert_eq!(count(&cleaned, 3, 10, Forgetting::AtBans, 26).reached, 0);
    }

    #[test]
    fn a_ban_and_a_start_empty_the_count() {
        for event in [Event::Banned, Event::Began] {
            let events = [found([0, 1]), vec![event], found([2])].concat();
            assert_eq!(count(&events, 5, 600, Forgetting::Steadily, 3).count, 1);
        }
        assert_eq!(count(&found([0, 1, 2]), 5, 600, Forgetting::Steadily, 700).count, 0);
    }
}
