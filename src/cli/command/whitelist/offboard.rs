//! `f2bctl offboard`: the runbook's "Removing an entry".

use std::sync::Arc;

use clap::{ArgGroup, Args};

use crate::cli::network::separated;
use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::Offboard;

/// Take a customer's network off the whitelist, with its comment.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["networks", "customer", "expired"]))]
pub struct Arguments {
    /// The entries to remove.
    #[arg(value_name = "NETWORK")]
    pub networks: Vec<String>,
    /// Every entry of this customer, ignoring case; an unknown customer changes nothing (exit 0, with a warning).
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// Every entry whose `expires` day has passed.
    #[arg(long)]
    pub expired: bool,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let procedure = match arguments.customer {
        Some(customer) => Offboard::Customer(customer),
        None if arguments.expired => Offboard::Expired,
        None => Offboard::Networks(separated(&arguments.networks)),
    };
    change(services, procedure).await
}
