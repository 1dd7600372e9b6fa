//! `f2bctl report`: what happened on the hosts, for a ticket or as a page for people who do not work on them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::checks::activity::{Sources, activity};
use crate::checks::redaction::Redaction;
use crate::checks::warnings::state_warnings;
use crate::checks::whitelist_review::{Watched, review};
use crate::cli::kept_columns::kept;
use crate::cli::runner::{each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{Answer, Document, Entry, Failure, FailureKind, Report, WhitelistReview};
use crate::model::timespan::Timespan;
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::Host;
use crate::settings::HostSettings;
use crate::ui::activity_page;

use super::audit::history::newest;
use super::status::PARTS;

/// Report what happened: bans, storms, reloads and changes as Markdown for a ticket, or as one page for a browser.
///
/// It reads fail2ban's action log, Asterisk's log and the audit log, and changes nothing but the host's note of when each network
/// was seen last. The page has no script and loads nothing; several hosts are on one page.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Write a page for a browser to this file.
    #[arg(long, value_name = "FILE", conflicts_with = "markdown")]
    pub html: Option<PathBuf>,
    /// Print Markdown, which it does without --html as well.
    #[arg(long)]
    pub markdown: bool,
    /// Look back so far.
    #[arg(long, value_name = "DURATION", value_parser = Timespan::parse, default_value = "14d")]
    pub since: Timespan,
    /// Replace customers, operators, hosts and addresses by numbers, and leave out what people wrote.
    #[arg(long)]
    pub redact: bool,
    /// Read rotated logs again, although what they hold is kept on this machine.
    #[arg(long)]
    pub no_cache: bool,
}

/// How many changes are read of each host's audit log.
const MOST_CHANGES: usize = 1000;

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let asked = arguments.clone();
    let mut documents = each_host(services, "report", false, move |services, host, _| {
        let arguments = asked.clone();
        async move {
            let name = name_of(&host);
            match on_host(&services, &host, &arguments).await {
                Ok(report) => Document::report("report", Some(&name), report),
                Err(failure) => Document::failed("report", Some(&name), &failure),
            }
        }
    })
    .await;
    if arguments.redact {
        redact(&mut documents);
    }
    match &arguments.html {
        Some(file) => written(documents, file),
        None => documents,
    }
}

async fn on_host(services: &Services, host: &HostSettings, arguments: &Arguments) -> Result<Report, Failure> {
    let since = arguments.since.seconds();
    let looked = with_connection(services, host, Prefetch::look(PARTS), async |connection| {
        let observed = connection.host.observe(PARTS, &mut |_| ()).await?;
        let kept = kept(services, connection, arguments.no_cache);
        let log = connection.host.action_log(since, kept.as_ref()).await?;
        let changes = changes(&mut connection.host).await?;
        let watched = Watched::of(&observed).map_err(|refusal| refusal.message);
        let reviewed: Result<WhitelistReview, String> = match &watched {
            Ok(watched) => {
                let presence = connection.host.presence(since, &watched.networks()).await?;
                review(&observed, &log, &presence, watched).map_err(|refusal| refusal.message)
            }
            Err(why) => Err(why.clone()),
        };
        Ok((observed, log, changes, reviewed))
    })
    .await?;
    let (observed, log, changes, review) = looked;
    let warnings = state_warnings(&observed);
    let found = activity(Sources {
        observed: &observed,
        log: &log,
        changes,
        review,
    });
    Ok(Report::from(found).warned(warnings))
}

/// The newest changes, or why the audit log cannot be read.
async fn changes(host: &mut Host) -> Result<Result<Vec<Entry>, String>, LinkError> {
    match newest(host, MOST_CHANGES, None).await {
        Ok(read) => Ok(Ok(read.entries)),
        Err(LinkError::Agent(failure)) => Ok(Err(failure.message)),
        Err(error) => Err(error),
    }
}

/// Numbers instead of names, the same ones for all hosts. Warnings name whoever they are about, and are left out.
fn redact(documents: &mut [Document]) {
    let mut redaction = Redaction::default();
    for document in documents {
        document.host = document.host.as_ref().map(|host| redaction.host(host));
        document.warnings.clear();
        if let Answer::Activity(found) = &mut document.answer {
            redaction.activity(found);
        }
    }
}

/// The documents after their page was written.
fn written(mut documents: Vec<Document>, file: &Path) -> Vec<Document> {
    if documents.iter().all(|document| document.error.is_some()) {
        return documents;
    }
    if let Err(error) = std::fs::write(file, activity_page(&documents)) {
        let failure = Failure::new(
            FailureKind::Usage,
            format!("{} cannot be written: {error}", file.display()),
        );
        return vec![Document::failed("report", None, &failure)];
    }
    for document in &mut documents {
        if let Answer::Activity(found) = &mut document.answer {
            found.file = Some(file.display().to_string().into());
        }
    }
    documents
}
