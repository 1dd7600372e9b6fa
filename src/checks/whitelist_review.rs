//! Who watches the whitelisted: from what jails found and ignored, and from who got in, whom the register should be asked about.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::checks::near::is_near;
use crate::checks::tuning::{Ground, setting_of};
use crate::document::{Advice, ReviewCode as Code, ReviewFinding, Severity, WhitelistReview, shell_word};
use crate::history::{Unlisted, replay};
use crate::model::action_columns::ActionLog;
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::model::presence::{Presence, PresenceRow};
use crate::model::text::{Text, texts};
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::whitelist::whitelist;

/// From how many failures without a success on an account is broken or guessed.
const STEADY: u64 = 10;
/// From how many failures on a success is no mistyping.
const GUESSES: u64 = 5;
/// From how many accounts that get in on an address is an office.
const OFFICE: usize = 3;
/// From how many accounts that do not exist on an address looks for some.
const SEARCH: usize = 20;
/// How long an entry may be silent, and how long a customer that has moved has been, seconds.
const STALE: i64 = 90 * 86_400;
const SILENT: i64 = 86_400;

/// The networks of the whitelist that are worth watching, with their customers.
pub struct Watched {
    rows: Vec<(Network, Option<Text>)>,
}

impl Watched {
    /// Those of a host; localhost is none.
    ///
    /// # Errors
    /// A refusal if the register cannot be read.
    pub fn of(observed: &Observed) -> Result<Self, Refusal> {
        let rows = whitelist(observed)?;
        let rows = rows
            .iter()
            .filter(|row| row.customer.as_ref().is_none_or(|name| name != "localhost"));
        Ok(Self {
            rows: rows
                .filter_map(|row| Some((row.as_network()?, row.customer.clone())))
                .collect(),
        })
    }

    /// The networks as texts.
    pub fn networks(&self) -> Vec<String> {
        self.rows.iter().map(|(network, _)| network.to_string()).collect()
    }

    fn covering(&self, address: IpAddr) -> Option<&(Network, Option<Text>)> {
        let covering = self.rows.iter().filter(|(network, _)| network.contains(address));
        covering.max_by_key(|(network, _)| network.prefix_length())
    }

    fn customer(&self, address: IpAddr) -> Option<&Text> {
        self.covering(address)?.1.as_ref()
    }
}

/// An address with its accounts.
struct Seen<'a> {
    address: IpAddr,
    rows: Vec<&'a PresenceRow>,
}

impl Seen<'_> {
    /// The accounts that got in.
    fn let_in(&self) -> BTreeSet<&str> {
        let rows = self.rows.iter().filter(|row| row.succeeded > 0);
        rows.map(|row| row.account.as_str()).collect()
    }

    fn last(&self) -> i64 {
        self.rows.iter().map(|row| row.last).max().unwrap_or_default()
    }
}

/// The review of a host.
///
/// # Errors
/// A refusal if fail2ban does not run or the register cannot be read.
pub fn review(
    observed: &Observed,
    log: &ActionLog,
    presence: &Presence,
    watched: &Watched,
) -> Result<WhitelistReview, Refusal> {
    let seen = seen(presence);
    let mut findings = of_jails(observed, log, watched, (&seen, presence.has_events))?;
    findings.extend(taken(watched, &seen));
    findings.extend(shared(watched, &seen));
    findings.extend(moved(observed, watched, &seen));
    findings.extend(stale(observed, presence, watched));
    findings.sort_by(|one, other| (one.code, one.subject.raw()).cmp(&(other.code, other.subject.raw())));
    let moment = |moment: i64| observed.clock.moment(moment);
    Ok(WhitelistReview {
        bans_from: log.horizon(observed.clock.second()).map(moment),
        accounts_from: presence.horizon.map(moment),
        gaps: texts(gaps(presence)),
        findings,
    })
}

