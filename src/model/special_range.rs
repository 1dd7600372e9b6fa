//! Address ranges that are no customer's: whitelisting one does nothing, or far too much.
//!
//! The file says what a network is; whether a host may take it is policy's.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::network::Network;

/// A range that isn't a customer's: whitelisting it does nothing, or far too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpecialRange {
    /// `0.0.0.0/0` or `::/0`.
    Everything,
    /// `0.0.0.0` or `::`.
    Unspecified,
    /// 127.0.0.0/8, `::1`.
    Loopback,
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918), fc00::/7 (RFC 4193).
    Private,
    /// 100.64.0.0/10, carriers' NAT (RFC 6598).
    Shared,
    /// 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// 224.0.0.0/4, ff00::/8.
    Multicast,
    /// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737), 2001:db8::/32, 3fff::/20 (RFC 9637).
    Documentation,
    /// 198.18.0.0/15 (RFC 2544).
    Benchmarking,
    /// 240.0.0.0/4.
    Reserved,
    /// 0.0.0.0/8.
    ThisNetwork,
}

impl SpecialRange {
    /// The name for messages, fitting "it is in a … range" or "it contains a … range".
    pub fn name(self) -> &'static str {
        match self {
            Self::Everything => "all-addresses",
            Self::Unspecified => "unspecified-address",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared (carrier NAT)",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Reserved => "reserved",
            Self::ThisNetwork => "\"this network\"",
        }
    }
}

/// The IPv4 ranges, in the order in which they are named when a wide network contains several.
const SPECIAL_IPV4: [(Ipv4Net, SpecialRange); 14] = [
    (
        Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
        SpecialRange::Private,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
        SpecialRange::Private,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
        SpecialRange::Private,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
        SpecialRange::Loopback,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
        SpecialRange::Shared,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
        SpecialRange::LinkLocal,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 4),
        SpecialRange::Multicast,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
        SpecialRange::Documentation,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
        SpecialRange::Documentation,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
        SpecialRange::Documentation,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
        SpecialRange::Benchmarking,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(240, 0, 0, 0), 4),
        SpecialRange::Reserved,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(0, 0, 0, 0), 8),
        SpecialRange::ThisNetwork,
    ),
    (
        Ipv4Net::new_assert(Ipv4Addr::new(255, 255, 255, 255), 32),
        SpecialRange::Reserved,
    ),
];

/// The IPv6 ranges, in the order in which they are named when a wide network contains several.
const SPECIAL_IPV6: [(Ipv6Net, SpecialRange); 7] = [
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), SpecialRange::Loopback),
    (
        Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128),
        SpecialRange::Unspecified,
    ),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
        SpecialRange::Private,
    ),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
        SpecialRange::LinkLocal,
    ),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
        SpecialRange::Multicast,
    ),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
        SpecialRange::Documentation,
    ),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
        SpecialRange::Documentation,
    ),
];

/// The special range that `network` is in, contains or is; of several the most telling. `None` for ordinary networks.
pub fn special(network: &Network) -> Option<SpecialRange> {
    if network.prefix_length() == 0 {
        return Some(SpecialRange::Everything);
    }
    if network.is_single() && network.address().is_unspecified() {
        return Some(SpecialRange::Unspecified);
    }
    let own = network.as_ip_net();
    let ipv4 = SPECIAL_IPV4.iter().map(|(range, name)| (IpNet::V4(*range), *name));
    let ipv6 = SPECIAL_IPV6.iter().map(|(range, name)| (IpNet::V6(*range), *name));
    ipv4.chain(ipv6)
        .find(|(range, _)| range.contains(&own) || own.contains(range))
        .map(|(_, name)| name)
}

/// Whether all of a network lies where the internet has no addresses and a site has its own: private or link-local.
pub fn is_inside_a_site(network: &Network) -> bool {
    let own = network.as_ip_net();
    let is_own = |name: SpecialRange| matches!(name, SpecialRange::Private | SpecialRange::LinkLocal);
    let ipv4 = SPECIAL_IPV4.iter().map(|(range, name)| (IpNet::V4(*range), *name));
    let ipv6 = SPECIAL_IPV6.iter().map(|(range, name)| (IpNet::V6(*range), *name));
    ipv4.chain(ipv6)
        .any(|(range, name)| is_own(name) && range.contains(&own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_addresses_of_its_own() {
        for (text, expected) in [
            ("10.0.0.0/8", true),
            ("172.16.4.0/22", true),
            ("fe80::/10", true),
            ("fd12:3456::/32", true),
            ("10.0.0.0/7", false),
            ("0.0.0.0/0", false),
            ("100.64.0.0/10", false),
            ("8.8.8.0/24", false),
        ] {
            assert_eq!(is_inside_a_site(&network(text)), expected, "{text}");
        }
    }

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap().network
    }

    #[test]
    fn special_ranges_from_within_and_from_around() {
        for (text, range) in [
            ("0.0.0.0/0", Some(SpecialRange::Everything)),
            ("::/0", Some(SpecialRange::Everything)),
            ("0.0.0.0", Some(SpecialRange::Unspecified)),
            ("::", Some(SpecialRange::Unspecified)),
            ("0.1.2.0/24", Some(SpecialRange::ThisNetwork)),
            ("0.0.0.0/1", Some(SpecialRange::Private)),
            ("10.1.2.3", Some(SpecialRange::Private)),
            ("172.31.255.0/24", Some(SpecialRange::Private)),
            ("172.32.0.0/24", None),
            ("192.160.0.0/11", Some(SpecialRange::Private)),
            ("100.127.0.0/16", Some(SpecialRange::Shared)),
            ("127.0.0.0/8", Some(SpecialRange::Loopback)),
            ("169.254.1.1", Some(SpecialRange::LinkLocal)),
            ("239.1.1.1", Some(SpecialRange::Multicast)),
            ("203.0.113.0/28", Some(SpecialRange::Documentation)),
            ("198.19.0.0/16", Some(SpecialRange::Benchmarking)),
            ("255.255.255.255", Some(SpecialRange::Reserved)),
            ("8.8.8.0/24", None),
            ("::1", Some(SpecialRange::Loopback)),
            ("fd00::/8", Some(SpecialRange::Private)),
            ("fe80::/10", Some(SpecialRange::LinkLocal)),
            ("ff02::1", Some(SpecialRange::Multicast)),
            ("2001:db8:1::/48", Some(SpecialRange::Documentation)),
            ("3fff:fff::/32", Some(SpecialRange::Documentation)),
            ("2606:4700::/32", None),
        ] {
            assert_eq!(special(&network(text)), range, "{text}");
        }
    }
}
