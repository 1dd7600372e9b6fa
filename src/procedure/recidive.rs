//! The built-in `[recidive]` jail (runbook, Tuning guidance): it bans addresses that other jails have banned again
//! and again.
//!
//! What it bans is blocked over TCP and UDP: the distribution's section alone leaves SIP over UDP open.
//! It reads fail2ban's own action log, so it does nothing where that log is no file, is another file than the jail's,
//! or does not tell bans; and its database has to remember for as long as the jail looks back.

use crate::document::{self, Advice, FindingCode, Need, Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::jail_local::{EditRefusal, JailLocal, Reader, cited, is_true};
use crate::model::observed::{Jail, Observed, Part, Rehearsal, Server};
use crate::model::operation::{Edit, ReplaceFile};
use crate::model::runbook::{ACTION_LOG, RECIDIVE};
use crate::model::text::texts;
use crate::model::timespan::Timespan;
use crate::planning::draft::Draft;
use crate::planning::enforcement::missing_protocol;
use crate::planning::policy::Guard;
use crate::planning::postcondition::Postcondition;
use crate::planning::procedure::Procedure;
use crate::planning::reading::{edit_refusal, jail_local, new_jail_local, reader, running_jails, server};
use crate::planning::refusal::Refusal;
use crate::planning::server_move::server_move;
use crate::planning::whitelist::whitelist;

use super::bans;

/// The log that the distribution's section names.
const USUAL_LOG: &str = ACTION_LOG;
/// The distribution's findtime of the jail, seconds (jail.conf: `findtime = 1d`).
const USUAL_FINDTIME: u64 = 86_400;
/// The server's own settings, as operators override them.
const FAIL2BAN_LOCAL: &str = "fail2ban.local";
/// The section of fail2ban.local.
const DEFINITION: &str = "Definition";
/// The keys that enabling may write.
const KEYS: [&str; 4] = ["enabled", "backend", "logpath", ACTION];
/// The key that the jail's `action` is made from, as jail.conf has it.
const ACTION: &str = "action_";
/// One action for each protocol, on all ports, with the host's own banaction: one alone blocks TCP only.
const ACTIONS: &str = "%(banaction)s[name=%(__name__)s-tcp, actname=%(__name__)s-tcp, protocol=\"tcp\", chain=\"%(chain)s\"]\n\
                       %(banaction)s[name=%(__name__)s-udp, actname=%(__name__)s-udp, protocol=\"udp\", chain=\"%(chain)s\"]";
/// Log levels at which fail2ban does not tell of bans, which it logs as NOTICE.
const SILENT_LEVELS: [&str; 3] = ["WARNING", "ERROR", "CRITICAL"];

/// The request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recidive {
    /// The jail runs.
    Enable,
    /// It does not.
    Disable,
}

impl Procedure for Recidive {
    fn command(&self) -> &'static str {
        match self {
            Self::Enable => "recidive enable",
            Self::Disable => "recidive disable",
        }
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Fail2banLocal]
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let mut draft = match self {
            Self::Enable => enable(observed)?,
            Self::Disable => disable(observed)?,
        };
        if draft.files.is_empty() && draft.postconditions.is_empty() {
            return Ok(draft);
        }
        draft.server = server_move(observed, guard)?;
        draft.intent.values.insert((RECIDIVE.to_owned(), "jail".to_owned()));
        for key in ["logpath", "backend", "actions"] {
            draft.intent.values.insert((RECIDIVE.to_owned(), key.to_owned()));
        }
        Ok(draft)
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec![match self {
            Self::Enable => format!("The jail {RECIDIVE} already runs."),
            Self::Disable => format!("The jail {RECIDIVE} is not enabled."),
        }]
    }

    fn judge(&self, draft: &mut Draft, _observed: &Observed, rehearsal: &Rehearsal) -> Result<(), Refusal> {
        let open = rehearsal.jails.get(RECIDIVE).and_then(missing_protocol);
        if let Some(protocol) = open.filter(|_| *self == Self::Enable && !draft.files.is_empty()) {
            let message = format!(
                "Addresses that {RECIDIVE} bans still get through over {protocol}: the jail has an `action` of its \
                 own, or another file overrides it."
            );
            draft.warnings.push(Warning::new(FindingCode::ProtocolOpen, message));
        }
        Ok(())
    }
}

