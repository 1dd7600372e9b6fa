//! Whether a ban blocks, by the rules of a packet filter.

use super::support::Lab;
use super::support::namespace::{in_namespace, iptables, rules};
use super::*;
use crate::doctor::asterisk::Asterisk;

const BANNED: &str = "198.51.100.7";

#[test]
fn a_ban_with_its_rules_without_them_and_rules_without_a_ban() {
    if !in_namespace("blocked::a_ban_with_its_rules_without_them_and_rules_without_a_ban") {
        return;
    }
    let lab = Lab::start();
    lab.edit_jail_local("banaction = lab-record", "banaction = iptables-multiport");
    lab.done(&["reload", "--yes"]);
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060", "5060/tcp"]);
    log(&lab, vec![wrong(BANNED, "6001"); 3]);
    eventually("both protocols have their rule", || {
        rules().matches(BANNED).count() == 2
    });
    let banned = is(&lab, BANNED, "banned");
    assert_eq!(banned["phases"][4]["answer"], "yes", "{banned:#}");
    let rule = rules();
    let udp = rule
        .lines()
        .find(|line| line.contains(BANNED) && line.contains("auth-udp"))
        .expect("the rule");
    iptables(&udp.replacen("-A", "-D", 1));
    let open = is(&lab, BANNED, "banned_but_reachable");
    assert!(open["answer"].to_string().contains("udp"), "{open:#}");
    iptables("-I f2b-asterisk-auth-tcp 1 -s 192.0.2.99/32 -j REJECT");
    is(&lab, "192.0.2.99", "blocked_without_ban");
}
