//! Runs a command on its hosts: one after the other where a person is asked, else several at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::audit::HostName;
use crate::engine::{self, Connection, Failure, FailureKind, Mode};
use crate::model::observed::Observed;
use crate::model::observed::Part;
use crate::procedure::Procedure;
use crate::remote::agent::Ahead;
use crate::remote::host::Host;
use crate::settings::HostSettings;
use crate::ui::is_asking;

use super::arguments::Command;
use super::command;
use super::documents::Document;
use super::services::Services;

/// How many hosts are worked on at once: enough to wait for networks together, few enough for a small machine.
const AT_ONCE: usize = 64;

/// The exit code of a report that found something: nothing failed (contract, Exit codes).
const FINDINGS: u8 = 8;
/// How long a command that is interrupted may take to say by itself how it ended: a question that is given up with Ctrl-C
/// ends in "nothing was changed", which is known better there than here.
const END_OF_QUESTION: Duration = Duration::from_millis(500);

/// Runs the command to its documents; Ctrl-C ends it, while a change that runs on a host goes on there to a safe end.
pub fn block_on(services: Services, command: Command) -> Vec<Document> {
    let name = command.name();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(FailureKind::Fault, format!("cannot start: {error}"));
            return vec![Document::failed(name, None, &failure)];
        }
    };
    let services = Arc::new(services);
    let documents = runtime.block_on(until_interrupted(Arc::clone(&services), command));
    // A prompt that was given up still waits for a key on its own thread.
    runtime.shutdown_background();
    services.output.restore_terminal();
    documents
}

/// The command as a task of its own, so that a question on which it waits cannot keep Ctrl-C from being heard.
async fn until_interrupted(services: Arc<Services>, command: Command) -> Vec<Document> {
    let name = command.name();
    let mut work = tokio::spawn(dispatch(services, command));
    let ended = tokio::select! {
        ended = &mut work => ended,
        _ = tokio::signal::ctrl_c() => match tokio::time::timeout(END_OF_QUESTION, &mut work).await {
            Ok(ended) => ended,
            Err(_) => return vec![Document::failed(name, None, &interrupted(name))],
        },
    };
    ended.unwrap_or_else(|error| {
        let failure = Failure::new(FailureKind::Fault, format!("the command broke off: {error}"));
        vec![Document::failed(name, None, &failure)]
    })
}

fn interrupted(command: &str) -> Failure {
    if command == "watch" {
        return Failure::new(FailureKind::Interrupted, "interrupted");
    }
    if is_asking() {
        let message = "interrupted at a question; what it was about was not done";
        return Failure::new(FailureKind::Interrupted, message);
    }
    Failure::new(
        FailureKind::Interrupted,
        "interrupted; a change that had begun on a host goes on there to a safe end",
    )
    .hint("`f2bctl history` and `f2bctl status` tell how it ended")
}

async fn dispatch(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::Status(arguments) => command::status::run(services, arguments).await,
        Command::Onboard(arguments) => command::onboard::run(services, arguments).await,
        Command::Offboard(arguments) => command::offboard::run(services, arguments).await,
        Command::Whitelist(command) => command::whitelist::run(services, command).await,
        Command::Unban(arguments) => command::unban::run(services, arguments).await,
        Command::Temp(command) => command::temp::run(services, command).await,
        Command::Tune(arguments) => command::tune::run(services, arguments).await,
        Command::Recidive(command) => command::recidive::run(services, command).await,
        Command::Regex(arguments) => command::regex::run(services, arguments).await,
        Command::Watch(arguments) => command::watch::run(services, arguments).await,
        Command::Backup(arguments) => command::backup::run(services, arguments).await,
        Command::Backups(arguments) => command::backups::run(services, arguments).await,
        Command::Split(_) => command::split::run(services).await,
        Command::Rollback(arguments) => command::rollback::run(services, arguments).await,
        Command::Restore(arguments) => command::restore::run(services, arguments).await,
        Command::Undo(arguments) => command::undo::run(services, arguments).await,
        Command::Reload(_) => command::reload::run(services).await,
        Command::Start(_) => command::start::run(services).await,
        Command::Doctor(_) => command::doctor::run(services).await,
        Command::History(arguments) => command::history::run(services, arguments).await,
        Command::Audit(command) => command::audit::run(services, command).await,
        Command::Hosts(_) => vec![command::hosts::run(&services)],
        Command::Lab(command) => vec![command::lab::run(services, command).await],
        Command::Completions(arguments) => vec![command::completions::run(&arguments)],
    }
}

