//! `f2bctl unban`: the runbook's "Unban an IP", in every jail at once.

use std::sync::Arc;

use clap::Args;

use crate::cli::documents::Document;
use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::procedure::Unban;

/// Lift the bans of an address or network in every jail.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Addresses, or networks whose members are all lifted.
    #[arg(value_name = "ADDR|NETWORK", required = true)]
    pub targets: Vec<String>,
    /// Only in this jail (may be given several times).
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let procedure = Unban {
        targets: arguments.targets,
        jails: arguments.jails,
    };
    if let Err(refusal) = procedure.networks() {
        return vec![Document::failed("unban", None, &refusal.into())];
    }
    change(services, procedure).await
}
