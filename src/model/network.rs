//! IP networks as this tool means them: parsed strictly, always truncated, written in one canonical form.
//!
//! The file knows address arithmetic only; ranges that are nobody's customer are `special_range`'s, and what fail2ban
//! makes of looser spellings in a hand-written list is `jail_local`'s.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::comment_text::escaped;

/// What keeps a text from being a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkFault {
    /// Nothing was given.
    #[error("it is empty; give an address such as 203.0.113.7 or a network such as 203.0.113.0/28")]
    Empty,
    /// An octet is written with leading zeros, which some programs read as octal.
    #[error("an octet has a leading zero, which some programs read as octal; write it without")]
    LeadingZero,
    /// `[2001:db8::1]`.
    #[error("brackets belong around an IPv6 address with a port only; leave them out")]
    Brackets,
    /// `fe80::1%eth0`.
    #[error("fail2ban can't match an address with a zone; leave out the `%` and what follows it")]
    Zone,
    /// `203.0.113.*` or `203.0.113.1-9`.
    #[error("wildcards and ranges are not understood; write a network with a prefix length, such as 203.0.113.0/28")]
    Pattern,
    /// Not an address for any other reason.
    #[error("the address in it is neither IPv4 nor IPv6; check it for typing errors (names are not taken)")]
    NotAnAddress,
    /// `/255.255.255.240`, or such a mask that has no prefix length.
    #[error("the mask is written as an address; write {}", cure_for_netmask(.prefix.as_ref()))]
    Netmask {
        /// The prefix length that the mask stands for, if there is one.
        prefix: Option<u8>,
    },
    /// `/`, `/+24`, `/ 24`, `/24x`, `/024`.
    #[error("the prefix length after `/` is not a plain number; write digits without sign, space or leading zero")]
    PrefixNotDigits,
    /// `/33`.
    #[error("the prefix length is more than {longest}; write /0 to /{longest}, /{longest} being a single address")]
    PrefixTooLong {
        /// 32 for IPv4, 128 for IPv6.
        longest: u8,
    },
    /// `::ffff:192.0.2.0/90`: a mapped address with a mask that reaches beyond IPv4.
    #[error("an IPv4 address in IPv6 form needs a prefix length of 96 to 128; write the IPv4 network itself")]
    MappedTooWide,
    /// JSON or TOML held a network with host bits, where no message could report that they were cleared.
    #[error("it has host bits set; write {0}")]
    HostBits(Network),
}

fn cure_for_netmask(prefix: Option<&u8>) -> String {
    prefix.map_or_else(
        || "a prefix length such as /28 (this mask has gaps and stands for no network)".to_owned(),
        |length| format!("/{length}"),
    )
}

/// A text that isn't a network: what was given, why not and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a network: {fault}")]
pub struct NetworkError {
    /// What was given, in a form that is safe to print, at most 60 characters of it.
    pub input: String,
    /// Why and what to do.
    pub fault: NetworkFault,
}

/// A network read from text, with what the text implied and has to be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedNetwork {
    /// The network, truncated.
    pub network: Network,
    /// The text as typed, if it had bits set after its prefix length that are now cleared.
    pub cleared_host_bits: Option<String>,
    /// Whether it was IPv4 in IPv6 form (`::ffff:192.0.2.1`), which fail2ban sees as IPv4.
    pub mapped: bool,
}

/// An IPv4 or IPv6 network without host bits. IPv4 sorts before IPv6.
///
/// `Display` and JSON are canonical: `203.0.113.0/28`, and a single address without its `/32` or `/128`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Network(IpNet);

impl Network {
    /// Reads an address or a network in prefix form; host bits are cleared and mapped IPv4 becomes IPv4, both reported.
    ///
    /// # Errors
    /// [`NetworkError`] for anything else: leading zeros, netmasks, signs, spaces, names, ranges.
    pub fn parse(text: &str) -> Result<ParsedNetwork, NetworkError> {
        Self::read(text).map_err(|fault| NetworkError {
            input: shown_input(text),
            fault,
        })
    }

    fn read(text: &str) -> Result<ParsedNetwork, NetworkFault> {
        let (address_text, prefix_text) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address_text.parse().map_err(|_| address_fault(text, address_text))?;
        let longest = longest_prefix(address);
        let prefix = match prefix_text {
            Some(digits) => read_prefix(digits, longest)?,
            None => longest,
        };
        let (address, prefix, mapped) = without_mapping(address, prefix)?;
        let longest = longest_prefix(address);
        let whole = IpNet::new(address, prefix).map_err(|_| NetworkFault::PrefixTooLong { longest })?;
        let network = Self(whole.trunc());
        let cleared_host_bits = (network.0 != whole).then(|| text.to_owned());
        Ok(ParsedNetwork {
            network,
            cleared_host_bits,
            mapped,
        })
    }

