//! From the command that was typed to its documents: runs it, and hears Ctrl-C meanwhile.

use std::sync::Arc;
use std::time::Duration;

use crate::document::{Answer, Document, Failure, FailureKind, WatchEnded};
use crate::ui::is_asking;

use super::arguments::Command;
use super::command;
use super::roll::{Stop, interruption};
use super::services::Services;

/// How long a command that is interrupted may take to say by itself how it ended: a question that is given up with
/// Ctrl-C ends in "nothing was changed", which is known better there than here.
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
    let mut work = tokio::spawn(dispatch(Arc::clone(&services), command));
    let ended = tokio::select! {
        ended = &mut work => ended,
        _ = tokio::signal::ctrl_c() => {
            services.roll.stop(Stop::Interrupted);
            match tokio::time::timeout(END_OF_QUESTION, &mut work).await {
                Ok(ended) => ended,
                Err(_) => return cut_short(&services, name),
            }
        }
    };
    ended.unwrap_or_else(|error| {
        let failure = Failure::new(FailureKind::Fault, format!("the command failed unexpectedly: {error}"));
        vec![Document::failed(name, None, &failure)]
    })
}

/// What is known of a command that does not end by itself: each host's answer, or that there is none.
fn cut_short(services: &Services, command: &str) -> Vec<Document> {
    services.output.lines().clear();
    if is_asking() {
        // The message is shown below the question, not after it.
        services.output.show("");
    }
    let documents = services.roll.documents();
    if !documents.is_empty() {
        return documents;
    }
    let known = match command {
        "watch" => WatchEnded {
            seen: services.output.seen(),
        }
        .into(),
        _ => Answer::Nothing {},
    };
    vec![Document::failed_with(command, None, &interruption(command), known)]
}

async fn dispatch(services: Arc<Services>, command: Command) -> Vec<Document> {
    match command {
        Command::Status(arguments) => command::status::run(services, arguments).await,
        Command::Onboard(arguments) => command::whitelist::onboard::run(services, arguments).await,
        Command::Offboard(arguments) => command::whitelist::offboard::run(services, arguments).await,
        Command::Whitelist(command) => command::whitelist::run(services, command).await,
        Command::Unban(arguments) => command::unban::run(services, arguments).await,
        Command::Temp(command) => command::temp::run(services, command).await,
        Command::Tune(arguments) => command::tune::run(services, arguments).await,
        Command::Recidive(command) => command::recidive::run(services, command).await,
        Command::Why(arguments) => command::why::run(services, arguments).await,
        Command::Regex(arguments) => command::regex::run(services, arguments).await,
        Command::Watch(arguments) => command::watch::run(services, arguments).await,
        Command::Backup(arguments) => command::backups::backup::run(services, arguments).await,
        Command::Backups(arguments) => command::backups::run(services, arguments).await,
        Command::Split(_) => command::split::run(services).await,
        Command::Rollback(arguments) => command::rollback::run(services, arguments).await,
        Command::Restore(arguments) => command::backups::restore::run(services, arguments).await,
        Command::Undo(arguments) => command::backups::undo::run(services, arguments).await,
        Command::Reload(_) => command::reload::run(services).await,
        Command::Start(_) => command::start::run(services).await,
        Command::Doctor(arguments) => command::doctor::run(services, arguments).await,
        Command::History(arguments) => command::audit::history::run(services, arguments).await,
        Command::Report(arguments) => command::report::run(services, arguments).await,
        Command::Audit(command) => command::audit::run(services, command).await,
        Command::Hosts(_) => vec![command::hosts::run(&services)],
        Command::Lab(command) => vec![command::lab::run(services, command).await],
        Command::Completions(arguments) => vec![command::completions::run(&arguments)],
    }
}
