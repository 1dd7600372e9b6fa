//! Attempts to get in: several lines about one attempt are one attempt, by the Call-ID or the session where a line has one.
//!
//! Boundary: whoever calls chooses the Call-ID. So it joins lines of one address only, and only while none of them says
//! what an earlier one says: a second wrong password is a second attempt, whatever it calls itself.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use super::log_line::{Driver, LineKind, LogLine, log_line};

/// A line with its time, seconds of the Unix clock.
#[derive(Debug, Clone, Copy)]
pub struct DatedLine<'text> {
    /// When it was written; absent where it has no date that can be read.
    pub moment: Option<i64>,
    /// The line without its end.
    pub text: &'text str,
}

/// How an attempt ended, as far as the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It got a challenge and was not seen again.
    Challenged,
    /// Nobody by that name, and it was not seen again.
    UnknownAccount,
    /// A call to an extension that does not exist.
    UnknownExtension,
    /// Asterisk's own rules refused it: an ACL, or the account's number of contacts.
    Refused,
    /// A wrong password.
    WrongPassword,
    /// It was let in.
    Success,
}

impl Outcome {
    fn of(kind: LineKind) -> Self {
        match kind {
            LineKind::Challenge => Self::Challenged,
            LineKind::UnknownAccount => Self::UnknownAccount,
            LineKind::WrongPassword => Self::WrongPassword,
            LineKind::Denied | LineKind::TooManyContacts => Self::Refused,
            LineKind::UnknownExtension => Self::UnknownExtension,
            LineKind::Success => Self::Success,
        }
    }

    /// Whether it is one of those that jails are about.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::UnknownAccount | Self::WrongPassword | Self::UnknownExtension
        )
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When its first line was written, seconds of the Unix clock; absent where no line of it has a date.
    pub moment: Option<i64>,
    /// Where it came from; absent where its lines can be read as of several addresses.
    pub address: Option<IpAddr>,
    /// The account that it asked for.
    pub account: Option<String>,
    /// The SIP method.
    pub method: Option<String>,
    /// The transport.
    pub transport: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether its first request was answered as one of nobody's: the sign of a phone that is identified by its password.
    pub began_unknown: bool,
    /// Whether its account had as many contacts as it may.
    pub is_over_contacts: bool,
    /// Who wrote its lines.
    pub driver: Driver,
    /// Asterisk's words about the outcome.
    pub reason: String,
    /// Its lines, by their numbers.
    pub lines: Vec<usize>,
    seen: BTreeSet<(LineKind, bool)>,
    has_session: bool,
}

/// How long the lines of one attempt may lie apart, seconds: a SIP transaction ends after 32.
const TOGETHER: i64 = 32;

/// The attempts that lines are about, in the order of their first lines.
pub fn attempts(lines: &[DatedLine<'_>]) -> Vec<Attempt> {
    let mut found: Vec<Attempt> = Vec::new();
    // By address and session, the attempt that was seen last.
    let mut open: HashMap<(Option<IpAddr>, String), usize> = HashMap::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(entry) = log_line(line.text) else { continue };
        let key = (entry.address, entry.session.clone().unwrap_or_default());
        let before = match entry.session {
            Some(_) => open.get(&key).copied(),
            // A line that names no session goes with the attempt just before it, if that is of the same account.
            None => found
                .iter()
                .rposition(|attempt| attempt.address == entry.address)
                .filter(|place| {
                    found
                        .get(*place)
                        .is_some_and(|attempt| attempt.is_completed_by(&entry, line.moment))
                }),
        };
        let joined = before
            .and_then(|place| found.get_mut(place))
            .filter(|attempt| attempt.takes(&entry, line.moment));
        match joined {
            Some(attempt) => attempt.join(entry, number),
            None => {
                if entry.session.is_some() {
                    open.insert(key, found.len());
                }
                found.push(Attempt::begun(entry, line.moment, number));
            }
        }
    }
    found
}

impl Attempt {
    /// Whether a line of it is no SECURITY event: Asterisk's plain words.
    pub fn has_notice(&self) -> bool {
        self.seen.iter().any(|(_, is_event)| !is_event)
    }

    /// Whether a line of it is a SECURITY event: the log then shows successes, too.
    pub fn has_event(&self) -> bool {
        self.seen.iter().any(|(_, is_event)| *is_event)
    }

    fn begun(entry: LogLine, moment: Option<i64>, number: usize) -> Self {
        Self {
            moment,
            address: entry.address,
            outcome: Outcome::of(entry.kind),
            began_unknown: entry.kind == LineKind::UnknownAccount,
            is_over_contacts: entry.kind == LineKind::TooManyContacts,
            driver: entry.driver,
            seen: BTreeSet::from([(entry.kind, entry.is_event)]),
            has_session: entry.session.is_some(),
            account: entry.account,
            method: entry.method,
            transport: entry.transport,
            reason: entry.reason,
            lines: vec![number],
        }
    }

