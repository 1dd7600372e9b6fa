//! What a watch says of the customers besides the lines of the log: how near they are to a ban by fail2ban's own count, that
//! one has come near, and entries of the whitelist that are not in force.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::found_lines::silent_level;
use super::near::is_near;
use super::tuning::setting_of;
use super::warnings::survey;
use crate::document::{FindingCode, Headroom, WarningCode};
use crate::history::{Forgetting, Happened, Nearness, RunningCount};
use crate::model::clock::Clock;
use crate::model::fail2ban::{Event, Line};
use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::planning::reading::running;

/// How far back the log is counted where nobody says it, seconds: at least, and at most.
const LEAST_BACK: i64 = 3600;
const MOST_BACK: i64 = 86_400;

/// What is known in the middle of a watch.
#[derive(Debug, Clone, Default)]
pub struct Watching {
    counts: RunningCount,
    clock: Clock,
    /// When the first line was written that is counted.
    from: Option<i64>,
    near: BTreeSet<(String, IpAddr)>,
    drift: BTreeSet<String>,
    silent: Option<String>,
}

/// How far back a log has to be read so that present counts are right: twice the longest findtime of a jail, within a day.
pub fn reach(observed: &Observed) -> u64 {
    let jails = running(observed).into_iter().flatten();
    let longest = jails.filter_map(|(_, jail)| jail.number("findtime")).max();
    let back = longest
        .unwrap_or_default()
        .saturating_mul(2)
        .clamp(LEAST_BACK, MOST_BACK);
    u64::try_from(back).unwrap_or_default()
}

impl Watching {
    /// Takes over the thresholds of the running jails; gives what is new of the entries that are not in force.
    pub fn observe(&mut self, observed: &Observed) -> Vec<String> {
        self.clock = observed.clock.clone();
        self.silent = silent_level(observed).map(str::to_owned);
        let server = observed.server.value();
        let version = server.and_then(|server| server.version.as_deref()).unwrap_or_default();
        for (name, jail) in running(observed).into_iter().flatten() {
            if let Some(setting) = setting_of(jail) {
                self.counts.set(Forgetting::of_version(version), name, setting);
            }
        }
        let is_drift = |code: &WarningCode| {
            let codes = [FindingCode::NotInForce, FindingCode::RuntimeEntry];
            codes.iter().any(|drift| *code == WarningCode::Found(*drift))
        };
        let found: BTreeSet<String> = survey(observed)
            .into_iter()
            .filter(|warning| is_drift(&warning.code))
            .map(|warning| warning.message.to_string())
            .collect();
        let new = found.difference(&self.drift).cloned().collect();
        self.drift = found;
        new
    }

    /// Counts a line, written in this second.
    pub fn take(&mut self, line: &Line, written: i64) {
        self.from.get_or_insert(written);
        let Some(jail) = &line.jail else { return };
        let address = line.ip.as_ref().filter(|ip| ip.is_single()).map(Network::address);
        let what = match line.event {
            Event::Found => line.weight().map_or(Happened::Found, Happened::Weighed),
            Event::Ban => Happened::Banned,
            Event::RestoreBan => Happened::Restored,
            Event::JailStarted => Happened::Began,
            _ => return,
        };
        self.counts.take(jail, address, line.dated(written), what);
    }

    /// How near an address is to a ban in a jail.
    pub fn headroom(&self, jail: &str, address: IpAddr, now: i64) -> Option<Headroom> {
        let near = self.counts.nearness(jail, address, now)?;
        Some(self.document(near))
    }

    /// Everybody who is counted, with the jail.
    pub fn all(&self, now: i64) -> Vec<(String, IpAddr, Headroom)> {
        let all = self.counts.all(now).into_iter();
        all.map(|(jail, address, near)| (jail.to_owned(), address, self.document(near)))
            .collect()
    }

