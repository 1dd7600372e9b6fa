//! The jails of the runbook's table, their files, and whether the running jails match the files on disk.

use crate::document::{Advice, Effect, Finding, FindingCode as Code, Severity};
use crate::model::comment_text::escaped;
use crate::model::known::Known;
use crate::model::observed::{Jail, PathFacts, Rehearsal};
use crate::model::runbook::{
    AUTH, RunbookJail, SCAN, SCAN_HIGHEST_MAXRETRY, SINGLE_JAIL, SSHD, WRITTEN_BY, is_own_text,
};
use crate::planning::configuration_errors::causes;
use crate::planning::drift::drift_on_disk;
use crate::planning::effect::Intent;
use crate::planning::reading::{is_without_jail_local, jail_local};

use super::evidence::{Evidence, unknown};

/// The runbook's table, "Why two asterisk jails".
const TABLE: [RunbookJail; 2] = [AUTH, SCAN];

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = as_installed(evidence).into_iter().collect();
    match evidence.observed.server.read() {
        Err(reason) => found.push(unknown("fail2ban", reason)),
        Ok(server) if !server.running => found.push(Finding::new(
            Code::Fail2banDown,
            Severity::Error,
            "fail2ban is not running: nothing is blocked.",
            "f2bctl start",
        )),
        Ok(_) => {
            found.extend(missing(evidence));
            found.extend(TABLE.iter().filter_map(|row| threshold(evidence, row)));
            found.extend(distribution(evidence));
            found.extend(disk(evidence));
        }
    }
    found.extend(filters(evidence));
    found.extend(outdated(evidence));
    found.extend(pre_split(evidence));
    found.extend(suspects(evidence));
    found
}

/// A host on which nobody has begun yet; what has to be done first.
fn as_installed(evidence: &Evidence<'_>) -> Option<Finding> {
    if !is_without_jail_local(evidence.observed) {
        return None;
    }
    let is_down = evidence.observed.server.value().is_some_and(|server| !server.running);
    let begin = if is_down { "split --start" } else { "split" };
    Some(Finding::new(
        Code::NoJailLocal,
        Severity::Error,
        "There is no jail.local: this fail2ban has only what was installed with it, and files of jail.d.",
        Advice::command(begin)
            .then(" makes it, with the two asterisk jails; then ")
            .and(Advice::whitelist_customer("NETWORK", "")),
    ))
}

fn missing(evidence: &Evidence<'_>) -> Vec<Finding> {
    let wanted = [AUTH.name, SCAN.name, SSHD];
    let absent = wanted.into_iter().filter(|name| evidence.jail(name).is_none());
    absent
        .map(|name| {
            let fix = if name == SSHD {
                "enable [sshd] in jail.local, then `f2bctl reload`"
            } else {
                "f2bctl split"
            };
            Finding::new(
                Code::JailMissing,
                Severity::Error,
                format!("Jail {name} is not running."),
                fix,
            )
        })
        .collect()
}

fn threshold(evidence: &Evidence<'_>, row: &RunbookJail) -> Option<Finding> {
    let name = row.name;
    let jail = evidence.jail(name)?;
    let values = row
        .thresholds()
        .map(|(key, value)| (key, i64::try_from(value).unwrap_or(i64::MAX)));
    let differs = |(key, value): &(&str, i64)| jail.number(key).is_some_and(|now| now != *value);
    let sentences: Vec<String> = values
        .iter()
        .filter(|pair| differs(pair))
        .map(|(key, value)| format!("{key} is {}, not {value}", jail.number(key).unwrap_or_default()))
        .collect();
    if sentences.is_empty() {
        return None;
    }
    let severity = if beyond(name, jail) {
        Severity::Warning
    } else {
        Severity::Notice
    };
    let (key, value) = values.iter().find(|pair| differs(pair))?;
    Some(Finding::new(
        Code::ThresholdDiffers,
        severity,
        format!(
            "Jail {name} is not set as the runbook's table says: {}.",
            sentences.join(", ")
        ),
        Advice::command(format!("tune {name} {key} {value}")).then(", unless it was tuned on purpose"),
    ))
}

/// Whether a jail is set beyond the runbook's own limits.
fn beyond(name: &str, jail: &Jail) -> bool {
    let maxretry = jail
        .number("maxretry")
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or_default();
    (name == AUTH.name && maxretry != AUTH.maxretry) || (name == SCAN.name && maxretry > SCAN_HIGHEST_MAXRETRY)
}

fn distribution(evidence: &Evidence<'_>) -> Option<Finding> {
    evidence.jail(SINGLE_JAIL)?;
    Some(Finding::new(
        Code::DistributionJailEnabled,
        Severity::Warning,
        "The distribution's [asterisk] jail runs: its filter counts every legitimate first REGISTER as a failure, so an \
         IP change of a customer can ban all phones.",
        "f2bctl split",
    ))
}

