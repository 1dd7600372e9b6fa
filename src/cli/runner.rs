//! Runs a command on its hosts: one after the other where a person is asked, else several at once.

use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::document::{Advice, Answer, Document, FINDINGS, Failure, FailureKind, Report};
use crate::engine::{self, Connection, Consumer, Events, Mode};
use crate::model::host_name::HostName;
use crate::model::observed::Observed;
use crate::model::observed::Part;
use crate::planning::policy::networks;
use crate::planning::procedure::Procedure;
use crate::remote::agent::Prefetch;
use crate::remote::host::Host;
use crate::settings::HostSettings;
use crate::ui::Terminal;

use super::noted::Noted;
use super::roll::{Stop, broken_off};
use super::services::Services;

/// How many hosts are worked on at once: enough to wait for networks together, few enough for a small machine.
const AT_ONCE: usize = 64;

/// What a report about jails and the register looks at, with what its warnings are about.
pub const REPORTED: &[Part] = &[
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
];

/// The hint where a host cannot be reached: how the rehearsal host is started, or that the name of one that is not
/// configured is nearly that of one that is.
fn meant(services: &Services, host: &HostSettings) -> Option<Advice> {
    let is_configured = services.settings.configured(&host.name).is_some();
    if host.name == crate::lab::HOST_NAME {
        return Some(Advice::from(match is_configured {
            true => "`f2bctl lab up` starts the rehearsal host again if it is stopped",
            false => "there is no rehearsal host; `f2bctl lab up` starts one",
        }));
    }
    if is_configured {
        return None;
    }
    let near = services.settings.nearest_name(&host.name)?;
    Some(
        Advice::text(format!("the configuration has a host `{near}`; "))
            .run("hosts")
            .then(" lists them all"),
    )
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
    let turns = if alone || services.global.fail_fast { 1 } else { AT_ONCE };
    services.roll.begin(command, hosts.iter().map(name_of), turns);
    let mut running = JoinSet::new();
    for (index, host) in hosts.into_iter().enumerate() {
        // Waited for here and not in the task, so that the hosts have their turns in the order in which they were
        // named.
        let Some(turn) = services.roll.turn(index).await else {
            break;
        };
        let (services, work) = (Arc::clone(&services), work.clone());
        running.spawn(async move {
            let meant = meant(&services, &host);
            let document = one_host(&services, command, host, move |services, host| {
                work(services, host, several)
            })
            .await
            .hinted_if(FailureKind::Connection, meant);
            let failed = !matches!(document.exit_code, 0 | FINDINGS);
            services.roll.answer(index, document);
            if failed && services.global.fail_fast {
                services.roll.stop(Stop::FailedFast);
            }
            drop(turn);
        });
    }
    while running.join_next().await.is_some() {}
    output.lines().clear();
    services.roll.documents()
}

/// The work on one host, in a task of its own: where the program itself fails there, that is reported for this host
/// alone.
async fn one_host<Answer>(
    services: &Arc<Services>,
    command: &str,
    host: HostSettings,
    work: impl FnOnce(Arc<Services>, HostSettings) -> Answer,
) -> Document
where
    Answer: Future<Output = Document> + Send + 'static,
{
    let name = name_of(&host);
    services.output.lines().say(&name.name, "logging in");
    let span = tracing::debug_span!("host", name = name.name);
    let document = tokio::spawn(work(Arc::clone(services), host).instrument(span))
        .await
        .unwrap_or_else(|_| Document::failed(command, Some(&name), &broken_off()));
    services.output.lines().end(&name.name, document.outcome.word());
    document
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
    if let Err(refusal) = networks(procedure.typed_networks()) {
        return vec![Document::failed(command, None, &refusal.into())];
    }
    let alone = services.mode() == Mode::Ask;
    each_host(services, command, alone, move |services, host, several| {
        let procedure = Arc::clone(&procedure);
        async move {
            let target = match services.target(&host) {
                Ok(target) => target,
                Err(failure) => return Document::failed(procedure.command(), Some(&name_of(&host)), &failure),
            };
            let context = services.context(procedure.command(), &host, &target);
            let (events, terminal) = audience(&services, &target.name, several);
            engine::run(procedure.as_ref(), context, &events, terminal.as_ref())
                .await
                .document()
        }
    })
    .await
}

/// Who takes the events of a run on a host and answers its questions.
pub fn audience(services: &Arc<Services>, host: &HostName, several: bool) -> (Events, Arc<Terminal>) {
    let terminal = Arc::new(services.terminal(host, several));
    let noted = Noted::new(Arc::clone(services), host.clone());
    let consumers: [Arc<dyn Consumer>; 2] = [Arc::new(noted), Arc::clone(&terminal) as Arc<dyn Consumer>];
    (Events::to(consumers), terminal)
}

