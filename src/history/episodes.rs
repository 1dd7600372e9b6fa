//! Episodes: attempts of one address that belong together, and what they are. Many accounts alone are no sign of an attack,
//! since a hotel has 200: what decides is success, whether a jail's lines are about passwords, tries an account, and rhythm.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::attempts::{Attempt, Outcome};
use crate::document::EpisodeKind;

/// An episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// What it is.
    pub kind: EpisodeKind,
    /// The address; absent where lines can be read as of several.
    pub address: Option<IpAddr>,
    /// Its first attempt, seconds of the Unix clock.
    pub from: i64,
    /// Its last attempt.
    pub to: i64,
    /// How many attempts.
    pub attempts: u64,
    /// How many of them failed.
    pub failures: u64,
    /// How many were let in.
    pub successes: u64,
    /// Its accounts.
    pub accounts: BTreeSet<String>,
}

/// How long nothing has to happen before another episode begins, seconds.
const QUIET: i64 = 1800;
/// From how many accounts on phones are a crowd, and a caller is looking for accounts.
const CROWD: usize = 3;
const SEARCH: usize = 5;
/// From how many failures on an account is more than mistyped.
const STEADY: u64 = 3;
/// How far the pauses of a rhythm may lie from the usual one: a quarter.
const RHYTHM: i64 = 4;

/// The episodes of attempts, in the order of their beginnings. Lines without SECURITY events show no success: there a crowd
/// of unknown accounts may be phones or a search, and the answer leaves it open.
pub fn episodes(attempts: &[Attempt]) -> Vec<Episode> {
    let mut by_address: BTreeMap<Option<IpAddr>, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| attempt.moment.is_some()) {
        by_address.entry(attempt.address).or_default().push(attempt);
    }
    let mut found: Vec<Episode> = Vec::new();
    for (address, mut of_it) in by_address {
        of_it.sort_by_key(|attempt| attempt.moment);
        let pause = |before: &&Attempt, after: &&Attempt| match (before.moment, after.moment) {
            (Some(before), Some(after)) => after - before <= QUIET,
            _ => true,
        };
        found.extend(of_it.chunk_by(pause).map(|part| episode(address, part)));
    }
    found.sort_by_key(|episode| (episode.from, episode.address));
    found
}

fn episode(address: Option<IpAddr>, part: &[&Attempt]) -> Episode {
    let moments: Vec<i64> = part.iter().filter_map(|attempt| attempt.moment).collect();
    let count = |test: &dyn Fn(Outcome) -> bool| part.iter().filter(|attempt| test(attempt.outcome)).count() as u64;
    Episode {
        kind: kind(part, &moments),
        address,
        from: moments.first().copied().unwrap_or_default(),
        to: moments.last().copied().unwrap_or_default(),
        attempts: part.len() as u64,
        failures: count(&Outcome::is_failure),
        successes: count(&|outcome| outcome == Outcome::Success),
        accounts: part.iter().filter_map(|attempt| attempt.account.clone()).collect(),
    }
}

fn kind(part: &[&Attempt], moments: &[i64]) -> EpisodeKind {
    let of = |wanted: Outcome| part.iter().filter(move |attempt| attempt.outcome == wanted);
    let accounts =
        |wanted: Outcome| -> BTreeSet<&str> { of(wanted).filter_map(|attempt| attempt.account.as_deref()).collect() };
    let (wrong, unknown, let_in) = (
        accounts(Outcome::WrongPassword),
        accounts(Outcome::UnknownAccount),
        accounts(Outcome::Success),
    );
    let wrong_count = of(Outcome::WrongPassword).count() as u64;
    let is_all = |method: &str| part.iter().all(|attempt| attempt.method.as_deref() == Some(method));
    if is_all("OPTIONS") && is_steady(moments) {
        return EpisodeKind::Keepalive;
    }
    if of(Outcome::UnknownExtension).count() * 2 > part.len() {
        return EpisodeKind::Misdials;
    }
    let failed_alone = wrong.difference(&let_in).count();
    if wrong_count >= STEADY && let_in.len() > wrong.len() {
        return EpisodeKind::BrokenPhone;
    }
    if wrong_count >= STEADY && failed_alone > 0 && wrong_count as usize > unknown.len() {
        return EpisodeKind::Guessing;
    }
    if let_in.len() >= CROWD && wrong_count == 0 && unknown.is_subset(&let_in) {
        return EpisodeKind::Storm;
    }
    if unknown.len() >= SEARCH && let_in.is_empty() && part.iter().any(|attempt| attempt.has_event()) {
        return EpisodeKind::Discovery;
    }
    EpisodeKind::Mixed
}

