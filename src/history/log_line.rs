//! What one line of Asterisk's log says of an attempt to get in: PJSIP of 13 to 22, chan_sip, IAX2, AMI, SECURITY events,
//! as files and syslog have them, with and without colour codes.
//!
//! Boundary: one line. Several lines may be about one attempt; and what a jail counts of them, fail2ban alone decides.
//! Whoever calls chooses From, the account and the Call-ID: where a line can be read as of two addresses, it is of none.

use std::borrow::Cow;
use std::net::IpAddr;

/// The part of Asterisk that wrote a line, or was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Driver {
    /// res_pjsip.
    Pjsip,
    /// chan_sip.
    ChanSip,
    /// chan_iax2.
    Iax2,
    /// The manager interface (AMI).
    Manager,
    /// Any other.
    Other,
}

/// What a line says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// The request was answered with a challenge.
    Challenge,
    /// Nobody by that name: a probe, or the first request of a phone that is identified by its password.
    UnknownAccount,
    /// A wrong password, or none where one is needed.
    WrongPassword,
    /// An ACL or another rule of Asterisk's refused the request, whatever the password.
    Denied,
    /// The account has as many contacts as it may.
    TooManyContacts,
    /// A call to an extension that does not exist.
    UnknownExtension,
    /// It was let in.
    Success,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// What happened.
    pub kind: LineKind,
    /// Who wrote it.
    pub driver: Driver,
    /// Whether it is a SECURITY event.
    pub is_event: bool,
    /// Where the request came from; absent where the caller wrote what looks like another address.
    pub address: Option<IpAddr>,
    /// The account that was asked for.
    pub account: Option<String>,
    /// The SIP method.
    pub method: Option<String>,
    /// `UDP`, `TCP`, `TLS`, `WS`, `WSS`.
    pub transport: Option<String>,
    /// The Call-ID or the session, which the caller may have chosen.
    pub session: Option<String>,
    /// Asterisk's own words.
    pub reason: String,
}

/// How far into a line its level stands; behind that may be what a caller wrote.
const HEAD: usize = 200;
const LEVELS: [&str; 6] = ["NOTICE", "WARNING", "ERROR", "SECURITY", "VERBOSE", "DEBUG"];

/// What a line says; `None` if it is about no attempt.
pub fn log_line(line: &str) -> Option<LogLine> {
    let line = without_colours(line);
    let message = message(&line)?;
    event(message)
        .or_else(|| request(message))
        .or_else(|| registration(message))
        .or_else(|| others(message))
}

/// How a line has the beginning of a colour code: as it is, or as syslog writes it.
const COLOURS: [&str; 2] = ["\u{1b}[", "#033["];

/// Whether a line has colour codes of a terminal in front of its text.
pub fn is_coloured(line: &str) -> bool {
    let head: String = line.chars().take(HEAD).collect();
    COLOURS.iter().any(|code| head.contains(code))
}

/// A line without the colour codes of a terminal.
fn without_colours(line: &str) -> Cow<'_, str> {
    let line = match line.contains("#033[") {
        true => Cow::Owned(line.replace("#033[", "\u{1b}[")),
        false => Cow::Borrowed(line),
    };
    if !line.contains('\u{1b}') {
        return line;
    }
    let mut kept = String::with_capacity(line.len());
    let mut pieces = line.split("\u{1b}[");
    kept.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let code = piece.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        kept.push_str(code.strip_prefix('m').unwrap_or(code));
    }
    Cow::Owned(kept)
}

/// What stands behind `LEVEL[123][C-0000000a]: file.c:123 in function: `.
fn message(line: &str) -> Option<&str> {
    let end = line
        .char_indices()
        .map(|(place, _)| place)
        .nth(HEAD)
        .unwrap_or(line.len());
    let head = line.get(..end)?;
    let level = LEVELS.iter().filter_map(|level| {
        let place = head.find(level)?;
        let rest = line.get(place + level.len()..)?;
        rest.trim_start().starts_with('[').then_some((place, rest))
    });
    let (_, mut rest) = level.min_by_key(|(place, _)| *place)?;
    while let Some(inner) = rest.trim_start().strip_prefix('[') {
        rest = inner.split_once(']')?.1;
    }
    let rest = rest.trim_start_matches(':').trim_start();
    // The dialplan's own lines name an extension instead of a file.
    if rest.starts_with("Ext. ") {
        return Some(rest);
    }
    let (source, mut rest) = rest.split_once(": ").or_else(|| rest.split_once(' '))?;
    // syslog has the function as well.
    let is_function = |word: &str| !word.contains([' ', '\'', '"']) && !word.is_empty();
    if source.contains(':') || source.contains(" in ") {
        return Some(rest);
    }
    if let Some((function, after)) = rest.split_once(": ")
        && rest.strip_prefix("in ").is_some()
        && is_function(function.trim_start_matches("in "))
    {
        rest = after;
    }
    Some(rest)
}

