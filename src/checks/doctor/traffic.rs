//! Recent traffic, replayed through the jails' own filters: does each count what it is meant to, and once?

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::document::{Finding, FindingCode as Code, Severity, shell_word};
use crate::history::{Driver, LineKind, is_coloured, log_line};
use crate::model::comment_text::escaped;
use crate::model::known::Known;
use crate::model::observed::Replay;
use crate::model::some::some;

use super::asterisk::logged;
use super::evidence::{Evidence, unknown};
use super::jails::unusable;

/// How many of the newest attempts tell which levels are logged now; `split` chooses its filters by as many.
const NEWEST: usize = 6;
/// How much of a line is shown, characters.
const SHOWN: usize = 60;

const STRICT: &str = crate::model::runbook::AUTH.name;

/// The log level that a line was written at, which decides which filter can see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Notice,
    Security,
}

/// What a line says happened, as far as a jail should count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// Nobody by that name: every legitimate first REGISTER, and every probe of a scanner.
    Discovery,
    /// A wrong password, or no right to one.
    Failure,
    /// A rule of an endpoint or of the registrar. If the request came with a password, a failure of the same call follows.
    Denied,
}

/// One line about one attempt.
struct Attempt {
    level: Level,
    event: Event,
    driver: Driver,
    address: Option<IpAddr>,
    call: String,
}

impl Attempt {
    /// Whether two lines are about one attempt. The caller chooses the name of his call, and may take another's; where his
    /// address is not clear, the name alone decides.
    fn is_of(&self, other: &Self) -> bool {
        let is_there = self.address.is_none() || other.address.is_none();
        self.call == other.call && (is_there || self.address == other.address)
    }
}

/// Reads a line; `None` if it is not about an attempt that failed.
fn attempt(line: &str) -> Option<Attempt> {
    let read = log_line(line)?;
    // Which ACL it was decides whether another line of the same request says the failure.
    let of_the_request = ["(not_match_endpoint_", "(registrar_"];
    let event = match read.kind {
        LineKind::UnknownAccount => Event::Discovery,
        LineKind::WrongPassword => Event::Failure,
        LineKind::Denied | LineKind::TooManyContacts => {
            match read.is_event && !of_the_request.iter().any(|name| read.reason.contains(name)) {
                true => Event::Failure,
                false => Event::Denied,
            }
        }
        LineKind::Challenge | LineKind::Success | LineKind::UnknownExtension => return None,
    };
    Some(Attempt {
        level: if read.is_event { Level::Security } else { Level::Notice },
        event,
        driver: read.driver,
        address: read.address,
        call: read.session.unwrap_or_default(),
    })
}

/// How many lines of each kind there are.
type Kinds = BTreeMap<(Level, Event), usize>;

/// Runs these checks. A log without failures has nothing to say, and files that cannot be used have no jail that counts:
/// that is a finding of its own, and says nothing of the jails that run.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    if evidence.disk.value().is_some_and(|disk| unusable(disk).is_some()) {
        return Vec::new();
    }
    let replay = match evidence.replay.read() {
        Ok(replay) => replay,
        Err(reason) => return vec![unknown("Recent traffic", reason)],
    };
    let attempts: BTreeMap<usize, Attempt> = replay
        .lines
        .iter()
        .enumerate()
        .filter_map(|(number, line)| Some((number, attempt(line)?)))
        .collect();
    let mut found = Vec::new();
    for (name, counted) in &replay.counted {
        match counted {
            Known::Unknown { unknown: reason, .. } => found.push(unknown(&format!("What jail {name} counts"), reason)),
            Known::Value { value } => {
                let numbers: Vec<usize> = value.iter().map(|(number, _)| *number).collect();
                found.extend(strict(name, &numbers, &attempts));
                found.extend(doubled(name, &numbers, &attempts));
            }
        }
    }
    found.extend(unseen(replay, &attempts, &|level| logged_now(evidence, level)));
    found.extend(deaf(replay));
    found
}

