//! Folds what a person need not read line by line: failures of one address in a jail that come close together become one row.
//! Nothing is lost, and everything else is shown at once and in order.

use std::time::{Duration, Instant};

use crate::document::{Event, EventKind};
use crate::model::fail2ban;

/// A burst ends after this much silence.
const SILENCE: Duration = Duration::from_secs(2);
/// And is shown at least so often.
const LONGEST: Duration = Duration::from_secs(10);

/// An event, and how many like it a row stands for, within how many seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The last of them.
    pub event: Event,
    /// How many.
    pub count: u64,
    /// From the first to the last, seconds.
    pub seconds: i64,
}

impl Row {
    /// The row of one event.
    pub fn of(event: &Event) -> Self {
        Self {
            event: event.clone(),
            count: 1,
            seconds: 0,
        }
    }
}

/// What is not shown yet.
#[derive(Debug, Default)]
pub struct Fold {
    open: Vec<Burst>,
}

#[derive(Debug)]
struct Burst {
    row: Row,
    /// When its first line was written, milliseconds; absent where that cannot be read.
    first: Option<i64>,
    last: Option<i64>,
    /// When it began and grew here.
    began: Instant,
    grew: Instant,
}

impl Fold {
    /// Takes an event; gives the rows that are to be shown now.
    pub fn take(&mut self, event: &Event, now: Instant) -> Vec<Row> {
        if !is_foldable(event) {
            let mut rows = self.all();
            rows.push(Row::of(event));
            return rows;
        }
        let written = written(event);
        let mut rows = self.ended(|burst| burst.is_over(written));
        rows.extend(self.due(now));
        match self.open.iter_mut().find(|burst| is_alike(&burst.row.event, event)) {
            Some(burst) => burst.grow(event, written, now),
            None => self.open.push(Burst::new(event, written, now)),
        }
        rows
    }

    /// The rows of bursts that have ended by now.
    pub fn due(&mut self, now: Instant) -> Vec<Row> {
        self.ended(|burst| now.duration_since(burst.grew) >= SILENCE || now.duration_since(burst.began) >= LONGEST)
    }

    /// Everything that is not shown yet.
    pub fn all(&mut self) -> Vec<Row> {
        self.ended(|_| true)
    }

    fn ended(&mut self, is_over: impl Fn(&Burst) -> bool) -> Vec<Row> {
        let (over, open) = std::mem::take(&mut self.open).into_iter().partition(is_over);
        self.open = open;
        let over: Vec<Burst> = over;
        over.into_iter().map(|burst| burst.row).collect()
    }
}

impl Burst {
    fn new(event: &Event, written: Option<i64>, now: Instant) -> Self {
        Self {
            row: Row::of(event),
            first: written,
            last: written,
            began: now,
            grew: now,
        }
    }

    fn grow(&mut self, event: &Event, written: Option<i64>, now: Instant) {
        self.last = written.or(self.last);
        self.grew = now;
        self.row.count += 1;
        self.row.event = event.clone();
        let span = self.first.zip(self.last).map_or(0, |(first, last)| last - first);
        self.row.seconds = (span.max(0) + 999) / 1000;
    }

    /// Whether a line that was written at this time comes too late for it.
    fn is_over(&self, written: Option<i64>) -> bool {
        let apart = |from: Option<i64>| from.zip(written).map_or(0, |(from, written)| written - from);
        let limit = |limit: Duration| i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
        apart(self.last) > limit(SILENCE) || apart(self.first) > limit(LONGEST)
    }
}

fn is_foldable(event: &Event) -> bool {
    let kinds = [fail2ban::Event::Found, fail2ban::Event::Ignore];
    let is_kind = matches!(event.event, EventKind::Logged(kind) if kinds.contains(&kind));
    is_kind && event.ip.is_some() && event.time.is_some()
}

fn is_alike(one: &Event, other: &Event) -> bool {
    let key = |event: &Event| (event.event, event.ip);
    key(one) == key(other) && one.jail == other.jail && one.host == other.host
}

/// When an event was written, milliseconds.
fn written(event: &Event) -> Option<i64> {
    let moment = chrono::DateTime::parse_from_rfc3339(event.time.as_ref()?).ok()?;
    Some(moment.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fail2ban::Line;
    use crate::model::host_name::HostName;

    fn event(milliseconds: i64, text: &str) -> Event {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let line = format!("2026-11-22 10:15:{seconds:02},{rest:03} fail2ban.filter [7]: INFO    {text}");
        Event::of(&host, &Line::parse(&line), Some(1_795_342_500 + seconds), None)
    }

    fn shown(rows: &[Row]) -> Vec<(&'static str, u64, i64)> {
        rows.iter()
            .map(|row| (row.event.event.word(), row.count, row.seconds))
            .collect()
    }

    const IGNORED: &str = "[asterisk-scan] Ignore 203.0.113.10 by ip";

    #[test]
    fn a_burst_is_one_row_when_it_ends() {
        let (mut fold, now) = (Fold::default(), Instant::now());
        for number in 0..27 {
            assert_eq!(fold.take(&event(number * 150, IGNORED), now), []);
        }
        assert_eq!(fold.due(now + Duration::from_millis(1900)), []);
        assert_eq!(shown(&fold.due(now + SILENCE)), [("ignore", 27, 4)]);
        assert_eq!(fold.all(), []);
    }

    #[test]
    fn a_ban_shows_what_came_before_it_first() {
        let (mut fold, now) = (Fold::default(), Instant::now());
        fold.take(
            &event(0, "[asterisk-auth] Found 198.51.100.7 - 2026-11-22 10:15:00"),
            now,
        );
        fold.take(&event(0, IGNORED), now);
        fold.take(
            &event(1000, "[asterisk-auth] Found 198.51.100.7 - 2026-11-22 10:15:01"),
            now,
        );
        let rows = fold.take(&event(1200, "[asterisk-auth] Ban 198.51.100.7"), now);
        assert_eq!(shown(&rows), [("found", 2, 1), ("ignore", 1, 0), ("ban", 1, 0)]);
    }

    #[test]
    fn lines_of_the_past_are_folded_by_their_own_times() {
        let (mut fold, now) = (Fold::default(), Instant::now());
        let times = [0, 1000, 2000, 5000, 6000];
        let rows: Vec<Row> = times
            .iter()
            .flat_map(|time| fold.take(&event(*time, IGNORED), now))
            .collect();
        assert_eq!(shown(&rows), [("ignore", 3, 2)]);
        assert_eq!(shown(&fold.all()), [("ignore", 2, 1)]);
        // What goes on without a pause is shown every ten seconds.
        let rows: Vec<Row> = (0..24)
            .flat_map(|time| fold.take(&event(time * 1000, IGNORED), now))
            .collect();
        assert_eq!(shown(&rows), [("ignore", 11, 10), ("ignore", 11, 10)]);
    }
}
