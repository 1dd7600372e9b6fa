//! What happened on a host in a time, from fail2ban's action log and the changes of the audit log.
//!
//! Boundary: nothing is claimed of what the log does not hold; the coverage says from when on it is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use chrono::{DateTime, Timelike as _};

use crate::checks::protection::protection;
use crate::checks::tuning::{Ground, setting_of};
use crate::document::{
    Activity, BusyNetwork, CustomerHeadroom, Entry, Happening, HappeningKind as Kind, HourBans, JailActivity, Storm,
    WhitelistReview, WhitelistRow,
};
use crate::history::{Happened, JailPast, Unlisted, past, replay};
use crate::model::action_columns::ActionLog;
use crate::model::network::Network;
use crate::model::observed::{Clock, Observed};
use crate::model::some::{grouped, some};
use crate::model::text::{Text, texts};
use crate::planning::reading::running;
use crate::planning::whitelist::whitelist;

/// How many bans of a jail make a storm, and how long a pause ends one, seconds.
const STORM: usize = 10;
const PAUSE: i64 = 600;
/// Within how long jails begin that one reload began, seconds.
const AT_ONCE: i64 = 10;
/// How many bans a timeline has one by one; more are summed up by hour.
const ONE_BY_ONE: usize = 60;
/// How many networks are named.
const NETWORKS: usize = 20;

/// A ban as the log has it.
struct Banned<'past> {
    moment: i64,
    jail: &'past str,
    address: IpAddr,
}

/// Everything that a report is made of.
pub struct Sources<'host> {
    /// The host.
    pub observed: &'host Observed,
    /// Its action log.
    pub log: &'host ActionLog,
    /// Its newest changes, oldest first, or why there are none.
    pub changes: Result<Vec<Entry>, String>,
    /// The review of its whitelist, or why there is none.
    pub review: Result<WhitelistReview, String>,
}

/// What happened on a host.
pub fn activity(sources: Sources<'_>) -> Activity {
    let Sources {
        observed,
        log,
        changes,
        review,
    } = sources;
    let clock = &observed.clock;
    let now = clock.second();
    let begin = now.saturating_sub(i64::try_from(log.since).unwrap_or(i64::MAX));
    let rows = whitelist(observed);
    let customers = Customers::of(rows.as_ref().map_or(&[], Vec::as_slice));
    let pasts = past(log.events(), begin);
    let bans = bans(&pasts);
    let storms = storms(&bans);
    let mut gaps = gaps(log, begin, now);
    gaps.extend(
        review
            .as_ref()
            .err()
            .map(|why| format!("The whitelist could not be reviewed: {why}.")),
    );
    gaps.extend(
        changes
            .as_ref()
            .err()
            .map(|why| format!("The audit log could not be read: {why}.")),
    );
    let changes: Vec<Entry> = changes
        .into_iter()
        .flatten()
        .filter(|change| moment_of(change) >= begin)
        .collect();
    Activity {
        from: clock.moment(begin),
        to: clock.moment(now),
        covered_from: log.horizon(now).map(|moment| clock.moment(moment)),
        gaps: texts(gaps),
        redacted: false,
        protection: protection(observed, &rows),
        jails: jails(&pasts, observed),
        hours: hours(&bans, clock),
        networks: networks(&bans, &customers),
        headroom: headroom(observed, log, &customers),
        review: review.ok().map(|review| review.findings),
        timeline: timeline(&pasts, (&bans, &storms), &changes, &customers, clock),
        storms: storms.iter().map(|storm| storm.shown(clock)).collect(),
        changes,
        file: None,
    }
}

/// The customers' networks.
struct Customers<'rows>(Vec<(Network, &'rows Text)>);

impl<'rows> Customers<'rows> {
    fn of(rows: &'rows [WhitelistRow]) -> Self {
        let named = rows
            .iter()
            .filter_map(|row| Some((row.as_network()?, row.customer.as_ref()?)));
        Self(named.filter(|(_, name)| **name != "localhost").collect())
    }

