//! `f2bctl whitelist`: the register of customers (runbook, "Customer-PBX whitelist").

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::checks::warnings::survey;
use crate::cli::details::DetailArguments;
use crate::cli::runner::{Reported, change, report};
use crate::cli::services::Services;
use crate::document::{Document, Report, Whitelist};
use crate::model::observed::{Observed, Part};
use crate::planning::whitelist::whitelist;
use crate::procedure::Annotate;

pub mod adopt;
pub mod check;
pub mod offboard;
pub mod onboard;
pub mod register;
pub mod review;

/// The register of customers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the entries: their customers, and the jails in which they are in force.
    List,
    /// Show whether each jail would ignore an address or a network, by fail2ban's own decision, and which entry decides it.
    Check(check::Arguments),
    /// Find whitelisted addresses that attack, come near a ban, have moved, are silent or shared; exit 8 if there are any.
    Review(review::Arguments),
    /// Write or change the comment of an entry; the entry itself stays as it is.
    Annotate(AnnotateArguments),
    /// Turn the free-text comments of a hand-kept file into lines of the register.
    Adopt(adopt::Arguments),
    /// List what is wrong with the entries and their comments; exit 8 if there is anything.
    Lint(register::Lint),
    /// Write the register to stdout, for `import` or another program.
    Export(register::Export),
    /// Whitelist every entry of a file, all in one change or none.
    Import(register::FromFile),
}

/// Which entry, with which details.
#[derive(Debug, Args)]
pub struct AnnotateArguments {
    /// The entry.
    #[arg(value_name = "NETWORK")]
    pub network: String,
    /// What the register says of it.
    #[command(flatten)]
    pub details: DetailArguments,
}

impl Command {
    /// The command as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::List => "whitelist list",
            Self::Check(_) => "whitelist check",
            Self::Review(_) => "whitelist review",
            Self::Annotate(_) => "whitelist annotate",
            Self::Adopt(_) => "whitelist adopt",
            Self::Lint(_) => "whitelist lint",
            Self::Export(_) => "whitelist export",
            Self::Import(_) => "whitelist import",
        }
    }
}

/// What a report about the whitelist looks at: where its entries come from, and what was recorded of them, too.
const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Origins,
    Part::LastWritten,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::List => report(services, "whitelist list", PARTS, |_, _, observed| list(observed)).await,
        Command::Check(arguments) => check::run(services, arguments).await,
        Command::Review(arguments) => review::run(services, arguments).await,
        Command::Annotate(AnnotateArguments { network, details }) => {
            let details = details.details(&services);
            change(services, Annotate { network, details }).await
        }
        Command::Adopt(arguments) => adopt::run(services, arguments).await,
        Command::Lint(arguments) => register::lint(services, arguments).await,
        Command::Export(arguments) => register::export(services, arguments).await,
        Command::Import(arguments) => register::import(services, arguments).await,
    }
}

fn list(observed: &Observed) -> Reported {
    let rows = whitelist(observed)?;
    Ok(Report::from(Whitelist { whitelist: rows }).warned(survey(observed)))
}
