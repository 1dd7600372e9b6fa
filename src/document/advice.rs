//! Text for a person that names commands of f2bctl: what to do about a failure, what repairs a finding, what a warning
//! adds.
//!
//! Boundary: it knows where in a text a command is, so that the flag for the host can be put into it when it is shown.
//! In JSON it is a string without that flag: the document has the host beside it.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

/// How a command begins, alone.
const PROGRAM: &str = "f2bctl ";
/// How a command begins within a sentence.
const QUOTED: &str = "`f2bctl ";

/// Text for a person, with the commands of f2bctl in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice(Vec<Piece>);

/// A part of an advice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Text, whatever is in it.
    Text(String),
    /// The arguments of a command of f2bctl.
    Command(String),
}

impl Advice {
    /// What to do where the login may not do something.
    pub const AS_ROOT: &str = "log in as root, or pass --become to use sudo";
    /// What to do about a file that cannot be used.
    pub const CORRECT_THE_FILE: &str = "correct the file on the host; nothing was changed";
    /// What to do where fail2ban is down.
    pub const START: &str = "`f2bctl start` starts it after a preflight";

    /// Which jails there are, where another one was named.
    pub fn running_jails(names: &[&str]) -> Self {
        Self::text(format!("the running jails are {}", names.join(", ")))
    }

    /// What whitelists a customer for good; `options` follow the customer's name.
    pub fn whitelist_customer(network: impl fmt::Display, options: &str) -> Self {
        Self::default().run(format!("onboard {network} --customer NAME{options}"))
    }

    /// A command by its arguments, to be typed as it is.
    pub fn command(arguments: impl Into<String>) -> Self {
        Self(vec![Piece::Command(arguments.into())])
    }

    /// Text, in which nothing is a command.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// The same with text after it.
    #[must_use]
    pub fn then(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Text(text.into()));
        self
    }

    /// The same with a command after it.
    #[must_use]
    pub fn run(mut self, arguments: impl Into<String>) -> Self {
        self.0.push(Piece::Command(arguments.into()));
        self
    }

    /// The same with another advice after it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether it is one command and nothing else.
    pub fn is_command(&self) -> bool {
        matches!(self.0.as_slice(), [Piece::Command(_)])
    }

    /// The same with its commands aimed at a host: those that take a host and name none get `-H HOST`.
    #[must_use]
    pub fn aimed(&self, host: &str) -> Self {
        let piece = |piece: &Piece| match piece {
            Piece::Command(arguments) if is_of_a_host(arguments) => Piece::Command(format!("-H {host} {arguments}")),
            other => other.clone(),
        };
        Self(self.0.iter().map(piece).collect())
    }
}

/// A word of a command line as it is typed in a shell.
pub fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:,=@%+".contains(letter);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Whether a command is about a host and does not say which.
fn is_of_a_host(arguments: &str) -> bool {
    const OF_NO_HOST: [&str; 4] = ["hosts", "lab", "completions", "help"];
    let word = arguments.split(' ').next().unwrap_or_default();
    !word.starts_with('-') && !OF_NO_HOST.contains(&word)
}

impl fmt::Display for Advice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => formatter.write_str(text),
            Piece::Command(arguments) if self.is_command() => write!(formatter, "{PROGRAM}{arguments}"),
            Piece::Command(arguments) => write!(formatter, "`{PROGRAM}{arguments}`"),
        })
    }
}

impl From<&'static str> for Advice {
    /// A text of the program's own: what is in backquotes there and begins with `f2bctl` is a command, and so is a
    /// text that begins with it as a whole.
    fn from(text: &'static str) -> Self {
        if let Some(arguments) = text.strip_prefix(PROGRAM) {
            return Self::command(arguments);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, (arguments, after))) = next_command(rest) {
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Command(arguments.to_owned()));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self(pieces)
    }
}

/// The text before the first command, and the command with the text after it.
fn next_command(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, command) = text.split_once(QUOTED)?;
    Some((before, command.split_once('`')?))
}

impl From<String> for Advice {
    /// Text that was put together, perhaps with what a host wrote: nothing in it is a command.
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl Serialize for Advice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Advice {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Advice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_a_text_go_to_the_host_that_it_is_about() {
        for (advice, aimed) in [
            (Advice::from("f2bctl reload"), "f2bctl -H pbx2 reload"),
            (
                "see `f2bctl history` and `f2bctl status`; f2bctl says".into(),
                "see `f2bctl -H pbx2 history` and `f2bctl -H pbx2 status`; f2bctl says",
            ),
            (
                Advice::text("first ").run("offboard 192.0.2.1").then(", then wait"),
                "first `f2bctl -H pbx2 offboard 192.0.2.1`, then wait",
            ),
            ("`f2bctl hosts` lists them".into(), "`f2bctl hosts` lists them"),
            ("see `f2bctl --help`".into(), "see `f2bctl --help`"),
            ("`f2bctl -H lab status`".into(), "`f2bctl -H lab status`"),
            ("a fault of f2bctl".into(), "a fault of f2bctl"),
        ] {
            assert_eq!(advice.aimed("pbx2").to_string(), aimed);
        }
    }

    #[test]
    fn what_a_host_wrote_is_no_command() {
        let text = "the file says `f2bctl undo`".to_owned();
        assert_eq!(Advice::from(text.clone()).aimed("pbx2").to_string(), text);
    }

    #[test]
    fn json_has_the_text_without_a_host() {
        for text in ["f2bctl reload", "see `f2bctl history`", "wait"] {
            assert_eq!(serde_json::json!(Advice::from(text)), text);
        }
    }
}
