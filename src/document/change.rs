//! What every change answers: its plan, what came of it, and the proof.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::known::Known;
use crate::model::observed::TemporaryEntry;
use crate::model::operation::{self, Operation, Unbanned};
use crate::model::text::{Prose, Text};

/// A change, as far as it came.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Change {
    /// The plan; null where it did not come to one.
    pub plan: Option<Plan>,
    /// What was done, in sentences; empty unless it ended well.
    pub done: Vec<Step>,
    /// The backup that was made, a path on the host; null where no file changed.
    pub backup: Option<Text>,
    /// Its identifier in the journal and the audit log.
    pub change_id: Option<Text>,
    /// Bans that were lifted (or, in a dry run, that would be).
    pub unbanned: Vec<Unbanned>,
    /// What was named for an unban and is not banned.
    pub not_banned: Vec<Text>,
    /// What the running server answers afterwards, a row a jail.
    pub proof: Vec<ProofRow>,
    /// Who ends temporary entries on the host: `systemd` or `process`; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ender: Option<Text>,
}

/// A plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Plan {
    /// What will be done, in order, in sentences.
    pub steps: Vec<Step>,
    /// The same as it is approved, sent to the host and kept in its journal.
    pub operations: Vec<Operation>,
    /// What the host does if it fails or is not confirmed, in the order in which it does it.
    pub undo: Vec<Text>,
    /// The unified difference of the files that fail2ban reads.
    pub diff: Prose,
    /// What changes in the running jails.
    pub effect: Vec<Effect>,
    /// The part of it that was edited outside f2bctl and not reloaded.
    pub drift: Vec<Effect>,
    /// The jails that are restarted because their actions change.
    pub restart: Vec<Text>,
    /// The register of temporary entries afterwards; null where it does not change.
    pub temporary: Option<Vec<TemporaryEntry>>,
    /// Whom a jail that starts new would ban from its log, by jail.
    pub banned_at_once: BTreeMap<String, Known<Vec<String>>>,
    /// What the firewall blocks although no jail lists it, and would no longer.
    pub unblocked: Vec<Blocked>,
    /// Who is banned now and would be unbanned.
    pub unbans: Vec<Unbanned>,
    /// `effect` in sentences.
    pub effect_text: Vec<Text>,
    /// `drift` in sentences.
    pub drift_text: Vec<Text>,
    /// Of a plan that changes nothing: what is so already; absent where there is nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub already: Vec<Text>,
}

/// One step of a plan, or of what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// A stable word, e.g. `backup`, `add`, `reload`, `unban`.
    pub action: &'static str,
    /// A full sentence.
    pub summary: Text,
}

impl From<operation::Step> for Step {
    fn from(step: operation::Step) -> Self {
        Self {
            action: step.action,
            summary: step.summary.into(),
        }
    }
}

/// One value of one jail that a change moves.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Effect {
    /// The jail.
    pub jail: String,
    /// What of it: a `get` key such as `maxretry` or `ignoreip`, `actions`, an `action NAME PROPERTY`, or `jail` itself.
    pub key: String,
    /// The value in the running server; null if there is none.
    pub before: Value,
    /// The value in the rehearsal's server; null if there is none.
    pub after: Value,
}

/// An address that the firewall blocks although no jail lists it as banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocked {
    /// The address.
    pub ip: Text,
    /// The chains and sets that hold it.
    pub chains: Vec<Text>,
}

impl Blocked {
    /// An address with what holds it.
    pub fn of<'chain>(ip: &str, chains: impl IntoIterator<Item = &'chain String>) -> Self {
        Self {
            ip: ip.into(),
            chains: chains.into_iter().map(|chain| chain.as_str().into()).collect(),
        }
    }
}

/// What the running server answered about one jail after the change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProofRow {
    /// The jail.
    pub jail: Text,
    /// Whether everything is as planned.
    pub ok: bool,
    /// What is not.
    #[serde(default)]
    pub problems: Vec<Text>,
    /// The whitelist in force.
    #[serde(default)]
    pub ignoreip: Vec<Text>,
    /// Failures before a ban.
    #[serde(default)]
    pub maxretry: Option<i64>,
    /// The window that failures are counted in, seconds.
    #[serde(default)]
    pub findtime: Option<i64>,
    /// How long a ban lasts, seconds; -1 is for ever.
    #[serde(default)]
    pub bantime: Option<i64>,
    /// Who is banned.
    #[serde(default)]
    pub banned: Vec<Text>,
    /// The jail's actions.
    #[serde(default)]
    pub actions: Vec<Text>,
    /// The files that the jail reads.
    #[serde(default)]
    pub log_files: Vec<Text>,
}
