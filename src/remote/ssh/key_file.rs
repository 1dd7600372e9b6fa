//! Key files: what can be known of a key without its passphrase, and the private key once it is given.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use russh::keys::ssh_key::Error as KeyError;
use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key};
use zeroize::Zeroizing;

/// No key file is larger than this, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// What a file offers before any passphrase.
#[derive(Debug, Clone)]
pub(super) enum KeyFile {
    /// A private key, perhaps encrypted, whose public half is known.
    Private(PublicKey),
    /// An encrypted private key in an old form, which hides the public half too.
    Sealed,
    /// A public key only: the agent has to hold the private one.
    PublicOnly(PublicKey),
}

/// A file that cannot be used; the text is a clause.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyFileError {
    /// There is no such file.
    #[error("no such file")]
    Missing,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// Others could have copied the key.
    #[error("others can read it (mode {0:04o}); chmod 600 it")]
    Exposed(u32),
    /// It holds no key of a form that is known.
    #[error("it holds no usable key: {0}")]
    NoKey(String),
    /// The passphrase does not open it.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
}

fn read(file: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let metadata = fs::metadata(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing,
        _ => KeyFileError::Unreadable(error),
    })?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        return Err(KeyFileError::NoKey("it is not a regular file of a key's size".into()));
    }
    let content = Zeroizing::new(fs::read(file).map_err(KeyFileError::Unreadable)?);
    let text = std::str::from_utf8(&content).map_err(|_| KeyFileError::NoKey("it is not text".into()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// A private key that others can read is refused, as OpenSSH does; root's eyes see every file, so only one's own count.
fn refuse_exposed(file: &Path) -> Result<(), KeyFileError> {
    let metadata = fs::metadata(file).map_err(KeyFileError::Unreadable)?;
    let mode = metadata.mode() & 0o7777;
    if metadata.uid() == rustix::process::getuid().as_raw() && mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed(mode));
    }
    Ok(())
}

/// Looks at a key file without asking for anything.
pub(super) fn inspect(file: &Path) -> Result<KeyFile, KeyFileError> {
    let text = match read(file) {
        // Where only the agent has the private half, the file beside it still says which of its keys is meant.
        Err(KeyFileError::Missing) => return beside(file).map(KeyFile::PublicOnly).ok_or(KeyFileError::Missing),
        text => text?,
    };
    if !text.contains("PRIVATE KEY-----") {
        let key = PublicKey::from_openssh(text.trim()).map_err(|error| KeyFileError::NoKey(error.to_string()))?;
        return Ok(KeyFile::PublicOnly(key));
    }
    refuse_exposed(file)?;
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        let key = PrivateKey::from_openssh(text.as_bytes()).map_err(|error| KeyFileError::NoKey(error.to_string()))?;
        return Ok(KeyFile::Private(with_comment(key.public_key().clone(), file)));
    }
    if let Ok(key) = decode_secret_key(&text, None) {
        return Ok(KeyFile::Private(with_comment(key.public_key().clone(), file)));
    }
    Ok(beside(file).map_or(KeyFile::Sealed, KeyFile::Private))
}

/// The public key in the file beside a private one.
fn beside(file: &Path) -> Option<PublicKey> {
    PublicKey::from_openssh(read(&with_suffix(file, ".pub")).ok()?.trim()).ok()
}

/// The comment of an encrypted key is encrypted too; the file beside it has it.
fn with_comment(key: PublicKey, file: &Path) -> PublicKey {
    if !key.comment().is_empty() {
        return key;
    }
    beside(file)
        .filter(|beside| beside.key_data() == key.key_data())
        .unwrap_or(key)
}

/// The certificate in a file.
pub(super) fn certificate(file: &Path) -> Result<Certificate, KeyFileError> {
    let text = read(file)?;
    Certificate::from_openssh(text.trim()).map_err(|error| KeyFileError::NoKey(error.to_string()))
}

