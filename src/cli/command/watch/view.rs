//! What becomes of the events of one host that is watched: which are shown, with whose name and count.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::arguments::Arguments;
use super::handed::Handed;
use crate::checks::near::is_near;
use crate::checks::watching::Watching;
use crate::document::{Event, Headroom, WhitelistRow};
use crate::engine::{self, Consumer};
use crate::model::comment_text::escaped;
use crate::model::fail2ban::{self, Line};
use crate::model::host_name::HostName;
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{HostFile, Observed};
use crate::model::spelling::nearest;
use crate::model::text::Text;
use crate::planning::whitelist::whitelist;
use crate::procedure::customer;
use crate::remote::agent::LogEvent;
use crate::ui::Output;
use crate::ui::text::{ended, safe_message};

/// What becomes of one host's lines.
pub struct View {
    output: Arc<Output>,
    name: HostName,
    several: bool,
    arguments: Arguments,
    handed: Option<Handed>,
    known: Mutex<Knowledge>,
    /// Whether nobody reads stdout any more.
    closed: AtomicBool,
}

/// What is known of the host.
#[derive(Default)]
struct Knowledge {
    whitelist: Vec<WhitelistRow>,
    watching: Watching,
    /// Lines that were written before this second are only counted.
    shown_from: Option<i64>,
    /// How many events without lines have come.
    empty: u32,
}

