//! Put jail.local back to a backup (runbook, File layout: "Pre-change backups").

use crate::model::comment_text::escaped;
use crate::model::jail_local::{JailLocal, cited};
use crate::model::observed::{HostFile, Observed, Part};
use crate::model::operation::{Edit, ReplaceFile};

use super::Procedure;
use super::backup_name::{file_name, resolve};
use super::draft::{Draft, ServerMove};
use super::effect::Intent;
use super::guard::Guard;
use super::reading::{JAIL_LOCAL, jail_local_bytes, reader};
use super::refusal::Refusal;
use super::reload::server_move;
use crate::document::{Advice, Warning, WarningCode};

/// The request.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The backup: its path, its name, or a part of the name that only one has.
    pub backup: String,
}

impl Procedure for Restore {
    fn command(&self) -> &'static str {
        "restore"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Backups, Part::BackupTexts]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let chosen = Chosen::named(observed, &self.backup)?;
        let now = jail_local_bytes(observed)?;
        if now == chosen.bytes {
            return Ok(Draft::default());
        }
        let moved = server_move(observed, guard)?;
        let meaning = vec![Edit::Restore {
            backup: file_name(&chosen.path).to_owned(),
        }];
        Ok(Draft {
            files: vec![ReplaceFile {
                path: JAIL_LOCAL.to_owned(),
                before: Some(now.to_vec()),
                after: Some(chosen.bytes.to_vec()),
                meaning,
                ..ReplaceFile::default()
            }],
            backup: Some("restore".to_owned()),
            server: moved,
            intent: wholesale(moved),
            warnings: dropped_customers(observed, &chosen.document),
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec![format!("jail.local is already the same as {}.", escaped(&self.backup))]
    }
}

/// The intent of a change that replaces files as a whole.
pub fn wholesale(moved: ServerMove) -> Intent {
    Intent {
        everything: moved == ServerMove::Start,
        wholesale: true,
        ..Intent::default()
    }
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

/// Who is on the whitelist of jail.local and not on that of another text of it.
fn dropped_customers(observed: &Observed, target: &JailLocal) -> Vec<Warning> {
    let Ok(now) = super::reading::jail_local(observed) else {
        return Vec::new();
    };
    let missing = missing_entries(&now, target);
    missing
        .iter()
        .map(|entry| {
            let message = format!("{} is no longer whitelisted afterwards.", told(entry));
            Warning::new(WarningCode::CustomerDropped, message)
        })
        .collect()
}

/// The entries of one text's whitelist that another lacks, in their order.
pub fn missing_entries(now: &JailLocal, target: &JailLocal) -> Vec<crate::model::jail_local::Entry> {
    let listed = |document: &JailLocal| document.ignoreip().map(|list| list.entries).unwrap_or_default();
    let kept = listed(target);
    let same = |entry: &crate::model::jail_local::Entry| {
        kept.iter().any(|other| match (entry.network(), other.network()) {
            (Some(one), Some(two)) => one == two,
            _ => entry.text == other.text,
        })
    };
    listed(now).into_iter().filter(|entry| !same(entry)).collect()
}

/// An entry with its customer.
pub fn told(entry: &crate::model::jail_local::Entry) -> String {
    let text = escaped(&entry.text);
    match &entry.register {
        Some(line) => format!("{text} ({})", line.registration.customer),
        None => text,
    }
}
