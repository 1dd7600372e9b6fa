//! The two jails of the runbook's table, and what of a section has to be written for them.

use std::collections::BTreeSet;

use crate::model::jail_local::{EditRefusal, JailLocal, is_true};
use crate::model::observed::{Jail, LogSample, Observed};
use crate::model::runbook::{AUTH_FILTER, RunbookFilter, SCAN_FILTER, SCAN_HIGHEST_MAXRETRY};
use crate::model::timespan::Timespan;
use crate::planning::closed_ports::list_has;
use crate::planning::enforcement::{is_left_open, missing_protocol};
use crate::planning::listening::{Counted, Service, served_beside};

/// One of the two jails: its thresholds are those of the runbook's table (Why two asterisk jails), times in seconds.
#[derive(Debug, Clone, Copy)]
pub struct SplitJail {
    /// Its name, and that of its filter.
    pub name: &'static str,
    /// Its filter, relative to the configuration directory.
    pub filter_path: &'static str,
    /// `maxretry`, `findtime` and `bantime`.
    pub thresholds: [(&'static str, u64); 3],
    /// The filter for notices.
    pub notice: &'static str,
    /// The filter for security events.
    pub security: &'static str,
}

/// The strict jail and the lenient one.
pub const JAILS: [SplitJail; 2] = [SplitJail::of(AUTH_FILTER), SplitJail::of(SCAN_FILTER)];

/// SIP's ports, as the distribution's own asterisk jail has them.
const PORTS: &str = "5060,5061";
/// One action for each of SIP's protocols, with the host's own banaction: a banaction alone blocks TCP only.
const ACTIONS: &str = "%(banaction)s[name=%(__name__)s-tcp, port=\"%(port)s\", protocol=\"tcp\", chain=\"%(chain)s\"]\n\
                       %(banaction)s[name=%(__name__)s-udp, port=\"%(port)s\", protocol=\"udp\", chain=\"%(chain)s\"]";
/// The shortest findtime and bantime, seconds: below a minute a jail neither adds up nor shuts out.
const LEAST_SECONDS: u64 = 60;

impl SplitJail {
    const fn of(filter: RunbookFilter) -> Self {
        Self {
            name: filter.jail.name,
            filter_path: filter.jail.filter_path,
            thresholds: filter.jail.thresholds(),
            notice: filter.notice,
            security: filter.security,
        }
    }

    /// The ports on which the Asterisk of this log listens, as far as this jail counts what fails there; none if that is not
    /// known.
    pub fn services(&self, log: &LogSample, observed: &Observed) -> Vec<Service> {
        let counted = Counted {
            iax: true,
            manager: self.name == AUTH_FILTER.jail.name,
        };
        let paths = [log.path.clone(), log.real.clone()];
        served_beside(self.name, &paths, counted, observed).unwrap_or_default()
    }

    /// The keys that have to be written, with their values, given the section as it is, the jail as it runs, and the ports on
    /// which Asterisk listens.
    pub fn due(
        &self,
        document: &JailLocal,
        running: Option<&Jail>,
        log: &LogSample,
        services: &[Service],
    ) -> Vec<(&'static str, String)> {
        let new = !document.sections().contains(&self.name);
        let value = |key: &str| document.value(self.name, key);
        let mut due = Vec::new();
        let mut want = |key: &'static str, text: &str| due.push((key, text.to_owned()));
        if new || !value("enabled").is_some_and(is_true) {
            want("enabled", "true");
        }
        let filter = value("filter");
        if new || filter.is_some_and(|text| text.split('[').next().map(str::trim) != Some(self.name)) {
            want("filter", self.name);
        }
        if let Some(ports) = ports(value("port").filter(|_| !new), running, services, new) {
            want("port", &ports);
        }
        if new || !reads(value("logpath"), running, log) {
            want("logpath", &log.path);
        }
        if value("backend").is_some_and(|backend| backend.trim().starts_with("systemd")) {
            want("backend", "auto");
        }
        for (key, wanted) in self.thresholds {
            if !self.is_in_order(key, value(key), running.and_then(|jail| jail.number(key)), wanted) {
                want(key, &wanted.to_string());
            }
        }
        let covered = match running {
            Some(jail) => missing_protocol(jail).is_none(),
            None => !new && ["action", "action_"].iter().any(|key| value(key).is_some()),
        };
        if !covered && value("action_") != Some(ACTIONS) {
            want("action_", ACTIONS);
        }
        due
    }

    /// Whether a threshold is the table's, or one within the runbook's limits that the section sets on purpose.
    fn is_in_order(&self, key: &str, text: Option<&str>, running: Option<i64>, wanted: u64) -> bool {
        is_set_to(text, running, wanted)
            || text
                .and_then(|text| Timespan::parse(text.trim()).ok())
                .is_some_and(|span| self.is_sanctioned(key, span.seconds()))
    }

    /// Whether the runbook lets this threshold be tuned to this value (Tuning guidance): of the lenient jail `maxretry` up to
    /// 200 and `findtime`, of both `bantime`.
    pub fn is_sanctioned(&self, key: &str, value: u64) -> bool {
        let is_lenient = self.name == SCAN_FILTER.jail.name;
        match key {
            "maxretry" => is_lenient && (1..=SCAN_HIGHEST_MAXRETRY).contains(&value),
            "findtime" => is_lenient && value >= LEAST_SECONDS,
            _ => value >= LEAST_SECONDS,
        }
    }

    /// Writes keys into the jail's section, which is added where it is missing.
    ///
    /// # Errors
    /// An edit that cannot be made safely.
    pub fn write(&self, document: &JailLocal, due: &[(&'static str, String)]) -> Result<JailLocal, EditRefusal> {
        written(document, self.name, due)
    }
}

/// The ports to write, if others are there: those of a new jail, or those there are with what Asterisk has beside them.
fn ports(text: Option<&str>, running: Option<&Jail>, services: &[Service], new: bool) -> Option<String> {
    let of_actions = running.and_then(|jail| jail.actions.values().find_map(|action| action.get("port")));
    let present = text.or(of_actions.map(String::as_str)).unwrap_or(PORTS);
    let is_open = |service: &&Service| match running {
        Some(jail) if !new => is_left_open(jail, service),
        _ => !list_has(present, service.port),
    };
    let missing: BTreeSet<u16> = services.iter().filter(is_open).map(|service| service.port).collect();
    let all = missing
        .iter()
        .fold(present.to_owned(), |list, port| format!("{list},{port}"));
    (new || !missing.is_empty()).then_some(all)
}

/// A section with keys set, added where it is missing.
///
/// # Errors
/// An edit that cannot be made safely.
pub fn written(document: &JailLocal, section: &str, due: &[(&str, String)]) -> Result<JailLocal, EditRefusal> {
    let mut edited = document.clone();
    if !edited.sections().contains(&section) {
        edited = edited.add_section(section)?.document;
    }
    for (key, value) in due {
        edited = edited.set(section, key, value)?.document;
    }
    Ok(edited)
}

/// Whether a jail reads Asterisk's log, by the text of its section or, for what the text does not tell, as it runs.
fn reads(text: Option<&str>, running: Option<&Jail>, log: &LogSample) -> bool {
    let is_log = |path: &str| path == log.path || path == log.real;
    match text {
        Some(text) if text.split_whitespace().any(is_log) => true,
        _ => running.is_some_and(|jail| jail.list("logpath").iter().any(|path| is_log(path))),
    }
}

/// Whether a threshold is what it has to be; what a text with an interpolation comes to is seen in the running jail.
fn is_set_to(text: Option<&str>, running: Option<i64>, wanted: u64) -> bool {
    let Some(text) = text.map(str::trim) else {
        return false;
    };
    if text.contains('%') {
        return running.and_then(|value| u64::try_from(value).ok()) == Some(wanted);
    }
    Timespan::parse(text).is_ok_and(|span| span.seconds() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::jail_local::Reader;

    fn document(text: &str) -> JailLocal {
        JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).expect("text")
    }

    fn log() -> LogSample {
        LogSample {
            path: "/var/log/asterisk/messages.log".to_owned(),
            real: "/var/log/asterisk/messages.log".to_owned(),
            exists: true,
            ..LogSample::default()
        }
    }

    fn keys(text: &str) -> Vec<&'static str> {
        let [_, scan] = JAILS;
        scan.due(&document(text), None, &log(), &[])
            .into_iter()
            .map(|(key, _)| key)
            .collect()
    }

    #[test]
    fn what_was_written_needs_nothing_more() {
        let mut text = document("[DEFAULT]\nbantime = 1h\n");
        for jail in JAILS {
            let due = jail.due(&text, None, &log(), &[]);
            text = jail.write(&text, &due).expect("written");
        }
        for jail in JAILS {
            assert_eq!(jail.due(&text, None, &log(), &[]), []);
        }
        assert_eq!(text.value("asterisk-scan", "maxretry"), Some("50"));
        assert!(
            !text.keys("asterisk-scan").contains(&"bantime"),
            "the one in DEFAULT is the same"
        );
    }

    #[test]
    fn only_what_differs_is_due() {
        let good = "[asterisk-scan]\nenabled = yes\nlogpath = /var/log/asterisk/messages.log\nfindtime = 60m\nbantime = 1h\n\
                    action = %(action_)s\n";
        assert_eq!(keys(&format!("{good}maxretry = 50\n")), Vec::<&str>::new());
        assert_eq!(keys(&format!("{good}maxretry = 300\n")), ["maxretry"]);
        assert_eq!(keys(&format!("{good}maxretry = 100\n")), Vec::<&str>::new(), "tuned");
        assert_eq!(
            keys(&format!(
                "{good}maxretry = 50\nfilter = asterisk[x=1]\nbackend = systemd\n"
            )),
            ["filter", "backend"]
        );
    }

    #[test]
    fn the_ports_that_asterisk_has_are_written() {
        let service = |protocol: &str, port: u16| Service {
            protocol: protocol.to_owned(),
            port,
            contained: false,
        };
        let services = [service("udp", 5060), service("udp", 5080), service("tcp", 5080)];
        let [_, scan] = JAILS;
        let written = |text: &str| {
            let due = scan.due(&document(text), None, &log(), &services);
            due.into_iter().find(|(key, _)| *key == "port").map(|(_, value)| value)
        };
        assert_eq!(written("[DEFAULT]\n").as_deref(), Some("5060,5061,5080"));
        assert_eq!(written("[asterisk-scan]\nport = 5060\n").as_deref(), Some("5060,5080"));
        assert_eq!(written("[asterisk-scan]\nport = 5060:5090\n"), None);
    }
}
