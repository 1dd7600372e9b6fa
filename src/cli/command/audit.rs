//! `f2bctl audit verify`: is the trail whole, on the host and here, and do the two agree?

use std::sync::Arc;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::audit::HostName;
use crate::audit::chain::{self, Finding};
use crate::cli::documents::Document;
use crate::cli::runner::{each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{AuditVerdict, Failure, FailureKind, Report, TrailFault};

/// The audit trail.
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

/// Runs the command.
pub async fn run(services: Arc<Services>, command: Command) -> Vec<Document> {
    let name = command.name();
    each_host(services, name, false, move |services, host, _| async move {
        let name_here = name_of(&host);
        match with_host(&services, &host, async |host| host.audit().await).await {
            Ok(trail) => match verify(&services, &name_here, &trail.text) {
                Ok(report) => Document::report(name, Some(&name_here), report),
                Err(failure) => Document::failed(name, Some(&name_here), &failure),
            },
            Err(failure) => Document::failed(name, Some(&name_here), &failure),
        }
    })
    .await
}

fn verify(services: &Services, host: &HostName, trail: &str) -> Result<Report, Failure> {
    let local = services.trail();
    let text = local
        .text()
        .map_err(|error| Failure::new(FailureKind::Refused, error.to_string()))?;
    let (here, there) = (chain::verify(&text), chain::verify(trail));
    let told = |trail: &'static str, findings: &[Finding]| -> Vec<TrailFault> {
        let fault = |finding: &Finding| TrailFault {
            trail,
            code: finding.code,
            line: finding.line,
            message: finding.message.as_str().into(),
        };
        findings.iter().map(fault).collect()
    };
    let contradicted = chain::contradictions(&there.records, &remembered(&here.records, host));
    let mut findings = told("host", &there.findings);
    findings.extend(told("host", &contradicted));
    findings.extend(told("local", &here.findings));
    let found = !findings.is_empty();
    let verdict = AuditVerdict {
        records: there.records.len(),
        local_records: here.records.len(),
        local_trail: local.path().to_owned(),
        findings,
    };
    Ok(Report::from(verdict).found(found))
}

/// The host's records that the operator's own trail remembers by number and hash.
///
/// A host is the same one by its name and its address: a rehearsal host that is made anew keeps only its name.
fn remembered(records: &[Value], host: &HostName) -> Vec<(u64, String)> {
    let same = json!(host);
    let of_host = records.iter().filter(|record| record.get("host") == Some(&same));
    let remembered = of_host.filter_map(|record| {
        let known = record.get("host_record")?;
        Some((
            known.get("sequence")?.as_u64()?,
            known.get("hash")?.as_str()?.to_owned(),
        ))
    });
    remembered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_host_is_not_held_against_another_of_its_name() {
        let host = |address: &str| HostName {
            name: "lab".to_owned(),
            address: address.to_owned(),
        };
        let record =
            |address: &str, hash: &str| json!({"host": host(address), "host_record": {"sequence": 2, "hash": hash}});
        let records = [
            record("root@127.0.0.1:2201", "old"),
            record("root@127.0.0.1:2202", "new"),
        ];
        assert_eq!(
            remembered(&records, &host("root@127.0.0.1:2202")),
            [(2, "new".to_owned())]
        );
    }
}