    /// Whether a line without a session is about this attempt: what refused it, within a second.
    fn is_completed_by(&self, entry: &LogLine, moment: Option<i64>) -> bool {
        let is_next = self
            .moment
            .zip(moment)
            .is_some_and(|(before, now)| (0..=1).contains(&(now - before)));
        let is_refusal = matches!(entry.kind, LineKind::Denied | LineKind::TooManyContacts);
        is_next && is_refusal && self.has_session && (entry.account.is_none() || entry.account == self.account)
    }

    /// Whether a line goes on with this attempt.
    fn takes(&self, entry: &LogLine, moment: Option<i64>) -> bool {
        let is_near = match (self.moment, moment) {
            (Some(before), Some(now)) => (now - before).abs() <= TOGETHER,
            _ => true,
        };
        let same_account = match (&self.account, &entry.account) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        };
        // After a success only what refuses the very request goes on with it.
        let goes_on = self.outcome != Outcome::Success || Outcome::of(entry.kind) == Outcome::Refused;
        is_near && same_account && goes_on && !self.seen.contains(&(entry.kind, entry.is_event))
            // A request that has failed begins anew with its next first request.
            && !(self.outcome == Outcome::WrongPassword && matches!(entry.kind, LineKind::UnknownAccount | LineKind::Challenge)
                && self.seen.iter().any(|(kind, _)| matches!(kind, LineKind::UnknownAccount | LineKind::Challenge)))
    }

    fn join(&mut self, entry: LogLine, number: usize) {
        self.seen.insert((entry.kind, entry.is_event));
        self.lines.push(number);
        self.began_unknown |= entry.kind == LineKind::UnknownAccount;
        self.is_over_contacts |= entry.kind == LineKind::TooManyContacts;
        let outcome = Outcome::of(entry.kind);
        // What was refused after its password was right is refused.
        if outcome > self.outcome || outcome == Outcome::Refused {
            self.outcome = outcome;
            self.reason = entry.reason;
        }
        self.account = self.account.take().or(entry.account);
        self.method = self.method.take().or(entry.method);
        self.transport = self.transport.take().or(entry.transport);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[2026-11-22 06:54:01]";

    fn notice(call: &str, account: &str, reason: &str) -> String {
        format!(
            "{HEAD} NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{account}@192.0.2.1>' failed for \
             '192.0.2.5:44894' (callid: {call}) - {reason}"
        )
    }

    fn event(call: &str, account: &str, name: &str) -> String {
        format!(
            "{HEAD} SECURITY[3] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"x\",Service=\"PJSIP\",\
             EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{call}\",LocalAddress=\"IPV4/UDP/198.51.100.1/5060\",\
             RemoteAddress=\"IPV4/UDP/192.0.2.5/44894\""
        )
    }

    fn of(lines: &[String]) -> Vec<(Outcome, usize)> {
        let dated: Vec<DatedLine> = lines.iter().map(|text| DatedLine { moment: Some(1), text }).collect();
        attempts(&dated)
            .iter()
            .map(|attempt| (attempt.outcome, attempt.lines.len()))
            .collect()
    }

    #[test]
    fn a_register_is_one_attempt_however_many_lines_it_has() {
        let lines = [
            notice("a", "6001", "No matching endpoint found"),
            event("a", "6001", "InvalidAccountID"),
            event("a", "6001", "ChallengeSent"),
            event("b", "6002", "ChallengeSent"),
            event("a", "6001", "SuccessfulAuth"),
            notice("b", "6002", "Failed to authenticate"),
            event("b", "6002", "ChallengeResponseFailed"),
        ];
        assert_eq!(of(&lines), [(Outcome::Success, 4), (Outcome::WrongPassword, 3)]);
    }

    #[test]
    fn a_caller_who_keeps_one_call_id_makes_one_attempt_each_time() {
        let lines: Vec<String> = (0..200)
            .map(|_| notice("x' failed for '0", "6005", "Failed to authenticate"))
            .collect();
        assert_eq!(of(&lines).len(), 200);
        let round = [
            event("x", "6005", "ChallengeSent"),
            notice("x", "6005", "Failed to authenticate"),
            event("x", "6005", "ChallengeResponseFailed"),
        ];
        let lines: Vec<String> = std::iter::repeat_n(round, 50).flatten().collect();
        assert_eq!(of(&lines), vec![(Outcome::WrongPassword, 3); 50]);
        // Nor does it join the attempts on different accounts.
        let lines: Vec<String> = (0..9)
            .map(|number| notice("x", &format!("60{number}"), "No matching endpoint found"))
            .collect();
        assert_eq!(of(&lines).len(), 9);
    }

    #[test]
    fn what_is_over_its_contacts_was_refused_with_the_right_password() {
        let lines = [
            event("a", "6011", "ChallengeSent"),
            event("a", "6011", "SuccessfulAuth"),
            event("a", "6011", "FailedACL").replace("Remote", "ACLName=\"x\",Remote")
                + ",ACLName=\"registrar_max_contacts\"",
        ];
        assert_eq!(of(&lines), [(Outcome::Refused, 3)]);
    }
}
