//! `f2bctl completions SHELL`: what a shell sources to complete commands and flags.

use clap::Args;
use clap_complete::Shell;

use crate::document::{Completions, Document};

/// Print the completion script of a shell.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Document {
    let completions = Completions {
        shell: arguments.shell.to_string(),
        text: script(arguments.shell).into(),
    };
    Document::report("completions", None, completions)
}

/// The completions of a shell, as text.
pub fn script(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut crate::cli::grammar(), "f2bctl", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
