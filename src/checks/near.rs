//! From which count on somebody is near a ban.

/// From which share of the threshold on: 60 %.
const NEAR: (i64, i64) = (3, 5);

/// Whether this count of fail2ban's is near the threshold.
pub fn is_near(count: i64, maxretry: i64) -> bool {
    count * NEAR.1 >= maxretry * NEAR.0
}