    /// The network of exactly one address; mapped IPv4 becomes IPv4.
    pub fn single(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }

    /// The first address.
    pub fn address(&self) -> IpAddr {
        self.0.addr()
    }

    /// The first and the last address; of a single address that one.
    pub fn ends(&self) -> impl Iterator<Item = IpAddr> {
        let last = (!self.is_single()).then(|| self.0.broadcast());
        std::iter::once(self.0.addr()).chain(last)
    }

    /// The prefix length: 0 to 32 for IPv4, 0 to 128 for IPv6.
    pub fn prefix_length(&self) -> u8 {
        self.0.prefix_len()
    }

    pub(super) fn as_ip_net(&self) -> IpNet {
        self.0
    }

    /// Whether this is IPv4.
    pub fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// Whether this is one address only (`/32` or `/128`).
    pub fn is_single(&self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }

    /// Whether `address` is in this network; mapped IPv4 counts as IPv4, as it does in fail2ban.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether every address of `other` is in this network (a network covers itself).
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the two share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// How `fail2ban-client get JAIL ignoreip` shows this entry (fail2ban 0.11.2 to 1.1.1).
    ///
    /// As `Display`, except that any `/0` is shown as the bare address `0.0.0.0` or `::`, and that the C library writes
    /// IPv6 networks below `::/96` with a dotted tail.
    pub fn shown_by_fail2ban(&self) -> String {
        let address = match self.address() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => shown_by_c_library(address),
        };
        if self.prefix_length() == 0 || self.is_single() {
            address
        } else {
            format!("{address}/{}", self.prefix_length())
        }
    }
}

fn shown_input(text: &str) -> String {
    const LONGEST_SHOWN: usize = 60;
    let start: String = text.chars().take(LONGEST_SHOWN).collect();
    let dots = if start.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", escaped(&start))
}

fn longest_prefix(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn address_fault(text: &str, address: &str) -> NetworkFault {
    if text.is_empty() {
        NetworkFault::Empty
    } else if address.starts_with('[') {
        NetworkFault::Brackets
    } else if address.contains('%') {
        NetworkFault::Zone
    } else if address.contains(['*', '-']) && address.bytes().all(|byte| b"0123456789.*-:".contains(&byte)) {
        NetworkFault::Pattern
    } else if has_leading_zero(address) {
        NetworkFault::LeadingZero
    } else {
        NetworkFault::NotAnAddress
    }
}

fn has_leading_zero(address: &str) -> bool {
    let octets: Vec<&str> = address.split('.').collect();
    let numbers = octets
        .iter()
        .all(|octet| !octet.is_empty() && octet.bytes().all(|byte| byte.is_ascii_digit()));
    octets.len() == 4 && numbers && octets.iter().any(|octet| octet.len() > 1 && octet.starts_with('0'))
}

fn read_prefix(digits: &str, longest: u8) -> Result<u8, NetworkFault> {
    if let Ok(mask) = digits.parse::<IpAddr>() {
        return Err(NetworkFault::Netmask {
            prefix: prefix_of_mask(mask),
        });
    }
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(NetworkFault::PrefixNotDigits);
    }
    digits
        .parse::<u8>()
        .ok()
        .filter(|length| *length <= longest)
        .ok_or(NetworkFault::PrefixTooLong { longest })
}

/// The prefix length that a netmask stands for; `None` for one with gaps.
pub(super) fn prefix_of_mask(mask: IpAddr) -> Option<u8> {
    ipnet::ip_mask_to_prefix(mask).ok()
}

fn without_mapping(address: IpAddr, prefix: u8) -> Result<(IpAddr, u8, bool), NetworkFault> {
    let canonical = address.to_canonical();
    if canonical == address {
        return Ok((address, prefix, false));
    }
    let short = prefix.checked_sub(96).ok_or(NetworkFault::MappedTooWide)?;
    Ok((canonical, short, true))
}

