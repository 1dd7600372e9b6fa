//! `f2bctl reload`: `fail2ban-client reload`, with a preflight before it and a proof after it.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Reload;

/// Put the files on disk into force, with preflight and proof.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs the command.
pub async fn run(services: Arc<Services>) -> Vec<Document> {
    change(services, Reload).await
}
