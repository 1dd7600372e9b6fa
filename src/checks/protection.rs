//! The verdict of `status`: is the PBX protected, and is anybody of the whitelist banned?
//!
//! Boundary: it rests on one look at the host. What was not looked at, or could not be, makes the verdict unknown; whether the
//! filters count each attempt is doctor's part.

use std::collections::BTreeMap;

use crate::document::{CustomerBan, FilesSince, Finding, Protection, ProtectionVerdict, Source, WhitelistRow};
use crate::model::comment_text::escaped;
use crate::model::known::Cause;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::running_asterisk::ReadLog;
use crate::model::text::{Text, texts};
use crate::planning::enforcement::{Enforcement, counts_sip, enforcement, reads_asterisk};
use crate::planning::reading::{running, running_jails};
use crate::planning::refusal::Refusal;
use crate::planning::temporary::set_again::lost_entries;

use super::doctor::{exempts_everybody, levels, not_written, unjudged_ignorecommand};

/// How long after the earliest moment at which fail2ban may have read its files it has read them for certain, seconds: the host
/// takes five off the server's start, and reading takes a moment.
const READ_BY_THEN: f64 = 10.0;

/// The verdict about a host with this whitelist.
pub fn protection(observed: &Observed, whitelist: &Result<Vec<WhitelistRow>, Refusal>) -> Protection {
    let jails: Vec<(&String, &Jail)> = running(observed)
        .into_iter()
        .flatten()
        .filter(|(name, jail)| counts_sip(name, jail, observed))
        .collect();
    let (open, unseen) = reasons(observed, &jails);
    let verdict = match (open.is_empty(), unseen.is_empty()) {
        (false, _) => ProtectionVerdict::NotProtected,
        (true, false) => ProtectionVerdict::Unknown,
        (true, true) => ProtectionVerdict::Protected,
    };
    let rows = whitelist.as_ref().ok().filter(|_| running(observed).is_some());
    Protection {
        verdict,
        reasons: texts(open.into_iter().chain(unseen)),
        jails: jails.iter().map(|(name, _)| Text::from(name.as_str())).collect(),
        customers_banned: rows.and_then(|rows| customers_banned(observed, rows)),
        not_in_force: rows.map(|rows| not_in_force(observed, rows)),
        drift: files_since(observed),
        interrupted: interrupted(observed),
    }
}

/// What is open, and what could not be seen.
fn reasons(observed: &Observed, jails: &[(&String, &Jail)]) -> (Vec<String>, Vec<String>) {
    let (mut open, mut unseen) = (Vec::new(), Vec::new());
    let add = |reasons: &mut Vec<String>, reason: String| {
        if !reasons
            .iter()
            .any(|known| known.contains(&reason) || reason.contains(known))
        {
            reasons.push(reason);
        }
    };
    if observed.server.value().is_some_and(|server| !server.running) {
        add(&mut open, "fail2ban is not running".to_owned());
    } else if let Err(refusal) = running_jails(observed) {
        add(&mut unseen, refusal.message);
    } else if jails.is_empty() {
        // By its name or ports none does; whether one reads a log of Asterisk's was seen only where one runs.
        let seen = observed
            .asterisk
            .value()
            .is_some_and(|look| !look.processes.is_empty() && look.is_whole());
        let reasons = if seen { &mut open } else { &mut unseen };
        add(
            reasons,
            "no running jail is seen to count what Asterisk logs".to_owned(),
        );
    }
    for (name, jail) in jails {
        let name = name.as_str();
        if exempts_everybody(jail) {
            add(&mut open, format!("jail {name} ignores the whole internet"));
        } else if let Some(why) = unjudged_ignorecommand(name, jail) {
            add(&mut unseen, why);
        }
        match log(name, jail, observed) {
            Log::Read => {}
            Log::Other(why) => add(&mut open, why),
            Log::Unknown(why) => add(&mut unseen, why),
        }
        match enforcement(name, jail, observed) {
            Enforcement::Yes => {}
            Enforcement::No(gap) => add(&mut open, gap.clause(name)),
            Enforcement::Unknown(why) => add(&mut unseen, why),
        }
    }
    (open, unseen)
}

/// Whether what Asterisk logs gets to a jail.
enum Log {
    /// It does.
    Read,
    /// Asterisk writes another log.
    Other(String),
    /// That could not be seen.
    Unknown(String),
}

