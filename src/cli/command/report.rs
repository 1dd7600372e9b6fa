//! `f2bctl report`: what happened on the hosts, for a ticket or as a page for people who do not work on them.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::DateTime;
use clap::Args;

use crate::checks::activity::{Sources, activity};
use crate::checks::redaction::Redaction;
use crate::checks::warnings::state_warnings;
use crate::checks::whitelist_review::{Watched, review};
use crate::cli::kept_columns::kept;
use crate::cli::runner::{each_host, name_of, with_connection};
use crate::cli::services::Services;
use crate::document::{Answer, Document, Failure, FailureKind, Report, WhitelistReview};
use crate::model::some::grouped;
use crate::model::text::Text;
use crate::model::timespan::Timespan;
use crate::remote::agent::{LinkError, Prefetch};
use crate::remote::host::Host;
use crate::settings::HostSettings;
use crate::ui::activity_page;

use super::audit::history::{Newest, newest};
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
    let begin = observed
        .clock
        .second()
        .saturating_sub(i64::try_from(since).unwrap_or(i64::MAX));
    let gaps = changes
        .as_ref()
        .map_or_else(|_| Vec::new(), |read| audit_gaps(read, begin));
    let mut found = activity(Sources {
        observed: &observed,
        log: &log,
        changes: changes.map(|read| read.entries),
        review,
    });
    found.gaps.extend(gaps);
    Ok(Report::from(found).warned(warnings))
}

/// The newest changes, or why the audit log cannot be read.
async fn changes(host: &mut Host) -> Result<Result<Newest, String>, LinkError> {
    match newest(host, MOST_CHANGES, None).await {
        Ok(read) => Ok(Ok(read)),
        Err(LinkError::Agent(failure)) => Ok(Err(failure.message)),
        Err(error) => Err(error),
    }
}

/// Why changes since this second may be missing from what was read of the audit log.
fn audit_gaps(read: &Newest, begin: i64) -> Vec<Text> {
    let mut found = Vec::new();
    if !read.one_chain {
        found.push(
            "The audit log is not intact: changes may be missing; `f2bctl audit verify` says what is wrong with it."
                .into(),
        );
    }
    let oldest = read.entries.first();
    let oldest = oldest.and_then(|entry| DateTime::parse_from_rfc3339(entry.time.raw()).ok());
    if read.more && oldest.is_none_or(|oldest| oldest.timestamp() >= begin) {
        let number = grouped(read.entries.len());
        found.push(
            format!("The audit log was read for its newest {number} entries only: older changes are missing.").into(),
        );
    }
    found
}