fn disk(evidence: &Evidence<'_>) -> Vec<Finding> {
    let rehearsal = match evidence.disk.read() {
        Ok(rehearsal) => rehearsal,
        Err(reason) => return vec![unknown("The files on disk", reason)],
    };
    if let Some(why) = unusable(rehearsal) {
        return vec![Finding::new(
            Code::DiskUnusable,
            Severity::Error,
            format!("The next reload or restart would fail: {why}."),
            "correct the file that is named; the running jails are not touched by that",
        )];
    }
    let Some(server) = evidence.observed.server.value() else {
        return Vec::new();
    };
    let drift = drift_on_disk(&server.jails, rehearsal, evidence.observed, &Intent::default());
    if drift.is_empty() {
        return Vec::new();
    }
    let sentences: Vec<String> = drift.iter().take(6).map(Effect::sentence).collect();
    vec![Finding::new(
        Code::DiskDiffers,
        Severity::Warning,
        format!(
            "The running jails differ from the files on disk; a reload would change: {}.",
            sentences.join("; ")
        ),
        "`f2bctl reload`, if the files on disk are right",
    )]
}

/// Why a configuration cannot be used, if it cannot.
pub(super) fn unusable(rehearsal: &Rehearsal) -> Option<String> {
    if let Some(failed) = &rehearsal.failed {
        let command: Vec<String> = failed.command.iter().take(4).map(ToString::to_string).collect();
        return Some(format!(
            "fail2ban-server refuses {}: {}",
            command.join(" "),
            failed.error
        ));
    }
    if rehearsal.test.status != 0 {
        return Some(format!(
            "fail2ban-client -t says {}",
            escaped(&causes(&rehearsal.test.output))
        ));
    }
    rehearsal.jails.is_empty().then(|| "it sets up no jail".to_owned())
}

fn filters(evidence: &Evidence<'_>) -> Vec<Finding> {
    let surroundings = match evidence.observed.surroundings.read() {
        Ok(surroundings) => surroundings,
        Err(reason) => return vec![unknown("The filters", reason)],
    };
    let present = |name: &str| {
        let named = |facts: &&PathFacts| facts.path.contains(&format!("filter.d/{name}.")) && facts.exists;
        surroundings.files.iter().any(|facts| named(&facts))
    };
    let absent = TABLE.map(|row| row.name).into_iter().filter(|name| !present(name));
    absent
        .map(|name| {
            Finding::new(
                Code::FilterMissing,
                Severity::Error,
                format!("filter.d/{name}.local is missing: the next reload prints OK and the jail is gone."),
                "f2bctl split",
            )
        })
        .collect()
}

/// A filter that is there with a text that this version does not install: one of an earlier version, or edited.
fn outdated(evidence: &Evidence<'_>) -> Vec<Finding> {
    let filters = match evidence.observed.filters.read() {
        Ok(filters) => filters,
        Err(reason) => return vec![unknown("The texts of the filters", reason)],
    };
    let differing = filters.iter().filter_map(|file| {
        let text = file.content.as_deref()?;
        (is_own_text(&file.path, text) == Some(false)).then_some((&file.path, text))
    });
    differing
        .map(|(path, text)| {
            let (severity, what) = match String::from_utf8_lossy(text).contains(WRITTEN_BY) {
                true => (
                    Severity::Error,
                    "is from another version of f2bctl, or was edited: a caller may send text that keeps his \
                     failures from being counted",
                ),
                false => (
                    Severity::Warning,
                    "is not a filter of f2bctl: it is unknown what it counts, and whether a caller can prevent that",
                ),
            };
            Finding::new(
                Code::FiltersOutdated,
                severity,
                format!("{path} {what}."),
                "f2bctl split",
            )
        })
        .collect()
}

fn pre_split(evidence: &Evidence<'_>) -> Option<Finding> {
    let Some(rehearsed) = evidence.pre_split else {
        return Some(Finding::new(
            Code::PreSplitBackupMissing,
            Severity::Warning,
            "There is no pre-split backup of jail.local to roll back to.",
            "`f2bctl split` makes one on a host that is not split yet; else keep one by hand",
        ));
    };
    let why = match rehearsed {
        Known::Value { value } => unusable(value)?,
        Known::Unknown { unknown: why, .. } => return Some(unknown("The newest pre-split backup", why)),
    };
    Some(Finding::new(
        Code::PreSplitBackupUnusable,
        Severity::Warning,
        format!("A rollback to the newest pre-split backup would fail: {why}."),
        "`f2bctl rollback --dry-run` says what it needs (often --set-logpath)",
    ))
}

/// A file that cannot be read at all is reported with the whitelist.
fn suspects(evidence: &Evidence<'_>) -> Vec<Finding> {
    let document = jail_local(evidence.observed).into_iter();
    let places = document.flat_map(|document| document.suspect_values());
    places
        .map(|place| Finding::new(Code::SuspectValue, Severity::Warning, place.to_string(), place.cure))
        .collect()
}
