//! `f2bctl status`: the runbook's "Check status", for all jails at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::checks::banned_whitelisted::banned_warnings_about;
use crate::checks::warnings::survey;
use crate::cli::network::{network, separated};
use crate::cli::runner::{Reported, Unreported, each_host, name_of, report, with_host};
use crate::cli::services::Services;
use crate::document::{Advice, Document, Failure, FailureKind, Report};
use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, Part};
use crate::model::origins::Decisions;
use crate::planning::reading::running_jails;
use crate::procedure;
use crate::remote::agent::LinkError;
use crate::remote::host::Host;
use crate::ui::Named;

use super::whitelist::check::{checked, decided};

/// Say whether the PBX is protected and whether a customer is banned; show jails, bans, the whitelist and what is wrong with
/// them; of an address, where it is banned and whether it is whitelisted.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only these jails, or these addresses or networks.
    #[arg(value_name = "JAIL|ADDR|NETWORK")]
    pub about: Vec<String>,
    /// Show every ban and whitelist entry; without it, lists longer than the screen (in a pipe: than 100) are summed up.
    #[arg(long)]
    pub all: bool,
    /// Print the state in another form: `openmetrics` for the textfile collector of a monitoring system.
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with = "json")]
    pub format: Option<Format>,
    /// With --format: name the customers who are banned, with their addresses.
    #[arg(long, requires = "format")]
    pub names: bool,
}

/// Another form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// OpenMetrics text.
    #[value(name = "openmetrics")]
    OpenMetrics,
}

impl Arguments {
    /// Whether metrics are wanted, and whether they name somebody.
    pub fn metrics(&self) -> Option<Named> {
        self.format
            .map(|Format::OpenMetrics| if self.names { Named::Yes } else { Named::No })
    }
}

/// What a verdict about the host looks at.
pub const PARTS: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Firewall,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
    Part::Origins,
    Part::LastWritten,
    Part::Asterisk,
    Part::AfterBan,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let whole = arguments.all;
    let mut only = separated(&arguments.about);
    let addresses: Vec<Network> = only.iter().filter_map(|word| network(word).ok()).collect();
    only.retain(|word| network(word).is_err());
    if addresses.is_empty() {
        return report(services, "status", PARTS, move |_, _, observed| {
            status(observed, &only, &[], whole)
        })
        .await;
    }
    each_host(services, "status", false, move |services, host, _| {
        let (only, addresses) = (only.clone(), addresses.clone());
        async move {
            let name = name_of(&host);
            let looked = with_host(&services, &host, async |link: &mut Host| look(link, &addresses).await).await;
            let reported = looked
                .map_err(Into::into)
                .and_then(|(observed, decided)| status(&observed, &only, &decided, whole));
            match reported {
                Ok(made) => Document::report("status", Some(&name), made),
                Err(unreported) => Document::failed_with("status", Some(&name), &unreported.failure, unreported.known),
            }
        }
    })
    .await
}

/// An address with the jails' decisions about it.
type Decided = (Network, Known<Decisions>);

async fn look(host: &mut Host, addresses: &[Network]) -> Result<(Observed, Vec<Decided>), LinkError> {
    let observed = host.observe(PARTS, &mut |_| ()).await?;
    let mut found = Vec::new();
    for address in addresses {
        found.push((*address, decided(host, &observed, address).await?));
    }
    Ok((observed, found))
}

fn status(observed: &Observed, only: &[String], decided: &[Decided], whole: bool) -> Reported {
    let mut answer = procedure::status(observed, only);
    answer.whole = whole;
    let mut warnings = survey(observed);
    for (address, decisions) in decided {
        answer.addresses.extend(checked(observed, decisions, address).ok());
        warnings.extend(banned_warnings_about(observed, address));
    }
    let known = Report::from(answer).warned(warnings);
    match running_jails(observed) {
        Err(refusal) => Err(Box::new(Unreported {
            failure: refusal.into(),
            known,
        })),
        Ok(jails) => match all_run(only, jails) {
            Err(failure) => Err(failure.into()),
            Ok(()) => Ok(known),
        },
    }
}

/// Refuses the first named jail that is none of the running ones.
pub(super) fn all_run(named: &[String], running: &BTreeMap<String, Jail>) -> Result<(), Failure> {
    match named.iter().find(|name| !running.contains_key(*name)) {
        Some(name) => Err(no_such_jail(name, running.keys())),
        None => Ok(()),
    }
}

fn no_such_jail<'names>(name: &str, known: impl Iterator<Item = &'names String>) -> Failure {
    let known: Vec<&str> = known.map(String::as_str).collect();
    Failure::new(FailureKind::Refused, format!("no jail {name} is running on this host"))
        .hint(Advice::running_jails(&known))
}
