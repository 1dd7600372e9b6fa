//! fail2ban's count of each address while its action log is followed: how near somebody is to a ban, and how soon it comes
//! if the failures go on as they do.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

use super::acts::Happened;
use super::count::{Forgetting, Ticket};
use super::replay::Setting;

/// Failures further apart than this have no rate, seconds.
const PAUSE: i64 = 300;
/// How many failures make a rate, and over how many of the last ones it is taken.
const RUN: usize = 3;
const LAST: usize = 20;
/// How many addresses of a jail are counted; further ones are not.
const MOST_ADDRESSES: usize = 50_000;
/// How many events wait for the thresholds of their jails.
const MOST_WAITING: usize = 10_000;

/// How near an address is to a ban in a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nearness {
    /// fail2ban's count.
    pub count: i64,
    /// How many failures there really were within findtime.
    pub attempts: u64,
    /// The jail's thresholds.
    pub setting: Setting,
    /// In how many seconds it is banned if its failures go on as they do; absent where they have no rate, or one that bans
    /// nobody.
    pub seconds: Option<i64>,
    /// From when on its jail is counted, seconds, where earlier events of it were dropped.
    pub from: Option<i64>,
}

/// The counts of all jails.
#[derive(Debug, Clone, Default)]
pub struct RunningCount {
    forgetting: Option<Forgetting>,
    jails: BTreeMap<String, JailCount>,
    /// How many events wait, of all jails.
    waiting: usize,
}

#[derive(Debug, Clone, Default)]
struct JailCount {
    setting: Option<Setting>,
    addresses: HashMap<IpAddr, Failures>,
    /// When the jail was cleaned up last.
    cleaned: i64,
    /// What happened before the thresholds were known: a jail that starts reads its log back at once.
    waiting: VecDeque<Waiting>,
    /// Whether there was no room for all of that.
    has_dropped: bool,
    /// From when on is counted, where some was dropped.
    from: Option<i64>,
}

/// An event that waits for the thresholds of its jail.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    address: Option<IpAddr>,
    moment: i64,
    what: Happened,
}

/// The failures of an address.
#[derive(Debug, Clone, Default)]
struct Failures {
    ticket: Option<Ticket>,
    /// The times within findtime.
    recent: VecDeque<i64>,
    /// The newest failure, and the newest from before the jail began anew: up to that, it reads back what it had found.
    newest: i64,
    read_back_to: i64,
    /// What the last failure weighed.
    weight: i64,
}

impl RunningCount {
    /// Takes over how the host's version forgets, and the thresholds of a jail: what is counted from now on follows them, and
    /// what has waited for them.
    pub fn set(&mut self, forgetting: Forgetting, jail: &str, setting: Setting) {
        self.forgetting = Some(forgetting);
        let counted = self.jails.entry(jail.to_owned()).or_default();
        counted.setting = Some(setting);
        let waiting = std::mem::take(&mut counted.waiting);
        self.waiting = self.waiting.saturating_sub(waiting.len());
        if std::mem::take(&mut counted.has_dropped) {
            counted.from = waiting.front().map(|first| first.moment);
        }
        for event in waiting {
            counted.count(event, setting, forgetting);
        }
    }

    /// Takes the next event of a jail; of a failure, `moment` is the time of its line. Events of a jail whose thresholds are not
    /// known wait for them; where there are too many, the oldest of the jail with the most are dropped.
    pub fn take(&mut self, jail: &str, address: Option<IpAddr>, moment: i64, what: Happened) {
        let forgetting = self.forgetting.unwrap_or(Forgetting::Steadily);
        let event = Waiting { address, moment, what };
        match self.jails.get_mut(jail) {
            Some(counted) => match counted.setting {
                Some(setting) => return counted.count(event, setting, forgetting),
                None => counted.waiting.push_back(event),
            },
            None => {
                let counted = self.jails.entry(jail.to_owned()).or_default();
                counted.waiting.push_back(event);
            }
        }
        self.waiting += 1;
        if self.waiting > MOST_WAITING
            && let Some(longest) = self.jails.values_mut().max_by_key(|counted| counted.waiting.len())
        {
            longest.waiting.pop_front();
            longest.has_dropped = true;
            self.waiting -= 1;
        }
    }

