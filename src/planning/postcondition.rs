//! What a change has to come out with on the host's own reading of all its files, not just in the one that is edited.
//!
//! jail.local can be overridden: `jail.d/*.local` is read after it. Only the rehearsal tells whether what was
//! written is what would be in force, so a draft says what it requires and the plan is refused where that is not so.

use std::collections::BTreeSet;

use crate::model::comment_text::escaped;
use crate::model::observed::{Jail, Observed, Rehearsal};
use crate::model::timespan::Timespan;

use super::refusal::Refusal;

/// What a jail has to be like in the rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Postcondition {
    /// A whole-number setting has this value (times in seconds).
    Number {
        /// The jail.
        jail: String,
        /// The `get` key, e.g. `maxretry`.
        key: &'static str,
        /// Its value.
        value: i64,
    },
    /// The jail is set up.
    Running {
        /// The jail.
        jail: String,
    },
    /// The jail is not set up.
    Absent {
        /// The jail.
        jail: String,
    },
    /// The jail reads this file and no journal.
    Reads {
        /// The jail.
        jail: String,
        /// The file's absolute path on the host.
        log: String,
    },
    /// Each of these whitelist entries, in fail2ban's spelling, is in force in at least one jail, or in those that are named.
    Whitelisted {
        /// The entries.
        entries: BTreeSet<String>,
        /// The jails that are named.
        jails: BTreeSet<String>,
        /// Where jail.local itself lets something else replace its list: clauses that begin with the place.
        replaced: Vec<String>,
    },
    /// The database keeps bans for as long as the jail looks back.
    Remembered {
        /// The jail.
        jail: String,
        /// `dbpurgeage` as it is meant to be, seconds; what the rehearsal has for it counts, where that can be read.
        purge_age: i64,
    },
}

impl Postcondition {
    /// Compares with what the rehearsal came to.
    ///
    /// # Errors
    /// A precondition's refusal that names what would be in force instead, and where to look.
    pub fn check(&self, observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        let jail = |name: &String| rehearsal.jails.get(name);
        match self {
            Self::Absent { jail: name } => absent(name, jail(name), observed),
            Self::Running { jail: name } => present(name, jail(name), observed).map(|_| ()),
            Self::Number { jail: name, key, value } => {
                number(name, present(name, jail(name), observed)?, key, *value, observed)
            }
            Self::Reads { jail: name, log } => reads(name, present(name, jail(name), observed)?, log, observed),
            Self::Whitelisted {
                entries,
                jails,
                replaced,
            } => {
                for name in jails {
                    whitelisted_in(entries, name, present(name, jail(name), observed)?, observed)?;
                }
                whitelisted(entries, replaced, rehearsal, observed)
            }
            Self::Remembered { jail: name, purge_age } => {
                let set = rehearsal.settings.get("dbpurgeage").and_then(seconds);
                remembered(name, present(name, jail(name), observed)?, set.unwrap_or(*purge_age))
            }
        }
    }
}

fn absent(name: &str, jail: Option<&Jail>, observed: &Observed) -> Result<(), Refusal> {
    match jail {
        None => Ok(()),
        Some(_) => Err(overridden(
            format!("jail {name} would still run: another file than jail.local enables it"),
            observed,
        )),
    }
}

fn present<'run>(name: &str, jail: Option<&'run Jail>, observed: &Observed) -> Result<&'run Jail, Refusal> {
    jail.ok_or_else(|| {
        overridden(
            format!("jail {name} would not run: no file enables it, or one that is read after jail.local disables it"),
            observed,
        )
    })
}

fn number(name: &str, jail: &Jail, key: &str, value: i64, observed: &Observed) -> Result<(), Refusal> {
    if jail.number(key) == Some(value) {
        return Ok(());
    }
    let found = jail
        .number(key)
        .map_or_else(|| "unknown".to_owned(), |found| found.to_string());
    Err(overridden(
        format!(
            "the {key} of {name} would be {found} and not {value}: a file that is read after jail.local sets it, too"
        ),
        observed,
    ))
}

