//! `f2bctl recidive`: the built-in jail for repeat offenders (runbook, "Tuning guidance").

use std::sync::Arc;

use clap::Subcommand;

use crate::checks::warnings::state_warnings;
use crate::cli::runner::{REPORTED, Reported, change, report};
use crate::cli::services::Services;
use crate::document::{Document, RecidiveStatus, Report};
use crate::model::observed::Observed;
use crate::procedure::{Recidive, recidive};

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

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::Enable => change(services, Recidive::Enable).await,
        Command::Disable => change(services, Recidive::Disable).await,
        Command::Status => report(services, command.name(), REPORTED, |_, _, observed| status(observed)).await,
    }
}

fn status(observed: &Observed) -> Reported {
    let recidive = recidive(observed)?;
    let lacking = recidive.needs.iter().any(|need| need.met == Some(false));
    let enabled = recidive.enabled;
    Ok(Report::from(RecidiveStatus { recidive })
        .warned(state_warnings(observed))
        .found(lacking && enabled))
}
