//! `f2bctl unban`: the runbook's "Unban an IP", in every jail at once.

use std::sync::Arc;

use clap::Args;

use crate::checks::why::{Evidence, banned_again, banned_again_unknown};
use crate::cli::network::separated;
use crate::cli::runner::{audience, change, each_host, name_of};
use crate::cli::services::Services;
use crate::document::{Document, Failure};
use crate::engine::{self, Connection, Mode};
use crate::model::network::Network;
use crate::model::observed::Part;
use crate::model::timespan::Timespan;
use crate::planning::policy::networks;
use crate::procedure::Unban;
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::LookBack;
use crate::settings::HostSettings;

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

/// What a forecast is made on.
const PARTS: &[Part] = &[Part::Server];
/// How far back the failures before a ban are looked for, seconds: the strict jail bans for a day.
const BACK: u64 = 26 * 3600;

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let grace = arguments
        .grace
        .map(|span| services.grant(span, arguments.jails.clone()));
    let procedure = Unban {
        grace,
        targets: separated(&arguments.targets),
        jails: arguments.jails,
        again: Vec::new(),
    };
    let networks = match networks(&procedure.targets) {
        Ok(networks) => networks,
        Err(refusal) => return vec![Document::failed("unban", None, &refusal.into())],
    };
    // Whom it whitelists meanwhile, it does not ban again.
    if procedure.grace.is_some() || networks.iter().any(|network| !network.is_single()) {
        return change(services, procedure).await;
    }
    let alone = services.mode() == Mode::Ask;
    let asked = Arc::new((procedure, networks));
    each_host(services, "unban", alone, move |services, host, several| {
        let asked = Arc::clone(&asked);
        async move {
            let (procedure, networks) = asked.as_ref();
            match on_host(&services, &host, several, (procedure.clone(), networks)).await {
                Ok(document) => document,
                Err(failure) => Document::failed("unban", Some(&name_of(&host)), &failure),
            }
        }
    })
    .await
}

/// The unban of single addresses, with who of them will be banned again soon.
async fn on_host(
    services: &Arc<Services>,
    host: &HostSettings,
    several: bool,
    (mut procedure, networks): (Unban, &[Network]),
) -> Result<Document, Failure> {
    let target = services.target(host)?;
    let mut connection = Connection::open_looking(&target, services.prompt(), Prefetch::look(PARTS)).await?;
    let asked = LookBack {
        networks: networks.to_vec(),
        since: Some(BACK),
        ..LookBack::default()
    };
    match connection.host.look_back(PARTS, &asked, &mut |_| ()).await {
        Ok((observed, past)) => {
            let log = host.asterisk_log.to_string_lossy();
            let evidence = Evidence::new(&observed, &past, None, &log, Some(BACK));
            procedure.again = banned_again(&evidence, networks);
        }
        // The unban itself goes on without the logs.
        Err(LinkError::Agent(failure)) => procedure.again = vec![banned_again_unknown(&failure.message)],
        Err(error) => return Err(connection.explain(error).await),
    }
    let context = services.context("unban", host, &target);
    let (events, terminal) = audience(services, &target.name, several);
    let report = engine::run_over(&mut connection, &procedure, context, &events, terminal.as_ref()).await;
    connection.close().await;
    Ok(report.document())
}