/// Runs `work` for each host of the run and keeps the hosts' order.
pub async fn each_host<Work, Answer>(
    services: Arc<Services>,
    command: &'static str,
    alone: bool,
    work: Work,
) -> Vec<Document>
where
    Work: Fn(Arc<Services>, HostSettings, bool) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Document> + Send + 'static,
{
    let hosts = match services.hosts() {
        Ok(hosts) => hosts,
        Err(failure) => return vec![Document::failed(command, None, &failure)],
    };
    let several = hosts.len() > 1;
    let output = Arc::clone(&services.output);
    output
        .lines()
        .begin(output.progress(), hosts.iter().map(|host| host.name.as_str()));
    let limit = Arc::new(Semaphore::new(if alone || services.global.fail_fast {
        1
    } else {
        AT_ONCE
    }));
    let mut running = JoinSet::new();
    for (index, host) in hosts.iter().cloned().enumerate() {
        // Taken here and not in the task, so that the hosts have their turns in the order in which they were named. It is
        // closed when an earlier host failed under --fail-fast.
        let Ok(turn) = Arc::clone(&limit).acquire_owned().await else {
            break;
        };
        let (services, work, limit) = (Arc::clone(&services), work.clone(), Arc::clone(&limit));
        running.spawn(async move {
            let fail_fast = services.global.fail_fast;
            let (output, name) = (Arc::clone(&services.output), host.name.clone());
            output.lines().say(&name, "logging in");
            let document = work(services, host, several).await;
            let outcome = document.value.get("outcome").and_then(Value::as_str);
            output.lines().end(&name, outcome.unwrap_or_default());
            if fail_fast && !matches!(document.exit_code, 0 | FINDINGS) {
                limit.close();
            }
            drop(turn);
            (index, document)
        });
    }
    let mut found: Vec<(usize, Document)> = Vec::new();
    while let Some(joined) = running.join_next().await {
        if let Ok(answer) = joined {
            found.push(answer);
        }
    }
    output.lines().clear();
    let mut answers: Vec<Option<Document>> = hosts.iter().map(|_| None).collect();
    for (index, document) in found {
        if let Some(place) = answers.get_mut(index) {
            *place = Some(document);
        }
    }
    let unanswered = unanswered(services.global.fail_fast);
    answers
        .into_iter()
        .zip(&hosts)
        .map(|(document, host)| {
            document.unwrap_or_else(|| Document::failed(command, Some(&name_of(host)), &unanswered))
        })
        .collect()
}

/// What is said of a host that has no document.
fn unanswered(fail_fast: bool) -> Failure {
    if fail_fast {
        let message = "not tried, since an earlier host failed (--fail-fast)";
        return Failure::new(FailureKind::Refused, message);
    }
    Failure::new(FailureKind::Fault, "the work on this host broke off")
        .hint("this is a fault of f2bctl; ask `f2bctl history` and `f2bctl status` what became of the host")
}

/// A host's name and address, for documents.
pub fn name_of(host: &HostSettings) -> HostName {
    HostName {
        name: host.name.clone(),
        address: host.address.clone(),
    }
}

/// Runs a procedure on each host.
pub async fn change(services: Arc<Services>, procedure: impl Procedure + 'static) -> Vec<Document> {
    let procedure = Arc::new(procedure);
    let command = procedure.command();
    let alone = services.mode() == Mode::Ask;
    each_host(services, command, alone, move |services, host, several| {
        let procedure = Arc::clone(&procedure);
        async move {
            let target = match services.target(&host) {
                Ok(target) => target,
                Err(failure) => return Document::failed(procedure.command(), Some(&name_of(&host)), &failure),
            };
            let context = services.context(procedure.command(), &host, &target);
            let mut dialogue = services.dialogue(&host, several);
            Document::change(&engine::run(procedure.as_ref(), context, &mut dialogue).await)
        }
    })
    .await
}

/// What a report makes of an observation: its keys and its exit code.
pub type Reported = Result<(Value, u8), Box<Unreported>>;

/// A report that cannot be made, with what can be said all the same.
#[derive(Debug)]
pub struct Unreported {
    /// Why.
    pub failure: Failure,
    /// The keys that are known.
    pub known: Value,
}

impl<Cause: Into<Failure>> From<Cause> for Box<Unreported> {
    fn from(cause: Cause) -> Self {
        Self::new(Unreported {
            failure: cause.into(),
            known: json!({}),
        })
    }
}

/// Observes each host and reports on it.
pub async fn report<Make>(
    services: Arc<Services>,
    command: &'static str,
    parts: &'static [Part],
    make: Make,
) -> Vec<Document>
where
    Make: Fn(&Services, &HostSettings, &Observed) -> Reported + Clone + Send + Sync + 'static,
{
    each_host(services, command, false, move |services, host, _| {
        let make = make.clone();
        async move {
            let looked = with_host_looking(&services, &host, Ahead::look(parts), async |host: &mut Host| {
                host.observe(parts, &mut |_| ()).await
            })
            .await;
            let reported = looked
                .map_err(Into::into)
                .and_then(|observed| make(&services, &host, &observed));
            let name = name_of(&host);
            match reported {
                Ok((value, exit_code)) => Document::report(command, Some(&name), value, exit_code),
                Err(unreported) => Document::failed_with(command, Some(&name), &unreported.failure, unreported.known),
            }
        }
    })
    .await
}

/// Logs in, asks something that changes nothing, and logs out.
///
/// # Errors
/// The failure to connect, or of the asking.
pub async fn with_host<T>(
    services: &Services,
    host: &HostSettings,
    ask: impl AsyncFnOnce(&mut Host) -> Result<T, crate::remote::agent::LinkError>,
) -> Result<T, Failure> {
    with_host_looking(services, host, Ahead::default(), ask).await
}

/// The same, for a question that begins with a look that is known beforehand.
///
/// # Errors
/// As [`with_host`].
async fn with_host_looking<T>(
    services: &Services,
    host: &HostSettings,
    ahead: Ahead,
    ask: impl AsyncFnOnce(&mut Host) -> Result<T, crate::remote::agent::LinkError>,
) -> Result<T, Failure> {
    let target = services.target(host)?;
    let mut connection = Connection::open_looking(&target, services.prompt(), ahead).await?;
    match ask(&mut connection.host).await {
        Ok(answer) => {
            connection.close().await;
            Ok(answer)
        }
        Err(error) => Err(connection.explain(error).await),
    }
}
