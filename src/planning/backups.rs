//! The backups of jail.local: which one an operator means by a name, its text, and what its whitelist lacks.

use crate::document::Advice;
use crate::model::comment_text::escaped;
use crate::model::jail_local::{Entry, JailLocal, cited};
use crate::model::observed::{Backup, HostFile, Observed};

use super::reading::reader;
use super::refusal::Refusal;

/// What the pre-split backup's name ends with (runbook, "Rollback").
const PRE_SPLIT: &str = "-pre-split";

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of the backup that is meant: by path, by name, or by a part of the name that only one has.
///
/// # Errors
/// A precondition's refusal if there is none, a usage refusal if there are several.
pub fn resolve(backups: &[Backup], wanted: &str) -> Result<String, Refusal> {
    let exact = backups
        .iter()
        .find(|backup| backup.path == wanted || file_name(&backup.path) == wanted);
    if let Some(backup) = exact {
        return Ok(backup.path.clone());
    }
    let partly: Vec<&Backup> = backups
        .iter()
        .filter(|backup| file_name(&backup.path).contains(wanted))
        .collect();
    match partly.as_slice() {
        [only] => Ok(only.path.clone()),
        [] => Err(
            Refusal::precondition(format!("no backup on this host is called {wanted:?}"))
                .hint("`f2bctl backups` lists them"),
        ),
        several => {
            let names: Vec<&str> = several.iter().map(|backup| file_name(&backup.path)).collect();
            Err(Refusal::usage(format!("{wanted:?} is part of several names"))
                .hint(format!("name one of {}", names.join(", "))))
        }
    }
}

/// Whether a backup is one of before the split: `...-pre-split`, or `...-pre-split-2` where that name was taken.
pub fn is_pre_split(path: &str) -> bool {
    let name = file_name(path);
    let stem = name
        .rsplit_once('-')
        .filter(|(_, number)| !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit()))
        .map_or(name, |(stem, _)| stem);
    name.ends_with(PRE_SPLIT) || stem.ends_with(PRE_SPLIT)
}

/// A backup with its text, which fail2ban can read.
#[derive(Debug)]
pub struct Chosen<'observed> {
    /// Its path on the host.
    pub path: String,
    /// Its bytes.
    pub bytes: &'observed [u8],
    /// What they say.
    pub document: JailLocal,
}

impl<'observed> Chosen<'observed> {
    /// The backup that is meant by a name.
    ///
    /// # Errors
    /// As [`resolve`], and a precondition's refusal if it cannot be read, by f2bctl or by fail2ban.
    pub fn named(observed: &'observed Observed, wanted: &str) -> Result<Self, Refusal> {
        let backups = observed
            .backups
            .read()
            .map_err(|reason| unreadable("the backups cannot be listed", reason))?;
        Self::at(observed, &resolve(backups, wanted)?)
    }

    /// The backup of a path.
    ///
    /// # Errors
    /// A precondition's refusal if it cannot be read, by f2bctl or by fail2ban.
    pub fn at(observed: &'observed Observed, path: &str) -> Result<Self, Refusal> {
        let bytes = texts(observed)?
            .iter()
            .find(|file| file.path == path)
            .and_then(|file| file.content.as_deref())
            .ok_or_else(|| unreadable("the backup cannot be read", path))?;
        let document = JailLocal::parse(path, bytes, &reader(observed)).map_err(|findings| {
            Refusal::precondition(format!(
                "fail2ban cannot read this backup as it looks:{}",
                cited(&findings)
            ))
            .hint("name another backup; `f2bctl backups` lists them")
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
            document,
        })
    }
}

/// The backups with their texts.
///
/// # Errors
/// A precondition's refusal if they cannot be read.
pub fn texts(observed: &Observed) -> Result<&Vec<HostFile>, Refusal> {
    let read = observed.backup_texts.read();
    read.map_err(|reason| unreadable("the backups cannot be read", reason))
}

fn unreadable(what: &str, why: &str) -> Refusal {
    Refusal::precondition(format!("{what}: {}", escaped(why))).hint(Advice::AS_ROOT)
}

/// The entries of one text's whitelist that another lacks, in their order.
pub fn missing_entries(now: &JailLocal, target: &JailLocal) -> Vec<Entry> {
    let listed = |document: &JailLocal| document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let kept = listed(target);
    let same = |entry: &Entry| {
        kept.iter().any(|other| match (entry.network(), other.network()) {
            (Some(one), Some(two)) => one == two,
            _ => entry.text == other.text,
        })
    };
    listed(now).into_iter().filter(|entry| !same(entry)).collect()
}

/// An entry with its customer.
pub fn with_customer(entry: &Entry) -> String {
    let text = escaped(&entry.text);
    match &entry.register {
        Some(line) => format!("{text} ({})", line.registration.customer),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::refusal::RefusalKind;

    #[test]
    fn a_backup_is_found_by_path_by_name_and_by_what_only_it_has() {
        let backup = |name: &str| Backup {
            path: format!("/etc/fail2ban/{name}"),
            size: 1,
            modified: 0.0,
            mode: 0o600,
        };
        let backups = [
            backup("jail.local.bak-2026-05-11-pre-split"),
            backup("jail.local.bak-2026-11-22-101500-tune"),
        ];
        let found = |wanted: &str| resolve(&backups, wanted).map(|path| file_name(&path).to_owned());
        for wanted in [
            "pre-split",
            "jail.local.bak-2026-05-11-pre-split",
            "/etc/fail2ban/jail.local.bak-2026-05-11-pre-split",
        ] {
            assert_eq!(found(wanted).expect(wanted), "jail.local.bak-2026-05-11-pre-split");
        }
        assert_eq!(found("2026").expect_err("several").kind, RefusalKind::Usage);
        assert_eq!(found("2020").expect_err("none").kind, RefusalKind::Precondition);
    }

    #[test]
    fn only_backups_of_before_the_split_are_taken_for_that() {
        for name in [
            "jail.local.bak-2026-05-11-pre-split",
            "/e/jail.local.bak-2026-05-11-101500-pre-split-2",
        ] {
            assert!(is_pre_split(name), "{name}");
        }
        for name in [
            "jail.local.bak-2026-05-11",
            "jail.local.bak-2026-05-11-pre-splitting",
            "jail.local.bak-pre-split-x",
        ] {
            assert!(!is_pre_split(name), "{name}");
        }
    }
}
