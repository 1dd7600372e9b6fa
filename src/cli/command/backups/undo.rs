//! `f2bctl undo`: takes a change back, from the host's journal.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Undo;

/// Undo a change of f2bctl: its files come back as they were before it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The change, as `f2bctl history` names it, or the beginning of its identifier; the newest one by default.
    #[arg(value_name = "CHANGE-ID")]
    pub change: Option<String>,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let change_id = arguments.change;
    change(services, Undo { change_id }).await
}
