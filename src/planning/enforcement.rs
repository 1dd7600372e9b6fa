//! Does the packet filter do what fail2ban believes? A ban without a rule, or one that leaves SIP over UDP open, is
//! none.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::blocked_address::BlockedAddress;
use crate::model::observed::{Chain, Firewall, Jail};
use crate::model::runbook::is_named_after_asterisk;

/// Whether a jail's bans are rules in the packet filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enforcement {
    /// They are, for the protocols that the jail is about (or would be at its next ban).
    Yes,
    /// They are not.
    No(Gap),
    /// It is not known; the sentence says why.
    Unknown(String),
}

/// How someone who is banned gets in all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// The jail has no action at all.
    NoActions,
    /// The jail's actions do not cover this protocol.
    Open(&'static str),
    /// A ban has no rule for this protocol.
    NoRule {
        /// Who.
        ip: String,
        /// Over what.
        protocol: &'static str,
    },
}

impl Gap {
    /// The gap of a jail as a clause.
    pub fn clause(&self, jail: &str) -> String {
        match self {
            Self::NoActions => format!("jail {jail} has no action: its bans are counted and nobody is blocked"),
            Self::Open(protocol) => format!("the actions of jail {jail} leave {protocol} open"),
            Self::NoRule { ip, protocol } => format!("no rule blocks {ip} over {protocol} (jail {jail})"),
        }
    }
}

impl Enforcement {
    /// The contract's `enforced`: true, false or null.
    pub fn as_option(&self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No(_) => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// Why it is not, or why that is not known, of this jail.
    pub fn reason(&self, jail: &str) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::No(gap) => Some(gap.clause(jail)),
            Self::Unknown(reason) => Some(reason.clone()),
        }
    }
}

/// Judges one jail.
pub fn enforcement(name: &str, jail: &Jail, firewall: Option<&Firewall>) -> Enforcement {
    if jail.actions.is_empty() {
        return Enforcement::No(Gap::NoActions);
    }
    if !jail.actions.values().any(is_packet_filter) {
        return Enforcement::Unknown(format!("the actions of jail {name} are not packet filter rules"));
    }
    let needed = protocols_needed(name, jail);
    if let Some(missing) = needed.difference(&protocols_of_actions(jail)).next() {
        return Enforcement::No(Gap::Open(missing));
    }
    let Some(firewall) = firewall.filter(|firewall| can_be_read(firewall)) else {
        return Enforcement::Unknown("the packet filter cannot be read".to_owned());
    };
    rules(name, jail, firewall, &needed)
}

/// Each ban is in a chain, and packets of each protocol get there.
fn rules(name: &str, jail: &Jail, firewall: &Firewall, needed: &BTreeSet<&'static str>) -> Enforcement {
    let chains: Vec<(&Chain, BTreeSet<&BlockedAddress>)> = chain_names(name, jail)
        .iter()
        .filter_map(|chain| firewall.chains.get(chain))
        .map(|chain| (chain, chain.addresses.iter().collect()))
        .collect();
    for ban in &jail.bans {
        for protocol in needed {
            let is_blocked = chains
                .iter()
                .any(|(chain, addresses)| addresses.contains(&ban.ip) && takes(chain, protocol));
            if !is_blocked {
                return Enforcement::No(Gap::NoRule {
                    ip: ban.ip.as_str().to_owned(),
                    protocol,
                });
            }
        }
    }
    Enforcement::Yes
}

fn takes(chain: &Chain, protocol: &str) -> bool {
    chain
        .entries
        .iter()
        .any(|entry| entry.protocol == protocol || entry.protocol == "all")
}

fn can_be_read(firewall: &Firewall) -> bool {
    let unreadable = |tool: &str| firewall.unknown.contains_key(tool);
    !(unreadable("iptables") && unreadable("nft"))
}

/// An action that shuts out by rules of the kernel's packet filter.
fn is_packet_filter(properties: &BTreeMap<String, String>) -> bool {
    let ban = properties.get("actionban").map(String::as_str).unwrap_or_default();
    ["<iptables>", "iptables", "<nftables>", "nft ", "ipset"]
        .iter()
        .any(|tool| ban.contains(tool))
}

/// SIP is spoken over UDP and TCP; other jails are about what their actions say.
fn protocols_needed(name: &str, jail: &Jail) -> BTreeSet<&'static str> {
    let is_sip = is_named_after_asterisk(name)
        || jail
            .actions
            .values()
            .any(|action| action.get("port").is_some_and(|ports| ports.contains("5060")));
    if is_sip {
        BTreeSet::from(["tcp", "udp"])
    } else {
        BTreeSet::from(["tcp"])
    }
}

fn protocols_of_actions(jail: &Jail) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for action in jail.actions.values().filter(|action| is_packet_filter(action)) {
        let protocol = action.get("protocol").map(String::as_str).unwrap_or("all");
        for known in ["tcp", "udp"] {
            let named = protocol.split([',', ' ']).any(|word| word == known || word == "all");
            if named {
                found.insert(known);
            }
        }
    }
    found
}

