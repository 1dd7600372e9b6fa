//! Whether a change reloads the running server, or starts one that is down.

use crate::document::Advice;
use crate::model::observed::Observed;

use super::policy::Guard;
use super::reading::server;
use super::refusal::Refusal;

/// What has to happen to the running server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServerMove {
    /// Nothing.
    #[default]
    None,
    /// It reads its configuration again.
    Reload,
    /// It is down and is started.
    Start,
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