/// `SecurityEvent="InvalidAccountID",...,SessionID="X",...,RemoteAddress="IPV4/UDP/192.0.2.5/5060"`.
fn event(message: &str) -> Option<LogLine> {
    let rest = message.strip_prefix("SecurityEvent=\"")?;
    let (name, rest) = rest.split_once('"')?;
    let acl = last_field(rest, "ACLName").unwrap_or_default();
    let kind = match name {
        "InvalidAccountID" => LineKind::UnknownAccount,
        "ChallengeResponseFailed" | "InvalidPassword" | "AuthMethodNotAllowed" | "RequestBadFormat" => {
            LineKind::WrongPassword
        }
        "FailedACL" if acl.contains("maximum_configured_contacts") => LineKind::TooManyContacts,
        "FailedACL" | "LoadAverageLimit" | "RequestNotAllowed" | "RequestNotSupported" | "SessionLimit" => {
            LineKind::Denied
        }
        "ChallengeSent" => LineKind::Challenge,
        "SuccessfulAuth" => LineKind::Success,
        _ => return None,
    };
    let service = first_field(rest, "Service").unwrap_or_default();
    let remote = last_field(rest, "RemoteAddress")?;
    let mut parts = remote.split('/').skip(1);
    let transport = parts.next().filter(|word| !word.is_empty()).map(str::to_owned);
    let account =
        between(rest, ",AccountID=\"", "\",SessionID=\"").filter(|name| *name != "<unknown>" && !name.is_empty());
    let session = between(rest, "\",SessionID=\"", "\",LocalAddress=\"").filter(|name| !name.is_empty());
    let reason = if acl.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({acl})")
    };
    Some(LogLine {
        kind,
        driver: match service {
            "PJSIP" => Driver::Pjsip,
            "SIP" => Driver::ChanSip,
            "IAX2" => Driver::Iax2,
            "AMI" => Driver::Manager,
            _ => Driver::Other,
        },
        is_event: true,
        address: parts.next().and_then(address),
        account: account.map(user),
        method: None,
        transport,
        session: session.map(str::to_owned),
        reason,
    })
}

/// `Request 'REGISTER' from '<sip:..>' failed for '192.0.2.5:5060' (callid: X) - REASON`, of PJSIP.
fn request(message: &str) -> Option<LogLine> {
    let rest = message.strip_prefix("Request ")?;
    let (method, rest) = match rest.strip_prefix('\'') {
        Some(rest) => {
            let (method, rest) = rest.split_once("' from '")?;
            (Some(method), rest)
        }
        None => (None, rest.strip_prefix("from '")?),
    };
    let (head, reason) = rest.rsplit_once(") - ")?;
    let reason = reason.trim_end();
    let plain = reason.split(" after ").next().unwrap_or(reason);
    let kind = match plain {
        "No matching endpoint found" => LineKind::UnknownAccount,
        "Failed to authenticate" | "Error to authenticate" => LineKind::WrongPassword,
        _ if plain.starts_with("Not match Endpoint") => LineKind::Denied,
        _ => return None,
    };
    // The caller may have written such a place into From or into the Call-ID: then there are two.
    let places: Vec<(&str, &str, IpAddr)> = head
        .match_indices("' failed for '")
        .filter_map(|(place, found)| {
            let (from, rest) = (head.get(..place)?, head.get(place + found.len()..)?);
            let (peer, call) = rest.split_once("' (callid: ")?;
            Some((from, call, address(peer.rsplit_once(':')?.0)?))
        })
        .collect();
    let (from, call, _) = places.first()?;
    // A From that is one plain URI ends where Asterisk ended it, so that what follows is Asterisk's; else nobody knows.
    let address = match places.as_slice() {
        [(_, _, one)] => Some(*one),
        [(from, _, first), ..] if is_plain_uri(from) => Some(*first),
        _ => None,
    };
    Some(LogLine {
        kind,
        driver: Driver::Pjsip,
        is_event: false,
        address,
        account: account_of(from),
        method: method.map(str::to_owned),
        transport: None,
        session: (!call.is_empty()).then(|| (*call).to_owned()),
        reason: plain.to_owned(),
    })
}

