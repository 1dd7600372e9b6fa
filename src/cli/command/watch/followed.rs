//! Feeds the live view from what is followed: each event changes the one state, and whoever draws it is woken.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use crate::checks::watching::Watching;
use crate::document::{Event, WhitelistRow};
use crate::engine::{self, Consumer};
use crate::model::fail2ban::{self, Line};
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{HostFile, Observed};
use crate::planning::whitelist::whitelist;
use crate::procedure::{customer, status};
use crate::remote::agent::LogEvent;
use crate::ui::live::{Counted, Look, State};

/// What is followed of a host.
pub struct Followed {
    known: Mutex<Knowledge>,
    /// Something is another than it was.
    pub changed: Notify,
    /// The login worked.
    pub begun: Notify,
}

/// The state of the view, and what it is made of.
pub struct Knowledge {
    /// The state.
    pub state: State,
    watching: Watching,
    whitelist: Vec<WhitelistRow>,
    /// When the host's clock was read, and what it showed.
    clock: Option<(Instant, i64)>,
    /// Lines that were written before this second are only counted.
    shown_from: Option<i64>,
}

impl Followed {
    /// Nothing is known yet.
    pub fn new(state: State) -> Self {
        Self {
            known: Mutex::new(Knowledge {
                state,
                watching: Watching::default(),
                whitelist: Vec::new(),
                clock: None,
                shown_from: None,
            }),
            changed: Notify::new(),
            begun: Notify::new(),
        }
    }

    /// What is known, for as long as nobody else needs it.
    pub fn known(&self) -> MutexGuard<'_, Knowledge> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Consumer for Followed {
    fn take(&self, event: &engine::Event<'_>) {
        let mut known = self.known();
        match event {
            engine::Event::LoggedIn => self.begun.notify_one(),
            engine::Event::Observed(observed) => known.observed(observed),
            engine::Event::NotObserved(cause) => known.trouble(format!("not looked at: {cause}")),
            engine::Event::ConnectionLost { cause, .. } => known.trouble(format!("the connection was lost: {cause}")),
            engine::Event::Reconnected => known.state.live.trouble = None,
            engine::Event::Log(LogEvent::Lines { lines, times, .. }) => {
                let times = times.iter().copied().chain(std::iter::repeat(None));
                for (line, time) in lines.iter().zip(times) {
                    known.line(line, time);
                }
            }
            engine::Event::Log(LogEvent::Customers { customers }) => known.customers(customers),
            engine::Event::Log(LogEvent::Notice { notice, text }) if notice != "rotated" => known.trouble(text.clone()),
            _ => return,
        }
        drop(known);
        self.changed.notify_one();
    }
}

impl Knowledge {
    /// Brings the state up to this moment.
    pub fn refresh(&mut self) {
        let Some((read, second)) = self.clock else { return };
        let passed = i64::try_from(read.elapsed().as_secs()).unwrap_or_default();
        self.state.now = second + passed;
        let all = self.watching.all(self.state.now).into_iter();
        let mut counted: Vec<Counted> = all
            .filter_map(|(jail, address, headroom)| {
                let ip = Network::single(address);
                Some(Counted {
                    customer: customer(&ip, &self.whitelist)?,
                    jail: jail.into(),
                    ip,
                    headroom,
                })
            })
            .collect();
        counted.sort_by_key(|counted| {
            let near = &counted.headroom;
            let share = near.count * 1000 / near.maxretry.max(1);
            (-share, counted.jail.raw().to_owned(), counted.ip)
        });
        let data = &mut self.state.live;
        data.counted = counted;
        data.uncounted = self.watching.silent();
        data.counted_from = self.watching.from();
    }

    fn observed(&mut self, observed: &Observed) {
        let now = observed.clock.second();
        self.clock = Some((Instant::now(), now));
        self.shown_from.get_or_insert(now);
        if let Ok(rows) = whitelist(observed) {
            self.whitelist = rows;
        }
        let status = status(observed, &[]);
        self.state.live.looked(Look { status, at: now });
        let host = self.state.host.clone();
        for text in self.watching.observe(observed) {
            let event = Event::drift(&host, observed.clock.moment(now), &text);
            self.state.live.take(event, None, true);
        }
    }

    fn line(&mut self, text: &str, time: Option<i64>) {
        let line = Line::parse(text);
        let customer = line.ip.and_then(|ip| customer(&ip, &self.whitelist));
        // A reload logs every setting of every jail, which would push the bans off the screen.
        let is_news = line.event != fail2ban::Event::Other;
        let is_shown = is_news && self.shown_from.zip(time).is_none_or(|(from, time)| time >= from);
        let event = Event::of(&self.state.host, &line, time, customer);
        let mut near = None;
        if let Some(time) = time {
            self.watching.take(&line, time);
            let address: Option<IpAddr> = line.ip.as_ref().filter(|ip| ip.is_single()).map(Network::address);
            if let (Some(jail), Some(address)) = (&line.jail, address) {
                let headroom = self.watching.headroom(jail, address, time);
                let came = self.watching.came_near(jail, address, headroom.as_ref());
                near = headroom.filter(|_| came && event.customer.is_some());
            }
        }
        let near = near.map(|headroom| event.near_ban(&headroom));
        self.state.live.take(event, time, is_shown);
        if let Some(near) = near {
            self.state.live.take(near, None, is_shown);
        }
    }

    fn customers(&mut self, file: &HostFile) {
        let observed = Observed {
            jail_local: Known::of(file.clone()),
            ..Observed::default()
        };
        if let Ok(rows) = whitelist(&observed) {
            self.whitelist = rows;
        }
    }

    fn trouble(&mut self, text: String) {
        self.state.live.trouble = Some(text);
    }
}
