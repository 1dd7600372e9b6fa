//! The private keys that are open: each file is opened once, by one question, for all hosts and logins that share the ring.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::keys::PrivateKey;
use tokio::sync::Mutex;

use super::key_file;
use super::patience::Patience;
use super::prompt::{PassphraseQuestion, Prompt};

/// Private keys that are open; clones share them, so that one passphrase is asked for once, also for several hosts and for a
/// second login after a lost link.
#[derive(Clone, Default)]
pub struct Keyring(Arc<Mutex<HashMap<PathBuf, Arc<PrivateKey>>>>);

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keyring(not shown)")
    }
}

/// Opens a private key file, asking for its passphrase where it has one.
pub(super) async fn unlock(
    file: &Path,
    keyring: &Keyring,
    prompt: &Arc<dyn Prompt>,
    patience: &Patience,
    attempts: u32,
) -> Result<Arc<PrivateKey>, String> {
    // Deriving a key from a passphrase takes a processor 0.2 s, which is not the host's fault.
    let _pause = patience.pause();
    // Held while the person is asked: another host that needs the same key waits for this answer.
    let mut keys = keyring.0.lock().await;
    if let Some(key) = keys.get(file) {
        return Ok(Arc::clone(key));
    }
    let mut passphrase = None;
    for attempt in 0..=attempts {
        if attempt > 0 {
            let question = PassphraseQuestion {
                file: file.display().to_string(),
                attempt,
            };
            passphrase = Some(
                prompt
                    .passphrase(&question)
                    .await
                    .ok_or("its passphrase could not be asked")?,
            );
        }
        let (path, given) = (file.to_owned(), passphrase.clone());
        let opened =
            tokio::task::spawn_blocking(move || key_file::open(&path, given.as_deref().map(String::as_str))).await;
        match opened.map_err(|error| error.to_string())? {
            Ok(Some(key)) => {
                let key = Arc::new(key);
                keys.insert(file.to_owned(), Arc::clone(&key));
                return Ok(key);
            }
            Ok(None) | Err(key_file::KeyFileError::WrongPassphrase) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(if passphrase.is_some() {
        "its passphrase was wrong"
    } else {
        "its passphrase could not be asked"
    }
    .into())
}