fn log(name: &str, jail: &Jail, observed: &Observed) -> Log {
    let asterisk = &observed.asterisk;
    let look = match asterisk.read() {
        Ok(look) => look,
        Err(_) if asterisk.cause() == Some(Cause::NotAsked) => {
            return Log::Unknown("the running Asterisk was not looked at".to_owned());
        }
        Err(reason) => {
            return Log::Unknown(format!(
                "the running Asterisk could not be looked at: {}",
                escaped(reason)
            ));
        }
    };
    let paths = jail.list("logpath");
    let read: Vec<&ReadLog> = paths.iter().filter_map(|path| look.read(path)).collect();
    if let Some(finding) = levels(name, &read, look) {
        // The running Asterisk may not have loaded that file.
        return Log::Unknown(clause(&finding));
    }
    if reads_asterisk(jail, observed) {
        return Log::Read;
    }
    if let Some(finding) = not_written(name, &read, look) {
        return Log::Other(clause(&finding));
    }
    // Lines that were counted came from somewhere: syslog, or the journal.
    if read.iter().all(|log| !log.writers.is_empty()) && jail.counters.total_failed > 0 {
        return Log::Read;
    }
    if let Some(process) = look.processes.iter().find(|process| process.unknown.is_some()) {
        let reason = escaped(process.unknown.as_deref().unwrap_or_default());
        return Log::Unknown(format!(
            "Asterisk (process {}) could not be looked at: {reason}",
            process.pid
        ));
    }
    Log::Unknown(match (look.processes.is_empty(), paths.is_empty()) {
        (true, _) => "no Asterisk runs on this host".to_owned(),
        (false, true) => format!("jail {name} reads no log file, and has counted nothing since it began"),
        (false, false) => format!("no running Asterisk is seen to write the log of jail {name}"),
    })
}

/// A finding's sentence within another.
fn clause(finding: &Finding) -> String {
    let mut letters = finding.message.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters.clone()).collect()
}

/// The bans that hold somebody of the whitelist, by what is banned; of several entries the narrowest is named. `None` where none
/// is seen, and an entry is a name that only fail2ban resolves.
fn customers_banned(observed: &Observed, rows: &[WhitelistRow]) -> Option<Vec<CustomerBan>> {
    let entries: Vec<(Network, &WhitelistRow)> = rows.iter().filter_map(|row| Some((row.as_network()?, row))).collect();
    let mut found: BTreeMap<&str, (CustomerBan, Option<i64>)> = BTreeMap::new();
    for (name, jail) in running(observed).into_iter().flatten() {
        for ban in &jail.bans {
            let Some(network) = ban.ip.network() else {
                continue;
            };
            // An entry of one jail, or of a few, is not about the others; one of the list in [DEFAULT] is about each.
            let is_of_jail = |row: &WhitelistRow| {
                row.source == Source::File || row.in_force.iter().any(|jail| jail.raw() == name.as_str())
            };
            let about = entries
                .iter()
                .filter(|(entry, row)| entry.overlaps(&network) && is_of_jail(row));
            let Some((_, row)) = about.max_by_key(|(entry, _)| entry.prefix_length()) else {
                continue;
            };
            let begin = || {
                let ban = CustomerBan {
                    ip: ban.ip.as_str().into(),
                    network: row.network.clone(),
                    customer: row.customer.clone(),
                    jails: Vec::new(),
                    until: None,
                };
                (ban, Some(i64::MIN))
            };
            let (one, until) = found.entry(ban.ip.as_str()).or_insert_with(begin);
            one.jails.push(name.as_str().into());
            *until = until.zip(ban.until).map(|(one, other)| one.max(other));
        }
    }
    if found.is_empty() && entries.len() < rows.len() {
        return None;
    }
    let ended = found.into_values().map(|(ban, until)| CustomerBan {
        until: until.map(|until| observed.clock.moment(until)),
        ..ban
    });
    Some(ended.collect())
}

fn not_in_force(observed: &Observed, rows: &[WhitelistRow]) -> Vec<Text> {
    let of_file = rows
        .iter()
        .filter(|row| row.source == Source::File && !row.not_in_force.is_empty());
    let lost = lost_entries(observed).into_iter().map(|entry| Text::from(entry.entry));
    of_file.map(|row| row.network.clone()).chain(lost).collect()
}

