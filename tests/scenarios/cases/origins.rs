//! Where an entry comes from, after fail2ban's own interpolation and in its order, and who is whitelisted by it.

use serde_json::Value;

use super::{Host, JAILS, LIST, command, decision};

fn source_of(answer: &Value, jail: &str) -> String {
    let because = &decision(answer, jail)["because"][0];
    assert_eq!(because["by"], "ignoreip", "{answer}");
    because["source"].as_str().expect("a source").to_owned()
}

/// The line of jail.local, from 1, on which a text begins.
fn line(host: &Host, text: &str) -> String {
    let before = host.lab.jail_local_text();
    let place = before.find(text).unwrap_or_else(|| panic!("{text:?} in {before}"));
    format!("jail.local:{}", before[..place].matches('\n').count() + 1)
}

#[test]
fn groups_and_lists_of_several_lines() {
    let host = Host::start();
    host.listing("offices = 192.0.2.8\nhotels = 192.0.2.16/28\n  192.0.2.32/28\nignoreip = ::1 %(offices)s %(hotels)s");
    for (address, written) in [
        ("192.0.2.8", "offices ="),
        ("192.0.2.17", "hotels ="),
        ("192.0.2.33", "  192.0.2.32/28"),
    ] {
        let answer = host.check(address);
        assert_eq!(answer["whitelisted"], true);
        for jail in JAILS {
            assert_eq!(source_of(&answer, jail), line(&host, written), "{address}");
        }
    }
    let row = host.row("192.0.2.16/28");
    assert_eq!((&row["source"], &row["customer"]), (&"other_file".into(), &Value::Null));
    assert_eq!(host.findings("runtime_entry"), []);
    assert_eq!(host.check("192.0.2.1")["whitelisted"], false);

    // Another section's key, and a line of the register that is about a member of it.
    host.with_file("jail.d/lists.conf", "[lists]\nhotels = 192.0.2.16/28\n");
    host.listing("# 192.0.2.16/28 | Blue Lotus Hotels\nignoreip = ::1 %(lists/hotels)s");
    assert_eq!(source_of(&host.check("192.0.2.17"), "sshd"), "jail.d/lists.conf:2");
    assert_eq!(host.row("192.0.2.16/28")["customer"], "Blue Lotus Hotels");
    assert_eq!(host.findings("stale_line"), []);
}

