//! What `f2bctl watch` is asked: which events, from when on, and what is done with them.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use clap::Args;

use crate::cli::network::network;
use crate::model::network::Network;
use crate::model::timespan::Timespan;
use crate::remote::agent::LogSince;

/// Follow bans, unbans and failures as they happen, with the customer's name beside the address.
///
/// Failures of one address that come close together are one line (`x27 in 4 s`); with -v and --json each is one.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Only this running jail (may be given several times).
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
    /// Only addresses of this customer.
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// Only this address, or those of this network.
    #[arg(long, value_name = "ADDR|NETWORK", value_parser = network)]
    pub ip: Option<Network>,
    /// Start at a time in the past: `30m`, `2d`, `10:15`, `2026-11-22`, `2026-11-22 10:15` (the host's time) or RFC
    /// 3339.
    #[arg(long, value_name = "TIME|DURATION", value_parser = since)]
    pub since: Option<LogSince>,
    /// Only customers, each with fail2ban's own count and the time to a ban at its rate; a count that comes to 60 % of a ban
    /// is an event of its own (near_ban), and so is an entry that is not in force (drift).
    #[arg(long)]
    pub customers: bool,
    /// Run a program of this machine for each ban of a customer, near_ban and drift, with the event as JSON on its stdin: without
    /// a shell or arguments, one at a time, for at most 30 s.
    #[arg(long, value_name = "PROGRAM")]
    pub exec: Option<PathBuf>,
    /// A live view of one host: jails, customers with fail2ban's count, bans, events. `?` in it shows its keys; it changes
    /// nothing until `w` unlocks that.
    #[arg(long, conflicts_with_all = ["jails", "customer", "ip", "since", "customers", "exec"])]
    pub live: bool,
}

impl Arguments {
    /// Whether counts are followed.
    pub fn counts(&self) -> bool {
        self.customers || self.exec.is_some()
    }
}

/// A moment in the past, in one of the forms that the help names.
fn since(text: &str) -> Result<LogSince, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(LogSince::Epoch(moment.timestamp()));
    }
    let local = text.replace('T', " ");
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(&local, format) {
            return Ok(LogSince::Local(moment.format("%Y-%m-%d %H:%M:%S").to_string()));
        }
    }
    for format in ["%H:%M:%S", "%H:%M"] {
        if let Ok(time) = NaiveTime::parse_from_str(text, format) {
            return Ok(LogSince::Local(time.format("%H:%M:%S").to_string()));
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(LogSince::Local(format!("{date} 00:00:00")));
    }
    match Timespan::parse(text) {
        Ok(span) => Ok(LogSince::Ago(span.seconds())),
        Err(_) => Err("neither a duration such as 30m or 2d, nor a time such as 10:15 or 2026-11-22 10:15".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_the_past_are_read_in_every_form_of_the_help() {
        let local = |text: &str| Ok(LogSince::Local(text.to_owned()));
        assert_eq!(since("30m"), Ok(LogSince::Ago(1800)));
        assert_eq!(since("10:15"), local("10:15:00"));
        assert_eq!(since("2026-11-22"), local("2026-11-22 00:00:00"));
        assert_eq!(since("2026-11-22 10:15"), local("2026-11-22 10:15:00"));
        assert_eq!(since("2026-11-22T10:15:07"), local("2026-11-22 10:15:07"));
        assert_eq!(since("2026-11-22T10:15:00+05:30"), Ok(LogSince::Epoch(1_795_322_700)));
        for text in ["yesterday", "", "25:00", "2026-13-01", "-5m"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