fn files_since(observed: &Observed) -> FilesSince {
    let unknown = |reason: &str| FilesSince {
        written_since: None,
        file: None,
        reason: Some(reason.into()),
    };
    let origins = match observed.origins.read() {
        Ok(origins) => origins,
        Err(reason) => return unknown(reason),
    };
    let Some((loaded, at)) = origins.loaded.as_ref().and_then(|loaded| Some((loaded, loaded.at?))) else {
        return unknown("when fail2ban read its files is not known");
    };
    let file = Some(Text::from(loaded.file.as_str()));
    match (loaded.is_current(), loaded.changed - at > READ_BY_THEN) {
        (true, _) => FilesSince {
            written_since: Some(false),
            file,
            reason: None,
        },
        (false, true) => FilesSince {
            written_since: Some(true),
            file,
            reason: None,
        },
        (false, false) => FilesSince {
            file,
            ..unknown("a file was written at the moment at which fail2ban read them")
        },
    }
}

/// While somebody holds the lock, an open change is under way and not interrupted.
fn interrupted(observed: &Observed) -> Option<usize> {
    match observed.lock.value()? {
        Some(_) => Some(0),
        None => Some(observed.changes.value()?.len()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{Counters, Server};
    use crate::model::running_asterisk::RunningAsterisk;
    use crate::planning::whitelist::whitelist;

    const LOG: &str = "/var/log/asterisk/messages.log";

    fn known<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).expect("a value of this form")
    }

    /// A host whose jail blocks what the running Asterisk serves.
    fn host() -> Observed {
        let action = json!({"actionban": "<iptables> -I f2b-asterisk 1 -s <ip> -j REJECT", "protocol": "all",
                            "port": "0:65535", "name": "asterisk"});
        let jail = json!({
            "values": {"logpath": [LOG], "ignoreip": ["203.0.113.0/28"], "maxretry": 3},
            "actions": {"iptables-allports": action},
        });
        let look: RunningAsterisk = known(json!({
            "processes": [{"pid": 12, "own_network": false, "unknown": null,
                "logs": [{"path": LOG, "file": "1", "folder": "f", "deleted": false}],
                "sockets": [{"protocol": "udp", "port": 5060}]}],
            "read": [{"path": LOG, "file": "1", "folders": ["f"], "writers": []}],
        }));
        let server: Server = known(json!({"running": true, "socket": "s", "jails": {"asterisk": jail}}));
        let text = "# 203.0.113.0/28 | Blue Lotus Hotels | x\n[DEFAULT]\nignoreip = 203.0.113.0/28\n";
        let mut observed = Observed {
            server: Known::of(server),
            asterisk: Known::of(look),
            firewall: Known::of(Default::default()),
            changes: Known::of(Vec::new()),
            lock: Known::of(None),
            ..Observed::default()
        };
        observed.jail_local = Known::of(crate::model::observed::HostFile {
            path: "/etc/fail2ban/jail.local".to_owned(),
            exists: true,
            link: None,
            sha256: None,
            content: Some(text.as_bytes().to_vec()),
            mode: None,
        });
        observed
    }

    fn jail(observed: &mut Observed) -> &mut Jail {
        let Known::Value { value } = &mut observed.server else {
            panic!("a server");
        };
        value.jails.get_mut("asterisk").expect("the jail")
    }

    fn verdict(observed: &Observed) -> (ProtectionVerdict, String) {
        let found = protection(observed, &whitelist(observed));
        let first = found.reasons.first().map(Text::to_string).unwrap_or_default();
        (found.verdict, first)
    }

    #[test]
    fn a_host_is_protected_where_everything_that_it_rests_on_was_seen() {
        let found = protection(&host(), &whitelist(&host()));
        assert_eq!(
            (found.verdict, &found.reasons[..]),
            (ProtectionVerdict::Protected, &[][..])
        );
        assert_eq!(found.jails, ["asterisk"]);
        assert_eq!(found.customers_banned, Some(Vec::new()));
        assert_eq!(found.interrupted, Some(0));
        // The files were not compared, and that is said.
        assert_eq!(found.drift.written_since, None);
        assert!(found.drift.reason.is_some());
    }

    #[test]
    fn what_is_open_is_named() {
        let mut down = host();
        down.server = Known::of(Server::default());
        assert_eq!(
            verdict(&down),
            (ProtectionVerdict::NotProtected, "fail2ban is not running".to_owned())
        );
        assert_eq!(
            protection(&down, &whitelist(&down)).customers_banned,
            None,
            "nobody was asked who is banned"
        );
        let mut bare = host();
        jail(&mut bare).actions.clear();
        let (found, reason) = verdict(&bare);
        assert_eq!(found, ProtectionVerdict::NotProtected);
        assert!(reason.contains("has no action"), "{reason}");
        let mut open = host();
        jail(&mut open).values.insert("ignoreip".to_owned(), json!(["0.0.0.0"]));
        assert_eq!(verdict(&open).1, "jail asterisk ignores the whole internet");
        let mut other = host();
        other.asterisk = match other.asterisk {
            Known::Value { mut value } => {
                value.read[0].file = Some("2".to_owned());
                Known::of(value)
            }
            unknown => unknown,
        };
        let (found, reason) = verdict(&other);
        assert_eq!(found, ProtectionVerdict::NotProtected);
        assert!(
            reason.starts_with(&format!("jail asterisk reads {LOG}, which the running Asterisk")),
            "{reason}"
        );
        let mut none = host();
        if let Known::Value { value } = &mut none.server {
            value.jails.clear();
        }
        assert_eq!(
            verdict(&none),
            (
                ProtectionVerdict::NotProtected,
                "no running jail is seen to count what Asterisk logs".to_owned()
            )
        );
        none.asterisk = Known::default();
        assert_eq!(
            verdict(&none).0,
            ProtectionVerdict::Unknown,
            "one of another name may read its log"
        );
    }

    #[test]
    fn what_was_not_seen_is_no_protection() {
        let mut unasked = host();
        unasked.asterisk = Known::default();
        assert_eq!(
            verdict(&unasked),
            (
                ProtectionVerdict::Unknown,
                "the running Asterisk was not looked at".to_owned()
            )
        );
        let mut gone = host();
        gone.asterisk = Known::of(RunningAsterisk::default());
        assert_eq!(
            verdict(&gone),
            (ProtectionVerdict::Unknown, "no Asterisk runs on this host".to_owned())
        );
        let mut walled = host();
        walled.firewall = Known::default();
        assert_eq!(
            verdict(&walled),
            (
                ProtectionVerdict::Unknown,
                "the packet filter cannot be read".to_owned()
            )
        );
        let refused = Observed {
            server: Known::Unknown {
                unknown: "no permission".to_owned(),
                kind: Cause::Permission,
            },
            ..host()
        };
        assert_eq!(verdict(&refused).0, ProtectionVerdict::Unknown);
    }

    #[test]
    fn a_log_that_syslog_writes_is_read_where_lines_of_it_were_counted() {
        let mut by_syslog = host();
        if let Known::Value { value } = &mut by_syslog.asterisk {
            value.processes[0].logs.clear();
            value.read[0].writers = vec!["rsyslogd".to_owned()];
        }
        let name = "asterisk".to_owned();
        let of_log = |observed: &Observed| {
            let jail = &running(observed).expect("jails")[&name];
            matches!(log(&name, jail, observed), Log::Read)
        };
        assert!(!of_log(&by_syslog));
        jail(&mut by_syslog).counters = Counters {
            total_failed: 7,
            ..Counters::default()
        };
        assert!(of_log(&by_syslog));
    }

    #[test]
    fn a_file_that_was_written_when_fail2ban_began_is_not_said_to_be_newer() {
        let since = |changed: f64| {
            let observed = Observed {
                origins: known(json!({"value": {"jails": {},
                    "loaded": {"at": 100.0, "changed": changed, "file": "jail.local"}}})),
                ..host()
            };
            files_since(&observed).written_since
        };
        assert_eq!(since(99.9), Some(false));
        assert_eq!(since(105.5), None);
        assert_eq!(since(111.0), Some(true));
    }

    #[test]
    fn bans_of_the_whitelisted_are_named_with_their_customer() {
        let mut observed = host();
        jail(&mut observed).bans = known(json!([
            {"ip": "203.0.113.5", "since": 1, "until": 60}, {"ip": "192.0.2.7", "since": 1, "until": 60},
            {"ip": "203.0.113.0/24", "since": 1, "until": null},
        ]));
        let found = protection(&observed, &whitelist(&observed))
            .customers_banned
            .expect("known");
        let shown: Vec<(String, Option<String>)> = found
            .iter()
            .map(|ban| (ban.ip.to_string(), ban.until.clone()))
            .collect();
        assert_eq!(
            shown,
            [
                ("203.0.113.0/24".to_owned(), None),
                ("203.0.113.5".to_owned(), Some("1970-01-01T00:01:00+00:00".to_owned()))
            ]
        );
        assert_eq!(found[1].customer, Some("Blue Lotus Hotels".into()));
    }
}
