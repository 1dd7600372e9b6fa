//! Which ports the bans of a jail close, as far as its actions tell: ports are written as packet filters take them.
//!
//! Where it is not known, the answer is the careful one: it may close the port.

use std::collections::BTreeMap;

use crate::model::observed::Jail;

/// Actions that tell someone of a ban and close nothing (fail2ban's `action.d`), by the beginnings of their names.
const REPORTERS: [&str; 16] = [
    "abuseipdb",
    "apprise",
    "badips",
    "blocklist_de",
    "cloudflare",
    "complain",
    "dshield",
    "dummy",
    "ipthreat",
    "mail",
    "mynetwatchman",
    "nginx-block-map",
    "nsupdate",
    "sendmail",
    "smtp",
    "xarf",
];
/// The services that jails are about (jail.conf) and behind which an sshd may hide, with their ports (IANA).
const SERVICES: [(&str, u16); 13] = [
    ("domain", 53),
    ("ftp", 21),
    ("http", 80),
    ("https", 443),
    ("imap", 143),
    ("imaps", 993),
    ("pop3", 110),
    ("pop3s", 995),
    ("sip", 5060),
    ("sip-tls", 5061),
    ("smtp", 25),
    ("ssh", 22),
    ("submission", 587),
];
/// The port of SSH, which every other service's name leaves alone.
pub const SSH: u16 = 22;

/// Whether a ban of this jail closes the port for the banned address.
pub fn closes(jail: &Jail, port: u16) -> bool {
    jail.actions
        .iter()
        .any(|(name, properties)| action_closes(name, properties, port))
}

/// Whether a ban of this jail closes the port over one protocol.
pub fn closes_over(jail: &Jail, protocol: &str, port: u16) -> bool {
    jail.actions
        .iter()
        .any(|(name, properties)| is_about(properties, protocol) && action_closes(name, properties, port))
}

/// Whether an action is about a protocol. One that names none is about all of them.
pub fn is_about(properties: &BTreeMap<String, String>, wanted: &str) -> bool {
    let protocol = properties.get("protocol");
    protocol.is_none_or(|text| text.split([',', ' ']).any(|word| word == wanted || word == "all"))
}

/// Whether an action of this name tells someone of a ban and closes nothing.
pub(super) fn only_reports(name: &str) -> bool {
    REPORTERS.iter().any(|reporter| name.starts_with(reporter))
}

fn action_closes(name: &str, properties: &BTreeMap<String, String>, port: u16) -> bool {
    if only_reports(name) {
        return false;
    }
    let property = |key: &str| properties.get(key).map(|value| value.trim()).unwrap_or_default();
    let on_all = |text: &str| text.contains("allports");
    if on_all(name) || on_all(property("type")) || on_all(property("actiontype")) {
        return true;
    }
    // An action that knows no ports (`route`, `hostsdeny`, `ufw`) shuts an address out altogether.
    let ports = property("port");
    ports.is_empty() || list_has(ports, port)
}

/// The single ports of such a list; `None` stands for what is none: all ports, a range, or a name that is not known here.
pub(super) fn port_numbers(ports: &str) -> Vec<Option<u16>> {
    let words: Vec<&str> = words(ports).collect();
    if words.is_empty() {
        return vec![None];
    }
    words.into_iter().map(number).collect()
}

fn words(ports: &str) -> impl Iterator<Item = &str> {
    let words = ports.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '{' | '}'));
    words.filter(|word| !word.is_empty())
}

/// Whether a list such as `22,http`, `{ 22, 80 }`, `5060:5069` or `1024-2048` has a port in it.
pub fn list_has(ports: &str, port: u16) -> bool {
    words(ports).any(|word| word_has(word, port))
}

fn word_has(word: &str, port: u16) -> bool {
    if matches!(word, "all" | "any" | "anyport") {
        return true;
    }
    if let Some(only) = number(word) {
        return only == port;
    }
    // Names of services have hyphens as well as ranges do: a range is of two numbers.
    let range = word.split_once(':').or_else(|| word.split_once('-').filter(of_numbers));
    match range {
        Some((first, last)) => {
            end(first, 0).is_none_or(|first| first <= port) && end(last, u16::MAX).is_none_or(|last| port <= last)
        }
        // A name that is not known here may be any port but that of SSH, if it is a name at all.
        None => {
            port != SSH
                || !word
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        }
    }
}

