//! A jail's past through another setting: whom it would have banned, when, and what it would have let through.
//!
//! A ban censors its own history: while an address is blocked, its attempts are not logged. So with a lower threshold the
//! later lines of somebody who would be banned by then are dropped; and what somebody whom fail2ban really banned would have
//! done with a higher one, no log says.

use std::collections::HashSet;

use super::acts::{Act, Happened, JailPast};
use super::count::{Forgetting, Peak, Ticket};

/// A jail's thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Failures before a ban.
    pub maxretry: i64,
    /// Within how long, seconds.
    pub findtime: i64,
    /// How long a ban lasts, seconds; negative for ever.
    pub bantime: i64,
}

/// What an address would have come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// When it would have been banned.
    pub bans: Vec<i64>,
    /// How many of its attempts would have got through.
    pub let_through: u64,
    /// fail2ban's highest count, with the real number within findtime.
    pub peak: Option<Peak>,
}

/// Who of a jail's addresses are counted although they were ignored, since no whitelist has them now.
pub type Unlisted = HashSet<usize>;

/// The course of each address through a setting, by its number. An attempt that was ignored counts for those in `counted`.
pub fn replay(past: &JailPast, setting: Setting, forgetting: Forgetting, counted: &Unlisted) -> Vec<Course> {
    let mut run = Run::new(setting, forgetting, past.addresses.len());
    for act in &past.acts {
        run.take(act, counted);
    }
    run.finished()
}

/// Replays one address alone, as often as is asked: where forgetting is steady, nobody else changes its count.
pub struct Alone<'a> {
    acts: Vec<&'a Act>,
    counted: &'a Unlisted,
    /// How many attempts it made.
    pub attempts: u64,
}

impl<'a> Alone<'a> {
    /// Each address of a past, by its number.
    pub fn each(past: &'a JailPast, counted: &'a Unlisted) -> Vec<Self> {
        let empty = || Self {
            acts: Vec::new(),
            counted,
            attempts: 0,
        };
        let mut found: Vec<Self> = past.addresses.iter().map(|_| empty()).collect();
        for act in &past.acts {
            if act.what == Happened::Began {
                found.iter_mut().for_each(|alone| alone.acts.push(act));
            } else if let Some(alone) = found.get_mut(act.address) {
                alone.acts.push(act);
                alone.attempts += u64::from(is_attempt(act, counted));
            }
        }
        found
    }

    /// Its course through a setting.
    pub fn replay(&self, setting: Setting) -> Course {
        let mut run = Run::new(setting, Forgetting::Steadily, 1);
        for act in &self.acts {
            run.take_as(0, act, self.counted);
        }
        run.finished().pop().unwrap_or_default()
    }
}

/// Whether an event is an attempt that counts.
pub fn is_attempt(act: &Act, counted: &Unlisted) -> bool {
    match act.what {
        Happened::Found => true,
        Happened::Ignored => counted.contains(&act.address),
        _ => false,
    }
}

/// What is known of an address in the middle of a replay.
#[derive(Debug, Clone, Default)]
struct State {
    ticket: Option<Ticket>,
    banned_until: Option<i64>,
    /// The times of its attempts within findtime, for the real number.
    recent: std::collections::VecDeque<i64>,
    /// The newest line that it had, and the newest from before the jail began anew: up to that, a jail reads back what it
    /// had found.
    newest: i64,
    read_back_to: i64,
    course: Course,
}

struct Run {
    setting: Setting,
    forgetting: Forgetting,
    states: Vec<State>,
    /// When somebody was banned last: before 1.0 what is old is forgotten then.
    last_ban: i64,
}

impl Run {
    fn new(setting: Setting, forgetting: Forgetting, addresses: usize) -> Self {
        let state = State {
            newest: i64::MIN,
            read_back_to: i64::MIN,
            ..State::default()
        };
        Self {
            setting,
            forgetting,
            states: vec![state; addresses],
            last_ban: i64::MIN / 2,
        }
    }

    fn take(&mut self, act: &Act, counted: &Unlisted) {
        self.take_as(act.address, act, counted);
    }

    fn take_as(&mut self, number: usize, act: &Act, counted: &Unlisted) {
        if act.what == Happened::Began {
            for state in &mut self.states {
                state.ticket = None;
                state.read_back_to = state.newest;
            }
            return;
        }
        let (weight, is_new) = match act.what {
            Happened::Weighed(weight) => (weight, false),
            _ if is_attempt(act, counted) => (1, true),
            _ => return,
        };
        let (setting, span) = (self.setting, self.setting.findtime as f64);
        let forgets_at = match self.forgetting {
            Forgetting::Steadily => act.moment,
            Forgetting::AtBans => self.last_ban,
        };
        let Some(state) = self.states.get_mut(number) else {
            return;
        };
        if state.banned_until.is_some_and(|until| act.moment < until) {
            return;
        }
        let is_new = is_new && act.moment > state.read_back_to;
        if is_new {
            state.newest = state.newest.max(act.moment);
            state.course.let_through += 1;
            state.remember(act.moment, setting.findtime);
        }
        let time = act.moment as f64;
        let is_kept = |ticket: &Ticket| ticket.is_newer_than(forgets_at.saturating_sub(setting.findtime) as f64);
        match state.ticket.as_mut().filter(|ticket| is_kept(ticket)) {
            Some(ticket) => ticket.fail(time, weight, span),
            // After a ban there is nothing to weigh.
            None if matches!(act.what, Happened::Weighed(_)) => return,
            None => state.ticket = Some(Ticket::new(time, weight)),
        }
        let count = state.ticket.as_ref().map_or(0, |ticket| ticket.retry);
        if state.course.peak.is_none_or(|peak| count > peak.count) {
            state.course.peak = Some(Peak {
                count,
                attempts: state.recent.len() as u64,
                moment: act.moment,
            });
        }
        if count >= setting.maxretry {
            state.ticket = None;
            state.course.bans.push(act.moment);
            let until = match setting.bantime {
                ..0 => i64::MAX,
                bantime => act.moment.saturating_add(bantime),
            };
            state.banned_until = Some(until);
            self.last_ban = act.moment;
        }
    }

