//! `f2bctl audit verify`: is the audit log whole, on the host and here, and do the two agree?

use std::sync::Arc;

use clap::Subcommand;

use crate::audit::LocalLog;
use crate::audit::memory::Memory;
use crate::audit::pages::Forward;
use crate::audit::verifier::{CURRENT, Finding, Verdict, Verifier};
use crate::cli::runner::{each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{AuditFault, AuditVerdict, Check, Document, Failure, FailureKind, Report, Warning, WarningCode};
use crate::engine::Connection;
use crate::model::host_name::HostName;
use crate::model::text::Text;
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::Host;

pub mod history;

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find altered, missing or reordered records, on the host and in the operator's own copy.
    Verify,
}

impl Command {
    /// The command as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verify => "audit verify",
        }
    }
}

/// The two logs as they were read.
struct Logs {
    host_key: String,
    host: Verdict,
    local: Verdict,
    memory: Memory,
}

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    let name = command.name();
    each_host(services, name, false, move |services, host, _| async move {
        let name_here = name_of(&host);
        let local_log = services.local_log();
        let read = with_connection(&services, &host, Prefetch::default(), async |connection| {
            read(connection, &local_log, &name_here).await
        });
        match read.await.and_then(|logs| logs) {
            Ok(logs) => Document::report(name, Some(&name_here), shown(logs, &local_log, &name_here)),
            Err(failure) => Document::failed(name, Some(&name_here), &failure),
        }
    })
    .await
}

/// Reads the operator's own log, then the host's; neither is ever in memory as a whole.
async fn read(
    connection: &mut Connection,
    local_log: &LocalLog,
    name: &HostName,
) -> Result<Result<Logs, Failure>, LinkError> {
    let host_key = connection.host_key().to_owned();
    let mut memory = Memory::of(name, &host_key);
    let mut verifier = Verifier::default();
    let file = Arc::from(CURRENT);
    let local = local_log.each_line(|number, line| {
        if let Some(record) = verifier.take(&file, number, line) {
            memory.learn(&record);
        }
    });
    if let Err(error) = local {
        return Ok(Err(Failure::new(FailureKind::Refused, error.to_string())));
    }
    let host = verified(&mut connection.host, &mut memory).await?;
    Ok(Ok(Logs {
        host_key,
        host,
        local: verifier.finish(),
        memory,
    }))
}

async fn verified(host: &mut Host, memory: &mut Memory) -> Result<Verdict, LinkError> {
    let mut verifier = Verifier::default();
    let mut lines = Forward::default();
    let mut place = None;
    loop {
        let page = host.audit(place.as_ref(), false).await?;
        lines.take(&page.file, &page.text, page.continued, |file, number, line| {
            if let Some(record) = verifier.take(file, number, line) {
                memory.compare(&record);
            }
        });
        place = page.next;
        if place.is_none() {
            return Ok(verifier.finish());
        }
    }
}

fn shown(logs: Logs, local_log: &LocalLog, host: &HostName) -> Report {
    let warnings = warnings(&logs.memory, local_log, host);
    let (compared, contradicted) = logs.memory.finish();
    let mut findings = in_log("host", &logs.host.findings);
    findings.extend(in_log("host", &contradicted));
    findings.extend(in_log("local", &logs.local.findings));
    let found = !findings.is_empty();
    let checks = checks(&findings, &logs.host, compared);
    let verdict = AuditVerdict {
        records: logs.host.records,
        local_records: logs.local.records,
        local_trail: local_log.path().to_owned(),
        host_key: logs.host_key.into(),
        compared,
        findings,
        findings_left_out: logs.host.left_out + logs.local.left_out,
        checks,
    };
    Report::from(verdict).warned(warnings).found(found)
}

/// What is looked at: of each log whether every line is as it was written, in its place, and followed by the next one, and
/// whether the two logs agree.
fn checks(findings: &[AuditFault], host: &Verdict, compared: u64) -> Vec<Check> {
    const SECTION: &str = "History";
    let found = |trail: &str, codes: &[&'static str]| -> Vec<&'static str> {
        let has = |code: &&&str| {
            findings
                .iter()
                .any(|fault| fault.trail == trail && fault.code == **code)
        };
        codes.iter().filter(has).copied().collect()
    };
    let none = (host.records == 0).then(|| "the host has no record".into());
    let alone = (compared == 0).then(|| "the local audit log has no record of this host".into());
    let of =
        |trail, codes, check, reason: &Option<Text>| Check::of(SECTION, check, found(trail, codes), reason.clone());
    let unread = &["altered", "unreadable"];
    vec![
        of("host", unread, "Each record on the host is as it was written", &none),
        of("host", &["missing"], "No record is missing on the host", &none),
        of("host", &["reordered"], "The records on the host are in order", &none),
        of("local", unread, "Each local record is as it was written", &None),
        of("local", &["missing"], "No local record is missing", &None),
        of("local", &["reordered"], "The local records are in order", &None),
        of(
            "host",
            &["contradicted"],
            "The host's records are those that the local log remembers",
            &alone,
        ),
    ]
}

fn in_log(trail: &'static str, findings: &[Finding]) -> Vec<AuditFault> {
    let fault = |finding: &Finding| AuditFault {
        trail,
        code: finding.code,
        file: finding.file.as_deref().map(Text::from),
        line: finding.line,
        message: finding.message.as_str().into(),
    };
    findings.iter().map(fault).collect()
}

/// What is no fault of a log and has to be known: other names, other keys, a local log that others may write to.
fn warnings(memory: &Memory, local_log: &LocalLog, host: &HostName) -> Vec<Warning> {
    let mut found = Vec::new();
    if !memory.names.is_empty() {
        let names: Vec<&str> = memory.names.iter().map(String::as_str).collect();
        let message = format!(
            "The local audit log also has records of this host key under {}; they are compared as well.",
            names.join(", ")
        );
        found.push(Warning::new(WarningCode::HostRenamed, message));
    }
    for (key, records) in &memory.other_keys {
        let message = format!(
            "{records} records of the local audit log are about {} ({}) with another host key, {key}: another machine, or \
             this one with a new key. They are not compared.",
            host.name, host.address
        );
        found.push(Warning::new(WarningCode::HostReplaced, message));
    }
    found.extend(
        local_log
            .exposed()
            .map(|message| Warning::new(WarningCode::LocalTrail, message)),
    );
    found
}