/// Whether logger.conf has a level for Asterisk's log; none where that is not known.
fn logged_now(evidence: &Evidence<'_>, level: Level) -> Option<bool> {
    let look = evidence.observed.asterisk.value()?;
    let word = match level {
        Level::Notice => "notice",
        Level::Security => "security",
    };
    logged(look, look.read(evidence.asterisk_log)?, word)
}

/// The strict jail must not count what every legitimate phone logs first.
fn strict(name: &str, counted: &[usize], attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
    if name != STRICT {
        return None;
    }
    let of = |number: &usize| {
        attempts
            .get(number)
            .is_some_and(|attempt| attempt.event == Event::Discovery)
    };
    let first = counted.iter().filter(|number| of(number)).count();
    if first == 0 {
        return None;
    }
    let message = format!(
        "Jail {STRICT} counts {first} recent lines that every legitimate first REGISTER logs: three phones that come back \
         are banned for a day."
    );
    Some(Finding::new(
        Code::StrictCountsFirstRegisters,
        Severity::Error,
        message,
        "`f2bctl split` installs filters that do not",
    ))
}

/// One SIP attempt logs a NOTICE and a SECURITY event: a jail that counts both bans at half its threshold. A denial and
/// the failure that follows it are one attempt as well. A phone that tries again keeps the name of its call, so two lines
/// of the same kind are two attempts.
fn doubled(name: &str, counted: &[usize], attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
    let mut calls: BTreeMap<(&str, bool), Kinds> = BTreeMap::new();
    for attempt in counted.iter().filter_map(|number| attempts.get(number)) {
        let first = attempt.event == Event::Discovery;
        if !attempt.call.is_empty() {
            let kinds = calls.entry((attempt.call.as_str(), first)).or_default();
            *kinds.entry((attempt.level, attempt.event)).or_default() += 1;
        }
    }
    // The kind of which there are most lines tells how many attempts the call had; what is beyond that was counted again.
    let again = |kinds: &Kinds| kinds.values().sum::<usize>() - kinds.values().max().unwrap_or(&0);
    let twice: usize = calls.values().map(again).sum();
    if twice == 0 {
        return None;
    }
    let message =
        format!("Jail {name} counts {twice} recent attempts twice: once as NOTICE and once as SECURITY event.");
    Some(Finding::new(
        Code::CountedTwice,
        Severity::Warning,
        message,
        "`f2bctl split` installs the filters for the levels that this log holds",
    ))
}

/// Attempts of which no jail counts any line. A denied request without a password is none: it is answered with a challenge,
/// and what comes back is counted; and a level that is logged no more is none of now. While one jail could not be asked,
/// nobody knows: it may be the one that counts them.
fn unseen(
    replay: &Replay,
    attempts: &BTreeMap<usize, Attempt>,
    logged: &dyn Fn(Level) -> Option<bool>,
) -> Option<Finding> {
    let asked: Option<Vec<_>> = replay.counted.values().map(Known::value).collect();
    let counted: BTreeSet<usize> = asked?.into_iter().flatten().map(|(number, _)| *number).collect();
    if replay.counted.is_empty() {
        return None;
    }
    let seen: Vec<&Attempt> = counted.iter().filter_map(|number| attempts.get(number)).collect();
    let newest: Vec<Level> = attempts
        .values()
        .rev()
        .take(NEWEST)
        .map(|attempt| attempt.level)
        .collect();
    let is_now = |level: Level| {
        let gone = newest.len() == NEWEST && !newest.contains(&level);
        logged(level).unwrap_or(!gone)
    };
    let missed: BTreeMap<usize, &Attempt> = attempts
        .iter()
        .filter(|(_, attempt)| attempt.event != Event::Denied && is_now(attempt.level))
        // A notice and an event of the other drivers have no name in common, by which one would stand for both.
        .filter(|(_, attempt)| attempt.driver == Driver::Pjsip || seen.is_empty() && is_unread(replay, attempts))
        .filter(|(_, attempt)| !seen.iter().any(|other| attempt.is_of(other)))
        .map(|(number, attempt)| (*number, attempt))
        .collect();
    if missed.is_empty() {
        return foreign(replay, attempts, &counted);
    }
    let (why, fix) = cause(replay, attempts, &missed, &newest);
    let calls: BTreeSet<_> = missed
        .values()
        .map(|attempt| (attempt.address, &attempt.call))
        .collect();
    let message = format!("{} recent attempts are counted by no jail: {why}.", calls.len());
    Some(Finding::new(Code::AttemptsNotCounted, Severity::Error, message, fix))
}

