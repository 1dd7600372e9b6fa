//! Does the packet filter do what fail2ban believes? A ban without a rule, or one that leaves open what Asterisk serves, is
//! none. This is the one place where that is judged; what cannot be judged is unknown with its reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::blocked_address::BlockedAddress;
use crate::model::observed::{Chain, Firewall, Forward, FoundAgain, Jail, Observed};
use crate::model::runbook::is_named_after_asterisk;
use crate::model::some::some;

use super::closed_ports::{closes_over, is_about, list_has, only_reports, port_numbers};
use super::listening::{Service, served};
use super::packet_path::{Packet, Way, way};

/// For how long after the last line of a banned address it is taken for so that it gets through, seconds. After that the
/// hole may have been closed.
const STILL: i64 = 600;

/// Whether a jail's bans are rules in the packet filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enforcement {
    /// They are, for the ports on which Asterisk listens (of other jails: for those of their actions), or would be at the
    /// next ban.
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
    /// The jail's actions report its bans and block nobody.
    Reports(Vec<String>),
    /// The jail's actions do not cover this protocol.
    Open(String),
    /// Asterisk listens on these ports, which the jail's actions do not close.
    Ports(Vec<Service>),
    /// A ban has no rule for this protocol.
    NoRule {
        /// Who.
        ip: String,
        /// Over what.
        protocol: String,
        /// On which port, where rules for other ports are there.
        port: Option<u16>,
    },
    /// A rule accepts packets before they get to fail2ban's.
    Accepted {
        /// Over what.
        protocol: String,
        /// The rule.
        rule: String,
    },
    /// Packets for this port are sent on, as to a container, and never come to fail2ban's rules.
    SentOn(Service),
    /// fail2ban found lines of someone after the ban.
    FoundAgain {
        /// Who.
        ip: String,
        /// What was found.
        lines: FoundAgain,
        /// When the last line was written, as text.
        last: String,
    },
}

impl Gap {
    /// The gap of a jail as a clause.
    pub fn clause(&self, jail: &str) -> String {
        match self {
            Self::NoActions => format!("jail {jail} has no action: its bans are counted and nobody is blocked"),
            Self::Reports(names) => format!("jail {jail} only reports its bans ({}): nobody is blocked", some(names)),
            Self::Open(protocol) => format!("the actions of jail {jail} leave {protocol} open"),
            Self::Ports(services) => {
                let ports: BTreeSet<String> = services.iter().map(shown).collect();
                let ports: Vec<String> = ports.into_iter().collect();
                format!(
                    "a ban in {jail} does not close {}, on which Asterisk listens",
                    some(&ports)
                )
            }
            Self::NoRule { ip, protocol, port } => {
                let port = port.map_or_else(String::new, |port| format!(" {port}"));
                format!("no rule blocks {ip} over {protocol}{port} (jail {jail})")
            }
            Self::Accepted { protocol, rule } => {
                format!("a rule before those of jail {jail} accepts {protocol}: {rule}")
            }
            Self::SentOn(service) => format!(
                "a ban in {jail} does not close {}, which the host sends on to Asterisk in a network namespace of its own, past \
                 fail2ban's rules",
                shown(service)
            ),
            Self::FoundAgain { ip, lines, last } => {
                let already = match lines.already {
                    0 => String::new(),
                    number => format!(", and logged {number} times that it is banned already"),
                };
                format!(
                    "{ip} gets through: fail2ban found {} lines of it in {jail} after the ban, the last of {last}{already}",
                    lines.found
                )
            }
        }
    }
}

