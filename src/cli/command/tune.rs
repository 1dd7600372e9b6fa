//! `f2bctl tune`: the runbook's "Tuning guidance", one threshold at a time.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::runner::change;
use crate::cli::services::Services;
use crate::document::Document;
use crate::procedure::{Threshold, Tune};

/// Set a threshold of a jail, within the runbook's limits.
///
/// It is written to the jail's own section of jail.local. asterisk-auth never bans below 3 failures, asterisk-scan never
/// waits for more than 200.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The jail, e.g. asterisk-scan.
    #[arg(value_name = "JAIL")]
    pub jail: String,
    /// Which threshold.
    #[arg(value_name = "KEY", value_enum)]
    pub key: Key,
    /// A number for maxretry; a duration such as 600, 45s, 10m, 1h, 1d or 2w for the others.
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
}

/// Which threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Key {
    /// Failures before a ban.
    Maxretry,
    /// The window in which failures are counted.
    Findtime,
    /// How long a ban lasts.
    Bantime,
}

impl From<Key> for Threshold {
    fn from(key: Key) -> Self {
        match key {
            Key::Maxretry => Self::Maxretry,
            Key::Findtime => Self::Findtime,
            Key::Bantime => Self::Bantime,
        }
    }
}

/// Runs the command; a value outside of the grammar ends here, before any host is asked.
pub async fn run(services: Arc<Services>, arguments: Arguments) -> Vec<Document> {
    match Tune::new(&arguments.jail, arguments.key.into(), &arguments.value) {
        Ok(tune) => change(services, tune).await,
        Err(refusal) => vec![Document::failed("tune", None, &refusal.into())],
    }
}