    fn of_address(&self, address: IpAddr) -> Option<&'rows Text> {
        let covering = self.0.iter().filter(|(network, _)| network.contains(address));
        covering
            .max_by_key(|(network, _)| network.prefix_length())
            .map(|(_, name)| *name)
    }

    fn inside(&self, network: &Network) -> Option<&'rows Text> {
        self.0
            .iter()
            .find(|(own, _)| own.overlaps(network))
            .map(|(_, name)| *name)
    }
}

/// When a change ended, seconds of the Unix clock.
fn moment_of(change: &Entry) -> i64 {
    DateTime::parse_from_rfc3339(change.time.raw()).map_or(i64::MIN, |moment| moment.timestamp())
}

fn bans(pasts: &BTreeMap<String, JailPast>) -> Vec<Banned<'_>> {
    let mut found = Vec::new();
    for (jail, past) in pasts {
        let banned = past.acts.iter().filter(|act| act.what == Happened::Banned);
        found.extend(banned.filter_map(|act| {
            let address = *past.addresses.get(act.address)?;
            Some(Banned {
                moment: act.moment,
                jail,
                address,
            })
        }));
    }
    found.sort_by_key(|ban| (ban.moment, ban.jail, ban.address));
    found
}

/// A crowd of bans, and their places in the list of all.
struct Crowd<'past> {
    jail: &'past str,
    from: i64,
    to: i64,
    bans: Vec<usize>,
    networks: BTreeSet<Network>,
}

impl Crowd<'_> {
    fn shown(&self, clock: &Clock) -> Storm {
        Storm {
            jail: self.jail.into(),
            from: clock.moment(self.from),
            to: clock.moment(self.to),
            bans: self.bans.len() as u64,
            networks: self.networks.len() as u64,
        }
    }
}

fn storms<'past>(bans: &[Banned<'past>]) -> Vec<Crowd<'past>> {
    let mut open: BTreeMap<&str, Crowd<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for (place, ban) in bans.iter().enumerate() {
        let begin = || Crowd {
            jail: ban.jail,
            from: ban.moment,
            to: ban.moment,
            bans: Vec::new(),
            networks: BTreeSet::new(),
        };
        let crowd = open.entry(ban.jail).or_insert_with(begin);
        if ban.moment - crowd.to >= PAUSE {
            found.push(std::mem::replace(crowd, begin()));
        }
        crowd.to = ban.moment;
        crowd.bans.push(place);
        crowd.networks.extend(surrounding(ban.address));
    }
    found.extend(open.into_values());
    found.retain(|crowd| crowd.bans.len() >= STORM);
    found.sort_by_key(|crowd| (crowd.from, crowd.jail));
    found
}

/// The network that counts as one attacker's: /24, or /48.
fn surrounding(address: IpAddr) -> Option<Network> {
    let length = if address.is_ipv4() { 24 } else { 48 };
    Network::parse(&format!("{address}/{length}"))
        .ok()
        .map(|parsed| parsed.network)
}

fn jails(pasts: &BTreeMap<String, JailPast>, observed: &Observed) -> Vec<JailActivity> {
    let running = running(observed);
    let mut names: BTreeSet<&String> = pasts.keys().collect();
    names.extend(running.into_iter().flat_map(BTreeMap::keys));
    let empty = JailPast::default();
    let of = |name: &String| {
        let acts = &pasts.get(name).unwrap_or(&empty).acts;
        let number = |what: Happened| acts.iter().filter(|act| act.what == what).count() as u64;
        let banned = acts.iter().filter(|act| act.what == Happened::Banned);
        JailActivity {
            jail: name.as_str().into(),
            bans: number(Happened::Banned),
            addresses: banned.map(|act| act.address).collect::<BTreeSet<_>>().len() as u64,
            failures: number(Happened::Found),
            ignored: number(Happened::Ignored),
            began: number(Happened::Began),
            banned_now: running
                .and_then(|jails| jails.get(name))
                .map(|jail| jail.bans.len() as u64),
        }
    };
    names.into_iter().map(of).collect()
}

