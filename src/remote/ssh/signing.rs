//! Signs for an identity: by the agent, or by a key file that is opened when the host has accepted the key.

use std::sync::Arc;

use russh::keys::agent::AgentIdentity;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_key::Signature;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{HashAlg, PrivateKey};

use super::agent::{Agent, RsaHash};
use super::identities::Holder;
use super::keyring::{Keyring, unlock};
use super::patience::Patience;
use super::prompt::Prompt;

/// A key that could not sign.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    /// The connection ended meanwhile.
    #[error("the connection ended")]
    Ended,
    /// The reason, as a clause.
    #[error("{0}")]
    Not(String),
}

impl From<russh::SendError> for SignError {
    fn from(_: russh::SendError) -> Self {
        Self::Ended
    }
}

/// Signs for one candidate, after the host has accepted the key.
pub(super) struct KeySigner<'a> {
    /// Who signs.
    pub holder: &'a Holder,
    /// The agent, if there is one.
    pub agent: Option<&'a mut Agent>,
    /// Keys that are open already.
    pub keyring: &'a Keyring,
    /// The person who knows the passphrases.
    pub prompt: &'a Arc<dyn Prompt>,
    /// Paused while a person or the agent is waited for.
    pub patience: &'a Patience,
    /// How often a passphrase is asked for.
    pub attempts: u32,
}

impl russh::Signer for KeySigner<'_> {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        _key: &AgentIdentity,
        hash: Option<HashAlg>,
        mut data: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        let signature = match self.holder {
            Holder::Agent(blob) => self.sign_by_agent(blob, &data, hash).await?,
            Holder::File(file) => {
                let key = unlock(file, self.keyring, self.prompt, self.patience, self.attempts)
                    .await
                    .map_err(SignError::Not)?;
                sign_by_key(key, data.clone(), hash).await?
            }
        };
        let length = u32::try_from(signature.len()).map_err(|_| SignError::Not("its signature is too long".into()))?;
        data.extend(length.to_be_bytes());
        data.extend(signature);
        Ok(data)
    }
}

impl KeySigner<'_> {
    async fn sign_by_agent(&mut self, blob: &[u8], data: &[u8], hash: Option<HashAlg>) -> Result<Vec<u8>, SignError> {
        let hash = match hash {
            Some(HashAlg::Sha256) => RsaHash::Sha256,
            Some(_) => RsaHash::Sha512,
            None => RsaHash::None,
        };
        let agent = self
            .agent
            .as_mut()
            .ok_or_else(|| SignError::Not("the agent is gone".into()))?;
        // The agent may be waiting for a finger on a security key, or for a confirmation.
        let _pause = self.patience.pause();
        agent
            .sign(blob, data, hash)
            .await
            .map_err(|error| SignError::Not(error.to_string()))
    }
}

async fn sign_by_key(key: Arc<PrivateKey>, data: Vec<u8>, hash: Option<HashAlg>) -> Result<Vec<u8>, SignError> {
    let signed = tokio::task::spawn_blocking(move || {
        let signature: Signature = match key.key_data() {
            KeypairData::Rsa(pair) => (pair, hash).try_sign(&data),
            pair => pair.try_sign(&data),
        }
        .map_err(|error| SignError::Not(format!("it could not sign: {error}")))?;
        Vec::<u8>::try_from(signature).map_err(|error| SignError::Not(format!("it could not sign: {error}")))
    });
    signed.await.map_err(|error| SignError::Not(error.to_string()))?
}