/// The protocols that a jail of SIP is about.
const PROTOCOLS: [&str; 2] = ["tcp", "udp"];

/// The protocol that a jail's actions leave open, if any.
pub fn missing_protocol(jail: &Jail) -> Option<&'static str> {
    let is_missing = |wanted: &&str| !jail.actions.values().any(|action| is_about(action, wanted));
    PROTOCOLS.into_iter().find(is_missing)
}

/// Whether an action is about a protocol. One that names none is about all of them.
pub fn is_about(properties: &BTreeMap<String, String>, wanted: &str) -> bool {
    let protocol = properties.get("protocol");
    protocol.is_none_or(|text| text.split([',', ' ']).any(|word| word == wanted || word == "all"))
}

/// The chains and sets under which the jail's actions keep its bans.
pub fn chain_names(name: &str, jail: &Jail) -> BTreeSet<String> {
    let named = jail
        .actions
        .values()
        .filter_map(|action| action.get("name").map(String::as_str));
    let names: BTreeSet<&str> = named.chain([name]).collect();
    let forms = |name: &str| {
        [
            format!("f2b-{name}"),
            format!("f2b-{name}6"),
            format!("addr-set-{name}"),
            format!("addr6-set-{name}"),
        ]
    };
    names.into_iter().flat_map(forms).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::observed::{Ban, Entry};

    fn jail(protocols: &[&str], banned: &[&str]) -> Jail {
        let action = |protocol: &&str| {
            let pairs = [
                ("actionban", "<iptables> -I f2b-<name> 1 -s <ip> -j <blocktype>"),
                ("protocol", protocol),
            ];
            let properties = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
            (format!("iptables-{protocol}"), BTreeMap::from(properties))
        };
        let ban = |ip: &&str| Ban {
            ip: (*ip).to_owned().into(),
            since: 0,
            until: None,
        };
        Jail {
            actions: protocols.iter().map(action).collect(),
            bans: banned.iter().map(ban).collect(),
            ..Jail::default()
        }
    }

    fn firewall(protocols: &[&str], addresses: &[&str]) -> Firewall {
        let entry = |protocol: &&str| Entry {
            protocol: (*protocol).to_owned(),
            ports: None,
            family: "ip".to_owned(),
        };
        let chain = Chain {
            addresses: addresses.iter().map(|address| (*address).to_owned().into()).collect(),
            entries: protocols.iter().map(entry).collect(),
        };
        Firewall {
            chains: BTreeMap::from([("f2b-asterisk-scan".to_owned(), chain)]),
            unknown: BTreeMap::new(),
        }
    }

    fn judge(jail: &Jail, firewall: &Firewall) -> Option<bool> {
        enforcement("asterisk-scan", jail, Some(firewall)).as_option()
    }

    #[test]
    fn tcp_alone_does_not_shut_a_sip_scanner_out() {
        let verdict = judge(&jail(&["tcp"], &["192.0.2.9"]), &firewall(&["tcp"], &["192.0.2.9"]));
        assert_eq!(verdict, Some(false));
    }

    #[test]
    fn both_protocols_with_a_rule_for_each_ban_are_enforced() {
        let both = jail(&["tcp", "udp"], &["192.0.2.9"]);
        assert_eq!(judge(&both, &firewall(&["tcp", "udp"], &["192.0.2.9"])), Some(true));
        assert_eq!(judge(&both, &firewall(&["tcp", "udp"], &[])), Some(false));
        assert_eq!(judge(&both, &firewall(&["tcp"], &["192.0.2.9"])), Some(false));
    }

    #[test]
    fn a_jail_without_actions_enforces_nothing_and_a_foreign_action_is_unknown() {
        assert_eq!(judge(&jail(&[], &[]), &firewall(&[], &[])), Some(false));
        let mut foreign = jail(&["tcp"], &[]);
        foreign.actions = BTreeMap::from([("mail".to_owned(), BTreeMap::new())]);
        assert_eq!(judge(&foreign, &firewall(&[], &[])), None);
    }

    #[test]
    fn an_action_without_protocol_is_about_all_and_one_for_tcp_leaves_udp_open() {
        let jail = |protocols: &[Option<&str>]| Jail {
            actions: protocols
                .iter()
                .enumerate()
                .map(|(number, protocol)| {
                    let property = protocol.map(|protocol| ("protocol".to_owned(), protocol.to_owned()));
                    (format!("a{number}"), property.into_iter().collect())
                })
                .collect(),
            ..Jail::default()
        };
        assert_eq!(missing_protocol(&jail(&[Some("tcp")])), Some("udp"));
        assert_eq!(missing_protocol(&jail(&[Some("tcp"), Some("udp")])), None);
        assert_eq!(missing_protocol(&jail(&[None])), None);
        assert_eq!(missing_protocol(&jail(&[])), Some("tcp"));
    }
}