    fn document(&self, near: Nearness) -> Headroom {
        Headroom {
            count: near.count,
            attempts: near.attempts,
            maxretry: near.setting.maxretry,
            findtime: near.setting.findtime,
            seconds_to_ban: near.seconds,
            counted_from: near.from.or(self.from).map(|from| self.clock.moment(from)),
        }
    }

    /// Whether an address has come near a ban with this; it is said once until it is far again, or banned.
    pub fn came_near(&mut self, jail: &str, address: IpAddr, headroom: Option<&Headroom>) -> bool {
        let key = (jail.to_owned(), address);
        match headroom.is_some_and(|headroom| is_near(headroom.count, headroom.maxretry)) {
            true => self.near.insert(key),
            false => {
                self.near.remove(&key);
                false
            }
        }
    }

    /// The host's clock at the last look.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// From when on is counted, for people.
    pub fn from(&self) -> Option<String> {
        self.from.map(|from| self.clock.moment(from))
    }

    /// Why nothing can be counted.
    pub fn silent(&self) -> Option<String> {
        let level = self.silent.as_ref()?;
        Some(format!(
            "fail2ban logs at level {level}: what a jail finds is logged at INFO only, so nobody's count is known"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::Server;

    const NOW: i64 = 1_795_322_703;

    fn observed(level: &str) -> Observed {
        let jail = json!({"values": {"maxretry": 10, "findtime": 3600, "bantime": 600}});
        let server = Server {
            running: true,
            version: Some("1.0.2".to_owned()),
            settings: BTreeMap::from([("loglevel".to_owned(), Value::from(level))]),
            jails: BTreeMap::from([(
                "asterisk-scan".to_owned(),
                serde_json::from_value(jail).expect("a jail"),
            )]),
            ..Server::default()
        };
        Observed {
            clock: Clock {
                now: NOW as f64,
                ..Clock::default()
            },
            server: Known::of(server),
            ..Observed::default()
        }
    }

    fn line(text: &str) -> Line {
        Line::parse(&format!("2026-11-22 04:45:03,123 fail2ban.filter [7]: INFO    {text}"))
    }

    fn found(watching: &mut Watching, ago: i64) -> bool {
        let address = IpAddr::from([203, 0, 113, 7]);
        watching.take(
            &line("[asterisk-scan] Found 203.0.113.7 - 2026-11-22 04:45:03"),
            NOW - ago,
        );
        let headroom = watching.headroom("asterisk-scan", address, NOW - ago);
        watching.came_near("asterisk-scan", address, headroom.as_ref())
    }

    #[test]
    fn coming_near_is_said_once_until_a_ban_empties_the_count() {
        let mut watching = Watching::default();
        watching.observe(&observed("INFO"));
        let near: Vec<bool> = (0..9).map(|number| found(&mut watching, 90 - number * 10)).collect();
        assert_eq!(near, [false, false, false, false, false, true, false, false, false]);
        let headroom = watching.headroom("asterisk-scan", IpAddr::from([203, 0, 113, 7]), NOW - 10);
        let headroom = headroom.expect("a count");
        assert_eq!((headroom.count, headroom.seconds_to_ban), (9, Some(10)));
        assert_eq!(headroom.counted_from.as_deref(), Some("2026-11-22T04:43:33+00:00"));
        watching.take(&line("[asterisk-scan] Ban 203.0.113.7"), NOW);
        assert_eq!(watching.all(NOW).len(), 0);
        let again: Vec<bool> = (0..6).map(|_| found(&mut watching, 0)).collect();
        assert_eq!(again, [false, false, false, false, false, true]);
    }

    #[test]
    fn a_level_that_leaves_failures_out_is_said_and_the_longest_findtime_is_read_back_twice() {
        let mut watching = Watching::default();
        watching.observe(&observed("NOTICE"));
        assert!(watching.silent().is_some_and(|text| text.contains("NOTICE")));
        watching.observe(&observed("INFO"));
        assert_eq!(watching.silent(), None);
        assert_eq!((reach(&observed("INFO")), reach(&Observed::default())), (7200, 3600));
    }
}
