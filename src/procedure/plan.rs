//! The plan: a value that says everything that will be done, and the consent without which nothing is.

use std::collections::BTreeMap;

use serde::Serialize;
use similar::TextDiff;

use crate::document::{self, Effect, Unbanned, Warning};
use crate::model::known::Known;
use crate::model::observed::{Attributes, Fingerprint, Jail, TemporaryEntry};

use super::draft::{FileDraft, ServerMove, UnbanWish, is_read_by_fail2ban};
use super::status::texts;
use super::step::{RuntimeEntry, Step};

/// What the host was like when the plan was made; the transaction compares it under the lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// Hashes of the configuration.
    pub files: Fingerprint,
    /// The running jails' digest; absent if fail2ban is down.
    pub digest: Option<String>,
    /// The register of temporary entries; absent if it could not be read.
    pub temporary: Option<Vec<TemporaryEntry>>,
}

/// The register of temporary entries before and after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RegisterMove {
    /// As it was observed.
    pub before: Vec<TemporaryEntry>,
    /// As it shall be, the earliest end first.
    pub after: Vec<TemporaryEntry>,
}

/// Everything that an approval would run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The command that it belongs to.
    pub command: String,
    /// What will be done, in order.
    pub steps: Vec<Step>,
    /// New content of files.
    pub files: Vec<FileDraft>,
    /// The label of the backup of jail.local, if one is made.
    pub backup: Option<String>,
    /// What happens to the running server.
    pub server: ServerMove,
    /// Jails that are restarted after the reload, because their actions change.
    pub restart: Vec<String>,
    /// Runtime values that are set, or set again after the reload.
    pub runtime: Vec<RuntimeEntry>,
    /// The register of temporary entries, if it changes.
    pub temporary: Option<RegisterMove>,
    /// Bans to lift.
    pub unban: Vec<UnbanWish>,
    /// Banned addresses that will be lifted, with their jails, as far as they are banned now.
    pub lifting: BTreeMap<String, Vec<String>>,
    /// What was named for an unban and is not banned.
    pub not_banned: Vec<String>,
    /// What changes in the running jails.
    pub effect: Vec<Effect>,
    /// The part of the effect that the procedure does not mean: another hand's unreloaded edits.
    pub drift: Vec<Effect>,
    /// For each jail that starts new, whom it would ban at once; unknown where that cannot be told.
    pub banned_at_once: BTreeMap<String, Known<Vec<String>>>,
    /// Why the host keeps this only if the operator logs in again, if it is so.
    pub sign_of_life: Option<String>,
    /// The jails that have to run afterwards, with values and actions; absent if the server has no part in it.
    pub expected: Option<BTreeMap<String, Jail>>,
    /// What the host was like when the plan was made.
    pub made_on: Expectation,
    /// What has to be said.
    pub warnings: Vec<Warning>,
    /// Owner and mode of files that do not exist now, by path.
    pub attributes: BTreeMap<String, Attributes>,
    /// The change that this one undoes.
    pub undoes: Option<String>,
    /// Whether an operator at a terminal has to type the host's name besides agreeing.
    pub name_to_type: bool,
}

impl Plan {
    /// Whether the host is already as it should be.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.backup.is_none()
            && self.server == ServerMove::None
            && self.unban.is_empty()
            && self.runtime.is_empty()
            && self.temporary.is_none()
    }

    /// The plan as it is shown.
    pub fn shown(&self) -> document::Plan {
        let sentences = |effects: &[Effect]| texts(effects.iter().map(Effect::sentence));
        document::Plan {
            steps: self.steps.iter().map(Step::shown).collect(),
            diff: self.diff().into(),
            effect: self.effect.clone(),
            drift: self.drift.clone(),
            restart: texts(self.restart.iter().cloned()),
            temporary: self.temporary.as_ref().map(|moved| moved.after.clone()),
            banned_at_once: self.banned_at_once.clone(),
            unbans: self.unbans(),
            effect_text: sentences(&self.effect),
            drift_text: sentences(&self.drift),
        }
    }

    /// Who is banned now and would be unbanned.
    pub fn unbans(&self) -> Vec<Unbanned> {
        let lifting = self.lifting.iter();
        lifting
            .map(|(ip, jails)| Unbanned {
                ip: ip.as_str().into(),
                jails: texts(jails.iter().cloned()),
            })
            .collect()
    }

    /// The unified difference of all files that fail2ban reads; the steps name the others.
    pub fn diff(&self) -> String {
        let read = self.files.iter().filter(|file| is_read_by_fail2ban(&file.path));
        let texts = read.map(|file| {
            let before = lossy(file.before.as_deref());
            let after = lossy(file.after.as_deref());
            let name = |present: bool, side: &str| match present {
                true => format!("{side}/{}", file.path),
                false => "/dev/null".to_owned(),
            };
            TextDiff::from_lines(before.as_str(), after.as_str())
                .unified_diff()
                .context_radius(3)
                .header(&name(file.before.is_some(), "a"), &name(file.after.is_some(), "b"))
                .to_string()
        });
        texts.collect()
    }

    /// Gives the plan free to be run. The plan moves into the approval, so that consent to one cannot run another.
    pub fn approve(self, consent: Consent) -> Approved {
        Approved { plan: self, consent }
    }
}

fn lossy(bytes: Option<&[u8]>) -> String {
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

/// How an operator agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// With `--yes`.
    Flag,
    /// At a terminal, having been shown the plan.
    Terminal,
}

/// A plan that somebody approved; the engine runs nothing else.
#[must_use]
#[derive(Debug, Clone)]
pub struct Approved {
    plan: Plan,
    consent: Consent,
}

impl Approved {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How it was approved.
    pub fn consent(&self) -> Consent {
        self.consent
    }
}