fn seen(presence: &Presence) -> Vec<Seen<'_>> {
    let mut found: BTreeMap<IpAddr, Vec<&PresenceRow>> = BTreeMap::new();
    for row in &presence.rows {
        if let Ok(address) = row.address.parse() {
            found.entry(address).or_default().push(row);
        }
    }
    found
        .into_iter()
        .map(|(address, rows)| Seen { address, rows })
        .collect()
}

/// What the jails' past says: whom only the whitelist kept from a ban, and who came near one.
fn of_jails(
    observed: &Observed,
    log: &ActionLog,
    watched: &Watched,
    (seen, has_events): (&[Seen<'_>], bool),
) -> Result<Vec<ReviewFinding>, Refusal> {
    let mut found = Vec::new();
    for (name, jail) in running_jails(observed)? {
        let Some(setting) = setting_of(jail) else { continue };
        let ground = Ground::new(observed, log, name, &[])?;
        let everybody: Unlisted = (0..ground.who.len()).collect();
        // What was found, and what would have been had nobody been ignored.
        let courses = replay(&ground.past, setting, ground.forgetting, &Unlisted::new());
        let unlisted = replay(&ground.past, setting, ground.forgetting, &everybody);
        let each = ground
            .past
            .addresses
            .iter()
            .enumerate()
            .zip(courses.iter().zip(&unlisted));
        for ((number, address), (course, unlisted)) in each {
            let listed = ground.who.get(number).is_some_and(|who| who.is_whitelisted);
            let about = seen.iter().find(|one| one.address == *address);
            let offices = about.map_or(0, |one| one.let_in().len());
            let customer = watched.customer(*address).cloned();
            let broken = about.and_then(worst);
            if listed {
                let spared = unlisted.bans.iter().filter(|ban| !course.bans.contains(ban)).count();
                if let Some(broken) = broken.filter(|_| spared > 0) {
                    found.push(attacking(name, (*address, customer), spared, (broken, has_events)));
                }
                continue;
            }
            let Some(peak) = course.peak else { continue };
            if (customer.is_some() || offices >= OFFICE) && is_near(peak.count, setting.maxretry) {
                let message = format!(
                    "{address} came to a count of {} of {} in jail {name} at {} (really {} within findtime){}.",
                    peak.count,
                    setting.maxretry,
                    observed.clock.moment(peak.moment),
                    peak.attempts,
                    match (course.bans.len(), offices) {
                        (0, 0) => String::new(),
                        (0, offices) => format!("; {offices} accounts get in from there"),
                        (bans, _) => format!("; it would be banned {bans} times"),
                    }
                );
                found.push(finding(
                    (Code::NearMiss, Severity::Warning),
                    (address.to_string(), customer),
                    message,
                    Advice::command(format!("why {address}")),
                ));
            }
        }
    }
    Ok(found)
}

/// The account of an address that fails most without ever getting in.
fn worst<'a>(seen: &Seen<'a>) -> Option<&'a PresenceRow> {
    let rows = seen
        .rows
        .iter()
        .filter(|row| row.succeeded == 0 && row.failed >= STEADY);
    rows.max_by_key(|row| row.failed).copied()
}

fn attacking(
    jail: &str,
    (address, customer): (IpAddr, Option<Text>),
    bans: usize,
    (row, has_events): (&PresenceRow, bool),
) -> ReviewFinding {
    let success = match has_events {
        true => "no success",
        false => "and no success is ever logged here",
    };
    let message = format!(
        "But for the whitelist {jail} would have banned {address} {bans} times: account {}, {} failures, {success}.",
        row.account, row.failed
    );
    let next = Advice::text(format!("fix or remove account {} there; ", row.account)).run(format!("why {address}"));
    finding(
        (Code::WhitelistedAttacking, Severity::Error),
        (address.to_string(), customer),
        message,
        next,
    )
}

