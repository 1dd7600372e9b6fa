//! What `-h` and `help` show: the commands by what an operator wants, a command's own arguments with examples, and the
//! flags of every command on a page of their own.

use std::fmt::Write as _;

use clap::builder::{StyledStr, Styles};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};

use super::examples::{self, Example};
use crate::ui::Page;

/// The commands by what an operator wants.
const GROUPS: [(&str, &[&str]); 7] = [
    ("Look", &["status", "doctor", "why", "watch", "regex"]),
    ("Customers", &["onboard", "offboard", "whitelist", "temp"]),
    ("Bans", &["unban"]),
    ("Change jails", &["split", "tune", "recidive", "reload", "start"]),
    ("Go back", &["undo", "rollback", "restore", "backup", "backups"]),
    ("Records", &["history", "report", "audit"]),
    ("Set up", &["hosts", "lab", "completions", "help"]),
];
/// The jobs of every day, as they are typed.
const DAILY: [(&str, &str); 4] = [
    ("f2bctl status", "Look at the jails, the bans and the whitelist"),
    (
        "f2bctl onboard NETWORK --customer NAME",
        "Whitelist a customer's network",
    ),
    ("f2bctl unban ADDRESS", "Lift an address's bans in every jail"),
    ("f2bctl rollback", "Go back to the single asterisk jail"),
];
/// Where the text begins beside a command's name, and beside a daily job.
const COLUMN: usize = 15;
const DAILY_COLUMN: usize = 42;

/// The grammar with each command's examples, and with `help`.
pub fn with_examples(grammar: Command) -> Command {
    let topic = Arg::new("topic")
        .value_name("COMMAND|flags")
        .help("The command, or `flags` for the flags of every command")
        .num_args(0..);
    let help = Command::new("help")
        .about("Show the help of a command, or the flags of every command")
        .arg(topic);
    each(
        grammar.disable_help_subcommand(true).subcommand(help),
        "",
        &|command, path| match block(path) {
            Some(examples) => command.after_help(examples),
            None => command,
        },
    )
}

/// The grammar as it answers `-h`: the flags of every command are named in one line. `default` is the default host that
/// is in force, in brackets; empty where the configuration does not say.
pub fn in_short(grammar: Command, default: &str, page: &Page) -> Command {
    let overview = overview(&grammar, default, page);
    let closing = closing(default);
    let hidden = grammar.mut_args(|argument| match argument.is_global_set() {
        true => argument.hide(true),
        false => argument,
    });
    let dressed = each(hidden, "", &|command, path| {
        let mut text = block(path).unwrap_or_default();
        let gap = if examples::of(path).is_empty() { "" } else { "\n\n" };
        let _ = write!(text, "{gap}{closing}");
        command.after_help(text)
    });
    dressed.override_help(overview)
}

/// The answer to `help TOPIC...`, as clap gives its own; a fault where there is no such command.
pub fn answer(topic: &[&str], grammar: Command, default: &str, page: &Page) -> clap::Error {
    if topic == ["flags"] {
        return help_of(flags(&grammar, default), &[]);
    }
    help_of(in_short(grammar, default, page), topic)
}

fn help_of(mut grammar: Command, topic: &[&str]) -> clap::Error {
    let words = ["f2bctl"].iter().chain(topic).chain(&["--help"]);
    match grammar.try_get_matches_from_mut(words) {
        Err(error) => error,
        Ok(_) => grammar.error(ErrorKind::InvalidSubcommand, "there is no help of this\n"),
    }
}

/// The flags of every command, below their headings, as the help of a command of their own.
fn flags(grammar: &Command, default: &str) -> Command {
    let with_default = |argument: &Arg| match argument.get_id() == "host" && !default.is_empty() {
        true => {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            argument.clone().help(format!("{help} {default}"))
        }
        false => argument.clone(),
    };
    let global = grammar.get_arguments().filter(|argument| argument.is_global_set());
    Command::new("f2bctl")
        .about("The flags of every command, which may be given before or after it")
        .args(global.map(with_default))
        .disable_help_flag(true)
        .arg(Arg::new("help").long("help").action(ArgAction::Help).hide(true))
        .max_term_width(110)
        .help_template("{about}\n\n{all-args}")
}

