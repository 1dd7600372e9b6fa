//! What there is to judge from, put in order once: lines with their attempts, and what fail2ban did.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::history::{Attempt, DatedLine, attempts};
use crate::model::clock::Clock;
use crate::model::fail2ban::{Event, Line};
use crate::model::known::{Cause, Known};
use crate::model::looked_back::{CountedLines, CutLine, CutLog, LookedBack};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::origins::{Decision, Decisions};
use crate::planning::reading::running;

/// Why there is no decision about an address.
pub const NOT_ASKED: &str = "fail2ban was not asked about it";

/// Whether jails would ignore some addresses, by fail2ban's own decision.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// The addresses that it was asked about.
    pub addresses: Vec<IpAddr>,
    /// Its decisions, each jail's in the order of the addresses.
    pub jails: Known<Decisions>,
}

impl Decided {
    /// A jail's decision about an address.
    ///
    /// # Errors
    /// Why there is none.
    pub fn of(&self, jail: &str, address: IpAddr) -> Result<&Decision, &str> {
        let of_jail = self.jails.read()?.get(jail).ok_or(NOT_ASKED)?.read()?;
        let place = self.addresses.iter().position(|asked| *asked == address);
        place.and_then(|place| of_jail.get(place)).ok_or(NOT_ASKED)
    }
}

/// What there is to judge from.
pub struct Evidence<'a> {
    /// The host as it was observed.
    pub observed: &'a Observed,
    /// What its logs hold.
    pub past: &'a LookedBack,
    /// Asterisk's log by the host's settings.
    pub asterisk_log: &'a str,
    /// From when on the logs were wanted, seconds before now; absent for all that there is.
    pub since: Option<u64>,
    /// Which lines each jail counts, by the host's own fail2ban; absent while nobody was asked.
    pub counted: Option<&'a CountedLines>,
    /// Whether jails would ignore the addresses; absent while nobody was asked.
    pub decided: Option<&'a Decided>,
    /// Every line of `past.logs`, with its log.
    pub lines: Vec<(&'a CutLog, &'a CutLine)>,
    /// The attempts that they are about.
    pub attempts: Vec<Attempt>,
    /// What fail2ban did, in order.
    pub acts: Vec<Act<'a>>,
}

/// Something that fail2ban's action log says.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// When it was written, seconds of the Unix clock.
    pub moment: i64,
    /// The jail.
    pub jail: String,
    /// What happened.
    pub event: Event,
    /// To which address or network.
    pub ip: Option<Network>,
    /// Of a failure, the date of its line.
    pub dated: i64,
    /// Of a failure of somebody who was banned before: how much more it weighs.
    pub weight: Option<i64>,
    /// The words behind the jail.
    pub text: String,
    /// The line itself.
    pub line: &'a CutLine,
}

impl<'a> Evidence<'a> {
    /// Puts in order what there is.
    pub fn new(
        observed: &'a Observed,
        past: &'a LookedBack,
        counted: Option<&'a CountedLines>,
        asterisk_log: &'a str,
        since: Option<u64>,
    ) -> Self {
        let lines: Vec<(&CutLog, &CutLine)> = past
            .logs
            .iter()
            .flat_map(|log| log.lines.iter().map(move |line| (log, line)))
            .collect();
        let dated: Vec<DatedLine<'_>> = lines
            .iter()
            .map(|(_, line)| DatedLine {
                moment: line.time,
                text: &line.text,
            })
            .collect();
        Self {
            observed,
            past,
            asterisk_log,
            since,
            counted,
            decided: None,
            attempts: attempts(&dated),
            acts: past.actions.lines.iter().filter_map(act).collect(),
            lines,
        }
    }

    /// The same with fail2ban's decisions about the addresses.
    #[must_use]
    pub fn with_decisions(self, decided: &'a Decided) -> Self {
        Self {
            decided: Some(decided),
            ..self
        }
    }

