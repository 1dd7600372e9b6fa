//! The plan: a value that says everything that will be done, and the consent without which nothing is.

use std::collections::BTreeMap;

use serde::Serialize;
use similar::TextDiff;

use crate::document::{self, Blocked, Effect, Warning};
use crate::model::known::Known;
use crate::model::observed::Jail;
use crate::model::operation::{
    Expectation, LiftBans, Made, Operation, RegisterTemporary, ReplaceFile, Step, Unbanned, is_read_by_fail2ban,
};
use crate::model::text::texts;

/// Everything that an approval would run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The command that it belongs to.
    pub command: String,
    /// What is done, in order. This very value is shown, approved, sent to the host and kept in its journal.
    pub operations: Vec<Operation>,
    /// What was named for an unban and is not banned.
    pub not_banned: Vec<String>,
    /// What changes in the running jails.
    pub effect: Vec<Effect>,
    /// The part of the effect that the procedure does not mean: external edits that were not reloaded.
    pub drift: Vec<Effect>,
    /// For each jail that starts new, which addresses it would ban at once; unknown with the reason.
    pub banned_at_once: BTreeMap<String, Known<Vec<String>>>,
    /// The jails that have to run afterwards, with values and actions; absent if the server has no part in it.
    pub expected: Option<BTreeMap<String, Jail>>,
    /// What the host was like when the plan was made.
    pub made_on: Expectation,
    /// What the operator has to know.
    pub warnings: Vec<Warning>,
    /// Of a plan that changes nothing: what is so already.
    pub already: Vec<String>,
    /// The change that this one undoes.
    pub undoes: Option<String>,
    /// Whether an operator at a terminal has to type the host's name besides agreeing.
    pub name_to_type: bool,
}

impl Plan {
    /// Whether the host is already as it should be.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// What will be done, in sentences.
    pub fn steps(&self) -> Vec<Step> {
        self.operations.iter().flat_map(Operation::steps).collect()
    }

    /// What the host does if it fails or is not confirmed: a clause for each kind of undo, in the order in which they
    /// run.
    pub fn undo(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        for clause in self.operations.iter().filter_map(Operation::undo) {
            if !found.contains(&clause) {
                found.push(clause);
            }
        }
        found
    }

    /// What was done, in sentences, when it has ended well.
    pub fn done(&self, made: &Made) -> Vec<Step> {
        let operations = self.operations.iter();
        operations.flat_map(|operation| operation.done(made)).collect()
    }

    /// What will be done in one line, for the history.
    pub fn summary(&self) -> String {
        let own = self.operations.iter().filter(|operation| !operation.goes_along());
        let sentences: Vec<String> = own.flat_map(Operation::steps).map(|step| step.summary).collect();
        match sentences.is_empty() {
            true => self.steps().into_iter().take(1).map(|step| step.summary).collect(),
            false => sentences.join(" "),
        }
    }

    /// What was done when it has ended well, for the records: sentences that do not hang on what the host makes, which
    /// the host's record has itself.
    pub fn done_for_the_record(&self) -> Vec<String> {
        let nothing_else = self.operations.iter().all(Operation::goes_along);
        let made = Made::default();
        let operations = self.operations.iter();
        operations
            .filter(|operation| nothing_else || !operation.goes_along())
            .flat_map(|operation| operation.done(&made))
            .map(|step| step.summary)
            .collect()
    }

    /// The files that it replaces.
    pub fn files(&self) -> impl Iterator<Item = &ReplaceFile> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::ReplaceFile(file) => Some(file),
            _ => None,
        })
    }

    /// Jails that are restarted after the reload.
    pub fn restarts(&self) -> Vec<&str> {
        let restarted = self.operations.iter().filter_map(|operation| match operation {
            Operation::Restart { jail, .. } => Some(jail.as_str()),
            _ => None,
        });
        restarted.collect()
    }

    /// The register of temporary entries, if it changes.
    pub fn register(&self) -> Option<&RegisterTemporary> {
        self.operations.iter().find_map(|operation| match operation {
            Operation::RegisterTemporary(register) => Some(register),
            _ => None,
        })
    }

    /// The bans that it lifts, if it does.
    pub fn lifted(&self) -> Option<&LiftBans> {
        self.operations.iter().find_map(|operation| match operation {
            Operation::LiftBans(lifted) => Some(lifted),
            _ => None,
        })
    }

    /// How long the host waits for a new login without which it does not keep the change, seconds; absent if it keeps
    /// it.
    pub fn confirmation_seconds(&self) -> Option<u64> {
        self.operations.iter().find_map(|operation| match operation {
            Operation::Confirm { seconds, .. } => Some(*seconds),
            _ => None,
        })
    }

    /// The plan as it is shown.
    pub fn shown(&self) -> document::Plan {
        let sentences = |effects: &[Effect]| texts(effects.iter().map(Effect::sentence));
        document::Plan {
            steps: self.steps().into_iter().map(document::Step::from).collect(),
            operations: self.operations.clone(),
            undo: texts(self.undo()),
            diff: self.diff().into(),
            effect: self.effect.clone(),
            drift: self.drift.clone(),
            restart: texts(self.restarts()),
            temporary: self.register().map(|register| register.after.clone()),
            banned_at_once: self.banned_at_once.clone(),
            unblocked: self.unblocked(),
            unbans: self.unbans(),
            effect_text: sentences(&self.effect),
            drift_text: sentences(&self.drift),
            already: texts(self.already.iter().cloned()),
        }
    }

    /// Who is banned now and would be unbanned, with the jails alone.
    fn unbans(&self) -> Vec<Unbanned> {
        let banned = self.lifted().into_iter().flat_map(|lifted| &lifted.banned);
        let held = banned.filter(|ban| !ban.jails.is_empty());
        held.map(|ban| Unbanned {
            chains: Vec::new(),
            ..ban.clone()
        })
        .collect()
    }

    /// What the firewall would no longer block although no jail lists it.
    fn unblocked(&self) -> Vec<Blocked> {
        let banned = self.lifted().into_iter().flat_map(|lifted| &lifted.banned);
        let held = banned.filter(|ban| !ban.chains.is_empty());
        held.map(|ban| Blocked::of(&ban.ip, &ban.chains)).collect()
    }

    /// The unified difference of all files that fail2ban reads; the steps name the others.
    pub fn diff(&self) -> String {
        let read = self.files().filter(|file| is_read_by_fail2ban(&file.path));
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
    /// By typing the command at a terminal: it needs no more (see `Procedure::needs_approval`).
    NotNeeded,
}

/// A plan that someone approved; the engine runs nothing else.
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
