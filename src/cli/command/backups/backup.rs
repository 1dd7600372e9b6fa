//! `f2bctl backup`: the runbook's `cp jail.local jail.local.bak-…`, without overwriting an earlier one.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Backup;

/// Back up jail.local on the host.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What the backup is for; becomes part of its name.
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    change(services, Backup { label: arguments.label }).await
}
