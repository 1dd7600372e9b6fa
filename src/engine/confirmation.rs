//! The proof that the operator can still log in, given over a new connection while the host waits for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::planning::commit_confirm::{SECONDS, SECONDS_WITH_A_PERSON};
use crate::planning::plan::Plan;
use crate::remote::agent::Confirmation;
use crate::remote::ssh::Prompt;

use super::connection::Connection;
use super::target::Target;

/// How often the new login is tried; a host that has just reloaded may turn one away that it lets in a moment later.
const ATTEMPTS: usize = 3;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Logs in again and confirms the change, when the host waits for it.
#[derive(Clone)]
pub struct Confirmer {
    target: Target,
    prompt: Arc<dyn Prompt>,
    change_id: String,
    token: String,
    trouble: Arc<Mutex<Option<String>>>,
    given_up: Arc<Notify>,
}

impl Confirmer {
    /// The confirmer of one change.
    pub fn new(target: &Target, prompt: Arc<dyn Prompt>, change_id: &str) -> Self {
        Self {
            target: target.clone(),
            prompt,
            change_id: change_id.to_owned(),
            token: Uuid::new_v4().to_string(),
            trouble: Arc::default(),
            given_up: Arc::default(),
        }
    }

    /// What the host has to wait for, if the plan has a confirmation.
    pub fn wanted(&self, plan: &Plan) -> Option<Confirmation> {
        plan.confirmation_seconds().map(|seconds| self.for_seconds(seconds))
    }

    /// What a host waits for that finishes a change, if that one needs a confirmation.
    pub fn confirmation(&self, asks_a_person: bool) -> Confirmation {
        let seconds = if asks_a_person { SECONDS_WITH_A_PERSON } else { SECONDS };
        self.for_seconds(seconds)
    }

    fn for_seconds(&self, seconds: u64) -> Confirmation {
        Confirmation {
            token: self.token.clone(),
            seconds,
        }
    }

    /// Confirms in the background.
    pub fn give(&self) {
        let confirmer = self.clone();
        tokio::spawn(async move {
            if let Err(trouble) = confirmer.try_give().await {
                confirmer.note(trouble);
                confirmer.given_up.notify_one();
            }
        });
    }

    /// Ready when the new login has failed for good, so that the host need not wait any longer.
    pub async fn given_up(&self) {
        self.given_up.notified().await;
    }

    async fn try_give(&self) -> Result<(), String> {
        let mut connection = self.log_in().await?;
        let given = connection.host.confirm(&self.change_id, &self.token).await;
        connection.close().await;
        given.map_err(|error| error.to_string())
    }

    async fn log_in(&self) -> Result<Connection, String> {
        let mut attempt = 1;
        loop {
            match Connection::open(&self.target, Arc::clone(&self.prompt)).await {
                Ok(connection) => return Ok(connection),
                Err(failure) if attempt >= ATTEMPTS => return Err(failure.message),
                Err(_) => attempt += 1,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn note(&self, trouble: String) {
        if let Ok(mut noted) = self.trouble.lock() {
            *noted = Some(trouble);
        }
    }

    /// Why the change could not be confirmed, if it could not.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().ok().and_then(|noted| noted.clone())
    }
}