    fn finished(self) -> Vec<Course> {
        self.states.into_iter().map(|state| state.course).collect()
    }
}

impl State {
    fn remember(&mut self, moment: i64, findtime: i64) {
        self.recent.push_back(moment);
        while self.recent.front().is_some_and(|first| *first <= moment - findtime) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Event, count};

    fn past(acts: impl IntoIterator<Item = (usize, i64, Happened)>) -> JailPast {
        let acts: Vec<Act> = acts
            .into_iter()
            .map(|(address, moment, what)| Act { address, moment, what })
            .collect();
        let most = acts.iter().map(|act| act.address).max().unwrap_or_default();
        let address = |number: usize| format!("192.0.2.{number}").parse().expect("an address");
        JailPast {
            addresses: (0..=most).map(address).collect(),
            acts,
        }
    }

    fn setting(maxretry: i64, findtime: i64) -> Setting {
        Setting {
            maxretry,
            findtime,
            bantime: 600,
        }
    }

    /// A small source of numbers that look random.
    fn numbers() -> impl FnMut(u64) -> u64 {
        let mut state = 42_u64;
        move |most| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        }
    }

    #[test]
    fn without_a_ban_it_is_the_count_that_is_compared_with_fail2bans_own() {
        let mut next = numbers();
        for forgetting in [Forgetting::Steadily, Forgetting::AtBans] {
            for _ in 0..200 {
                let mut moment = 0;
                let moments: Vec<i64> = (0..60)
                    .map(|_| {
                        moment += next(9) as i64 * next(9) as i64;
                        moment
                    })
                    .collect();
                let events: Vec<Event> = moments.iter().map(|moment| Event::Found(*moment)).collect();
                let expected = count(&events, i64::MAX, 100, forgetting, moment).peak;
                let past = past(moments.iter().map(|moment| (0, *moment, Happened::Found)));
                let found = replay(&past, setting(i64::MAX, 100), forgetting, &Unlisted::new());
                assert_eq!(found[0].peak.map(|peak| peak.count), expected.map(|peak| peak.count));
                assert_eq!(found[0].let_through, 60);
            }
        }
    }

    #[test]
    fn one_address_alone_is_as_among_others() {
        let mut next = numbers();
        let mut moment = 0;
        let acts: Vec<(usize, i64, Happened)> = (0..3000)
            .map(|_| {
                moment += next(20) as i64;
                let what = match next(50) {
                    0 => Happened::Began,
                    1 => Happened::Weighed(2),
                    2 => Happened::Ignored,
                    _ => Happened::Found,
                };
                (next(9) as usize, moment, what)
            })
            .collect();
        let past = past(acts);
        let counted = Unlisted::from([3]);
        for maxretry in [1, 4, 9, 50] {
            let setting = setting(maxretry, 300);
            let together = replay(&past, setting, Forgetting::Steadily, &counted);
            let alone = Alone::each(&past, &counted);
            let alone: Vec<Course> = alone.iter().map(|one| one.replay(setting)).collect();
            assert_eq!(together, alone, "{maxretry}");
        }
    }

    #[test]
    fn a_ban_drops_what_follows_until_it_ends() {
        let acts = (0..20).map(|number| (0, number * 100, Happened::Found));
        let found = replay(&past(acts), setting(3, 1000), Forgetting::Steadily, &Unlisted::new());
        assert_eq!(
            (found[0].bans.as_slice(), found[0].let_through),
            (&[200, 1000, 1800][..], 9)
        );
        let forever = Setting {
            bantime: -1,
            ..setting(3, 1000)
        };
        let acts = (0..20).map(|number| (0, number * 100, Happened::Found));
        let found = replay(&past(acts), forever, Forgetting::Steadily, &Unlisted::new());
        assert_eq!((found[0].bans.len(), found[0].let_through), (1, 3));
    }

    #[test]
    fn what_is_read_back_is_no_new_attempt() {
        let acts = [
            (0, 10, Happened::Found),
            (0, 20, Happened::Found),
            (0, 25, Happened::Began),
            (0, 10, Happened::Found),
            (0, 20, Happened::Found),
            (0, 30, Happened::Found),
        ];
        let found = replay(&past(acts), setting(3, 600), Forgetting::Steadily, &Unlisted::new());
        assert_eq!((found[0].let_through, found[0].bans.as_slice()), (3, &[30][..]));
    }
}
