//! Commands that are named to a person, aimed at the host that they are about: a hint or a fix that is typed as it is
//! must not end up on the default host because its `-H` was left to be thought of.
//!
//! Boundary: only what a person reads; the JSON view names its host beside the text.

use crate::document::Advice;

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
    pub fn at(&self, host: Option<&str>, advice: &Advice) -> Advice {
        let meant = host.or(self.only.as_deref());
        match meant.filter(|host| self.default.as_deref() != Some(*host)) {
            Some(host) => advice.aimed(host),
            None => advice.clone(),
        }
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
        let undo = Advice::from("f2bctl undo");
        assert_eq!(aim.at(None, &undo).to_string(), "f2bctl -H lab undo");
        assert_eq!(aim.at(Some("pbx2"), &undo).to_string(), "f2bctl -H pbx2 undo");
        assert_eq!(aim.at(Some("prod"), &undo).to_string(), "f2bctl undo");
        assert_eq!(Aim::default().at(None, &undo).to_string(), "f2bctl undo");
    }
}