/// Somebody outside failed with a customer's account and then got in, while the office still uses it.
fn taken(watched: &Watched, seen: &[Seen<'_>]) -> Vec<ReviewFinding> {
    // By account, the customer's address where it got in.
    let mut at_home: BTreeMap<&str, (IpAddr, &Text, i64)> = BTreeMap::new();
    for one in seen {
        let Some(customer) = watched.customer(one.address) else {
            continue;
        };
        for row in one.rows.iter().filter(|row| row.succeeded > 0) {
            at_home.insert(
                &row.account,
                (one.address, customer, row.last_success.unwrap_or(row.last)),
            );
        }
    }
    let mut found = Vec::new();
    for one in seen.iter().filter(|one| watched.covering(one.address).is_none()) {
        for row in one.rows.iter().filter(|row| row.failed >= GUESSES && row.succeeded > 0) {
            let Some((home, customer, last)) = at_home.get(row.account.as_str()) else {
                continue;
            };
            if *last < row.first {
                continue;
            }
            let message = format!(
                "{} failed {} times with account {} and got in, while {home} of {customer} still uses it: the password may be \
                 known.",
                one.address, row.failed, row.account
            );
            found.push(finding(
                (Code::FailuresThenSuccess, Severity::Error),
                (one.address.to_string(), Some((*customer).clone())),
                message,
                Advice::text(format!("set a new password for account {}; ", row.account))
                    .run(format!("why {}", shell_word(&row.account))),
            ));
        }
    }
    found
}

/// One address with two customers' accounts, or with a customer's and a search.
fn shared(watched: &Watched, seen: &[Seen<'_>]) -> Vec<ReviewFinding> {
    let owners = owners(watched, seen);
    let mut found = Vec::new();
    for one in seen {
        let customers: BTreeSet<&str> = one
            .let_in()
            .into_iter()
            .filter_map(|account| owners.get(account).copied())
            .collect();
        let probes = one
            .rows
            .iter()
            .filter(|row| row.succeeded == 0 && row.unknown > 0 && row.failed == 0)
            .count();
        let with = match (customers.len(), probes) {
            (0, _) => continue,
            (1, probes) if probes >= SEARCH => format!("somebody who asked for {probes} accounts that never got in"),
            (1, _) => continue,
            (_, _) => "another customer".to_owned(),
        };
        let names: Vec<&str> = customers.iter().copied().collect();
        let message = format!(
            "{} carries accounts of {} and of {with}: whoever whitelists it whitelists both.",
            one.address,
            names.join(", ")
        );
        let customer = names.first().map(|name| Text::from(*name));
        found.push(finding(
            (Code::SharedAddress, Severity::Warning),
            (one.address.to_string(), customer),
            message,
            Advice::command(format!("whitelist check {}", one.address)),
        ));
    }
    found
}

/// The customer of each account that got in from one customer's networks alone.
fn owners<'a>(watched: &'a Watched, seen: &[Seen<'a>]) -> BTreeMap<&'a str, &'a str> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in seen {
        let Some(customer) = watched.customer(one.address) else {
            continue;
        };
        for row in one.rows.iter().filter(|row| row.succeeded > 0) {
            found.entry(&row.account).or_default().insert(customer.raw());
        }
    }
    let single = |(account, customers): (&'a str, BTreeSet<&'a str>)| match customers.len() {
        1 => customers.into_iter().next().map(|customer| (account, customer)),
        _ => None,
    };
    found.into_iter().filter_map(single).collect()
}

/// Most accounts of a customer come from a new address, and its networks are silent since.
fn moved(observed: &Observed, watched: &Watched, seen: &[Seen<'_>]) -> Vec<ReviewFinding> {
    let owners = owners(watched, seen);
    let now = observed.clock.second();
    let customers: BTreeSet<&str> = owners.values().copied().collect();
    let mut found = Vec::new();
    for customer in customers {
        let own: BTreeSet<&str> = owners
            .iter()
            .filter(|(_, of)| **of == customer)
            .map(|(account, _)| *account)
            .collect();
        let is_home = |one: &&Seen<'_>| watched.customer(one.address).is_some_and(|name| *name == *customer);
        let last_home = seen.iter().filter(is_home).map(Seen::last).max().unwrap_or_default();
        let outside = seen.iter().filter(|one| watched.covering(one.address).is_none());
        let best = outside.max_by_key(|one| one.let_in().intersection(&own).count());
        let Some(new) = best else { continue };
        let count = new.let_in().intersection(&own).count();
        let since = new
            .rows
            .iter()
            .filter(|row| own.contains(row.account.as_str()))
            .map(|row| row.first)
            .min();
        if count * 2 <= own.len() || now - last_home < SILENT || since.is_none_or(|since| since < last_home - SILENT) {
            continue;
        }
        let old: Vec<String> = watched
            .rows
            .iter()
            .filter(|(_, name)| name.as_ref().is_some_and(|name| *name == *customer))
            .map(|(network, _)| network.to_string())
            .collect();
        let message = format!(
            "{count} of {} accounts of {customer} register from {} now; {} was last seen at {}.",
            own.len(),
            new.address,
            old.join(", "),
            observed.clock.moment(last_home)
        );
        let next = Advice::default()
            .run(format!("onboard {} --customer {}", new.address, shell_word(customer)))
            .then(", then ")
            .run(format!("offboard {}", old.join(" ")));
        found.push(finding(
            (Code::MovedUplink, Severity::Warning),
            (new.address.to_string(), Some(customer.into())),
            message,
            next,
        ));
    }
    found
}

/// Entries that were not seen for long, judged over what was looked at without a gap. Where no success is logged, a customer
/// without a failure is not seen at all.
fn stale(observed: &Observed, presence: &Presence, watched: &Watched) -> Vec<ReviewFinding> {
    let oldest = observed.clock.second() - STALE;
    let rows = watched.rows.iter().filter(|_| presence.has_events);
    let silent = rows.filter_map(|(network, customer)| {
        let seen = presence.seen.get(&network.to_string())?;
        (seen.from <= oldest && seen.last.is_none_or(|last| last < oldest)).then_some((network, customer, seen))
    });
    let of = |(network, customer, seen): (&Network, &Option<Text>, &crate::model::presence::SeenLast)| {
        let last = seen.last.map_or_else(
            || "never".to_owned(),
            |last| format!("last at {}", observed.clock.moment(last)),
        );
        let message = format!(
            "{network} was seen {last}, in all that was logged from {} on.",
            observed.clock.moment(seen.from)
        );
        finding(
            (Code::StaleEntry, Severity::Notice),
            (network.to_string(), customer.clone()),
            message,
            Advice::command(format!("offboard {network}")),
        )
    };
    silent.map(of).collect()
}

fn finding(
    (code, severity): (Code, Severity),
    (subject, customer): (String, Option<Text>),
    message: String,
    next: Advice,
) -> ReviewFinding {
    ReviewFinding {
        code,
        severity,
        subject: subject.into(),
        customer,
        message: message.into(),
        next,
    }
}

fn gaps(presence: &Presence) -> Vec<String> {
    let mut found = Vec::new();
    if !presence.has_events {
        found.push(
            "Asterisk's log has no SECURITY events, so it shows no success: who shares an address, who has moved, who is silent and \
             who got in after failures is not known."
                .to_owned(),
        );
    }
    if presence.truncated {
        found.push("Not all of Asterisk's log was read, for its amount.".to_owned());
    }
    if presence.dropped > 0 {
        found.push(format!(
            "{} attempts were left out, since they were of accounts too many.",
            presence.dropped
        ));
    }
    if presence.doubtful > 0 {
        found.push(format!(
            "{} lines were left out, since they can be read as of two addresses.",
            presence.doubtful
        ));
    }
    found.extend(
        presence
            .faults
            .iter()
            .map(|fault| format!("Cannot be read whole: {fault}.")),
    );
    found
}
