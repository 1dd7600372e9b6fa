//! The proof that the operator can still log in, given over a new connection while the host waits for it.

use std::sync::{Arc, Mutex};

use uuid::Uuid;

use crate::procedure::{Plan, SIGN_SECONDS, SIGN_SECONDS_WITH_A_PERSON};
use crate::remote::agent::SignOfLife;
use crate::remote::ssh::Prompt;

use super::connection::{Connection, Target};

/// Logs in anew and gives the sign, when the host says that it waits.
#[derive(Clone)]
pub struct Signer {
    target: Target,
    prompt: Arc<dyn Prompt>,
    change_id: String,
    token: String,
    trouble: Arc<Mutex<Option<String>>>,
}

impl Signer {
    /// The signer of one change.
    pub fn new(target: &Target, prompt: Arc<dyn Prompt>, change_id: &str) -> Self {
        Self {
            target: target.clone(),
            prompt,
            change_id: change_id.to_owned(),
            token: Uuid::new_v4().to_string(),
            trouble: Arc::default(),
        }
    }

    /// What the host is told to wait for, if the plan needs it; longer where the login asks a person for something.
    pub fn wanted(&self, plan: &Plan, asks_a_person: bool) -> Option<SignOfLife> {
        plan.sign_of_life.as_ref()?;
        let seconds = if asks_a_person {
            SIGN_SECONDS_WITH_A_PERSON
        } else {
            SIGN_SECONDS
        };
        Some(SignOfLife {
            token: self.token.clone(),
            seconds,
        })
    }

    /// Gives the sign in the background.
    pub fn give(&self) {
        let signer = self.clone();
        tokio::spawn(async move {
            if let Err(trouble) = signer.try_give().await {
                signer.note(trouble);
            }
        });
    }

    async fn try_give(&self) -> Result<(), String> {
        let mut connection = Connection::open(&self.target, Arc::clone(&self.prompt))
            .await
            .map_err(|failure| failure.message)?;
        let given = connection.host.sign(&self.change_id, &self.token).await;
        connection.close().await;
        given.map_err(|error| error.to_string())
    }

    fn note(&self, trouble: String) {
        if let Ok(mut noted) = self.trouble.lock() {
            *noted = Some(trouble);
        }
    }

    /// Why the sign could not be given, if it could not.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().ok().and_then(|noted| noted.clone())
    }
}