    /// The host's clock.
    pub fn clock(&self) -> &Clock {
        &self.observed.clock
    }

    /// The present second of the host's clock.
    pub fn now(&self) -> i64 {
        self.clock().second()
    }

    /// Whether nobody was asked, since there are files alone.
    pub fn is_local(&self) -> bool {
        self.observed.server.cause() == Some(Cause::NotAsked)
    }

    /// The running jails; none where fail2ban is down or cannot be asked.
    pub fn jails(&self) -> BTreeMap<&'a str, &'a Jail> {
        let jails = running(self.observed).into_iter().flatten();
        jails.map(|(name, jail)| (name.as_str(), jail)).collect()
    }

    /// A line with its place: `PATH:LINE text`.
    pub fn cited(&self, number: usize) -> Option<String> {
        let (log, line) = self.lines.get(number)?;
        Some(format!("{} {}", log.place(line), line.text))
    }

    /// What the action log says, with its place.
    pub fn cited_act(&self, act: &Act<'_>) -> String {
        format!("{} {}", self.past.actions.place(act.line), act.line.text)
    }

    /// The addresses that were seen in lines, in the action log and in bans, and lie in one of these networks (in any
    /// where there are none).
    pub fn addresses(&self, networks: &[Network]) -> Vec<IpAddr> {
        let of_attempts = self.attempts.iter().filter_map(|attempt| attempt.address);
        let is_single = |network: &Network| network.is_single().then(|| network.address());
        let of_acts = self.acts.iter().filter_map(|act| act.ip.as_ref().and_then(is_single));
        let jails = self.jails();
        let bans = jails.values().flat_map(|jail| &jail.bans);
        let of_bans = bans.filter_map(|ban| ban.ip.network().as_ref().and_then(is_single));
        let mut found: Vec<IpAddr> = of_attempts.chain(of_acts).chain(of_bans).collect();
        found.retain(|address| networks.iter().any(|network| network.contains(*address)));
        found.sort();
        found.dedup();
        found
    }

    /// A moment as people read it: the time of day if it is of today, else with its day.
    pub fn when(&self, moment: i64) -> String {
        let (clock, text) = (self.clock(), self.clock().moment(moment));
        let day = clock.today().to_string();
        match text.split_once('T') {
            Some((date, _)) if date == day => clock.time_of_day(moment),
            Some((date, rest)) => format!("{date} {}", rest.get(..5).unwrap_or(rest)),
            None => text,
        }
    }
}

/// What a line of the action log says; `None` for one without a time or of nothing that matters here.
fn act(cut: &CutLine) -> Option<Act<'_>> {
    let line = Line::parse(&cut.text);
    let moment = cut.time?;
    Some(Act {
        moment,
        dated: line.dated(moment),
        weight: line.weight(),
        text: line.message().to_owned(),
        event: line.event,
        ip: line.ip,
        jail: line.jail?,
        line: cut,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> CutLine {
        CutLine {
            file: 0,
            line: 1,
            time: Some(1_000_000),
            text: format!("2026-11-22 10:15:05,123 fail2ban.filter         [1]: INFO    {text}"),
        }
    }

    #[test]
    fn a_failure_has_the_date_of_its_line_and_its_weight() {
        let of = |text: &str| {
            let cut = cut(text);
            act(&cut).map(|act| (act.event, act.dated - act.moment, act.weight))
        };
        assert_eq!(
            of("[a-b] Found 192.0.2.7 - 2026-11-22 10:15:03"),
            Some((Event::Found, -2, None))
        );
        assert_eq!(
            of("[a-b] Found 192.0.2.7, bad - 2026-11-22 10:15:03, 3 # -> 5.0, Ban"),
            Some((Event::Found, -2, Some(4)))
        );
        assert_eq!(of("[a-b] Ban 192.0.2.7"), Some((Event::Ban, 0, None)));
        assert_eq!(of("Starting Fail2ban v1.0.2"), None);
    }
}
