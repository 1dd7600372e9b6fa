//! The way of a packet through the kernel's rules to those of fail2ban: does it get there, or is it accepted before?

use crate::model::network::Network;
use crate::model::observed::{EarlierRule, Entry};

use super::closed_ports::list_has;

/// What a packet is, as far as rules ask.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    /// `tcp` or `udp`.
    pub protocol: &'a str,
    /// The port that it is for; absent where that is not known.
    pub port: Option<u16>,
    /// Whom it is from; absent where anybody may be meant.
    pub source: Option<Network>,
    /// Whether it goes to another network namespace, and so through the host.
    pub through: bool,
    /// Whether packets of a conversation that has begun matter: an attacker may keep his port.
    pub goes_on: bool,
}

/// Whether packets get to a chain of fail2ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// They do.
    Open,
    /// They do not: this rule accepts them before.
    Accepted(String),
    /// It is not known, since the conditions of this rule are not read.
    Unread(String),
    /// This is not their way: another protocol, port, family or hook.
    Elsewhere,
}

/// The way of a packet by one entry.
pub fn way(entry: &Entry, packet: &Packet<'_>) -> Way {
    let is_family = packet
        .source
        .is_none_or(|source| source.is_ipv4() == (entry.family == "ip"));
    let is_hook = match entry.hook.as_str() {
        "" | "PREROUTING" | "INGRESS" => true,
        hook => hook == if packet.through { "FORWARD" } else { "INPUT" },
    };
    if !is_family
        || !is_hook
        || !has_protocol(&entry.protocol, packet)
        || has_port(entry.ports.as_deref(), packet) == Some(false)
    {
        return Way::Elsewhere;
    }
    let mut unread = entry
        .unread
        .then(|| "the rule that leads to fail2ban's chain".to_owned());
    for rule in &entry.before {
        match accepts(rule, packet) {
            Some(true) => return Way::Accepted(rule.text.clone()),
            Some(false) => {}
            None => {
                unread.get_or_insert_with(|| rule.text.clone());
            }
        }
    }
    unread.map_or(Way::Open, Way::Unread)
}

/// Whether a rule accepts the packet; `None` where that depends on what is not known.
fn accepts(rule: &EarlierRule, packet: &Packet<'_>) -> Option<bool> {
    let port = has_port(rule.ports.as_deref(), packet);
    let source = has_source(rule.source.as_deref(), packet);
    let state = has_state(rule.states.as_deref(), packet);
    if !has_protocol(&rule.protocol, packet) || [port, source, state].contains(&Some(false)) {
        return Some(false);
    }
    (!rule.unread && port.is_some() && source.is_some() && state.is_some()).then_some(true)
}

fn has_protocol(named: &str, packet: &Packet<'_>) -> bool {
    named
        .split(',')
        .any(|word| matches!(word, "all" | "ip" | "0") || word == packet.protocol)
}

fn has_port(ports: Option<&str>, packet: &Packet<'_>) -> Option<bool> {
    let Some(ports) = ports else {
        return Some(true);
    };
    packet.port.map(|port| list_has(ports, port))
}

fn has_source(sources: Option<&str>, packet: &Packet<'_>) -> Option<bool> {
    let Some(sources) = sources else {
        return Some(true);
    };
    let source = packet.source?;
    let mut networks = sources
        .split(',')
        .map(|word| Network::parse(word).map(|parsed| parsed.network));
    networks.try_fold(false, |found, network| Some(found || network.ok()?.covers(&source)))
}

/// A new packet, or one of a conversation that has begun where such a one matters.
fn has_state(states: Option<&str>, packet: &Packet<'_>) -> Option<bool> {
    let Some(states) = states else {
        return Some(true);
    };
    let named = |state: &str| states.split(',').any(|word| word.eq_ignore_ascii_case(state));
    Some(named("NEW") || named("UNTRACKED") || packet.goes_on && named("ESTABLISHED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> EarlierRule {
        EarlierRule {
            text: text.to_owned(),
            protocol: "all".to_owned(),
            ..EarlierRule::default()
        }
    }

    fn by(rule: EarlierRule, packet: &Packet<'_>) -> Way {
        let entry = Entry {
            protocol: "udp".to_owned(),
            ports: Some("5060:5061,5080".to_owned()),
            family: "ip".to_owned(),
            hook: "INPUT".to_owned(),
            before: vec![rule],
            unread: false,
        };
        way(&entry, packet)
    }

    fn network(text: &str) -> Option<Network> {
        Some(Network::parse(text).expect("a network").network)
    }

    fn packet() -> Packet<'static> {
        Packet {
            protocol: "udp",
            port: Some(5080),
            source: network("198.51.100.7"),
            through: false,
            goes_on: true,
        }
    }

    #[test]
    fn a_rule_that_accepts_before_and_those_that_do_not() {
        let some = |text: &str| Some(text.to_owned());
        let accepting = [
            rule("all"),
            EarlierRule {
                protocol: "udp".to_owned(),
                ports: some("5000-5090"),
                ..rule("ports")
            },
            EarlierRule {
                states: some("RELATED,ESTABLISHED"),
                ..rule("states")
            },
            EarlierRule {
                source: some("203.0.113.0/24,198.51.100.0/24"),
                ..rule("source")
            },
        ];
        for rule in accepting {
            let text = rule.text.clone();
            assert_eq!(by(rule, &packet()), Way::Accepted(text));
        }
        let others = [
            EarlierRule {
                protocol: "tcp".to_owned(),
                ..rule("protocol")
            },
            EarlierRule {
                ports: some("22,80"),
                unread: true,
                ..rule("ports")
            },
            EarlierRule {
                states: some("RELATED"),
                ..rule("states")
            },
            EarlierRule {
                source: some("203.0.113.0/24"),
                ..rule("source")
            },
        ];
        for rule in others {
            assert_eq!(by(rule, &packet()), Way::Open);
        }
        let unread = EarlierRule {
            unread: true,
            ..rule("-m recent --name x")
        };
        assert_eq!(by(unread, &packet()), Way::Unread("-m recent --name x".to_owned()));
        let states = EarlierRule {
            states: some("established"),
            ..rule("states")
        };
        let new = Packet {
            goes_on: false,
            ..packet()
        };
        assert_eq!(by(states, &new), Way::Open, "each try is a connection of its own");
    }

    #[test]
    fn a_packet_that_does_not_come_this_way() {
        let elsewhere = [
            Packet {
                protocol: "tcp",
                ..packet()
            },
            Packet {
                port: Some(4569),
                ..packet()
            },
            Packet {
                source: network("2001:db8::7"),
                ..packet()
            },
            Packet {
                through: true,
                ..packet()
            },
        ];
        for packet in elsewhere {
            assert_eq!(
                by(
                    EarlierRule {
                        ports: Some("22".to_owned()),
                        ..rule("ssh")
                    },
                    &packet
                ),
                Way::Elsewhere
            );
        }
    }
}
