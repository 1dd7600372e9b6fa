//! `f2bctl completions SHELL`: what a shell sources to complete commands, flags, hosts and their words.

use clap::{Args, ValueEnum};

use crate::cli::completing::script;
use crate::document::{Completions, Document};

/// Print the completion script of a shell.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell that can be given completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// The Bourne Again Shell.
    Bash,
    /// Elvish.
    Elvish,
    /// The friendly interactive shell.
    Fish,
    /// PowerShell.
    #[value(name = "powershell")]
    PowerShell,
    /// The Z shell.
    Zsh,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Document {
    let shell = arguments.shell.to_possible_value();
    let name = shell.as_ref().map_or("", |shell| shell.get_name());
    let completions = Completions {
        shell: name.to_owned(),
        text: script(name).unwrap_or_default().into(),
    };
    Document::report("completions", None, completions)
}
