//! `f2bctl start`: starts a fail2ban that is down, after the same preflight and with the same proof as every change.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Start;

/// Start a fail2ban that is down, with preflight and proof.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs the command.
pub async fn run(services: Arc<Services>) -> Vec<Document> {
    change(services, Start).await
}