fn reads(name: &str, jail: &Jail, log: &str, observed: &Observed) -> Result<(), Refusal> {
    let backend = jail.values.get("backend").and_then(serde_json::Value::as_str);
    if backend == Some("systemd") {
        return Err(overridden(
            format!(
                "jail {name} would read the systemd journal, while fail2ban logs to {}",
                escaped(log)
            ),
            observed,
        )
        .hint(format!("set `backend = auto` in the section [{name}]")));
    }
    let logs = jail.list("logpath");
    if logs.iter().any(|path| path == log) {
        return Ok(());
    }
    let found = if logs.is_empty() {
        "no file".to_owned()
    } else {
        escaped(&logs.join(", "))
    };
    Err(overridden(
        format!(
            "jail {name} would read {found}, while fail2ban logs to {}",
            escaped(log)
        ),
        observed,
    ))
}

fn remembered(name: &str, jail: &Jail, purge_age: i64) -> Result<(), Refusal> {
    let findtime = jail.number("findtime").unwrap_or_default();
    if findtime <= purge_age {
        return Ok(());
    }
    let span = |seconds: i64| {
        let parsed = u64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timespan::from_seconds(seconds).ok());
        parsed.map_or_else(|| format!("{seconds} s"), |span| span.to_string())
    };
    Err(Refusal::precondition(format!(
        "jail {name} looks back {}, while fail2ban's database forgets bans after {} (dbpurgeage)",
        span(findtime),
        span(purge_age)
    ))
    .hint(format!(
        "set dbpurgeage to {findtime} or more in fail2ban.local, or shorten the jail's findtime"
    )))
}

/// A duration of the configuration stream, which is a number or a text such as `1d`.
fn seconds(value: &serde_json::Value) -> Option<i64> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    i64::try_from(Timespan::parse(&text).ok()?.seconds()).ok()
}

/// An entry of a jail's own list that is not in force there has another file's list over it.
fn whitelisted_in(entries: &BTreeSet<String>, name: &str, jail: &Jail, observed: &Observed) -> Result<(), Refusal> {
    let list: BTreeSet<String> = jail.ignoreip().into_iter().collect();
    let lacking: Vec<&str> = entries.difference(&list).map(String::as_str).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} would not be in force in jail {name}: a file that is read after jail.local gives it another ignoreip",
        escaped(&lacking.join(", "))
    );
    Err(overridden(message, observed))
}

/// An entry that no jail would have is a line in a file and nothing else: whoever reads it believes a customer safe.
fn whitelisted(
    entries: &BTreeSet<String>,
    replaced: &[String],
    rehearsal: &Rehearsal,
    observed: &Observed,
) -> Result<(), Refusal> {
    let somewhere: BTreeSet<String> = rehearsal.jails.values().flat_map(Jail::ignoreip).collect();
    let nowhere: Vec<&str> = entries.difference(&somewhere).map(String::as_str).collect();
    if nowhere.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} would be in force in no jail: the list in [DEFAULT] of jail.local is replaced in each of them",
        escaped(&nowhere.join(", "))
    );
    let refusal = replaced
        .iter()
        .cloned()
        .fold(Refusal::precondition(message), Refusal::hint);
    let later = later_files(observed);
    let refusal = match (later.is_empty(), replaced.is_empty()) {
        (false, _) => refusal.hint(format!(
            "look for `ignoreip` in {}: what is read last replaces the list of jail.local",
            later.join(", ")
        )),
        (true, true) => refusal.hint("compare with what `fail2ban-client -d` sets for `addignoreip`"),
        (true, false) => refusal,
    };
    Err(refusal.hint("take that key out, or add the network there by hand; then run the command again"))
}

/// A refusal that names the files which can overrule jail.local.
fn overridden(message: String, observed: &Observed) -> Refusal {
    let later = later_files(observed);
    let refusal = Refusal::precondition(message);
    if later.is_empty() {
        refusal.hint("compare the jail's section with jail.conf and the files in jail.d")
    } else {
        refusal.hint(format!(
            "look into {}: the file that is read last wins",
            later.join(", ")
        ))
    }
}