/// What a report makes of an observation.
pub type Reported = Result<Report, Box<Unreported>>;

/// A report that cannot be made, with what is known all the same.
#[derive(Debug)]
pub struct Unreported {
    /// Why.
    pub failure: Failure,
    /// What is known.
    pub known: Report,
}

impl<Cause: Into<Failure>> From<Cause> for Box<Unreported> {
    fn from(cause: Cause) -> Self {
        Self::new(Unreported {
            failure: cause.into(),
            known: Answer::Nothing {}.into(),
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
            let looked = with_host_looking(&services, &host, Prefetch::look(parts), async |host: &mut Host| {
                host.observe(parts, &mut |_| ()).await
            })
            .await;
            if let Ok(observed) = &looked {
                services.learn(&host, observed);
            }
            let reported = looked
                .map_err(Into::into)
                .and_then(|observed| make(&services, &host, &observed));
            let name = name_of(&host);
            match reported {
                Ok(made) => Document::report(command, Some(&name), made),
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
    with_host_looking(services, host, Prefetch::default(), ask).await
}

/// The same, for a question that begins with a look that is known beforehand.
///
/// # Errors
/// As [`with_host`].
async fn with_host_looking<T>(
    services: &Services,
    host: &HostSettings,
    prefetch: Prefetch,
    ask: impl AsyncFnOnce(&mut Host) -> Result<T, crate::remote::agent::LinkError>,
) -> Result<T, Failure> {
    with_connection(services, host, prefetch, async |connection| {
        ask(&mut connection.host).await
    })
    .await
}

/// The same for a question that is about the connection as well.
///
/// # Errors
/// As [`with_host`].
pub async fn with_connection<T>(
    services: &Services,
    host: &HostSettings,
    prefetch: Prefetch,
    ask: impl AsyncFnOnce(&mut Connection) -> Result<T, crate::remote::agent::LinkError>,
) -> Result<T, Failure> {
    let target = services.target(host)?;
    let mut connection = Connection::open_looking(&target, services.prompt(), prefetch).await?;
    match ask(&mut connection).await {
        Ok(answer) => {
            connection.close().await;
            Ok(answer)
        }
        Err(error) => Err(connection.explain(error).await),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clap::Parser as _;

    use super::{Document, each_host, name_of};
    use crate::cli::{Arguments, Services};
    use crate::document::{Answer, Outcome};
    use crate::ui::{Output, Style};

    fn services(folder: &tempfile::TempDir, flags: &[&str]) -> Arc<Services> {
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "").expect("a configuration");
        let file = file.to_string_lossy().into_owned();
        let typed = ["f2bctl", "--config", &file, "-q"].into_iter();
        let arguments =
            Arguments::try_parse_from(typed.chain(flags.iter().copied()).chain(["status"])).expect("arguments");
        let output = Arc::new(Output::new(Style::default(), anstream::ColorChoice::Never));
        Arc::new(Services::new(arguments.global, false, output, Vec::new()).expect("services"))
    }

    /// The outcome and the error's message of each host, where the work on `b` is a fault of the program.
    async fn answers(flags: &[&str]) -> Vec<(Outcome, String)> {
        let folder = tempfile::TempDir::new().expect("a folder");
        let services = services(&folder, flags);
        let documents = each_host(services, "status", false, |_, host, _| async move {
            assert_ne!(host.name, "b", "a fault of the program, for this test");
            Document::report("status", Some(&name_of(&host)), Answer::Nothing {})
        })
        .await;
        let message = |document: &Document| document.error.as_ref().map_or_else(String::new, ToString::to_string);
        documents
            .iter()
            .map(|document| (document.outcome, message(document)))
            .collect()
    }

    #[tokio::test]
    async fn a_fault_of_the_program_is_told_of_its_host_alone() {
        let answers = answers(&["-H", "a,b,c"]).await;
        let outcomes: Vec<Outcome> = answers.iter().map(|(outcome, _)| *outcome).collect();
        assert_eq!(outcomes, [Outcome::Report, Outcome::Error, Outcome::Report]);
        assert_eq!(answers[1].1, "f2bctl failed unexpectedly on this host");
    }

    #[tokio::test]
    async fn a_fault_of_the_program_ends_a_run_that_fails_fast() {
        let answers = answers(&["--fail-fast", "-H", "a,b,c"]).await;
        assert_eq!((answers[0].0, answers[0].1.as_str()), (Outcome::Report, ""));
        assert_eq!(answers[1].1, "f2bctl failed unexpectedly on this host");
        assert!(answers[2].1.contains("--fail-fast"), "{answers:?}");
    }
}
