//! Addresses that fail2ban's chains and sets block although no jail lists them as banned: left over by a restart that
//! was cut short, by a server that was killed, or by hand. fail2ban never lifts what it does not list.
//!
//! Boundary: only chains and sets that bear fail2ban's names are known here; the agent looks again before it removes
//! one.

use crate::document::{Warning, WarningCode};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::blocked_address::BlockedAddress;
use crate::model::network::Network;
use crate::model::observed::{Firewall, Jail, Observed};
use crate::model::operation::BansOf;
use crate::model::some::some;

use super::enforcement::chain_names;

/// Address -> the chains and sets that block it without a ban.
pub type Unlisted = BTreeMap<BlockedAddress, BTreeSet<String>>;

/// Everything that is blocked without a ban.
///
/// An address that some jail bans may be in a chain that no action names, by an action of one's own; that is no
/// finding. Without any ban, or in the chain of a jail that does not ban it, it is one.
pub fn unlisted(firewall: &Firewall, jails: &BTreeMap<String, Jail>) -> Unlisted {
    let mut banned: BTreeSet<&BlockedAddress> = BTreeSet::new();
    let mut of_chains: BTreeMap<String, BTreeSet<&BlockedAddress>> = BTreeMap::new();
    for (name, jail) in jails {
        let ips: BTreeSet<&BlockedAddress> = jail.bans.iter().map(|ban| &ban.ip).collect();
        banned.extend(&ips);
        for chain in chain_names(name, jail) {
            of_chains.entry(chain).or_default().extend(&ips);
        }
    }
    let mut found = Unlisted::new();
    for (chain, held) in &firewall.chains {
        let listed = of_chains.get(chain).unwrap_or(&banned);
        let unlisted = held.addresses.iter().filter(|ip| !listed.contains(ip));
        for address in unlisted.filter(|ip| !holds_one_of(ip, listed)) {
            found.entry(address.clone()).or_default().insert(chain.clone());
        }
    }
    found
}

/// Of a host that was observed, as far as its firewall could be read.
pub fn on_host(observed: &Observed) -> Unlisted {
    let server = observed.server.value().filter(|server| server.running);
    match (observed.firewall.value(), server) {
        (Some(firewall), Some(server)) => unlisted(firewall, &server.jails),
        _ => Unlisted::new(),
    }
}

/// What of it a wish to unban lets go of: the members of its network, in the chains of the jails that are named if any.
pub fn asked(unlisted: &Unlisted, wish: &BansOf, jails: &BTreeMap<String, Jail>) -> Unlisted {
    let chains: Option<BTreeSet<String>> = wish.jails.as_ref().map(|names| {
        let named = names.iter().filter_map(|name| Some((name, jails.get(name)?)));
        named.flat_map(|(name, jail)| chain_names(name, jail)).collect()
    });
    let is_asked = |chain: &&String| chains.as_ref().is_none_or(|chains| chains.contains(*chain));
    let members = unlisted.iter().filter(|(ip, _)| ip.is_within(&wish.network));
    members
        .map(|(ip, held)| {
            (
                ip.clone(),
                held.iter().filter(is_asked).cloned().collect::<BTreeSet<_>>(),
            )
        })
        .filter(|(_, held)| !held.is_empty())
        .collect()
}

/// The members of a network, whichever chain blocks them.
pub fn members(unlisted: &Unlisted, network: &Network) -> Unlisted {
    let inside = unlisted.iter().filter(|(ip, _)| ip.is_within(network));
    inside.map(|(ip, chains)| (ip.clone(), chains.clone())).collect()
}

/// Such addresses with their chains, as `ADDRESS (chain, chain)`; at most some are named.
pub fn named(unlisted: &Unlisted) -> String {
    let texts: Vec<String> = unlisted
        .iter()
        .map(|(ip, chains)| {
            format!(
                "{} ({})",
                ip.as_str(),
                chains.iter().cloned().collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    some(&texts)
}

/// Why it is unknown what the firewall blocks beside fail2ban's list; none where it can.
pub fn unknown(observed: &Observed, network: &Network) -> Option<Warning> {
    let reason = match observed.firewall.read() {
        Err(reason) => reason.to_owned(),
        Ok(firewall) => ["iptables", "nft"]
            .iter()
            .map(|tool| firewall.unknown.get(*tool))
            .collect::<Option<Vec<&String>>>()?
            .first()
            .map(|reason| format!("iptables: {reason}"))?,
    };
    let message = format!("Whether the firewall blocks {network} although no jail lists it is unknown: {reason}.");
    Some(Warning::new(WarningCode::FirewallUnknown, message))
}

/// Whether a network, as the kernel shows it, holds an address that is banned: it may stand for that ban.
fn holds_one_of(address: &BlockedAddress, banned: &BTreeSet<&BlockedAddress>) -> bool {
    let network = address.network().filter(|_| address.as_str().contains('/'));
    network.is_some_and(|held| banned.iter().any(|ip| ip.is_within(&held)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::observed::{Ban, Chain};

    fn jail(action: &str, banned: &[&str]) -> Jail {
        let ban = |ip: &&str| Ban {
            ip: (*ip).to_owned().into(),
            since: 0,
            until: None,
        };
        let properties = BTreeMap::from([("name".to_owned(), action.to_owned())]);
        Jail {
            actions: BTreeMap::from([(action.to_owned(), properties)]),
            bans: banned.iter().map(ban).collect(),
            ..Jail::default()
        }
    }

    fn firewall(chains: &[(&str, &[&str])]) -> Firewall {
        let held = |addresses: &[&str]| Chain {
            addresses: addresses.iter().map(|ip| (*ip).to_owned().into()).collect(),
            ..Chain::default()
        };
        Firewall {
            chains: chains
                .iter()
                .map(|(name, addresses)| ((*name).to_owned(), held(addresses)))
                .collect(),
            ..Firewall::default()
        }
    }

    fn found(chains: &[(&str, &[&str])]) -> String {
        let jails = BTreeMap::from([
            ("asterisk-auth".to_owned(), jail("asterisk-auth-tcp", &["192.0.2.9"])),
            ("sshd".to_owned(), jail("sshd", &["198.51.100.7"])),
        ]);
        named(&unlisted(&firewall(chains), &jails))
    }

    #[test]
    fn what_a_ban_is_the_reason_of_is_listed() {
        assert_eq!(
            found(&[
                ("f2b-asterisk-auth-tcp", &["192.0.2.9"]),
                ("f2b-sshd", &["198.51.100.7"])
            ]),
            ""
        );
        // A chain that no action names may be an own action's, as long as the address is banned.
        assert_eq!(found(&[("f2b-own", &["192.0.2.9"])]), "");
        // A network may be several bans that the kernel has joined.
        assert_eq!(found(&[("f2b-sshd", &["198.51.100.6/31"])]), "");
    }

    #[test]
    fn what_no_ban_is_the_reason_of_is_found_in_every_chain() {
        assert_eq!(found(&[("f2b-own", &["192.0.2.8"])]), "192.0.2.8 (f2b-own)");
        assert_eq!(found(&[("f2b-sshd", &["192.0.2.9"])]), "192.0.2.9 (f2b-sshd)");
        assert_eq!(
            found(&[("addr-set-sshd", &["192.0.2.8"]), ("f2b-asterisk-auth", &["192.0.2.8"])]),
            "192.0.2.8 (addr-set-sshd, f2b-asterisk-auth)"
        );
    }
}
