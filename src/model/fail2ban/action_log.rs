//! Lines of fail2ban's action log (0.11.2 to 1.1.1): when, how grave, which jail, which address, what happened.
//!
//! ```text
//! 2026-11-22 10:15:03,123 fail2ban.actions        [1234]: NOTICE  [asterisk-scan] Ban 192.0.2.77
//! ```
//!
//! No line is refused: what is not understood is [`Event::Other`], or has no time at all and is a line that goes on
//! from the one before (the trace of a Python error).

use std::net::IpAddr;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::network::Network;

/// The time of a line, with its milliseconds after a comma.
const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S,%3f";
/// How many characters a time has.
const TIME_LENGTH: usize = 23;

/// What a line says has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LoggedEvent")]
pub enum Event {
    /// A failure was counted.
    Found,
    /// An address was banned.
    Ban,
    /// A ban ended or was lifted.
    Unban,
    /// A ban was brought back from the database.
    RestoreBan,
    /// A ban was set again in the firewall, where it had been missing.
    Reban,
    /// A ban was made longer, for an address that was banned before.
    IncreaseBan,
    /// A failure of a whitelisted address was not counted.
    Ignore,
    /// A banned address went on all the same.
    AlreadyBanned,
    /// All of a jail's bans were taken out of the firewall.
    Flush,
    /// The configuration was read again, or is about to be.
    Reload,
    /// A jail began.
    JailStarted,
    /// A jail ended.
    JailStopped,
    /// fail2ban began.
    ServerStarted,
    /// fail2ban ended.
    ServerStopped,
    /// The log was opened again, for its rotation.
    Rotated,
    /// Anything else of level ERROR or CRITICAL.
    Error,
    /// Anything else of level WARNING.
    Warning,
    /// Anything else.
    Other,
}

impl Event {
    /// The word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::RestoreBan => "restore_ban",
            Self::Reban => "reban",
            Self::IncreaseBan => "increase_ban",
            Self::Ignore => "ignore",
            Self::AlreadyBanned => "already_banned",
            Self::Flush => "flush",
            Self::Reload => "reload",
            Self::JailStarted => "jail_started",
            Self::JailStopped => "jail_stopped",
            Self::ServerStarted => "server_started",
            Self::ServerStopped => "server_stopped",
            Self::Rotated => "rotated",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Other => "other",
        }
    }
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// DEBUG and below.
    Debug,
    /// INFO and fail2ban's own MSG.
    Info,
    /// NOTICE.
    Notice,
    /// WARNING.
    Warning,
    /// ERROR.
    Error,
    /// CRITICAL.
    Critical,
}

impl Level {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "DEBUG" | "HEAVY" | "TRACE" => Self::Debug,
            "INFO" | "MSG" => Self::Info,
            "NOTICE" => Self::Notice,
            "WARNING" => Self::Warning,
            "ERROR" => Self::Error,
            "CRITICAL" => Self::Critical,
            _ => return None,
        })
    }
}

/// One line, as far as it is understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// When it was written, in the host's zone without naming it; absent for a line that goes on from the one before.
    pub time: Option<NaiveDateTime>,
    /// How grave it is.
    pub level: Option<Level>,
    /// What happened.
    pub event: Event,
    /// The jail that it is about.
    pub jail: Option<String>,
    /// The address (or network) that it is about, canonical.
    pub ip: Option<Network>,
    /// The text after time, module and level; the whole line if these cannot be read.
    pub text: String,
}

impl Line {
    /// Reads a line without its end.
    pub fn parse(line: &str) -> Self {
        let line = line.trim_end_matches('\r');
        let Some((time, level, text)) = head(line) else {
            return Self {
                time: None,
                level: None,
                event: Event::Other,
                jail: None,
                ip: None,
                text: line.to_owned(),
            };
        };
        let (jail, message) = match bracketed(text) {
            Some((jail, message)) => (Some(jail.to_owned()), message),
            None => (None, text),
        };
        let (event, ip) = about_address(message)
            .filter(|_| jail.is_some())
            .unwrap_or_else(|| (of_server(message).unwrap_or_else(|| by_level(level)), None));
        Self {
            time: Some(time),
            level: Some(level),
            event,
            jail: jail.or_else(|| quoted_jail(message)),
            ip,
            text: text.to_owned(),
        }
    }

    /// The time with the zone that the host had then, RFC 3339; `epoch` is the same time, seconds of the Unix clock.
    pub fn moment(&self, epoch: i64) -> Option<String> {
        let east = self.time?.and_utc().timestamp().checked_sub(epoch)?;
        let zone = FixedOffset::east_opt(i32::try_from(east).ok()?)?;
        let moment: DateTime<FixedOffset> = self.time?.and_local_timezone(zone).single()?;
        Some(moment.to_rfc3339())
    }