fn enable(observed: &Observed) -> Result<Draft, Refusal> {
    let running = running_jails(observed)?.get(RECIDIVE);
    let server = server(observed)?;
    let log = log_target(server)?;
    let document = jail_local(observed)?;
    let findtime = findtime(running, document);
    let purge_age = purge_age(server);
    let forgets = purge_age.is_some_and(|age| age < findtime);
    let mut draft = Draft::default();
    let edited = enabled(document, running, &log).map_err(edit_refusal)?;
    let reads = running.is_some_and(|jail| jail.list("logpath").contains(&log) && missing_protocol(jail).is_none());
    // A jail that another file enables, and that runs as it should, needs no line in jail.local.
    let elsewhere = reads && says(document, "enabled").is_none();
    if let Some(edited) = edited.filter(|_| !elsewhere) {
        let meaning = Edit::EnableRecidive {
            jail: RECIDIVE.to_owned(),
            log: log.clone(),
        };
        change_jail_local(&mut draft, observed, &edited, meaning)?;
    }
    if forgets {
        draft.files.push(longer_memory(observed, findtime)?);
    }
    if draft.files.is_empty() && reads {
        return Ok(draft);
    }
    let purge_age = if forgets { Some(findtime) } else { purge_age };
    draft.postconditions.push(Postcondition::Reads {
        jail: RECIDIVE.to_owned(),
        log,
    });
    draft
        .postconditions
        .extend(purge_age.map(|age| Postcondition::Remembered {
            jail: RECIDIVE.to_owned(),
            purge_age: i64::try_from(age).unwrap_or(i64::MAX),
        }));
    Ok(draft)
}

fn disable(observed: &Observed) -> Result<Draft, Refusal> {
    let running = running_jails(observed)?.get(RECIDIVE);
    let document = jail_local(observed)?;
    let mut draft = Draft::default();
    let says_enabled = says(document, "enabled").is_some_and(is_true);
    if running.is_none() && !says_enabled {
        return Ok(draft);
    }
    if let Some(edited) = disabled(document, running.is_some()).map_err(edit_refusal)? {
        let meaning = Edit::Disable {
            jail: RECIDIVE.to_owned(),
            replaced: false,
        };
        change_jail_local(&mut draft, observed, &edited, meaning)?;
    }
    if let Some(jail) = running.filter(|jail| !jail.bans.is_empty()) {
        let addresses: Vec<String> = jail.bans.iter().map(|ban| escaped(ban.ip.as_str())).collect();
        let message = format!("The bans of {RECIDIVE} end with the jail: {}.", addresses.join(", "));
        draft.warnings.push(Warning::new(WarningCode::BansEnd, message));
    }
    draft.postconditions.push(Postcondition::Absent {
        jail: RECIDIVE.to_owned(),
    });
    Ok(draft)
}

fn change_jail_local(draft: &mut Draft, observed: &Observed, edited: &JailLocal, meaning: Edit) -> Result<(), Refusal> {
    draft.backup = Some(RECIDIVE.to_owned());
    draft.files.push(new_jail_local(observed, edited, vec![meaning])?);
    Ok(())
}

/// The file that fail2ban logs its bans to.
fn log_target(server: &Server) -> Result<String, Refusal> {
    let text = |key: &str| server.settings.get(key).and_then(serde_json::Value::as_str);
    let target = text("logtarget").unwrap_or("an unknown target");
    if !target.starts_with('/') {
        return Err(Refusal::precondition(format!(
            "jail {RECIDIVE} reads fail2ban's own log file, and this fail2ban logs to {}",
            escaped(target)
        ))
        .hint(format!(
            "set `logtarget = {USUAL_LOG}` in {FAIL2BAN_LOCAL}, reload, and enable it then"
        )));
    }
    if let Some(level) = text("loglevel").filter(|level| SILENT_LEVELS.contains(level)) {
        return Err(Refusal::precondition(format!(
            "jail {RECIDIVE} counts the bans in fail2ban's own log, and at the log level {level} none are written there"
        ))
        .hint(format!(
            "set `loglevel = INFO` in {FAIL2BAN_LOCAL}, reload, and enable it then"
        )));
    }
    Ok(target.to_owned())
}

