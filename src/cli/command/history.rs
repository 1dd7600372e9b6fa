//! `f2bctl history`: the runbook's "History", kept by the host itself.

use std::collections::HashSet;
use std::sync::Arc;

use clap::Args;

use crate::audit::chain;
use crate::audit::history::entries;
use crate::cli::documents::Document;
use crate::cli::runner::{each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Entry, History, Report, Warning};
use crate::model::text::Text;

/// Who changed what, when and why.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only what was about this customer.
    #[arg(long, value_name = "NAME")]
    pub customer: Option<String>,
    /// As the runbook's own table.
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
            match with_host(&services, &host, async |host| host.audit().await).await {
                Ok(trail) => Document::report("history", Some(&name), history(&trail.text, &arguments)),
                Err(failure) => Document::failed("history", Some(&name), &failure),
            }
        }
    })
    .await
}

fn history(trail: &str, arguments: &Arguments) -> Report {
    let verdict = chain::verify(trail);
    let about = |record: &serde_json::Value| {
        arguments
            .customer
            .as_ref()
            .is_none_or(|customer| record.to_string().contains(customer.as_str()))
    };
    let chosen: HashSet<Text> = entries(
        &verdict
            .records
            .iter()
            .filter(|record| about(record))
            .cloned()
            .collect::<Vec<_>>(),
    )
    .into_iter()
    .map(|entry| entry.id)
    .collect();
    let found: Vec<Entry> = entries(&verdict.records)
        .into_iter()
        .filter(|entry| chosen.contains(&entry.id))
        .collect();
    let markdown = arguments.markdown.then(|| markdown(&found).into());
    let report = Report::from(History {
        entries: found,
        markdown,
    });
    if verdict.findings.is_empty() {
        return report;
    }
    let message = "The trail is not whole; `f2bctl audit verify` says what is wrong with it.";
    report.warned(vec![Warning::new("trail_broken", message)])
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
    lines.join("\n")
}
