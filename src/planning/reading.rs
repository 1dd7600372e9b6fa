//! Reads what planners need out of an observation, or refuses with the reason why it cannot be read.

use crate::document::Advice;
use std::collections::BTreeMap;

use crate::model::comment_text::escaped;
use crate::model::jail_local::{Diagnostic, EditRefusal, JailLocal, Reader, cited};
use crate::model::known::Cause;
use crate::model::observed::{HostFile, Jail, LogSample, Observed, Server};
use crate::model::operation::{Edit, ReplaceFile};

use super::refusal::Refusal;

/// The file that every procedure of the whitelist edits.
pub const JAIL_LOCAL: &str = "jail.local";
/// The distribution's own jails, by which a configuration of fail2ban is recognised.
const JAIL_CONF: &str = "jail.conf";

/// The server as it was observed, running or not.
///
/// # Errors
/// A precondition's refusal if it could not be asked.
pub fn server(observed: &Observed) -> Result<&Server, Refusal> {
    observed.server.read().map_err(|reason| {
        let refusal = Refusal::precondition(format!("fail2ban-server cannot be asked: {}", escaped(reason)));
        match observed.server.cause() {
            Some(Cause::Permission) => refusal.hint(Advice::AS_ROOT),
            _ => refusal.hint("is fail2ban installed there, and is `config_dir` of this host right?"),
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

/// The running jails, or none if fail2ban is down.
pub fn running(observed: &Observed) -> Option<&BTreeMap<String, Jail>> {
    let server = observed.server.value()?;
    server.running.then_some(&server.jails)
}

/// The bytes of jail.local.
///
/// # Errors
/// A precondition's refusal if the file is missing or cannot be read.
pub fn jail_local_bytes(observed: &Observed) -> Result<&[u8], Refusal> {
    let file = jail_local_file(observed)?;
    file.content.as_deref().ok_or_else(|| {
        Refusal::precondition(format!("{} does not exist on this host", escaped(&file.path)))
            .hint("is `config_dir` of this host right?")
            .hint(Advice::whitelist_customer("NETWORK", "").then(" makes the file"))
    })
}

/// The bytes of jail.local that a change begins with; none on a host that does not have the file yet, so that the change
/// makes it.
///
/// # Errors
/// A precondition's refusal if the file cannot be read, or is missing in a folder that is no configuration of fail2ban.
pub fn jail_local_before(observed: &Observed) -> Result<Option<&[u8]>, Refusal> {
    if is_without_jail_local(observed) {
        return Ok(None);
    }
    jail_local_bytes(observed).map(Some)
}

/// Whether this host's fail2ban is as it was installed: jail.local is not there, and its own jail.conf is, for all that
/// was looked at.
pub fn is_without_jail_local(observed: &Observed) -> bool {
    let is_missing = observed.jail_local.value().is_some_and(|file| !file.exists);
    let is_installed = observed.files.value().is_none_or(|files| files.contains_key(JAIL_CONF));
    is_missing && is_installed
}

fn jail_local_file(observed: &Observed) -> Result<&HostFile, Refusal> {
    observed.jail_local.read().map_err(|reason| {
        let refusal = Refusal::precondition(format!("jail.local cannot be read: {}", escaped(reason)));
        match observed.jail_local.cause() {
            Some(Cause::Permission) => refusal.hint(Advice::AS_ROOT),
            _ => refusal.hint("look at the file on the host"),
        }
    })
}

/// jail.local with new content, and what that means.
///
/// # Errors
/// As [`jail_local_before`].
pub fn new_jail_local(observed: &Observed, edited: &JailLocal, meaning: Vec<Edit>) -> Result<ReplaceFile, Refusal> {
    replaced_jail_local(observed, edited.to_bytes(), meaning)
}

/// The same with content that is there as bytes.
///
/// # Errors
/// As [`jail_local_before`].
pub fn replaced_jail_local(
    observed: &Observed,
    content: Vec<u8>,
    mut meaning: Vec<Edit>,
) -> Result<ReplaceFile, Refusal> {
    let before = jail_local_before(observed)?;
    if before.is_none() {
        let path = JAIL_LOCAL.to_owned();
        meaning.insert(0, Edit::Create { path });
    }
    Ok(ReplaceFile {
        path: JAIL_LOCAL.to_owned(),
        before: before.map(<[u8]>::to_vec),
        after: Some(content),
        meaning,
        ..ReplaceFile::default()
    })
}

/// jail.local, read as this host's fail2ban reads it: an empty one where fail2ban is as it was installed.
///
/// # Errors
/// A precondition's refusal if it is missing elsewhere, or if fail2ban reads it otherwise than it looks; with the places.
pub fn jail_local(observed: &Observed) -> Result<&JailLocal, Refusal> {
    jail_local_reading(observed)?.as_ref().map_err(|findings| {
        Refusal::precondition(format!(
            "fail2ban cannot read jail.local as it looks:{}",
            cited(findings)
        ))
        .hint(Advice::CORRECT_THE_FILE)
    })
}

/// The same, or none if the file does not exist: fail2ban runs without it.
///
/// # Errors
/// As [`jail_local`], apart from the missing file.
pub fn jail_local_if_any(observed: &Observed) -> Result<Option<&JailLocal>, Refusal> {
    match observed.jail_local.value() {
        Some(file) if !file.exists => Ok(None),
        _ => jail_local(observed).map(Some),
    }
}

/// The reading of jail.local, or the places where fail2ban reads it otherwise than it looks. However many ask, the file is
/// read once.
///
/// # Errors
/// As [`jail_local_before`].
pub fn jail_local_reading(observed: &Observed) -> Result<&Result<JailLocal, Vec<Diagnostic>>, Refusal> {
    let bytes = jail_local_before(observed)?.unwrap_or_default();
    let path = observed.jail_local.value().map_or(JAIL_LOCAL, |file| &file.path);
    let read = || JailLocal::parse(path, bytes, &reader(observed));
    Ok(observed.jail_local_reading.get_or_init(read))
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
            .and(Advice::whitelist_customer(network, ""))
            .then("; nothing was changed"),
        _ => Advice::CORRECT_THE_FILE.into(),
    };
    Refusal::precondition(refusal.to_string()).hint(hint)
}

/// The log that Asterisk writes.
///
/// # Errors
/// A precondition's refusal if there is none.
pub fn asterisk_log(observed: &Observed) -> Result<&LogSample, Refusal> {
    let log = observed
        .asterisk_log
        .read()
        .map_err(|reason| Refusal::precondition(format!("Asterisk's log cannot be read: {}", escaped(reason))))?;
    if log.exists {
        return Ok(log);
    }
    Err(Refusal::precondition(format!(
        "{}, the log that Asterisk writes by this host's settings, does not exist",
        escaped(&log.path)
    ))
    .hint("set `asterisk_log` of this host in f2bctl's configuration to the right path"))
}
