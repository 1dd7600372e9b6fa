//! `f2bctl whitelist lint | export | import`: the register of customers as a whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::checks::doctor::whitelist_checklist;
use crate::checks::warnings::state_warnings;
use crate::checks::whitelist::whitelist_findings;
use crate::cli::runner::{Reported, change, name_of, report};
use crate::cli::services::Services;
use crate::document::{
    Advice, Document, Failure, FailureKind, FindingCode, Findings, Registrations, Report, Warning, WarningCode,
};
use crate::model::comment_text::escaped;
use crate::model::jail_local::Registration;
use crate::model::observed::Observed;
use crate::model::register_table::{self, TableRow};
use crate::planning::policy::Guard;
use crate::planning::reading::jail_local;
use crate::procedure::{Import, RepairWhitelist};
use crate::settings::read_input;

use super::PARTS;

/// Whether to repair.
#[derive(Debug, Args)]
pub struct Lint {
    /// Make the certain repairs: stale lines, repeated entries, comments after entries, tabs.
    #[arg(long)]
    pub fix: bool,
}

/// In which form.
#[derive(Debug, Args)]
pub struct Export {
    /// CSV with a heading, or a JSON list.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Csv)]
    pub format: Format,
}

/// A form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a heading.
    Csv,
    /// A JSON list of entries.
    Json,
}

/// From where.
#[derive(Debug, Args)]
pub struct FromFile {
    /// CSV with the heading `network,customer,note,...`, or JSON, as `whitelist export` writes it; `-` is stdin.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Take over entries that belong to other customers.
    #[arg(long)]
    pub reassign: bool,
}

/// The largest file that is read, bytes.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Lists what is wrong, or repairs what is certain.
pub async fn lint(services: Arc<Services>, arguments: Lint) -> Vec<Document> {
    if arguments.fix {
        return change(services, RepairWhitelist).await;
    }
    report(services, "whitelist lint", PARTS, |services, host, observed| {
        findings(observed, &services.guard(host))
    })
    .await
}

fn findings(observed: &Observed, guard: &Guard) -> Reported {
    let findings = whitelist_findings(observed, guard)?;
    let found = !findings.is_empty();
    let checks = whitelist_checklist(observed, &findings);
    Ok(Report::from(Findings { findings, checks })
        .warned(state_warnings(observed))
        .found(found))
}

/// Writes the register to stdout.
pub async fn export(services: Arc<Services>, arguments: Export) -> Vec<Document> {
    let format = arguments.format;
    report(services, "whitelist export", PARTS, move |_, _, observed| {
        exported(observed, format)
    })
    .await
}

fn exported(observed: &Observed, format: Format) -> Reported {
    let entries = jail_local(observed)?
        .ignoreip()
        .map(|list| list.entries)
        .unwrap_or_default();
    let mut registrations: Vec<Registration> = Vec::new();
    let mut warnings = state_warnings(observed);
    for entry in entries {
        let network = entry.network();
        match (entry.register, network) {
            (Some(line), _) => registrations.push(line.registration),
            (None, Some(network)) if network.address().is_loopback() => {}
            (None, _) => {
                let message = Advice::text(format!("{} has no customer and is left out; ", entry.text))
                    .run("whitelist adopt")
                    .then(" helps.");
                warnings.push(Warning::new(FindingCode::Undocumented, message));
            }
        }
    }
    let text = match format {
        Format::Csv => register_table::to_csv(&registrations),
        Format::Json => register_table::to_json(&registrations),
    };
    for (jail, list) in jail_local(observed)?.own_lists() {
        let lines = list.entries.iter().filter_map(|entry| entry.register.as_ref());
        warnings.extend(lines.map(|line| {
            let network = line.registration.network;
            let message = format!(
                "{network} is in the list of jail {} alone and is left out.",
                escaped(&jail)
            );
            Warning::new(WarningCode::JailLocal, message)
        }));
    }
    let register = Registrations {
        registrations,
        text: text.into(),
    };
    Ok(Report::from(register).warned(warnings))
}

/// Reads a register and whitelists every entry of it; what is wrong with it is reported before any host is asked.
pub async fn import(services: Arc<Services>, arguments: FromFile) -> Vec<Document> {
    let rows = match rows_of(&arguments.file) {
        Ok(rows) => rows,
        Err(failure) => return vec![Document::failed("whitelist import", None, &failure)],
    };
    let procedure = Import {
        rows,
        reassign: arguments.reassign,
        ticket: services.global.ticket.clone(),
        by: services.by(),
    };
    let hosts = match services.hosts() {
        Ok(hosts) => hosts,
        Err(failure) => return vec![Document::failed("whitelist import", None, &failure)],
    };
    for host in &hosts {
        if let Err(refusal) = procedure.allowed(&services.guard(host)) {
            return vec![Document::failed(
                "whitelist import",
                Some(&name_of(host)),
                &refusal.into(),
            )];
        }
    }
    change(services, procedure).await
}

fn rows_of(file: &Path) -> Result<Vec<TableRow>, Failure> {
    let name = file.display();
    let failed = |why: String| Failure::new(FailureKind::Usage, format!("{name} cannot be imported: {why}"));
    let bytes = read_input(file, LARGEST_FILE).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    register_table::read(&text)
        .map_err(|error| failed(error.to_string()).hint("`f2bctl whitelist export` shows the form"))
}
