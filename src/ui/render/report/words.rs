//! What the page and the Markdown say of what is not known.

/// Where a list is empty that may not be.
pub const UNKNOWN: &str = "This is not known; the coverage says why.";
/// Where nothing was read of fail2ban's action log.
pub const UNCOVERED: &str = "fail2ban's action log has nothing of this time, or could not be read.";