/// Whether no line about an attempt is of a form that filters read.
fn is_unread(replay: &Replay, attempts: &BTreeMap<usize, Attempt>) -> bool {
    let unread = |number: &usize| {
        let line = replay.lines.get(*number).map_or("", String::as_str);
        replay.undated.contains(number) || is_coloured(line)
    };
    attempts.keys().all(unread)
}

/// Why no jail counts these, and what helps.
fn cause(
    replay: &Replay,
    attempts: &BTreeMap<usize, Attempt>,
    missed: &BTreeMap<usize, &Attempt>,
    newest: &[Level],
) -> (String, &'static str) {
    let line = |number: &usize| replay.lines.get(*number).map_or("", String::as_str);
    if missed.keys().all(|number| is_coloured(line(number))) {
        let fix = "set `nocolor = yes` in [options] of asterisk.conf and restart Asterisk";
        return (
            "the log has colour codes within the lines, which no filter reads".to_owned(),
            fix,
        );
    }
    if missed.keys().all(|number| replay.undated.contains(number)) {
        let first = missed.keys().next().map_or("", line);
        let shown: String = first.chars().take(SHOWN).collect();
        let why = format!(
            "fail2ban reads no time in their lines, which begin with {}",
            escaped(&shown)
        );
        let fix = "set `dateformat = %F %T` in [general] of logger.conf, then asterisk -rx 'logger reload'";
        return (why, fix);
    }
    let crafted = |(number, attempt): (&usize, &Attempt)| {
        missed.values().any(|other| attempt.is_of(other)) && holds_two_addresses(line(number))
    };
    if attempts.iter().any(crafted) {
        let why = "the caller wrote what looks like an address into From or Call-ID, so that a NOTICE can be read in two ways. \
                   The SECURITY events show who it was";
        let fix =
            "log the security level to the same file (logger.conf), then `f2bctl split` installs the filters for it";
        return (why.to_owned(), fix);
    }
    let is_of_one = |level: Level| newest.iter().all(|other| *other == level);
    let events = missed.values().all(|attempt| attempt.level == Level::Security);
    let notices = attempts.values().any(|attempt| attempt.level == Level::Notice);
    let fix = match events && notices && !(newest.len() == NEWEST && is_of_one(Level::Security)) {
        true => {
            "`f2bctl split` installs the filters for the level that is logged now, once six lines about attempts have it"
        }
        false => "`f2bctl split` installs the filters for the levels that this log holds",
    };
    (
        "the log holds other levels than the filters are made for".to_owned(),
        fix,
    )
}

/// Lines that speak of attempts in a form that neither a filter nor f2bctl reads, and none that either does.
fn foreign(replay: &Replay, attempts: &BTreeMap<usize, Attempt>, counted: &BTreeSet<usize>) -> Option<Finding> {
    const WORDS: [&str; 3] = ["failed for '", "SecurityEvent=", "No matching endpoint"];
    if !attempts.is_empty() || !counted.is_empty() {
        return None;
    }
    let speaks = |line: &&String| WORDS.iter().any(|word| line.contains(word)) && log_line(line).is_none();
    let first = replay.lines.iter().find(speaks)?;
    let count = replay.lines.iter().filter(speaks).count();
    let shown: String = first.chars().take(SHOWN).collect();
    let message = format!(
        "{count} recent lines speak of attempts in a form that no jail reads; the first begins with {}.",
        escaped(&shown)
    );
    let fix = "let Asterisk write this log as plain text (logger.conf: no `[json]`; asterisk.conf: `nocolor = yes`), then asterisk \
               -rx 'logger reload'";
    Some(Finding::new(Code::AttemptsNotCounted, Severity::Error, message, fix))
}

