//! Reads what planners need out of an observation, or refuses with the reason why it cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{Advice, Source, WhitelistRow};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{Diagnostic, EditRefusal, Entry, JailLocal, Metadata, Reader, cited};
use crate::model::known::Cause;
use crate::model::observed::{FailedCommand, Jail, Observed, Rehearsal, Server, TemporaryEntry};
use crate::model::operation::{Edit, ReplaceFile};
use crate::model::text::Text;

use super::draft::Draft;
use super::guard::is_localhost;
use super::lists::{Lists, lists};
use super::refusal::{Refusal, RefusalKind};

/// The file that every procedure of the whitelist edits.
pub const JAIL_LOCAL: &str = "jail.local";

/// The server as it was observed, running or not.
///
/// # Errors
/// A precondition's refusal if it could not be asked.
pub fn server(observed: &Observed) -> Result<&Server, Refusal> {
    observed.server.read().map_err(|reason| {
        let refusal = Refusal::precondition(format!("fail2ban-server cannot be asked: {}", escaped(reason)));
        match observed.server.cause() {
            Some(Cause::Permission) => refusal.hint(Advice::AS_ROOT),
            _ => refusal.hint("is fail2ban installed there, and `config_dir` of this host right?"),
        }
    })
}

/// The running jails.
///
/// # Errors
/// A precondition's refusal if fail2ban is down or cannot be asked.
pub fn running_jails(observed: &Observed) -> Result<&BTreeMap<String, Jail>, Refusal> {
    let server = server(observed)?;
    if server.running {
        return Ok(&server.jails);
    }
    let reason = escaped(server.reason.as_deref().unwrap_or("no answer"));
    Err(Refusal::precondition(format!("fail2ban is not running on this host ({reason})")).hint(Advice::START))
}

/// The bytes of jail.local.
///
/// # Errors
/// A precondition's refusal if the file is missing or cannot be read.
pub fn jail_local_bytes(observed: &Observed) -> Result<&[u8], Refusal> {
    let file = observed.jail_local.read().map_err(|reason| {
        let refusal = Refusal::precondition(format!("jail.local cannot be read: {}", escaped(reason)));
        match observed.jail_local.cause() {
            Some(Cause::Permission) => refusal.hint(Advice::AS_ROOT),
            _ => refusal.hint("look at the file on the host"),
        }
    })?;
    file.content.as_deref().ok_or_else(|| {
        Refusal::precondition(format!("{} does not exist on this host", escaped(&file.path)))
            .hint("is `config_dir` of this host right? the runbook's jails live in that file")
    })
}

/// jail.local with new content, and what that means.
///
/// # Errors
/// As [`jail_local_bytes`].
pub fn new_jail_local(observed: &Observed, edited: &JailLocal, meaning: Vec<Edit>) -> Result<ReplaceFile, Refusal> {
    Ok(ReplaceFile {
        path: JAIL_LOCAL.to_owned(),
        before: Some(jail_local_bytes(observed)?.to_vec()),
        after: Some(edited.to_bytes()),
        meaning,
        ..ReplaceFile::default()
    })
}

/// jail.local, read as this host's fail2ban reads it.
///
/// # Errors
/// A precondition's refusal if it is missing, or if fail2ban reads it otherwise than it looks; with the places.
pub fn jail_local(observed: &Observed) -> Result<JailLocal, Refusal> {
    let bytes = jail_local_bytes(observed)?;
    let path = observed.jail_local.value().map_or(JAIL_LOCAL, |file| &file.path);
    JailLocal::parse(path, bytes, &reader(observed)).map_err(|findings| {
        Refusal::precondition(format!(
            "fail2ban cannot read jail.local as it looks:{}",
            cited(&findings)
        ))
        .hint(Advice::CORRECT_THE_FILE)
    })
}

/// How this host's fail2ban reads lists.
pub fn reader(observed: &Observed) -> Reader {
    let version = observed.server.value().and_then(|server| server.version.as_deref());
    version.map_or_else(Reader::unknown, Reader::new)
}

