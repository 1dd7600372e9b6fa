//! The command reference as Markdown: every command with its arguments, flags, defaults and environment variables.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

const OPENING: &str =
    "<!-- Generated from the program; `F2BCTL_REGENERATE=1 cargo test --test generated` rewrites it. -->

# Command reference

`f2bctl [FLAGS] COMMAND [FLAGS] [ARGUMENTS]`. The flags of the first section may be given before or after any command.
Exit codes: [trouble.md](trouble.md#by-exit-code). JSON keys: [json.md](json.md).
";

/// The whole reference.
pub fn markdown() -> String {
    let mut root = f2bctl::cli::grammar();
    root.build();
    let mut text = OPENING.to_owned();
    contents(&root, &mut text);
    flags_of_every_command(&root, &mut text);
    for command in shown(&root) {
        section(command, "f2bctl", &mut text);
    }
    text
}

/// The commands of a command, without those that clap adds.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    // Commands have a `help` of clap's own below them; the program's own stands at the top.
    let own = |below: &&Command| below.get_name() != "help" || command.get_name() == "f2bctl";
    command
        .get_subcommands()
        .filter(move |below| own(below) && !below.is_hide_set())
}

fn contents(root: &Command, text: &mut String) {
    text.push_str("\n| command | what it does |\n|---|---|\n");
    for command in shown(root) {
        let name = command.get_name();
        let _ = writeln!(text, "| [`{name}`](#f2bctl-{name}) | {} |", about(command));
    }
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(|about| cell(&about.to_string()))
        .unwrap_or_default()
}

fn flags_of_every_command(root: &Command, text: &mut String) {
    text.push_str("\n## Flags of every command\n");
    let mut headings: Vec<&str> = Vec::new();
    for arg in root.get_arguments().filter(|arg| arg.is_global_set()) {
        let heading = arg.get_help_heading().unwrap_or("Options");
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for heading in headings {
        let _ = write!(text, "\n### {heading}\n");
        let of_heading = |arg: &&Arg| arg.is_global_set() && arg.get_help_heading().unwrap_or("Options") == heading;
        table(root.get_arguments().filter(of_heading), text);
    }
}

/// One command, and those below it.
fn section(command: &Command, above: &str, text: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let _ = write!(text, "\n## {name}\n\n{}\n", about(command));
    let below: Vec<&Command> = shown(command).collect();
    if below.is_empty() || !command.is_subcommand_required_set() {
        usage(command, &name, text);
    }
    let own = |arg: &&Arg| !arg.is_global_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    if command.get_arguments().any(|arg| own(&arg)) {
        table(command.get_arguments().filter(own), text);
    }
    examples(&name, text);
    for command in below {
        section(command, &name, text);
    }
}

/// The command's examples, each with what it is for as a comment.
fn examples(name: &str, text: &mut String) {
    let examples = f2bctl::cli::examples::of(name.trim_start_matches("f2bctl "));
    if examples.is_empty() {
        return;
    }
    text.push_str("\n```sh\n");
    for example in examples {
        let _ = writeln!(text, "# {}\n{}", example.meaning, example.line);
    }
    text.push_str("```\n");
}

/// The usage line; `[OPTIONS]` stands for the flags of every command where there are no others.
fn usage(command: &Command, name: &str, text: &mut String) {
    let usage = command.clone().render_usage().to_string();
    let line = usage.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let line = line.trim_start_matches("Usage: ");
    let behind = line.split_once("[OPTIONS]").map_or("", |(_, behind)| behind);
    let _ = write!(text, "\n```text\n{name} [FLAGS]{behind}\n```\n");
}

fn table<'a>(arguments: impl Iterator<Item = &'a Arg>, text: &mut String) {
    text.push_str("\n| argument | default | environment | meaning |\n|---|---|---|---|\n");
    for arg in arguments {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            spelling(arg),
            default(arg),
            arg.get_env()
                .map(|name| format!("`{}`", name.to_string_lossy()))
                .unwrap_or_default(),
            meaning(arg)
        );
    }
}

/// `-H`, `--host HOST`, or the value's name of a positional argument.
fn spelling(arg: &Arg) -> String {
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" ");
    let mut words: Vec<String> = Vec::new();
    words.extend(arg.get_short().map(|short| format!("`-{short}`")));
    words.extend(arg.get_long().map(|long| match takes_value {
        true => format!("`--{long} {value}`"),
        false => format!("`--{long}`"),
    }));
    if words.is_empty() {
        words.push(format!("`{value}`"));
    }
    // A bar would end the table's cell.
    words.join(", ").replace('|', "\\|")
}

fn default(arg: &Arg) -> String {
    if !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
        return String::new();
    }
    let values: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    values.join(" ")
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_help().map(|help| cell(&help.to_string())).unwrap_or_default();
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let possible: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if takes_value && !possible.is_empty() {
        let _ = write!(text, " One of {}.", possible.join(", "));
    }
    text
}

/// Text for one cell: one line that ends in a full stop, with no bar in it.
fn cell(text: &str) -> String {
    let line = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|");
    match line.ends_with('.') || line.is_empty() {
        true => line,
        false => format!("{line}."),
    }
}
