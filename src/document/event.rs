//! What a `watch` prints: one event a line of the action log, what it means for customers, and counts at its end.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::fail2ban;
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::model::text::Text;
use crate::model::timespan::Timespan;

use super::SCHEMA;

/// What happened: what a line of the action log says, or what follows from several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A customer's address has come to 60 % of a ban or more, by fail2ban's own count.
    NearBan,
    /// An entry of the whitelist is not in force, or is in no file.
    Drift,
    /// What a line says.
    #[serde(untagged)]
    Logged(fail2ban::Event),
}

impl EventKind {
    /// The word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NearBan => "near_ban",
            Self::Drift => "drift",
            Self::Logged(event) => event.word(),
        }
    }
}

/// How near an address is to a ban in a jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Headroom {
    /// fail2ban's own count, as far as the log was read.
    pub count: i64,
    /// How many failures there really were within findtime.
    pub attempts: u64,
    /// The threshold.
    pub maxretry: i64,
    /// Within how long it counts, seconds.
    pub findtime: i64,
    /// In how many seconds it is banned if its failures go on as they do; null where they have no rate, have stopped, or are
    /// too slow for a ban.
    pub seconds_to_ban: Option<i64>,
    /// From when on the log was read for the count, RFC 3339 by the host's zone.
    pub counted_from: Option<String>,
}

impl Headroom {
    /// The count in words: `31 of 50 by fail2ban's count (27 within 1 h); banned in about 40 s at this rate`.
    pub fn words(&self) -> String {
        let (count, maxretry) = (self.count, self.maxretry);
        let seconds = u64::try_from(self.findtime).unwrap_or_default();
        let within = Timespan::from_seconds(seconds).map_or_else(|_| format!("{seconds} s"), |span| span.to_string());
        let soon = self.seconds_to_ban.map_or_else(String::new, |seconds| {
            format!("; banned in {} at this rate", about(seconds))
        });
        format!(
            "{count} of {maxretry} by fail2ban's count ({} within {within}){soon}",
            self.attempts
        )
    }
}

/// Seconds as people say them.
fn about(seconds: i64) -> String {
    match seconds {
        ..120 => format!("about {} s", seconds.max(1)),
        _ => format!("about {} min", (seconds + 30) / 60),
    }
}

/// One line of the action log, or what follows from several.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Event {
    /// The version of the form.
    pub schema: u32,
    /// `watch`.
    pub command: &'static str,
    /// The host.
    pub host: HostName,
    /// When it was written, RFC 3339 with milliseconds in the host's zone; null for a line that goes on from the one before.
    pub time: Option<String>,
    /// What happened.
    pub event: EventKind,
    /// How grave the line is; null where it is none.
    pub level: Option<fail2ban::Level>,
    /// The jail that it is about.
    pub jail: Option<Text>,
    /// The address or network that it is about.
    pub ip: Option<Network>,
    /// The customer whose entry covers it.
    pub customer: Option<Text>,
    /// What the line says.
    pub text: Text,
    /// How near the address is to a ban in the jail (`--customers`); absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headroom: Option<Headroom>,
}

impl Event {
    /// The event of a line. `time` is when it was written, seconds of the Unix clock.
    pub fn of(host: &HostName, line: &fail2ban::Line, time: Option<i64>, customer: Option<Text>) -> Self {
        Self {
            schema: SCHEMA,
            command: "watch",
            host: host.clone(),
            time: time.and_then(|time| line.moment(time)),
            event: EventKind::Logged(line.event),
            level: line.level,
            jail: line.jail.clone().map(Text::from),
            ip: line.ip,
            customer,
            text: line.text.clone().into(),
            headroom: None,
        }
    }

    /// The same with how near its address is to a ban.
    #[must_use]
    pub fn with_headroom(self, headroom: Option<Headroom>) -> Self {
        Self { headroom, ..self }
    }

    /// That the address of this line has come near a ban with it.
    #[must_use]
    pub fn near_ban(&self, headroom: &Headroom) -> Self {
        Self {
            event: EventKind::NearBan,
            level: None,
            text: headroom.words().into(),
            headroom: Some(headroom.clone()),
            ..self.clone()
        }
    }

    /// That an address of a customer is near a ban in a jail at this moment (RFC 3339).
    pub fn near_now(
        host: &HostName,
        time: String,
        (jail, ip): (&str, Network),
        customer: Text,
        near: &Headroom,
    ) -> Self {
        Self {
            jail: Some(jail.into()),
            ip: Some(ip),
            customer: Some(customer),
            headroom: Some(near.clone()),
            ..Self::made(host, time, EventKind::NearBan, &near.words())
        }
    }

    /// That an entry of the whitelist is not in force, seen at this moment (RFC 3339).
    pub fn drift(host: &HostName, time: String, text: &str) -> Self {
        Self::made(host, time, EventKind::Drift, text)
    }

    fn made(host: &HostName, time: String, event: EventKind, text: &str) -> Self {
        Self {
            schema: SCHEMA,
            command: "watch",
            host: host.clone(),
            time: Some(time),
            event,
            level: None,
            jail: None,
            ip: None,
            customer: None,
            text: text.into(),
            headroom: None,
        }
    }

    /// Whether somebody has to know of it at once: a ban of a customer, one that is near, or drift.
    pub fn is_urgent(&self) -> bool {
        match self.event {
            EventKind::NearBan | EventKind::Drift => true,
            EventKind::Logged(event) => event == fail2ban::Event::Ban && self.customer.is_some(),
        }
    }
}

/// Counts of what a watch has shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// Lines of the action log.
    pub lines: u64,
    /// New bans among them; those that a restart brought back are none.
    pub bans: u64,
    /// Bans that ended or were lifted.
    pub unbans: u64,
}

impl Seen {
    /// Counts one event.
    pub fn count(&mut self, event: EventKind) {
        let EventKind::Logged(event) = event else { return };
        self.lines += 1;
        match event {
            fail2ban::Event::Ban => self.bans += 1,
            fail2ban::Event::Unban => self.unbans += 1,
            _ => {}
        }
    }

    /// The counts in a sentence.
    pub fn sentence(self) -> String {
        let counted = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        format!(
            "The watch has ended: {} seen, with {} and {}.",
            counted(self.lines, "line"),
            counted(self.bans, "ban"),
            counted(self.unbans, "unban")
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::model::fail2ban::Event;

    use super::{EventKind, Headroom, Seen};

    #[test]
    fn a_count_is_said_with_the_real_number_and_the_time_that_is_left() {
        let headroom = Headroom {
            count: 31,
            attempts: 27,
            maxretry: 50,
            findtime: 3600,
            seconds_to_ban: Some(40),
            counted_from: None,
        };
        let words = "31 of 50 by fail2ban's count (27 within 1 h)";
        assert_eq!(headroom.words(), format!("{words}; banned in about 40 s at this rate"));
        let slow = Headroom {
            seconds_to_ban: None,
            ..headroom
        };
        assert_eq!(slow.words(), words);
    }

    #[test]
    fn bans_and_unbans_are_counted_among_the_lines() {
        let mut seen = Seen::default();
        for event in [Event::Found, Event::Ban, Event::Unban, Event::RestoreBan, Event::Unban] {
            seen.count(EventKind::Logged(event));
        }
        seen.count(EventKind::NearBan);
        assert_eq!(
            seen.sentence(),
            "The watch has ended: 5 lines seen, with 1 ban and 2 unbans."
        );
    }
}
