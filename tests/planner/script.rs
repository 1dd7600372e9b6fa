//! Scripts of commands, and what the real planners answer to each: a plan with its operations, or a refusal.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Parser as _;
use f2bctl::cli::command::{backups, recidive, temp, whitelist};
use f2bctl::cli::{Arguments, Command, Global};
use f2bctl::document::{Change, Document, Failure, Outcome};
use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::model::operation::{Operation, ReplaceFile, is_read_by_fail2ban};
use f2bctl::model::register_table;
use f2bctl::planning::details::Details;
use f2bctl::planning::drift::consent_to_drift;
use f2bctl::planning::plan::Plan;
use f2bctl::planning::plan_builder::{Rehearsals, assemble};
use f2bctl::planning::policy::{Guard, networks};
use f2bctl::planning::procedure::Procedure;
use f2bctl::planning::refusal::Refusal;
use f2bctl::planning::server_move::ServerMove;
use f2bctl::planning::temporary::grant::Grant;
use f2bctl::procedure::{
    Adopt, Annotate, Backup, Customers, Import, Offboard, Onboard, Prune, Recidive, Reload, RepairWhitelist, Restore,
    Rollback, Split, Start, Temp, TempAct, Tune, Unban, Undo,
};
use f2bctl::ui::{self, Page};
use serde_json::{Value, json};

/// Who types the scripts.
const OPERATOR: &str = "ravi";

/// What the register says of an entry, from the arguments of that name.
macro_rules! details {
    ($details:expr, $global:expr) => {{
        let typed = $details;
        Details {
            customer: typed.customer,
            note: typed.note,
            expires: typed.expires,
            review: typed.review,
            reassign: typed.reassign,
            ticket: $global.ticket.clone(),
            by: OPERATOR.to_owned(),
        }
    }};
}

/// A script: `host NAME`, then commands without the program's name; `#` begins a comment.
pub struct Script {
    /// The name of its file.
    pub name: String,
    /// The host that it is about.
    pub host: String,
    /// The commands.
    pub commands: Vec<String>,
}

/// The folder of the scripts.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/planner/scripts")
}

impl Script {
    /// All of them, by their names.
    pub fn all() -> Vec<Self> {
        let entries = std::fs::read_dir(folder()).expect("the scripts");
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// The one of this name.
    pub fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).expect("a script");
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let host = lines
            .next()
            .and_then(|line| line.strip_prefix("host "))
            .expect("its host");
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            commands: lines.map(str::to_owned).collect(),
        }
    }
}

/// The words of a line; double quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for (index, part) in line.split('"').enumerate() {
        match index % 2 {
            1 => found.last_mut().expect("a word").push_str(part),
            _ => {
                for (place, word) in part.split(' ').enumerate() {
                    if place > 0 {
                        found.push(String::new());
                    }
                    found.last_mut().expect("a word").push_str(word);
                }
            }
        }
    }
    found.retain(|word| !word.is_empty());
    found
}

/// What the planner answers to a command as it is typed, with `--yes`: what is shown, and the operations that would be run.
pub fn answer(line: &str, observed: Observed, rehearse: &mut dyn FnMut(&[ReplaceFile]) -> Rehearsal) -> String {
    let typed = std::iter::once("f2bctl".to_owned()).chain(words(line));
    let arguments = match Arguments::try_parse_from(typed) {
        Ok(arguments) => arguments,
        Err(error) => return error.to_string(),
    };
    let guard = guard(&arguments.global);
    let planned = procedure(arguments).and_then(|procedure| plan(procedure.as_ref(), observed, &guard, rehearse));
    match planned {
        Ok(plan) => {
            let mut text = shown(&plan);
            for operation in &plan.operations {
                let _ = writeln!(text, "  > {}", without_contents(operation));
            }
            if let Err(refusal) = consent_to_drift(&plan, &guard) {
                text += &refused(refusal);
            }
            text
        }
        Err(refusal) => refused(refusal),
    }
}

