//! `f2bctl split`: the runbook's "Why two asterisk jails" as a procedure, and the way back after a rollback.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Split;

/// Split the single asterisk jail into a strict and a lenient one, with their filters.
#[derive(Debug, Args)]
pub struct Arguments;

/// Runs the command.
pub async fn run(services: Arc<Services>) -> Vec<Document> {
    change(services, Split).await
}