/// The beginning of the hour of the host's zone.
fn hour(moment: i64, clock: &Clock) -> i64 {
    let text = clock.moment(moment);
    let past = DateTime::parse_from_rfc3339(&text).map_or(0, |local| local.minute() * 60 + local.second());
    moment - i64::from(past)
}

fn hours(bans: &[Banned<'_>], clock: &Clock) -> Vec<HourBans> {
    let mut found: BTreeMap<(i64, &str), u64> = BTreeMap::new();
    for ban in bans {
        *found.entry((hour(ban.moment, clock), ban.jail)).or_default() += 1;
    }
    let shown = found.into_iter().map(|((hour, jail), bans)| HourBans {
        hour: clock.moment(hour),
        jail: jail.into(),
        bans,
    });
    shown.collect()
}

fn networks(bans: &[Banned<'_>], customers: &Customers<'_>) -> Vec<BusyNetwork> {
    let mut found: BTreeMap<Network, (u64, BTreeSet<IpAddr>)> = BTreeMap::new();
    for ban in bans {
        if let Some(network) = surrounding(ban.address) {
            let (number, addresses) = found.entry(network).or_default();
            *number += 1;
            addresses.insert(ban.address);
        }
    }
    let mut shown: Vec<(Network, (u64, BTreeSet<IpAddr>))> = found.into_iter().collect();
    shown.sort_by_key(|(network, (bans, _))| (std::cmp::Reverse(*bans), *network));
    let rows = shown
        .into_iter()
        .take(NETWORKS)
        .map(|(network, (bans, addresses))| BusyNetwork {
            network: network.to_string().into(),
            bans,
            addresses: addresses.len() as u64,
            customer: customers.inside(&network).cloned(),
        });
    rows.collect()
}

/// The customers' highest counts, the nearest to a ban first.
fn headroom(observed: &Observed, log: &ActionLog, customers: &Customers<'_>) -> Vec<CustomerHeadroom> {
    let mut best: BTreeMap<&str, CustomerHeadroom> = BTreeMap::new();
    for (name, jail) in running(observed).into_iter().flatten() {
        let (Some(setting), Ok(ground)) = (setting_of(jail), Ground::new(observed, log, name, &[])) else {
            continue;
        };
        let everybody: Unlisted = (0..ground.who.len()).collect();
        let courses = replay(&ground.past, setting, ground.forgetting, &everybody);
        for ((address, course), who) in ground.past.addresses.iter().zip(&courses).zip(&ground.who) {
            let (Some(customer), Some(peak)) = (customers.of_address(*address), course.peak) else {
                continue;
            };
            let found = CustomerHeadroom {
                customer: customer.clone(),
                address: address.to_string().into(),
                jail: name.as_str().into(),
                count: peak.count,
                maxretry: setting.maxretry,
                at: observed.clock.moment(peak.moment),
                whitelisted: who.is_whitelisted,
            };
            let nearer = |one: &CustomerHeadroom| one.count * setting.maxretry < peak.count * one.maxretry;
            if best.get(customer.raw()).is_none_or(nearer) {
                best.insert(customer.raw(), found);
            }
        }
    }
    let mut found: Vec<CustomerHeadroom> = best.into_values().collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.count.saturating_mul(1000) / one.maxretry.max(1)));
    found
}

/// What the log does not have.
fn gaps(log: &ActionLog, begin: i64, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    match log.horizon(now) {
        None => found.push("fail2ban's action log has nothing of that time, or could not be read.".to_owned()),
        Some(from) if from > begin => found.push(
            "fail2ban's action log does not go back to the beginning: what was before is not in this report."
                .to_owned(),
        ),
        Some(_) => {}
    }
    for (file, columns) in &log.files {
        found.extend(columns.fault.iter().map(|fault| format!("{}: {fault}.", file.path)));
        if columns.dropped > 0 {
            found.push(format!(
                "{}: {} events were left out, being too many.",
                file.path,
                grouped(columns.dropped as usize)
            ));
        }
    }
    found
}

