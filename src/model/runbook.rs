//! What the runbook says in numbers, names and paths, once: its jails, thresholds, limits, widths and files.
//!
//! Boundary: the runbook's own facts. What a host has instead is in its snapshot, what an operator wants in the settings.
//! Times are in seconds.

mod filters;

pub use filters::{AUTH_FILTER, RunbookFilter, SCAN_FILTER, WRITTEN_BY, is_own_text};

/// A jail of the table in "Why two asterisk jails".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunbookJail {
    /// Its name, and that of its filter.
    pub name: &'static str,
    /// Its filter, relative to the configuration directory (File layout).
    pub filter_path: &'static str,
    /// How many failures ban.
    pub maxretry: u64,
    /// Within how long they are counted.
    pub findtime: u64,
    /// For how long they ban.
    pub bantime: u64,
}

impl RunbookJail {
    /// The keys of its section with their values.
    #[must_use]
    pub const fn thresholds(&self) -> [(&'static str, u64); 3] {
        [
            ("maxretry", self.maxretry),
            ("findtime", self.findtime),
            ("bantime", self.bantime),
        ]
    }
}

/// The strict jail: real authentication failures.
pub const AUTH: RunbookJail = RunbookJail {
    name: "asterisk-auth",
    filter_path: "filter.d/asterisk-auth.local",
    maxretry: 3,
    findtime: 600,
    bantime: 86_400,
};
/// The lenient jail: discovery of endpoints, which storms of legitimate phones look like.
pub const SCAN: RunbookJail = RunbookJail {
    name: "asterisk-scan",
    filter_path: "filter.d/asterisk-scan.local",
    maxretry: 50,
    findtime: 3600,
    bantime: 3600,
};
/// The single jail of before the split, and of the distribution (Rollback).
pub const SINGLE_JAIL: &str = "asterisk";
/// Whether a jail is about Asterisk, by its name: the runbook's are named after it, and so is the distribution's.
#[must_use]
pub fn is_named_after_asterisk(jail: &str) -> bool {
    jail.starts_with(SINGLE_JAIL)
}
/// The jail of the SSH server.
pub const SSHD: &str = "sshd";
/// The built-in jail of those who are banned again and again (Tuning guidance).
pub const RECIDIVE: &str = "recidive";

/// "Don't lower the strict-jail threshold - it's already at 3" (Tuning guidance).
pub const AUTH_LOWEST_MAXRETRY: u64 = AUTH.maxretry;
/// "Don't go above 200" (Tuning guidance).
pub const SCAN_HIGHEST_MAXRETRY: u64 = 200;
/// A customer with 10 phones logs "~10-30 such lines in a few seconds" (Why two asterisk jails).
pub const STORM: u64 = 30;

/// "Use /24 (256 IPs), not /16" (Customer-PBX whitelist): the widest network without consent, IPv4.
pub const WIDEST_IPV4: u8 = 24;
/// The usual IPv6 block of one customer site: the widest network without consent, IPv6.
pub const WIDEST_IPV6: u8 = 48;
/// The widest network that is ever taken, IPv4.
pub const LIMIT_IPV4: u8 = 20;
/// The widest network that is ever taken, IPv6.
pub const LIMIT_IPV6: u8 = 44;

/// fail2ban's configuration (File layout).
pub const CONFIG_DIR: &str = "/etc/fail2ban";
/// fail2ban's client, found on the host's PATH.
pub const CLIENT: &str = "fail2ban-client";
/// "Action log" (File layout).
pub const ACTION_LOG: &str = "/var/log/fail2ban.log";
/// "Source the jails monitor" (File layout).
pub const ASTERISK_LOG: &str = "/var/log/asterisk/messages.log";
/// Journal, lock and audit log of f2bctl on a host.
pub const STATE_DIR: &str = "/var/lib/f2bctl";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_runbooks() {
        assert_eq!(
            AUTH.thresholds(),
            [("maxretry", 3), ("findtime", 600), ("bantime", 86_400)]
        );
        assert_eq!(
            SCAN.thresholds(),
            [("maxretry", 50), ("findtime", 3600), ("bantime", 3600)]
        );
    }
}
