//! `f2bctl regex`: the runbook's "Test whether a regex matches a log line", by the host's own fail2ban-regex.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cli::runner::{each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Failure, FailureKind, Regex, Report};
use crate::model::regex_trial::TrialLines;
use crate::settings::read_input;

/// Try log lines against a jail or a filter with the host's own fail2ban-regex.
///
/// A jail is tried with its effective settings: its expressions, date pattern and encoding. Exit 0 if at least one line
/// counts as a failure, 8 if none does.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A jail that is enabled, or a filter of filter.d.
    #[arg(value_name = "JAIL|FILTER")]
    pub name: String,
    /// Try this line.
    #[arg(long, value_name = "TEXT", group = "lines", allow_hyphen_values = true)]
    pub line: Option<String>,
    /// Try this log of the host instead of the jail's own; a compressed one (.gz, .bz2, .xz, .zst) is unpacked.
    #[arg(long, value_name = "PATH", group = "lines")]
    pub log: Option<String>,
    /// Try this file of this machine; `-` is stdin.
    #[arg(long, value_name = "LOCAL", group = "lines")]
    pub file: Option<PathBuf>,
}

/// The largest local file that is sent, bytes.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let given = match given(&arguments) {
        Ok(given) => given,
        Err(failure) => return vec![Document::failed("regex", None, &failure)],
    };
    let name = arguments.name;
    each_host(services, "regex", false, move |services, host, _| {
        let (name, given) = (name.clone(), given.clone());
        async move {
            let lines = given.unwrap_or_else(|| TrialLines::Own {
                usual_log: host.asterisk_log.to_string_lossy().into_owned(),
            });
            let tried = with_host(&services, &host, async |host| host.regex(&name, &lines).await).await;
            match tried {
                Ok(trial) => {
                    let in_vain = trial.matched == 0;
                    let report = Report::from(Regex { regex: trial }).found(in_vain);
                    Document::report("regex", Some(&name_of(&host)), report)
                }
                Err(failure) => Document::failed("regex", Some(&name_of(&host)), &failure),
            }
        }
    })
    .await
}

/// The lines that were named; none for the jail's own log.
fn given(arguments: &Arguments) -> Result<Option<TrialLines>, Failure> {
    if let Some(line) = &arguments.line {
        return Ok(Some(TrialLines::Text {
            text: line.clone().into_bytes(),
            name: "the line".to_owned(),
        }));
    }
    if let Some(log) = &arguments.log {
        if !log.starts_with('/') {
            return Err(
                Failure::new(FailureKind::Usage, "--log needs an absolute path on the host")
                    .hint("for a file on this machine use --file"),
            );
        }
        return Ok(Some(TrialLines::Log { log: log.clone() }));
    }
    let Some(file) = &arguments.file else {
        return Ok(None);
    };
    Ok(Some(TrialLines::Text {
        text: content(file)?,
        name: file.display().to_string(),
    }))
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::new(FailureKind::Usage, format!("{} cannot be tried: {why}", file.display()));
    read_input(file, LARGEST_FILE).map_err(|error| {
        let failure = failed(error.to_string());
        match error.kind() {
            ErrorKind::FileTooLarge => failure.hint("send only its end: tail -n 10000"),
            _ => failure,
        }
    })
}
