//! `f2bctl unban`: the runbook's "Unban an IP", in every jail at once.

use std::sync::Arc;

use clap::Args;

use crate::cli::network::separated;
use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::model::timespan::Timespan;
use crate::procedure::Unban;

/// Lift the bans of an address or network in every jail.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Addresses, or networks: the bans of all their members are lifted.
    #[arg(value_name = "ADDR|NETWORK", required = true)]
    pub targets: Vec<String>,
    /// Only in this jail (may be given several times).
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
    /// Also whitelist it for a time, e.g. 30m, in the asterisk jails (or those of --jail); the host ends that by itself.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse_with_unit)]
    pub grace: Option<Timespan>,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let grace = arguments
        .grace
        .map(|span| services.grant(span, arguments.jails.clone()));
    let procedure = Unban {
        grace,
        targets: separated(&arguments.targets),
        jails: arguments.jails,
    };
    change(services, procedure).await
}