#[test]
fn other_files_and_a_jails_own_list() {
    let host = Host::start();
    // Before jail.local: jail.local's list counts, and nothing of the other is in force.
    host.with_file("jail.d/early.conf", "[DEFAULT]\nignoreip = 192.0.2.64/28\n");
    assert_eq!(host.check("192.0.2.65")["whitelisted"], false);
    assert_eq!(host.check("203.0.113.5")["whitelisted"], true);
    // Without a list of its own jail.local leaves the other's in force.
    host.listing("");
    assert_eq!(source_of(&host.check("192.0.2.65"), "sshd"), "jail.d/early.conf:2");
    let row = host.row("192.0.2.64/28");
    assert_eq!(
        (&row["source"], &row["place"]),
        (&"other_file".into(), &"jail.d/early.conf:2".into())
    );
    assert_eq!(host.findings("runtime_entry"), []);
    // After jail.local: the list is laid over jail.local's, which is said with its place.
    host.listing(LIST);
    host.with_file("jail.d/late.local", "# by hand\n[DEFAULT]\nignoreip = 192.0.2.80/28\n");
    assert_eq!(host.check("203.0.113.5")["whitelisted"], false);
    assert_eq!(
        source_of(&host.check("192.0.2.81"), "asterisk-scan"),
        "jail.d/late.local:3"
    );
    let laid_over = host.findings("not_in_force");
    assert!(
        laid_over
            .iter()
            .any(|(message, _)| message.contains("203.0.113.0/24") && message.contains("jail.d/late.local:3")),
        "{laid_over:?}"
    );
    host.without_file("jail.d/late.local");

    // A jail's own list that takes the common one in leaves out nobody; one that does not, does.
    host.with_file(
        "jail.d/sshd.local",
        "[sshd]\nignoreip = %(known/ignoreip)s 192.0.2.96/28\n",
    );
    let answer = host.check("192.0.2.97");
    assert_eq!(source_of(&answer, "sshd"), "jail.d/sshd.local:2");
    assert_eq!(decision(&answer, "asterisk-auth")["ignored"], false);
    assert_eq!(
        (host.findings("own_ignoreip"), host.findings("not_in_force")),
        (vec![], vec![])
    );
    host.with_file("jail.d/sshd.local", "[sshd]\nignoreip = 192.0.2.96/28\n");
    let own = host.findings("own_ignoreip");
    let [(message, fix)] = own.as_slice() else {
        panic!("{own:?}")
    };
    assert!(
        message.contains("jail.d/sshd.local:2") && message.contains("203.0.113.0/24"),
        "{message}"
    );
    assert!(fix.contains("%(known/ignoreip)s"), "{fix}");
    assert_eq!(decision(&host.check("203.0.113.5"), "sshd")["ignored"], false);
    // The fix, made as it says.
    host.with_file(
        "jail.d/sshd.local",
        "[sshd]\nignoreip = %(known/ignoreip)s 192.0.2.96/28\n",
    );
    assert_eq!(host.findings("own_ignoreip"), []);
    // A later file's list has the last word: `--jail` is refused with its name.
    let refused = host
        .lab
        .run(&["onboard", "192.0.2.5", "--customer", "Inn", "--jail", "sshd", "--yes"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("jail.d/sshd.local"), "{}", refused.stderr);
    host.without_file("jail.d/sshd.local");
    own_list_in_jail_local(&host);

    // What a file that jail.local names gives.
    let jail_local = format!("[INCLUDES]\nafter = customers.local\n\n{}", host.lab.jail_local_text());
    std::fs::write(
        host.lab.paths.config_dir().join("customers.local"),
        "[DEFAULT]\nignoreip = 192.0.2.112/28\n",
    )
    .expect("written");
    host.lab.write_jail_local(jail_local);
    host.reload();
    assert_eq!(source_of(&host.check("192.0.2.113"), "sshd"), "customers.local:2");
    assert_eq!(host.check("203.0.113.5")["whitelisted"], false);
}

/// One word for fail2ban 1.0.2, and everybody is whitelisted by it.
#[test]
fn words_that_let_in_everybody_are_decided_as_fail2ban_decides_them() {
    let host = Host::start();
    for list in [
        "ignoreip\t= 127.0.0.1/8\t203.0.113.20",
        "ignoreip = ::1 192.0.2.7/0",
        "all = 0.0.0.0/0\nignoreip = ::1 %(all)s",
    ] {
        host.listing(list);
        let answer = host.check("198.51.100.3");
        for jail in JAILS {
            assert_eq!(decision(&answer, jail)["ignored"], true, "{list}");
        }
        assert_eq!(host.findings("runtime_entry"), [], "{list}");
    }
    host.listing("ignoreip\t= 127.0.0.1/8\t203.0.113.20");
    let tabs = host.findings("tabs");
    assert_eq!(tabs.len(), 1);
    host.lab.done(&["whitelist", "lint", "--fix", "--yes"]);
    assert_eq!(host.findings("tabs"), []);
    assert_eq!(host.check("198.51.100.3")["whitelisted"], false);
    assert_eq!(host.check("203.0.113.20")["whitelisted"], true);

    // The server shows a /0 that was set at run time like an address: what it is is not known, and nobody claims it.
    host.listing(LIST);
    host.lab.client(&["set", "sshd", "addignoreip", "0.0.0.0/0"]);
    let answer = host.check("198.51.100.3");
    let sshd = decision(&answer, "sshd");
    assert_eq!(sshd["ignored"], Value::Null);
    assert!(
        sshd["reason"].as_str().is_some_and(|reason| reason.contains("/0")),
        "{sshd}"
    );
    assert_eq!(decision(&answer, "asterisk-auth")["ignored"], false);
}

#[test]
fn commands_and_own_addresses() {
    let host = Host::start();
    let never = host.lab.folder().join("ran");
    host.listing(&format!(
        "{LIST}\nignorecommand = /usr/bin/touch {} <ip>",
        never.display()
    ));
    let answer = host.check("198.51.100.3");
    assert_eq!(answer["whitelisted"], false);
    for jail in JAILS {
        let decided = decision(&answer, jail);
        assert_eq!(decided["ignored"], Value::Null);
        assert_eq!(decided["because"][0]["by"], "ignorecommand");
    }
    // An entry decides before the command would be asked.
    assert_eq!(decision(&host.check("203.0.113.9"), "sshd")["ignored"], true);
    let text = host.lab.done(&["whitelist", "check", "198.51.100.3"]).stdout;
    assert!(text.contains("not known") && !text.contains("can ban it"), "{text}");
    assert!(!never.exists(), "the command was run");

    // What fail2ban takes for an address of this machine: at least that of localhost.
    host.listing("ignoreip = 203.0.113.0/24");
    host.lab.client(&["set", "sshd", "ignoreself", "true"]);
    let answer = host.check("127.0.0.1");
    assert_eq!(decision(&answer, "sshd")["because"][0]["by"], "ignoreself", "{answer}");
    assert_eq!(decision(&answer, "asterisk-auth")["ignored"], false);
}

/// Of a network it is said whether all of it is ignored; where one entry alone does not say so, it is not claimed.
#[test]
fn networks_and_what_covers_a_part_of_them() {
    let host = Host::start();
    host.listing("ignoreip = ::1 192.0.2.0/25 192.0.2.128/26 2001:db8:1::/48");
    for (asked, ignored) in [
        ("192.0.2.0/26", Value::Bool(true)),
        ("192.0.2.0/24", Value::Null),
        ("192.0.2.192/26", Value::Bool(false)),
        ("192.0.0.0/16", Value::Null),
        ("2001:db8:1:2::/64", Value::Bool(true)),
        ("2001:db8:2::/48", Value::Bool(false)),
    ] {
        let answer = host.check(asked);
        for jail in JAILS {
            assert_eq!(decision(&answer, jail)["ignored"], ignored, "{asked}");
        }
    }
}

/// fail2ban runs without a jail.local, and so do reports.
#[test]
fn a_host_without_jail_local_is_read() {
    let host = Host::start();
    let text = host.lab.jail_local_text();
    std::fs::write(host.lab.paths.config_dir().join("jail.d/site.local"), &text).expect("written");
    std::fs::remove_file(host.lab.jail_local_path()).expect("removed");
    host.reload();
    let number = text.lines().position(|line| line == LIST).expect("the list") + 1;
    let place = format!("jail.d/site.local:{number}");
    assert_eq!(source_of(&host.check("203.0.113.9"), "sshd"), place);
    assert_eq!(host.row("203.0.113.0/24")["place"], place);
    let status = host.lab.done(&["status", "--json"]).json();
    assert!(
        status["whitelist"].as_array().is_some_and(|rows| rows.len() == 4),
        "{status}"
    );
    assert_eq!(host.findings("no_list").len(), 1);
    assert_eq!(host.findings("runtime_entry"), []);
}

/// A jail's own list in jail.local: the finding's command adds the entry where it counts, and `offboard` takes it out of
/// every list.
fn own_list_in_jail_local(host: &Host) {
    let text = host.lab.jail_local_text();
    let own = text.replacen("[sshd]\n", "[sshd]\nignoreip = 127.0.0.1/8 ::1 203.0.113.0/24\n", 1);
    host.lab.write_jail_local(&own);
    host.reload();
    let found = host.findings("own_ignoreip");
    let [(_, fix)] = found.as_slice() else {
        panic!("{found:?}")
    };
    let offered = fix
        .split('`')
        .find(|part| part.contains("--jail sshd"))
        .expect("a command");
    assert!(
        offered.starts_with("f2bctl onboard 198.51.100.128/28 --customer "),
        "{offered}"
    );
    host.lab.done(&[&command(offered) as &[&str], &["--yes"]].concat());
    assert_eq!(host.findings("own_ignoreip"), []);
    assert!(host.lab.ignored_in("sshd").contains("198.51.100.128/28"));
    let answer = host.check("198.51.100.129");
    assert_eq!(answer["whitelisted"], true);
    host.lab.done(&["offboard", "198.51.100.128/28", "--yes"]);
    assert_eq!(host.check("198.51.100.129")["whitelisted"], false);
    assert!(!host.lab.ignored_in("sshd").contains("198.51.100.128/28"));
    // A jail without a list of its own keeps the common one beside its entry.
    host.lab.write_jail_local(&text);
    host.reload();
    let alone = [
        "192.0.2.0/28",
        "--customer",
        "Lotus Court",
        "--jail",
        "asterisk-scan",
        "--yes",
    ];
    host.lab.done(&[&["onboard"], &alone as &[&str]].concat());
    let scan = host.lab.ignored_in("asterisk-scan");
    assert!(
        scan.contains("192.0.2.0/28") && scan.contains("203.0.113.0/24"),
        "{scan:?}"
    );
    assert!(!host.lab.ignored_in("asterisk-auth").contains("192.0.2.0/28"));
    assert_eq!(host.row("192.0.2.0/28")["customer"], "Lotus Court");
    assert_eq!(host.findings("own_ignoreip"), []);
    host.lab.done(&["offboard", "--customer", "Lotus Court", "--yes"]);
    assert_eq!(host.lab.jail_local_text(), text);
}
