//! One procedure on one host, from the first look to the proof. There is no other way to a change.

use crate::document::{Failure, FailureKind, Outcome, Warning, WarningCode};
use crate::remote::agent::{AgentEvent, AgentStep, ApplyArguments, LinkError, Prefetch};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use crate::audit::{Ended, LocalLog, Record, customers};
use crate::model::observed::{Observed, Part, Rehearsal};
use crate::model::operation::{ReplaceFile, Unbanned, is_read_by_fail2ban};
use crate::planning::draft::Draft;
use crate::planning::drift::consent_to_drift;
use crate::planning::foreign_lock::foreign_lock;
use crate::planning::plan::{Approved, Consent, Plan};
use crate::planning::plan_builder::{Rehearsals, assemble};
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::server_move::ServerMove;
use crate::remote::ssh::Prompt;

use super::approver::{Approver, Recovery};
use super::confirmation::Confirmer;
use super::connection::Connection;
use super::event::{Event, Events};
use super::follow_up::{LostChange, follow_up};
use super::interrupted;
use super::report::ChangeReport;
use super::target::Target;
use super::transaction::{self, LOCK_SECONDS};

/// What a procedure is planned on.
const PLANNED_ON: [Part; 6] = [
    Part::Files,
    Part::JailLocal,
    Part::Server,
    Part::Changes,
    Part::Lock,
    Part::Temporary,
];

/// How far a run may go without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `--dry-run`: to the plan and no further.
    DryRun,
    /// `--yes`: every question is answered by the flags.
    Yes,
    /// A person is asked.
    Ask,
}

/// Everything around a procedure that is not the procedure.
pub struct Context<'run> {
    /// Where.
    pub target: &'run Target,
    /// How far it may go without asking.
    pub mode: Mode,
    /// The guard-rails.
    pub guard: Guard,
    /// What the records say of the operator and the command.
    pub record: Record,
    /// The operator's local audit log.
    pub local_log: LocalLog,
    /// Who answers questions while logging in.
    pub prompt: Arc<dyn Prompt>,
}

impl Context<'_> {
    /// The operator's local audit log at its usual place below the state directory.
    pub fn usual_local_log(state_home: &Path) -> LocalLog {
        LocalLog::at(&state_home.join("f2bctl").join("audit.jsonl"))
    }
}

/// Runs a procedure over a connection of its own; what happens goes to `events`, and what has to be asked to the `approver`.
pub async fn run(
    procedure: &dyn Procedure,
    context: Context<'_>,
    events: &Events,
    approver: &dyn Approver,
) -> ChangeReport {
    let prefetch = first_look(procedure, context.mode);
    match Connection::open_looking(context.target, Arc::clone(&context.prompt), prefetch).await {
        Ok(mut connection) => {
            events.emit(&Event::LoggedIn);
            let report = run_over(&mut connection, procedure, context, events, approver).await;
            connection.close().await;
            report
        }
        Err(failure) => {
            let report = ChangeReport::begun(procedure.command(), context.target.name.clone());
            refuse_unreached(report, failure, &context)
        }
    }
}

/// The same over a connection that is there, which may serve a follower as well and stays open.
pub async fn run_over(
    connection: &mut Connection,
    procedure: &dyn Procedure,
    mut context: Context<'_>,
    events: &Events,
    approver: &dyn Approver,
) -> ChangeReport {
    context.record.key = connection.key();
    context.record.host_key = Some(connection.host_key().to_owned());
    let mut run = Run {
        report: ChangeReport::begun(procedure.command(), context.target.name.clone()),
        procedure,
        context,
        events,
        approver,
    };
    let exposed = run.context.local_log.exposed();
    run.report
        .warnings
        .extend(exposed.map(|message| Warning::new(WarningCode::LocalTrail, message)));
    match run.look(connection).await {
        Ok(observed) => run.go(connection, observed).await,
        // It refuses, since another holds the lock for one, and can write that down.
        Err(LinkError::Agent(refusal)) => {
            let failure = Failure::of_agent(refusal, run.host());
            run.refuse(connection, failure).await
        }
        Err(error) => {
            let failure = connection.explain(error).await;
            refuse_unreached(run.report, failure, &run.context)
        }
    }
}