/// The certificate that OpenSSH would look for beside a key file.
pub(super) fn certificate_beside(file: &Path) -> PathBuf {
    with_suffix(file, "-cert.pub")
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The private key; `None` when a passphrase is needed and none was given. Deriving it takes about 0.2 s of one processor.
pub(super) fn open(file: &Path, passphrase: Option<&str>) -> Result<Option<PrivateKey>, KeyFileError> {
    let text = read(file)?;
    refuse_exposed(file)?;
    let encrypted = is_encrypted(&text);
    match decode_secret_key(&text, if encrypted { passphrase } else { None }) {
        Ok(key) if !key.is_encrypted() => Ok(Some(key)),
        _ if encrypted && passphrase.is_none() => Ok(None),
        Ok(_) => Err(KeyFileError::WrongPassphrase),
        Err(_) if encrypted => Err(KeyFileError::WrongPassphrase),
        Err(error) => Err(KeyFileError::NoKey(error.to_string())),
    }
}

fn is_encrypted(text: &str) -> bool {
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return PrivateKey::from_openssh(text.as_bytes())
            .as_ref()
            .is_ok_and(PrivateKey::is_encrypted);
    }
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}

impl From<KeyError> for KeyFileError {
    fn from(error: KeyError) -> Self {
        Self::NoKey(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    fn generate(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
        let file = folder.join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-C", "me@desk"])
            .args(arguments)
            .arg("-f")
            .arg(&file)
            .status();
        assert!(made.expect("ssh-keygen has to be installed").success());
        file
    }

    #[test]
    fn the_public_half_of_every_usual_file_is_known_without_a_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let kinds: [(&str, &[&str], bool); 6] = [
            ("ed", &["-t", "ed25519", "-N", ""], false),
            ("ed_locked", &["-t", "ed25519", "-N", "open sesame"], true),
            ("ec", &["-t", "ecdsa", "-b", "384", "-N", ""], false),
            ("rsa", &["-t", "rsa", "-b", "2048", "-N", ""], false),
            ("rsa_pem", &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""], false),
            (
                "rsa_pkcs8",
                &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "open sesame"],
                true,
            ),
        ];
        for (name, arguments, locked) in kinds {
            let file = generate(folder.path(), name, arguments);
            let KeyFile::Private(public) = inspect(&file).unwrap() else {
                panic!("{name}")
            };
            assert_eq!(open(&file, None).unwrap().is_none(), locked, "{name}");
            if locked {
                assert!(
                    matches!(open(&file, Some("wrong")), Err(KeyFileError::WrongPassphrase)),
                    "{name}"
                );
            }
            let key = open(&file, Some("open sesame")).unwrap().unwrap();
            assert_eq!(key.public_key().key_data(), public.key_data(), "{name}");
            assert_eq!(public.comment().to_string(), "me@desk", "{name}");
        }
    }

    #[test]
    fn an_old_encrypted_file_without_its_public_half_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let file = generate(
            folder.path(),
            "old",
            &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "open sesame"],
        );
        fs::remove_file(folder.path().join("old.pub")).unwrap();
        assert!(matches!(inspect(&file), Ok(KeyFile::Sealed)));
    }

    #[test]
    fn unusable_files_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = generate(folder.path(), "k", &["-t", "ed25519", "-N", ""]);
        assert!(matches!(
            inspect(&folder.path().join("k.pub")),
            Ok(KeyFile::PublicOnly(_))
        ));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(inspect(&file), Err(KeyFileError::Exposed(0o644))));
        assert!(matches!(
            inspect(&folder.path().join("none")),
            Err(KeyFileError::Missing)
        ));
        assert!(matches!(inspect(folder.path()), Err(KeyFileError::NoKey(_))));
        fs::write(folder.path().join("noise"), "hello").unwrap();
        assert!(matches!(
            inspect(&folder.path().join("noise")),
            Err(KeyFileError::NoKey(_))
        ));
    }
}