/// A refusal as it is printed, before its hints are aimed at the host.
fn refused(refusal: Refusal) -> String {
    let failure = Failure::from(refusal);
    let hints: String = failure.hints.iter().map(|hint| format!("  hint: {hint}\n")).collect();
    format!(
        "error: {}\n{hints}  > exit code {}\n",
        failure.message,
        failure.kind.exit_code()
    )
}

/// What is printed of a plan: the warnings, and the human view without its colours.
fn shown(plan: &Plan) -> String {
    let warnings = plan
        .warnings
        .iter()
        .map(|warning| format!("warning ({:?}): {}\n", warning.code, warning.message));
    let view = ui::human_view(&document(plan));
    format!(
        "{}{}\n",
        warnings.collect::<String>(),
        console::strip_ansi_codes(&view).trim_end()
    )
}

/// The plan of a command as it is drawn on a page; nothing for a refusal.
pub fn view(
    line: &str,
    observed: Observed,
    rehearse: &mut dyn FnMut(&[ReplaceFile]) -> Rehearsal,
    page: &Page,
) -> String {
    let typed = std::iter::once("f2bctl".to_owned()).chain(words(line));
    let arguments = Arguments::try_parse_from(typed).expect("a command");
    let guard = guard(&arguments.global);
    let planned = procedure(arguments).and_then(|procedure| plan(procedure.as_ref(), observed, &guard, rehearse));
    planned
        .map(|plan| ui::view_on(&document(&plan), page))
        .unwrap_or_default()
}

fn document(plan: &Plan) -> Document {
    let change = Change {
        plan: Some(plan.shown()),
        done: Vec::new(),
        backup: None,
        change_id: None,
        unbanned: plan.lifted().map(|lifted| lifted.banned.clone()).unwrap_or_default(),
        not_banned: plan.not_banned.iter().map(|name| name.as_str().into()).collect(),
        proof: Vec::new(),
        ender: None,
    };
    Document {
        outcome: match plan.is_empty() {
            true => Outcome::Unchanged,
            false => Outcome::Planned,
        },
        ..Document::report(&plan.command, None, change)
    }
}

/// An operation as it is sent, with the length of each file instead of its content, which the difference shows.
fn without_contents(operation: &Operation) -> Value {
    let mut value = json!(operation);
    if let Operation::ReplaceFile(file) = operation {
        for (key, content) in [("before", &file.before), ("after", &file.after)] {
            if let Some(place) = value.get_mut(key) {
                *place = json!(content.as_ref().map(|bytes| format!("{} bytes", bytes.len())));
            }
        }
    }
    value
}

/// The engine's way from a procedure to its plan, with the answers of a host that is a file.
fn plan(
    procedure: &dyn Procedure,
    mut observed: Observed,
    guard: &Guard,
    rehearse: &mut dyn FnMut(&[ReplaceFile]) -> Rehearsal,
) -> Result<Plan, Refusal> {
    networks(procedure.typed_networks())?;
    if procedure.reads_the_disk(&observed) {
        observed.on_disk = Some(rehearse(&[]));
    }
    let mut draft = procedure.draft(&observed, guard)?;
    let (mut tried, mut disk) = (None, None);
    if draft.server != ServerMove::None || draft.files.iter().any(|file| is_read_by_fail2ban(&file.path)) {
        let rehearsal = rehearse(&draft.files);
        procedure.judge(&mut draft, &observed, &rehearsal)?;
        tried = Some(rehearsal);
        disk = draft.intent.wholesale.then(|| rehearse(&[]));
    }
    let rehearsals = Rehearsals {
        draft: tried.as_ref(),
        disk: disk.as_ref(),
    };
    let mut plan = assemble(procedure.command(), draft, &observed, rehearsals, guard)?;
    if plan.is_empty() {
        plan.already = procedure.already(&observed);
    }
    Ok(plan)
}

/// The usual policy on a host whose customers live in the ranges of documentation.
fn guard(global: &Global) -> Guard {
    Guard {
        allow_special: true,
        allow_wide: global.allow_wide,
        allow_lockout: global.allow_lockout,
        reason: global.reason.clone(),
        with_drift: global.with_drift,
        start: global.start,
        ..Guard::default()
    }
}