/// glibc's `inet_ntop` writes the last 32 bits dotted when exactly the six groups before them are zero.
fn shown_by_c_library(address: Ipv6Addr) -> String {
    let [_, _, _, _, _, _, high, low] = address.segments();
    if address.to_bits() >> 32 == 0 && high != 0 {
        format!("::{}", Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
    } else {
        address.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() {
            self.0.addr().fmt(formatter)
        } else {
            self.0.fmt(formatter)
        }
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        let parsed = Self::parse(&text)?;
        match parsed.cleared_host_bits {
            None => Ok(parsed.network),
            Some(typed) => Err(NetworkError {
                input: shown_input(&typed),
                fault: NetworkFault::HostBits(parsed.network),
            }),
        }
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap().network
    }

    #[test]
    fn reads_and_writes_canonically() {
        for (text, shown) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("203.0.113.0/28", "203.0.113.0/28"),
            ("2001:DB8:0:0::/48", "2001:db8::/48"),
            ("2001:db8::1/128", "2001:db8::1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            let parsed = Network::parse(text).unwrap();
            assert_eq!(parsed.network.to_string(), shown);
            assert_eq!(parsed.cleared_host_bits, None);
            assert!(!parsed.mapped);
        }
    }

    #[test]
    fn cleared_bits_and_mapped_addresses_are_said() {
        let parsed = Network::parse("203.0.113.7/28").unwrap();
        assert_eq!(parsed.network.to_string(), "203.0.113.0/28");
        assert_eq!(parsed.cleared_host_bits.as_deref(), Some("203.0.113.7/28"));
        let parsed = Network::parse("::ffff:203.0.113.7").unwrap();
        assert_eq!(
            (parsed.network.to_string().as_str(), parsed.mapped),
            ("203.0.113.7", true)
        );
        let parsed = Network::parse("::ffff:203.0.113.0/124").unwrap();
        assert_eq!(
            (parsed.network.to_string().as_str(), parsed.mapped),
            ("203.0.113.0/28", true)
        );
    }

    #[test]
    fn every_refusal_names_its_cure() {
        for (text, part) in [
            ("", "it is empty"),
            ("203.0.113.010", "without"),
            ("010.0.0.1/8", "leading zero"),
            ("[2001:db8::1]", "leave them out"),
            ("fe80::1%eth0", "zone"),
            ("203.0.113.*", "write a network"),
            ("203.0.113.1-9", "write a network"),
            ("pbx.example.com", "names are not taken"),
            ("999.1.1.1", "typing errors"),
            (" 203.0.113.7", "typing errors"),
            ("203.0.113.0/255.255.255.240", "write /28"),
            ("203.0.113.0/255.0.255.0", "gaps"),
            ("203.0.113.0/+24", "without sign"),
            ("203.0.113.0/", "digits"),
            ("203.0.113.0/024", "leading zero"),
            ("203.0.113.0/24x", "digits"),
            ("203.0.113.0/٢٤", "digits"),
            ("203.0.113.0/24/24", "digits"),
            ("203.0.113.0/33", "/0 to /32"),
            ("2001:db8::/129", "/0 to /128"),
            ("203.0.113.0/4294967296", "/0 to /32"),
            ("::ffff:203.0.113.0/90", "96 to 128"),
        ] {
            let message = Network::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }

    #[test]
    fn an_error_shows_hostile_input_harmlessly() {
        let message = Network::parse(&format!("\u{1b}[2J{}", "x".repeat(500)))
            .unwrap_err()
            .to_string();
        assert!(!message.contains('\u{1b}') && message.len() < 260, "{message}");
    }

    #[test]
    fn cover_overlap_contain() {
        let (wide, narrow, other) = (
            network("203.0.113.0/24"),
            network("203.0.113.16/28"),
            network("2001:db8::/32"),
        );
        assert!(wide.covers(&narrow) && !narrow.covers(&wide) && wide.covers(&wide));
        assert!(narrow.overlaps(&wide) && !wide.overlaps(&other));
        assert!(narrow.contains("203.0.113.17".parse().unwrap()));
        assert!(narrow.contains("::ffff:203.0.113.17".parse().unwrap()));
        assert!(!narrow.contains("203.0.113.32".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn fail2bans_own_list_is_recognised() {
        for (entry, shown) in [
            ("127.0.0.1/8", "127.0.0.0/8"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("0.0.0.0/0", "0.0.0.0"),
            ("::/0", "::"),
            ("::1", "::1"),
            ("2001:db8::/48", "2001:db8::/48"),
            ("::192.0.2.1", "::192.0.2.1"),
            ("::5", "::5"),
            ("::1:0/112", "::0.1.0.0/112"),
        ] {
            assert_eq!(network(entry).shown_by_fail2ban(), shown);
        }
    }

    #[test]
    fn json_is_canonical_and_refuses_host_bits() {
        let read: Network = serde_json::from_str("\"203.0.113.7/32\"").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"203.0.113.7\"");
        let refusal = serde_json::from_str::<Network>("\"203.0.113.7/28\"")
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("write 203.0.113.0/28"), "{refusal}");
    }

    proptest! {
        #[test]
        fn display_reads_back(bits in any::<u128>(), prefix in 0u8..=128, four in any::<bool>()) {
            let text = if four {
                format!("{}/{}", Ipv4Addr::from_bits((bits >> 96) as u32), prefix % 33)
            } else {
                format!("{}/{prefix}", Ipv6Addr::from_bits(bits))
            };
            let first = network(&text);
            prop_assert_eq!(network(&first.to_string()), first);
            prop_assert!(first.contains(first.address()));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Network::parse(&text);
        }

        #[test]
        fn no_address_like_text_panics(text in "[0-9a-f:./%\\[\\]*+-]{0,24}") {
            let _ = Network::parse(&text);
        }
    }
}