/// An edit that was not made, as a refusal.
pub fn edit_refusal(refusal: EditRefusal) -> Refusal {
    let hint = match &refusal {
        EditRefusal::NotListed(network) => Advice::text("add it with its comment: ")
            .run(format!("onboard {network} --customer NAME"))
            .then("; nothing was changed"),
        _ => Advice::CORRECT_THE_FILE.into(),
    };
    Refusal::precondition(refusal.to_string()).hint(hint)
}

/// Why a rehearsed draft must not be applied, with the place in jail.local where that can be told.
pub fn preflight_refusal(draft: &Draft, observed: &Observed, rehearsal: &Rehearsal) -> Option<Refusal> {
    let refusal = if let Some(failed) = &rehearsal.failed {
        let told = format!(
            "the preflight failed: fail2ban-server refuses `{}`: {}",
            escaped(&words(&failed.command)),
            escaped(&failed.error)
        );
        Refusal::new(
            RefusalKind::Preflight,
            with_place(told, located(draft, observed, |document| place(document, failed))),
        )
    } else if rehearsal.test.status != 0 {
        let told = format!(
            "the preflight failed: fail2ban-client -t says {}",
            escaped(&last_line(&rehearsal.test.output))
        );
        let found = located(draft, observed, |document| document.suspect_values().into_iter().next());
        Refusal::new(RefusalKind::Preflight, with_place(told, found))
    } else if rehearsal.dump.status != 0 {
        let told = rehearsal
            .dump
            .notes
            .last()
            .map_or_else(String::new, |note| escaped(note));
        Refusal::new(
            RefusalKind::Preflight,
            format!("the preflight failed: fail2ban-client -d says {told}"),
        )
    } else if rehearsal.jails.is_empty() {
        let told = "the preflight failed: this configuration sets up no jail at all, so nobody would be banned";
        Refusal::new(RefusalKind::Preflight, told)
    } else {
        return None;
    };
    Some(refusal.hint("correct it on the host; the running jails and their bans were not touched"))
}

fn with_place(told: String, place: Option<Diagnostic>) -> String {
    match place {
        Some(diagnostic) => format!("{told}{}", cited([&diagnostic])),
        None => told,
    }
}

/// A place of the drafted jail.local as it can be looked up on the host: a line that the draft only moved is cited where
/// it stands now, and what the draft itself puts in where it would stand.
fn located(draft: &Draft, observed: &Observed, find: impl Fn(&JailLocal) -> Option<Diagnostic>) -> Option<Diagnostic> {
    let drafted = find(&drafted_jail_local(draft, observed)?)?;
    let present = jail_local(observed).ok().and_then(|document| find(&document));
    present
        .filter(|present| present.line_text == drafted.line_text)
        .or(Some(drafted))
}

/// jail.local as the draft would leave it.
fn drafted_jail_local(draft: &Draft, observed: &Observed) -> Option<JailLocal> {
    let drafted = draft.files.iter().find(|file| file.path == JAIL_LOCAL);
    let bytes = match drafted {
        Some(file) => file.after.as_deref()?,
        None => jail_local_bytes(observed).ok()?,
    };
    let path = observed.jail_local.value().map_or(JAIL_LOCAL, |file| &file.path);
    JailLocal::parse(path, bytes, &reader(observed)).ok()
}

/// The line that a refused command comes from: a value known to be wrong there, else where the key is set.
fn place(document: &JailLocal, failed: &FailedCommand) -> Option<Diagnostic> {
    let (jail, key) = failed.jail_and_key()?;
    let key = key.strip_prefix("add").unwrap_or(key);
    let setting = document.setting(jail, key)?;
    let suspects = document.suspect_values();
    let known = suspects
        .into_iter()
        .find(|finding| finding.line == setting.position.line);
    known.or_else(|| {
        let message = format!("this is what the server refuses for jail {jail}");
        document.diagnostic(jail, key, message, "correct the value".to_owned())
    })
}

