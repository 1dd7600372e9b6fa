//! Roll back to the single asterisk jail of before the split (runbook, Rollback to the pre-split single jail).
//!
//! What the runbook's three commands would do wrong on this host is shown as warnings; the plan does it right.

use crate::document::{Advice, Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{Entry, JailLocal, is_true};
use crate::model::observed::{Jail, LogSample, Observed, Part, Rehearsal};
use crate::model::operation::{Edit, ReplaceFile};
use crate::model::runbook::{self, SINGLE_JAIL, is_named_after_asterisk};
use crate::planning::backups::{Chosen, file_name, is_pre_split, missing_entries, with_customer};
use crate::planning::bans::bans_that_go;
use crate::planning::draft::Draft;
use crate::planning::effect::Intent;
use crate::planning::enforcement::gap_of_actions;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{
    asterisk_log, edit_refusal, jail_local, jail_local_before, replaced_jail_local, running_jails, server,
};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::server_move;
use crate::planning::temporary::set_again::carry_over;

/// The filters that the split has brought (runbook, File layout).
const SPLIT_FILTERS: [&str; 2] = [runbook::AUTH.filter_path, runbook::SCAN.filter_path];

/// What happens to the customers whitelisted since the backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Customers {
    /// They stay whitelisted, with their comments.
    Carry,
    /// The whitelist is the backup's.
    Drop,
}

/// The request.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The backup; the newest `*-pre-split` by default.
    pub backup: Option<String>,
    /// `--carry-whitelist` or `--drop-whitelist`.
    pub customers: Customers,
    /// `--set-logpath`: what the single jail shall read.
    pub log_path: Option<String>,
}

impl Rollback {
    /// Takes a path for `--set-logpath`: absolute, plain, no pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked_path(text: &str) -> Result<String, String> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@=,".contains(letter);
        if text.starts_with('/') && text.chars().all(plain) {
            return Ok(text.to_owned());
        }
        Err("it has to be an absolute path of letters, digits and /._-+@=, as fail2ban reads it literally".to_owned())
    }

    /// The backup that is meant.
    ///
    /// # Errors
    /// A precondition's refusal if there is none, or it cannot be read; a usage refusal if several are meant.
    pub fn backup_of<'host>(&self, observed: &'host Observed) -> Result<Chosen<'host>, Refusal> {
        if let Some(wanted) = &self.backup {
            return Chosen::named(observed, wanted);
        }
        let backups = observed.backups.read().map_err(|reason| {
            Refusal::precondition(format!("the backups cannot be listed: {}", escaped(reason))).hint(Advice::AS_ROOT)
        })?;
        let newest = backups.iter().rev().find(|backup| is_pre_split(&backup.path));
        let newest = newest.ok_or_else(|| {
            Refusal::precondition("this host has no backup from before the split (jail.local.bak-*-pre-split)")
                .hint("`f2bctl backups` lists what there is; name one")
        })?;
        Chosen::at(observed, &newest.path)
    }

    /// The new jail.local: the backup, the customers and the log path.
    fn target(&self, chosen: &Chosen<'_>, missing: &[Entry]) -> Result<JailLocal, Refusal> {
        let mut document = chosen.document.clone();
        if self.customers == Customers::Carry {
            for entry in missing {
                document = carried(&document, entry)?;
            }
        }
        let Some(path) = &self.log_path else {
            return Ok(document);
        };
        if !document.sections().contains(&SINGLE_JAIL) {
            document = document.add_section(SINGLE_JAIL).map_err(edit_refusal)?.document;
        }
        Ok(document
            .set(SINGLE_JAIL, "logpath", path)
            .map_err(edit_refusal)?
            .document)
    }
}