/// Numbers instead of names, the same ones for all hosts. Warnings name whoever they are about, and are left out.
fn redact(documents: &mut [Document]) {
    let mut redaction = Redaction::default();
    for document in documents {
        document.host = document.host.as_ref().map(|host| redaction.host(host));
        document.warnings.clear();
        if let Some(failure) = &mut document.error {
            Redaction::failure(failure);
        }
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
    if let Err(error) = write(file, &activity_page(&documents)) {
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

/// Writes the page beside the old one first, for the operator alone, and then puts it in its place.
fn write(file: &Path, page: &str) -> std::io::Result<()> {
    // Through a link the page goes where that leads, and what is no file, such as /dev/stdout, is written to as it is.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if fs::metadata(&file).is_ok_and(|found| !found.is_file()) {
        return fs::write(&file, page);
    }
    let mut beside = OsString::from(&file);
    beside.push(format!(".{}.new", std::process::id()));
    // One that is left of another run has this run's number at most by chance, and perhaps other permissions.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = out.write_all(page.as_bytes()).and_then(|()| out.sync_all());
    let placed = written.and_then(|()| fs::rename(&beside, &file));
    if placed.is_err() {
        // What is left of it is no page.
        drop(fs::remove_file(&beside));
    }
    placed
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;
    use crate::document::Entry;
    use crate::model::action_columns::ActionLog;
    use crate::model::host_name::HostName;
    use crate::model::observed::Observed;
    use crate::ui::human_view;

    const BEGIN: i64 = 1_795_000_000;

    fn entry(time: &str) -> Entry {
        Entry {
            id: "c1".into(),
            time: time.into(),
            operator: "ravi@desk".into(),
            key: None,
            seen: None,
            command: "onboard".into(),
            reason: None,
            ticket: None,
            summary: Text::default(),
            outcome: "changed".into(),
            failure: None,
        }
    }

    fn gaps(entries: Vec<Entry>, more: bool, one_chain: bool) -> Vec<String> {
        let read = Newest {
            entries,
            more,
            one_chain,
        };
        audit_gaps(&read, BEGIN).iter().map(Text::to_string).collect()
    }

    #[test]
    fn a_broken_or_cut_audit_log_is_a_gap() {
        // 2026-11-18T11:06:40Z is the moment from which on it is asked.
        let (before, after) = ("2026-11-17T10:00:00Z", "2026-11-19T10:00:00Z");
        assert!(gaps(vec![entry(after)], false, true).is_empty());
        assert!(
            gaps(vec![entry(before), entry(after)], true, true).is_empty(),
            "older ones are of no interest"
        );
        let cut = gaps(vec![entry(after)], true, true);
        assert!(cut.len() == 1 && cut[0].contains("newest 1 entries only"), "{cut:?}");
        assert_eq!(gaps(vec![entry("?")], true, true).len(), 1);
        let broken = gaps(Vec::new(), false, false);
        assert!(broken.len() == 1 && broken[0].contains("not intact"), "{broken:?}");
    }

    fn document(changes: Result<Vec<Entry>, String>, gaps: Vec<Text>) -> Document {
        let mut found = activity(Sources {
            observed: &Observed::default(),
            log: &ActionLog::default(),
            changes,
            review: Err("not asked".to_owned()),
        });
        found.gaps.extend(gaps);
        Document::report("report", None, found)
    }

    #[test]
    fn what_was_not_read_is_not_said_to_be_nothing() {
        const NOTHING: &str = "Nothing was changed with f2bctl";
        let read = activity_page(&[document(Ok(Vec::new()), Vec::new())]);
        assert!(read.contains(NOTHING), "{read}");
        let unread = document(Err("no permission".to_owned()), Vec::new());
        let broken = Newest {
            entries: Vec::new(),
            more: false,
            one_chain: false,
        };
        let broken = document(Ok(Vec::new()), audit_gaps(&broken, BEGIN));
        for (document, why) in [(unread, "no permission"), (broken, "not intact")] {
            let (page, text) = (activity_page(std::slice::from_ref(&document)), human_view(&document));
            for shown in [&page, &text] {
                assert!(shown.contains("not known") && shown.contains(why), "{shown}");
                assert!(
                    !shown.contains(NOTHING) && !shown.contains("Nothing is in the log"),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn a_host_that_was_not_reached_is_not_named_by_its_failure() {
        let host = HostName {
            name: "lotus".to_owned(),
            address: "root@pbx.lotus.example".to_owned(),
        };
        let failure = Failure::new(FailureKind::Connection, "no route to pbx.lotus.example (192.0.2.7)")
            .hint("ssh root@pbx.lotus.example".to_owned());
        // Why the audit log of another one could not be read names it as well.
        let unread = document(Err("pbx.lotus.example has none".to_owned()), Vec::new());
        let mut documents = [Document::failed("report", Some(&host), &failure), unread];
        redact(&mut documents);
        let json = serde_json::to_string(&documents).expect("JSON");
        for shown in [activity_page(&documents), json] {
            assert!(
                shown.contains("host 1") && shown.contains("could not be reached"),
                "{shown}"
            );
            assert!(!shown.contains("lotus") && !shown.contains("192.0.2"), "{shown}");
        }
    }

    #[test]
    fn the_page_is_for_the_operator_alone_and_replaces_the_old_one_as_a_whole() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("report.html");
        fs::write(&file, "the old page").expect("a file");
        let old = fs::metadata(&file).expect("a file").ino();
        write(&file, "the page").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("a page"), "the page");
        let found = fs::metadata(&file).expect("a file");
        assert_eq!(found.mode() & 0o777, 0o600);
        assert_ne!(found.ino(), old);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        assert!(write(&folder.path().join("none").join("report.html"), "the page").is_err());
        assert!(write(folder.path(), "the page").is_err(), "a folder is no page");
    }
}
