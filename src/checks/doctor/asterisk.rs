//! The running Asterisk against the jails: does it write what they read? Whether their bans close the ports on which it
//! listens is judged with the bans.
//!
//! Boundary: nothing is claimed of an Asterisk that has no log beside those that the jails read.

use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::known::Cause;
use crate::model::runbook::is_named_after_asterisk;
use crate::model::running_asterisk::{AsteriskProcess, OpenLog, ReadLog, RunningAsterisk};
use crate::model::some::some;

use super::evidence::{Evidence, unknown};

/// The levels at which failed attempts are logged.
pub(super) const LEVELS: [&str; 2] = ["notice", "security"];
/// What makes Asterisk open its logs by their names again.
const LOGGER_RELOAD: &str = "asterisk -rx 'logger reload'";

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let asterisk = &evidence.observed.asterisk;
    if asterisk.cause() == Some(Cause::NotAsked) {
        return Vec::new();
    }
    let look = match asterisk.read() {
        Ok(look) => look,
        Err(reason) => return vec![unknown("The running Asterisk", reason)],
    };
    let mut found: Vec<Finding> = look.processes.iter().filter_map(not_seen).collect();
    for (name, jail) in evidence.jails().filter(|(name, _)| is_named_after_asterisk(name)) {
        let paths = jail.list("logpath");
        let read: Vec<&ReadLog> = paths.iter().filter_map(|path| look.read(path)).collect();
        found.extend(not_written(name, &read, look));
        found.extend(levels(name, &read, look));
    }
    found
}

fn not_seen(process: &AsteriskProcess) -> Option<Finding> {
    let reason = process.unknown.as_ref()?;
    Some(unknown(&format!("Asterisk (process {})", process.pid), reason))
}

/// A jail of which the running Asterisk writes no log, while it writes others beside them. Where another program writes the
/// jail's log, as syslog does, or a process could not be looked at, nothing is claimed.
pub(in crate::checks) fn not_written(name: &str, read: &[&ReadLog], look: &RunningAsterisk) -> Option<Finding> {
    let is_written =
        |log: &&ReadLog| !log.writers.is_empty() || look.processes.iter().any(|process| process.writes(log));
    if !look.is_whole() || read.iter().any(is_written) {
        return None;
    }
    let process = look.beside(read).next()?;
    let is_beside = |log: &&OpenLog| read.iter().any(|read| log.is_beside(read));
    let open: Vec<&OpenLog> = process.logs.iter().filter(is_beside).collect();
    let reads: Vec<&str> = read.iter().map(|log| log.path.as_str()).collect();
    let writes: Vec<String> = open.iter().map(|log| written(log)).collect();
    let message = format!(
        "Jail {name} reads {}, which the running Asterisk (process {}) does not write; it writes {}: no attempt is seen.",
        some(&reads),
        process.pid,
        some(&writes)
    );
    let was_rotated = open.iter().any(|log| read.iter().any(|read| log.was(read)));
    let fix = match (was_rotated, open.first()) {
        (false, Some(log)) => format!(
            "set logpath of [{name}] to {} in jail.local and `asterisk_log` of this host, or correct logger.conf and run \
             {LOGGER_RELOAD}",
            log.path
        ),
        _ => LOGGER_RELOAD.to_owned(),
    };
    Some(Finding::new(Code::LogNotWritten, Severity::Error, message, fix))
}

/// A jail whose log gets neither notices nor events, by the logger.conf of every Asterisk that writes it.
pub(in crate::checks) fn levels(name: &str, read: &[&ReadLog], look: &RunningAsterisk) -> Option<Finding> {
    let silent = |log: &&&ReadLog| LEVELS.iter().all(|level| logged(look, log, level) == Some(false));
    let log = read.iter().find(silent).filter(|_| read.len() == 1)?;
    let message = format!(
        "logger.conf has neither `notice` nor `security` for {}, which jail {name} reads: no attempt is logged.",
        log.path
    );
    let file = log.path.rsplit('/').next().unwrap_or_default();
    let fix =
        format!("add `notice,security` to `{file}` in [logfiles] of Asterisk's logger.conf, then {LOGGER_RELOAD}");
    Some(Finding::new(Code::LevelsNotLogged, Severity::Error, message, fix))
}

