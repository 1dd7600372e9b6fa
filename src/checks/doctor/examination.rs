//! Each statement of the runbook as a check, with its evidence and what repairs it.
//!
//! A check that cannot look says so as a finding of its own code `unknown`, so that no hole is silent.

use crate::document::Finding;

use super::evidence::Evidence;
use super::{asterisk, bans, jails, logs, server, surroundings, traffic, whitelist};

/// Runs every check; the gravest findings come first.
pub fn examine(evidence: &Evidence<'_>) -> Vec<Finding> {
    let checks: [fn(&Evidence<'_>) -> Vec<Finding>; 8] = [
        jails::check,
        server::check,
        whitelist::check,
        bans::check,
        logs::check,
        asterisk::check,
        traffic::check,
        surroundings::check,
    ];
    let mut found: Vec<Finding> = checks.iter().flat_map(|check| check(evidence)).collect();
    found.sort_by_key(|finding| finding.severity);
    found
}
