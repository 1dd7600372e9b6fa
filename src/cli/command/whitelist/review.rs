//! `f2bctl whitelist review`: who watches the whitelisted.

use std::sync::Arc;

use clap::Args;

use crate::checks::whitelist_review::{Watched, review};
use crate::cli::kept_columns::kept;
use crate::cli::runner::{REPORTED, each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{Document, Failure, Report};
use crate::model::timespan::Timespan;
use crate::remote::agent::Prefetch;
use crate::settings::HostSettings;

/// Find whitelisted addresses that attack, come near a ban, have moved, are silent, or are shared; exit 8 if there are any.
///
/// It reads fail2ban's action log and Asterisk's log, and changes nothing but the host's note of when each network was seen last.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Look back so far.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse, default_value = "14d")]
    pub since: Timespan,
    /// Read rotated logs again, although what they hold is kept on this machine.
    #[arg(long)]
    pub no_cache: bool,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    each_host(services, "whitelist review", false, move |services, host, _| {
        let arguments = arguments.clone();
        async move {
            let name = name_of(&host);
            match on_host(&services, &host, &arguments).await {
                Ok(report) => Document::report("whitelist review", Some(&name), report),
                Err(failure) => Document::failed("whitelist review", Some(&name), &failure),
            }
        }
    })
    .await
}

async fn on_host(services: &Services, host: &HostSettings, arguments: &Arguments) -> Result<Report, Failure> {
    let since = arguments.since.seconds();
    let looked = with_connection(services, host, Prefetch::look(REPORTED), async |connection| {
        let observed = connection.host.observe(REPORTED, &mut |_| ()).await?;
        let watched = match Watched::of(&observed) {
            Ok(watched) => watched,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let kept = kept(services, connection, arguments.no_cache);
        let log = connection.host.action_log(since, kept.as_ref()).await?;
        let presence = connection.host.presence(since, &watched.networks()).await?;
        Ok(Ok((observed, watched, log, presence)))
    })
    .await?;
    let (observed, watched, log, presence) = looked?;
    let found = review(&observed, &log, &presence, &watched)?;
    let is_empty = found.findings.is_empty();
    Ok(Report::from(found).found(!is_empty))
}