/// What happened, oldest first: reloads, changes, storms, bans, and the ends of customers' bans.
fn timeline(
    pasts: &BTreeMap<String, JailPast>,
    (bans, storms): (&[Banned<'_>], &[Crowd<'_>]),
    changes: &[Entry],
    customers: &Customers<'_>,
    clock: &Clock,
) -> Vec<Happening> {
    let mut found: Vec<(i64, Kind, String, Option<Text>)> = Vec::new();
    found.extend(
        begun(pasts)
            .into_iter()
            .map(|(moment, jails)| (moment, Kind::Reload, format!("fail2ban began {}.", some(&jails)), None)),
    );
    found.extend(storms.iter().map(|storm| {
        let message = format!(
            "Storm in {}: {} bans of {} networks within {} min.",
            storm.jail,
            grouped(storm.bans.len()),
            grouped(storm.networks.len()),
            (storm.to - storm.from) / 60 + 1
        );
        (storm.from, Kind::Storm, message, None)
    }));
    let of_storms: BTreeSet<usize> = storms.iter().flat_map(|storm| storm.bans.iter().copied()).collect();
    let one = |ban: &Banned<'_>, customer: Option<&Text>| {
        (
            ban.moment,
            Kind::Ban,
            format!("{} banned {}.", ban.jail, ban.address),
            customer.cloned(),
        )
    };
    let (mut alone, mut by_hour) = (Vec::new(), BTreeMap::<(i64, &str), usize>::new());
    for (place, ban) in bans.iter().enumerate() {
        match customers.of_address(ban.address) {
            Some(customer) => found.push(one(ban, Some(customer))),
            None if of_storms.contains(&place) => {}
            None => {
                alone.push(one(ban, None));
                *by_hour.entry((hour(ban.moment, clock), ban.jail)).or_default() += 1;
            }
        }
    }
    if alone.len() <= ONE_BY_ONE {
        found.append(&mut alone);
    } else {
        found.extend(by_hour.into_iter().map(|((hour, jail), number)| {
            let bans = if number == 1 { "ban" } else { "bans" };
            (
                hour,
                Kind::Bans,
                format!("{} {bans} in {jail} in this hour.", grouped(number)),
                None,
            )
        }));
    }
    for (jail, past) in pasts {
        for act in past.acts.iter().filter(|act| act.what == Happened::Unbanned) {
            let Some(address) = past.addresses.get(act.address) else {
                continue;
            };
            if let Some(customer) = customers.of_address(*address) {
                let message = format!("The ban of {address} in {jail} ended or was lifted.");
                found.push((act.moment, Kind::Unban, message, Some(customer.clone())));
            }
        }
    }
    found.sort_by(|one, other| (one.0, one.1, &one.2).cmp(&(other.0, other.1, &other.2)));
    let shown = found.into_iter().map(|(moment, kind, message, customer)| {
        let happening = Happening {
            time: clock.moment(moment),
            kind,
            message: message.into(),
            customer,
            change: None,
        };
        (moment, happening)
    });
    let of_changes = changes.iter().map(|change| {
        let moment = moment_of(change);
        let happening = Happening {
            time: clock.moment(moment),
            kind: Kind::Change,
            message: change.sentence().into(),
            customer: None,
            change: Some(change.id.clone()),
        };
        (moment, happening)
    });
    let mut all: Vec<(i64, Happening)> = shown.chain(of_changes).collect();
    all.sort_by_key(|(moment, happening)| (*moment, happening.kind));
    all.into_iter().map(|(_, happening)| happening).collect()
}

