//! `f2bctl watch`: the runbook's `tail -f /var/log/fail2ban.log`, read, filtered, and with the customers' names.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::arguments::Arguments;
use super::handed::Handed;
use super::live;
use super::view::View;
use crate::checks::watching::reach;
use crate::cli::command::status::all_run;
use crate::cli::runner::{name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Failure};
use crate::engine::{self, Consumer, Events, Looks};
use crate::model::observed::Part;
use crate::planning::reading::running_jails;
use crate::settings::HostSettings;

/// What is looked at where counts are followed: the jails' thresholds, and whether the whitelist is in force.
const COUNTED: &[Part] = &[Part::JailLocal, Part::Server];
/// How often bursts that have ended are looked for.
const TICK: Duration = Duration::from_millis(500);

/// Runs the command. Every host is watched at once, until Ctrl-C, or until nobody reads any more.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    if arguments.live {
        return live::run(services).await;
    }
    let hosts = match services.hosts() {
        Ok(hosts) => hosts,
        Err(failure) => return vec![Document::failed("watch", None, &failure)],
    };
    let several = hosts.len() > 1;
    let handed = match arguments
        .exec
        .as_deref()
        .map(|program| Handed::to(program, &services.output))
    {
        None => None,
        Some(Ok(handed)) => Some(handed),
        Some(Err(failure)) => return vec![Document::failed("watch", None, &failure)],
    };
    let watched = all(&services, hosts, &arguments, (several, handed.clone()));
    tokio::pin!(watched);
    let Some(handed) = handed else {
        return watched.await;
    };
    tokio::select! {
        documents = &mut watched => {
            handed.end();
            documents
        }
        Ok(()) = tokio::signal::ctrl_c() => {
            handed.end();
            // Whoever hears Ctrl-C for every command ends this one.
            watched.await
        }
    }
}

/// Every host at once.
async fn all(
    services: &Arc<Services>,
    hosts: Vec<HostSettings>,
    arguments: &Arguments,
    (several, handed): (bool, Option<Handed>),
) -> Vec<Document> {
    let mut running = JoinSet::new();
    for host in hosts {
        let (services, arguments, handed) = (Arc::clone(services), arguments.clone(), handed.clone());
        running.spawn(async move { one(&services, &host, arguments, (several, handed)).await });
    }
    let mut documents = Vec::new();
    while let Some(joined) = running.join_next().await {
        match joined {
            Ok(Some(document)) => documents.push(document),
            // Nobody reads stdout any more: the other hosts' lines would not be read either.
            Ok(None) => return documents,
            Err(_) => {}
        }
    }
    services.output.last_events();
    documents
}

/// One host: none when nobody reads any more, else why it is not watched.
async fn one(
    services: &Services,
    host: &HostSettings,
    arguments: Arguments,
    (several, handed): (bool, Option<Handed>),
) -> Option<Document> {
    let name = name_of(host);
    let jails = arguments.jails.clone();
    let view = Arc::new(View::new(
        Arc::clone(&services.output),
        (name.clone(), several),
        arguments,
        handed,
    ));
    let watched = match jails_run(services, host, &jails).await {
        Ok(()) => {
            tokio::select! {
                ended = follow(services, host, Arc::clone(&view)) => ended,
                () = view.show_bursts(TICK) => Ok(()),
            }
        }
        Err(failure) => Err(failure),
    };
    let failure: Failure = watched.err()?;
    if several {
        // The other hosts may be watched for hours before the documents are printed.
        view.say(&format!("Not watched: {failure}"));
    }
    Some(Document::failed("watch", Some(&name), &failure))
}

async fn follow(services: &Services, host: &HostSettings, view: Arc<View>) -> Result<(), Failure> {
    let target = services.target(host)?;
    let since = view.arguments().since.clone();
    let looks = match view.arguments().counts() {
        true => Looks {
            parts: COUNTED,
            every: None,
            reach: Some(reach),
        },
        false => Looks::default(),
    };
    let events = Events::to([view as Arc<dyn Consumer>]);
    engine::watch(&target, services.prompt(), since, looks, &events).await
}

/// A jail that does not run would be waited for without end. While fail2ban is down nobody can say which do.
async fn jails_run(services: &Services, host: &HostSettings, named: &[String]) -> Result<(), Failure> {
    if named.is_empty() {
        return Ok(());
    }
    let parts = [Part::Server];
    let observed = with_host(services, host, async |host| host.observe(&parts, &mut |_| {}).await).await?;
    running_jails(&observed).map_or(Ok(()), |running| all_run(named, running))
}
