//! The limits that the operator may set for networks, and how far they may go.

use serde::Serialize;

use crate::model::runbook;

/// The widest networks that a change takes without `--allow-wide`, as prefix lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Prefix length for IPv4, 20 to 32.
    pub widest_ipv4: u8,
    /// Prefix length for IPv6, 44 to 128.
    pub widest_ipv6: u8,
}

impl Policy {
    /// Runbook, Customer-PBX whitelist: "Use /24 (256 IPs), not /16".
    pub const DEFAULT_IPV4: u8 = runbook::WIDEST_IPV4;
    /// The usual IPv6 block of one customer site (contract, Configuration).
    pub const DEFAULT_IPV6: u8 = runbook::WIDEST_IPV6;
    /// The end for IPv4 even with consent (contract, Guard-rails).
    pub const LIMIT_IPV4: u8 = runbook::LIMIT_IPV4;
    /// The end for IPv6 even with consent (contract, Guard-rails).
    pub const LIMIT_IPV6: u8 = runbook::LIMIT_IPV6;
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            widest_ipv4: Self::DEFAULT_IPV4,
            widest_ipv6: Self::DEFAULT_IPV6,
        }
    }
}
