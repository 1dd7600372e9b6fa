//! Which keys are offered, in which order: those of the command line, those of ssh_config that the agent holds, the agent's
//! others, and then the key files, as OpenSSH does.

use std::path::{Path, PathBuf};

use russh::keys::key::parse_public_key;
use russh::keys::{Certificate, PublicKey};

use super::agent::{Agent, HeldKey};
use super::key_file::{self, KeyFile, KeyFileError};
use super::refusal::Skipped;
use super::settings::HostSettings;

/// Who can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// The agent, by the blob that it listed.
    Agent(Vec<u8>),
    /// A key file.
    File(PathBuf),
}

/// One identity to offer.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The public key; `None` for a file that hides it until its passphrase is given.
    pub public: Option<PublicKey>,
    /// The certificate to show instead of the plain key.
    pub certificate: Option<Certificate>,
    /// The key's comment.
    pub comment: String,
    /// Who signs.
    pub holder: Holder,
    /// Where it comes from, for messages.
    pub origin: String,
    /// Whether the command line names it.
    explicit: bool,
    /// Whether ssh_config or the command line names it.
    configured: bool,
}

/// What can be offered, and what cannot and why.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// In the order in which they are offered.
    pub candidates: Vec<Candidate>,
    /// Left out.
    pub skipped: Vec<Skipped>,
}

/// The keys of an agent; an agent that does not answer is a skipped identity, not an error.
pub(super) async fn held_keys(agent: Option<&mut Agent>, skipped: &mut Vec<Skipped>) -> Vec<HeldKey> {
    let Some(agent) = agent else { return Vec::new() };
    agent.keys().await.unwrap_or_else(|error| {
        skipped.push(Skipped {
            what: "ssh-agent".into(),
            why: format!("its keys could not be listed: {error}"),
        });
        Vec::new()
    })
}

/// All identities for a host, best first.
pub(super) fn gather(host: &HostSettings, held: &[HeldKey]) -> Identities {
    let mut gathered = Identities::default();
    let held = parse_held(held, &mut gathered.skipped);
    let explicit = host.explicit_identities.iter().map(|file| (file, true));
    let configured = host.identity_files.iter().map(|file| (file, false));
    for (file, explicit) in explicit.chain(configured) {
        gathered.add_file(file, explicit, &held, host);
    }
    for file in &host.certificate_files {
        gathered.add_certificate(file, false, &held, host);
    }
    if !host.identities_only {
        gathered.add_rest_of_agent(held);
    }
    // Stable: within a rank the order of finding stays.
    gathered.candidates.sort_by_key(Candidate::rank);
    gathered
}

impl Candidate {
    fn rank(&self) -> u8 {
        let by_agent = matches!(self.holder, Holder::Agent(_));
        match (self.explicit, self.configured, by_agent) {
            (true, _, _) => 0,
            (false, true, true) => 1,
            (false, false, _) => 2,
            (false, true, false) => 3,
        }
    }

    fn is_same(&self, public: &PublicKey, certified: bool) -> bool {
        let same_key = self
            .public
            .as_ref()
            .is_some_and(|own| own.key_data() == public.key_data());
        same_key && self.certificate.is_some() == certified
    }
}

/// A key of the agent that can be used here.
struct Held {
    public: PublicKey,
    certificate: Option<Certificate>,
    comment: String,
    blob: Vec<u8>,
}

fn parse_held(held: &[HeldKey], skipped: &mut Vec<Skipped>) -> Vec<Held> {
    let mut parsed = Vec::new();
    for key in held {
        let certificate = Certificate::from_bytes(&key.blob).ok();
        let public = match &certificate {
            Some(certificate) => Ok(PublicKey::new(certificate.public_key().clone(), "")),
            None => parse_public_key(&key.blob),
        };
        match public {
            Ok(public) => parsed.push(Held {
                public,
                certificate,
                comment: key.comment.clone(),
                blob: key.blob.clone(),
            }),
            Err(_) => skipped.push(Skipped {
                what: format!("the agent's key {:?}", super::prompt::visible(&key.comment)),
                why: "its type is not known here".into(),
            }),
        }
    }
    parsed
}

