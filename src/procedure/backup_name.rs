//! Which backup an operator means, by its name.

use crate::model::observed::Backup;

use super::refusal::Refusal;

/// What the pre-split backup's name ends with (runbook, Rollback).
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::RefusalKind;

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
            backup("jail.local.bak-2026-11-22-101500-onboard"),
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