impl Procedure for Rollback {
    fn command(&self) -> &'static str {
        "rollback"
    }

    fn parts(&self) -> &'static [Part] {
        &[
            Part::Backups,
            Part::BackupTexts,
            Part::Filters,
            Part::AsteriskLog,
            Part::Firewall,
        ]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let chosen = self.backup_of(observed)?;
        let removed = split_filters(observed)?;
        filters_are_there(&chosen, observed)?;
        let now = jail_local(observed)?;
        let missing = missing_entries(now, &chosen.document);
        let target = self.target(&chosen, &missing)?.to_bytes();
        let mut draft = Draft::default();
        if jail_local_before(observed)? != Some(target.as_slice()) {
            draft.backup = Some("pre-rollback".to_owned());
            // Before the filters go: at every moment fail2ban could be started with what is there.
            let meaning = self.meaning(&chosen, &missing);
            draft.files.push(replaced_jail_local(observed, target, meaning)?);
        }
        draft.files.extend(removed);
        if draft.files.is_empty() && running_jails(observed).is_ok_and(|jails| jails.contains_key(SINGLE_JAIL)) {
            return Ok(Draft::default());
        }
        draft.server = server_move(observed, guard)?;
        draft.intent = Intent::wholesale(draft.server);
        draft.name_to_type = true;
        draft.warnings.extend(self.remarks(&chosen, &missing, &draft));
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec![format!(
            "The single jail {SINGLE_JAIL} already runs, and jail.local is as the rollback makes it."
        )]
    }

    fn judge(&self, draft: &mut Draft, observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        let log = asterisk_log(observed)?;
        logs_are_there(rehearsal, log)?;
        if rehearsal.test.status != 0 || rehearsal.failed.is_some() || rehearsal.jails.is_empty() {
            return Ok(());
        }
        let Some(single) = rehearsal.jails.get(SINGLE_JAIL) else {
            return Err(Refusal::precondition(format!(
                "this backup sets up no [{SINGLE_JAIL}] jail, so nobody would watch Asterisk after a rollback to it"
            ))
            .hint("name the backup of before the split; `f2bctl backups` lists them")
            .hint("`f2bctl restore BACKUP` puts jail.local back whatever it holds"));
        };
        reads_the_log(single, log)?;
        if self.customers == Customers::Carry {
            carry_over(draft, observed, &rehearsal.jails, SINGLE_JAIL);
        }
        draft.warnings.extend(of_the_runbook(draft, observed, rehearsal));
        if let Some(gap) = gap_of_actions(single, None, true) {
            draft.warnings.push(Warning::new(
                WarningCode::NotEnforced,
                format!("Afterwards, {}.", gap.clause(SINGLE_JAIL)),
            ));
        }
        Ok(())
    }
}

impl Rollback {
    fn meaning(&self, chosen: &Chosen<'_>, missing: &[Entry]) -> Vec<Edit> {
        let mut meaning = vec![Edit::Rollback {
            backup: file_name(&chosen.path).to_owned(),
        }];
        let kept: Vec<String> = missing
            .iter()
            .filter(|entry| entry.network().is_some())
            .map(with_customer)
            .collect();
        if self.customers == Customers::Carry && !kept.is_empty() {
            meaning.push(Edit::Carry { entries: kept });
        }
        if let Some(path) = &self.log_path {
            meaning.push(Edit::ReadLog {
                jail: SINGLE_JAIL.to_owned(),
                path: path.clone(),
            });
        }
        meaning
    }

    /// What is lost, by this or by the runbook's own commands.
    fn remarks(&self, chosen: &Chosen<'_>, missing: &[Entry], draft: &Draft) -> Vec<Warning> {
        let mut found = vec![Warning::new(
            WarningCode::FalseBanRisk,
            "The single jail cannot distinguish customers' phones that reconnect from a scanner: retry storms can \
             cause false bans again. `f2bctl split` returns to the two jails.",
        )];
        let is_lost = |entry: &&Entry| self.customers == Customers::Drop || entry.network().is_none();
        let (lost, kept): (Vec<&Entry>, Vec<&Entry>) = missing.iter().partition(is_lost);
        found.extend(lost.into_iter().map(|entry| {
            let message = format!("{} is no longer whitelisted afterwards.", with_customer(entry));
            Warning::new(WarningCode::CustomerDropped, message)
        }));
        if !kept.is_empty() {
            // The step that keeps them names them.
            let count = match kept.len() {
                1 => "the customer's entry".to_owned(),
                count => format!("the {count} entries of customers"),
            };
            let message = format!("Copying the backup, as the runbook does, would drop {count}; this keeps them.");
            found.push(Warning::new(WarningCode::RunbookCustomers, message));
        }
        if draft.files.iter().any(|file| file.after.is_none()) {
            let message = "The runbook's rm would delete the two filters without a copy; here the journal keeps them, \
                           and `f2bctl undo` brings them back.";
            found.push(Warning::new(WarningCode::RunbookFilters, message));
        }
        let own = chosen.document.value(SINGLE_JAIL, "logpath");
        if let Some(path) = self.log_path.as_deref().filter(|path| own != Some(*path)) {
            let named = own.map_or_else(|| "the distribution's default".to_owned(), escaped);
            let message = format!(
                "The backup's own logpath is {named} and not {path}: with the runbook's commands the reload fails or the \
                 jail watches a log that Asterisk does not write, when the filters are already deleted."
            );
            found.push(Warning::new(WarningCode::RunbookLogpath, message));
        }
        found
    }
}

/// An entry of the whitelist in another text of it, with its register line where it has one.
fn carried(document: &JailLocal, entry: &Entry) -> Result<JailLocal, Refusal> {
    let edited = match (&entry.register, entry.network()) {
        (Some(line), _) => document.add(std::slice::from_ref(&line.registration), &[]),
        (None, Some(network)) => document.add_undocumented(&[network], &[]),
        (None, None) => return Ok(document.clone()),
    };
    Ok(edited.map_err(edit_refusal)?.document)
}