impl Identities {
    fn add_file(&mut self, file: &Path, explicit: bool, held: &[Held], host: &HostSettings) {
        let what = file.display().to_string();
        let (public, has_private_half) = match key_file::inspect(file) {
            Ok(KeyFile::Private(public)) => (Some(public), true),
            Ok(KeyFile::PublicOnly(public)) => (Some(public), false),
            Ok(KeyFile::Sealed) => (None, true),
            // OpenSSH looks for its default files without a word when they are missing.
            Err(KeyFileError::Missing) if !explicit => return,
            Err(error) => return self.skip(what, &error.to_string()),
        };
        match public.as_ref().and_then(|public| by_agent(held, public)) {
            Some(held) => {
                let (holder, origin) = (Holder::Agent(held.blob.clone()), format!("{what} (by the agent)"));
                self.push_with_comment(public, None, &held.comment, holder, origin, explicit);
            }
            None if has_private_half => self.push(public, None, Holder::File(file.to_owned()), what, explicit),
            None => return self.skip(what, "it is a public key, and the agent does not have its private key"),
        }
        self.add_certificate_beside(file, explicit, held, host);
    }

    fn skip(&mut self, what: String, why: &str) {
        self.skipped.push(Skipped { what, why: why.into() });
    }

    /// As OpenSSH does, only where no certificate was named.
    fn add_certificate_beside(&mut self, file: &Path, explicit: bool, held: &[Held], host: &HostSettings) {
        let beside = key_file::certificate_beside(file);
        if host.certificate_files.is_empty() && beside.exists() {
            self.add_certificate(&beside, explicit, held, host);
        }
    }

    fn add_certificate(&mut self, file: &Path, explicit: bool, held: &[Held], host: &HostSettings) {
        let what = file.display().to_string();
        let certificate = match key_file::certificate(file) {
            Ok(certificate) => certificate,
            Err(error) => return self.skip(what, &error.to_string()),
        };
        let public = PublicKey::new(certificate.public_key().clone(), certificate.comment());
        let holder = match by_agent(held, &public) {
            Some(held) => Some(Holder::Agent(held.blob.clone())),
            None => host
                .explicit_identities
                .iter()
                .chain(&host.identity_files)
                .find(|file| matches!(key_file::inspect(file), Ok(KeyFile::Private(own)) if own.key_data() == public.key_data()))
                .map(|file| Holder::File(file.clone())),
        };
        match holder {
            Some(holder) => self.push(Some(public), Some(certificate), holder, what, explicit),
            None => self.skip(what, "no key file and no agent has the private key of this certificate"),
        }
    }

    fn add_rest_of_agent(&mut self, held: Vec<Held>) {
        for key in held {
            if self
                .candidates
                .iter()
                .any(|candidate| candidate.is_same(&key.public, key.certificate.is_some()))
            {
                continue;
            }
            self.candidates.push(Candidate {
                public: Some(key.public),
                certificate: key.certificate,
                comment: key.comment,
                holder: Holder::Agent(key.blob),
                origin: "the agent".into(),
                explicit: false,
                configured: false,
            });
        }
    }

    fn push(
        &mut self,
        public: Option<PublicKey>,
        certificate: Option<Certificate>,
        holder: Holder,
        origin: String,
        explicit: bool,
    ) {
        let comment = public
            .as_ref()
            .map(|public| public.comment().to_string())
            .unwrap_or_default();
        self.push_with_comment(public, certificate, &comment, holder, origin, explicit);
    }

    fn push_with_comment(
        &mut self,
        public: Option<PublicKey>,
        certificate: Option<Certificate>,
        comment: &str,
        holder: Holder,
        origin: String,
        explicit: bool,
    ) {
        let is_known = |public: &PublicKey| {
            self.candidates
                .iter()
                .any(|own| own.is_same(public, certificate.is_some()))
        };
        if public.as_ref().is_some_and(is_known) {
            return;
        }
        self.candidates.push(Candidate {
            public,
            certificate,
            comment: comment.to_owned(),
            holder,
            origin,
            explicit,
            configured: true,
        });
    }
}

