//! `f2bctl whitelist check`: whether each jail would ignore an address, by fail2ban's own decision, and by what.

use std::sync::Arc;

use clap::Args;

use crate::checks::banned_whitelisted::banned_warnings_about;
use crate::checks::warnings::state_warnings;
use crate::cli::network::network;
use crate::cli::runner::{Reported, each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Blocked, Document, Report, WhitelistCheck, WhitelistRow};
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{Observed, Part};
use crate::model::origins::Decisions;
use crate::model::text::Text;
use crate::planning::decisions::{banned_in, decision};
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::unlisted::{members as unlisted_members, on_host as unlisted_on_host};
use crate::planning::whitelist::whitelist;
use crate::remote::agent::LinkError;
use crate::remote::host::Host;

/// What is checked.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The address, or a network: entries that cover all of it and entries that cover a part are shown.
    #[arg(value_name = "ADDR|NETWORK", value_parser = network)]
    pub asked: Network,
}

/// The firewall may block an address whatever the jails say.
const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Firewall,
    Part::Origins,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let asked = arguments.asked;
    each_host(
        services,
        "whitelist check",
        false,
        move |services, host, _| async move {
            let name = name_of(&host);
            let looked = with_host(&services, &host, async |link: &mut Host| look(link, &asked).await).await;
            let reported = looked
                .map_err(Into::into)
                .and_then(|(observed, decisions)| check(&observed, &decisions, &asked));
            match reported {
                Ok(made) => Document::report("whitelist check", Some(&name), made),
                Err(unreported) => {
                    Document::failed_with("whitelist check", Some(&name), &unreported.failure, unreported.known)
                }
            }
        },
    )
    .await
}

async fn look(host: &mut Host, asked: &Network) -> Result<(Observed, Known<Decisions>), LinkError> {
    let observed = host.observe(PARTS, &mut |_| ()).await?;
    let decisions = decided(host, &observed, asked).await?;
    Ok((observed, decisions))
}

/// What each running jail would do, by fail2ban's own decision.
pub(in crate::cli::command) async fn decided(
    host: &mut Host,
    observed: &Observed,
    asked: &Network,
) -> Result<Known<Decisions>, LinkError> {
    match observed.server.value().is_some_and(|server| server.running) {
        true => host.decide(asked.ends()).await,
        false => Ok(Known::default()),
    }
}

fn check(observed: &Observed, decisions: &Known<Decisions>, asked: &Network) -> Reported {
    let check = checked(observed, decisions, asked)?;
    let mut warnings = state_warnings(observed);
    warnings.extend(banned_warnings_about(observed, asked));
    Ok(Report::from(check).warned(warnings))
}

/// Whether an address, or a network, is whitelisted, by what, and where it is banned.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read, or fail2ban is down.
pub(in crate::cli::command) fn checked(
    observed: &Observed,
    decisions: &Known<Decisions>,
    asked: &Network,
) -> Result<WhitelistCheck, Refusal> {
    let rows = whitelist(observed)?;
    let jails = running_jails(observed)?;
    let covering = |row: &WhitelistRow| row.as_network().is_some_and(|network| network.covers(asked));
    let inside = |row: &WhitelistRow| row.as_network().is_some_and(|network| asked.covers(&network));
    let (whole, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(covering);
    let partly: Vec<WhitelistRow> = rest.into_iter().filter(inside).collect();
    let decided: Vec<_> = jails
        .iter()
        .map(|(name, jail)| decision(name, jail, decisions, asked, observed))
        .collect();
    let those = |ignored: bool| -> Vec<Text> {
        let named = decided.iter().filter(|one| one.ignored == Some(ignored));
        named.map(|one| one.jail.clone()).collect()
    };
    let unlisted = unlisted_members(&unlisted_on_host(observed), asked);
    Ok(WhitelistCheck {
        address: *asked,
        whitelisted: decided.iter().any(|one| one.ignored == Some(true)),
        whitelist: whole,
        partly,
        in_force: those(true),
        not_in_force: those(false),
        jails: decided,
        banned_in: banned_in(jails, asked),
        blocked_without_ban: unlisted
            .iter()
            .map(|(ip, chains)| Blocked::of(ip.as_str(), chains))
            .collect(),
    })
}
