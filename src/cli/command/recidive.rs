//! `f2bctl recidive`: the built-in jail for repeat offenders (runbook, "Tuning guidance").

use std::sync::Arc;

use clap::Subcommand;

use crate::checks::warnings::state_warnings;
use crate::cli::runner::{Reported, change, report};
use crate::cli::services::Services;
use crate::document::{self, Document, RecidiveStatus, Report};
use crate::model::observed::Observed;
use crate::model::observed::Part;
use crate::model::runbook::RECIDIVE;
use crate::model::text::texts;
use crate::planning::reading::running_jails;
use crate::planning::whitelist::whitelist;
use crate::procedure::{Recidive, bans, recidive_needs};

/// The built-in jail for repeat offenders.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Enable it, after checking what it needs; the plan shows who would be banned at once.
    Enable,
    /// Disable it; jail.local gets its old bytes back.
    Disable,
    /// Show whether it runs, what it needs and who is banned; exit 8 if it runs and something is missing.
    Status,
}

impl Command {
    /// The command as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enable => "recidive enable",
            Self::Disable => "recidive disable",
            Self::Status => "recidive status",
        }
    }
}

const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::Enable => change(services, Recidive::Enable).await,
        Command::Disable => change(services, Recidive::Disable).await,
        Command::Status => report(services, command.name(), PARTS, |_, _, observed| status(observed)).await,
    }
}

fn status(observed: &Observed) -> Reported {
    let jail = running_jails(observed)?.get(RECIDIVE);
    let needs = recidive_needs(observed)?;
    let rows = whitelist(observed).unwrap_or_default();
    let lacking = needs.iter().any(|need| need.met == Some(false));
    let log_files = jail.map(|jail| texts(jail.list("logpath")));
    let recidive = document::Recidive {
        enabled: jail.is_some(),
        maxretry: jail.and_then(|jail| jail.number("maxretry")),
        findtime: jail.and_then(|jail| jail.number("findtime")),
        bantime: jail.and_then(|jail| jail.number("bantime")),
        log_files,
        banned: jail.map(|jail| bans(jail, &observed.clock, &rows)),
        needs,
    };
    Ok(Report::from(RecidiveStatus { recidive })
        .warned(state_warnings(observed))
        .found(lacking && jail.is_some()))
}
