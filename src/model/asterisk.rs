//! Lines of Asterisk's log, as far as they are about who failed to get in: one SIP attempt may log several of them.
//!
//! fail2ban decides with its own regular expressions; this reading only shows what a line is about, to check whether
//! a jail counts what it should.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// The log level that a line was written at, which decides which filter can see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `notice` in logger.conf.
    Notice,
    /// `security` in logger.conf.
    Security,
}

/// What a line says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// Nobody by that name: every legitimate first REGISTER, and every probe of a scanner.
    Discovery,
    /// A wrong password, or no right to one: the request was answered as one that failed to authenticate.
    Failure,
    /// An endpoint's ACL, or a rule of the registrar's, was not passed. If the request came with a password, a
    /// `Failure` of the same call follows.
    Denied,
}

/// One line about one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The level.
    pub level: Level,
    /// What happened.
    pub event: Event,
    /// Where the request came from.
    pub address: IpAddr,
    /// The SIP call, which ties a NOTICE to the SECURITY event of the same request.
    pub call: String,
}

/// Reads a line; `None` if it is not about an attempt that failed.
pub fn attempt(line: &str) -> Option<Attempt> {
    notice(line).or_else(|| security(line))
}

/// `NOTICE[1] res_pjsip/...: Request 'REGISTER' from '<sip:..>' failed for '192.0.2.5:5060' (callid: X) - REASON`. The
/// caller writes what is between the first quotes, so the line is read from its end.
fn notice(line: &str) -> Option<Attempt> {
    if !line.contains("NOTICE[") || !line.contains(" Request '") {
        return None;
    }
    let (head, reason) = line.rsplit_once(") - ")?;
    let (head, call) = head.rsplit_once(" (callid: ")?;
    let (_, peer) = head.strip_suffix('\'')?.rsplit_once(" failed for '")?;
    let reason = reason.split(" after ").next().unwrap_or(reason).trim_end();
    let event = match reason {
        "No matching endpoint found" => Event::Discovery,
        "Failed to authenticate" | "Error to authenticate" => Event::Failure,
        _ if reason.starts_with("Not match Endpoint") => Event::Denied,
        _ => return None,
    };
    Some(Attempt {
        level: Level::Notice,
        event,
        address: address(peer.rsplit_once(':')?.0)?,
        call: call.to_owned(),
    })
}

/// `SECURITY[1] res_security_log.c:
/// SecurityEvent="InvalidAccountID",...,SessionID="X",...,RemoteAddress="IPV4/UDP/192.0.2.5/5060"`.
fn security(line: &str) -> Option<Attempt> {
    let event = match field(line, "SecurityEvent")? {
        "InvalidAccountID" => Event::Discovery,
        "ChallengeResponseFailed" | "InvalidPassword" => Event::Failure,
        "FailedACL" => denied_or_failed(line),
        _ => return None,
    };
    let peer = field(line, "RemoteAddress")?.split('/').nth(2)?;
    let call = field(line, "SessionID").unwrap_or_default().to_owned();
    Some(Attempt {
        level: Level::Security,
        event,
        address: address(peer)?,
        call,
    })
}

/// Which ACL it was decides whether another line of the same request says the failure.
fn denied_or_failed(line: &str) -> Event {
    let name = field(line, "ACLName").unwrap_or_default();
    match name.starts_with("not_match_endpoint_") || name.starts_with("registrar_") {
        true => Event::Denied,
        false => Event::Failure,
    }
}

/// The last value of `NAME="..."`: earlier fields hold what the caller wrote.
fn field<'line>(line: &'line str, name: &str) -> Option<&'line str> {
    let (_, rest) = match name {
        "SecurityEvent" => line.split_once("SecurityEvent=\"")?,
        _ => line.rsplit_once(&format!(",{name}=\""))?,
    };
    rest.split('"').next()
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// The levels at which attempts are logged.
pub fn levels<'line>(lines: impl IntoIterator<Item = &'line str>) -> BTreeSet<Level> {
    lines
        .into_iter()
        .filter_map(attempt)
        .map(|attempt| attempt.level)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = "[2026-11-22 06:54:01] NOTICE[31194] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from \
         '<sip:6001@192.0.2.1>' failed for '192.0.2.5:44894' (callid: dd40ac@192.0.2.5) - Failed to authenticate";
    const SECURITY: &str = "[2026-11-22 06:54:01] SECURITY[31209] res_security_log.c: \
         SecurityEvent=\"ChallengeResponseFailed\",EventTV=\"2026-11-22T06:54:01.933+0000\",AccountID=\"6001\",\
         SessionID=\"dd40ac@192.0.2.5\",LocalAddress=\"IPV4/UDP/198.51.100.1/5060\",\
         RemoteAddress=\"IPV4/UDP/192.0.2.5/44894\",Challenge=\"x\"";

    #[test]
    fn a_notice_and_its_security_event_are_one_attempt() {
        let (notice, security) = (attempt(NOTICE).expect("notice"), attempt(SECURITY).expect("security"));
        assert_eq!((notice.event, notice.level), (Event::Failure, Level::Notice));
        assert_eq!((security.event, security.level), (Event::Failure, Level::Security));
        assert_eq!((notice.address, &notice.call), (security.address, &security.call));
    }

    #[test]
    fn a_first_register_is_a_discovery_with_or_without_its_count() {
        let line = NOTICE.replace("Failed to authenticate", "No matching endpoint found");
        assert_eq!(attempt(&line).expect("plain").event, Event::Discovery);
        let counted = format!("{line} after 5 tries in 100 ms");
        assert_eq!(attempt(&counted).expect("counted").event, Event::Discovery);
    }

    #[test]
    fn a_denied_request_is_told_from_the_failure_that_follows_it() {
        let denied = NOTICE.replace("Failed to authenticate", "Not match Endpoint Contact ACL");
        assert_eq!(attempt(&denied).expect("a notice").event, Event::Denied);
        let event = |name: &str| {
            let line = SECURITY.replace("ChallengeResponseFailed", "FailedACL");
            attempt(&line.replace("Challenge=", &format!("ACLName=\"{name}\",X="))).expect("an event")
        };
        assert_eq!(event("not_match_endpoint_acl").event, Event::Denied);
        assert_eq!(event("registrar_attempt_without_configured_aors").event, Event::Denied);
        assert_eq!(event("domain_must_match").event, Event::Failure);
    }

    #[test]
    fn what_is_no_failure_is_passed_over() {
        let granted = SECURITY.replace("ChallengeResponseFailed", "SuccessfulAuth");
        for line in [
            granted.as_str(),
            "",
            "NOTICE[1] Request 'x'",
            "RemoteAddress=\"\"",
            "(callid: ) - ",
        ] {
            assert_eq!(attempt(line), None, "{line:?}");
        }
    }
}
