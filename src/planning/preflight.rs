//! The preflight: why what was tried on a copy of the configuration must not be applied, with the place in jail.local
//! where that is known.

use serde_json::Value;

use crate::model::comment_text::escaped;
use crate::model::jail_local::{Diagnostic, JailLocal, cited};
use crate::model::observed::{FailedCommand, Observed, Rehearsal};

use super::configuration_errors::{causes, settings};
use super::draft::Draft;
use super::reading::{JAIL_LOCAL, jail_local, reader};
use super::refusal::{Refusal, RefusalKind};

/// Why a rehearsed draft must not be applied, with the place in jail.local where that is known.
pub fn preflight_refusal(draft: &Draft, observed: &Observed, rehearsal: &Rehearsal) -> Option<Refusal> {
    let refusal = if let Some(failed) = &rehearsal.failed {
        let message = format!(
            "the preflight failed: fail2ban-server refuses `{}`: {}",
            escaped(&words(&failed.command)),
            escaped(&failed.error)
        );
        Refusal::new(
            RefusalKind::Preflight,
            with_place(message, located(draft, observed, |document| place(document, failed))),
        )
    } else if rehearsal.test.status != 0 {
        let message = format!(
            "the preflight failed: fail2ban-client -t says {}",
            escaped(&causes(&rehearsal.test.output))
        );
        let found = located(draft, observed, |document| {
            let named = settings(&rehearsal.test.output).into_iter();
            let mut named = named.filter_map(|(jail, key)| cause(document, &jail, key));
            named.next().or_else(|| document.suspect_values().into_iter().next())
        });
        Refusal::new(RefusalKind::Preflight, with_place(message, found))
    } else if rehearsal.dump.status != 0 {
        let message = rehearsal
            .dump
            .notes
            .last()
            .map_or_else(String::new, |note| escaped(note));
        Refusal::new(
            RefusalKind::Preflight,
            format!("the preflight failed: fail2ban-client -d says {message}"),
        )
    } else if rehearsal.jails.is_empty() {
        let message = "the preflight failed: this configuration sets up no jail at all, so nobody would be banned";
        Refusal::new(RefusalKind::Preflight, message)
    } else {
        return None;
    };
    Some(refusal.hint("correct it on the host; the running jails and their bans were not touched"))
}

fn with_place(message: String, place: Option<Diagnostic>) -> String {
    match place {
        Some(diagnostic) => format!("{message}{}", cited([&diagnostic])),
        None => message,
    }
}

/// A place of the drafted jail.local as it can be looked up on the host: a line that the draft only moved is cited
/// where it is now, and what the draft itself puts in where it would be.
fn located(draft: &Draft, observed: &Observed, find: impl Fn(&JailLocal) -> Option<Diagnostic>) -> Option<Diagnostic> {
    let drafted = find(&drafted_jail_local(draft, observed)?)?;
    let present = jail_local(observed).ok().and_then(find);
    present
        .filter(|present| present.line_text == drafted.line_text)
        .or(Some(drafted))
}

/// jail.local as the draft would leave it.
fn drafted_jail_local(draft: &Draft, observed: &Observed) -> Option<JailLocal> {
    let Some(drafted) = draft.files.iter().find(|file| file.path == JAIL_LOCAL) else {
        return jail_local(observed).ok().cloned();
    };
    let path = observed.jail_local.value().map_or(JAIL_LOCAL, |file| &file.path);
    JailLocal::parse(path, drafted.after.as_deref()?, &reader(observed)).ok()
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

/// The line that an error of the test is about, if jail.local has it.
fn cause(document: &JailLocal, jail: &str, key: &str) -> Option<Diagnostic> {
    let message = format!("this is what fail2ban refuses for jail {}", escaped(jail));
    document.diagnostic(jail, key, message, "correct the value".to_owned())
}
