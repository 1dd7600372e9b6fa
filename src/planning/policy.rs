//! The guard-rails: verdicts on networks, as values. What is allowed is carried by the verdict.

use crate::document::{Warning, WarningCode};
use std::net::IpAddr;

use crate::model::network::Network;
use crate::model::runbook;
use crate::model::special_range::{SpecialRange, special};

use super::refusal::Refusal;

/// The widest networks that the whitelist takes, as prefix lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// IPv4 without `--allow-wide` (runbook: "Use /24 (256 IPs), not /16").
    pub ipv4: u8,
    /// IPv6 without `--allow-wide`.
    pub ipv6: u8,
}

impl Widths {
    /// The end for IPv4 even with `--allow-wide` and a reason.
    pub const LIMIT_IPV4: u8 = runbook::LIMIT_IPV4;
    /// The end for IPv6 even with `--allow-wide` and a reason.
    pub const LIMIT_IPV6: u8 = runbook::LIMIT_IPV6;
}

impl Default for Widths {
    fn default() -> Self {
        Self {
            ipv4: runbook::WIDEST_IPV4,
            ipv6: runbook::WIDEST_IPV6,
        }
    }
}

/// How many bans a refusal names.
const BANS_NAMED: usize = 8;

/// Everything that decides whether a procedure may do what it is asked: policy, the host's settings and the flags.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// The widths of the operator's policy.
    pub widths: Widths,
    /// `--allow-special`, or the host's `allow_special`.
    pub allow_special: bool,
    /// `--allow-wide`.
    pub allow_wide: bool,
    /// `--allow-lockout`.
    pub allow_lockout: bool,
    /// `--reason`, which `--allow-wide` needs.
    pub reason: Option<String>,
    /// `--with-drift`.
    pub with_drift: bool,
    /// `--start`.
    pub start: bool,
    /// The host's protected networks: trunks, monitoring, offices.
    pub protected: Vec<Network>,
}

/// A network that may be whitelisted or unbanned, with the warnings about it.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The network, canonical.
    pub network: Network,
    /// Remarks, e.g. that host bits were cleared.
    pub warnings: Vec<Warning>,
}

impl Guard {
    /// Judges a network that an operator wants to whitelist, as typed.
    ///
    /// # Errors
    /// A usage refusal for what is not a network, a guard-rail's for what is too wide or special.
    pub fn whitelisting(&self, typed: &str) -> Result<Allowed, Refusal> {
        let allowed = as_typed(typed)?;
        self.not_special(&allowed.network)?;
        let why = |network: &Network, usual: u8| {
            format!(
                "{network} is wider than /{usual}: too broad a range would whitelist many unrelated hosts on the same \
                 ISP, defeating the purpose (runbook, Customer-PBX whitelist: \"Use /24, not /16\")"
            )
        };
        self.not_too_wide(&allowed.network, why, "the customer really owns all of it")?;
        Ok(allowed)
    }

    /// Judges a network, as typed, whose members' bans an operator wants to lift. `bans` says which those are, given the
    /// network; a range of no public addresses may be named, since who comes from there can be banned as well.
    ///
    /// # Errors
    /// A usage refusal for what is not a network, a guard-rail's for what is too wide to be meant as a whole.
    pub fn unbanning(&self, typed: &str, bans: impl Fn(&Network) -> Vec<String>) -> Result<Allowed, Refusal> {
        let allowed = as_typed(typed)?;
        let why = |network: &Network, usual: u8| {
            let bans = bans(network);
            let more = bans.len().saturating_sub(BANS_NAMED);
            let named = bans.iter().take(BANS_NAMED).cloned().collect::<Vec<_>>().join(", ");
            let consequence = match (bans.len(), more) {
                (0, _) => "no address in it is banned now, and any that is banned by then would be unbanned".to_owned(),
                (_, 0) => format!("it would lift the bans of {named}"),
                (count, more) => format!("it would lift {count} bans: {named} and {more} more"),
            };
            format!("{network} is wider than /{usual}, with many unrelated hosts; {consequence}")
        };
        self.not_too_wide(&allowed.network, why, "all of it is meant")
            .map_err(|refusal| {
                refusal.hint("name the addresses, or smaller networks; `f2bctl status` lists who is banned")
            })?;
        Ok(allowed)
    }

