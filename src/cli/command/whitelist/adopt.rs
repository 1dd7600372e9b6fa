//! `f2bctl whitelist adopt`: a hand-kept file gets its register; what the comments do not tell is asked.

use std::sync::Arc;

use clap::Args;

use crate::cli::runner::{change, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::model::comment_text::CommentText;
use crate::model::network::Network;
use crate::model::observed::Part;
use crate::planning::reading::jail_local;
use crate::procedure::{Adopt, Proposal, proposals};
use crate::ui::ask_text;

/// Turn the free-text comments of a hand-kept file into lines of the register.
///
/// Comments of the form `Customer: NETWORK note, NETWORK note` are read. What they do not tell is asked on a terminal, and
/// refused without one.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Give the customer of an entry, e.g. 203.0.113.0/28="Lotus Court Hotels"; may be given several times.
    #[arg(long, value_name = "NETWORK=CUSTOMER", value_parser = assignment)]
    pub assign: Vec<(Network, CommentText)>,
    /// Adopt what is clear and leave the rest, instead of refusing all of it.
    #[arg(long)]
    pub clear_only: bool,
}

fn assignment(text: &str) -> Result<(Network, CommentText), String> {
    let (network, customer) = text.split_once('=').ok_or("write NETWORK=CUSTOMER")?;
    let parsed = Network::parse(network.trim()).map_err(|error| error.to_string())?;
    let customer = CommentText::new(customer).map_err(|error| error.to_string())?;
    Ok((parsed.network, customer))
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let mut procedure = Adopt {
        assigned: arguments.assign,
        clear_only: arguments.clear_only,
    };
    let asking = services.output.can_ask() && !services.global.yes && !procedure.clear_only;
    if asking && let Err(failure) = ask(&services, &mut procedure).await {
        return vec![Document::failed("whitelist adopt", None, &failure)];
    }
    change(services, procedure).await
}

/// Asks whose the entries are that the comments leave open; of several hosts each has comments of its own, so nothing is
/// asked there.
async fn ask(services: &Services, procedure: &mut Adopt) -> Result<(), Failure> {
    let hosts = services.hosts()?;
    let [host] = hosts.as_slice() else {
        return Ok(());
    };
    let observed = with_host(services, host, async |host| {
        host.observe(&[Part::JailLocal, Part::Server], &mut |_| ()).await
    })
    .await?;
    let document = jail_local(&observed)?;
    let known = |proposal: &Proposal| {
        procedure
            .assigned
            .iter()
            .any(|(network, _)| *network == proposal.network)
    };
    let open: Vec<Proposal> = proposals(document)
        .into_iter()
        .filter(|proposal| proposal.customer.is_none() && !known(proposal))
        .collect();
    let check = |text: &str| CommentText::new(text).map(|_| ()).map_err(|error| error.to_string());
    for proposal in open {
        let answer = ask_text(&format!("Customer of {}", proposal.named()), check);
        let given_up = || Failure::new(FailureKind::Interrupted, "cancelled; nothing was changed");
        let customer = CommentText::new(&answer.ok_or_else(given_up)?)
            .map_err(|error| Failure::new(FailureKind::Usage, error.to_string()))?;
        procedure.assigned.push((proposal.network, customer));
    }
    Ok(())
}