/// `Registration from '"100" <sip:100@host>' failed for '192.0.2.5:5060' - REASON`, of chan_sip.
fn registration(message: &str) -> Option<LogLine> {
    let rest = message.strip_prefix("Registration from '")?;
    let (head, reason) = rest.rsplit_once("' - ")?;
    let (from, peer) = head.rsplit_once("' failed for '")?;
    let kind = match reason.trim_end() {
        "Wrong password" | "Username/auth name mismatch" => LineKind::WrongPassword,
        "No matching peer found" | "Not a local domain" => LineKind::UnknownAccount,
        _ => LineKind::Denied,
    };
    Some(LogLine {
        account: account_of(from),
        method: Some("REGISTER".to_owned()),
        ..plain(kind, Driver::ChanSip, peer_address(peer), reason.trim_end())
    })
}

/// The other forms, each of a few words.
fn others(message: &str) -> Option<LogLine> {
    let text = message.trim_end();
    call(text)
        .or_else(|| contacts(text))
        .or_else(|| iax_or_manager(text))
        .or_else(|| acl(text))
}

/// `Call from '..' (TCP:192.0.2.5:5060) to extension '0' rejected because extension not found in context 'x'.`
fn call(text: &str) -> Option<LogLine> {
    let rest = text.strip_prefix("Call from '")?;
    let (head, reason) = rest.rsplit_once("' rejected because ")?;
    let (head, _) = head.rsplit_once(") to extension '")?;
    let (account, peer) = head.rsplit_once("' (")?;
    let (transport, peer) = match peer.split_once(':') {
        Some((word @ ("UDP" | "TCP" | "TLS" | "WS" | "WSS"), peer)) => (Some(word.to_owned()), peer),
        _ => (None, peer),
    };
    reason.starts_with("extension not found").then(|| LogLine {
        account: (!account.is_empty()).then(|| user(account)),
        method: Some("INVITE".to_owned()),
        transport,
        ..plain(
            LineKind::UnknownExtension,
            Driver::Other,
            peer_address(peer),
            "extension not found",
        )
    })
}

/// `Registration attempt from endpoint '6011' (203.0.113.10:42333) to AOR '6011' will exceed max contacts of 5`.
fn contacts(text: &str) -> Option<LogLine> {
    let rest = text.strip_prefix("Registration attempt from endpoint '")?;
    let (head, reason) = rest.rsplit_once(" will exceed max contacts")?;
    let (account, rest) = head.split_once("' (")?;
    let (peer, _) = rest.split_once(") to AOR")?;
    Some(LogLine {
        account: Some(user(account)),
        method: Some("REGISTER".to_owned()),
        ..plain(
            LineKind::TooManyContacts,
            Driver::Pjsip,
            peer_address(peer),
            &format!("max_contacts{reason}"),
        )
    })
}

/// `Host 192.0.2.5 failed to authenticate as 'x'` of IAX2, the same without `Host` of AMI, and their like.
fn iax_or_manager(text: &str) -> Option<LogLine> {
    if let Some(rest) = text.strip_prefix("No registration for peer '") {
        let (account, rest) = rest.split_once("' (from ")?;
        let entry = plain(
            LineKind::UnknownAccount,
            Driver::Iax2,
            peer_address(rest.strip_suffix(')')?),
            "No registration for peer",
        );
        return Some(LogLine {
            account: Some(user(account)),
            ..entry
        });
    }
    if let Some(rest) = text.strip_prefix("hacking attempt detected '") {
        return Some(plain(
            LineKind::Denied,
            Driver::ChanSip,
            peer_address(rest.strip_suffix('\'')?),
            "hacking attempt detected",
        ));
    }
    let (driver, rest) = match text.strip_prefix("Host ") {
        Some(rest) => (Driver::Iax2, rest),
        None => (Driver::Manager, text),
    };
    let forms = [
        (" failed to authenticate as ", LineKind::WrongPassword),
        (" failed MD5 authentication for ", LineKind::WrongPassword),
        (
            " tried to authenticate with nonexistent user ",
            LineKind::UnknownAccount,
        ),
    ];
    forms.into_iter().find_map(|(words, kind)| {
        let (peer, account) = rest.split_once(words)?;
        let account = account
            .split_once('\'')
            .map_or(account, |(_, quoted)| quoted.split('\'').next().unwrap_or_default());
        let entry = plain(kind, driver, Some(peer_address(peer)?), words.trim());
        Some(LogLine {
            account: Some(user(account)),
            ..entry
        })
    })
}

