//! The verdict about a jail: its actions, the ports of Asterisk, the rules and what fail2ban saw.

use super::*;
use crate::model::known::Known;
use crate::model::observed::{Ban, EarlierRule, Entry};
use crate::model::running_asterisk::{AsteriskProcess, ListeningSocket, OpenLog, ReadLog, RunningAsterisk};

const LOG: &str = "/var/log/asterisk/messages.log";

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
        values: BTreeMap::from([("logpath".to_owned(), serde_json::json!([LOG]))]),
        ..Jail::default()
    }
}

fn firewall(protocols: &[&str], addresses: &[&str]) -> Firewall {
    let entry = |protocol: &&str| Entry {
        protocol: (*protocol).to_owned(),
        ports: None,
        family: "ip".to_owned(),
        hook: "INPUT".to_owned(),
        before: Vec::new(),
        unread: false,
    };
    let chain = Chain {
        addresses: addresses.iter().map(|address| (*address).to_owned().into()).collect(),
        entries: protocols.iter().map(entry).collect(),
    };
    Firewall {
        chains: BTreeMap::from([("f2b-asterisk-scan".to_owned(), chain)]),
        ..Firewall::default()
    }
}

/// The verdict where Asterisk listens on these ports.
fn judged(jail: &Jail, firewall: &Firewall, sockets: &[(&str, u16)]) -> Enforcement {
    let mut observed = Observed {
        firewall: Known::of(firewall.clone()),
        asterisk: Known::of(running(sockets)),
        ..Observed::default()
    };
    observed.clock.now = 10_000.0;
    enforcement("asterisk-scan", jail, &observed)
}

fn judge(jail: &Jail, firewall: &Firewall) -> Option<bool> {
    judged(jail, firewall, &[("udp", 5060), ("tcp", 5060)]).as_option()
}

