//! The running server as a whole: does it log what it does, does it remember its bans, and do its jails exempt everybody?

use crate::checks::found_lines::silent_level;
use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::comment_text::escaped;
use crate::model::observed::{Jail, Server};

use super::evidence::Evidence;

/// The levels at which no ban is logged either.
const WITHOUT_BANS: [&str; 3] = ["CRITICAL", "ERROR", "WARNING"];
/// The jail that counts the bans of the others in fail2ban's own log.
const RECIDIVE: &str = "recidive";
/// What ends well whatever it is asked.
const ALWAYS_TRUE: [&str; 4] = ["true", "/bin/true", "/usr/bin/true", ":"];

/// The `ignorecommand` of a jail, if it has one.
fn ignorecommand(jail: &Jail) -> Option<&str> {
    let command = jail.values.get("ignorecommand")?.as_str()?;
    (!command.trim().is_empty()).then_some(command)
}

/// Whether a jail's `ignorecommand` exempts everybody.
pub(in crate::checks) fn always_ignores(jail: &Jail) -> bool {
    let program = ignorecommand(jail).and_then(|command| command.split_whitespace().next());
    program.is_some_and(|program| ALWAYS_TRUE.contains(&program))
}

/// Why it is not known whom a jail ignores: its `ignorecommand` is another one, and is not run here.
pub(in crate::checks) fn unjudged_ignorecommand(name: &str, jail: &Jail) -> Option<String> {
    let command = ignorecommand(jail).filter(|_| !always_ignores(jail))?;
    let (name, command) = (escaped(name), escaped(command));
    Some(format!(
        "whom the ignorecommand `{command}` of jail {name} ignores is not asked here"
    ))
}

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Some(server) = evidence.observed.server.value().filter(|server| server.running) else {
        return Vec::new();
    };
    let mut found: Vec<Finding> = silent(evidence, server).into_iter().collect();
    found.extend(without_database(server));
    found.extend(exempting_everybody(evidence));
    found
}

fn silent(evidence: &Evidence<'_>, server: &Server) -> Option<Finding> {
    let level = silent_level(evidence.observed)?;
    let without_bans = WITHOUT_BANS.contains(&level);
    let (severity, what) = match (without_bans, server.jails.contains_key(RECIDIVE)) {
        (true, true) => (
            Severity::Error,
            "neither failures nor bans, so jail recidive counts nothing",
        ),
        (true, false) => (
            Severity::Warning,
            "neither failures nor bans: no report can show what happened",
        ),
        (false, _) => (
            Severity::Notice,
            "bans, but not the failures that lead to them: `why` and `tune --since` lack them",
        ),
    };
    let message = format!("fail2ban logs at level {}: its log has {what}.", escaped(level));
    let fix = "set `loglevel = INFO` in [Definition] of fail2ban.local, then run fail2ban-client set loglevel INFO on the host";
    Some(Finding::new(Code::ActionLogSilent, severity, message, fix))
}

/// Both are shown as nothing where there is no database.
fn without_database(server: &Server) -> Option<Finding> {
    let is_nothing = |key: &str| server.settings.get(key).is_some_and(serde_json::Value::is_null);
    if !is_nothing("dbfile") || !is_nothing("dbpurgeage") {
        return None;
    }
    let fix = "set `dbfile = /var/lib/fail2ban/fail2ban.sqlite3` in [Definition] of fail2ban.local, then restart fail2ban, which \
               lifts the present bans once more";
    Some(Finding::new(
        Code::DatabaseOff,
        Severity::Warning,
        "fail2ban keeps no database (dbfile = None): a restart lifts every ban, and recidive and longer bans for who comes back \
         have no memory.",
        fix,
    ))
}

/// An `ignorecommand` is not run here, but what this one answers is known.
fn exempting_everybody(evidence: &Evidence<'_>) -> Vec<Finding> {
    let always = evidence
        .jails()
        .filter(|(_, jail)| always_ignores(jail))
        .filter_map(|(name, jail)| Some((name, ignorecommand(jail)?)));
    let finding = |(name, command): (&String, &str)| {
        let message = format!(
            "Jail {name} ignores everybody: its ignorecommand `{}` always succeeds.",
            escaped(command)
        );
        let fix = format!(
            "take ignorecommand out of [{}] (or [DEFAULT]), then `f2bctl reload`",
            escaped(name)
        );
        Finding::new(Code::EverybodyWhitelisted, Severity::Error, message, fix)
    };
    always.map(finding).collect()
}