    /// How near an address is to a ban in a jail; absent where nothing was found of it, or its thresholds are not known.
    pub fn nearness(&self, jail: &str, address: IpAddr, now: i64) -> Option<Nearness> {
        let counted = self.jails.get(jail)?;
        let setting = counted.setting?;
        let failures = counted.addresses.get(&address)?;
        let steadily = self.forgetting != Some(Forgetting::AtBans);
        let near = failures.nearness(setting, now, steadily)?;
        Some(Nearness {
            from: counted.from,
            ..near
        })
    }

    /// Everybody who is counted now: jail, address and how near.
    pub fn all(&self, now: i64) -> Vec<(&str, IpAddr, Nearness)> {
        let each = self
            .jails
            .iter()
            .flat_map(|(name, counted)| counted.addresses.keys().map(move |address| (name.as_str(), *address)));
        each.filter_map(|(name, address)| Some((name, address, self.nearness(name, address, now)?)))
            .collect()
    }
}

impl JailCount {
    /// Counts an event by these thresholds.
    fn count(&mut self, event: Waiting, setting: Setting, forgetting: Forgetting) {
        let moment = event.moment;
        match (event.what, event.address) {
            (Happened::Began, _) => self.addresses.values_mut().for_each(Failures::begin_anew),
            (Happened::Found, Some(address)) => self.fail(address, moment, None, setting, forgetting),
            (Happened::Weighed(more), Some(address)) => self.fail(address, moment, Some(more), setting, forgetting),
            (Happened::Banned | Happened::Restored, Some(address)) => {
                if let Some(failures) = self.addresses.get_mut(&address) {
                    failures.ticket = None;
                }
                if forgetting == Forgetting::AtBans {
                    self.clean_up(moment, setting.findtime);
                }
            }
            _ => {}
        }
    }

    fn fail(&mut self, address: IpAddr, moment: i64, more: Option<i64>, setting: Setting, forgetting: Forgetting) {
        // fail2ban cleans up every few seconds; an address that fails is judged by itself, so that this saves memory only.
        if forgetting == Forgetting::Steadily && moment - self.cleaned > setting.findtime.max(1) {
            self.clean_up(moment, setting.findtime);
        }
        if self.addresses.len() >= MOST_ADDRESSES && !self.addresses.contains_key(&address) {
            return;
        }
        let failures = self.addresses.entry(address).or_insert_with(|| Failures {
            newest: i64::MIN,
            read_back_to: i64::MIN,
            ..Failures::default()
        });
        let (span, time) = (setting.findtime as f64, moment as f64);
        let is_old = |ticket: &Ticket| !ticket.is_newer_than(time - span);
        if forgetting == Forgetting::Steadily && failures.ticket.as_ref().is_some_and(is_old) {
            failures.ticket = None;
        }
        match (more, failures.ticket.as_mut()) {
            (Some(more), Some(ticket)) => {
                ticket.fail(time, more, span);
                failures.weight = 1 + more;
            }
            // After a ban there is nothing to weigh.
            (Some(_), None) => {}
            (None, Some(ticket)) => ticket.fail(time, 1, span),
            (None, None) => failures.ticket = Some(Ticket::new(time, 1)),
        }
        if more.is_none() && moment > failures.read_back_to {
            failures.weight = 1;
            failures.newest = failures.newest.max(moment);
            failures.recent.push_back(moment);
            let is_past = |first: &i64| *first <= moment - setting.findtime;
            while failures.recent.front().is_some_and(is_past) {
                failures.recent.pop_front();
            }
        }
    }

    fn clean_up(&mut self, moment: i64, findtime: i64) {
        self.cleaned = moment;
        let since = (moment - findtime) as f64;
        self.addresses.retain(|_, failures| {
            failures
                .ticket
                .as_ref()
                .is_some_and(|ticket| ticket.is_newer_than(since))
        });
    }
}

