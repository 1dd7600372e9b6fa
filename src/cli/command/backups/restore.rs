//! `f2bctl restore`: the other half of the runbook's backups (File layout).

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Restore;

/// Restore jail.local from a backup, with preflight and proof.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The backup: its path, its name, or a part of the name that no other has.
    #[arg(value_name = "BACKUP")]
    pub backup: String,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let backup = arguments.backup;
    change(services, Restore { backup }).await
}