fn of_numbers((first, last): &(&str, &str)) -> bool {
    first.parse::<u16>().is_ok() && last.parse::<u16>().is_ok()
}

/// One end of a range; an open end is the utmost, an unknown name is none.
fn end(word: &str, utmost: u16) -> Option<u16> {
    if word.is_empty() { Some(utmost) } else { number(word) }
}

fn number(word: &str) -> Option<u16> {
    let service = SERVICES.iter().find(|(name, _)| *name == word);
    word.parse().ok().or_else(|| service.map(|(_, port)| *port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closes_with(name: &str, properties: &[(&str, &str)], port: u16) -> bool {
        let properties = properties
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let jail = Jail {
            actions: BTreeMap::from([(name.to_owned(), properties.collect())]),
            ..Jail::default()
        };
        closes(&jail, port)
    }

    fn listed(ports: &str, port: u16) -> bool {
        closes_with("iptables-multiport", &[("port", ports)], port)
    }

    #[test]
    fn ports_are_read_as_a_packet_filter_reads_them() {
        for ports in [
            "ssh",
            "22",
            "http,22",
            "http, ssh",
            "0:65535",
            "1:65535",
            "0:1024",
            "22:5061",
            "ssh:http",
            ":1024",
            "20:",
            "20-30",
            "{ 22, 5060 }",
            "all",
            "anyport",
            "<port>",
            "%(port)s",
        ] {
            assert!(listed(ports, 22), "{ports}");
        }
        for ports in [
            "5060,5061",
            "sip,sip-tls",
            "http,https",
            "23:5061",
            "1024:",
            ":21",
            "2222",
            "rtsp-alt",
            "5060-5061",
        ] {
            assert!(!listed(ports, 22), "{ports}");
        }
    }

    #[test]
    fn an_sshd_may_listen_anywhere() {
        for ports in ["2222", "ssh,2200:2300", "0:65535", "EtherNet-IP-1"] {
            assert!(listed(ports, 2222), "{ports}");
        }
        assert!(listed("http,https", 443));
        for ports in ["ssh", "22", "http,https", "5060,5061", "sip:sip-tls"] {
            assert!(!listed(ports, 2222), "{ports}");
        }
    }

    #[test]
    fn an_action_closes_its_port_over_its_own_protocol() {
        let action = |protocol: &str, port: &str| {
            let properties = [("protocol", protocol), ("port", port)];
            let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned()));
            (format!("iptables-{protocol}"), BTreeMap::from(properties))
        };
        let jail = Jail {
            actions: BTreeMap::from([action("tcp", "5060:5080"), action("udp", "sip")]),
            ..Jail::default()
        };
        assert!(closes_over(&jail, "tcp", 5080) && closes_over(&jail, "udp", 5060));
        assert!(!closes_over(&jail, "udp", 5080));
        let all = Jail {
            actions: BTreeMap::from([("route".to_owned(), BTreeMap::new())]),
            ..Jail::default()
        };
        assert!(closes_over(&all, "udp", 5080));
    }

    #[test]
    fn what_closes_every_port_closes_that_of_ssh_and_what_only_reports_closes_none() {
        let sip = ("port", "5060");
        assert!(closes_with("iptables-allports", &[sip], 22));
        assert!(closes_with("nftables", &[sip, ("type", "allports")], 22));
        assert!(closes_with("iptables-ipset", &[sip, ("actiontype", "<allports>")], 22));
        for whole in ["route", "hostsdeny", "ufw", "our-own-blackhole"] {
            assert!(closes_with(whole, &[], 22), "{whole}");
        }
        assert!(!closes_with(
            "iptables-ipset",
            &[sip, ("actiontype", "<multiport>")],
            22
        ));
        assert!(!closes_with("sendmail-whois-lines", &[], 22));
        assert!(!closes_with("dshield", &[("port", "ssh")], 22));
    }
}