/// `SIP ACL: Rejecting '192.0.2.5' due to a failure to pass ACL 'x'`, and the dialplan's own refusal.
fn acl(text: &str) -> Option<LogLine> {
    if let Some((_, rest)) = text.split_once("\"Rejecting unknown SIP connection from ") {
        return Some(plain(
            LineKind::Denied,
            Driver::Other,
            peer_address(rest.strip_suffix('"')?),
            "Rejecting unknown SIP connection",
        ));
    }
    let (_, rest) = text.split_once("ACL: Rejecting '")?;
    let (peer, reason) = rest.split_once('\'')?;
    Some(plain(
        LineKind::Denied,
        Driver::Pjsip,
        peer_address(peer),
        reason.trim_start(),
    ))
}

fn plain(kind: LineKind, driver: Driver, address: Option<IpAddr>, reason: &str) -> LogLine {
    LogLine {
        kind,
        driver,
        is_event: false,
        address,
        account: None,
        method: None,
        transport: None,
        session: None,
        reason: reason.to_owned(),
    }
}

fn first_field<'line>(text: &'line str, name: &str) -> Option<&'line str> {
    text.split_once(&format!(",{name}=\""))?.1.split('"').next()
}

/// The last value of `NAME="..."`: earlier fields hold what the caller wrote.
fn last_field<'line>(text: &'line str, name: &str) -> Option<&'line str> {
    text.rsplit_once(&format!(",{name}=\""))?.1.split('"').next()
}

fn between<'line>(text: &'line str, begin: &str, end: &str) -> Option<&'line str> {
    Some(text.split_once(begin)?.1.split_once(end)?.0)
}

/// The account in a From: the user of its last URI.
fn account_of(from: &str) -> Option<String> {
    let (_, uri) = from.rsplit_once("sip:").or_else(|| from.rsplit_once("sips:"))?;
    let name = uri.split(['@', '>', ';']).next()?;
    (!name.is_empty()).then(|| user(name))
}

/// Whether a From is `<sip:user@host>` and nothing else: pjsip writes no blank and no quote into that.
fn is_plain_uri(from: &str) -> bool {
    let inner = from.strip_prefix('<').and_then(|from| from.strip_suffix('>'));
    inner.is_some_and(|uri| !uri.contains(['<', '>', '"', '\'', ' ']))
}

/// An account's name without what some services write around it.
fn user(name: &str) -> String {
    name.trim_matches(['\'', '"']).to_owned()
}

/// An address, with or without a port.
fn peer_address(peer: &str) -> Option<IpAddr> {
    address(peer).or_else(|| address(peer.rsplit_once(':')?.0))
}

