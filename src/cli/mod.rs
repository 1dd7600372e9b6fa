//! The command line: parses arguments, builds the services, runs one command, chooses the exit code.

mod arguments;
pub mod command;
pub mod completing;
mod details;
mod dispatch;
mod documents;
pub mod examples;
mod global;
mod help;
mod kept_columns;
mod known_words;
mod log_file;
mod network;
mod noted;
mod roll;
mod runner;
mod services;
mod typed;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory as _;

pub use arguments::{Arguments, Command};
pub use global::{Color, Global};
pub use services::Services;

use crate::document::{Document, Failure, FailureKind};
use crate::ui::{Output, Style};

/// The whole grammar, from which completions, man pages and the reference are generated.
pub fn grammar() -> clap::Command {
    help::with_examples(Arguments::command())
}

/// Runs the program with these arguments (the first is its own name).
pub fn main(typed: Vec<OsString>) -> ExitCode {
    keep_secrets_out_of_core_dumps();
    // The wish for JSON holds for usage errors as well, so it is looked for before anything is parsed.
    let json = typed
        .iter()
        .skip(1)
        .take_while(|word| *word != "--")
        .any(|word| word == "--json");
    let arguments = match typed::read(&typed) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, json),
    };
    let global = arguments.global.clone();
    let style = Style {
        json,
        quiet: global.quiet,
        verbose: global.verbose,
        no_input: global.no_input,
        metrics: match &arguments.command {
            Command::Status(arguments) => arguments.metrics(),
            _ => None,
        },
    };
    let output = Arc::new(Output::new(style, color_choice(global.color)));
    let command = arguments.command.name();
    let words: Vec<String> = typed
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let logged = global
        .log_file
        .as_deref()
        .map_or(Ok(()), |path| log_file::begin(path, &words));
    let makes_file = matches!(arguments.command, Command::Lab(_));
    let services = logged.and_then(|()| Services::new(global, makes_file, Arc::clone(&output), words));
    let documents = match services {
        Ok(services) => dispatch::block_on(services, arguments.command),
        Err(failure) => vec![Document::failed(command, None, &failure)],
    };
    ExitCode::from(documents::print(&output, command, documents))
}

/// Passphrases and opened keys are in memory for a while: neither a core dump nor another process of the same user that
/// attaches to this one may have them.
fn keep_secrets_out_of_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A kernel that refuses this leaves things as they are with every other program.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// clap's own answers: help and version on stdout, faults on stderr (broken between words, which clap leaves to the
/// terminal), or as a JSON document.
fn usage(error: &clap::Error, json: bool) -> ExitCode {
    if !error.use_stderr() || !json {
        if !error.use_stderr() {
            // Where stdout is closed there is nobody left to tell.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        // clap shows a wrong argument as it was typed, which may have been pasted from a log.
        let rendered = error.render();
        let plain = rendered.to_string();
        let safe = crate::ui::text::safe_text(&plain);
        let shown = if safe == plain {
            rendered.ansi().to_string()
        } else {
            safe
        };
        let output = Output::new(Style::default(), anstream::ColorChoice::Auto);
        let page = output.talk();
        let lines: Vec<String> = shown.trim_end().lines().map(|line| page.prose(line, 4)).collect();
        output.show(&lines.join("\n"));
        return ExitCode::from(FailureKind::Usage.exit_code());
    }
    let message = first_paragraph(&error.render().to_string());
    let failure = Failure::new(FailureKind::Usage, message).hint("see `f2bctl --help`");
    let style = Style {
        json: true,
        ..Style::default()
    };
    let output = Output::new(style, anstream::ColorChoice::Never);
    ExitCode::from(documents::print(
        &output,
        "",
        vec![Document::failed("", None, &failure)],
    ))
}

/// What is wrong, in one line: clap names the arguments that it is about in lines of their own below the first.
fn first_paragraph(rendered: &str) -> String {
    let lines = rendered.lines().map(str::trim).take_while(|line| !line.is_empty());
    let shown: Vec<&str> = lines.collect();
    let shown = match shown.split_first() {
        Some((first, arguments)) if !arguments.is_empty() => format!("{first} {}", arguments.join(", ")),
        _ => shown.concat(),
    };
    shown.trim_start_matches("error: ").to_owned()
}

fn color_choice(color: Color) -> anstream::ColorChoice {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    #[test]
    fn a_usage_error_names_its_arguments_in_one_line() {
        let shown = |words: &[&str]| {
            let error = super::Arguments::try_parse_from(words).expect_err("a fault");
            super::first_paragraph(&error.render().to_string())
        };
        assert_eq!(
            shown(&["f2bctl", "unban", "--yes"]),
            "the following required arguments were not provided: <ADDR|NETWORK>..."
        );
        assert_eq!(shown(&["f2bctl", "nosuch"]), "unrecognized subcommand 'nosuch'");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_leaves_no_core_dump() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        super::keep_secrets_out_of_core_dumps();
        assert_eq!(dumpable_behavior().expect("Linux"), DumpableBehavior::NotDumpable);
    }
}
