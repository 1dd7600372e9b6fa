//! The host round fail2ban: its clock, the modes of files, and what interrupted changes have left.

use crate::model::observed::PathFacts;

use super::Evidence;
use crate::document::{Finding, FindingCode as Code, Severity};

/// Two clocks may be this far apart, seconds: a login and an answer lie in between.
const CLOCK_SECONDS: f64 = 60.0;
const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
const GROUP_OR_OTHERS: u32 = 0o077;

/// Runs these checks.
pub fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = clock(evidence).into_iter().collect();
    let files = evidence
        .observed
        .surroundings
        .value()
        .into_iter()
        .flat_map(|surroundings| &surroundings.files);
    found.extend(files.filter(|file| file.exists).filter_map(mode));
    found.extend(interrupted(evidence));
    found
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
                "An earlier {command} was interrupted in the step `{}` and is not settled.",
                change.phase
            );
            Finding::new(
                Code::InterruptedChange,
                Severity::Error,
                message,
                "run any change: it settles this one first",
            )
        })
        .collect()
}
