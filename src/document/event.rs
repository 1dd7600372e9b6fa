//! What a `watch` prints: one event a line of the action log, and counts at its end.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::fail2ban;
use crate::model::host_name::HostName;
use crate::model::network::Network;
use crate::model::text::Text;

use super::SCHEMA;

/// One line of the action log.
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
    pub event: fail2ban::Event,
    /// How grave the line is.
    pub level: Option<fail2ban::Level>,
    /// The jail that it is about.
    pub jail: Option<Text>,
    /// The address or network that it is about.
    pub ip: Option<Network>,
    /// The customer whose entry covers it.
    pub customer: Option<Text>,
    /// What the line says.
    pub text: Text,
}

impl Event {
    /// The event of a line. `time` is when it was written, seconds of the Unix clock.
    pub fn of(host: &HostName, line: &fail2ban::Line, time: Option<i64>, customer: Option<Text>) -> Self {
        Self {
            schema: SCHEMA,
            command: "watch",
            host: host.clone(),
            time: time.and_then(|time| line.moment(time)),
            event: line.event,
            level: line.level,
            jail: line.jail.clone().map(Text::from),
            ip: line.ip,
            customer,
            text: line.text.clone().into(),
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
    pub fn count(&mut self, event: fail2ban::Event) {
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

    use super::Seen;

    #[test]
    fn bans_and_unbans_are_counted_among_the_lines() {
        let mut seen = Seen::default();
        for event in [Event::Found, Event::Ban, Event::Unban, Event::RestoreBan, Event::Unban] {
            seen.count(event);
        }
        assert_eq!(
            seen.sentence(),
            "The watch has ended: 5 lines seen, with 1 ban and 2 unbans."
        );
    }
}
