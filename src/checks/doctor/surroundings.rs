//! The host round fail2ban: its clock, who may write to its files, and what interrupted changes have left.

use std::collections::BTreeMap;

use crate::checks::under_way::under_way;
use crate::document::{Finding, FindingCode as Code, Severity};
use crate::model::observed::{PathFacts, Surroundings};

use super::evidence::Evidence;

/// Two clocks may be this far apart, seconds: a login and an answer are in between.
const CLOCK_SECONDS: f64 = 60.0;
const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
const GROUP_OR_OTHERS: u32 = 0o077;
/// How many paths a finding names.
const MOST_NAMED: usize = 5;
/// Why it matters who may write there.
const CONSEQUENCE: &str = "a user who can write these files can run commands as root";

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = clock(evidence).into_iter().collect();
    if let Some(surroundings) = evidence.observed.surroundings.value() {
        found.extend(surroundings.files.iter().filter(|file| file.exists).filter_map(mode));
        found.extend(owners(surroundings));
        found.extend(others_write(surroundings));
        found.extend(access_lists(surroundings));
    }
    found.extend(interrupted(evidence));
    found.extend(under_way(evidence.observed).map(|(code, message)| {
        let fix = "wait until it has ended and run doctor again";
        Finding::new(code, Severity::Notice, message, fix)
    }));
    found
}

/// All paths that are there, each once: what fail2ban reads and what f2bctl keeps.
fn all(surroundings: &Surroundings) -> impl Iterator<Item = &PathFacts> {
    let paths = surroundings.configuration.iter().chain(&surroundings.files);
    let by_path: BTreeMap<&str, &PathFacts> = paths.map(|file| (file.path.as_str(), file)).collect();
    by_path.into_values().filter(|file| file.exists)
}

/// Paths that belong to another user than those who run fail2ban-server, a finding for each owner.
fn owners(surroundings: &Surroundings) -> Vec<Finding> {
    let mut by_owner: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in all(surroundings).filter(|file| !surroundings.trusted.contains(&file.uid)) {
        by_owner.entry(&file.owner).or_default().push(&file.path);
    }
    let finding = |(owner, paths): (&str, Vec<&str>)| {
        let message = format!(
            "The user {owner} owns {} and can change {}: {CONSEQUENCE}.",
            named(&paths),
            it(&paths)
        );
        Finding::new(Code::FileOwner, Severity::Error, message, command("chown root", &paths))
    };
    by_owner.into_iter().map(finding).collect()
}

/// Paths of the configuration that their group or everybody may write to; those that f2bctl keeps are `mode`'s.
fn others_write(surroundings: &Surroundings) -> Option<Finding> {
    let is_listed = |path: &str| surroundings.files.iter().any(|file| file.path == path);
    let open = surroundings.configuration.iter();
    let open = open.filter(|file| file.exists && file.mode & GROUP_OR_OTHERS_WRITE != 0 && !is_listed(&file.path));
    let paths: Vec<&str> = open.map(|file| file.path.as_str()).collect();
    (!paths.is_empty()).then(|| {
        let message = format!("Others than the owner may write to {}: {CONSEQUENCE}.", named(&paths));
        Finding::new(
            Code::FileMode,
            Severity::Warning,
            message,
            command("chmod go-w", &paths),
        )
    })
}

/// Paths that an access control list lets someone write to, a finding for each of these.
fn access_lists(surroundings: &Surroundings) -> Vec<Finding> {
    let mut by_writer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in all(surroundings) {
        for writer in &file.writers {
            by_writer.entry(writer).or_default().push(&file.path);
        }
    }
    let finding = |(writer, paths): (&str, Vec<&str>)| {
        let message = format!(
            "An access control list lets {writer} write to {}: {CONSEQUENCE}.",
            named(&paths)
        );
        Finding::new(Code::FileAcl, Severity::Error, message, command("setfacl -b", &paths))
    };
    by_writer.into_iter().map(finding).collect()
}

fn it(paths: &[&str]) -> &'static str {
    if paths.len() == 1 { "it" } else { "them" }
}

/// The first paths, and how many more there are.
fn named(paths: &[&str]) -> String {
    let first: Vec<&str> = paths.iter().take(MOST_NAMED).copied().collect();
    match paths.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// A command for the first paths; the next examination names the others.
fn command(verb: &str, paths: &[&str]) -> String {
    let first: Vec<&str> = paths.iter().take(MOST_NAMED).copied().collect();
    format!("{verb} {}", first.join(" "))
}

fn clock(evidence: &Evidence<'_>) -> Option<Finding> {
    let apart = evidence.observed.clock.now - evidence.clock;
    if apart.abs() < CLOCK_SECONDS {
        return None;
    }
    let message = format!("The host's clock is {} s from this machine's.", apart as i64);
    Some(Finding::new(
        Code::ClockDiffers,
        Severity::Warning,
        message,
        "look at the time service of both (timedatectl)",
    ))
}

fn mode(file: &PathFacts) -> Option<Finding> {
    let path = &file.path;
    let private = path.ends_with("/audit.jsonl") || path.ends_with("/changes") || file.folder;
    let forbidden = if private {
        GROUP_OR_OTHERS
    } else {
        GROUP_OR_OTHERS_WRITE
    };
    if file.mode & forbidden == 0 {
        return None;
    }
    let wanted = file.mode & !forbidden;
    let message = format!(
        "{path} has mode {:04o}: others than its owner can {}.",
        file.mode,
        if private { "read or change it" } else { "change it" }
    );
    Some(Finding::new(
        Code::FileMode,
        Severity::Warning,
        message,
        format!("chmod {wanted:04o} {path}"),
    ))
}

fn interrupted(evidence: &Evidence<'_>) -> Vec<Finding> {
    if evidence.observed.lock.value().is_some_and(Option::is_some) {
        return Vec::new();
    }
    let changes = evidence.observed.changes.value().into_iter().flatten();
    changes
        .map(|change| {
            let command = change.command.as_deref().unwrap_or("change");
            let message = format!(
                "An earlier {command} was interrupted in the step `{}` and is not recovered yet.",
                change.phase
            );
            Finding::new(
                Code::InterruptedChange,
                Severity::Error,
                message,
                "run any change: it recovers this one first",
            )
        })
        .collect()
}
