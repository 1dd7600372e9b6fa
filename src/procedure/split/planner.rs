//! Drafts the split: the filters, then the jails, each only as far as it is not what the runbook says.

use crate::document::{Advice, Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{JailLocal, is_true};
use crate::model::observed::{HostFile, Jail, LogSample, Observed, Part, Rehearsal};
use crate::model::operation::{Edit, KeyChange, ReplaceFile};
use crate::model::runbook::SINGLE_JAIL;
use crate::planning::bans::bans_that_go;
use crate::planning::draft::Draft;
use crate::planning::effect::Intent;
use crate::planning::enforcement::{is_left_open, missing_protocol};
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{asterisk_log, edit_refusal, jail_local, new_jail_local, server};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::server_move;

use super::jails::{JAILS, SplitJail, written};
use super::variant::{self, Variant};

/// The request; it has no arguments, since everything is in the runbook's table and on the host.
#[derive(Debug, Clone, Copy, Default)]
pub struct Split;

impl Procedure for Split {
    fn command(&self) -> &'static str {
        "split"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Filters, Part::AsteriskLog, Part::Asterisk]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let log = asterisk_log(observed)?;
        let filters = observed.filters.read().map_err(|reason| {
            Refusal::precondition(format!("the filters cannot be read: {}", escaped(reason))).hint(Advice::AS_ROOT)
        })?;
        let (variant, why) = variant::chosen(log, filters);
        let mut draft = Draft::default();
        // Before jail.local: at every moment fail2ban could be started with what is there.
        for jail in &JAILS {
            install(&mut draft, jail, filters, (variant, why.as_deref()));
        }
        edit_jails(&mut draft, observed, log)?;
        if draft.files.is_empty() && runs_split(observed, log) {
            return Ok(Draft::default());
        }
        draft.server = server_move(observed, guard)?;
        draft.intent = Intent::wholesale(draft.server);
        if why.is_none() {
            let known = format!(
                "The log {} does not show which levels Asterisk writes there; the filters read {}. Run ",
                escaped(&log.path),
                variant.level()
            );
            let message = Advice::text(known).run("split").then(" again when there are lines.");
            draft.warnings.push(Warning::new(WarningCode::LevelsUnknown, message));
        }
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        let names = JAILS.map(|jail| jail.name).join(" and ");
        vec![format!(
            "{names} already run with the runbook's filters and thresholds."
        )]
    }

    fn judge(&self, draft: &mut Draft, observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        if rehearsal.test.status != 0 || rehearsal.failed.is_some() || rehearsal.jails.is_empty() {
            return Ok(());
        }
        let log = asterisk_log(observed)?;
        for wanted in &JAILS {
            let problem = match rehearsal.jails.get(wanted.name) {
                None => Some("would not run".to_owned()),
                Some(jail) => problem(wanted, jail, log, observed),
            };
            if let Some(problem) = problem {
                return Err(elsewhere(wanted.name, &problem));
            }
        }
        if rehearsal.jails.contains_key(SINGLE_JAIL) {
            return Err(elsewhere(SINGLE_JAIL, "would still run beside the two"));
        }
        let single = server(observed)?.jails.get(SINGLE_JAIL);
        draft
            .warnings
            .extend(single.and_then(|jail| bans_that_go(SINGLE_JAIL, jail)));
        Ok(())
    }
}

/// Another file has the last word over jail.local.
fn elsewhere(jail: &str, problem: &str) -> Refusal {
    Refusal::precondition(format!(
        "jail {jail} {problem} even though jail.local says otherwise: another file or key overrides it"
    ))
    .hint(format!(
        "look for [{jail}] or its key in jail.d/*.local, and for an `action` of its own in jail.local"
    ))
}

/// What of a rehearsed jail is not as the runbook's table says.
fn problem(wanted: &SplitJail, jail: &Jail, log: &LogSample, observed: &Observed) -> Option<String> {
    for (key, value) in wanted.thresholds {
        let found = jail.number(key);
        let seconds = found.and_then(|found| u64::try_from(found).ok());
        if !seconds.is_some_and(|found| found == value || wanted.is_sanctioned(key, found)) {
            let present = found.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
            return Some(format!("would have {key} {present} instead of {value}"));
        }
    }
    let read = jail.list("logpath");
    if !read.iter().any(|path| *path == log.path || *path == log.real) {
        return Some(format!("would not read {}", escaped(&log.path)));
    }
    if let Some(protocol) = missing_protocol(jail) {
        return Some(format!("would leave SIP over {protocol} open to the addresses it bans"));
    }
    let services = wanted.services(log, observed);
    let open = services.iter().find(|service| is_left_open(jail, service))?;
    Some(format!(
        "would leave {} {} open, on which Asterisk listens",
        open.protocol.to_uppercase(),
        open.port
    ))
}