    fn not_special(&self, network: &Network) -> Result<(), Refusal> {
        match special(network) {
            Some(SpecialRange::Everything) => Err(Refusal::guard_rail(format!(
                "{network} is the whole internet: nobody would ever be banned"
            ))
            .hint("name the customer's own network, usually a /29 or /28")),
            Some(range) if !self.allow_special => Err(Refusal::guard_rail(format!(
                "{network} is in a {} range, which is not a customer's public network",
                range.name()
            ))
            .hint("ask the customer's IT for their public block")
            .hint("pass --allow-special if this host really is reached from there")),
            _ => Ok(()),
        }
    }

    /// Refuses what is wider than the policy takes: `why` says so, given the usual width, and `sure` what has to be true
    /// of a network that the flag is passed for.
    fn not_too_wide(
        &self,
        network: &Network,
        why: impl FnOnce(&Network, u8) -> String,
        sure: &str,
    ) -> Result<(), Refusal> {
        let length = network.prefix_length();
        let (usual, limit) = if network.is_ipv4() {
            (self.widths.ipv4, Widths::LIMIT_IPV4)
        } else {
            (self.widths.ipv6, Widths::LIMIT_IPV6)
        };
        if length >= usual {
            return Ok(());
        }
        let why = why(network, usual);
        if length < limit {
            let never = format!("nothing wider than /{limit} is ever taken, with no flag");
            return Err(Refusal::guard_rail(why).hint(never));
        }
        if !self.allow_wide {
            let flag = format!("pass --allow-wide with --reason TEXT if {sure}");
            return Err(Refusal::guard_rail(why).hint(flag));
        }
        if self.reason.is_none() {
            return Err(Refusal::guard_rail(why).hint("--allow-wide needs --reason TEXT"));
        }
        Ok(())
    }

    /// Judges a network that an operator wants to take off the whitelist.
    ///
    /// # Errors
    /// A guard-rail's for localhost and for whatever covers a protected network.
    pub fn removing(&self, network: &Network) -> Result<(), Refusal> {
        if is_localhost(network) {
            return Err(Refusal::guard_rail(format!(
                "{network} is the host itself and is never removed: fail2ban could cut the PBX off from its own services \
                 (runbook, Customer-PBX whitelist: \"Always whitelisted\")"
            )));
        }
        match self.protected.iter().find(|protected| network.overlaps(protected)) {
            Some(protected) => Err(Refusal::guard_rail(format!(
                "{network} holds {protected}, which this host's settings protect from being un-whitelisted"
            ))
            .hint("take it off `protected` in the configuration first, if that is really intended")),
            None => Ok(()),
        }
    }

    /// Judges what a change means for the operator's own way in: `covered` says, for one jail, whether the operator's
    /// address is whitelisted before and after.
    ///
    /// # Errors
    /// A guard-rail's if the address would become bannable and `--allow-lockout` is not given.
    pub fn own_address(&self, address: IpAddr, jail: &str, before: bool, after: bool) -> Result<(), Refusal> {
        if self.allow_lockout || !before || after {
            return Ok(());
        }
        Err(Refusal::guard_rail(format!(
            "this would make your own address {address} bannable in {jail}: the next few mistakes would lock you out"
        ))
        .hint("work from another address, or pass --allow-lockout"))
    }
}

/// The networks that were typed.
///
/// # Errors
/// A usage refusal for the first that is neither an address nor a network.
pub fn networks(typed: &[String]) -> Result<Vec<Network>, Refusal> {
    let network = |text: &String| as_typed(text).map(|allowed| allowed.network);
    typed.iter().map(network).collect()
}

/// A network as typed, with what became of its spelling.
fn as_typed(typed: &str) -> Result<Allowed, Refusal> {
    let parsed = Network::parse(typed).map_err(|error| Refusal::not_a_network(&error))?;
    let network = parsed.network;
    let mut warnings = Vec::new();
    if parsed.cleared_host_bits.is_some() {
        let message = format!("{typed} has host bits set; the network is {network}.");
        warnings.push(Warning::new(WarningCode::HostBitsCleared, message));
    }
    if parsed.mapped {
        let message = format!("{typed} is IPv4 in IPv6 form; it is written as {network}.");
        warnings.push(Warning::new(WarningCode::MappedAddress, message));
    }
    Ok(Allowed { network, warnings })
}