fn address(text: &str) -> Option<IpAddr> {
    let inner = text.trim_start_matches('[').trim_end_matches(']');
    inner.parse().ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_asterisk_has_its_own_words() {
        for (line, kind, address, account) in [
            (
                "[2016-05-23 10:18:16] NOTICE[19388] res_pjsip/pjsip_distributor.c: Request from '\"1000\" <sip:1000@10.0.0.1>' \
                 failed for '192.0.2.4:48336' (callid: 276666022) - No matching endpoint found after 5 tries in 100 ms",
                LineKind::UnknownAccount,
                "192.0.2.4",
                "1000",
            ),
            (
                "Nov  4 18:30:40 pbx asterisk[32229]: NOTICE[32257]: chan_sip.c:23417 in handle_request_register: \
                 Registration from '<sip:301@example.com>' failed for '192.0.2.100:36998' - Wrong password",
                LineKind::WrongPassword,
                "192.0.2.100",
                "301",
            ),
            (
                "[2012-02-13 17:18:22] NOTICE[1638] chan_sip.c: Registration from '\"100\"sip:100@192.0.2.4' failed for \
                 '192.0.2.4:23930' - No matching peer found",
                LineKind::UnknownAccount,
                "192.0.2.4",
                "100",
            ),
            (
                "[2012-02-13 17:53:59] NOTICE[1638] chan_iax2.c: Host 192.0.2.4 failed to authenticate as 'Fail2ban'",
                LineKind::WrongPassword,
                "192.0.2.4",
                "Fail2ban",
            ),
            (
                "[2012-02-13 17:53:59] WARNING[1638] chan_iax2.c: Host 192.0.2.4:4569 failed to authenticate as 7001",
                LineKind::WrongPassword,
                "192.0.2.4",
                "7001",
            ),
            (
                "[2016-05-06 07:08:09] NOTICE[31554] manager.c: 192.0.2.4 tried to authenticate with nonexistent user 'opennms'",
                LineKind::UnknownAccount,
                "192.0.2.4",
                "opennms",
            ),
            (
                "[Jan 18 17:39:50] NOTICE[12049]: res_pjsip_session.c:2337 new_invite: Call from '6004' (TCP:[192.0.2.4]:61470) \
                 to extension '9011+442037690237' rejected because extension not found in context 'default'.",
                LineKind::UnknownExtension,
                "192.0.2.4",
                "6004",
            ),
            (
                "[2026-11-22 06:53:59] WARNING[31194] res_pjsip_registrar.c: Registration attempt from endpoint '6011' \
                 (203.0.113.10:42333) to AOR '6011' will exceed max contacts of 5",
                LineKind::TooManyContacts,
                "203.0.113.10",
                "6011",
            ),
            (
                "\u{1b}[1;30m[2026-11-22 06:53:59]\u{1b}[0m \u{1b}[33mNOTICE\u{1b}[0m[1]: chan_iax2.c:1 f: No registration for \
                 peer 'x' (from 2001:db8::5)",
                LineKind::UnknownAccount,
                "2001:db8::5",
                "x",
            ),
            (
                "[2026-11-27 16:53:05] SECURITY[1404] res_security_log.c: SecurityEvent=\"SuccessfulAuth\",EventTV=\"2026\",\
                 Severity=\"Informational\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"6002\",SessionID=\"aad5@203.0.113.77\",\
                 LocalAddress=\"IPV4/UDP/10.78.71.2/5060\",RemoteAddress=\"IPV4/UDP/203.0.113.77/57229\",UsingPassword=\"1\"",
                LineKind::Success,
                "203.0.113.77",
                "6002",
            ),
        ] {
            let found = log_line(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found.kind, kind, "{line}");
            assert_eq!(found.address, address.parse().ok(), "{line}");
            assert_eq!(found.account.as_deref(), Some(account), "{line}");
        }
    }

    #[test]
    fn a_line_that_can_be_read_as_of_two_addresses_is_of_none() {
        let line = "NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:6001@198.51.100.20>' failed for \
                    '192.0.2.9:5060' (callid: 1) - x' failed for '203.0.113.99:5060' (callid: 2) - Failed to authenticate";
        // A From that is a plain URI cannot hold the first of them.
        let found = log_line(line).expect("an attempt");
        assert_eq!(
            (found.kind, found.address),
            (LineKind::WrongPassword, "192.0.2.9".parse().ok())
        );
        let crafted = line.replace("'<sip:6001@198.51.100.20>'", "'\"x\\' <sip:6001@198.51.100.20>'");
        assert_eq!(log_line(&crafted).expect("an attempt").address, None);
        // What cannot be such a place leaves no doubt.
        let line = line.replace("1) - x' failed for '203.0.113.99:5060' (callid: 2", "x' failed for '0");
        assert_eq!(log_line(&line).expect("an attempt").address, "192.0.2.9".parse().ok());
    }

    #[test]
    fn an_event_is_of_the_address_at_its_end() {
        let line = "SECURITY[6988] res_security_log.c: SecurityEvent=\"InvalidAccountID\",EventTV=\"x\",Service=\"PJSIP\",\
                    AccountID=\"70000180\",SessionID=\"\",LocalAddress=\"IPV4/UDP/127.0.0.1/5060\",\
                    RemoteAddress=\"IPV4/UDP/192.0.2.8/1111\"\",LocalAddress=\"IPV4/UDP/192.0.2.3/5060\",\
                    RemoteAddress=\"IPV4/UDP/192.0.2.251/5061\"";
        assert_eq!(log_line(line).expect("an event").address, "192.0.2.251".parse().ok());
    }

    #[test]
    fn what_is_about_no_attempt_is_passed_over() {
        for line in [
            "",
            "[",
            "NOTICE[",
            "NOTICE[1] a",
            "VERBOSE[1] x.c: Request 'OPTIONS' from '",
            "SECURITY[1] r: SecurityEvent=\"\"",
        ] {
            assert_eq!(log_line(line), None, "{line:?}");
        }
    }
}