impl Failures {
    fn begin_anew(&mut self) {
        self.ticket = None;
        self.read_back_to = self.newest;
    }

    fn nearness(&self, setting: Setting, now: i64, steadily: bool) -> Option<Nearness> {
        let ticket = self.ticket?;
        if steadily && !ticket.is_newer_than((now - setting.findtime) as f64) {
            return None;
        }
        let inside = self
            .recent
            .iter()
            .rev()
            .take_while(|one| **one > now - setting.findtime);
        Some(Nearness {
            count: ticket.retry,
            attempts: inside.count() as u64,
            setting,
            seconds: self.seconds_to_ban(ticket, setting, now),
            from: None,
        })
    }

    /// Counts on with failures as far apart as the last ones were.
    fn seconds_to_ban(&self, mut ticket: Ticket, setting: Setting, now: i64) -> Option<i64> {
        let mut run: Vec<i64> = Vec::new();
        for moment in self.recent.iter().rev().take(LAST) {
            if run.last().is_some_and(|later| later - moment > PAUSE) {
                break;
            }
            run.push(*moment);
        }
        let (last, first) = (*run.first()?, *run.last()?);
        if run.len() < RUN {
            return None;
        }
        // A line has whole seconds.
        let apart = (last - first).max(1) as f64 / (run.len() - 1) as f64;
        // Two that are missing: it has stopped.
        if (now - last) as f64 > (3.0 * apart).max(5.0) {
            return None;
        }
        let mut time = last as f64;
        for _ in 0..setting.maxretry.clamp(0, 10_000) {
            if ticket.retry >= setting.maxretry {
                break;
            }
            time += apart;
            ticket.fail(time, self.weight.max(1), setting.findtime as f64);
        }
        let reached = ticket.retry >= setting.maxretry;
        reached.then(|| ((time - now as f64).ceil() as i64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Event, count};

    const JAIL: &str = "asterisk-scan";

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    fn counted(maxretry: i64, findtime: i64, forgetting: Forgetting) -> RunningCount {
        let mut counts = RunningCount::default();
        let setting = Setting {
            maxretry,
            findtime,
            bantime: 600,
        };
        counts.set(forgetting, JAIL, setting);
        counts
    }

    fn fail(counts: &mut RunningCount, moments: impl IntoIterator<Item = i64>) {
        for moment in moments {
            counts.take(JAIL, Some(address(7)), moment, Happened::Found);
        }
    }

    #[test]
    fn it_is_the_count_that_is_compared_with_fail2bans_own() {
        let mut state = 7_u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % most) as i64
        };
        for forgetting in [Forgetting::Steadily, Forgetting::AtBans] {
            for _ in 0..200 {
                let mut counts = counted(1000, 100, forgetting);
                let (mut moment, mut events) = (0, Vec::new());
                for _ in 0..80 {
                    moment += next(12) * next(12);
                    let event = match next(40) {
                        0 => Event::Banned,
                        1 => Event::Began,
                        _ => Event::Found(moment),
                    };
                    let what = match event {
                        Event::Banned => Happened::Banned,
                        Event::Began => Happened::Began,
                        _ => Happened::Found,
                    };
                    counts.take(JAIL, Some(address(7)), moment, what);
                    events.push(event);
                    let expected = count(&events, 1000, 100, forgetting, moment);
                    let found = counts.nearness(JAIL, address(7), moment).map_or(0, |near| near.count);
                    assert_eq!(found, expected.count, "{forgetting:?} {events:?}");
                }
            }
        }
    }

    #[test]
    fn a_steady_rate_says_when_the_ban_comes() {
        let mut counts = counted(10, 600, Forgetting::Steadily);
        fail(&mut counts, [0, 20]);
        assert_eq!(
            counts.nearness(JAIL, address(7), 20).expect("a count").seconds,
            None,
            "two have no rate"
        );
        fail(&mut counts, [40]);
        let near = counts.nearness(JAIL, address(7), 40).expect("a count");
        assert_eq!((near.count, near.attempts, near.seconds), (3, 3, Some(140)));
        // And so it comes: the tenth failure is at 180 s.
        fail(&mut counts, (3..10).map(|number| number * 20));
        assert_eq!(counts.nearness(JAIL, address(7), 180).expect("a count").count, 10);
    }

