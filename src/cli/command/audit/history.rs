//! `f2bctl history`: the runbook's "History", kept by the host itself.

use std::sync::Arc;

use clap::Args;

use crate::audit::pages::Backward;
use crate::audit::recent::Recent;
use crate::cli::runner::{each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, Entry, History, Report, Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::remote::agent::LinkError;
use crate::remote::host::Host;

/// Who changed what, when and why.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only changes about this customer.
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// Show at most this many entries, the newest ones; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    pub limit: usize,
    /// Print the runbook's History table.
    #[arg(long)]
    pub markdown: bool,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    let arguments = Arc::new(arguments);
    each_host(services, "history", false, move |services, host, _| {
        let arguments = Arc::clone(&arguments);
        async move {
            let name = name_of(&host);
            match with_host(&services, &host, async |host| read(host, &arguments).await).await {
                Ok(report) => Document::report("history", Some(&name), report),
                Err(failure) => Document::failed("history", Some(&name), &failure),
            }
        }
    })
    .await
}

/// The newest entries of an audit log.
pub struct Newest {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether the records that were read are linked to each other.
    pub one_chain: bool,
}

/// Reads the log from its end until there are enough entries (0: all), of one customer if that is given.
///
/// # Errors
/// A lost connection, or the host's refusal to read it.
pub async fn newest(host: &mut Host, limit: usize, customer: Option<String>) -> Result<Newest, LinkError> {
    let mut recent = Recent::new(limit, customer);
    let mut lines = Backward::default();
    let mut place = None;
    loop {
        let page = host.audit(place.as_ref(), true).await?;
        lines.take(&page.text, page.continued, |line| recent.take(line));
        place = page.next;
        if recent.is_full() || place.is_none() {
            let more = place.is_some() || recent.has_left_out();
            let (entries, one_chain) = recent.finish(!more);
            return Ok(Newest {
                entries,
                more,
                one_chain,
            });
        }
    }
}

async fn read(host: &mut Host, arguments: &Arguments) -> Result<Report, LinkError> {
    let Newest {
        entries,
        more,
        one_chain,
    } = newest(host, arguments.limit, arguments.customer.clone()).await?;
    let history = History {
        markdown: arguments.markdown.then(|| markdown(&entries).into()),
        entries,
        more,
    };
    let warnings = warnings(&history, one_chain);
    Ok(Report::from(history).warned(warnings))
}

fn warnings(history: &History, one_chain: bool) -> Vec<Warning> {
    let mut found = Vec::new();
    if !one_chain {
        let message = "The audit log is not intact; `f2bctl audit verify` says what is wrong with it.";
        found.push(Warning::new(WarningCode::TrailBroken, message));
    }
    if history.more {
        let message = format!(
            "Only the newest {} entries are shown; `--limit NUMBER` shows more, `--limit 0` all.",
            history.entries.len()
        );
        found.push(Warning::new(WarningCode::HistoryLimited, message));
    }
    found
}

/// The runbook's table: date and change.
fn markdown(entries: &[Entry]) -> String {
    let mut lines = vec!["| Date | Change |".to_owned(), "| --- | --- |".to_owned()];
    for entry in entries.iter().filter(|entry| entry.outcome == *"changed") {
        let time = entry.time.raw();
        let date = time.get(..10).unwrap_or(time);
        let why = entry.reason.iter().map(|reason| format!(" {reason}."));
        let ticket = entry.ticket.iter().map(|ticket| format!(" ({ticket})"));
        let more: String = why.chain(ticket).collect();
        let summary = entry.summary.raw().replace('|', "\\|");
        lines.push(format!(
            "| {date} | {}: {summary}{} |",
            entry.command,
            more.replace('|', "\\|")
        ));
    }
    // An entry is one row, whatever its texts hold.
    let rows: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    rows.join("\n")
}
