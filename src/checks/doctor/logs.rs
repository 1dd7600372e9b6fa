//! The log that the jails read: there, growing, read by them, and in the host's own time zone.

use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::runbook::is_named_after_asterisk;

use super::asterisk::{LEVELS, Writer, logged as logged_to, writer};
use super::evidence::{Evidence, unknown};

/// A PBX that serves customers writes its log all day; after this many seconds without a line something is wrong.
const QUIET_SECONDS: f64 = 3600.0;
/// How far a line's own time may be from the moment it was written.
const ZONE_SECONDS: f64 = 300.0;

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = not_read(evidence).into_iter().collect();
    let surroundings = match evidence.observed.surroundings.read() {
        Ok(surroundings) => surroundings,
        Err(reason) => {
            found.push(unknown("The logs", reason));
            return found;
        }
    };
    let Some(log) = surroundings
        .logs
        .iter()
        .find(|log| log.file.path == evidence.asterisk_log)
    else {
        return found;
    };
    let path = &log.file.path;
    if let Some(reason) = &log.file.unknown {
        found.push(unknown(path, reason));
    } else if !log.file.exists {
        let message = format!("{path} does not exist: no attack can be seen, and a restart of fail2ban fails.");
        found.push(Finding::new(
            Code::LogMissing,
            Severity::Error,
            message,
            "look at logger.conf of Asterisk, and at `asterisk_log` of this host",
        ));
    } else if log.file.size == 0 {
        let message = format!("{path} is empty: no attack can be seen.");
        found.push(Finding::new(
            Code::LogEmpty,
            Severity::Warning,
            message,
            "look whether Asterisk still writes to a rotated file: asterisk -rx 'logger reload'",
        ));
    } else {
        found.extend(quiet(evidence, path, log.file.modified));
        found.extend(zone(path, log.last_time, log.file.modified));
    }
    found
}

/// A log that has not grown. An Asterisk that has it open had nothing to log; without one, nothing will ever be.
fn quiet(evidence: &Evidence<'_>, path: &str, modified: f64) -> Option<Finding> {
    let age = evidence.observed.clock.now - modified;
    if age < QUIET_SECONDS {
        return None;
    }
    let quiet = format!("{path} has not grown for {} min", (age / 60.0) as i64);
    let (code, severity, message, fix) = match writer(evidence, path) {
        // A quiet night: whoever attacks would be logged.
        Writer::Asterisk(_) if logs_attempts(evidence, path) => return None,
        Writer::Asterisk(pid) => (
            Code::LogNotGrowing,
            Severity::Notice,
            format!("{quiet}; Asterisk (process {pid}) has it open: it had nothing to log, or is set to log nothing."),
            "look whether logger.conf has `notice` and `security` for it: asterisk -rx 'logger show channels'",
        ),
        Writer::Nobody(0) => (
            Code::AsteriskNotRunning,
            Severity::Warning,
            format!("{quiet}, and no Asterisk runs on this host: no attempt can be seen."),
            "start Asterisk (systemctl start asterisk), or correct `asterisk_log` of this host",
        ),
        Writer::Nobody(_) => (
            Code::AsteriskNotRunning,
            Severity::Warning,
            format!("{quiet}, and no running Asterisk has a log open in its folder: no attempt can be seen."),
            "look whether Asterisk may write there (asterisk -rx 'logger show channels'), or correct `asterisk_log` of \
             this host",
        ),
        Writer::Unknown => (
            Code::LogNotGrowing,
            Severity::Warning,
            format!("{quiet}."),
            "look whether Asterisk still writes to a rotated file: asterisk -rx 'logger reload'",
        ),
    };
    Some(Finding::new(code, severity, message, fix))
}

/// Whether logger.conf has a level for this log at which attempts are logged.
fn logs_attempts(evidence: &Evidence<'_>, path: &str) -> bool {
    let look = evidence.observed.asterisk.value();
    let logged = look.zip(look.and_then(|look| look.read(path)));
    logged.is_some_and(|(look, log)| LEVELS.iter().any(|level| logged_to(look, log, level) == Some(true)))
}

/// fail2ban reads a line's time in the host's zone: lines of another zone are hours old, or in the future.
fn zone(path: &str, last: Option<f64>, modified: f64) -> Option<Finding> {
    let apart = modified - last?;
    if apart.abs() < ZONE_SECONDS {
        return None;
    }
    let message = format!(
        "The last line of {path} says a time that is {} min from when it was written: failures are counted at the wrong \
         time, or not at all.",
        (apart / 60.0) as i64
    );
    Some(Finding::new(
        Code::LogTimeZone,
        Severity::Warning,
        message,
        "give Asterisk and the host one time zone (TZ, timedatectl)",
    ))
}

fn not_read(evidence: &Evidence<'_>) -> Vec<Finding> {
    let blind = evidence.jails().filter(|(name, jail)| {
        let files = jail.list("logpath");
        is_named_after_asterisk(name) && !files.is_empty() && !files.iter().any(|file| file == evidence.asterisk_log)
    });
    blind
        .map(|(name, jail)| {
            let files = jail.list("logpath").join(", ");
            let message = format!(
                "Jail {name} reads {files}, and Asterisk writes {}.",
                evidence.asterisk_log
            );
            Finding::new(
                Code::LogNotRead,
                Severity::Error,
                message,
                "correct logpath in jail.local, or `asterisk_log` of this host",
            )
        })
        .collect()
}
