//! What a shell asks for when Tab is pressed: commands and flags from the grammar, hosts from the configuration, and words of
//! hosts from what the last looks found. It never logs in.

use std::ffi::OsStr;
use std::path::PathBuf;

use chrono::Utc;
use clap::{Arg, Command};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use super::global::HOST_VARIABLE;
use super::known_words::{Kind, KnownWords};
use crate::settings::{Environment, Settings};

/// The flags of every command that are offered beside a command's own; the others are once their beginning is typed.
const USUAL: [&str; 4] = ["host", "dry_run", "yes", "json"];

/// The variable by which a shell's script asks, naming itself.
const ASKED_BY: &str = "F2BCTL_COMPLETE";

/// A file of zsh's `fpath` is run at the first Tab, which is to be answered as well.
const ZSH_FIRST_TAB: &str = "[ \"$funcstack[1]\" != _f2bctl ] || _clap_dynamic_completer_f2bctl \"$@\"\n";

/// Answers the shell and ends the program, if that is why it was started.
pub fn answer_the_shell() {
    let Some(shell) = std::env::var_os(ASKED_BY) else {
        return;
    };
    let typing = match shell.to_str() {
        Some("bash") => Typing::Escaped,
        Some("zsh" | "fish" | "elvish") => Typing::Quoted,
        _ => Typing::AsItIs,
    };
    CompleteEnv::with_factory(move || grammar(typing))
        .var(ASKED_BY)
        .complete();
}

/// How a shell puts a word into the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typing {
    /// As it is, with the backslashes that are in it: bash.
    Escaped,
    /// In quotes where it needs them.
    Quoted,
    /// As it is, and what is in it would be run: only words that need no quotes are offered.
    AsItIs,
}

/// The script that a shell sources; `None` for a shell that is not known.
pub fn script(shell: &str) -> Option<String> {
    let mut text = Vec::new();
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    shell
        .write_registration(ASKED_BY, "f2bctl", "f2bctl", "f2bctl", &mut text)
        .ok()?;
    if shell.name() == "zsh" {
        text.extend_from_slice(ZSH_FIRST_TAB.as_bytes());
    }
    String::from_utf8(text).ok()
}

/// The grammar with where its words come from.
fn grammar(typing: Typing) -> Command {
    let grammar = super::grammar().mut_args(|argument| {
        let rare = argument.is_global_set() && !USUAL.contains(&argument.get_id().as_str());
        argument.hide(rare)
    });
    with_words(grammar, "", typing)
}

fn with_words(command: Command, path: &str, typing: Typing) -> Command {
    let command = command.mut_args(|argument| match source(path, &argument) {
        Some(source) => argument.add(ArgValueCompleter::new(move |typed: &OsStr| {
            candidates(source, &typed.to_string_lossy(), typing)
        })),
        None => argument,
    });
    let below: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    below.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |below| with_words(below, path.trim_start(), typing))
    })
}

/// Where an argument's words come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Hosts,
    Words(&'static [Kind]),
}

fn source(command: &str, argument: &Arg) -> Option<Source> {
    let name = argument.get_value_names()?.first()?.as_str();
    let words = match (command, name) {
        (_, "HOST") => return Some(Source::Hosts),
        (_, "JAIL" | "JAIL|FILTER") => &[Kind::Jail][..],
        ("status", _) => &[Kind::Jail, Kind::Banned],
        (_, "BACKUP") => &[Kind::Backup],
        ("offboard" | "whitelist annotate", "NETWORK") => &[Kind::Network],
        ("unban" | "watch", "ADDR|NETWORK") => &[Kind::Banned],
        ("why", "ADDRESS|NETWORK|ACCOUNT") | ("whitelist check", "ADDR|NETWORK") => &[Kind::Banned, Kind::Network],
        ("offboard" | "onboard" | "watch" | "history" | "why", "NAME") if argument.get_id() == "customer" => {
            &[Kind::Customer]
        }
        _ => return None,
    };
    Some(Source::Words(words))
}