/// Whether a level is logged to a log by those that write it; none where that is not known of one, or another program does.
pub(super) fn logged(look: &RunningAsterisk, log: &ReadLog, level: &str) -> Option<bool> {
    let writers = look.processes.iter().filter(|process| process.writes(log));
    let known: Option<Vec<bool>> = writers.map(|process| process.logs_level(log, level)).collect();
    let known = known.filter(|known| !known.is_empty() && look.is_whole() && log.writers.is_empty())?;
    Some(known.contains(&true))
}

fn written(log: &OpenLog) -> String {
    let deleted = if log.deleted { " (deleted)" } else { "" };
    format!("{}{deleted}", log.path)
}

/// Who writes a log, of those that run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// The Asterisk of this number.
    Asterisk(u32),
    /// No Asterisk has it open, nor another log beside it; how many run that have their logs elsewhere.
    Nobody(usize),
    /// It is not known, or another finding says it.
    Unknown,
}

/// Who writes this log.
pub(super) fn writer(evidence: &Evidence<'_>, path: &str) -> Writer {
    let Some(look) = evidence.observed.asterisk.value().filter(|look| look.is_whole()) else {
        return Writer::Unknown;
    };
    let Some(read) = look.read(path) else {
        return Writer::Unknown;
    };
    if let Some(process) = look.processes.iter().find(|process| process.writes(read)) {
        return Writer::Asterisk(process.pid);
    }
    match look.beside(&[read]).next() {
        Some(_) => Writer::Unknown,
        None => Writer::Nobody(look.processes.len()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{Jail, Observed, Server};

    const JAIL: &str = "asterisk-auth";
    const LOG: &str = "/var/log/asterisk/messages.log";

    /// What the jail reads: a log of this number.
    fn read(file: &str) -> ReadLog {
        ReadLog {
            path: LOG.to_owned(),
            file: Some(file.to_owned()),
            folders: vec!["folder".to_owned()],
            writers: Vec::new(),
        }
    }

    fn open(name: &str, file: &str) -> OpenLog {
        OpenLog {
            path: format!("/var/log/asterisk/{name}"),
            file: file.to_owned(),
            folder: Some("folder".to_owned()),
            deleted: false,
        }
    }

    fn running(logs: &[OpenLog]) -> AsteriskProcess {
        AsteriskProcess {
            pid: 12,
            logs: logs.to_vec(),
            ..AsteriskProcess::default()
        }
    }

    /// The findings about a jail that reads the log.
    fn examined(look: Known<RunningAsterisk>) -> Vec<Finding> {
        let jail = Jail {
            values: BTreeMap::from([("logpath".to_owned(), serde_json::json!([LOG]))]),
            ..Jail::default()
        };
        let server = Server {
            jails: BTreeMap::from([(JAIL.to_owned(), jail)]),
            ..Server::default()
        };
        let observed = Observed {
            server: Known::of(server),
            asterisk: look,
            ..Observed::default()
        };
        check(&evidence(&observed))
    }

    fn evidence(observed: &Observed) -> Evidence<'_> {
        Evidence {
            observed,
            disk: Box::leak(Box::default()),
            pre_split: None,
            replay: Box::leak(Box::default()),
            asterisk_log: LOG,
            clock: 0.0,
            guard: Default::default(),
        }
    }

    fn look(processes: &[AsteriskProcess], read: ReadLog) -> Known<RunningAsterisk> {
        Known::of(RunningAsterisk {
            processes: processes.to_vec(),
            read: vec![read],
        })
    }

    /// The one finding: its code, its message and its fix.
    #[track_caller]
    fn only(found: &[Finding]) -> (Code, &str, String) {
        let [finding] = found else {
            panic!("one finding, not {found:?}");
        };
        (finding.code, &finding.message, finding.fix.to_string())
    }

    #[test]
    fn a_log_that_asterisk_does_not_write() {
        let full = running(&[open("full", "2"), open("queue_log", "3")]);
        let found = examined(look(std::slice::from_ref(&full), read("1")));
        let (code, message, fix) = only(&found);
        assert_eq!(code, Code::LogNotWritten);
        assert_eq!(
            message,
            "Jail asterisk-auth reads /var/log/asterisk/messages.log, which the running Asterisk (process 12) does not \
             write; it writes /var/log/asterisk/full: no attempt is seen."
        );
        assert!(
            fix.starts_with("set logpath of [asterisk-auth] to /var/log/asterisk/full"),
            "{fix}"
        );
        // It is the jail's file under any name; syslog writes it; one that nobody may look at may write it.
        assert_eq!(examined(look(std::slice::from_ref(&full), read("2"))), []);
        let by_syslog = ReadLog {
            writers: vec!["rsyslogd".to_owned()],
            ..read("1")
        };
        assert_eq!(examined(look(std::slice::from_ref(&full), by_syslog)), []);
        let hidden = AsteriskProcess {
            pid: 13,
            unknown: Some("Permission denied (/proc/13/fd)".to_owned()),
            ..AsteriskProcess::default()
        };
        let found = examined(look(&[full, hidden], read("1")));
        assert_eq!(only(&found).0, Code::Unknown);
    }

    #[test]
    fn a_log_that_was_rotated_under_asterisk_needs_its_logger_reloaded() {
        let deleted = OpenLog {
            deleted: true,
            ..open("messages.log", "2")
        };
        for old in [open("messages.log.1", "2"), open("messages.log-20261127", "2"), deleted] {
            let found = examined(look(&[running(&[old])], read("1")));
            assert_eq!(only(&found).2, LOGGER_RELOAD);
        }
        let found = examined(look(&[running(&[open("messages.login", "2")])], read("1")));
        assert!(
            only(&found).2.starts_with("set logpath"),
            "another log, not an older one"
        );
    }

    #[test]
    fn a_log_without_the_levels_of_attempts() {
        let with = |levels: &[&str], read_by: ReadLog| {
            let process = AsteriskProcess {
                levels: Some(BTreeMap::from([(
                    "messages.log".to_owned(),
                    levels.iter().map(|level| (*level).to_owned()).collect(),
                )])),
                ..running(&[open("messages.log", "1")])
            };
            examined(look(&[process], read_by))
        };
        let found = with(&["warning", "error"], read("1"));
        let (code, message, fix) = only(&found);
        assert_eq!(code, Code::LevelsNotLogged);
        assert!(message.contains("neither `notice` nor `security`"), "{message}");
        assert!(fix.contains("`notice,security` to `messages.log`"), "{fix}");
        for enough in [&["notice"] as &[&str], &["warning", "security"], &["*"]] {
            assert_eq!(with(enough, read("1")), []);
        }
        // Not known: the file says nothing of this log, or another program writes it as well.
        assert_eq!(examined(look(&[running(&[open("messages.log", "1")])], read("1"))), []);
    }

    #[test]
    fn nothing_is_claimed_of_an_asterisk_that_has_its_logs_elsewhere() {
        let elsewhere = OpenLog {
            folder: Some("another".to_owned()),
            ..open("full", "2")
        };
        let silent = [running(&[elsewhere]), running(&[]), running(&[open("queue_log", "2")])];
        for process in silent {
            assert_eq!(examined(look(&[process], read("1"))), []);
        }
        assert_eq!(examined(look(&[], read("1"))), []);
        assert_eq!(examined(Known::default()), []);
        let refused = Known::Unknown {
            unknown: "this login sees its own processes only (/proc)".to_owned(),
            kind: Cause::Permission,
        };
        assert_eq!(only(&examined(refused)).0, Code::Unknown);
    }

    #[test]
    fn who_writes_a_log() {
        let by = |asterisk: Known<RunningAsterisk>| {
            let observed = Observed {
                asterisk,
                ..Observed::default()
            };
            writer(&evidence(&observed), LOG)
        };
        let full = running(&[open("full", "2")]);
        assert_eq!(by(look(std::slice::from_ref(&full), read("2"))), Writer::Asterisk(12));
        assert_eq!(by(look(std::slice::from_ref(&full), read("1"))), Writer::Unknown);
        assert_eq!(by(look(&[], read("1"))), Writer::Nobody(0));
        assert_eq!(by(look(&[running(&[])], read("1"))), Writer::Nobody(1));
        assert_eq!(by(Known::default()), Writer::Unknown);
    }
}