    /// What the line says after its jail.
    pub fn message(&self) -> &str {
        bracketed(&self.text).map_or(self.text.as_str(), |(_, message)| message)
    }

    /// Of a failure, the second of the line that it was found in: `Found 192.0.2.7 - 2026-11-22 10:15:03`; of anything else,
    /// `epoch`, the second in which this line was written.
    pub fn dated(&self, epoch: i64) -> i64 {
        let own = self.message().strip_prefix("Found ").and_then(|rest| {
            let (_, date) = rest.split_once(" - ")?;
            NaiveDateTime::parse_from_str(date.get(..19)?, "%Y-%m-%d %H:%M:%S").ok()
        });
        own.zip(self.time).map_or(epoch, |(own, written)| {
            epoch + (own.and_utc().timestamp() - written.and_utc().timestamp())
        })
    }

    /// How much more than one a failure weighs of somebody who was banned before: `Found 192.0.2.7, bad - ..., 1 # -> 2.0`.
    pub fn weight(&self) -> Option<i64> {
        let (_, weight) = self.message().strip_prefix("Found ")?.split_once(" # -> ")?;
        let number: f64 = weight.split(',').next()?.trim().parse().ok()?;
        Some(number as i64 - 1)
    }
}

/// Time, level and text after `MODULE [PID]: LEVEL`.
fn head(line: &str) -> Option<(NaiveDateTime, Level, &str)> {
    let (stamp, rest) = line.split_at_checked(TIME_LENGTH)?;
    let time = NaiveDateTime::parse_from_str(stamp, TIME_FORMAT).ok()?;
    let (_, rest) = rest.split_once("]: ")?;
    let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((time, Level::of(word)?, text.trim_start()))
}

/// `[JAIL] text`.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (jail, message) = text.strip_prefix('[')?.split_once("] ")?;
    (!jail.is_empty()).then_some((jail, message))
}

/// What happened to which address.
fn about_address(message: &str) -> Option<(Event, Option<Network>)> {
    const VERBS: [(&str, Event); 7] = [
        ("Found ", Event::Found),
        ("Ban ", Event::Ban),
        ("Unban ", Event::Unban),
        ("Restore Ban ", Event::RestoreBan),
        ("Reban ", Event::Reban),
        ("Increase Ban ", Event::IncreaseBan),
        ("Ignore ", Event::Ignore),
    ];
    let verb = VERBS
        .iter()
        .find_map(|(verb, event)| message.strip_prefix(verb).map(|rest| (*event, rest)));
    match verb {
        Some((event, rest)) => Some((event, Some(address(rest)?))),
        None if message.ends_with("already banned") => Some((Event::AlreadyBanned, Some(address(message)?))),
        None if message.starts_with("Flush ticket") => Some((Event::Flush, None)),
        None => None,
    }
}

/// The address that a text begins with.
fn address(text: &str) -> Option<Network> {
    let word = text.split([' ', ',']).next()?;
    match word.parse::<IpAddr>() {
        Ok(address) => Some(Network::single(address)),
        Err(_) => Network::parse(word).ok().map(|parsed| parsed.network),
    }
}

/// What the server says of itself and of its jails.
fn of_server(message: &str) -> Option<Event> {
    let begins = |start: &str| message.starts_with(start);
    if begins("Jail ") && message.ends_with(" started") {
        Some(Event::JailStarted)
    } else if begins("Jail ") && message.ends_with(" stopped") {
        Some(Event::JailStopped)
    } else if begins("Reload ") || (begins("Jail ") && message.ends_with(" reloaded")) {
        Some(Event::Reload)
    } else if begins("Starting Fail2ban") {
        Some(Event::ServerStarted)
    } else if begins("Exiting Fail2ban") || begins("Shutdown in progress") {
        Some(Event::ServerStopped)
    } else if begins("rollover performed") || begins("flush performed") {
        Some(Event::Rotated)
    } else {
        None
    }
}

fn by_level(level: Level) -> Event {
    match level {
        Level::Error | Level::Critical => Event::Error,
        Level::Warning => Event::Warning,
        Level::Debug | Level::Info | Level::Notice => Event::Other,
    }
}