fn shown(service: &Service) -> String {
    format!("{} {}", service.protocol.to_uppercase(), service.port)
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

/// Judges one jail of a host.
pub fn enforcement(name: &str, jail: &Jail, observed: &Observed) -> Enforcement {
    let is_sip = counts_sip(name, jail, observed);
    let services = is_sip.then(|| served(name, jail, observed));
    let known = services.as_ref().and_then(|services| services.as_ref().ok());
    if let Some(gap) = gap_of_actions(jail, known.map(Vec::as_slice), is_sip) {
        return Enforcement::No(gap);
    }
    if let Some(again) = found_again(name, jail, observed, true) {
        return Enforcement::No(again);
    }
    if !jail.actions.values().any(is_packet_filter) {
        return Enforcement::Unknown(format!("the actions of jail {name} are not packet filter rules"));
    }
    let Some(firewall) = observed.firewall.value().filter(|firewall| can_be_read(firewall)) else {
        return Enforcement::Unknown("the packet filter cannot be read".to_owned());
    };
    let needed = match known {
        Some(services) => services.iter().map(Needed::of).collect(),
        None => of_actions(jail, is_sip),
    };
    let verdict = rules(name, jail, firewall, &needed, is_sip);
    let unseen = services.and_then(Result::err);
    match (verdict, unseen, found_again(name, jail, observed, false)) {
        (Enforcement::Yes, Some(reason), _) => Enforcement::Unknown(reason),
        (Enforcement::Yes, None, Some(again)) => Enforcement::Unknown(format!(
            "the firewall has its rules, but {}: whether it got closed since is not known",
            again.clause(name)
        )),
        (Enforcement::Yes, None, None) => unconfirmed(name, jail, observed),
        (verdict, ..) => verdict,
    }
}

/// Enforced by all that was seen, unless fail2ban says of someone what may be that he gets through.
fn unconfirmed(name: &str, jail: &Jail, observed: &Observed) -> Enforcement {
    let again = observed.after_ban.value().and_then(|jails| jails.get(name));
    let is_banned = |ip: &str| jail.bans.iter().any(|ban| ban.ip.as_str() == ip);
    match again
        .into_iter()
        .flatten()
        .find(|(ip, lines)| is_banned(ip) && lines.last.is_none())
    {
        None => Enforcement::Yes,
        Some((ip, lines)) => Enforcement::Unknown(format!(
            "the firewall has its rules, but fail2ban found {} lines of {ip} in {name} after the ban and logged {} times that \
             it is banned already: it was banned twice, or it gets through",
            lines.found, lines.already
        )),
    }
}

/// What the actions of a jail leave open, whatever the firewall has: of these services, or of what such a jail is about.
pub fn gap_of_actions(jail: &Jail, services: Option<&[Service]>, is_sip: bool) -> Option<Gap> {
    if jail.actions.is_empty() {
        return Some(Gap::NoActions);
    }
    if jail.actions.keys().all(|name| only_reports(name)) {
        return Some(Gap::Reports(jail.actions.keys().cloned().collect()));
    }
    let open = services
        .into_iter()
        .flatten()
        .filter(|service| is_left_open(jail, service));
    let open: Vec<Service> = open.cloned().collect();
    if !open.is_empty() {
        return Some(Gap::Ports(open));
    }
    if !jail.actions.values().any(is_packet_filter) {
        return None;
    }
    let needed: BTreeSet<&str> = match services {
        Some(services) => services.iter().map(|service| service.protocol.as_str()).collect(),
        None => protocols_needed(is_sip),
    };
    let covered = protocols_of_actions(jail);
    let missing = needed.difference(&covered).next()?;
    Some(Gap::Open((*missing).to_owned()))
}

/// Whether a ban does not close a port although it closes others of this protocol.
pub fn is_left_open(jail: &Jail, service: &Service) -> bool {
    let mut actions = jail.actions.values();
    actions.any(|action| is_about(action, &service.protocol)) && !closes_over(jail, &service.protocol, service.port)
}

/// Who of the jail's bans was found again, a short time ago or longer.
fn found_again(name: &str, jail: &Jail, observed: &Observed, lately: bool) -> Option<Gap> {
    let again = observed.after_ban.value()?.get(name)?;
    let now = observed.clock.second();
    let is_banned = |ip: &str| jail.bans.iter().any(|ban| ban.ip.as_str() == ip);
    let (ip, lines, last) = again
        .iter()
        .filter(|(ip, _)| is_banned(ip))
        .filter_map(|(ip, lines)| Some((ip, *lines, lines.last?)))
        .filter(|(_, _, last)| !lately || now - last <= STILL)
        .max_by_key(|(_, _, last)| *last)?;
    Some(Gap::FoundAgain {
        ip: ip.clone(),
        lines,
        last: observed.clock.moment(last),
    })
}

/// What has to be closed: a port of a protocol, or, where that is not known, any.
struct Needed {
    protocol: String,
    port: Option<u16>,
    contained: bool,
}

impl Needed {
    fn of(service: &Service) -> Self {
        Self {
            protocol: service.protocol.clone(),
            port: Some(service.port),
            contained: service.contained,
        }
    }
}

/// The ports that the jail's own actions name, for each protocol that it is about.
fn of_actions(jail: &Jail, is_sip: bool) -> Vec<Needed> {
    let needed = protocols_needed(is_sip).into_iter();
    needed
        .flat_map(|protocol| {
            let ports: BTreeSet<Option<u16>> = jail
                .actions
                .values()
                .filter(|action| is_packet_filter(action) && is_about(action, protocol))
                .flat_map(|action| port_numbers(action.get("port").map(String::as_str).unwrap_or_default()))
                .collect();
            ports.into_iter().map(|port| Needed {
                protocol: protocol.to_owned(),
                port,
                contained: false,
            })
        })
        .collect()
}

/// Each ban is in a chain, and packets for each protocol and port get there. Without a ban, the way of the next one is
/// judged as far as it is there yet.
fn rules(name: &str, jail: &Jail, firewall: &Firewall, needed: &[Needed], is_sip: bool) -> Enforcement {
    let chains: Vec<(&Chain, BTreeSet<&BlockedAddress>)> = chain_names(name, jail)
        .iter()
        .filter_map(|chain| firewall.chains.get(chain))
        .map(|chain| (chain, chain.addresses.iter().collect()))
        .collect();
    let is_made = chains.iter().any(|(chain, _)| !chain.entries.is_empty());
    let banned = jail.bans.iter().map(|ban| Some(&ban.ip));
    let banned: Vec<Option<&BlockedAddress>> = banned.chain(jail.bans.is_empty().then_some(None)).collect();
    let mut unread = None;
    for (need, ip) in needed.iter().flat_map(|need| banned.iter().map(move |ip| (need, *ip))) {
        if ip.is_none() && !is_made && (!need.contained || leads_through(jail)) {
            continue;
        }
        let holding = chains
            .iter()
            .filter(|(_, addresses)| ip.is_none_or(|ip| addresses.contains(ip)));
        let holding: Vec<&Chain> = holding.map(|(chain, _)| *chain).collect();
        let packet = Packet {
            protocol: &need.protocol,
            port: need.port,
            source: ip.and_then(BlockedAddress::network),
            through: need.contained,
            goes_on: is_sip,
        };
        match (best_way(&holding, &packet), ip) {
            (Way::Open, _) => {}
            (Way::Unread(reason), _) => unread = Some(reason),
            (Way::Accepted(rule), _) => {
                let protocol = need.protocol.clone();
                return Enforcement::No(Gap::Accepted { protocol, rule });
            }
            (Way::Elsewhere, _) if need.contained => match sent_on(need, firewall) {
                Some(gap) => return Enforcement::No(gap),
                None => unread = Some("Asterisk runs in a network namespace of its own".to_owned()),
            },
            (Way::Elsewhere, Some(ip)) => return Enforcement::No(no_rule(ip, need, &holding)),
            (Way::Elsewhere, None) => {}
        }
    }
    match unread {
        None => Enforcement::Yes,
        Some(reason) => Enforcement::Unknown(format!(
            "whether packets get to the rules of jail {name} is not known: {reason}"
        )),
    }
}

/// The way of a packet that is best for the ban: one chain that it gets to is enough.
fn best_way(chains: &[&Chain], packet: &Packet<'_>) -> Way {
    let ways = chains
        .iter()
        .flat_map(|chain| &chain.entries)
        .map(|entry| way(entry, packet));
    let rank = |way: &Way| match way {
        Way::Open => 0,
        Way::Unread(_) => 1,
        Way::Accepted(_) => 2,
        Way::Elsewhere => 3,
    };
    ways.min_by_key(rank).unwrap_or(Way::Elsewhere)
}

fn no_rule(ip: &BlockedAddress, need: &Needed, holding: &[&Chain]) -> Gap {
    let mut entries = holding.iter().flat_map(|chain| &chain.entries);
    let has_others = entries.any(|entry| entry.protocol == need.protocol);
    Gap::NoRule {
        ip: ip.as_str().to_owned(),
        protocol: need.protocol.clone(),
        port: need.port.filter(|_| has_others),
    }
}

/// Whether the host sends packets for this port on to another address.
fn sent_on(need: &Needed, firewall: &Firewall) -> Option<Gap> {
    let port = need.port?;
    let is_it = |forward: &Forward| {
        let ports = forward.ports.as_deref();
        let to = forward.to.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let is_port = to == Some(port) || to.is_none() && ports.is_none_or(|ports| list_has(ports, port));
        is_port && [need.protocol.as_str(), "all"].contains(&forward.protocol.as_str())
    };
    let is_sent = firewall.forwarded.iter().flatten().any(is_it);
    is_sent.then(|| {
        Gap::SentOn(Service {
            protocol: need.protocol.clone(),
            port,
            contained: true,
        })
    })
}

/// Whether the jail's rules are made where packets go through the host.
fn leads_through(jail: &Jail) -> bool {
    let of_packets = |action: &BTreeMap<String, String>| {
        ["chain", "chain_hook"].iter().any(|key| {
            let place = action.get(*key).map(|place| place.to_lowercase());
            place.is_some_and(|place| ["forward", "docker-user", "prerouting"].contains(&place.as_str()))
        })
    };
    jail.actions.values().any(of_packets)
}

/// Whether one of the two tools that show the packet filter answered.
pub fn can_be_read(firewall: &Firewall) -> bool {
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

/// Whether a jail is about SIP: by its name, or by the ports that its actions close.
fn is_about_sip(name: &str, jail: &Jail) -> bool {
    is_named_after_asterisk(name)
        || jail
            .actions
            .values()
            .any(|action| action.get("port").is_some_and(|ports| ports.contains("5060")))
}

/// Whether a jail counts what Asterisk logs: it is about SIP, or reads a log that the running Asterisk writes.
pub fn counts_sip(name: &str, jail: &Jail, observed: &Observed) -> bool {
    is_about_sip(name, jail) || reads_asterisk(jail, observed)
}

/// Whether a jail reads a log that the running Asterisk writes.
pub fn reads_asterisk(jail: &Jail, observed: &Observed) -> bool {
    let Some(look) = observed.asterisk.value() else {
        return false;
    };
    let paths = jail.list("logpath");
    let mut read = paths.iter().filter_map(|path| look.read(path));
    read.any(|log| look.processes.iter().any(|process| process.writes(log)))
}

/// SIP is spoken over UDP and TCP; other jails are about what their actions say.
fn protocols_needed(is_sip: bool) -> BTreeSet<&'static str> {
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
mod tests;
