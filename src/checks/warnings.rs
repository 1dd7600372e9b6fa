//! What is worth a warning in every report: things that stop nothing and that an operator should know.

use crate::document::{Advice, FindingCode as Code, Source, Warning, WarningCode, WhitelistRow};
use chrono::NaiveDate;

use crate::model::observed::{Exposed, Observed};
use crate::model::text::joined;
use crate::planning::enforcement::{Enforcement, enforcement};
use crate::planning::foreign_lock::foreign_lock;
use crate::planning::reading::jail_local;
use crate::planning::temporary::register::displaced;
use crate::planning::temporary::set_again::lost;
use crate::planning::whitelist::whitelist;

use super::banned_whitelisted::banned_warnings;
use super::recorded_customers::recorded_warnings;
use super::under_way::under_way;

/// All warnings about a host, in the order of their weight.
pub fn survey(observed: &Observed) -> Vec<Warning> {
    let mut found = state_warnings(observed);
    found.extend(observed.exposed.iter().map(exposed));
    found.extend(unenforced(observed));
    found.extend(unended(observed));
    found.extend(displaced(observed));
    found.extend(banned_warnings(observed));
    found.extend(recorded_warnings(observed));
    match whitelist(observed) {
        Ok(rows) => {
            found.extend(rows.iter().filter_map(|row| about(row, observed.clock.today())));
            found.extend(misread(observed));
        }
        Err(refusal) => found.push(Warning::new(WarningCode::JailLocal, sentence(&refusal.message))),
    }
    found
}

/// What every report says, whatever it is about: that what it shows may not stay so, or is not what was asked for.
pub fn state_warnings(observed: &Observed) -> Vec<Warning> {
    let mut found = interrupted(observed);
    found.extend(under_way(observed).map(|(code, message)| Warning::new(code, message)));
    found.extend(
        lost(observed)
            .into_iter()
            .map(|message| Warning::new(Code::TemporaryNotInForce, message)),
    );
    found.extend(foreign_lock(observed));
    found
}

fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Changes that were begun and not ended, unless they are still running.
fn interrupted(observed: &Observed) -> Vec<Warning> {
    if observed.lock.value().is_some_and(Option::is_some) {
        return Vec::new();
    }
    let changes = observed.changes.value().into_iter().flatten();
    changes
        .map(|change| {
            let message = format!(
                "An earlier {} was interrupted in the step `{}` and is not recovered yet; the next change recovers it.",
                change.command.as_deref().unwrap_or("change"),
                change.phase
            );
            Warning::new(Code::InterruptedChange, message)
        })
        .collect()
}

/// Temporary entries that nobody is there to end, and those whose end has passed.
fn unended(observed: &Observed) -> Vec<Warning> {
    let Some(register) = observed.temporary.value() else {
        return Vec::new();
    };
    let passed = register
        .entries
        .iter()
        .filter(|entry| entry.until <= observed.clock.second());
    let mut found: Vec<Warning> = passed
        .map(|entry| {
            let message = format!(
                "The temporary entry {} ended at {} and was not cleared away; the next change does it.",
                entry.entry,
                observed.clock.moment(entry.until)
            );
            Warning::new(WarningCode::TemporaryEnded, message)
        })
        .collect();
    if register.ender.is_none() && found.len() < register.entries.len() {
        let message = "Nobody is there on the host to end the temporary entries (its process was killed, or the host was \
                       restarted); the next change starts it again.";
        found.push(Warning::new(WarningCode::TemporaryUnended, message));
    }
    found
}

/// Who can write to fail2ban's configuration is root, since its actions run as root.
fn exposed(folder: &Exposed) -> Warning {
    let message = format!(
        "{} on the host is open to others: {}; `chown root` and `chmod go-w` close it.",
        folder.path, folder.reason
    );
    Warning::new(WarningCode::ExposedFolder, message)
}

fn unenforced(observed: &Observed) -> Vec<Warning> {
    // A report that did not look at the packet filter has nothing to say about it.
    if observed.firewall.value().is_none() {
        return Vec::new();
    }
    let jails = observed.server.value().into_iter().flat_map(|server| &server.jails);
    jails
        .filter_map(|(name, jail)| match enforcement(name, jail, observed) {
            Enforcement::No(gap) => Some(Warning::new(
                WarningCode::NotEnforced,
                format!("{}.", sentence(&gap.clause(name))),
            )),
            Enforcement::Yes | Enforcement::Unknown(_) => None,
        })
        .collect()
}

/// The one thing about an entry that weighs most.
fn about(row: &WhitelistRow, today: NaiveDate) -> Option<Warning> {
    let network = &row.network;
    let expired = row
        .meta
        .get("expires")
        .and_then(|day| day.parse::<NaiveDate>().ok())
        .filter(|day| *day < today);
    let due = row
        .meta
        .get("review")
        .and_then(|day| day.parse::<NaiveDate>().ok())
        .filter(|day| *day <= today);
    if row.source == Source::Runtime {
        let jails = joined(&row.in_force);
        let message = format!("{network} is whitelisted at run time only (in {jails}); no file gives it.");
        return Some(Warning::new(Code::RuntimeEntry, message));
    }
    if row.source == Source::RuntimeOrDeleted {
        let message = format!(
            "{network} is whitelisted in {} and no file gives it: it was set at run time, or deleted from a file since \
             fail2ban read it.",
            joined(&row.in_force)
        );
        return Some(Warning::new(Code::RuntimeEntry, message));
    }
    if row.source != Source::File {
        return None;
    }
    if !row.not_in_force.is_empty() {
        let jails = joined(&row.not_in_force);
        let message = format!("{network} is in jail.local and is not in force in {jails}.");
        return Some(Warning::new(Code::NotInForce, message));
    }
    if let Some(day) = expired {
        let message = Advice::text(format!("{network} expired on {day}; "))
            .run("offboard --expired")
            .then(" removes it.");
        return Some(Warning::new(Code::Expired, message));
    }
    if let Some(day) = due {
        return Some(Warning::new(
            Code::ReviewDue,
            format!("{network} was to be reviewed by {day}."),
        ));
    }
    if !row.documented && row.as_network().is_some() {
        let message = Advice::text(format!("{network} has no customer; "))
            .run(format!("whitelist annotate {network} --customer NAME"))
            .then(" does.");
        return Some(Warning::new(Code::Undocumented, message));
    }
    None
}

/// Places of jail.local that fail2ban reads otherwise than they look.
fn misread(observed: &Observed) -> Vec<Warning> {
    let Ok(document) = jail_local(observed) else {
        return Vec::new();
    };
    let objections = document
        .ignoreip_objections()
        .into_iter()
        .map(|finding| (WarningCode::Misread, finding));
    let warnings = document
        .ignoreip_warnings()
        .into_iter()
        .map(|finding| (WarningCode::Ignoreip, finding));
    let suspects = document
        .suspect_values()
        .into_iter()
        .map(|finding| (Code::SuspectValue.into(), finding));
    objections
        .chain(warnings)
        .chain(suspects)
        .map(|(code, finding)| Warning::new(code, finding.to_string()))
        .collect()
}