/// The files that fail2ban reads after jail.local.
fn later_files(observed: &Observed) -> Vec<String> {
    let files = observed.files.value().into_iter().flat_map(|files| files.keys());
    files
        .filter(|path| path.starts_with("jail.d/") && path.ends_with(".local"))
        .map(|path| escaped(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::model::known::Known;
    use crate::planning::refusal::RefusalKind;

    const JAIL: &str = crate::model::runbook::RECIDIVE;
    const LOG: &str = "/var/log/fail2ban.log";

    /// The rehearsal of a configuration in which the jail has these values; without any, it is not set up.
    fn rehearsed(values: &[(&str, Value)]) -> Rehearsal {
        let jail = Jail {
            values: values
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
            ..Jail::default()
        };
        let jails = (!values.is_empty()).then(|| (JAIL.to_owned(), jail));
        Rehearsal {
            jails: jails.into_iter().collect(),
            ..Rehearsal::default()
        }
    }

    /// A host with a file that is read after jail.local.
    fn overruled() -> Observed {
        let files = ["jail.local", "jail.d/first.conf", "jail.d/last.local"];
        Observed {
            files: Known::of(files.map(|path| (path.to_owned(), "0".to_owned())).into()),
            ..Observed::default()
        }
    }

    /// The refusal; empty if the postcondition is met.
    fn refused(postcondition: &Postcondition, rehearsal: &Rehearsal, hint: &str) -> String {
        match postcondition.check(&overruled(), rehearsal) {
            Ok(()) => String::new(),
            Err(refusal) => {
                assert_eq!(refusal.kind, RefusalKind::Precondition);
                assert!(
                    refusal.hints.iter().any(|message| message.to_string().contains(hint)),
                    "{refusal:?}"
                );
                refusal.message
            }
        }
    }

    #[test]
    fn what_another_file_overrules_is_refused_with_the_file_that_may_do_it() {
        let jail = || JAIL.to_owned();
        let number = Postcondition::Number {
            jail: jail(),
            key: "maxretry",
            value: 5,
        };
        let set = |value: i64| rehearsed(&[("maxretry", json!(value))]);
        assert_eq!(refused(&number, &set(5), ""), "");
        assert!(refused(&number, &set(50), "jail.d/last.local").contains("would be 50 and not 5"));
        let unknown = rehearsed(&[("maxretry", Value::Null)]);
        assert!(refused(&number, &unknown, "jail.d/last.local").contains("would be unknown"));
        let none = rehearsed(&[]);
        assert!(refused(&number, &none, "jail.d/last.local").contains("would not run"));
        assert!(refused(&Postcondition::Running { jail: jail() }, &none, "last.local").contains("would not run"));
        assert_eq!(refused(&Postcondition::Running { jail: jail() }, &set(5), ""), "");
        assert!(refused(&Postcondition::Absent { jail: jail() }, &set(5), "last.local").contains("would still run"));
        assert_eq!(refused(&Postcondition::Absent { jail: jail() }, &none, ""), "");
    }

    #[test]
    fn a_jail_that_reads_the_journal_or_another_log_watches_nobody() {
        let reads = Postcondition::Reads {
            jail: JAIL.to_owned(),
            log: LOG.to_owned(),
        };
        let reading =
            |backend: &str, logs: &[&str]| rehearsed(&[("backend", json!(backend)), ("logpath", json!(logs))]);
        assert_eq!(refused(&reads, &reading("files", &["/x.log", LOG]), ""), "");
        assert!(refused(&reads, &reading("systemd", &[]), "backend = auto").contains("systemd journal"));
        assert!(refused(&reads, &reading("files", &["/x.log"]), "last.local").contains("would read /x.log"));
        assert!(refused(&reads, &reading("files", &[]), "last.local").contains("would read no file"));
    }

    #[test]
    fn a_jail_that_looks_back_further_than_the_database_remembers_is_refused() {
        let remembered = Postcondition::Remembered {
            jail: JAIL.to_owned(),
            purge_age: 86_400,
        };
        let looking = |findtime: i64, settings: &[(&str, Value)]| Rehearsal {
            settings: settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect::<BTreeMap<_, _>>(),
            ..rehearsed(&[("findtime", json!(findtime))])
        };
        assert_eq!(refused(&remembered, &looking(86_400, &[]), ""), "");
        let message = refused(&remembered, &looking(604_800, &[]), "dbpurgeage to 604800");
        assert!(
            message.contains("looks back 7 d") && message.contains("after 24 h"),
            "{message}"
        );
        // What the rehearsal has for it counts, in fail2ban's own spelling.
        assert_eq!(
            refused(&remembered, &looking(604_800, &[("dbpurgeage", json!("8d"))]), ""),
            ""
        );
        let short = looking(86_400, &[("dbpurgeage", json!(3600))]);
        assert!(refused(&remembered, &short, "dbpurgeage to 86400").contains("after 1 h"));
    }
}
