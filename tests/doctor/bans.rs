//! Bans and the packet filter: jails that shut nobody out, rules that nobody asked for.

use super::support::eventually;
use super::support::namespace::{in_namespace, iptables, rules};
use super::{appear_and_go, edit, fault, host, made_and_healed, others};

#[test]
fn bans_without_effect_and_a_recidive_jail_that_forgets() {
    let lab = host();
    let drop_action = || {
        for protocol in ["tcp", "udp"] {
            lab.client(&["set", "asterisk-scan", "delaction", &format!("lab-record-{protocol}")]);
        }
    };
    let restart = || {
        lab.client(&["reload", "--restart", "asterisk-scan"]);
        eventually("the jail is back", || lab.jails().contains(&"asterisk-scan".to_owned()));
    };
    appear_and_go(&lab, [fault("jail_without_actions", drop_action, restart)]);
    let dummy = "[asterisk-scan]\nbanaction = dummy\naction = %(banaction)s\n";
    made_and_healed(
        &lab,
        [edit(&lab, "ban_blocks_nobody", "[asterisk-scan]\n", dummy)],
        restart,
    );
    // No address is banned, so the packet filter is not touched: the action is started at its first ban.
    let tcp =
        "[asterisk-scan]\nbanaction = iptables-allports\naction = %(banaction)s[port=\"%(port)s\", protocol=\"tcp\"]\n";
    lab.client(&["unban", "--all"]);
    let recidive = format!(
        "[recidive]\nenabled = true\nbackend = polling\nlogpath = {}\nfindtime = 1w\nbantime = 1w\n\n[asterisk-auth]",
        lab.paths.action_log().display()
    );
    made_and_healed(
        &lab,
        [
            edit(&lab, "sip_udp_open", "[asterisk-scan]\n", tcp),
            edit(&lab, "recidive_forgets", "[asterisk-auth]", &recidive),
        ],
        // A jail that runs keeps its actions over a plain reload.
        || {
            lab.client(&["reload", "--restart", "--all"]);
        },
    );
}

const BANNED: &str = "198.51.100.7";

#[test]
fn bans_and_rules_that_do_not_know_of_each_other() {
    if !in_namespace("bans::bans_and_rules_that_do_not_know_of_each_other") {
        return;
    }
    let lab = host();
    lab.edit_jail_local("banaction = lab-record", "banaction = iptables-multiport");
    lab.done(&["reload", "--yes"]);
    for jail in ["asterisk-auth", "asterisk-scan", "sshd"] {
        lab.ban(jail, BANNED);
    }
    eventually("every jail has its rule", || rules().matches(BANNED).count() == 5);
    assert_eq!(others(&lab), [].into(), "a host whose bans are rules is healthy");

    let lost: Vec<String> = ["f2b-sshd", "f2b-asterisk-auth-udp"]
        .map(|chain| format!("-A {chain} -s {BANNED}"))
        .into_iter()
        .map(|begin| {
            rules()
                .lines()
                .find(|line| line.starts_with(&begin))
                .expect("the rule")
                .to_owned()
        })
        .collect();
    let delete = || {
        for rule in &lost {
            iptables(&rule.replacen("-A", "-D", 1));
        }
    };
    let restart = || {
        lab.client(&["reload", "--restart", "--all"]);
        eventually("the rules are back", || rules().matches(BANNED).count() == 5);
    };
    let stray = "-A f2b-sshd -s 192.0.2.99/32 -j REJECT";
    appear_and_go(
        &lab,
        [
            fault("ban_without_rule", delete, restart),
            fault(
                "rule_without_ban",
                || iptables(&stray.replacen("-A f2b-sshd", "-I f2b-sshd 1", 1)),
                || iptables(&stray.replacen("-A", "-D", 1)),
            ),
        ],
    );
    assert_eq!(others(&lab), [].into());
}

#[test]
fn a_jail_that_shuts_out_over_another_protocol_than_it_is_attacked_by() {
    if !in_namespace("bans::a_jail_that_shuts_out_over_another_protocol_than_it_is_attacked_by") {
        return;
    }
    let lab = host();
    let before = lab.jail_local();
    let make = || {
        lab.edit_jail_local(
            "[sshd]\n",
            "[sshd]\naction = iptables-multiport[port=ssh, protocol=udp]\n",
        );
        lab.client(&["reload", "--restart", "sshd"]);
    };
    let heal = || {
        lab.write_jail_local(before);
        lab.done(&["reload", "--yes"]);
    };
    appear_and_go(&lab, [fault("protocol_open", make, heal)]);
}