/// The agent's plain key, or else its certified one, which signs just as well.
fn by_agent<'a>(held: &'a [Held], public: &PublicKey) -> Option<&'a Held> {
    let same = |key: &&Held| key.public.key_data() == public.key_data();
    let plain = held.iter().filter(same).find(|key| key.certificate.is_none());
    plain.or_else(|| held.iter().find(same))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::ssh::destination::Destination;
    use crate::remote::ssh::options::SshOptions;
    use crate::remote::ssh::settings::from_flags;
    use std::process::Command;

    /// A folder with four keys, and a host that knows three of them by file.
    fn bench() -> (tempfile::TempDir, HostSettings) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["flag", "held", "other", "file"] {
            let file = folder.path().join(name);
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(&file)
                .status();
            assert!(made.expect("ssh-keygen has to be installed").success());
        }
        let destination = Destination::parse("root@192.0.2.7").unwrap();
        let mut host = from_flags(&destination, &SshOptions::default()).unwrap();
        host.explicit_identities = vec![folder.path().join("flag")];
        host.identity_files = vec![
            folder.path().join("file"),
            folder.path().join("held"),
            folder.path().join("missing"),
        ];
        (folder, host)
    }

    fn held(folder: &Path, names: &[&str]) -> Vec<HeldKey> {
        let key = |name: &&str| {
            let text = std::fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
            HeldKey {
                blob: PublicKey::from_openssh(text.trim()).unwrap().to_bytes().unwrap(),
                comment: (*name).into(),
            }
        };
        names.iter().map(key).collect()
    }

    fn order(identities: &Identities) -> Vec<(String, bool)> {
        let shown = |candidate: &Candidate| (candidate.comment.clone(), matches!(candidate.holder, Holder::Agent(_)));
        identities.candidates.iter().map(shown).collect()
    }

    fn expected(order: &[(&str, bool)]) -> Vec<(String, bool)> {
        order.iter().map(|(name, agent)| ((*name).to_owned(), *agent)).collect()
    }

    #[test]
    fn the_order_is_flag_configured_and_held_held_file() {
        let (folder, host) = bench();
        let gathered = gather(&host, &held(folder.path(), &["other", "held"]));
        assert_eq!(
            order(&gathered),
            expected(&[("flag", false), ("held", true), ("other", true), ("file", false)])
        );
        assert_eq!(gathered.skipped, []);
    }

    #[test]
    fn each_key_is_offered_once_and_by_the_agent_where_it_can() {
        let (folder, mut host) = bench();
        host.identity_files.push(folder.path().join("flag"));
        let gathered = gather(&host, &held(folder.path(), &["flag", "held", "file"]));
        assert_eq!(
            order(&gathered),
            expected(&[("flag", true), ("file", true), ("held", true)])
        );
    }

    #[test]
    fn identities_only_leaves_the_agents_others_out_but_lets_it_sign() {
        let (folder, mut host) = bench();
        host.identities_only = true;
        let gathered = gather(&host, &held(folder.path(), &["other", "held"]));
        assert_eq!(
            order(&gathered),
            expected(&[("flag", false), ("held", true), ("file", false)])
        );
    }

    #[test]
    fn a_public_file_stands_for_the_agents_key_and_nothing_without_it() {
        let (folder, mut host) = bench();
        host.explicit_identities = vec![folder.path().join("other.pub")];
        host.identity_files = Vec::new();
        assert_eq!(
            order(&gather(&host, &held(folder.path(), &["other"]))),
            expected(&[("other", true)])
        );
        let without = gather(&host, &[]);
        assert_eq!(
            without.skipped.first().map(|skip| skip.why.as_str()),
            Some("it is a public key, and the agent does not have its private key")
        );
    }
}