/// The split's filters as far as they are there, taken away.
fn split_filters(observed: &Observed) -> Result<Vec<ReplaceFile>, Refusal> {
    let filters = observed.filters.read().map_err(|reason| {
        Refusal::precondition(format!("the filters cannot be read: {}", escaped(reason))).hint(Advice::AS_ROOT)
    })?;
    let ours = filters
        .iter()
        .filter(|file| SPLIT_FILTERS.contains(&file.path.as_str()));
    Ok(ours
        .map(|file| ReplaceFile {
            path: file.path.clone(),
            before: file.content.clone(),
            meaning: vec![Edit::RemoveFilter {
                path: file.path.clone(),
            }],
            ..ReplaceFile::default()
        })
        .collect())
}

/// The filters that the backup's jails need are there, and are not those that go.
fn filters_are_there(chosen: &Chosen<'_>, observed: &Observed) -> Result<(), Refusal> {
    let present = |name: &str| {
        let files = observed.filters.value().into_iter().flatten();
        let mut left = files.filter(|file| !SPLIT_FILTERS.contains(&file.path.as_str()));
        left.any(|file| file.path == format!("filter.d/{name}.conf") || file.path == format!("filter.d/{name}.local"))
    };
    let mut gone = Vec::new();
    for section in enabled_sections(&chosen.document) {
        let own = chosen.document.value(section, "filter");
        let name = own.map_or(section, |filter| filter.split('[').next().unwrap_or(filter).trim());
        // A jail of the distribution may get its filter from jail.conf; the preflight knows.
        let telling = own.is_some() || is_named_after_asterisk(section);
        if telling && !name.contains('%') && !present(name) {
            gone.push(format!("{} (jail {})", escaped(name), escaped(section)));
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    Err(Refusal::precondition(format!(
        "the jails of {} need filters that would not be there: {}",
        escaped(file_name(&chosen.path)),
        gone.join(", ")
    ))
    .hint("bring them back to filter.d (reinstall the package fail2ban for the distribution's own), or name another backup")
    .hint("a backup with the split's own jails is put back by `f2bctl restore`"))
}

/// The sections that this text itself enables.
fn enabled_sections(document: &JailLocal) -> Vec<&str> {
    let mut sections = document.sections();
    sections.retain(|section| document.value(section, "enabled").is_some_and(is_true));
    sections
}

/// A log file that a jail would read and that is not there stops fail2ban as a whole.
fn logs_are_there(rehearsal: &Rehearsal, log: &LogSample) -> Result<(), Refusal> {
    const SAID: &str = "Have not found any log file for ";
    let output = &rehearsal.test.output;
    let Some(jail) = output
        .split(SAID)
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
    else {
        return Ok(());
    };
    let refusal = Refusal::precondition(format!(
        "the logpath of jail {} matches no file: the reload would fail, and fail2ban would not start again after the \
         next stop",
        escaped(jail)
    ));
    Err(match jail {
        SINGLE_JAIL => refusal.hint(format!(
            "Asterisk writes {}: pass --set-logpath {}",
            escaped(&log.path),
            escaped(&log.path)
        )),
        _ => refusal.hint("correct the logpath in the backup, or name another one"),
    })
}

fn reads_the_log(single: &Jail, log: &LogSample) -> Result<(), Refusal> {
    let read = single.list("logpath");
    if read.iter().any(|path| *path == log.path || *path == log.real) {
        return Ok(());
    }
    let files = if read.is_empty() {
        "no file at all".to_owned()
    } else {
        escaped(&read.join(", "))
    };
    Err(Refusal::precondition(format!(
        "the single jail would read {files} and not {}, the log that Asterisk writes: nobody would ever be banned",
        escaped(&log.path)
    ))
    .hint(format!("pass --set-logpath {}", escaped(&log.path)))
    .hint("if Asterisk writes another log, set `asterisk_log` of this host in f2bctl's configuration"))
}

/// What goes wrong with the runbook's plain reload, and what goes with the jails.
fn of_the_runbook(draft: &Draft, observed: &Observed, rehearsal: &Rehearsal) -> Vec<Warning> {
    let mut found = Vec::new();
    let Ok(server) = server(observed) else {
        return found;
    };
    for (name, jail) in &server.jails {
        let Some(after) = rehearsal.jails.get(name) else {
            found.extend(bans_that_go(name, jail));
            continue;
        };
        let names = |jail: &Jail| jail.actions.keys().cloned().collect::<Vec<_>>();
        if names(jail) != names(after) {
            let message = format!(
                "The runbook's plain reload would leave jail {name} without the actions of its new configuration ({}): \
                 bans would be counted and nobody blocked. It is restarted here.",
                escaped(&names(after).join(", "))
            );
            found.push(Warning::new(WarningCode::RunbookActions, message));
        }
    }
    found.retain(|warning| !draft.warnings.contains(warning));
    found
}
