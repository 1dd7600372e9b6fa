//! Reload the configuration, or start a fail2ban that is down, with the same preflight and proof as every change.

use crate::model::observed::Observed;
use crate::planning::draft::Draft;
use crate::planning::effect::Intent;
use crate::planning::policy::Guard;
use crate::planning::procedure::Procedure;
use crate::planning::reading::server;
use crate::planning::refusal::Refusal;
use crate::planning::server_move::{ServerMove, server_move};

/// Puts into force the files on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reload;

impl Procedure for Reload {
    fn command(&self) -> &'static str {
        "reload"
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let moved = server_move(observed, guard)?;
        Ok(Draft {
            server: moved,
            // To put into force the files on disk is what a reload is asked for; the plan shows all of it.
            intent: Intent {
                everything: true,
                ..Intent::default()
            },
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec!["fail2ban already runs with the files on disk.".to_owned()]
    }
}

/// Starts a fail2ban that is down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start;

impl Procedure for Start {
    fn command(&self) -> &'static str {
        "start"
    }

    fn draft(&self, observed: &Observed, _guard: &Guard) -> Result<Draft, Refusal> {
        if server(observed)?.running {
            return Ok(Draft::default());
        }
        Ok(Draft {
            server: ServerMove::Start,
            intent: Intent {
                everything: true,
                ..Intent::default()
            },
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec!["fail2ban is already running.".to_owned()]
    }
}