fn running(sockets: &[(&str, u16)]) -> RunningAsterisk {
    let socket = |(protocol, port): &(&str, u16)| ListeningSocket {
        protocol: (*protocol).to_owned(),
        port: *port,
    };
    let log = OpenLog {
        path: LOG.to_owned(),
        file: "1".to_owned(),
        folder: Some("folder".to_owned()),
        deleted: false,
    };
    RunningAsterisk {
        processes: vec![AsteriskProcess {
            pid: 12,
            logs: vec![log],
            sockets: sockets.iter().map(socket).collect(),
            ..AsteriskProcess::default()
        }],
        read: vec![ReadLog {
            path: LOG.to_owned(),
            file: Some("1".to_owned()),
            folders: vec!["folder".to_owned()],
            writers: Vec::new(),
        }],
    }
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
    foreign.actions = BTreeMap::from([("ufw".to_owned(), BTreeMap::new())]);
    assert_eq!(judge(&foreign, &firewall(&[], &[])), None);
    foreign.actions = ["dummy", "mail-whois"]
        .map(|name| (name.to_owned(), BTreeMap::new()))
        .into();
    let gap = judged(&foreign, &firewall(&[], &[]), &[])
        .reason("asterisk-scan")
        .expect("a gap");
    assert_eq!(
        gap,
        "jail asterisk-scan only reports its bans (dummy, mail-whois): nobody is blocked"
    );
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

/// A jail of iptables' multiport actions for these ports.
fn multiport(ports: &str, banned: &[&str]) -> Jail {
    let mut jail = jail(&["tcp", "udp"], banned);
    for action in jail.actions.values_mut() {
        action.insert("port".to_owned(), ports.to_owned());
    }
    jail
}

#[test]
fn the_ports_on_which_asterisk_listens() {
    let empty = firewall(&[], &[]);
    let at = |ports: &str, sockets: &[(&str, u16)]| judged(&multiport(ports, &[]), &empty, sockets);
    let open = at("5060,5061", &[("udp", 5080), ("udp", 5060), ("tcp", 5160)]);
    assert_eq!(
        open.reason("asterisk-scan").as_deref(),
        Some("a ban in asterisk-scan does not close TCP 5160, UDP 5080, on which Asterisk listens")
    );
    for ports in ["5060:5200", "0:65535", "all", "5080,5160,5060"] {
        let both = [("udp", 5080), ("tcp", 5160), ("udp", 5060)];
        assert_eq!(at(ports, &both), Enforcement::Yes, "{ports}");
    }
    // Voice, the manager and IAX that this jail does not count, the HTTP server, and what the kernel chose.
    let other = [
        ("udp", 8000),
        ("udp", 8001),
        ("udp", 10_500),
        ("udp", 40_123),
        ("udp", 4569),
        ("tcp", 5038),
        ("tcp", 8088),
    ];
    assert_eq!(at("5060,5061", &other), Enforcement::Yes);
    let mut counting = multiport("5060,5061", &[]);
    let expressions = serde_json::json!(["^hacking attempt detected '<HOST>'$", "^No registration for peer 'x'$"]);
    counting.values.insert("failregex".to_owned(), expressions);
    let gap = judged(&counting, &empty, &other).reason("j").expect("a gap");
    assert!(gap.contains("TCP 5038, UDP 4569"), "{gap}");
    let tcp = jail(&["tcp"], &[]);
    assert_eq!(
        judged(&tcp, &empty, &[("tcp", 5060)]),
        Enforcement::Yes,
        "nothing is served over UDP"
    );
}

#[test]
fn without_a_running_asterisk_nobody_knows() {
    let mut observed = Observed {
        firewall: Known::of(firewall(&["tcp", "udp"], &["192.0.2.9"])),
        ..Observed::default()
    };
    let banned = jail(&["tcp", "udp"], &["192.0.2.9"]);
    let reason = |observed: &Observed| enforcement("asterisk-scan", &banned, observed);
    assert!(matches!(reason(&observed), Enforcement::Unknown(_)));
    observed.asterisk = Known::of(RunningAsterisk::default());
    let Enforcement::Unknown(why) = reason(&observed) else {
        panic!("unknown");
    };
    assert!(why.contains("no Asterisk runs on this host"), "{why}");
    assert_eq!(
        enforcement("sshd", &jail(&["tcp"], &[]), &observed),
        Enforcement::Yes,
        "it is not about Asterisk"
    );
}

#[test]
fn a_rule_before_the_jump() {
    let banned = multiport("5060,5061", &["192.0.2.9"]);
    let mut rules = firewall(&["tcp", "udp"], &["192.0.2.9"]);
    let sockets = [("udp", 5060), ("tcp", 5060)];
    let before = |rules: &mut Firewall, rule: EarlierRule| {
        for chain in rules.chains.values_mut() {
            for entry in &mut chain.entries {
                entry.before = vec![rule.clone()];
            }
        }
    };
    let accept = EarlierRule {
        text: "-A INPUT -p udp -m udp --dport 5060 -j ACCEPT".to_owned(),
        protocol: "udp".to_owned(),
        ports: Some("5060".to_owned()),
        ..EarlierRule::default()
    };
    before(&mut rules, accept.clone());
    assert!(matches!(
        judged(&banned, &rules, &sockets),
        Enforcement::No(Gap::Accepted { .. })
    ));
    before(&mut rules, EarlierRule { unread: true, ..accept });
    assert!(matches!(judged(&banned, &rules, &sockets), Enforcement::Unknown(_)));
}

#[test]
fn packets_that_are_sent_on_to_a_container() {
    let banned = multiport("5060,5061", &["192.0.2.9"]);
    let mut rules = firewall(&["tcp", "udp"], &["192.0.2.9"]);
    let mut asterisk = running(&[("udp", 5060)]);
    for process in &mut asterisk.processes {
        process.own_network = true;
    }
    let judged = |rules: &Firewall| {
        let observed = Observed {
            firewall: Known::of(rules.clone()),
            asterisk: Known::of(asterisk.clone()),
            ..Observed::default()
        };
        enforcement("asterisk-scan", &banned, &observed)
    };
    assert!(
        matches!(judged(&rules), Enforcement::Unknown(_)),
        "nothing is known of the way"
    );
    rules.forwarded = Some(vec![Forward {
        protocol: "udp".to_owned(),
        ports: Some("5080".to_owned()),
        to: "172.17.0.2:5060".to_owned(),
    }]);
    assert!(matches!(judged(&rules), Enforcement::No(Gap::SentOn(_))));
    for entry in rules.chains.values_mut().flat_map(|chain| &mut chain.entries) {
        entry.hook = "FORWARD".to_owned();
    }
    assert_eq!(judged(&rules), Enforcement::Yes);
}

#[test]
fn what_fail2ban_itself_saw_after_the_ban() {
    let banned = multiport("5060,5061", &["192.0.2.9"]);
    let verdict = |last: i64, ip: &str| {
        let lines = FoundAgain {
            found: 5,
            last: Some(last),
            already: 2,
        };
        let mut observed = Observed {
            firewall: Known::of(firewall(&["tcp", "udp"], &["192.0.2.9"])),
            asterisk: Known::of(running(&[("udp", 5060)])),
            after_ban: Known::of(BTreeMap::from([(
                "asterisk-scan".to_owned(),
                BTreeMap::from([(ip.to_owned(), lines)]),
            )])),
            ..Observed::default()
        };
        observed.clock.now = 10_000.0;
        enforcement("asterisk-scan", &banned, &observed)
    };
    assert!(matches!(
        verdict(9_900, "192.0.2.9"),
        Enforcement::No(Gap::FoundAgain { .. })
    ));
    assert!(
        matches!(verdict(5_000, "192.0.2.9"), Enforcement::Unknown(_)),
        "it may have been closed since"
    );
    assert_eq!(verdict(9_900, "192.0.2.10"), Enforcement::Yes, "nobody who is banned");
}
