//! Back up jail.local under a name that says when and what for (runbook, File layout).

use crate::model::observed::Observed;
use crate::planning::draft::Draft;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::jail_local_bytes;
use crate::planning::refusal::Refusal;

/// The request: a label, if any.
#[derive(Debug, Clone, Default)]
pub struct Backup {
    /// `--label`: `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 40 characters.
    pub label: Option<String>,
}

/// The longest label, so that the name stays readable in a listing.
const LONGEST_LABEL: usize = 40;

impl Backup {
    fn checked_label(&self) -> Result<String, Refusal> {
        let label = self.label.clone().unwrap_or_else(|| "manual".to_owned());
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let begins = label.chars().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if begins && label.chars().all(plain) && label.len() <= LONGEST_LABEL {
            return Ok(label);
        }
        Err(Refusal::usage(format!(
            "the label {label:?} cannot be part of a file name here"
        ))
        .hint(format!(
            "use letters, digits, dots, dashes and underscores, at most {LONGEST_LABEL}, beginning with a letter or digit"
        )))
    }
}

impl Procedure for Backup {
    fn command(&self) -> &'static str {
        "backup"
    }

    /// It only adds a file that fail2ban does not read.
    fn rehearses(&self) -> bool {
        false
    }

    /// Nothing that anybody relies on is changed by one more copy.
    fn needs_approval(&self) -> bool {
        false
    }

    fn draft(&self, observed: &Observed, _guard: &Guard) -> Result<Draft, Refusal> {
        let label = self.checked_label()?;
        jail_local_bytes(observed)?;
        Ok(Draft {
            backup: Some(label),
            ..Draft::default()
        })
    }
}
