//! A login that the host refused, in words: what was offered, what was not, and what it would still take.

use std::fmt;

/// A login that was refused: what was tried, what was not, and what the host would still take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `user@host`.
    pub host: String,
    /// What was offered, in order.
    pub offered: Vec<Offer>,
    /// What was not offered, and why.
    pub skipped: Vec<Skipped>,
    /// The methods that the host still accepts, such as `publickey`.
    pub accepts: Vec<String>,
    /// Whether a first factor was accepted and another one is wanted.
    pub partial: bool,
    /// Why the host ended the connection, if it did.
    pub ended: Option<String>,
}

/// An identity that the host refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Such as `publickey`.
    pub method: &'static str,
    /// Such as `ssh-ed25519 SHA256:… from /home/ravi/.ssh/id_ed25519`.
    pub what: String,
}

/// An identity that was not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Such as a key file.
    pub what: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} refused the login", self.host)?;
        if self.partial {
            formatter.write_str(" after accepting a first factor")?;
        }
        match self.offered.as_slice() {
            [] => formatter.write_str("; nothing was offered")?,
            offers => {
                let names: Vec<String> = offers
                    .iter()
                    .map(|offer| format!("{} {}", offer.method, offer.what))
                    .collect();
                write!(formatter, "; offered: {}", names.join(", "))?;
            }
        }
        if !self.skipped.is_empty() {
            let names: Vec<String> = self
                .skipped
                .iter()
                .map(|skip| format!("{} ({})", skip.what, skip.why))
                .collect();
            write!(formatter, "; not offered: {}", names.join(", "))?;
        }
        if !self.accepts.is_empty() {
            write!(formatter, "; it still accepts: {}", self.accepts.join(", "))?;
        }
        match &self.ended {
            Some(reason) => write!(formatter, "; it ended the connection: {reason}"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// What the operator can do, best first.
    pub(super) fn hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        let wants = |method: &str| self.accepts.iter().any(|accepted| accepted == method);
        if self
            .ended
            .as_deref()
            .is_some_and(|reason| reason.contains("Too many authentication failures"))
        {
            hints.push(
                "name the right key with --identity FILE, and set IdentitiesOnly yes for this host in ssh_config"
                    .into(),
            );
        }
        if self.skipped.iter().any(|skip| skip.why.contains("passphrase")) {
            hints.push(
                "load the key into the agent with ssh-add, or run on a terminal so that the passphrase can be asked"
                    .into(),
            );
        }
        if wants("publickey") && self.offered.iter().all(|offer| offer.method != "publickey") {
            hints.push("give a key with --identity FILE, or load one into the agent with ssh-add".into());
        } else if wants("publickey") {
            hints.push("put one of the offered public keys into the host's authorized_keys, or give another with --identity FILE".into());
        }
        if wants("password") || wants("keyboard-interactive") {
            hints.push("run on a terminal to be asked for a password".into());
        }
        if hints.is_empty() {
            hints.push("check the login name and the host's sshd log".into());
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_was_offered_and_what_is_still_accepted() {
        let refusal = Refusal {
            host: "root@192.0.2.7".into(),
            offered: vec![Offer {
                method: "publickey",
                what: "ssh-ed25519 SHA256:abc from k".into(),
            }],
            skipped: vec![Skipped {
                what: "/k2".into(),
                why: "its passphrase could not be asked".into(),
            }],
            accepts: vec!["publickey".into(), "password".into()],
            partial: false,
            ended: None,
        };
        assert_eq!(
            refusal.to_string(),
            "root@192.0.2.7 refused the login; offered: publickey ssh-ed25519 SHA256:abc from k; \
             not offered: /k2 (its passphrase could not be asked); it still accepts: publickey, password"
        );
        assert_eq!(refusal.hints().len(), 3);
    }
}
