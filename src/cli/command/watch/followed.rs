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
use crate::ui::live::{Counted, LogTrouble, Look, State};

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
    /// Whether fail2ban logs to no file, by the last look: lines that come all the same are old ones.
    logs_elsewhere: bool,
    /// How many events without lines have come over this connection: one before the past and another one after it.
    empty: u32,
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
                logs_elsewhere: false,
                empty: 0,
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
            engine::Event::ConnectionLost { cause, .. } => {
                known.empty = 0;
                known.state.live.break_off();
                known.trouble(format!("the connection was lost: {cause}"));
            }
            engine::Event::Reconnected => known.state.live.trouble = None,
            engine::Event::Log(LogEvent::Lines { lines, .. }) if lines.is_empty() => known.nothing_more(),
            engine::Event::Log(LogEvent::Lines { lines, times, .. }) => {
                let times = times.iter().copied().chain(std::iter::repeat(None));
                for (line, time) in lines.iter().zip(times) {
                    known.line(line, time);
                }
            }
            engine::Event::Log(LogEvent::Customers { customers }) => known.customers(customers),
            engine::Event::Log(LogEvent::Notice { notice, text }) if notice != "rotated" => known.notice(notice, text),
            _ => return,
        }
        drop(known);
        self.changed.notify_one();
    }
}

impl Knowledge {
    /// Brings the state up to this moment.
    pub fn refresh(&mut self) {
        if self.clock.is_none() {
            return;
        }
        self.state.now = self.now();
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

    /// The second of the host's clock, as far as it is known.
    fn now(&self) -> i64 {
        let Some((read, second)) = self.clock else { return 0 };
        second + i64::try_from(read.elapsed().as_secs()).unwrap_or_default()
    }

    /// All is read that was written before.
    fn nothing_more(&mut self) {
        self.empty += 1;
        if self.empty >= 2 {
            self.state.live.read_until = None;
        }
    }

    /// Something about the log that is no line. That fail2ban logs to another file than the settings name is no trouble to
    /// reading: that file is followed.
    fn notice(&mut self, notice: &str, text: &str) {
        self.state.live.log_trouble = Some(LogTrouble {
            text: text.to_owned(),
            is_unread: notice == "missing" || notice == "elsewhere" && self.logs_elsewhere,
            since: self.now(),
        });
    }

    /// Takes over where fail2ban logs to; where it cannot be asked, what was known stays.
    fn logs_to(&mut self, target: &str) {
        self.logs_elsewhere = !target.starts_with('/');
        if self.logs_elsewhere && self.state.live.unread().is_none() {
            self.state.live.log_trouble = Some(LogTrouble {
                text: format!("fail2ban logs to {target} and not to a file, so its lines are not followed"),
                is_unread: true,
                since: self.now(),
            });
        }
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
        let server = observed.server.value();
        if let Some(target) = server.and_then(|server| server.settings.get("logtarget")?.as_str()) {
            self.logs_to(target);
        }
        let host = self.state.host.clone();
        for text in self.watching.observe(observed) {
            let event = Event::drift(&host, observed.clock.moment(now), &text);
            self.state.live.take(event, None, true);
        }
    }

    fn line(&mut self, text: &str, time: Option<i64>) {
        if !self.logs_elsewhere {
            self.state.live.lines_come(time);
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::model::clock::Clock;
    use crate::model::host_name::HostName;
    use crate::model::observed::Server;

    const NOW: i64 = 1_795_322_700;

    fn followed() -> Followed {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        Followed::new(State::new(host, false))
    }

    fn look(followed: &Followed, target: &str) {
        let server = Server {
            running: true,
            settings: BTreeMap::from([("logtarget".to_owned(), target.into())]),
            ..Server::default()
        };
        let observed = Observed {
            clock: Clock {
                now: NOW as f64,
                ..Clock::default()
            },
            server: Known::of(server),
            ..Observed::default()
        };
        followed.take(&engine::Event::Observed(&observed));
    }

    fn notice(followed: &Followed, notice: &str) {
        let event = LogEvent::Notice {
            notice: notice.to_owned(),
            text: format!("about {notice}"),
        };
        followed.take(&engine::Event::Log(&event));
    }

    fn lines(followed: &Followed, times: &[i64]) {
        let line = "2026-11-22 04:45:00,123 fail2ban.filter [7]: INFO    [sshd] Found 203.0.113.7 - x";
        let event = LogEvent::Lines {
            lines: times.iter().map(|_| line.to_owned()).collect(),
            times: times.iter().copied().map(Some).collect(),
            place: None,
        };
        followed.take(&engine::Event::Log(&event));
    }

    fn unread(followed: &Followed) -> Option<String> {
        followed.known().state.live.unread().map(str::to_owned)
    }

    #[test]
    fn a_look_does_not_end_the_trouble_of_a_log_that_is_missing() {
        let followed = followed();
        look(&followed, "/var/log/fail2ban.log");
        notice(&followed, "missing");
        lines(&followed, &[]);
        look(&followed, "/var/log/fail2ban.log");
        assert_eq!(unread(&followed).as_deref(), Some("about missing"));
        lines(&followed, &[NOW + 1]);
        assert_eq!(unread(&followed), None);
        assert_eq!(followed.known().state.live.log_trouble, None);
    }

    #[test]
    fn old_lines_of_a_file_do_not_hide_that_fail2ban_logs_elsewhere() {
        let followed = followed();
        look(&followed, "SYSLOG");
        notice(&followed, "elsewhere");
        lines(&followed, &[NOW - 600]);
        look(&followed, "SYSLOG");
        assert_eq!(unread(&followed).as_deref(), Some("about elsewhere"));
        // It logs to a file again: known when something comes of it.
        look(&followed, "/var/log/fail2ban.log");
        assert!(unread(&followed).is_some());
        lines(&followed, &[NOW + 1]);
        assert_eq!(unread(&followed), None);
        look(&followed, "SYSLOG");
        assert!(unread(&followed).is_some_and(|text| text.contains("SYSLOG")));
    }

    #[test]
    fn another_file_than_the_settings_name_is_read_and_lost_lines_are_known_for_a_while() {
        let followed = followed();
        look(&followed, "/var/log/other.log");
        for word in ["elsewhere", "lost"] {
            notice(&followed, word);
            look(&followed, "/var/log/other.log");
            lines(&followed, &[NOW - 5]);
            let live = followed.known().state.live.clone();
            assert_eq!(live.unread(), None);
            let text = live.log_trouble.map(|trouble| trouble.text);
            assert_eq!(text, Some(format!("about {word}")));
        }
        lines(&followed, &[NOW + 60]);
        assert_eq!(followed.known().state.live.log_trouble, None);
    }

    #[test]
    fn a_lost_connection_bounds_what_was_read_until_the_past_has_come() {
        let followed = followed();
        let until = || followed.known().state.live.read_until;
        look(&followed, "/var/log/fail2ban.log");
        lines(&followed, &[]);
        lines(&followed, &[NOW - 5]);
        lines(&followed, &[]);
        assert_eq!(until(), None);
        let pause = Duration::from_secs(1);
        followed.take(&engine::Event::ConnectionLost { cause: "reset", pause });
        assert_eq!(until(), Some(NOW));
        followed.take(&engine::Event::Reconnected);
        lines(&followed, &[]);
        lines(&followed, &[NOW + 20]);
        assert_eq!(until(), Some(NOW + 20));
        lines(&followed, &[]);
        assert_eq!(until(), None);
    }
}