/// How long the database remembers, seconds; none if the server does not say.
fn purge_age(server: &Server) -> Option<u64> {
    server.settings.get("dbpurgeage")?.as_u64()
}

/// How far the jail looks back: as it runs, or as jail.local says, or as the distribution has it.
fn findtime(running: Option<&Jail>, document: &JailLocal) -> u64 {
    let written = says(document, "findtime").and_then(|text| Timespan::parse(text).ok());
    let runs = running.and_then(|jail| u64::try_from(jail.number("findtime")?).ok());
    written.map(Timespan::seconds).or(runs).unwrap_or(USUAL_FINDTIME)
}

/// What jail.local's own section of the jail has for a key; `[DEFAULT]` is not asked, since jail.conf's section wins.
fn says<'document>(document: &'document JailLocal, key: &str) -> Option<&'document str> {
    let setting = document.setting(RECIDIVE, key)?;
    (setting.section == RECIDIVE).then_some(setting.value)
}

/// jail.local with the jail enabled, or none if it says so already.
fn enabled(document: &JailLocal, running: Option<&Jail>, log: &str) -> Result<Option<JailLocal>, EditRefusal> {
    let mut keys = vec![("enabled", "true".to_owned())];
    // The journal has no part in it: the log target is a file. jail.conf leaves the backend to [DEFAULT].
    if document
        .value(RECIDIVE, "backend")
        .is_some_and(|backend| backend.starts_with("systemd"))
    {
        keys.push(("backend", "auto".to_owned()));
    }
    if says(document, "logpath").map_or(log != USUAL_LOG, |path| path != log) {
        keys.push(("logpath", log.to_owned()));
    }
    if needs_actions(document, running) {
        keys.push((ACTION, ACTIONS.to_owned()));
    }
    if !document.sections().contains(&RECIDIVE) {
        return Ok(Some(document.add_marked_section(RECIDIVE, &keys)?.document));
    }
    if says(document, "enabled").is_some_and(is_true) {
        keys.remove(0);
    }
    let mut edited = document.clone();
    for (key, value) in &keys {
        edited = edited.set(RECIDIVE, key, value)?.document;
    }
    Ok((!keys.is_empty()).then_some(edited))
}

/// Whether actions for both protocols have to be written. Where someone wrote an `action`, that is left to them.
fn needs_actions(document: &JailLocal, running: Option<&Jail>) -> bool {
    let by_hand = document
        .value(RECIDIVE, "action")
        .is_some_and(|action| !action.contains("%(action_)s"));
    let written = document.value(RECIDIVE, ACTION) == Some(ACTIONS);
    !by_hand && !written && running.is_none_or(|jail| missing_protocol(jail).is_some())
}

/// jail.local with the jail disabled, or none if it says so already.
fn disabled(document: &JailLocal, running: bool) -> Result<Option<JailLocal>, EditRefusal> {
    if let Some(edited) = document.remove_marked_section(RECIDIVE, &KEYS)? {
        return Ok(Some(edited.document));
    }
    match says(document, "enabled") {
        Some(text) if !is_true(text) => Ok(None),
        Some(_) => Ok(Some(document.set(RECIDIVE, "enabled", "false")?.document)),
        None if !running => Ok(None),
        None if document.sections().contains(&RECIDIVE) => {
            Ok(Some(document.set(RECIDIVE, "enabled", "false")?.document))
        }
        None => {
            let with_section = document.add_section(RECIDIVE)?.document;
            Ok(Some(with_section.set(RECIDIVE, "enabled", "false")?.document))
        }
    }
}

