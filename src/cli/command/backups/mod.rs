//! `f2bctl backups`: the copies of jail.local beside it (runbook, File layout).

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use similar::TextDiff;

use crate::cli::runner::{Reported, change, each_host, name_of, report, with_host};
use crate::cli::services::Services;
use crate::document::{Advice, Answer, BackupDiff, BackupList, BackupRow, BackupText, Document, Failure, FailureKind};
use crate::model::observed::{Backup, Observed, Part};
use crate::model::timespan::Timespan;
use crate::planning::backups::{file_name, resolve};
use crate::procedure::Prune;
use crate::remote::host::ReadFile;
use crate::settings::HostSettings;

/// How long two files are compared for the shortest difference.
const DIFF_SECONDS: u64 = 5;

pub mod backup;
pub mod restore;
pub mod undo;

/// The backups of jail.local on the host.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do with them; without a word they are listed.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do with the backups.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// List the backups, oldest first.
    List,
    /// Print a backup.
    Show(Which),
    /// Show the differences between a backup and jail.local.
    Diff(Which),
    /// Move old backups into the journal; the newest one from before the split always stays.
    Prune(Pruned),
}

/// Which are old.
#[derive(Debug, Clone, Args)]
pub struct Pruned {
    /// How many of the newest to keep, whatever their age.
    #[arg(long, value_name = "COUNT", default_value_t = Prune::KEPT)]
    pub keep: usize,
    /// Move only backups older than this, e.g. 90d.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse)]
    pub older_than: Option<Timespan>,
}

/// One backup.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Its path, its name, or a part of the name that no other backup has.
    #[arg(value_name = "BACKUP")]
    pub backup: String,
}

impl Arguments {
    /// The command as it is typed.
    pub fn name(&self) -> &'static str {
        match self.command {
            None | Some(Command::List) => "backups list",
            Some(Command::Show(_)) => "backups show",
            Some(Command::Diff(_)) => "backups diff",
            Some(Command::Prune(_)) => "backups prune",
        }
    }
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let name = arguments.name();
    match arguments.command.unwrap_or(Command::List) {
        Command::List => report(services, name, &[Part::Backups], |_, _, observed| list(observed)).await,
        Command::Show(which) => read(services, name, which, false).await,
        Command::Diff(which) => read(services, name, which, true).await,
        Command::Prune(Pruned { keep, older_than }) => change(services, Prune { keep, older_than }).await,
    }
}

fn list(observed: &Observed) -> Reported {
    let backups = known(observed)?;
    let rows = backups.iter().map(|backup| BackupRow {
        path: backup.path.as_str().into(),
        name: file_name(&backup.path).into(),
        size: backup.size,
        modified: observed.clock.moment(backup.modified as i64),
        mode: format!("{:04o}", backup.mode),
    });
    Ok(BackupList {
        backups: rows.collect(),
    }
    .into())
}

fn known(observed: &Observed) -> Result<&Vec<Backup>, Failure> {
    observed.backups.read().map_err(|reason| {
        Failure::new(FailureKind::Refused, format!("the backups cannot be listed: {reason}")).hint(Advice::AS_ROOT)
    })
}

async fn read(services: Arc<Services>, name: &'static str, which: Which, diff: bool) -> Vec<Document> {
    each_host(services, name, false, move |services, host, _| {
        let which = which.clone();
        async move {
            match read_one(&services, &host, &which.backup, diff).await {
                Ok(answer) => Document::report(name, Some(&name_of(&host)), answer),
                Err(failure) => Document::failed(name, Some(&name_of(&host)), &failure),
            }
        }
    })
    .await
}

async fn read_one(services: &Services, host: &HostSettings, wanted: &str, diff: bool) -> Result<Answer, Failure> {
    let current = format!("{}/jail.local", host.config_dir.display());
    let answered = with_host(services, host, async |host| {
        let observed = host.observe(&[Part::Backups], &mut |_| ()).await?;
        let path = match known(&observed).and_then(|backups| Ok(resolve(backups, wanted)?)) {
            Ok(path) => path,
            Err(failure) => return Ok(Err(failure)),
        };
        let files = host.read(&[path.clone(), current.clone()]).await?;
        Ok(Ok((path, files)))
    });
    let (path, files) = answered.await??;
    let mut texts = files.into_iter().map(content);
    let backup = texts
        .next()
        .unwrap_or_else(|| Err(unreadable("the backup was not sent")))?;
    if !diff {
        return Ok(BackupText {
            backup: path.into(),
            text: backup.into(),
        }
        .into());
    }
    let now = texts
        .next()
        .unwrap_or_else(|| Err(unreadable("jail.local was not sent")))?;
    // Two files that have nothing in common would take hours to compare exactly; the rest is then shown as replaced.
    let text = TextDiff::configure()
        .timeout(Duration::from_secs(DIFF_SECONDS))
        .diff_lines(backup.as_str(), now.as_str())
        .unified_diff()
        .header(file_name(&path), "jail.local")
        .to_string();
    let difference = if text.is_empty() {
        "jail.local is the same as this backup.".to_owned()
    } else {
        text.clone()
    };
    Ok(BackupDiff {
        backup: path.into(),
        same: text.is_empty(),
        diff: text.into(),
        text: difference.into(),
    }
    .into())
}

fn content(file: ReadFile) -> Result<String, Failure> {
    match file {
        ReadFile::Unreadable { path, unknown } => Err(unreadable(&format!("{path}: {unknown}"))),
        ReadFile::File(file) => match file.content {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            None => Err(unreadable(&format!("{} does not exist", file.path))),
        },
    }
}

fn unreadable(why: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("it cannot be read: {why}"))
}
