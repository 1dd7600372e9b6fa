//! A lock on fail2ban's configuration that is not f2bctl's: what every change and every report says of it.

use crate::document::{Warning, WarningCode};
use crate::model::comment_text::escaped;
use crate::model::observed::Observed;

/// A lock that someone holds on fail2ban's configuration. It keeps no change out, so it is only named.
pub fn foreign_lock(observed: &Observed) -> Option<Warning> {
    let holder = observed.foreign_lock.as_ref()?;
    let message = format!(
        "A lock on fail2ban's configuration directory is held by {}. This version's changes do not wait for it; \
         those of older versions do.",
        escaped(holder)
    );
    Some(Warning::new(WarningCode::ForeignLock, message))
}
