//! Remove old backups of jail.local, but never the last one of before the split, which the runbook's rollback needs.
//!
//! They go into the journal of the change, so that an undo brings them back.

use crate::document::Advice;
use std::collections::BTreeSet;

use crate::model::comment_text::escaped;
use crate::model::observed::{Backup, Observed, Part};
use crate::model::operation::{Edit, ReplaceFile};
use crate::model::timespan::Timespan;
use crate::planning::backups::{file_name, is_pre_split, texts};
use crate::planning::draft::Draft;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::refusal::Refusal;

/// The request: what is kept.
#[derive(Debug, Clone, Copy)]
pub struct Prune {
    /// `--keep`: how many of the newest are kept whatever their age.
    pub keep: usize,
    /// `--older-than`: only those that are older go.
    pub older_than: Option<Timespan>,
}

impl Prune {
    /// How many backups are kept by default.
    pub const KEPT: usize = 20;

    /// The backups that go, oldest first. `backups` are in the order of their age, oldest first.
    fn superfluous<'host>(&self, backups: &'host [Backup], now: f64) -> Vec<&'host Backup> {
        let newest: BTreeSet<&str> = backups
            .iter()
            .rev()
            .take(self.keep)
            .map(|backup| backup.path.as_str())
            .collect();
        let needed = backups.iter().rev().find(|backup| is_pre_split(&backup.path));
        let old = |backup: &&Backup| {
            self.older_than
                .is_none_or(|span| now - backup.modified > span.seconds() as f64)
        };
        backups
            .iter()
            .filter(|backup| !newest.contains(backup.path.as_str()))
            .filter(|backup| needed.is_none_or(|needed| needed.path != backup.path))
            .filter(old)
            .collect()
    }
}

impl Procedure for Prune {
    fn command(&self) -> &'static str {
        "backups prune"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Backups, Part::BackupTexts]
    }

    /// It only removes files that fail2ban does not read.
    fn rehearses(&self) -> bool {
        false
    }

    fn draft(&self, observed: &Observed, _guard: &Guard) -> Result<Draft, Refusal> {
        let backups = observed.backups.read().map_err(|reason| {
            Refusal::precondition(format!("the backups cannot be listed: {}", escaped(reason))).hint(Advice::AS_ROOT)
        })?;
        let texts = texts(observed)?;
        let mut draft = Draft::default();
        for backup in self.superfluous(backups, observed.clock.now) {
            let bytes = texts
                .iter()
                .find(|file| file.path == backup.path)
                .and_then(|file| file.content.clone());
            let name = file_name(&backup.path);
            draft.files.push(ReplaceFile {
                path: name.to_owned(),
                before: bytes,
                meaning: vec![Edit::Prune {
                    backup: name.to_owned(),
                }],
                ..ReplaceFile::default()
            });
        }
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups(names: &[&str]) -> Vec<Backup> {
        let backup = |(age, name): (usize, &&str)| Backup {
            path: format!("/e/jail.local.bak-{name}"),
            size: 1,
            modified: age as f64 * 100.0,
            mode: 0o600,
        };
        names.iter().enumerate().map(backup).collect()
    }

    fn gone(prune: Prune, names: &[&str]) -> Vec<String> {
        let backups = backups(names);
        let names = prune.superfluous(&backups, 1000.0).into_iter();
        names
            .map(|backup| backup.path.replace("/e/jail.local.bak-", ""))
            .collect()
    }

    #[test]
    fn the_newest_stay_and_so_does_the_last_of_before_the_split() {
        let prune = Prune {
            keep: 1,
            older_than: None,
        };
        let names = ["1-pre-split", "2-pre-split", "3-onboard", "4-tune"];
        assert_eq!(gone(prune, &names), ["1-pre-split", "3-onboard"]);
    }

    #[test]
    fn only_what_is_old_enough_goes() {
        let prune = Prune {
            keep: 0,
            older_than: Timespan::parse("850s").ok(),
        };
        assert_eq!(gone(prune, &["1-a", "2-b", "3-c"]), ["1-a", "2-b"]);
    }
}
