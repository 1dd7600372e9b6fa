//! Whether a host's key is trusted: revoked keys first, a changed key never, an unknown one by policy. Nothing turns
//! this off.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey, PublicKeyOrCertificate};

use super::known_hosts::{KnownHosts, Verdict, matches_pattern, record};
use super::patience::Patience;
use super::prompt::{Notice, Prompt, UnknownHostKey};
use super::settings::{HostSettings, Strictness};

/// The largest file of known hosts that is read, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Why a host's key is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HostKeyError {
    /// No file has a key for the host.
    #[error("no file of known hosts has a key for {host}; it shows {key_type} {fingerprint}{}", why_not(.reason))]
    Unknown {
        /// The host as it would be recorded.
        host: String,
        /// The type of the key that it shows.
        key_type: String,
        /// The fingerprint of that key.
        fingerprint: String,
        /// Why it was not recorded, where that was tried or asked.
        reason: Option<String>,
    },
    /// The files have other keys for the host.
    #[error("the host key of {host} has changed: it shows {key_type} {fingerprint}, but {known} is known from {}", listed(.places))]
    Changed {
        /// The host as it is recorded.
        host: String,
        /// The type of the key that it shows.
        key_type: String,
        /// The fingerprint of that key.
        fingerprint: String,
        /// Type and fingerprint of the known keys.
        known: String,
        /// File and line of each known key.
        places: Vec<(PathBuf, usize)>,
    },
    /// The key is marked as revoked.
    #[error("the key {fingerprint} of {host} is revoked by {place}")]
    Revoked {
        /// The host.
        host: String,
        /// The fingerprint of the key that it shows.
        fingerprint: String,
        /// `FILE:LINE` or the file of the revocation.
        place: String,
    },
    /// The host shows a certificate that does not hold.
    #[error("the host certificate of {host} is not valid: {reason}")]
    Certificate {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// A file that decides about trust cannot be read.
    #[error("{} decides which host keys are trusted, and cannot be used: {reason}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

/// `FILE:LINE`, several with commas.
fn listed(places: &[(PathBuf, usize)]) -> String {
    list(places.iter().map(|(file, line)| format!("{}:{line}", file.display())))
}

/// How the old keys of a host are taken out of a file. ssh-keygen's own default is another file than this one may be.
fn removal(host: &str, file: &Path) -> String {
    format!(
        "only if that is sure, remove the old key with `ssh-keygen -R '{host}' -f '{}'`",
        file.display()
    )
}

fn why_not(reason: &Option<String>) -> String {
    reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default()
}

impl HostKeyError {
    /// What the operator can do, best first.
    pub(super) fn hints(&self) -> Vec<String> {
        match self {
            Self::Unknown { .. } => vec![
                "compare the fingerprint with the host's own: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub".into(),
                "if it is right, run again with --accept-new, which records it".into(),
            ],
            Self::Changed { host, places, .. } => {
                let files: BTreeSet<&PathBuf> = places.iter().map(|(file, _)| file).collect();
                let sure = "someone may be intercepting the connection: ask the host's administrator whether it was \
                         reinstalled"
                    .to_owned();
                std::iter::once(sure)
                    .chain(files.into_iter().map(|file| removal(host, file)))
                    .collect()
            }
            Self::Revoked { .. } => vec!["do not connect; ask the administrator why the key was revoked".into()],
            Self::Certificate { .. } => vec!["ask the administrator for a new host certificate".into()],
            Self::File { .. } => vec!["make the file readable, or name another with --known-hosts".into()],
        }
    }
}

/// Everything that decides about one host's key; made before dialling, asked during the key exchange.
pub(super) struct HostKeyCheck {
    name: String,
    plain_name: Option<String>,
    known: KnownHosts,
    revoked: Option<(PathBuf, Vec<PublicKey>)>,
    strictness: Strictness,
    record_in: Option<PathBuf>,
    hashed: bool,
    patience: Patience,
    prompt: Arc<dyn Prompt>,
}

/// Type and fingerprint, as messages show a key.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

impl HostKeyCheck {
    /// Reads the files that apply to the host. A missing file is an empty one; an unreadable one is an error.
    pub(super) fn prepare(
        host: &HostSettings,
        patience: Patience,
        prompt: Arc<dyn Prompt>,
    ) -> Result<Self, HostKeyError> {
        let mut known = KnownHosts::default();
        for file in host.user_known_hosts.iter().chain(&host.global_known_hosts) {
            if let Some(content) = read(file)? {
                known.add(file, &content);
            }
        }
        let revoked = host
            .revoked_host_keys
            .as_ref()
            .map(|file| Ok((file.clone(), read_revoked(file)?)));
        let (name, plain_name) = host.key_names();
        Ok(Self {
            name,
            plain_name,
            known,
            revoked: revoked.transpose()?,
            strictness: host.strictness,
            record_in: host.user_known_hosts.first().cloned(),
            hashed: host.hash_known_hosts,
            patience,
            prompt,
        })
    }

    /// The algorithms to ask the host for, those of its known keys first, so that it shows a key that can be checked.
    pub(super) fn algorithms(&self, offered: &[Algorithm]) -> Vec<Algorithm> {
        let mut known = self.known.key_types(&self.name);
        if known.is_empty() {
            known = self
                .plain_name
                .iter()
                .flat_map(|name| self.known.key_types(name))
                .collect();
        }
        let is_known = |algorithm: &Algorithm| known.iter().any(|known| same_type(known, algorithm));
        let usable = offered
            .iter()
            .filter(|algorithm| !matches!(algorithm, Algorithm::Rsa { hash: None }));
        let (mut first, rest): (Vec<_>, Vec<_>) = usable.cloned().partition(is_known);
        first.extend(rest);
        first
    }

    /// Whether a certificate of the host could be checked.
    pub(super) fn wants_certificate(&self) -> bool {
        self.known.has_authority(&self.name)
            || self
                .plain_name
                .as_ref()
                .is_some_and(|name| self.known.has_authority(name))
    }

    /// Decides about the key that the host showed, and records it where that is the policy.
    pub(super) async fn decide(&self, shown: &PublicKeyOrCertificate) -> Result<(), HostKeyError> {
        let key = shown.public_key();
        self.refuse_revoked(&key)?;
        if let Some(certificate) = shown.certificate()
            && let Some(accepted) = self.decide_certificate(certificate)
        {
            return accepted;
        }
        match self.known.verdict(&self.name, &key) {
            Verdict::Known => Ok(()),
            Verdict::Revoked(entry) => Err(self.revoked(&key, entry.place())),
            Verdict::Changed(entries) => Err(HostKeyError::Changed {
                host: self.name.clone(),
                key_type: key.algorithm().to_string(),
                fingerprint: fingerprint(&key),
                known: list(
                    entries
                        .iter()
                        .map(|entry| format!("{} {}", entry.key_type, entry.fingerprint)),
                ),
                places: entries.iter().map(|entry| (entry.file.clone(), entry.line)).collect(),
            }),
            Verdict::Unknown if self.is_known_without_port(&key)? => Ok(()),
            Verdict::Unknown => self.decide_unknown(&key).await,
        }
    }

    /// As OpenSSH does: a host known by its plain name is known on its other ports too, if the key is the same.
    fn is_known_without_port(&self, key: &PublicKey) -> Result<bool, HostKeyError> {
        let Some(plain_name) = &self.plain_name else {
            return Ok(false);
        };
        match self.known.verdict(plain_name, key) {
            Verdict::Known => Ok(true),
            Verdict::Revoked(entry) => Err(self.revoked(key, entry.place())),
            Verdict::Changed(_) | Verdict::Unknown => Ok(false),
        }
    }

    fn revoked(&self, key: &PublicKey, place: String) -> HostKeyError {
        HostKeyError::Revoked {
            host: self.name.clone(),
            fingerprint: fingerprint(key),
            place,
        }
    }

    fn refuse_revoked(&self, key: &PublicKey) -> Result<(), HostKeyError> {
        let Some((file, keys)) = &self.revoked else {
            return Ok(());
        };
        if keys.iter().any(|revoked| revoked.key_data() == key.key_data()) {
            return Err(self.revoked(key, file.display().to_string()));
        }
        Ok(())
    }

    /// `None` when no known authority signed it: then the certified key counts as a plain one.
    fn decide_certificate(&self, certificate: &Certificate) -> Option<Result<(), HostKeyError>> {
        let authority = PublicKey::new(certificate.signature_key().clone(), "");
        if let Err(error) = self.refuse_revoked(&authority) {
            return Some(Err(error));
        }
        let names = std::iter::once(&self.name).chain(&self.plain_name);
        let certified = PublicKey::new(certificate.public_key().clone(), "");
        for name in names.clone() {
            for key in [&authority, &certified] {
                if let Verdict::Revoked(entry) = self.known.verdict(name, key) {
                    return Some(Err(self.revoked(key, entry.place())));
                }
            }
        }
        names.clone().find_map(|name| self.known.authority(name, &authority))?;
        // A certificate names hosts, never ports.
        let principal = self.plain_name.as_ref().unwrap_or(&self.name);
        let held = check_certificate(certificate, &authority, principal);
        Some(held.map_err(|reason| HostKeyError::Certificate {
            host: self.name.clone(),
            reason,
        }))
    }

    async fn decide_unknown(&self, key: &PublicKey) -> Result<(), HostKeyError> {
        let unknown = |reason: Option<String>| HostKeyError::Unknown {
            host: self.name.clone(),
            key_type: key.algorithm().to_string(),
            fingerprint: fingerprint(key),
            reason,
        };
        match self.strictness {
            Strictness::Refuse => return Err(unknown(None)),
            Strictness::AcceptNew => {}
            Strictness::Ask => {
                let question = UnknownHostKey {
                    host: self.name.clone(),
                    key_type: key.algorithm().to_string(),
                    fingerprint: fingerprint(key),
                    file: self.record_in.as_ref().map(|file| file.display().to_string()),
                };
                let _pause = self.patience.pause();
                match self.prompt.trust(&question).await {
                    Some(true) => {}
                    Some(false) => return Err(unknown(Some("it was not confirmed".into()))),
                    None => return Err(unknown(None)),
                }
            }
        }
        let file = self
            .record_in
            .as_ref()
            .ok_or_else(|| unknown(Some("there is no file to record it in".into())))?;
        record(file, &self.name, key, self.hashed)
            .map_err(|error| unknown(Some(format!("it could not be recorded in {}: {error}", file.display()))))?;
        self.prompt.notice(&Notice {
            code: "host_key_recorded",
            message: format!(
                "the host key of {} ({} {}) was recorded in {}",
                self.name,
                key.algorithm(),
                fingerprint(key),
                file.display()
            ),
        });
        Ok(())
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn same_type(one: &Algorithm, other: &Algorithm) -> bool {
    matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || one == other
}

/// What russh leaves to its caller: who signed, for which host, for how long, and no critical option that is unknown.
fn check_certificate(certificate: &Certificate, authority: &PublicKey, principal: &str) -> Result<(), String> {
    if certificate.cert_type() != CertType::Host {
        return Err("it is a user's certificate, not a host's".into());
    }
    if !certificate.critical_options().is_empty() {
        return Err("it has critical options, which no host certificate has".into());
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| "this machine's clock is wrong".to_owned())?;
    if now.as_secs() < certificate.valid_after() || now.as_secs() >= certificate.valid_before() {
        return Err("it is not valid today".into());
    }
    certificate
        .validate_at(now.as_secs(), [&authority.fingerprint(HashAlg::Sha256)])
        .map_err(|error| format!("its signature is not valid ({error})"))?;
    let principals = certificate.valid_principals();
    // As OpenSSH from 10.3 on: patterns count, and a certificate without names is nobody's (it was everybody's before).
    if principals.is_empty() {
        return Err("it names no host".into());
    }
    let named = |name: &String| matches_pattern(name.as_bytes(), principal.as_bytes());
    if principals.iter().any(named) {
        return Ok(());
    }
    Err(format!("it is for {}, not for {principal}", principals.join(", ")))
}

fn read(file: &PathBuf) -> Result<Option<Vec<u8>>, HostKeyError> {
    let unusable = |reason: String| HostKeyError::File {
        file: file.clone(),
        reason,
    };
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error.to_string())),
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        Ok(metadata) if metadata.len() > MOST_BYTES => return Err(unusable("it is larger than 64 MiB".into())),
        Ok(_) => {}
    }
    std::fs::read(file)
        .map(Some)
        .map_err(|error| unusable(error.to_string()))
}

/// The keys of a RevokedHostKeys file, one a line; the binary form (KRL) is refused rather than ignored.
fn read_revoked(file: &PathBuf) -> Result<Vec<PublicKey>, HostKeyError> {
    let unusable = |reason: &str| HostKeyError::File {
        file: file.clone(),
        reason: reason.into(),
    };
    let content = read(file)?.ok_or_else(|| unusable("RevokedHostKeys names it, and there is no such file"))?;
    let text = String::from_utf8(content).map_err(|_| {
        unusable("it is a binary key revocation list, which f2bctl does not read; list the public keys as text")
    })?;
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| PublicKey::from_openssh(line).map_err(|_| unusable("a line in it is not a public key")))
        .collect()
}