fn candidates(source: Source, typed: &str, typing: Typing) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::of_process() else {
        return Vec::new();
    };
    let file = std::env::var_os("F2BCTL_CONFIG").map(PathBuf::from);
    let Ok(settings) = Settings::load(file.as_deref(), &environment) else {
        return Vec::new();
    };
    let typed = match typing {
        Typing::Escaped => typed.replace('\\', ""),
        Typing::Quoted | Typing::AsItIs => typed.to_owned(),
    };
    let words = match source {
        Source::Hosts => hosts(&settings, &typed),
        Source::Words(kinds) => {
            let words = std::env::args().collect::<Vec<_>>();
            let named = named_host(&words).or_else(|| std::env::var(HOST_VARIABLE).ok());
            let host = match named {
                Some(selection) => settings
                    .select(&selection)
                    .ok()
                    .and_then(|hosts| hosts.into_iter().next()),
                None => settings.default_host().ok(),
            };
            let Some(host) = host else {
                return Vec::new();
            };
            let known = KnownWords::of(&environment.state_home, &host.name);
            let now = Utc::now().timestamp();
            let of = |kind: &Kind| known.words(*kind, now).cloned().collect::<Vec<_>>();
            kinds.iter().flat_map(of).collect()
        }
    };
    let fitting = words.into_iter().filter(|word| word.starts_with(&typed));
    let words = fitting.filter_map(|word| typable(word, typing));
    words.map(CompletionCandidate::new).collect()
}

/// A word as a shell is given it. A host chooses its names: none is a flag, or more than a word, for the shell.
fn typable(word: String, typing: Typing) -> Option<String> {
    if word.starts_with('-') {
        return None;
    }
    match typing {
        Typing::Escaped => Some(escaped(&word)),
        Typing::Quoted => Some(word),
        Typing::AsItIs => word.chars().all(is_plain).then_some(word),
    }
}

/// Hosts and groups behind what stands before the last comma.
fn hosts(settings: &Settings, typed: &str) -> Vec<String> {
    let before = typed.rfind(',').map_or("", |comma| &typed[..=comma]);
    let names = settings.hosts.iter().map(|host| host.name.clone());
    let groups = settings.hosts.iter().flat_map(|host| &host.groups);
    let mut found: Vec<String> = names
        .chain(groups.map(|group| format!("@{group}")))
        .map(|name| format!("{before}{name}"))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What the line that is being completed gives as `--host`.
fn named_host(words: &[String]) -> Option<String> {
    let mut line = words.iter().skip_while(|word| *word != "--").skip(1);
    while let Some(word) = line.next() {
        if word == "-H" || word == "--host" {
            return line.next().cloned();
        }
        if let Some(value) = word.strip_prefix("--host=").or_else(|| word.strip_prefix("-H")) {
            return Some(value.to_owned());
        }
    }
    None
}

/// Whether a letter is itself in every shell.
fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || "%+=:,./_-".contains(letter)
}

/// A word as bash has it typed: bash puts in what it is given as it is.
fn escaped(word: &str) -> String {
    word.chars()
        .flat_map(|letter| {
            let needs = !is_plain(letter) && letter != '@';
            needs.then_some('\\').into_iter().chain([letter])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_host_is_the_one_of_the_line() {
        assert_eq!(
            named_host(&words("f2bctl -- f2bctl -H lab unban ")).as_deref(),
            Some("lab")
        );
        assert_eq!(
            named_host(&words("f2bctl -- f2bctl unban --host=lab ")).as_deref(),
            Some("lab")
        );
        assert_eq!(
            named_host(&words("f2bctl -- f2bctl unban -Hlab ")).as_deref(),
            Some("lab")
        );
        assert_eq!(named_host(&words("f2bctl -- f2bctl unban ")), None);
    }

    #[test]
    fn a_shell_takes_a_customers_name_as_one_word() {
        assert_eq!(escaped("Lotus & Sons"), r"Lotus\ \&\ Sons");
        assert_eq!(escaped("$(x)`'\""), r#"\$\(x\)\`\'\""#);
        assert_eq!(escaped("203.0.113.0/28"), "203.0.113.0/28");
        let offered = |word: &str, typing| typable(word.to_owned(), typing);
        assert_eq!(offered("a$(x)", Typing::AsItIs), None);
        assert_eq!(offered("--yes", Typing::Escaped), None);
        assert_eq!(offered("sshd", Typing::AsItIs).as_deref(), Some("sshd"));
    }

    #[test]
    fn each_source_is_some_arguments() {
        fn all(command: &Command, path: &str, found: &mut Vec<Source>) {
            found.extend(command.get_arguments().filter_map(|argument| source(path, argument)));
            for below in command.get_subcommands() {
                all(below, format!("{path} {}", below.get_name()).trim_start(), found);
            }
        }
        let mut found = Vec::new();
        all(&crate::cli::grammar(), "", &mut found);
        for kind in [Kind::Jail, Kind::Customer, Kind::Network, Kind::Banned, Kind::Backup] {
            let has = |source: &Source| matches!(source, Source::Words(kinds) if kinds.contains(&kind));
            assert!(found.iter().any(has), "{kind:?}");
        }
        assert!(found.contains(&Source::Hosts));
    }
}
