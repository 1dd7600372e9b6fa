//! The answer about an address, a network, a customer or an account, put together from the verdicts of single addresses.

use std::net::IpAddr;

use super::decide::{Judged, judge};
use super::decision::Decision;
use super::evidence::Evidence;
use super::facts::Facts;
use crate::document::{AccountTraffic, AddressVerdict, Advice, EpisodeRow, Verdict, Why};
use crate::history::{AccountRow, Attempt, Outcome, accounts, episodes};
use crate::model::network::Network;
use crate::model::text::{Text, texts};
use crate::planning::reading::running_jails;
use crate::planning::whitelist::whitelist;

/// Of how many addresses of a network or an account a verdict is made.
const MOST_ADDRESSES: usize = 200;
/// From how many addresses an account is guessed.
const MANY_ADDRESSES: usize = 3;
/// From how many wrong passwords on a success of the same address is no mistyping.
const GUESSES: usize = 5;

/// Who is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An address or a network.
    Network(Network),
    /// An account.
    Account(String),
    /// A customer, by the networks of the register.
    Customer(String, Vec<Network>),
}

impl Subject {
    /// The networks whose lines are wanted.
    pub fn networks(&self) -> Vec<Network> {
        match self {
            Self::Network(network) => vec![*network],
            Self::Account(_) => Vec::new(),
            Self::Customer(_, networks) => networks.clone(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Network(network) => network.to_string(),
            Self::Account(account) => format!("account {account}"),
            Self::Customer(name, _) => name.clone(),
        }
    }
}

/// Whether the host's own fail2ban has to be asked which lines jails take, since the action log does not say: an address
/// failed, and no jail found or ignored it.
pub fn needs_counting(evidence: &Evidence<'_>, subject: &Subject) -> bool {
    running_jails(evidence.observed).is_ok()
        && seen(evidence, subject).into_iter().any(|address| {
            let facts = Facts::of(evidence, address);
            !facts.failures().is_empty() && facts.counts.is_empty() && facts.bans.is_empty() && !facts.was_acted_on()
        })
}

/// The addresses that the answer is about; where none was seen, the one by which the network itself is judged.
pub fn judged_addresses(evidence: &Evidence<'_>, subject: &Subject) -> Vec<IpAddr> {
    let mut found = seen(evidence, subject);
    if found.is_empty() {
        found.extend(subject.networks().first().map(Network::address));
    }
    found
}

/// The addresses that were seen of the subject.
fn seen(evidence: &Evidence<'_>, subject: &Subject) -> Vec<IpAddr> {
    let mut found = match subject {
        Subject::Network(network) if network.is_single() => vec![network.address()],
        Subject::Network(_) | Subject::Customer(..) => evidence.addresses(&subject.networks()),
        Subject::Account(account) => of_account(evidence, account),
    };
    found.truncate(MOST_ADDRESSES);
    found
}

/// The addresses that an account was asked for from, those that failed most first.
fn of_account(evidence: &Evidence<'_>, account: &str) -> Vec<IpAddr> {
    let is_its = |attempt: &&Attempt| attempt.account.as_deref() == Some(account);
    let mut found: Vec<IpAddr> = evidence
        .attempts
        .iter()
        .filter(is_its)
        .filter_map(|attempt| attempt.address)
        .collect();
    found.sort();
    found.dedup();
    let failures = |address: &IpAddr| {
        let of_it = evidence
            .attempts
            .iter()
            .filter(|attempt| attempt.address == Some(*address));
        of_it
            .filter(is_its)
            .filter(|attempt| attempt.outcome.is_failure())
            .count()
    };
    found.sort_by_key(|address| std::cmp::Reverse(failures(address)));
    found
}

/// The answer.
pub fn why(evidence: &Evidence<'_>, subject: &Subject) -> Why {
    let addresses = seen(evidence, subject);
    let all: Vec<Facts<'_>> = addresses.iter().map(|address| Facts::of(evidence, *address)).collect();
    let mut judged: Vec<(Judged, &Facts<'_>)> = all.iter().map(|facts| (judge(evidence, facts), facts)).collect();
    judged.sort_by_key(|(judged, _)| judged.decision.verdict);
    let is_one = matches!(subject, Subject::Network(network) if network.is_single());
    let rows = match is_one {
        true => Vec::new(),
        false => judged
            .iter()
            .map(|(judged, facts)| row(evidence, subject, judged, facts))
            .collect(),
    };
    let attempts = about(evidence, subject, &addresses);
    let of_account = match subject {
        Subject::Account(account) => account_verdict(account, &attempts),
        _ => None,
    };
    let counted = rows.len();
    let mut why = empty(evidence, subject);
    why.addresses = rows;
    match judged.into_iter().next() {
        Some((judged, facts)) => {
            why.verdict = judged.decision.verdict;
            why.answer = headed(is_one, subject, counted, judged.decision.answer).into();
            why.address = Some(Network::single(facts.address));
            why.customer = why.customer.or_else(|| customer(evidence, facts.address));
            why.phases = judged.phases;
            why.jails.clone_from(&facts.counts);
            why.next = judged.decision.next;
        }
        None => {
            let decision = nobody(evidence, subject);
            (why.verdict, why.answer, why.next) = (decision.verdict, decision.answer.into(), decision.next);
        }
    }
    if let Some(decision) = of_account {
        (why.verdict, why.answer, why.next) = (decision.verdict, decision.answer.into(), decision.next);
    }
    why.accounts = accounts(attempts.iter().copied())
        .iter()
        .map(|row| account_row(evidence, row))
        .collect();
    // Whether a phone is broken shows beside the others of its address.
    let of_addresses: Vec<&Attempt> = evidence
        .attempts
        .iter()
        .filter(|attempt| attempt.address.is_some_and(|address| addresses.contains(&address)))
        .collect();
    why.episodes = episode_rows(evidence, &of_addresses);
    why
}

/// The sentence of the weightiest address, with how many there are.
fn headed(is_one: bool, subject: &Subject, count: usize, answer: String) -> String {
    match is_one || count == 1 && matches!(subject, Subject::Account(_)) {
        true => answer,
        false => format!("{}: {count} addresses were seen. {answer}", subject.shown()),
    }
}

/// The attempts that the tables are about.
fn about<'a>(evidence: &'a Evidence<'_>, subject: &Subject, addresses: &[IpAddr]) -> Vec<&'a Attempt> {
    let is_its = |attempt: &&Attempt| match subject {
        Subject::Account(account) => attempt.account.as_deref() == Some(account.as_str()),
        _ => attempt.address.is_some_and(|address| addresses.contains(&address)),
    };
    evidence.attempts.iter().filter(is_its).collect()
}

/// What an account's attempts alone tell.
fn account_verdict(account: &str, attempts: &[&Attempt]) -> Option<Decision> {
    let mut failed: Vec<(IpAddr, usize)> = Vec::new();
    let mut let_in: Vec<IpAddr> = Vec::new();
    for attempt in attempts {
        let Some(address) = attempt.address else { continue };
        match attempt.outcome {
            Outcome::WrongPassword => match failed.iter_mut().find(|(known, _)| *known == address) {
                Some((_, count)) => *count += 1,
                None => failed.push((address, 1)),
            },
            Outcome::Success => {
                if let Some((_, count)) = failed
                    .iter()
                    .find(|(known, count)| *known == address && *count >= GUESSES)
                {
                    let answer = format!(
                        "{address} failed {count} times with account {account} and then got in: the password may be known."
                    );
                    let decision = Decision::new(Verdict::AccountTaken, answer);
                    return Some(decision.next(Advice::text(format!(
                        "set a new password for account {account} and look at its calls"
                    ))));
                }
                let_in.push(address);
            }
            _ => {}
        }
    }
    failed.retain(|(address, _)| !let_in.contains(address));
    (failed.len() >= MANY_ADDRESSES).then(|| {
        let count: usize = failed.iter().map(|(_, count)| count).sum();
        let answer = format!(
            "{} addresses failed {count} times with account {account}, and none of them got in.",
            failed.len()
        );
        Decision::new(Verdict::GuessedFromManyAddresses, answer).next(Advice::text(format!(
            "let account {account} in from its own network alone (an ACL in Asterisk)"
        )))
    })
}

/// Nobody was seen: the network itself is judged by its first address, an account has no lines.
fn nobody(evidence: &Evidence<'_>, subject: &Subject) -> Decision {
    let networks = subject.networks();
    match networks.first() {
        Some(network) => {
            let facts = Facts::of(evidence, network.address());
            let decision = judge(evidence, &facts).decision;
            match decision.verdict {
                Verdict::Whitelisted | Verdict::WhitelistedButShadowed | Verdict::Fail2banDown => decision,
                verdict => Decision::new(
                    verdict,
                    decision.answer.replace(&facts.address.to_string(), &subject.shown()),
                ),
            }
        }
        None => {
            let shown = subject.shown();
            match evidence.past.logs.iter().any(|log| log.truncated) {
                true => Decision::new(
                    Verdict::BeyondHorizon,
                    format!("Nothing of {shown} was seen in what was read of the logs."),
                ),
                false => Decision::new(Verdict::NoLines, format!("Nothing of {shown} stands in the logs.")),
            }
        }
    }
}

fn empty(evidence: &Evidence<'_>, subject: &Subject) -> Why {
    let clock = evidence.clock();
    let (address, account, customer) = match subject {
        Subject::Network(network) => (Some(*network), None, None),
        Subject::Account(account) => (None, Some(Text::from(account.as_str())), None),
        Subject::Customer(name, _) => (None, None, Some(Text::from(name.as_str()))),
    };
    Why {
        verdict: Verdict::Unknown,
        answer: Text::from(""),
        address,
        account,
        customer,
        phases: Vec::new(),
        jails: Vec::new(),
        accounts: Vec::new(),
        addresses: Vec::new(),
        episodes: Vec::new(),
        horizon: evidence
            .past
            .logs
            .first()
            .and_then(|log| log.horizon)
            .map(|moment| clock.moment(moment)),
        sources: texts(sources(evidence)),
        next: Vec::new(),
        reply: None,
        lines: None,
        expected: None,
    }
}

/// What was read: each log with its files, from when on, and what could not be read.
fn sources(evidence: &Evidence<'_>) -> Vec<String> {
    let logs = evidence.past.logs.iter().chain([&evidence.past.actions]);
    let shown = logs.map(|log| {
        let from = log
            .horizon
            .map_or_else(String::new, |moment| format!(" from {}", evidence.when(moment)));
        let cut = if log.truncated { ", older text was not read" } else { "" };
        let faults: String = log
            .faults
            .iter()
            .map(|fault| format!(", cannot be read: {fault}"))
            .collect();
        let kept = log.lines.len() as u64;
        let left_out = match log.matched > kept {
            true => format!(", the newest {kept} of {} lines", log.matched),
            false => String::new(),
        };
        match log.exists || !log.files.is_empty() {
            true => format!("{}{from} ({} files{cut}{left_out}{faults})", log.path, log.files.len()),
            false if log.faults.is_empty() => format!("{} does not exist", log.path),
            false => format!("{}{faults}", log.path),
        }
    });
    shown.collect()
}

/// The customer whose entry covers an address.
fn customer(evidence: &Evidence<'_>, address: IpAddr) -> Option<Text> {
    let rows = whitelist(evidence.observed).ok()?;
    let covering = rows
        .iter()
        .filter_map(|row| Some((row.as_network().filter(|network| network.contains(address))?, row)));
    covering
        .max_by_key(|(network, _)| network.prefix_length())?
        .1
        .customer
        .clone()
}

fn row(evidence: &Evidence<'_>, subject: &Subject, judged: &Judged, facts: &Facts<'_>) -> AddressVerdict {
    let is_its = |attempt: &&&Attempt| match subject {
        Subject::Account(account) => attempt.account.as_deref() == Some(account.as_str()),
        _ => true,
    };
    let attempts: Vec<&&Attempt> = facts.attempts.iter().filter(is_its).collect();
    let moments = || attempts.iter().filter_map(|attempt| attempt.moment);
    let count = |test: &dyn Fn(Outcome) -> bool| attempts.iter().filter(|attempt| test(attempt.outcome)).count() as u64;
    AddressVerdict {
        address: Network::single(facts.address),
        verdict: judged.decision.verdict,
        failures: count(&Outcome::is_failure),
        successes: count(&|outcome| outcome == Outcome::Success),
        first: moments().min().map(|moment| evidence.clock().moment(moment)),
        last: moments().max().map(|moment| evidence.clock().moment(moment)),
    }
}

/// An account's row, with moments by the host's zone.
fn account_row(evidence: &Evidence<'_>, row: &AccountRow) -> AccountTraffic {
    let moment = |seconds: Option<i64>| seconds.map(|seconds| evidence.clock().moment(seconds));
    AccountTraffic {
        account: row.account.clone().map(Text::from),
        failures: row.failures,
        successes: row.successes,
        reasons: row.reasons.clone(),
        methods: texts(row.methods.iter().cloned()),
        first: moment(row.first),
        last: moment(row.last),
        last_success: moment(row.last_success),
    }
}

fn episode_rows(evidence: &Evidence<'_>, attempts: &[&Attempt]) -> Vec<EpisodeRow> {
    let attempts: Vec<Attempt> = attempts.iter().map(|attempt| (*attempt).clone()).collect();
    let found = episodes(&attempts);
    let row = |episode: &crate::history::Episode| EpisodeRow {
        kind: episode.kind,
        from: evidence.clock().moment(episode.from),
        to: evidence.clock().moment(episode.to),
        attempts: episode.attempts,
        failures: episode.failures,
        successes: episode.successes,
        accounts: episode.accounts.len() as u64,
    };
    found.iter().map(row).collect()
}
