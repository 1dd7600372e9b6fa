//! `f2bctl whitelist`: the register of customers (runbook, "Customer-PBX whitelist").

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::checks::warnings::{state_warnings, survey};
use crate::cli::details::DetailArguments;
use crate::cli::network::network;
use crate::cli::runner::{Reported, change, report};
use crate::cli::services::Services;
use crate::document::{Blocked, Document, Report, Whitelist, WhitelistCheck, WhitelistRow};
use crate::model::network::Network;
use crate::model::observed::{Observed, Part};
use crate::model::text::texts;
use crate::planning::lists::covers;
use crate::planning::reading::running_jails;
use crate::planning::unlisted::{members as unlisted_members, on_host as unlisted_on_host};
use crate::planning::whitelist::whitelist;
use crate::procedure::Annotate;

pub mod adopt;
pub mod offboard;
pub mod onboard;
pub mod register;

/// The register of customers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the entries: their customers, and the jails in which they are in force.
    List,
    /// Show which entry covers an address or a network, and in which jails it is in force.
    Check(Check),
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

/// What is checked.
#[derive(Debug, Args)]
pub struct Check {
    /// The address, or a network: entries that cover all of it and entries that cover a part are shown.
    #[arg(value_name = "ADDR|NETWORK", value_parser = network)]
    pub asked: Network,
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
            Self::Annotate(_) => "whitelist annotate",
            Self::Adopt(_) => "whitelist adopt",
            Self::Lint(_) => "whitelist lint",
            Self::Export(_) => "whitelist export",
            Self::Import(_) => "whitelist import",
        }
    }
}

const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
];

/// What an address is checked against: the firewall may block it whatever the jails say.
const CHECKED: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Firewall,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::List => report(services, "whitelist list", PARTS, |_, _, observed| list(observed)).await,
        Command::Check(Check { asked }) => {
            report(services, "whitelist check", CHECKED, move |_, _, observed| {
                check(observed, &asked)
            })
            .await
        }
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

fn check(observed: &Observed, asked: &Network) -> Reported {
    let rows = whitelist(observed)?;
    let jails = running_jails(observed)?;
    let covering = |row: &WhitelistRow| row.as_network().is_some_and(|network| network.covers(asked));
    let inside = |row: &WhitelistRow| row.as_network().is_some_and(|network| asked.covers(&network));
    let (whole, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(covering);
    let (with, without): (Vec<_>, Vec<_>) = jails.iter().partition(|(_, jail)| covers(jail, asked));
    let unlisted = unlisted_members(&unlisted_on_host(observed), asked);
    let names = |part: Vec<(&String, _)>| texts(part.into_iter().map(|(name, _)| name.clone()));
    let check = WhitelistCheck {
        address: *asked,
        whitelisted: !with.is_empty(),
        whitelist: whole,
        partly: rest.into_iter().filter(inside).collect(),
        in_force: names(with),
        not_in_force: names(without),
        blocked_without_ban: unlisted
            .iter()
            .map(|(ip, chains)| Blocked::of(ip.as_str(), chains))
            .collect(),
    };
    Ok(Report::from(check).warned(state_warnings(observed)))
}
