//! `f2bctl lab`: the rehearsal host on this machine, and the demonstration on it.

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::cli::command::hosts;
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind, Lab, LabGone, LabReport, LabState};
use crate::lab::{self, LabError, LabEvent, LabPaths, UpOptions};
use crate::settings::Settings;
use crate::ui::Output;
use crate::ui::text::host_at;

mod copy;
mod demo;

/// The rehearsal host on this machine: a real sshd and a real fail2ban.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start it, and add it to the configuration as host `lab`.
    Up(Up),
    /// Stop it, and remove everything that belongs to it.
    Down,
    /// Show whether it runs, and where.
    Status,
    /// Run the daily jobs on it, with explanations: status, onboard, unban, offboard, rollback, undo, split.
    Demo(Demo),
}

/// How it is started.
#[derive(Debug, Args)]
pub struct Up {
    /// Rehearse on a copy of this host's /etc/fail2ban (its log paths and actions are redirected into the lab).
    #[arg(long, value_name = "HOST")]
    pub from: Option<String>,
    /// sshd's port on 127.0.0.1; a free one by default.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Install the Debian packages that are missing (openssh-server, fail2ban), with sudo where needed.
    #[arg(long)]
    pub install: bool,
}

/// How it is demonstrated.
#[derive(Debug, Args)]
pub struct Demo {
    /// Install the Debian packages that are missing (openssh-server, fail2ban), with sudo where needed.
    #[arg(long)]
    pub install: bool,
    /// Leave the rehearsal host running afterwards.
    #[arg(long)]
    pub keep: bool,
}

impl Command {
    /// The command as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Up(_) => "lab up",
            Self::Down => "lab down",
            Self::Status => "lab status",
            Self::Demo(_) => "lab demo",
        }
    }
}

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Document {
    let name = command.name();
    let done = match command {
        Command::Up(arguments) => up(&services, arguments).await,
        Command::Down => down(&services),
        Command::Status => status(&services),
        Command::Demo(arguments) => demo::run(&services, &arguments).await,
    };
    match done {
        Ok(report) => Document::report(name, None, report),
        Err(failure) => Document::failed(name, None, &failure),
    }
}

fn paths(services: &Services) -> Result<LabPaths, Failure> {
    LabPaths::standard(&services.environment, services.settings.path.clone()).map_err(|error| failed(&error))
}

/// A fault of the lab, as a failure.
fn failed(error: &LabError) -> Failure {
    let kind = match error {
        LabError::Failed { .. }
        | LabError::NotInstalled { .. }
        | LabError::NotStarted { .. }
        | LabError::StillRunning { .. } => FailureKind::Fault,
        _ => FailureKind::Refused,
    };
    Failure {
        kind,
        message: error.to_string(),
        hints: error.hints().into_iter().map(Into::into).collect(),
    }
}

/// Shows each event on stderr as it happens.
fn teller(output: &Output) -> impl FnMut(LabEvent) + '_ {
    |event| output.say(&crate::ui::text::safe_message(&event.to_string()))
}

/// Installs the packages that are missing, if that is wanted.
fn prepare(services: &Services, install: bool) -> Result<(), Failure> {
    let missing = lab::prerequisites();
    if missing.is_empty() || !install {
        return Ok(());
    }
    lab::install(&missing, &mut teller(&services.output)).map_err(|error| failed(&error))
}

async fn up(services: &Services, arguments: Up) -> Result<LabReport, Failure> {
    prepare(services, arguments.install)?;
    let from = match &arguments.from {
        Some(source) => Some(copy::configuration(services, source).await?),
        None => None,
    };
    let options = UpOptions {
        from,
        port: arguments.port,
    };
    let host = lab::up(&paths(services)?, &options, &mut teller(&services.output)).map_err(|error| failed(&error))?;
    let text = format!(
        "The rehearsal host {} at {}. Try `f2bctl -H lab status`.",
        if host.already_running {
            "is already running"
        } else {
            "is running"
        },
        host.settings.address
    );
    let about = Lab::Up {
        lab: Box::new(hosts::row(&host.settings)),
        already_running: host.already_running,
    };
    Ok(LabReport { about, text })
}

fn down(services: &Services) -> Result<LabReport, Failure> {
    lab::down(&paths(services)?, &mut teller(&services.output)).map_err(|error| failed(&error))?;
    Ok(LabReport {
        about: Lab::Gone(LabGone {}),
        text: format!("The rehearsal host is gone.{}", next_default(services)),
    })
}

/// Which host is meant from now on where it was the rehearsal host: what is typed next must not surprise anybody.
fn next_default(services: &Services) -> String {
    if services.settings.default_host.as_deref() != Some(lab::HOST_NAME) {
        return String::new();
    }
    let path = &services.settings.path;
    let now =
        Settings::load(Some(path), &services.environment).unwrap_or_else(|_| Settings::without_file(path.clone()));
    now.default_host().map_or_else(
        |_| String::new(),
        |host| {
            format!(
                " Without -H a command now works on {}.",
                host_at(&host.name, &host.address)
            )
        },
    )
}

fn status(services: &Services) -> Result<LabReport, Failure> {
    let status = lab::status(&paths(services)?).map_err(|error| failed(&error))?;
    let text = match status.state {
        LabState::Absent => "There is no rehearsal host. `f2bctl lab up` makes one.".to_owned(),
        LabState::Running => {
            format!(
                "The rehearsal host runs at {}.",
                status.address.as_deref().unwrap_or("an unknown address")
            )
        }
        LabState::Stopped => "The rehearsal host is stopped. `f2bctl lab up` starts it again.".to_owned(),
        LabState::Broken => "The rehearsal host is broken. `f2bctl lab up` repairs it.".to_owned(),
    };
    Ok(LabReport {
        about: Lab::Status { lab: status },
        text,
    })
}
