//! Log lines as Asterisk 22 and sshd write them, with times of just now, so that the jails of the
//! rehearsal host have something to count.

use std::fmt::Write as _;

use chrono::{DateTime, Local, TimeDelta};

/// The phones of a whitelisted customer that come back at once: 9 phones, 3 rounds.
const STORM: &str = "203.0.113.10";
/// How many first REGISTERs the storm has (runbook, Why two asterisk jails: "~10–30 such lines").
pub(super) const STORM_LINES: i64 = 27;
/// A scanner that stays below the lenient jail's 50.
const SCANNER: &str = "198.51.100.66";
/// How many users the scanner has tried.
pub(super) const SCANNER_LINES: i64 = 18;
/// Someone with wrong passwords, below the strict jail's 3.
const GUESSER: &str = "192.0.2.77";
/// How many passwords were tried.
pub(super) const GUESSER_LINES: i64 = 2;

/// messages.log of the last minutes before `now`, in the order of time.
pub(super) fn asterisk(now: DateTime<Local>) -> String {
    let mut log = String::new();
    for step in 0..STORM_LINES {
        let time = now - TimeDelta::milliseconds(300_000 - step * 400);
        let request = Request {
            time,
            address: STORM,
            port: 40_000 + step,
            account: 6011 + step % 9,
            server: "198.51.100.20",
        };
        request.unknown_endpoint(&mut log);
        request.event(&mut log, "SuccessfulAuth", "Informational");
    }
    for step in 0..SCANNER_LINES {
        let time = now - TimeDelta::seconds(240 - step * 5);
        let request = Request {
            time,
            address: SCANNER,
            port: 51_000 + step * 7,
            account: 1000 + step,
            server: "198.51.100.20",
        };
        request.unknown_endpoint(&mut log);
    }
    for step in 0..GUESSER_LINES {
        let time = now - TimeDelta::seconds(120 - step * 20);
        let request = Request {
            time,
            address: GUESSER,
            port: 44_894 + step,
            account: 6001,
            server: "198.51.100.20",
        };
        request.notice(&mut log, "Failed to authenticate");
        request.event(&mut log, "ChallengeResponseFailed", "Error");
    }
    log
}

/// auth.log of the last minutes before `now`.
pub(super) fn login(now: DateTime<Local>) -> String {
    let mut log = String::new();
    for (step, user) in [(0, "admin"), (1, "oracle")] {
        let time = now - TimeDelta::seconds(200 - step * 30);
        // Writing to a String cannot fail.
        let _ = writeln!(
            log,
            "{} lab sshd[{}]: Failed password for invalid user {user} from {SCANNER} port {} ssh2",
            time.format("%b %e %H:%M:%S"),
            4200 + step,
            38_200 + step,
        );
    }
    log
}

/// One REGISTER as Asterisk would log it.
struct Request {
    time: DateTime<Local>,
    address: &'static str,
    port: i64,
    account: i64,
    server: &'static str,
}

impl Request {
    /// A first REGISTER under `identify_by=auth_username`: a NOTICE and, where the security level
    /// goes to the same file, an event with the same address.
    fn unknown_endpoint(&self, log: &mut String) {
        self.notice(log, "No matching endpoint found");
        self.event(log, "InvalidAccountID", "Error");
    }

    fn notice(&self, log: &mut String, what: &str) {
        let Self {
            time,
            address,
            port,
            account,
            server,
        } = self;
        let _ = writeln!(
            log,
            "[{}] NOTICE[31194] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{account}@{server}>' \
             failed for '{address}:{port}' (callid: {}) - {what}",
            time.format("%F %T"),
            self.call(),
        );
    }

    fn event(&self, log: &mut String, event: &str, severity: &str) {
        let Self {
            time,
            address,
            port,
            account,
            server,
        } = self;
        let _ = writeln!(
            log,
            "[{}] SECURITY[31209] res_security_log.c: SecurityEvent=\"{event}\",EventTV=\"{}\",Severity=\"{severity}\",\
             Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{}\",\
             LocalAddress=\"IPV4/UDP/{server}/5060\",RemoteAddress=\"IPV4/UDP/{address}/{port}\"",
            time.format("%F %T"),
            time.format("%FT%T%.3f%z"),
            self.call(),
        );
    }

    fn call(&self) -> String {
        format!("{:x}{:x}@{}", self.time.timestamp_millis(), self.port, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_in_order_and_of_just_now() {
        let now = Local::now();
        let log = asterisk(now);
        let times: Vec<&str> = log.lines().map(|line| &line[1..20]).collect();
        assert!(times.is_sorted());
        let latest = now.format("%F %T").to_string();
        assert!(*times.last().unwrap() <= latest.as_str());
        let count = |address: &str, text: &str| {
            log.lines()
                .filter(|line| line.contains(address) && line.contains(text))
                .count()
        };
        assert_eq!(count("'203.0.113.10:", "No matching endpoint found"), 27);
        assert_eq!(count("'198.51.100.66:", "No matching endpoint found"), 18);
        assert_eq!(count("'192.0.2.77:", "Failed to authenticate"), 2);
        assert_eq!(login(now).lines().count(), 2);
    }
}
