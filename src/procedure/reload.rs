//! Reload the configuration, or start a fail2ban that is down, with the same preflight and proof as every change.

use crate::document::Advice;
use crate::model::observed::Observed;

use super::Procedure;
use super::draft::{Draft, ServerMove};
use super::effect::Intent;
use super::guard::Guard;
use super::reading::server;
use super::refusal::Refusal;

/// Puts into force what lies on disk.
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
            // To put into force what lies on disk is what a reload is asked for; the plan shows all of it.
            intent: Intent {
                everything: true,
                ..Intent::default()
            },
            ..Draft::default()
        })
    }

    fn already(&self, _observed: &Observed) -> Vec<String> {
        vec!["fail2ban already runs with what lies on disk.".to_owned()]
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

/// What a change that needs a reload does on this host: a start, if fail2ban is down and `--start` was given.
///
/// # Errors
/// A precondition's refusal if fail2ban is down without `--start`.
pub fn server_move(observed: &Observed, guard: &Guard) -> Result<ServerMove, Refusal> {
    let server = server(observed)?;
    if server.running {
        return Ok(ServerMove::Reload);
    }
    if guard.start {
        return Ok(ServerMove::Start);
    }
    let reason = server.reason.as_deref().unwrap_or("no answer");
    Err(Refusal::precondition(format!(
        "fail2ban is not running on this host ({reason}), so nobody is protected and no change can be proven"
    ))
    .hint(Advice::START)
    .hint("pass --start to make this change and start it in one transaction"))
}