/// The jail that a text names in quotes: `Jail 'sshd' started`, `Reload jail 'sshd'`, `Creating new jail 'sshd'`.
fn quoted_jail(message: &str) -> Option<String> {
    let rest = ["Jail '", "jail '"]
        .iter()
        .find_map(|start| message.split_once(start))?
        .1;
    let (name, _) = rest.split_once('\'')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(module: &str, level: &str, text: &str) -> Line {
        Line::parse(&format!(
            "2026-11-22 10:15:03,123 fail2ban.{module:<15} [4242]: {level:<7} {text}"
        ))
    }

    /// `(text, event, jail, address)` of lines as real servers wrote them.
    fn parsed(text: &str, level: &str) -> (Event, Option<String>, Option<String>) {
        let line = line("actions", level, text);
        (line.event, line.jail.clone(), line.ip.map(|ip| ip.to_string()))
    }

    #[test]
    fn what_happens_to_addresses_is_read() {
        for (text, event, ip) in [
            ("[a-b] Found 192.0.2.7 - 2026-11-22 10:15:03", Event::Found, "192.0.2.7"),
            ("[a-b] Ban 192.0.2.7", Event::Ban, "192.0.2.7"),
            ("[a-b] Unban 2001:db8::7", Event::Unban, "2001:db8::7"),
            ("[a-b] Restore Ban 192.0.2.7", Event::RestoreBan, "192.0.2.7"),
            ("[a-b] Reban 192.0.2.7, action 'x'", Event::Reban, "192.0.2.7"),
            (
                "[a-b] Increase Ban 192.0.2.7 (2 # 1:00:00 -> 2026-11-22 12:00:00)",
                Event::IncreaseBan,
                "192.0.2.7",
            ),
            ("[a-b] Ignore 192.0.2.7 by ip", Event::Ignore, "192.0.2.7"),
            ("[a-b] Ignore 192.0.2.7, expired bantime", Event::Ignore, "192.0.2.7"),
            ("[a-b] 192.0.2.7 already banned", Event::AlreadyBanned, "192.0.2.7"),
            ("[a-b] Ban 192.0.2.0/28", Event::Ban, "192.0.2.0/28"),
            (
                "[a-b] Found 192.0.2.7, bad - 2026-11-22 10:15:03, 2 # -> 2.0",
                Event::Found,
                "192.0.2.7",
            ),
        ] {
            let expected = (event, Some("a-b".to_owned()), Some(ip.to_owned()));
            assert_eq!(parsed(text, "NOTICE"), expected, "{text}");
        }
    }

    #[test]
    fn what_the_server_says_of_itself_is_read() {
        for (text, event, jail) in [
            ("Jail 'sshd' started", Event::JailStarted, Some("sshd")),
            ("Jail 'sshd' stopped", Event::JailStopped, Some("sshd")),
            ("Reload jail 'sshd'", Event::Reload, Some("sshd")),
            ("Jail 'sshd' reloaded", Event::Reload, Some("sshd")),
            ("Reload all jails", Event::Reload, None),
            ("Reload finished.", Event::Reload, None),
            ("Starting Fail2ban v1.0.2", Event::ServerStarted, None),
            ("Exiting Fail2ban", Event::ServerStopped, None),
            ("rollover performed on /var/log/fail2ban.log", Event::Rotated, None),
            ("Creating new jail 'sshd'", Event::Other, Some("sshd")),
            ("[sshd] Flush ticket(s) with x", Event::Flush, Some("sshd")),
        ] {
            assert_eq!(parsed(text, "INFO"), (event, jail.map(str::to_owned), None), "{text}");
        }
    }

    #[test]
    fn errors_and_warnings_are_told_by_their_level() {
        assert_eq!(parsed("Unable to get failures in x", "ERROR").0, Event::Error);
        assert_eq!(parsed("[sshd] Please check", "WARNING").0, Event::Warning);
        assert_eq!(parsed("  maxRetry: 3", "INFO").0, Event::Other);
    }

    #[test]
    fn times_are_the_hosts_and_text_is_kept() {
        let line = line("filter", "INFO", "[sshd] Found 192.0.2.7 - 2026-11-22 10:15:03");
        // 04:45:03 UTC, the same half an hour later, and a time that no zone can be from.
        assert_eq!(
            line.moment(1_795_322_703).as_deref(),
            Some("2026-11-22T10:15:03.123+05:30")
        );
        assert_eq!(
            line.moment(1_795_324_503).as_deref(),
            Some("2026-11-22T10:15:03.123+05:00")
        );
        assert_eq!(line.moment(0), None);
        assert_eq!(line.text, "[sshd] Found 192.0.2.7 - 2026-11-22 10:15:03");
        assert_eq!(line.level, Some(Level::Info));
    }

    #[test]
    fn what_is_no_line_of_fail2ban_passes_through() {
        for text in [
            "Traceback (most recent call last):",
            "",
            "é",
            "2026-11-22 10:15:03,123",
            "2026-11-22 10:15:03,12é x",
        ] {
            let line = Line::parse(text);
            assert_eq!((line.event, line.time, line.text.as_str()), (Event::Other, None, text));
        }
        // A jail's name or an address that a log line made up is still one word of one line.
        assert_eq!(parsed("[sshd] Ban hotel", "NOTICE").0, Event::Other);
        assert_eq!(parsed("[] Ban 192.0.2.7", "NOTICE").2, None);
    }
}