/// Jails whose filters match recent lines of which fail2ban's own log has nothing.
fn deaf(replay: &Replay) -> Vec<Finding> {
    let rows = replay.unheard.iter().flatten().filter(|(_, rows)| !rows.is_empty());
    let finding = |(name, rows): (&String, &Vec<(String, i64)>)| {
        let addresses: Vec<&str> = rows.iter().map(|(ip, _)| ip.as_str()).collect();
        let message = format!(
            "Jail {name} found nothing of recent lines about {} that its filter matches: it is idle, or reads otherwise than \
             its files say.",
            some(&addresses)
        );
        let fix = format!("fail2ban-client reload --restart {} on the host", shell_word(name));
        Finding::new(Code::JailFindsNothing, Severity::Error, message, fix)
    };
    rows.map(finding).collect()
}

/// Whether a notice of PJSIP's holds a second text of the form in which it says the address.
fn holds_two_addresses(line: &str) -> bool {
    line.contains("NOTICE") && line.matches("' failed for '").count() > 1 && line.matches("' (callid: ").count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::known::Cause;

    fn unseen(replay: &Replay, attempts: &BTreeMap<usize, Attempt>) -> Option<Finding> {
        super::unseen(replay, attempts, &|_| None)
    }

    const FAILED: &str = "NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:6001@198.51.100.20>' failed \
                          for '192.0.2.9:5060' (callid: one@192.0.2.9) - Failed to authenticate";
    const EVENT: &str = "SECURITY[2] res_security_log.c: SecurityEvent=\"ChallengeResponseFailed\",Severity=\"Error\",\
                         AccountID=\"6001\",SessionID=\"one@192.0.2.9\",LocalAddress=\"IPV4/UDP/198.51.100.20/5060\",\
                         RemoteAddress=\"IPV4/UDP/192.0.2.9/5060\"";

    fn attempts(lines: &[&str]) -> BTreeMap<usize, Attempt> {
        let read = lines.iter().enumerate();
        read.map(|(number, line)| (number, attempt(line).expect("an attempt")))
            .collect()
    }

    #[test]
    fn a_phone_that_tries_again_in_one_call_is_not_counted_twice() {
        assert_eq!(doubled(STRICT, &[0, 1, 2], &attempts(&[FAILED; 3])), None);
        let found = doubled(STRICT, &[0, 1, 2], &attempts(&[FAILED, EVENT, FAILED])).expect("one of two");
        assert!(found.message.contains("counts 1 recent attempts twice"), "{found:?}");
    }

    #[test]
    fn a_line_that_can_be_read_in_two_ways_is_named_as_one() {
        let crafted = FAILED.replace("one@192.0.2.9", "1) - x' failed for '203.0.113.99:5060' (callid: 2");
        let replay = |line: &str| Replay {
            lines: vec![line.to_owned()],
            counted: BTreeMap::from([(STRICT.to_owned(), Known::of(Vec::new()))]),
            ..Replay::default()
        };
        let of = |line: &str| unseen(&replay(line), &attempts(&[line])).expect("not counted").message;
        assert!(of(&crafted).contains("read in two ways"), "{}", of(&crafted));
        assert!(of(FAILED).contains("other levels"), "{}", of(FAILED));
    }

    #[test]
    fn an_attempt_that_borrows_the_name_of_a_counted_call_is_missed_all_the_same() {
        let other = FAILED.replace("for '192.0.2.9:5060'", "for '192.0.2.99:5060'");
        let replay = Replay {
            lines: vec![FAILED.to_owned(), other.clone()],
            counted: BTreeMap::from([(STRICT.to_owned(), Known::of(vec![(0, "192.0.2.9".to_owned())]))]),
            ..Replay::default()
        };
        let found = unseen(&replay, &attempts(&[FAILED, &other])).expect("one of two");
        assert!(found.message.starts_with("1 recent attempts"), "{found:?}");
        assert_eq!(unseen(&replay, &attempts(&[FAILED])), None);
    }

    /// Their notice and their event have no name of a call in common: which of the two is counted, is enough.
    #[test]
    fn the_manager_and_chan_sip_are_not_compared_by_calls() {
        for service in ["AMI", "SIP"] {
            let line = EVENT.replace(
                "Severity=\"Error\"",
                &format!("EventTV=\"x\",Severity=\"Error\",Service=\"{service}\""),
            );
            let replay = Replay {
                lines: vec![line.clone()],
                counted: BTreeMap::from([(STRICT.to_owned(), Known::of(Vec::new()))]),
                ..Replay::default()
            };
            let read: BTreeMap<usize, Attempt> = attempt(&line).into_iter().map(|attempt| (0, attempt)).collect();
            assert_eq!(unseen(&replay, &read), None, "{service}");
        }
    }

    #[test]
    fn what_no_jail_counts_is_not_told_while_one_could_not_be_asked() {
        let mut replay = Replay {
            lines: vec![FAILED.to_owned()],
            counted: BTreeMap::from([(STRICT.to_owned(), Known::of(Vec::new()))]),
            ..Replay::default()
        };
        assert!(unseen(&replay, &attempts(&[FAILED])).is_some());
        let unreadable = Known::Unknown {
            unknown: "its filter cannot be read".to_owned(),
            kind: Cause::Other,
        };
        replay.counted.insert("asterisk-scan".to_owned(), unreadable);
        assert_eq!(unseen(&replay, &attempts(&[FAILED])), None);
    }

    fn blind(lines: &[&str]) -> (Replay, BTreeMap<usize, Attempt>) {
        let replay = Replay {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            counted: BTreeMap::from([(STRICT.to_owned(), Known::of(Vec::new()))]),
            ..Replay::default()
        };
        let read = lines.iter().enumerate();
        let read = read.filter_map(|(number, line)| Some((number, attempt(line)?)));
        (replay, read.collect())
    }

    #[test]
    fn a_level_that_is_logged_no_more_is_none_of_now() {
        let lines: Vec<String> = (0..9)
            .map(|number| match number < 3 {
                true => EVENT.replace("one@", &format!("{number}@")).replace(
                    "Severity=\"Error\"",
                    "EventTV=\"x\",Severity=\"Error\",Service=\"PJSIP\"",
                ),
                false => FAILED.replace("one@", &format!("{number}@")),
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (mut replay, read) = blind(&lines);
        let counted = (3..9).map(|number| (number, "192.0.2.9".to_owned())).collect();
        replay.counted.insert(STRICT.to_owned(), Known::of(counted));
        assert_eq!(unseen(&replay, &read), None, "the newest six are notices");
        // With fewer, logger.conf tells.
        let (mut replay, read) = blind(&lines[..5]);
        let counted = (3..5).map(|number| (number, "192.0.2.9".to_owned())).collect();
        replay.counted.insert(STRICT.to_owned(), Known::of(counted));
        let found = unseen(&replay, &read).expect("nobody knows");
        assert!(found.fix.to_string().contains("once six lines"), "{found:?}");
        let notices = |level: Level| Some(level == Level::Notice);
        assert_eq!(super::unseen(&replay, &read, &notices), None);
    }

    #[test]
    fn the_form_of_the_lines_is_the_cause_where_it_is() {
        let cause = |lines: &[&str], undated: &[usize]| {
            let (mut replay, read) = blind(lines);
            replay.undated = undated.iter().copied().collect();
            unseen(&replay, &read).map(|found| (found.message.to_string(), found.fix.to_string()))
        };
        let dated = format!("[27.11.2026 15:54:45] {FAILED}");
        let (message, fix) = cause(&[&dated], &[0]).expect("a finding");
        assert!(
            message.contains("no time in their lines, which begin with [27.11.2026 15:54:45]"),
            "{message}"
        );
        assert!(fix.contains("dateformat"), "{fix}");
        for code in ["\u{1b}[1;33mNOTICE\u{1b}[0m", "#033[1;33mNOTICE#033[0m"] {
            let (message, fix) = cause(&[&FAILED.replacen("NOTICE", code, 1)], &[]).expect("a finding");
            assert!(
                message.contains("colour codes") && fix.contains("nocolor"),
                "{message} {fix}"
            );
        }
        let chan_sip = "Nov 27 16:21:42 pbx freepbx[1]: [2026-11-27 16:21:42] #033[1;33mNOTICE#033[0m[150]: \
                        #033[1;37mchan_sip.c#033[0m:#033[1;37m29058#033[0m #033[1;37mhandle_request_register#033[0m: Registration \
                        from '<sip:1000@203.0.113.9>' failed for '192.0.2.71:50000' - Wrong password";
        assert!(cause(&[chan_sip], &[]).expect("a finding").0.contains("colour codes"));
        let json = "{\"timestamp\":\"2026-11-27\",\"level\":\"NOTICE\",\"message\":\"Request 'REGISTER' from 'x' failed for \
                    '192.0.2.9:5060' (callid: 1) - Failed to authenticate\"}";
        assert!(
            cause(&[json], &[])
                .expect("a finding")
                .0
                .contains("a form that no jail reads")
        );
        assert_eq!(cause(&["[Nov 27 16:21:42] VERBOSE[1] pbx.c: a call"], &[]), None);
    }

    #[test]
    fn a_jail_that_finds_nothing_is_named_with_whom() {
        let replay = Replay {
            unheard: Some(BTreeMap::from([(STRICT.to_owned(), vec![("192.0.2.9".to_owned(), 5)])])),
            ..Replay::default()
        };
        let found = deaf(&replay);
        assert!(
            found[0].message.contains("about 192.0.2.9 that its filter matches"),
            "{found:?}"
        );
        assert_eq!(deaf(&Replay::default()), []);
    }

    /// What the strict jail counts of these lines by its filter for notices: each notice.
    #[track_caller]
    fn says_nothing(what: &str, lines: &[String]) {
        let notices = lines.iter().enumerate().filter(|(_, line)| line.contains("NOTICE["));
        let counted = notices.map(|(number, _)| (number, "192.0.2.9".to_owned())).collect();
        let replay = Known::of(Replay {
            lines: lines.to_vec(),
            counted: BTreeMap::from([(STRICT.to_owned(), Known::of(counted))]),
            unheard: Some(BTreeMap::new()),
            ..Replay::default()
        });
        let observed = crate::model::observed::Observed::default();
        let evidence = Evidence {
            observed: &observed,
            disk: &Known::default(),
            pre_split: None,
            replay: &replay,
            asterisk_log: "/var/log/asterisk/messages.log",
            clock: 0.0,
            guard: Default::default(),
        };
        assert_eq!(check(&evidence), [], "{what}");
    }

    #[test]
    fn of_healthy_hosts_nothing_is_said() {
        let event = |service: &str, account: &str| {
            format!(
                "[2026-11-27 16:50:02] SECURITY[2] res_security_log.c: SecurityEvent=\"InvalidPassword\",EventTV=\"x\",\
                 Severity=\"Error\",Service=\"{service}\",EventVersion=\"2\",AccountID=\"{account}\",SessionID=\"0x7f\",\
                 LocalAddress=\"IPV4/UDP/198.51.100.20/5060\",RemoteAddress=\"IPV4/UDP/192.0.2.9/5060\""
            )
        };
        says_nothing("a quiet night", &[]);
        says_nothing(
            "calls alone",
            &["[2026-11-27 16:50:02] VERBOSE[1] pbx.c: a call".to_owned()],
        );
        let chan_sip = "[2026-11-27 16:50:02] NOTICE[1] chan_sip.c: Registration from '<sip:6001@198.51.100.20>' failed for \
                        '192.0.2.9:5060' - Wrong password";
        says_nothing(
            "chan_sip with both levels",
            &[chan_sip.to_owned(), event("SIP", "6001")],
        );
        let manager = "[2026-11-27 16:50:02] NOTICE[1] manager.c: 192.0.2.9 failed to authenticate as 'admin'";
        says_nothing(
            "one failure at the manager",
            &[manager.to_owned(), event("AMI", "admin")],
        );
        says_nothing("default dates", &[format!("[Nov 27 16:50:02] {FAILED}")]);
        let both = EVENT.replace(
            "Severity=\"Error\"",
            "EventTV=\"x\",Severity=\"Error\",Service=\"PJSIP\"",
        );
        says_nothing("both levels of one attempt", &[FAILED.to_owned(), both]);
    }
}
