//! What came of a change on one host.

use crate::document::{self, Change, Document, Failure, Outcome, ProofRow, Report, Warning};
use crate::model::host_name::HostName;
use crate::model::operation::{Made, Step, Unbanned};
use crate::model::text::{Text, texts};
use crate::planning::plan::Plan;

/// A change on one host, from its plan to its proof, as far as it came.
#[derive(Debug, Clone)]
pub struct ChangeReport {
    /// The command.
    pub command: String,
    /// The host.
    pub host: HostName,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the host is other than before.
    pub changed: bool,
    /// The plan, if it came to one.
    pub plan: Option<Plan>,
    /// The backup that was made, a path on the host.
    pub backup: Option<String>,
    /// The change's identifier in the journal and the audit log.
    pub change_id: Option<String>,
    /// Bans that were lifted (or, in a dry run, that would be).
    pub unbanned: Vec<Unbanned>,
    /// What was named for an unban and is not banned.
    pub not_banned: Vec<String>,
    /// What the running server answered afterwards.
    pub proof: Vec<ProofRow>,
    /// Who will end the temporary entries on the host: `systemd` or `process`; absent where there are none.
    pub ender: Option<String>,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl ChangeReport {
    /// A report on which nothing has happened yet.
    pub fn begun(command: &str, host: HostName) -> Self {
        Self {
            command: command.to_owned(),
            host,
            outcome: Outcome::Unchanged,
            changed: false,
            plan: None,
            backup: None,
            change_id: None,
            unbanned: Vec::new(),
            not_banned: Vec::new(),
            proof: Vec::new(),
            ender: None,
            warnings: Vec::new(),
            failure: None,
        }
    }

    /// The same report, failed.
    #[must_use]
    pub fn failed(mut self, failure: Failure) -> Self {
        self.outcome = failure.kind.into();
        self.failure = Some(failure);
        self
    }

    /// What the operator gets to see of it.
    pub fn document(&self) -> Document {
        let change = Change {
            plan: self.plan.as_ref().map(Plan::shown),
            done: self.done().into_iter().map(document::Step::from).collect(),
            backup: self.backup.clone().map(Text::from),
            change_id: self.change_id.clone().map(Text::from),
            unbanned: self.unbanned.clone(),
            not_banned: texts(self.not_banned.iter().cloned()),
            proof: self.proof.clone(),
            ender: self.ender.clone().map(Text::from),
        };
        Document {
            outcome: self.outcome,
            changed: self.changed,
            error: self.failure.clone(),
            exit_code: self.exit_code(),
            ..Document::report(
                &self.command,
                Some(&self.host),
                Report::from(change).warned(self.warnings.clone()),
            )
        }
    }

    /// What was done, in sentences; empty unless it ended well.
    pub fn done(&self) -> Vec<Step> {
        let made = Made {
            backup: self.backup.clone(),
            unbanned: self.unbanned.clone(),
            unbanned_count: None,
        };
        let plan = self.plan.as_ref().filter(|_| self.outcome == Outcome::Changed);
        plan.map(|plan| plan.done(&made)).unwrap_or_default()
    }

    /// The exit code of this host's part.
    pub fn exit_code(&self) -> u8 {
        self.failure.as_ref().map_or(0, |failure| failure.kind.exit_code())
    }
}