/// Does something to each command; `path` is what is typed after `f2bctl`.
fn each(command: Command, path: &str, act: &dyn Fn(Command, &str) -> Command) -> Command {
    let below: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let changed = below.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |below| each(below, path.trim_start(), act))
    });
    match path {
        "" => changed,
        _ => act(changed, path),
    }
}

/// A command's examples; none for one that has none.
fn block(path: &str) -> Option<StyledStr> {
    let mut text = heading(match examples::of(path) {
        [] => return None,
        [_] => "Example",
        _ => "Examples",
    });
    for Example { line, meaning } in examples::of(path) {
        let _ = write!(text, "\n  {line}\n      {meaning}");
    }
    Some(text)
}

/// What `f2bctl` alone shows.
fn overview(grammar: &Command, default: &str, page: &Page) -> StyledStr {
    let mut text = StyledStr::new();
    let about = grammar.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = heading("Usage");
    let _ = write!(
        text,
        "{about}\n\n{} f2bctl [FLAGS] COMMAND [ARGUMENTS]\n\n{}",
        usage.ansi(),
        heading("Daily jobs").ansi()
    );
    for (line, meaning) in DAILY {
        let _ = write!(
            text,
            "\n{}",
            page.prose(&format!("  {line:<DAILY_COLUMN$}{meaning}"), 2 + DAILY_COLUMN)
        );
    }
    for (group, names) in GROUPS {
        let _ = write!(text, "\n\n{}", heading(group).ansi());
        for name in names {
            let about = grammar.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = write!(
                text,
                "\n{}",
                page.prose(&format!("  {name:<COLUMN$}{about}"), 2 + COLUMN)
            );
        }
    }
    let closing = format!(
        "`f2bctl COMMAND -h` shows a command's arguments with examples. {}",
        closing(default)
    );
    let _ = write!(text, "\n\n{}\n", page.prose(&closing, 0));
    text
}

fn closing(default: &str) -> String {
    let host = format!("-H HOST {default}");
    format!(
        "`f2bctl help flags` shows the flags of every command, such as {}, --dry-run, --yes and --json.",
        host.trim_end()
    )
}

/// A heading as clap writes its own.
fn heading(text: &str) -> StyledStr {
    let style = Styles::styled();
    let header = style.get_header();
    let mut styled = StyledStr::new();
    let _ = write!(styled, "{header}{text}:{header:#}");
    styled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_stands_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let grammar = crate::cli::grammar();
        let mut typed: Vec<&str> = grammar.get_subcommands().map(Command::get_name).collect();
        grouped.sort_unstable();
        typed.sort_unstable();
        assert_eq!(grouped, typed);
    }

    #[test]
    fn a_command_shows_its_own_arguments_and_names_the_page_of_the_others() {
        let answer = |topic: &[&str]| {
            let page = Page::of_columns(80);
            answer(topic, crate::cli::grammar(), "[default: pbx2 (root@192.0.2.2)]", &page).to_string()
        };
        let onboard = answer(&["onboard"]);
        assert!(
            onboard.contains("--customer") && !onboard.contains("--known-hosts"),
            "{onboard}"
        );
        assert!(
            onboard.contains("Examples:") && onboard.contains("f2bctl help flags"),
            "{onboard}"
        );
        let flags = answer(&["flags"]);
        assert!(
            flags.contains("--known-hosts") && flags.contains("[default: pbx2"),
            "{flags}"
        );
        assert!(!flags.contains("--customer"), "{flags}");
        let below = answer(&["whitelist", "check"]);
        assert!(below.contains("f2bctl whitelist check"), "{below}");
        let none = answer(&["onbord"]);
        assert!(none.contains("onboard"), "{none}");
    }
}
