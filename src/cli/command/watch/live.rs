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
                tokio::select! {
                    () = done(services, host, &act) => {}
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
