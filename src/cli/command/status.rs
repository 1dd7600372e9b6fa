//! `f2bctl status`: the runbook's "Check status", for all jails at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;

use crate::checks::warnings::survey;
use crate::cli::runner::{Reported, Unreported, report};
use crate::cli::services::Services;
use crate::document::{Advice, Document, Failure, FailureKind, Report};
use crate::model::observed::{Jail, Observed, Part};
use crate::planning::reading::running_jails;
use crate::planning::whitelist::whitelist;
use crate::procedure;

/// Show jails, thresholds, counters, bans, the whitelist and what is wrong with them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only these jails.
    #[arg(value_name = "JAIL")]
    pub jails: Vec<String>,
}

const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Firewall,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Origins,
    Part::LastWritten,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let only = arguments.jails;
    report(services, "status", PARTS, move |_, _, observed| status(observed, &only)).await
}

fn status(observed: &Observed, only: &[String]) -> Reported {
    let rows = whitelist(observed).unwrap_or_default();
    let known = Report::from(procedure::status(observed, rows, only)).warned(survey(observed));
    match running_jails(observed) {
        Err(refusal) => Err(Box::new(Unreported {
            failure: refusal.into(),
            known,
        })),
        Ok(jails) => match all_run(only, jails) {
            Err(failure) => Err(failure.into()),
            Ok(()) => Ok(known),
        },
    }
}

/// Refuses the first named jail that is none of the running ones.
pub(super) fn all_run(named: &[String], running: &BTreeMap<String, Jail>) -> Result<(), Failure> {
    match named.iter().find(|name| !running.contains_key(*name)) {
        Some(name) => Err(no_such_jail(name, running.keys())),
        None => Ok(()),
    }
}

fn no_such_jail<'names>(name: &str, known: impl Iterator<Item = &'names String>) -> Failure {
    let known: Vec<&str> = known.map(String::as_str).collect();
    Failure::new(FailureKind::Refused, format!("no jail {name} is running on this host"))
        .hint(Advice::running_jails(&known))
}