/// Whether a network is (part of) the loopback range or ::1, which is always whitelisted.
pub fn is_localhost(network: &Network) -> bool {
    network.address().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &Guard, typed: &str) -> String {
        guard.whitelisting(typed).expect_err(typed).message
    }

    fn lenient() -> Guard {
        Guard {
            allow_special: true,
            ..Guard::default()
        }
    }

    #[test]
    fn a_slash_16_is_refused_with_the_runbooks_reason_even_with_every_flag() {
        let guard = Guard {
            allow_wide: true,
            reason: Some("big customer".to_owned()),
            ..lenient()
        };
        let message = refused(&guard, "203.0.0.0/16");
        assert!(message.contains("unrelated hosts on the same ISP"), "{message}");
    }

    #[test]
    fn a_slash_20_needs_the_flag_and_a_reason() {
        let mut guard = lenient();
        assert!(guard.whitelisting("203.0.112.0/20").is_err());
        guard.allow_wide = true;
        assert!(guard.whitelisting("203.0.112.0/20").is_err());
        guard.reason = Some("whole campus".to_owned());
        assert!(guard.whitelisting("203.0.112.0/20").is_ok());
        assert!(guard.whitelisting("203.0.112.0/19").is_err());
    }

    #[test]
    fn bans_of_a_wide_network_are_lifted_with_the_flag_and_a_reason_and_never_of_everything() {
        let bans = |network: &Network| match network.is_ipv4() {
            true => vec!["192.0.2.77 (sshd)".to_owned()],
            false => Vec::new(),
        };
        let mut guard = Guard::default();
        for allowed in ["192.0.2.77", "10.0.0.0/24", "2001:db8::/48"] {
            assert!(guard.unbanning(allowed, bans).is_ok(), "{allowed}");
        }
        let refusal = guard.unbanning("192.0.0.0/20", bans).expect_err("wide");
        assert!(refusal.message.contains("192.0.2.77 (sshd)"), "{}", refusal.message);
        assert!(
            refusal.hints[0].to_string().contains("--allow-wide with --reason"),
            "{:?}",
            refusal.hints
        );
        guard.allow_wide = true;
        guard.reason = Some("a provider's fault".to_owned());
        assert!(guard.unbanning("192.0.0.0/20", bans).is_ok());
        for typed in ["192.0.0.0/19", "0.0.0.0/0", "::/0", "2001:db8::/43"] {
            let refusal = guard.unbanning(typed, bans).expect_err(typed);
            assert_eq!(
                refusal.kind,
                crate::planning::refusal::RefusalKind::GuardRail,
                "{typed}"
            );
            assert!(
                refusal.hints[0].to_string().contains("is ever taken"),
                "{:?}",
                refusal.hints
            );
        }
    }

    #[test]
    fn of_many_bans_a_refusal_names_a_few() {
        let many = |_: &Network| (0..20).map(|last| format!("192.0.2.{last} (sshd)")).collect();
        let message = Guard::default().unbanning("0.0.0.0/0", many).expect_err("all").message;
        assert!(
            message.contains("20 bans") && message.ends_with("and 12 more"),
            "{message}"
        );
    }

    #[test]
    fn everything_is_refused_whatever_is_allowed() {
        for typed in ["0.0.0.0/0", "::/0"] {
            assert!(refused(&lenient(), typed).contains("whole internet"), "{typed}");
        }
    }

    #[test]
    fn special_ranges_need_the_flag() {
        let ranges = [
            "10.1.2.0/24",
            "100.64.3.0/24",
            "127.0.0.1",
            "169.254.1.1",
            "224.0.0.5",
            "192.0.2.0/28",
        ];
        for typed in ranges {
            assert!(Guard::default().whitelisting(typed).is_err(), "{typed}");
            assert!(lenient().whitelisting(typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn host_bits_are_cleared_and_said() {
        let allowed = lenient().whitelisting("203.0.113.9/28").expect("allowed");
        assert_eq!(allowed.network.to_string(), "203.0.113.0/28");
        assert_eq!(allowed.warnings[0].code, WarningCode::HostBitsCleared);
    }

    #[test]
    fn garbage_is_a_usage_error() {
        let refusal = Guard::default().whitelisting("hotel").expect_err("garbage");
        assert_eq!(refusal.kind, crate::planning::refusal::RefusalKind::Usage);
    }

    #[test]
    fn localhost_and_protected_addresses_stay() {
        let guard = Guard {
            protected: vec![Network::parse("192.0.2.10").expect("address").network],
            ..Guard::default()
        };
        for typed in ["127.0.0.1/8", "127.0.0.1", "::1", "192.0.2.0/24"] {
            let network = Network::parse(typed).expect("network").network;
            assert!(guard.removing(&network).is_err(), "{typed}");
        }
        let other = Network::parse("198.51.100.0/24").expect("network").network;
        assert!(guard.removing(&other).is_ok());
    }
}
