//! The host's own clock and zone: moments and days as a person there reads them.

use chrono::{DateTime, FixedOffset, NaiveDate, Offset as _, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

/// The host's clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds of the Unix clock.
    pub now: f64,
    /// The host's time zone, e.g. `IST`.
    pub zone: String,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Clock {
    /// A moment in the host's own zone, RFC 3339; the bare number where it is beyond the calendar.
    pub fn moment(&self, seconds: i64) -> String {
        let moment = self.in_zone(seconds);
        moment.map_or_else(|| seconds.to_string(), |moment| moment.to_rfc3339())
    }

    /// The time of day of a moment in the host's own zone, e.g. `16:02:06`; the bare number where it is beyond the calendar.
    pub fn time_of_day(&self, seconds: i64) -> String {
        let moment = self.in_zone(seconds);
        moment.map_or_else(|| seconds.to_string(), |moment| moment.format("%H:%M:%S").to_string())
    }

    /// The present second of the Unix clock.
    pub fn second(&self) -> i64 {
        self.now as i64
    }

    /// The day on the host; that of the epoch where the clock is beyond the calendar.
    pub fn today(&self) -> NaiveDate {
        // Whole seconds are all that a date needs.
        let now = self.in_zone(self.second());
        now.unwrap_or_else(|| DateTime::UNIX_EPOCH.with_timezone(&self.zone_offset()))
            .date_naive()
    }

    fn in_zone(&self, seconds: i64) -> Option<DateTime<FixedOffset>> {
        self.zone_offset().timestamp_opt(seconds, 0).single()
    }

    fn zone_offset(&self) -> FixedOffset {
        FixedOffset::east_opt(self.offset).unwrap_or_else(|| Utc.fix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(now: f64, offset: i32) -> Clock {
        Clock {
            now,
            offset,
            ..Clock::default()
        }
    }

    #[test]
    fn a_day_is_that_of_the_hosts_own_zone() {
        let day = |now: f64, offset: i32| clock(now, offset).today().to_string();
        assert_eq!(day(0.0, 0), "1970-01-01");
        assert_eq!(day(0.0, -60), "1969-12-31");
        assert_eq!(day(86_399.9, 60), "1970-01-02");
        // A clock beyond the calendar, and a zone that is none.
        assert_eq!(day(f64::MAX, 0), "1970-01-01");
        assert_eq!(day(0.0, i32::MAX), "1970-01-01");
    }
}