/// fail2ban.local with a longer memory.
fn longer_memory(observed: &Observed, seconds: u64) -> Result<ReplaceFile, Refusal> {
    let file = observed.fail2ban_local.read().map_err(|reason| {
        Refusal::precondition(format!("{FAIL2BAN_LOCAL} cannot be read: {}", escaped(reason))).hint(Advice::AS_ROOT)
    })?;
    let bytes = file.content.clone().unwrap_or_default();
    let document = server_settings(&file.path, &bytes, &reader(observed))?;
    let with_section = if document.sections().contains(&DEFINITION) {
        document
    } else {
        document.add_section(DEFINITION).map_err(edit_refusal)?.document
    };
    let edited = with_section
        .set(DEFINITION, "dbpurgeage", &seconds.to_string())
        .map_err(edit_refusal)?;
    Ok(ReplaceFile {
        path: FAIL2BAN_LOCAL.to_owned(),
        before: file.content.clone(),
        after: Some(edited.document.to_bytes()),
        meaning: vec![Edit::Remember {
            seconds,
            file: FAIL2BAN_LOCAL.to_owned(),
        }],
        ..ReplaceFile::default()
    })
}

fn server_settings(path: &str, bytes: &[u8], reader: &Reader) -> Result<JailLocal, Refusal> {
    JailLocal::parse(path, bytes, reader).map_err(|findings| {
        Refusal::precondition(format!(
            "fail2ban cannot read {FAIL2BAN_LOCAL} as it looks:{}",
            cited(&findings)
        ))
        .hint(Advice::CORRECT_THE_FILE)
    })
}

/// The jail as it runs, and what it needs whether it runs or not.
///
/// # Errors
/// A precondition's refusal if fail2ban is down or cannot be asked.
pub fn recidive(observed: &Observed) -> Result<document::Recidive, Refusal> {
    let jail = running_jails(observed)?.get(RECIDIVE);
    let rows = whitelist(observed).unwrap_or_default();
    Ok(document::Recidive {
        enabled: jail.is_some(),
        maxretry: jail.and_then(|jail| jail.number("maxretry")),
        findtime: jail.and_then(|jail| jail.number("findtime")),
        bantime: jail.and_then(|jail| jail.number("bantime")),
        log_files: jail.map(|jail| texts(jail.list("logpath"))),
        banned: jail.map(|jail| bans(jail, &observed.clock, &rows)),
        needs: needs(observed)?,
    })
}

fn needs(observed: &Observed) -> Result<Vec<Need>, Refusal> {
    let running = running_jails(observed)?.get(RECIDIVE);
    let server = server(observed)?;
    let target = log_target(server);
    let log = match &target {
        Ok(log) => (Some(true), format!("fail2ban logs its bans to the file {log}.")),
        Err(refusal) => (Some(false), format!("{}.", refusal.message)),
    };
    let path = match (running, &target) {
        (Some(jail), Ok(log)) if jail.list("logpath").contains(log) => (Some(true), format!("The jail reads {log}.")),
        (Some(jail), Ok(log)) => {
            let logs = escaped(&jail.list("logpath").join(", "));
            (
                Some(false),
                format!("The jail reads {logs} while fail2ban logs to {log}."),
            )
        }
        _ => (None, "The jail does not run, so it reads nothing.".to_owned()),
    };
    let document = jail_local(observed)?;
    let findtime = findtime(running, document);
    let memory = match purge_age(server) {
        Some(age) => (
            Some(age >= findtime),
            format!(
                "The database remembers {} and the jail looks back {}.",
                span(age),
                span(findtime)
            ),
        ),
        None => (
            None,
            "The server does not say how long its database remembers.".to_owned(),
        ),
    };
    let needs = [
        ("log_target", log),
        ("log_path", path),
        ("purge_age", memory),
        ("protocols", protocols(running)),
    ];
    Ok(needs
        .into_iter()
        .map(|(code, (met, message))| Need { code, met, message })
        .collect())
}

fn protocols(running: Option<&Jail>) -> (Option<bool>, String) {
    match running.map(missing_protocol) {
        None => (None, "The jail does not run, so it blocks nobody.".to_owned()),
        Some(None) => (Some(true), "Its actions are about TCP and UDP.".to_owned()),
        Some(Some(open)) => (
            Some(false),
            format!("Its actions leave {open} open: banned addresses still get through there."),
        ),
    }
}

fn span(seconds: u64) -> String {
    Timespan::from_seconds(seconds).map_or_else(|_| format!("{seconds} s"), |span| span.to_string())
}