    #[test]
    fn a_rate_that_bans_nobody_and_one_that_has_stopped_say_nothing() {
        let mut slow = counted(10, 600, Forgetting::Steadily);
        fail(&mut slow, (0..20).map(|number| number * 120));
        let near = slow.nearness(JAIL, address(7), 19 * 120).expect("a count");
        assert!(near.count < 10 && near.seconds.is_none(), "{near:?}");
        let mut stopped = counted(10, 600, Forgetting::Steadily);
        fail(&mut stopped, [0, 1, 2, 3]);
        assert_eq!(stopped.nearness(JAIL, address(7), 3).expect("a count").seconds, Some(6));
        assert_eq!(stopped.nearness(JAIL, address(7), 20).expect("a count").seconds, None);
        assert_eq!(stopped.nearness(JAIL, address(7), 604), None, "it is forgotten");
    }

    #[test]
    fn a_restart_reads_back_what_was_counted_and_is_no_new_attempt() {
        let mut counts = counted(10, 600, Forgetting::Steadily);
        fail(&mut counts, [0, 10]);
        counts.take(JAIL, None, 15, Happened::Began);
        assert_eq!(counts.nearness(JAIL, address(7), 15), None);
        fail(&mut counts, [0, 10, 20]);
        let near = counts.nearness(JAIL, address(7), 20).expect("a count");
        assert_eq!((near.count, near.attempts), (3, 3));
        counts.take(JAIL, Some(address(7)), 20, Happened::Weighed(4));
        assert_eq!(counts.nearness(JAIL, address(7), 20).map(|near| near.count), Some(7));
        assert_eq!(counts.all(20).len(), 1);
        counts.take("sshd", Some(address(7)), 20, Happened::Found);
        assert_eq!(
            counts.nearness("sshd", address(7), 20),
            None,
            "its thresholds are not known"
        );
    }

    /// Takes over the thresholds of a jail that has just started.
    fn learn(counts: &mut RunningCount, jail: &str) {
        let setting = Setting {
            maxretry: 20_000,
            findtime: 100_000,
            bantime: 600,
        };
        counts.set(Forgetting::Steadily, jail, setting);
    }

    #[test]
    fn what_a_jail_finds_before_its_thresholds_are_known_is_counted_when_they_are() {
        let mut counts = RunningCount::default();
        counts.take(JAIL, None, 15, Happened::Began);
        fail(&mut counts, [3, 9, 14]);
        assert_eq!(counts.nearness(JAIL, address(7), 15), None);
        learn(&mut counts, JAIL);
        let near = counts.nearness(JAIL, address(7), 15).expect("a count");
        assert_eq!((near.count, near.attempts, near.from), (3, 3, None));
        // New thresholds count nothing twice.
        learn(&mut counts, JAIL);
        fail(&mut counts, [16]);
        assert_eq!(counts.nearness(JAIL, address(7), 16).map(|near| near.count), Some(4));
        assert_eq!(counts.waiting, 0);
    }

    #[test]
    fn where_too_much_waits_a_jail_is_counted_from_what_is_left_of_it() {
        let mut counts = RunningCount::default();
        counts.take("sshd", Some(address(8)), 0, Happened::Found);
        let most = MOST_WAITING as i64;
        fail(&mut counts, 1..=most + 4);
        assert_eq!(counts.waiting, MOST_WAITING);
        learn(&mut counts, JAIL);
        learn(&mut counts, "sshd");
        let near = counts.nearness(JAIL, address(7), most + 4).expect("a count");
        // One of the room is the other jail's.
        assert_eq!((near.count, near.from), (most - 1, Some(6)));
        let other = counts.nearness("sshd", address(8), most + 4).expect("a count");
        assert_eq!((other.count, other.from), (1, None));
        assert_eq!(counts.waiting, 0);
    }
}
