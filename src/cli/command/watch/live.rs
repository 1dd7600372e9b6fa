//! `f2bctl watch --live`: the live view of one host. Keys that change the host run the very command in its place, with its own plan
//! and approval.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, FromArgMatches};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::followed::Followed;
use crate::checks::watching::reach;
use crate::cli::command::{backups, unban, whitelist, why};
use crate::cli::roll::{Roll, Stop};
use crate::cli::runner::name_of;
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind};
use crate::engine::{self, Consumer, Events, Looks};
use crate::model::observed::Part;
use crate::settings::HostSettings;
use crate::ui::ask_enter;
use crate::ui::live::{Act, Effect, Input, Keys, Screen, State, press};

/// How often the host is looked at, and at what.
const LOOKS: Looks = Looks {
    parts: &[Part::JailLocal, Part::Server],
    every: Some(Duration::from_secs(5)),
    reach: Some(reach),
};
/// The shortest time between two drawings.
const PAUSE: Duration = Duration::from_millis(50);
/// How often ages are drawn anew.
const TICK: Duration = Duration::from_secs(1);

/// Why the view stopped for a moment, or for good.
enum Stopped {
    Quit,
    Act(Act),
    Ended(Result<(), Failure>),
    Terminated,
}

/// Runs the view.
pub async fn run(services: Arc<Services>) -> Vec<Document> {
    let hosts = match services.hosts() {
        Ok(hosts) => hosts,
        Err(failure) => return vec![Document::failed("watch", None, &failure)],
    };
    let [host] = hosts.as_slice() else {
        let failure = Failure::new(FailureKind::Usage, "--live shows one host");
        return vec![Document::failed("watch", None, &failure.hint("name it with -H"))];
    };
    match shown(&services, host).await {
        Ok(()) => Vec::new(),
        Err(failure) => vec![Document::failed("watch", Some(&name_of(host)), &failure)],
    }
}