fn words(command: &[Value]) -> String {
    const LONGEST: usize = 200;
    let texts: Vec<String> = command
        .iter()
        .map(|word| match word {
            // fail2ban's own word for a value that it could not read.
            Value::Null => "None".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect();
    texts.join(" ").chars().take(LONGEST).collect()
}

fn last_line(output: &str) -> String {
    output
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing")
        .to_owned()
}

/// The whitelist: the entries of jail.local in order, then what is only in force.
///
/// # Errors
/// A precondition's refusal if jail.local cannot be read.
pub fn whitelist(observed: &Observed) -> Result<Vec<WhitelistRow>, Refusal> {
    let document = jail_local(observed)?;
    let empty = BTreeMap::new();
    let jails = running_jails(observed).unwrap_or(&empty);
    let entries = document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let lists = lists(jails);
    let mut rows: Vec<WhitelistRow> = entries.iter().map(|entry| row(entry, &lists)).collect();
    let mut known: BTreeSet<String> = rows.iter().flat_map(spellings).collect();
    let own = document.own_ignoreip_sections();
    for (name, jail) in jails.iter().filter(|(name, _)| !own.contains(name)) {
        for shown in jail.ignoreip() {
            if !known.insert(shown.trim().to_owned()) {
                continue;
            }
            let registered = super::temporary::standing(observed, name, &shown);
            rows.push(match registered {
                Some(entry) => temporary_row(entry, &lists, observed),
                None => runtime_row(shown, &lists),
            });
        }
    }
    Ok(rows)
}

fn row(entry: &Entry, lists: &Lists<'_>) -> WhitelistRow {
    let network = entry.network();
    let shown = network.map_or_else(|| entry.text.clone(), |network| network.shown_by_fail2ban());
    let localhost = network.as_ref().is_some_and(is_localhost);
    let line = entry.register.as_ref().map(|line| &line.registration);
    let (in_force, not_in_force) = forces(&shown, lists);
    WhitelistRow {
        network: network
            .map_or_else(|| entry.text.clone(), |network| network.to_string())
            .into(),
        customer: line
            .map(|line| Text::from(line.customer.as_str()))
            .or_else(|| localhost.then(|| "localhost".into())),
        note: line.and_then(|line| line.note.as_ref().map(|note| note.as_str().into())),
        meta: line.map(|line| line.metadata.clone()).unwrap_or_default(),
        documented: line.is_some() || localhost,
        in_force,
        not_in_force,
        source: Source::File,
        until: None,
    }
}

/// An entry that ends by itself; the jails that it was not set in are no lack.
fn temporary_row(entry: &TemporaryEntry, lists: &Lists<'_>, observed: &Observed) -> WhitelistRow {
    let (in_force, mut not_in_force) = forces(&entry.entry, lists);
    not_in_force.retain(|name| entry.jails.iter().any(|jail| name == jail.as_str()));
    WhitelistRow {
        note: entry.reason.clone().map(Text::from),
        documented: true,
        in_force,
        not_in_force,
        source: Source::Temporary,
        until: Some(observed.clock.moment(entry.until)),
        ..runtime_row(entry.entry.clone(), lists)
    }
}

fn runtime_row(shown: String, lists: &Lists<'_>) -> WhitelistRow {
    let (in_force, not_in_force) = forces(&shown, lists);
    WhitelistRow {
        network: shown.into(),
        customer: None,
        note: None,
        meta: Metadata::new(),
        documented: false,
        in_force,
        not_in_force,
        source: Source::Runtime,
        until: None,
    }
}

fn forces(shown: &str, lists: &Lists<'_>) -> (Vec<Text>, Vec<Text>) {
    let (with, without): (Vec<_>, Vec<_>) = lists.iter().partition(|(_, list)| list.contains(shown));
    let names =
        |part: Vec<(&&String, &BTreeSet<String>)>| part.into_iter().map(|(name, _)| name.as_str().into()).collect();
    (names(with), names(without))
}

/// How a row's entry may be written in fail2ban's own list.
fn spellings(row: &WhitelistRow) -> impl Iterator<Item = String> {
    let shown = row.as_network().map(|network| network.shown_by_fail2ban());
    [row.network.raw().to_owned()].into_iter().chain(shown)
}
