//! Whether fail2ban's action log has what its jails find: that is logged at level INFO and below.

use crate::model::observed::Observed;

/// The levels at which what a jail finds is logged.
const LEVELS: [&str; 4] = ["INFO", "DEBUG", "TRACEDEBUG", "HEAVYDEBUG"];

/// The level of a running fail2ban that logs nothing of what its jails find.
pub fn silent_level(observed: &Observed) -> Option<&str> {
    let level = observed.server.value()?.settings.get("loglevel")?.as_str()?;
    (!LEVELS.contains(&level)).then_some(level)
}
