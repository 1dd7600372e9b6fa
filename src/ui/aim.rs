//! Commands that are named to a person, aimed at the host that they are about: a hint or a fix that is typed as it stands
//! must not end up on the default host because its `-H` was left to be thought of.
//!
//! Boundary: only what a person reads; the JSON view names its host beside the text.

use std::borrow::Cow;

/// How a command begins that is named within a sentence.
const NAMED: &str = "`f2bctl ";
/// How a text begins that is a command as a whole.
const WHOLE: &str = "f2bctl ";
/// What asks no host.
const OF_NO_HOST: [&str; 4] = ["hosts", "lab", "completions", "help"];

/// Which host a command without `-H` reaches, and which one this run is about.
#[derive(Debug, Clone, Default)]
pub struct Aim {
    /// The default host, if there is one.
    pub default: Option<String>,
    /// The host of a run that has only one.
    pub only: Option<String>,
}

impl Aim {
    /// A text with its commands aimed at `host`, or at the run's only one.
    pub fn at<'text>(&self, host: Option<&str>, text: &'text str) -> Cow<'text, str> {
        let meant = host.or(self.only.as_deref());
        let Some(host) = meant.filter(|host| self.default.as_deref() != Some(*host)) else {
            return Cow::Borrowed(text);
        };
        let mut aimed = String::with_capacity(text.len());
        let mut rest = text;
        if let Some(command) = text.strip_prefix(WHOLE) {
            aimed.push_str(&begin(WHOLE, command, host));
            rest = command;
        }
        while let Some((before, command)) = rest.split_once(NAMED) {
            aimed.push_str(before);
            aimed.push_str(&begin(NAMED, command, host));
            rest = command;
        }
        aimed.push_str(rest);
        Cow::Owned(aimed)
    }
}

/// The beginning of a command, with the host if the command takes one and has none.
fn begin(program: &str, command: &str, host: &str) -> String {
    let word = command.split([' ', '`']).next().unwrap_or_default();
    match word.starts_with('-') || OF_NO_HOST.contains(&word) {
        true => program.to_owned(),
        false => format!("{program}-H {host} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_to_the_host_they_are_about_and_the_default_host_needs_no_name() {
        let aim = Aim {
            default: Some("prod".to_owned()),
            only: Some("lab".to_owned()),
        };
        assert_eq!(
            aim.at(None, "f2bctl offboard 192.0.2.1"),
            "f2bctl -H lab offboard 192.0.2.1"
        );
        assert_eq!(
            aim.at(Some("pbx2"), "see `f2bctl history` and `f2bctl status`; f2bctl says"),
            "see `f2bctl -H pbx2 history` and `f2bctl -H pbx2 status`; f2bctl says"
        );
        for text in [
            "`f2bctl hosts` lists them",
            "see `f2bctl --help`",
            "`f2bctl -H lab status`",
            "a fault of f2bctl",
        ] {
            assert_eq!(aim.at(None, text), text);
        }
        assert_eq!(aim.at(Some("prod"), "`f2bctl undo`"), "`f2bctl undo`");
        assert_eq!(Aim::default().at(None, "`f2bctl undo`"), "`f2bctl undo`");
    }
}