/// Whether the pauses between attempts are alike.
fn is_steady(moments: &[i64]) -> bool {
    let mut pauses: Vec<i64> = moments
        .windows(2)
        .filter_map(|pair| Some(pair.get(1)? - pair.first()?))
        .collect();
    pauses.sort_unstable();
    let Some(usual) = pauses.get(pauses.len() / 2).copied().filter(|_| pauses.len() >= 3) else {
        return false;
    };
    let alike = pauses
        .iter()
        .filter(|pause| (**pause - usual).abs() * RHYTHM <= usual)
        .count();
    usual > 0 && alike * 5 >= pauses.len() * 4
}

#[cfg(test)]
mod tests {
    use super::super::attempts::{DatedLine, attempts};
    use super::*;

    /// A SECURITY event of an account.
    fn event(name: &str, account: &str, call: usize) -> String {
        format!(
            "SECURITY[3] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"x\",Service=\"PJSIP\",AccountID=\"{account}\",\
             SessionID=\"{call}\",LocalAddress=\"IPV4/UDP/198.51.100.1/5060\",RemoteAddress=\"IPV4/UDP/192.0.2.5/44894\""
        )
    }

    fn options() -> String {
        "NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'OPTIONS' from '<sip:pbx@192.0.2.1>' failed for '192.0.2.5:5060' \
         (callid: a) - No matching endpoint found"
            .to_owned()
    }

    fn kinds(lines: Vec<(i64, String)>) -> Vec<EpisodeKind> {
        let dated: Vec<DatedLine> = lines
            .iter()
            .map(|(moment, text)| DatedLine {
                moment: Some(*moment),
                text,
            })
            .collect();
        episodes(&attempts(&dated)).iter().map(|episode| episode.kind).collect()
    }

    fn registered(accounts: std::ops::Range<usize>) -> Vec<(i64, String)> {
        let names = ["InvalidAccountID", "ChallengeSent", "SuccessfulAuth"];
        accounts
            .flat_map(|account| names.map(|name| (0, event(name, &format!("60{account}"), account))))
            .collect()
    }

    #[test]
    fn phones_that_come_back_are_a_storm_and_strangers_are_a_search() {
        assert_eq!(kinds(registered(10..40)), [EpisodeKind::Storm]);
        let strangers = (0..60).map(|n| (n as i64, event("InvalidAccountID", &n.to_string(), n)));
        assert_eq!(kinds(strangers.collect()), [EpisodeKind::Discovery]);
        let notice = |n: i64| {
            (
                n,
                options()
                    .replace("OPTIONS", "REGISTER")
                    .replace("sip:pbx", &format!("sip:{n}")),
            )
        };
        assert_eq!(
            kinds((0..60).map(notice).collect()),
            [EpisodeKind::Mixed],
            "no success would be seen"
        );
    }

    #[test]
    fn a_broken_phone_is_no_guesser() {
        let failures =
            |count: usize| (0..count).map(|n| (n as i64 * 5, event("ChallengeResponseFailed", "6004", 900 + n)));
        let mut lines = registered(10..23);
        lines.extend(failures(41));
        assert_eq!(kinds(lines), [EpisodeKind::BrokenPhone]);
        assert_eq!(kinds(failures(41).collect()), [EpisodeKind::Guessing]);
    }

    #[test]
    fn a_rhythm_of_options_and_a_pause_that_parts_episodes() {
        let lines: Vec<(i64, String)> = (0..20).map(|n| (n * 60, options())).collect();
        assert_eq!(kinds(lines), [EpisodeKind::Keepalive]);
        let mut lines = registered(10..40);
        lines.push((3600, event("ChallengeResponseFailed", "6004", 1)));
        assert_eq!(kinds(lines), [EpisodeKind::Storm, EpisodeKind::Mixed]);
    }
}