async fn shown(services: &Arc<Services>, host: &HostSettings) -> Result<(), Failure> {
    if !services.output.can_show_a_view() {
        let failure = Failure::new(
            FailureKind::Usage,
            "--live needs a terminal, and is not for --json or --no-input",
        );
        return Err(failure.hint("`f2bctl watch --customers` follows the same without one"));
    }
    let state = State::new(name_of(host), services.output.has_colours());
    let followed = Arc::new(Followed::new(state));
    let mut following = follow(services, host, &followed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(no_terminal)?;
    tokio::select! {
        ended = &mut following => return ended.unwrap_or_else(|_| Err(failed())),
        () = followed.begun.notified() => {}
    }
    let ended = loop {
        match view(&followed, &mut following, &mut terminate).await? {
            Stopped::Act(act) => {
                let asking = Arc::new(asking(services));
                tokio::select! {
                    () = done(&asking, host, &act) => {}
                    () = passed_on(services, &asking, host) => {}
                    _ = terminate.recv() => break Err(terminated()),
                }
            }
            Stopped::Quit => break Ok(()),
            Stopped::Ended(ended) => break ended,
            Stopped::Terminated => break Err(terminated()),
        }
    };
    following.abort();
    ended
}

fn follow(
    services: &Arc<Services>,
    host: &HostSettings,
    followed: &Arc<Followed>,
) -> Result<JoinHandle<Result<(), Failure>>, Failure> {
    let target = services.target(host)?;
    let prompt = services.prompt();
    let events = Events::to([Arc::clone(followed) as Arc<dyn Consumer>]);
    Ok(tokio::spawn(async move {
        engine::watch(&target, prompt, None, LOOKS, &events).await
    }))
}

/// Shows the view until a key asks for something that it cannot do, or it ends.
async fn view(
    followed: &Followed,
    following: &mut JoinHandle<Result<(), Failure>>,
    terminate: &mut Signal,
) -> Result<Stopped, Failure> {
    let mut screen = Screen::take().map_err(no_terminal)?;
    let mut keys = Keys::listen();
    let mut tick = tokio::time::interval(TICK);
    loop {
        {
            let known = &mut *followed.known();
            known.refresh();
            known.state.hold();
            screen.draw(&known.state).map_err(no_terminal)?;
        }
        tokio::select! {
            input = keys.next() => match input {
                Input::Key(key) => match press(&mut followed.known().state, key) {
                    Effect::None => {}
                    Effect::Quit => return Ok(Stopped::Quit),
                    Effect::Run(act) => return Ok(Stopped::Act(act)),
                },
                Input::Redraw => {}
                Input::Gone => return Ok(Stopped::Quit),
            },
            ended = &mut *following => return Ok(Stopped::Ended(ended.unwrap_or_else(|_| Err(failed())))),
            () = followed.changed.notified() => tokio::time::sleep(PAUSE).await,
            _ = tick.tick() => {}
            _ = terminate.recv() => return Ok(Stopped::Terminated),
            _ = tokio::signal::ctrl_c() => return Ok(Stopped::Quit),
        }
    }
}

/// What a command needs that a key runs: a key is pressed sooner than an option is typed, so a change always asks, whatever
/// `--yes` says.
fn asking(services: &Services) -> Services {
    let mut global = services.global.clone();
    global.yes = false;
    Services {
        global,
        settings: services.settings.clone(),
        environment: services.environment.clone(),
        ssh: services.ssh.clone(),
        keyring: services.keyring.clone(),
        output: Arc::clone(&services.output),
        typed: services.typed.clone(),
        roll: Roll::default(),
    }
}

/// Waits for Ctrl-C, and gives on what is known of the command that it interrupts. The run ends elsewhere, so this does not.
async fn passed_on(services: &Services, asking: &Services, host: &HostSettings) {
    if tokio::signal::ctrl_c().await.is_ok() {
        asking.roll.stop(Stop::Interrupted);
        pass_on(services, asking, host);
    }
    std::future::pending().await
}

fn pass_on(services: &Services, asking: &Services, host: &HostSettings) {
    if let Some(document) = asking.roll.documents().into_iter().next() {
        services.roll.begin("watch", [name_of(host)].into_iter(), 1);
        services.roll.answer(0, document);
    }
}

/// Runs a command as if it were typed, and waits until what it says was read.
async fn done(services: &Arc<Services>, host: &HostSettings, act: &Act) {
    let words = act.words();
    services
        .output
        .show(&format!("$ f2bctl -H {} {}", host.name, words.join(" ")));
    let command = words.first().cloned().unwrap_or_default();
    let run = Arc::clone(services);
    let documents = match act {
        Act::Why(_) => match read(&words) {
            Ok(arguments) => why::run(run, arguments).await,
            Err(failure) => unread(&failure),
        },
        Act::Unban(_) => match read(&words) {
            Ok(arguments) => unban::run(run, arguments).await,
            Err(failure) => unread(&failure),
        },
        Act::Onboard(_) => match read(&words) {
            Ok(arguments) => whitelist::onboard::run(run, arguments).await,
            Err(failure) => unread(&failure),
        },
        Act::Undo => match read(&words) {
            Ok(arguments) => backups::undo::run(run, arguments).await,
            Err(failure) => unread(&failure),
        },
    };
    services.output.documents(&command, documents);
    let asked = services
        .output
        .asked(|| Some(ask_enter("Enter goes back to the live view.")));
    // However it is answered, the view goes on.
    let _ = asked.await;
}

fn unread(failure: &Failure) -> Vec<Document> {
    vec![Document::failed("watch", None, failure)]
}

/// The arguments of a command, as if these words were typed.
fn read<Arguments: Args + FromArgMatches>(words: &[String]) -> Result<Arguments, Failure> {
    let command = Arguments::augment_args(clap::Command::new("f2bctl"));
    let read = command
        .try_get_matches_from(words)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    read.map_err(|error| Failure::new(FailureKind::Fault, error.to_string()))
}

fn no_terminal(error: std::io::Error) -> Failure {
    Failure::new(FailureKind::Fault, format!("the terminal cannot be used: {error}"))
}

fn failed() -> Failure {
    Failure::new(FailureKind::Fault, "the watch failed unexpectedly")
}

fn terminated() -> Failure {
    Failure::new(FailureKind::Interrupted, "ended by SIGTERM")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Arguments;
    use crate::engine::Mode;
    use crate::ui::{Output, Style};

    fn services(folder: &tempfile::TempDir, flags: &[&str]) -> Services {
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "").expect("a configuration");
        let file = file.to_string_lossy().into_owned();
        let typed = ["f2bctl", "--config", &file, "-q"].into_iter();
        let typed = typed.chain(flags.iter().copied()).chain(["watch", "--live"]);
        let arguments = Arguments::try_parse_from(typed).expect("arguments");
        let output = Arc::new(Output::new(Style::default(), anstream::ColorChoice::Never));
        Services::new(arguments.global, false, output, Vec::new()).expect("services")
    }

    #[test]
    fn a_change_of_the_view_asks_also_with_yes_and_a_dry_run_stays_one() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let given = services(&folder, &["--yes"]);
        assert_eq!((given.mode(), asking(&given).mode()), (Mode::Yes, Mode::Ask));
        assert_eq!(asking(&services(&folder, &["--dry-run"])).mode(), Mode::DryRun);
    }

    #[test]
    fn what_is_known_of_an_interrupted_command_reaches_the_roll_of_the_run() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let services = services(&folder, &["-H", "root@192.0.2.1"]);
        let host = services.hosts().expect("a host").remove(0);
        let asking = asking(&services);
        pass_on(&services, &asking, &host);
        assert!(services.roll.documents().is_empty(), "no command runs");
        asking.roll.begin("unban", [name_of(&host)].into_iter(), 1);
        asking.roll.stop(Stop::Interrupted);
        pass_on(&services, &asking, &host);
        let documents = services.roll.documents();
        let [document] = documents.as_slice() else {
            panic!("{} documents", documents.len())
        };
        assert_eq!((document.command.as_str(), document.exit_code), ("unban", 130));
    }
}