/// Whether the two jails run as the table says, and the single one does not. Where they run otherwise although
/// jail.local is right, a reload helps, or another file has the last word: the rehearsal tells.
fn runs_split(observed: &Observed, log: &LogSample) -> bool {
    let Ok(server) = server(observed) else {
        return false;
    };
    let right = |wanted: &SplitJail| {
        let jail = server.jails.get(wanted.name);
        jail.is_some_and(|jail| problem(wanted, jail, log, observed).is_none())
    };
    JAILS.iter().all(right) && !server.jails.contains_key(SINGLE_JAIL)
}

/// A jail's filter, if it is not there with this text.
fn install(draft: &mut Draft, jail: &SplitJail, filters: &[HostFile], variant: (Variant, Option<&str>)) {
    let (variant, why) = variant;
    let text = variant.filter(jail).as_bytes();
    let present = filters.iter().find(|file| file.path == jail.filter_path);
    if present.is_some_and(|file| file.content.as_deref() == Some(text)) {
        return;
    }
    let meaning = Edit::InstallFilter {
        path: jail.filter_path.to_owned(),
        level: variant.level().to_owned(),
        because: why.map(str::to_owned),
        replaces: present.is_some(),
    };
    draft.files.push(ReplaceFile {
        path: jail.filter_path.to_owned(),
        before: present.and_then(|file| file.content.clone()),
        after: Some(text.to_vec()),
        meaning: vec![meaning],
        ..ReplaceFile::default()
    });
}

/// jail.local with the two jails, and without the single one.
fn edit_jails(draft: &mut Draft, observed: &Observed, log: &LogSample) -> Result<(), Refusal> {
    let document = jail_local(observed)?;
    let server = server(observed)?;
    let mut edited = document.clone();
    let mut meaning = Vec::new();
    for jail in &JAILS {
        let running = server.jails.get(jail.name);
        let due = jail.due(&edited, running, log, &jail.services(log, observed));
        if due.is_empty() {
            continue;
        }
        meaning.push(jail_edit(&edited, jail, &due));
        edited = jail.write(&edited, &due).map_err(edit_refusal)?;
    }
    if is_enabled(document, server.jails.contains_key(SINGLE_JAIL)) {
        meaning.push(Edit::Disable {
            jail: SINGLE_JAIL.to_owned(),
            replaced: true,
        });
        edited = written(&edited, SINGLE_JAIL, &[("enabled", "false".to_owned())]).map_err(edit_refusal)?;
    }
    if meaning.is_empty() {
        return Ok(());
    }
    let existed = |jail: &SplitJail| document.sections().contains(&jail.name) || server.jails.contains_key(jail.name);
    let label = if JAILS.iter().any(existed) {
        "split"
    } else {
        "pre-split"
    };
    draft.backup = Some(label.to_owned());
    draft.files.push(new_jail_local(observed, &edited, meaning)?);
    Ok(())
}

/// Whether the single jail is enabled here, or runs without this file saying a word of it.
fn is_enabled(document: &JailLocal, runs: bool) -> bool {
    document.value(SINGLE_JAIL, "enabled").map_or(runs, |value| {
        document.sections().contains(&SINGLE_JAIL) && is_true(value) || runs && is_true(value)
    })
}

/// What the keys mean that are written for a jail.
fn jail_edit(document: &JailLocal, jail: &SplitJail, due: &[(&'static str, String)]) -> Edit {
    let name = jail.name.to_owned();
    if !document.sections().contains(&jail.name) {
        let [(_, maxretry), (_, findtime), (_, bantime)] = jail.thresholds;
        return Edit::AddJail {
            jail: name,
            maxretry,
            findtime,
            bantime,
            ports: due
                .iter()
                .find(|(key, _)| *key == "port")
                .map(|(_, ports)| ports.clone())
                .unwrap_or_default(),
        };
    }
    let change = |(key, value): &(&'static str, String)| KeyChange {
        key: (*key).to_owned(),
        before: document.value(jail.name, key).map(str::to_owned),
        after: value.clone(),
    };
    Edit::CorrectJail {
        jail: name,
        changes: due.iter().map(change).collect(),
    }
}