/// When jails began, and which.
fn begun(pasts: &BTreeMap<String, JailPast>) -> Vec<(i64, Vec<String>)> {
    let mut moments: Vec<(i64, &String)> = Vec::new();
    for (jail, past) in pasts {
        let began = past.acts.iter().filter(|act| act.what == Happened::Began);
        moments.extend(began.map(|act| (act.moment, jail)));
    }
    moments.sort();
    let mut found: Vec<(i64, Vec<String>)> = Vec::new();
    for (moment, jail) in moments {
        match found.last_mut() {
            Some((from, jails)) if moment - *from <= AT_ONCE => {
                if !jails.contains(jail) {
                    jails.push(jail.clone());
                }
            }
            _ => found.push((moment, vec![jail.clone()])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action_columns::{ActionColumns, ActionFile};

    const NOW: i64 = 1_795_846_157;

    fn log(events: &[(String, i64)]) -> ActionLog {
        let names: Vec<String> = events.iter().map(|(name, _)| name.clone()).collect();
        let numbers: Vec<String> = (0..events.len()).map(|number| number.to_string()).collect();
        let mut last = 0;
        let times: Vec<String> = events
            .iter()
            .map(|(_, moment)| (moment - std::mem::replace(&mut last, *moment)).to_string())
            .collect();
        let columns = ActionColumns {
            names,
            events: numbers.join(" "),
            times: times.join(" "),
            first: events.first().map(|(_, moment)| *moment),
            ..ActionColumns::default()
        };
        let file = ActionFile {
            path: "/var/log/fail2ban.log".to_owned(),
            inode: 1,
            size: 1,
            ends: None,
        };
        ActionLog {
            since: 86_400,
            files: vec![(file, columns)],
        }
    }

    fn host() -> Observed {
        Observed {
            clock: Clock {
                now: NOW as f64,
                zone: "UTC".to_owned(),
                offset: 0,
            },
            ..Observed::default()
        }
    }

    fn of(events: &[(String, i64)]) -> Activity {
        let (observed, log) = (host(), log(events));
        activity(Sources {
            observed: &observed,
            log: &log,
            changes: Ok(Vec::new()),
            review: Err("not asked".to_owned()),
        })
    }

    #[test]
    fn a_crowd_of_bans_is_one_storm_and_a_pause_ends_it() {
        let ban = |number: i64, moment: i64| (format!("[sshd] Ban 192.0.2.{number}"), moment);
        let mut events: Vec<(String, i64)> = (0..12).map(|number| ban(number, NOW - 7000 + number * 60)).collect();
        events.push(ban(99, NOW - 1000));
        let found = of(&events);
        assert_eq!(found.storms.len(), 1);
        assert_eq!((found.storms[0].bans, found.storms[0].networks), (12, 1));
        let kinds: Vec<Kind> = found.timeline.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Storm, Kind::Ban]);
        assert_eq!((found.networks[0].bans, found.networks[0].addresses), (13, 13));
        assert_eq!(found.hours.iter().map(|hour| hour.bans).sum::<u64>(), 13);
        assert!(
            found.hours.iter().all(|hour| hour.hour.contains(":00:00")),
            "{:?}",
            found.hours
        );
    }

    #[test]
    fn jails_that_begin_together_are_one_reload_and_what_was_before_is_a_gap() {
        let began = |jail: &str, moment| (format!("Jail '{jail}' started"), moment);
        let found = of(&[
            began("sshd", NOW - 100),
            began("asterisk-auth", NOW - 98),
            began("sshd", NOW - 20),
        ]);
        let shown: Vec<String> = found.timeline.iter().map(|one| one.message.to_string()).collect();
        assert_eq!(shown, ["fail2ban began sshd, asterisk-auth.", "fail2ban began sshd."]);
        let gaps: Vec<String> = found.gaps.iter().map(ToString::to_string).collect();
        assert!(gaps[0].contains("does not go back"), "{gaps:?}");
        assert!(gaps[1].contains("not asked"), "{gaps:?}");
        assert_eq!(found.review, None);
        assert!(of(&[]).gaps[0].to_string().contains("nothing of that time"));
    }

    #[test]
    fn many_bans_are_summed_up_by_hour() {
        let ban = |number: i64| (format!("[sshd] Ban 192.0.2.{number}"), NOW - 80_000 + number * 900);
        let found = of(&(0..80).map(ban).collect::<Vec<_>>());
        assert!(found.storms.is_empty());
        assert!(found.timeline.iter().all(|one| one.kind == Kind::Bans) && found.timeline.len() <= 22);
    }
}