/// A host that could not be asked has no audit log to write to; the operator's own has the attempt.
fn refuse_unreached(mut report: ChangeReport, failure: Failure, context: &Context<'_>) -> ChangeReport {
    if context.mode != Mode::DryRun {
        let outcome = json!(Outcome::from(failure.kind));
        let attempt = context
            .record
            .attempt(outcome.as_str().unwrap_or("error"), &failure.message);
        note_unwritten(&mut report, context.local_log.append(&attempt).err());
    }
    report.failed(failure)
}

fn note_unwritten(report: &mut ChangeReport, error: Option<impl std::fmt::Display>) {
    if let Some(error) = error {
        report
            .warnings
            .push(Warning::new(WarningCode::LocalTrail, format!("{error}.")));
    }
}

struct Run<'run> {
    procedure: &'run dyn Procedure,
    context: Context<'run>,
    events: &'run Events,
    approver: &'run dyn Approver,
    report: ChangeReport,
}

impl Run<'_> {
    /// The first look, and each one after a recovery.
    async fn look(&mut self, connection: &mut Connection) -> Result<Observed, LinkError> {
        let prefetch = first_look(self.procedure, self.context.mode);
        let mut tell = |event: AgentEvent| self.events.emit(&Event::from(&event));
        let observed = connection.host.look(&prefetch, &mut tell).await?;
        self.events.emit(&Event::Observed(&observed));
        Ok(observed)
    }

    async fn go(mut self, connection: &mut Connection, observed: Observed) -> ChangeReport {
        match self.planned(connection, observed).await {
            Ok(Some(plan)) => self.decide(connection, plan).await,
            Ok(None) => self.report,
            Err(failure) => self.refuse(connection, failure).await,
        }
    }

    /// The plan, or none if there is nothing to do.
    async fn planned(&mut self, connection: &mut Connection, observed: Observed) -> Result<Option<Plan>, Failure> {
        let mut observed = self.recovered(connection, observed).await?;
        observed.operator.asks_a_person = connection.asks_a_person();
        self.report.warnings.extend(foreign_lock(&observed));
        let running = running_names(&observed);
        if self.procedure.reads_the_disk(&observed) {
            observed.on_disk = Some(self.rehearse(connection, &[], &running).await?);
        }
        let mut draft = self.procedure.draft(&observed, &self.context.guard)?;
        let mut rehearsed = None;
        let mut disk = None;
        if needs_rehearsal(&draft) {
            let rehearsal = self.rehearse(connection, &draft.files, &running).await?;
            self.procedure.judge(&mut draft, &observed, &rehearsal)?;
            rehearsed = Some(rehearsal);
            if draft.intent.wholesale {
                disk = Some(self.rehearse(connection, &[], &running).await?);
            }
        }
        let rehearsals = Rehearsals {
            draft: rehearsed.as_ref(),
            disk: disk.as_ref(),
        };
        let mut plan = assemble(
            self.procedure.command(),
            draft,
            &observed,
            rehearsals,
            &self.context.guard,
        )?;
        self.report.warnings.extend(plan.warnings.iter().cloned());
        self.report.not_banned = plan.not_banned.clone();
        let idle = plan.is_empty();
        if idle {
            plan.already = self.procedure.already(&observed);
        }
        self.report.plan = Some(plan.clone());
        Ok((!idle).then_some(plan))
    }

    async fn rehearse(
        &mut self,
        connection: &mut Connection,
        files: &[ReplaceFile],
        running: &[String],
    ) -> Result<Rehearsal, Failure> {
        let mut tell = |event: AgentEvent| self.events.emit(&Event::from(&event));
        connection
            .host
            .rehearse(files, running, &mut tell)
            .await
            .map_err(|error| Failure::while_reading(error, self.host()))
    }

    /// The host's name.
    fn host(&self) -> &str {
        &self.context.target.name.name
    }

    /// Recovers what an interrupted run has left, first of all.
    async fn recovered(&mut self, connection: &mut Connection, observed: Observed) -> Result<Observed, Failure> {
        let open = interrupted::open_changes(&observed)?;
        if open.is_empty() {
            return Ok(observed);
        }
        if self.context.mode == Mode::DryRun {
            self.report.warnings.extend(open.iter().map(interrupted::warning));
            return Ok(observed);
        }
        for change in &open {
            let how = match self.context.mode {
                Mode::Yes => Recovery::Undo,
                _ => self
                    .approver
                    .recover(change)
                    .ok_or_else(|| interrupted::not_recovered(change))?,
            };
            let confirmer = Confirmer::new(self.context.target, Arc::clone(&self.context.prompt), &change.id);
            let record = &self.context.record;
            let recovered_by = json!({"operator": record.operator, "command": record.command, "key": record.key});
            let warning = interrupted::recover(connection, change, how, recovered_by, &confirmer, self.events).await?;
            self.report.warnings.push(warning);
        }
        let looked = self.look(connection).await;
        looked.map_err(|error| Failure::while_reading(error, self.host()))
    }

    /// Dry run, consent, approval, application.
    async fn decide(mut self, connection: &mut Connection, plan: Plan) -> ChangeReport {
        if self.context.mode == Mode::DryRun {
            self.report.outcome = Outcome::Planned;
            self.report.unbanned = planned_unbans(&plan);
            return self.report;
        }
        self.events.emit(&Event::Planned(&plan));
        match self.approved(plan) {
            Ok(Some(approved)) => self.apply(connection, approved).await,
            Ok(None) => {
                let has_recovered = |warning: &Warning| warning.code == WarningCode::InterruptedChangeSettled;
                let message = match self.report.warnings.iter().any(has_recovered) {
                    true => "not approved; nothing more was changed",
                    false => "not approved; nothing was changed",
                };
                let failure = Failure::new(FailureKind::Interrupted, message);
                self.refuse(connection, failure).await
            }
            Err(failure) => self.refuse(connection, failure).await,
        }
    }

    /// The approval of this very plan.
    fn approved(&mut self, plan: Plan) -> Result<Option<Approved>, Failure> {
        if self.context.mode == Mode::Yes {
            consent_to_drift(&plan, &self.context.guard)?;
            return Ok(Some(plan.approve(Consent::Flag)));
        }
        if self.context.prompt.has_person() && !self.procedure.needs_approval() {
            return Ok(Some(plan.approve(Consent::NotNeeded)));
        }
        let mut agreed = self.approver.approve(&plan);
        if agreed == Some(true) && plan.name_to_type {
            agreed = self.approver.type_host_name(&self.context.target.name.name);
        }
        match agreed {
            Some(true) => Ok(Some(plan.approve(Consent::Terminal))),
            Some(false) => Ok(None),
            None => Err(Failure::new(
                FailureKind::Usage,
                "this change needs an approval and there is no terminal to ask on; nothing was changed",
            )
            .hint("pass --yes to approve it beforehand, or --dry-run to see the plan")),
        }
    }

    /// Hands the approved plan to the host and follows it to its end, over a new connection if this one is lost.
    async fn apply(mut self, connection: &mut Connection, approved: Approved) -> ChangeReport {
        let change_id = Uuid::now_v7().to_string();
        let plan = approved.plan();
        self.context.record.summary = plan.summary();
        self.context.record.diff = plan.diff();
        self.context.record.customers = customers::of_difference(&self.context.record.diff);
        self.context.record.consent = Some(json!(approved.consent()));
        if let Err(error) = self.context.local_log.append(&self.context.record.intent(&change_id)) {
            let failure = Failure::new(FailureKind::Refused, format!("{error}; nothing was changed"))
                .hint("make the state directory writable: no change is made without its record");
            return self.refuse(connection, failure).await;
        }
        self.report.change_id = Some(change_id.clone());
        let record = &self.context.record;
        let confirmer = Confirmer::new(self.context.target, Arc::clone(&self.context.prompt), &change_id);
        let confirmation_seconds = plan.confirmation_seconds();
        self.events.emit(&Event::Applying {
            change_id: &change_id,
            confirmation: confirmation_seconds,
        });
        let expected = plan.expected.as_ref().map(|jails| {
            let jails = jails.iter();
            jails.map(|(name, jail)| (name.as_str(), jail.into())).collect()
        });
        let arguments = ApplyArguments {
            host: connection.host.paths().clone(),
            change_id: &change_id,
            wait: LOCK_SECONDS,
            expect: &plan.made_on,
            operations: &plan.operations,
            expected,
            undoes: plan.undoes.as_deref(),
            sign: confirmer.wanted(plan),
            audit: json!(record),
            done: plan.done_for_the_record(),
        };
        let confirmation_seconds = confirmation_seconds.unwrap_or_default();
        let mut tell = |event: AgentEvent| {
            if event.step == AgentStep::SignOfLife {
                confirmer.give();
            }
            self.events.emit(&Event::from(&event));
        };
        let answered = match connection.host.apply(&arguments, &mut tell, confirmer.given_up()).await {
            Err(LinkError::Lost(cause)) => {
                let prompt = Arc::clone(&self.context.prompt);
                let lost = LostChange {
                    id: &change_id,
                    cause: cause.to_string(),
                    confirmation: confirmation_seconds,
                    patience: connection.host.patience(&arguments),
                    bans: connection.host.bans(),
                };
                follow_up(self.context.target, prompt, &lost, self.events).await
            }
            Err(error) => Err(Failure::while_changing(error, &self.context.target.name.name)),
            Ok(result) => Ok(result),
        };
        let host_record = answered.as_ref().ok().and_then(|result| result.audit.clone());
        match answered {
            Ok(result) => transaction::take_in(&mut self.report, &result),
            Err(failure) => self.report = self.report.failed(failure),
        }
        if let (Some(trouble), Some(failure)) = (confirmer.trouble(), self.report.failure.as_mut()) {
            failure
                .hints
                .push(format!("the new login that the host waited for failed: {trouble}").into());
        }
        self.record_outcome(&change_id, host_record.as_ref());
        self.report
    }

    fn record_outcome(&mut self, change_id: &str, host_record: Option<&serde_json::Value>) {
        let outcome = json!(self.report.outcome);
        let why = self.report.failure.as_ref().map(|failure| failure.message.clone());
        let ended = Ended {
            outcome: outcome.as_str().unwrap_or("unknown"),
            failure: why.as_deref(),
            done: self.report.done().into_iter().map(|step| step.summary).collect(),
        };
        let record = self.context.record.outcome(change_id, &ended, host_record);
        note_unwritten(&mut self.report, self.context.local_log.append(&record).err());
    }

    /// Records a refused attempt, on the host and here, and reports it.
    async fn refuse(mut self, connection: &mut Connection, failure: Failure) -> ChangeReport {
        if self.context.mode != Mode::DryRun && failure.kind != FailureKind::Usage {
            let outcome = json!(Outcome::from(failure.kind));
            let attempt = self
                .context
                .record
                .attempt(outcome.as_str().unwrap_or("error"), &failure.message);
            if let Err(error) = connection.host.record(&attempt).await {
                let message = format!("The host's audit log does not have this attempt: {error}.");
                self.report
                    .warnings
                    .push(Warning::new(WarningCode::Unrecorded, message));
            }
            note_unwritten(&mut self.report, self.context.local_log.append(&attempt).err());
        }
        self.report.failed(failure)
    }
}

/// What a procedure is planned on; where nobody is asked in between, under the lock, so that no plan is made twice.
fn first_look(procedure: &dyn Procedure, mode: Mode) -> Prefetch {
    Prefetch {
        lock: (mode == Mode::Yes).then_some(LOCK_SECONDS),
        want: PLANNED_ON.iter().chain(procedure.parts()).copied().collect(),
        prepare: procedure.rehearses(),
    }
}

/// The jails that run now.
fn running_names(observed: &Observed) -> Vec<String> {
    let server = observed.server.value().into_iter();
    server.flat_map(|server| server.jails.keys().cloned()).collect()
}

fn needs_rehearsal(draft: &Draft) -> bool {
    draft.server != ServerMove::None || draft.files.iter().any(|file| is_read_by_fail2ban(&file.path))
}

fn planned_unbans(plan: &Plan) -> Vec<Unbanned> {
    plan.lifted().map(|lifted| lifted.banned.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::procedure::{Backup, Reload};

    use super::*;

    #[test]
    fn a_copy_is_prepared_only_where_a_draft_may_be_tried() {
        assert!(!first_look(&Backup { label: None }, Mode::Yes).prepare);
        assert!(first_look(&Reload, Mode::Yes).prepare);
    }
}
