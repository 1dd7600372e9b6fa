//! `f2bctl doctor`: the whole runbook held against the host.

use std::sync::Arc;

use chrono::Utc;
use clap::Args;

use crate::checks::doctor::{Evidence, checklist, examine};
use crate::checks::explanations::explanation;
use crate::cli::runner::{each_host, name_of, with_host};
use crate::cli::services::Services;
use crate::document::{Document, FindingCode, Findings, Report, Severity};
use crate::model::known::Known;
use crate::model::observed::{Observed, Part, Rehearsal};
use crate::model::operation::ReplaceFile;
use crate::model::spelling::nearest;
use crate::remote::agent::LinkError;
use crate::remote::host::{Host, ReadFile};
use crate::settings::HostSettings;

/// Compare the host's files, running server, firewall and logs with the runbook.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what a finding means, how it is found and how it is fixed; no host is asked.
    #[arg(long, value_name = "CODE", value_parser = code, hide_possible_values = true)]
    pub explain: Option<FindingCode>,
}

/// Reads the code of a finding.
fn code(text: &str) -> Result<FindingCode, String> {
    let code = FindingCode::ALL.iter().find(|code| code.as_str() == text).copied();
    code.ok_or_else(|| {
        let near = nearest(text, FindingCode::ALL.iter().map(|code| code.as_str()));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("no finding has this code{near}")
    })
}

const PARTS: &[Part] = &[
    Part::Files,
    Part::JailLocal,
    Part::Server,
    Part::Firewall,
    Part::Backups,
    Part::Changes,
    Part::Lock,
    Part::Surroundings,
    Part::Filters,
    Part::Temporary,
    Part::Origins,
    Part::LastWritten,
    Part::Asterisk,
    Part::AfterBan,
];

/// Runs the command.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    if let Some(code) = arguments.explain {
        return vec![Document::report("doctor", None, explanation(code))];
    }
    each_host(services, "doctor", false, |services, host, _| async move {
        let name = name_of(&host);
        match with_host(&services, &host, async |link: &mut Host| look(link).await).await {
            Ok(seen) => {
                let found = seen.findings(&services, &host);
                let grave = found
                    .findings
                    .iter()
                    .any(|finding| finding.severity != Severity::Notice);
                let report = Report::from(found).found(grave);
                Document::report("doctor", Some(&name), report)
            }
            Err(failure) => Document::failed("doctor", Some(&name), &failure),
        }
    })
    .await
}

/// What was seen of a host.
struct Seen {
    observed: Observed,
    disk: Known<Rehearsal>,
    pre_split: Option<Known<Rehearsal>>,
    replay: Known<crate::model::observed::Replay>,
}

impl Seen {
    fn findings(&self, services: &Services, host: &HostSettings) -> Findings {
        let log = host.asterisk_log.to_string_lossy();
        let evidence = Evidence {
            observed: &self.observed,
            disk: &self.disk,
            pre_split: self.pre_split.as_ref(),
            replay: &self.replay,
            asterisk_log: &log,
            clock: Utc::now().timestamp() as f64,
            guard: services.guard(host),
        };
        let findings = examine(&evidence);
        let checks = checklist(&evidence, &findings);
        Findings { findings, checks }
    }
}

async fn look(host: &mut Host) -> Result<Seen, LinkError> {
    let observed = host.observe(PARTS, &mut |_| ()).await?;
    let server = observed.server.value();
    let running: Vec<String> = server
        .into_iter()
        .flat_map(|server| server.jails.keys().cloned())
        .collect();
    let disk = known(host.rehearse(&[], &running, &mut |_| ()).await)?;
    let replay = known(host.replay().await)?;
    let newest = observed.backups.value().and_then(|backups| {
        backups
            .iter()
            .rev()
            .find(|backup| backup.path.ends_with("pre-split"))
            .map(|backup| backup.path.clone())
    });
    let pre_split = match newest {
        Some(path) => Some(rehearse_backup(host, path, &running).await?),
        None => None,
    };
    Ok(Seen {
        observed,
        disk,
        pre_split,
        replay,
    })
}

/// A refusal of the host is a reason, not an end of the examination; a lost connection is one.
fn known<T>(answer: Result<T, LinkError>) -> Result<Known<T>, LinkError> {
    match answer {
        Ok(value) => Ok(Known::of(value)),
        Err(LinkError::Agent(failure)) => Ok(Known::Unknown {
            unknown: failure.message,
            kind: Default::default(),
        }),
        Err(error) => Err(error),
    }
}

/// The state that a rollback would lead to: the backup in place, the two filters gone.
async fn rehearse_backup(host: &mut Host, path: String, running: &[String]) -> Result<Known<Rehearsal>, LinkError> {
    let content = match host.read(std::slice::from_ref(&path)).await?.pop() {
        Some(ReadFile::File(file)) => file.content,
        Some(ReadFile::Unreadable { unknown, .. }) => {
            return Ok(Known::Unknown {
                unknown,
                kind: Default::default(),
            });
        }
        None => None,
    };
    let change = |path: &str, after| ReplaceFile {
        path: path.to_owned(),
        after,
        ..ReplaceFile::default()
    };
    let files = [
        change("jail.local", content),
        change("filter.d/asterisk-auth.local", None),
        change("filter.d/asterisk-scan.local", None),
    ];
    known(host.rehearse(&files, running, &mut |_| ()).await)
}