impl Consumer for View {
    fn take(&self, event: &engine::Event<'_>) {
        match event {
            engine::Event::Log(LogEvent::Lines { lines, times, .. }) => {
                let times = times.iter().copied().chain(std::iter::repeat(None));
                if !lines.iter().zip(times).all(|(line, time)| self.line(line, time)) {
                    self.closed.store(true, Ordering::SeqCst);
                }
                if lines.is_empty() {
                    self.introduce();
                }
            }
            engine::Event::Observed(observed) => self.observed(observed),
            engine::Event::NotObserved(cause) => self.say(&format!(
                "The host could not be looked at ({cause}); its thresholds are those of the last look"
            )),
            engine::Event::Log(LogEvent::Customers { customers }) => self.customers(customers.clone()),
            engine::Event::Log(LogEvent::Notice { notice, text }) if notice == "rotated" => {
                self.output.say_more(&self.of_the_host(text));
            }
            engine::Event::Log(LogEvent::Notice { text, .. }) => self.output.say(&self.of_the_host(text)),
            engine::Event::ConnectionLost { cause, pause } => {
                let seconds = pause.as_secs();
                self.say(&format!(
                    "The connection was lost ({cause}); logging in again in {seconds} s"
                ));
            }
            engine::Event::Reconnected => self.say("Connected again; continuing where it stopped"),
            _ => {}
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl View {
    /// The view of a host, of several or alone.
    pub fn new(
        output: Arc<Output>,
        (name, several): (HostName, bool),
        arguments: Arguments,
        handed: Option<Handed>,
    ) -> Self {
        Self {
            output,
            name,
            several,
            arguments,
            handed,
            known: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// What was asked for.
    pub fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    /// Shows the bursts that have ended, every so often, for as long as somebody reads.
    pub async fn show_bursts(&self, pause: Duration) {
        while self.output.due_events(self.several) {
            tokio::time::sleep(pause).await;
        }
    }

    fn known(&self) -> MutexGuard<'_, Knowledge> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints a line, if it is asked for, and what follows from it; false when nobody reads any more.
    fn line(&self, text: &str, time: Option<i64>) -> bool {
        let line = Line::parse(text);
        let (event, headroom, is_near) = {
            let known = &mut *self.known();
            let customer = line.ip.and_then(|ip| customer(&ip, &known.whitelist));
            let (headroom, is_near) = match self.arguments.counts() {
                true => counted(known, &line, time),
                false => (None, false),
            };
            if known.shown_from.zip(time).is_some_and(|(from, time)| time < from) {
                return true;
            }
            (Event::of(&self.name, &line, time, customer), headroom, is_near)
        };
        if !self.is_asked_for(&event) {
            return true;
        }
        let near = headroom
            .as_ref()
            .filter(|_| is_near && event.customer.is_some())
            .map(|headroom| event.near_ban(headroom));
        let is_read = self.event(event.with_headroom(headroom.filter(|_| self.arguments.customers)));
        is_read && near.is_none_or(|near| self.event(near))
    }

    /// Prints an event, and hands on what somebody has to know of; false when nobody reads any more.
    fn event(&self, event: Event) -> bool {
        if let Some(handed) = self.handed.as_ref().filter(|_| event.is_urgent()) {
            handed.hand(&event);
        }
        self.output.event(&event, self.several)
    }

    /// Takes over the thresholds and the whitelist, and says what is new of entries that are not in force.
    fn observed(&self, observed: &Observed) {
        let new = {
            let known = &mut *self.known();
            if known.shown_from.is_none() && self.arguments.since.is_none() {
                known.shown_from = Some(observed.clock.second());
            }
            if let Ok(rows) = whitelist(observed) {
                known.whitelist = rows;
            }
            known.watching.observe(observed)
        };
        let moment = observed.clock.moment(observed.clock.second());
        let Arguments {
            jails, customer, ip, ..
        } = &self.arguments;
        let asks_for_all = jails.is_empty() && customer.is_none() && ip.is_none();
        for text in new.iter().filter(|_| asks_for_all) {
            self.event(Event::drift(&self.name, moment.clone(), text));
        }
    }

    /// Says once what the counts stand on and who is near a ban, when the past was read: an event without lines comes before it
    /// and another one after it.
    fn introduce(&self) {
        let (text, near) = {
            let known = &mut *self.known();
            known.empty += 1;
            if !self.arguments.counts() || known.empty != 2 {
                return;
            }
            (foundation(&known.watching), near_now(known, &self.name))
        };
        if self.arguments.customers {
            self.say(&text);
        }
        for event in near.into_iter().filter(|event| self.is_asked_for(event)) {
            self.event(event);
        }
    }

    fn is_asked_for(&self, event: &Event) -> bool {
        let Arguments {
            jails,
            customer: wanted,
            ip,
            customers,
            ..
        } = &self.arguments;
        let customer = event.customer.as_ref().map(Text::raw);
        let is_jail = |jail: &Text| jails.iter().any(|wanted| wanted == jail.raw());
        let jail = jails.is_empty() || event.jail.as_ref().is_some_and(is_jail);
        let whose = wanted
            .as_ref()
            .is_none_or(|wanted| customer.is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
        let whom = ip.is_none_or(|network| event.ip.is_some_and(|address| network.covers(&address)));
        jail && whose && whom && (!customers || customer.is_some())
    }

    /// Takes over the register of customers; without one that can be read, the earlier names stay.
    fn customers(&self, file: HostFile) {
        let observed = Observed {
            jail_local: Known::of(file),
            ..Observed::default()
        };
        match whitelist(&observed) {
            Ok(rows) => {
                self.known().whitelist = rows;
                self.warn_of_customer();
            }
            Err(refusal) => self.say(&format!("Customer names are not available: {refusal}")),
        }
    }

    /// A name that nobody has would never show a line.
    fn warn_of_customer(&self) {
        let Some(wanted) = &self.arguments.customer else {
            return;
        };
        let named = |row: &WhitelistRow| {
            row.customer
                .as_ref()
                .is_some_and(|name| name.raw().eq_ignore_ascii_case(wanted))
        };
        let known = self.known();
        if !known.whitelist.iter().any(named) {
            let known = known
                .whitelist
                .iter()
                .filter_map(|row| row.customer.as_ref())
                .map(Text::raw);
            let meant =
                nearest(wanted, known).map_or_else(String::new, |name| format!("; did you mean {}?", json!(name)));
            self.say(&format!(
                "No entry of the whitelist is registered for {}{meant}",
                json!(wanted)
            ));
        }
    }

    /// Says a sentence about the host.
    pub fn say(&self, text: &str) {
        self.output.say(&self.labelled(text));
    }

    /// A sentence of the host's agent, after the host's name.
    fn of_the_host(&self, text: &str) -> String {
        format!("{}: {}", escaped(&self.name.name), ended(&safe_message(text)))
    }

    fn labelled(&self, text: &str) -> String {
        let line = ended(&safe_message(text));
        match self.several {
            true => format!("{}: {line}", escaped(&self.name.name)),
            false => line,
        }
    }
}

/// Counts a line; how near its address is to a ban, and whether it has come near with this line.
fn counted(known: &mut Knowledge, line: &Line, time: Option<i64>) -> (Option<Headroom>, bool) {
    let Some(time) = time else { return (None, false) };
    known.watching.take(line, time);
    let address: Option<IpAddr> = line.ip.as_ref().filter(|ip| ip.is_single()).map(Network::address);
    let (Some(jail), Some(address)) = (&line.jail, address) else {
        return (None, false);
    };
    let headroom = known.watching.headroom(jail, address, time);
    let is_near = known.watching.came_near(jail, address, headroom.as_ref());
    (headroom.filter(|_| line.event == fail2ban::Event::Found), is_near)
}

/// What the counts stand on.
fn foundation(watching: &Watching) -> String {
    match (watching.silent(), watching.from()) {
        (Some(silent), _) => silent,
        (None, Some(from)) => format!(
            "Counted as this host's fail2ban counts, from what it has logged since {from}; failures before that are not known"
        ),
        (None, None) => {
            "Counted as this host's fail2ban counts, from now on; earlier failures are not known".to_owned()
        }
    }
}

/// The customers that are near a ban.
fn near_now(known: &Knowledge, host: &HostName) -> Vec<Event> {
    let clock = known.watching.clock();
    let (now, moment) = (clock.second(), clock.moment(clock.second()));
    let all = known.watching.all(now).into_iter();
    let near = all.filter(|(_, _, headroom)| is_near(headroom.count, headroom.maxretry));
    near.filter_map(|(jail, address, headroom)| {
        let ip = Network::single(address);
        let customer = customer(&ip, &known.whitelist)?;
        Some(Event::near_now(host, moment.clone(), (&jail, ip), customer, &headroom))
    })
    .collect()
}
