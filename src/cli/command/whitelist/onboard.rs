//! `f2bctl onboard`: the runbook's "Adding a new customer", whole.

use std::sync::Arc;

use clap::Args;

use crate::cli::details::DetailArguments;
use crate::cli::network::{network, separated};
use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::model::comment_text::CommentText;
use crate::procedure::Onboard;
use crate::ui::ask_text;

/// Whitelist a customer's network: back up, add with its comment, reload, verify, lift its members' bans.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The customer's public networks or addresses, e.g. 203.0.113.0/28.
    #[arg(value_name = "NETWORK")]
    pub networks: Vec<String>,
    /// Only in this jail, in a list of its own (may be given several times).
    #[arg(long = "jail", value_name = "JAIL")]
    pub jails: Vec<String>,
    /// What the register says of them.
    #[command(flatten)]
    pub details: DetailArguments,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    // Nobody is asked anything for a host that is none.
    if let Err(failure) = services.hosts() {
        return vec![Document::failed("onboard", None, &failure)];
    }
    let jails = arguments.jails.clone();
    let (networks, details) = match completed(&services, arguments) {
        Ok(complete) => complete,
        Err(failure) => return vec![Document::failed("onboard", None, &failure)],
    };
    let details = details.details(&services);
    let procedure = Onboard {
        networks,
        details,
        jails,
    };
    change(services, procedure).await
}

/// Asks for what is missing, where there is someone to ask.
fn completed(services: &Services, arguments: Arguments) -> Result<(Vec<String>, DetailArguments), Failure> {
    let Arguments {
        mut networks,
        mut details,
        ..
    } = arguments;
    let asking = services.output.can_ask() && !services.global.yes;
    let given_up = || Failure::new(FailureKind::Interrupted, "cancelled; nothing was changed");
    if networks.is_empty() {
        if !asking {
            return Err(missing(
                services,
                "a network",
                "run `f2bctl onboard NETWORK --customer NAME`; the network is the customer's public block, usually a /29 or /28",
            ));
        }
        let check = |text: &str| {
            let typed = separated(&[text.to_owned()]);
            typed.iter().try_for_each(|word| network(word).map(|_| ()))
        };
        let typed = ask_text(
            "The customer's public network (ask their IT; usually a /29 or /28)",
            check,
        );
        networks.push(typed.ok_or_else(given_up)?);
    }
    if details.customer.is_none() {
        if !asking {
            return Err(missing(services, "--customer NAME", "every entry needs a customer"));
        }
        let check = |text: &str| CommentText::new(text).map(|_| ()).map_err(|error| error.to_string());
        let typed = ask_text("The customer's name", check).ok_or_else(given_up)?;
        details.customer = CommentText::new(&typed).ok();
    }
    Ok((separated(&networks), details))
}

fn missing(services: &Services, what: &str, hint: &'static str) -> Failure {
    // At a terminal it is the flag alone that keeps the question away.
    let why = match services.output.can_ask() {
        true => "--yes suppresses every question",
        false => "there is no terminal to ask on",
    };
    Failure::new(FailureKind::Usage, format!("{what} is missing, and {why}")).hint(hint)
}