/// The procedure that a command runs, as its file in `cli` makes it of its arguments.
fn procedure(arguments: Arguments) -> Result<Box<dyn Procedure>, Refusal> {
    let Arguments { global, command } = arguments;
    let grant = |span, jails| Grant {
        span,
        jails,
        operator: OPERATOR.to_owned(),
        reason: global.reason.clone(),
    };
    Ok(match command {
        Command::Onboard(typed) => Box::new(Onboard {
            networks: typed.networks,
            jails: typed.jails,
            details: details!(typed.details, global),
        }),
        Command::Offboard(typed) => Box::new(match typed.customer {
            Some(customer) => Offboard::Customer(customer),
            None if typed.expired => Offboard::Expired,
            None => Offboard::Networks(typed.networks),
        }),
        Command::Whitelist(command) => of_the_register(command, &global),
        Command::Unban(typed) => Box::new(Unban {
            again: Vec::new(),
            grace: typed.grace.map(|span| grant(span, typed.jails.clone())),
            targets: typed.targets,
            jails: typed.jails,
        }),
        Command::Temp(command) => {
            let (targets, act) = match command {
                temp::Command::Add(timed) => (timed.targets, TempAct::Add(grant(timed.span, timed.jails))),
                temp::Command::Extend(timed) => (timed.targets, TempAct::Extend(grant(timed.span, timed.jails))),
                temp::Command::Remove(named) => (named.targets, TempAct::Remove),
                temp::Command::Keep(kept) => (kept.targets, TempAct::Keep(details!(kept.details, global))),
                temp::Command::List => panic!("`temp list` plans nothing"),
            };
            Box::new(Temp { targets, act })
        }
        Command::Tune(typed) => match (&typed.jail, typed.key, &typed.value) {
            (Some(jail), Some(key), Some(value)) => Box::new(Tune::new(jail, key.into(), value)?),
            _ => panic!("`tune --review` plans nothing"),
        },
        Command::Recidive(recidive::Command::Enable) => Box::new(Recidive::Enable),
        Command::Recidive(recidive::Command::Disable) => Box::new(Recidive::Disable),
        Command::Backup(typed) => Box::new(Backup { label: typed.label }),
        Command::Backups(backups::Arguments {
            command: Some(backups::Command::Prune(typed)),
        }) => Box::new(Prune {
            keep: typed.keep,
            older_than: typed.older_than,
        }),
        Command::Split(_) => Box::new(Split),
        Command::Rollback(typed) => Box::new(Rollback {
            backup: typed.backup,
            customers: match typed.carry_whitelist {
                true => Customers::Carry,
                false => Customers::Drop,
            },
            log_path: typed.set_logpath,
        }),
        Command::Restore(typed) => Box::new(Restore { backup: typed.backup }),
        Command::Undo(typed) => Box::new(Undo {
            change_id: typed.change,
        }),
        Command::Reload(_) => Box::new(Reload),
        Command::Start(_) => Box::new(Start),
        other => panic!("`{}` plans nothing", other.name()),
    })
}

fn of_the_register(command: whitelist::Command, global: &Global) -> Box<dyn Procedure> {
    match command {
        whitelist::Command::Annotate(typed) => Box::new(Annotate {
            network: typed.network,
            details: details!(typed.details, global),
        }),
        whitelist::Command::Adopt(typed) => Box::new(Adopt {
            assigned: typed.assign,
            clear_only: typed.clear_only,
        }),
        whitelist::Command::Lint(_) => Box::new(RepairWhitelist),
        whitelist::Command::Import(typed) => {
            let text = std::fs::read_to_string(folder().join("../registers").join(typed.file)).expect("a register");
            Box::new(Import {
                rows: register_table::read(&text).expect("rows"),
                ticket: global.ticket.clone(),
                by: OPERATOR.to_owned(),
                reassign: typed.reassign,
            })
        }
        other => panic!("`{}` plans nothing", other.name()),
    }
}
