//! Bans that contradict the whitelist: findings everywhere, and the fix that each offers lifts them.

use super::{Host, command};

fn warned(host: &Host, arguments: &[&str]) -> bool {
    let run = host.lab.run(&[arguments, &["--json"]].concat());
    run.warnings().contains(&"banned_whitelisted".to_owned())
}

#[test]
fn whoever_is_whitelisted_and_banned_is_a_finding_until_the_ban_is_lifted() {
    let host = Host::start();
    for (banned, asked) in [
        // A member of a network, the network itself, and one that is wider than it.
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.128/28", "198.51.100.130"),
        ("198.51.100.0/24", "198.51.100.130"),
        ("203.0.113.16/28", "203.0.113.0/24"),
    ] {
        assert_eq!(host.findings("banned_whitelisted"), [], "{banned}");
        host.lab.ban("sshd", banned);
        let found = host.findings("banned_whitelisted");
        let [(message, fix)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(message.contains(banned) && message.contains("sshd"), "{message}");
        assert!(
            warned(&host, &["status"]) && warned(&host, &["whitelist", "list"]),
            "{banned}"
        );
        assert!(warned(&host, &["whitelist", "check", asked]), "{banned}");
        assert_eq!(host.check(asked)["banned_in"], serde_json::json!(["sshd"]), "{banned}");
        host.lab.done(&[&command(fix)[..], &["--yes"]].concat());
        assert_eq!(host.check(asked)["banned_in"], serde_json::json!([]), "{banned}");
    }
    assert_eq!(host.findings("banned_whitelisted"), []);
    assert!(!warned(&host, &["status"]));
    // A ban in one jail contradicts that jail's list alone.
    host.with_file(
        "jail.d/sshd.local",
        "[sshd]\nignoreip = %(known/ignoreip)s 192.0.2.96/28\n",
    );
    host.lab.ban("asterisk-scan", "192.0.2.97");
    assert_eq!(host.findings("banned_whitelisted"), []);
    host.lab.ban("sshd", "192.0.2.97");
    assert_eq!(host.findings("banned_whitelisted").len(), 1);
}

/// `status ADDRESS` answers for it, jail names and lists beside it.
#[test]
fn status_of_an_address_says_where_it_is_banned_and_whether_it_is_whitelisted() {
    let host = Host::start();
    host.lab.ban("sshd", "192.0.2.77");
    let answer = host.lab.done(&["status", "192.0.2.77,203.0.113.9", "--json"]).json();
    let [stranger, customer] = answer["addresses"].as_array().expect("two").as_slice() else {
        panic!("{answer}")
    };
    assert_eq!(
        (&stranger["whitelisted"], &stranger["banned_in"]),
        (&false.into(), &serde_json::json!(["sshd"]))
    );
    assert_eq!(
        (&customer["whitelisted"], &customer["banned_in"]),
        (&true.into(), &serde_json::json!([]))
    );
    let text = host.lab.done(&["status", "192.0.2.77"]).stdout;
    assert!(
        text.contains("192.0.2.77 is not whitelisted") && text.contains("It is banned in sshd."),
        "{text}"
    );
    let text = host.lab.done(&["status", "203.0.113.9"]).stdout;
    assert!(
        text.contains("No jail bans 203.0.113.9 now.") && text.contains("jail.local:"),
        "{text}"
    );
    host.lab.run(&["status", "nosuch", "192.0.2.77"]).expect(3);
    assert!(
        host.lab
            .done(&["status", "sshd", "--json"])
            .json()
            .get("addresses")
            .is_none()
    );
}

/// Whitelisting a part of a banned network lifts nothing, which is said, with what does.
#[test]
fn onboarding_a_part_of_a_banned_network_says_so() {
    let host = Host::start();
    host.lab.ban("sshd", "192.0.2.0/24");
    let run = host.lab.done(&[
        "onboard",
        "192.0.2.16/28",
        "--customer",
        "Sunrise Motels",
        "--yes",
        "--json",
    ]);
    assert!(
        run.warnings().contains(&"banned_by_network".to_owned()),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("unban 192.0.2.0/24"), "{}", run.stdout);
    assert!(host.lab.banned_in("sshd").contains("192.0.2.0/24"));
    host.lab.done(&["unban", "192.0.2.0/24", "--yes"]);
    assert!(!host.lab.banned_in("sshd").contains("192.0.2.0/24"));
}
