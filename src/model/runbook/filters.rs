//! The texts of the split's filters (runbook, File layout: the regex sets of both jails), one for each way in which Asterisk
//! logs a failed attempt.
//!
//! Boundary: the texts alone. Which of them a host gets is decided where the split is planned.

use super::{AUTH, RunbookJail, SCAN};

/// The filter of a jail, for both kinds of lines.
#[derive(Debug, Clone, Copy)]
pub struct RunbookFilter {
    /// Its jail.
    pub jail: RunbookJail,
    /// The text that reads notices.
    pub notice: &'static str,
    /// The text that reads security events.
    pub security: &'static str,
}

/// The filter of the strict jail.
pub const AUTH_FILTER: RunbookFilter = RunbookFilter {
    jail: AUTH,
    notice: include_str!("asterisk-auth.notice.local"),
    security: include_str!("asterisk-auth.security.local"),
};
/// The filter of the lenient jail.
pub const SCAN_FILTER: RunbookFilter = RunbookFilter {
    jail: SCAN,
    notice: include_str!("asterisk-scan.notice.local"),
    security: include_str!("asterisk-scan.security.local"),
};

/// What the head of each of these texts says.
pub const WRITTEN_BY: &str = "Written by f2bctl";

/// Whether a file of the configuration has the text that this version installs, for one kind of lines or the other; `None`
/// if it is no filter of the split.
pub fn is_own_text(path: &str, text: &[u8]) -> Option<bool> {
    let filters = [AUTH_FILTER, SCAN_FILTER];
    let filter = filters.iter().find(|filter| filter.jail.filter_path == path)?;
    Some(
        [filter.notice, filter.security]
            .iter()
            .any(|own| own.as_bytes() == text),
    )
}
