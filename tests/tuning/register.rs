//! Runbook, "Customer-PBX whitelist": what is wrong with the list, its certain repairs, and the register as a whole.

use serde_json::{Value, json};

use crate::left_out::left_out;

use super::support::{Lab, Run, assert_same, eventually};

fn codes(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().cloned().expect("findings");
    findings
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .map(str::to_owned)
        .collect()
}

fn import(lab: &Lab, name: &str, text: &str) -> Run {
    let path = lab.folder().join(name);
    std::fs::write(&path, text).expect("the file");
    lab.run(&["whitelist", "import", &path.display().to_string(), "--yes", "--json"])
}

#[test]
fn a_sound_whitelist_has_no_finding() {
    let lab = Lab::start();
    let run = lab.done(&["whitelist", "lint", "--json"]);
    assert_eq!(codes(&run), Vec::<String>::new());
    let healthy = lab.done(&["whitelist", "lint"]).stdout;
    assert!(healthy.starts_with("Healthy: 15 checks, nothing to fix."), "{healthy}");
    // What f2bctl itself has set for a time has its end in the register; what another hand has set has none.
    lab.done(&["unban", "192.0.2.10", "--grace", "1h", "--yes"]);
    assert_eq!(codes(&lab.done(&["whitelist", "lint", "--json"])), Vec::<String>::new());
    lab.client(&["set", "asterisk-auth", "addignoreip", "192.0.2.99"]);
    assert_eq!(
        codes(lab.run(&["whitelist", "lint", "--json"]).expect(8)),
        ["runtime_entry"]
    );
}

#[test]
fn each_finding_appears_with_its_cause() {
    let lab = Lab::start();
    lab.set_host("allow_special", "false");
    lab.edit_jail_local(
        "# 203.0.113.0/24 | Vista Seven Hotels | Current uplink | by=lab on=2026-05-11\n",
        "# 192.0.2.99 | Gone Hotels\n\
         # 203.0.113.0/24 | Vista Seven Hotels | Current uplink | by=lab expires=2026-01-31 review=soon odd\n\
         # 198.51.100.128/28 | Blue Lotus Hotels | older line\n",
    );
    lab.edit_jail_local(
        "198.51.100.128/28\n",
        "198.51.100.128/28 192.0.2.0/20 192.0.2.7 192.0.2.7 198.51.100.7/0 pbx.example.com 0.0.0.0/0 Acme\n",
    );
    lab.edit_jail_local("[sshd]\n", "[sshd]\nignoreip = ::1\n");
    let run = lab.run(&["whitelist", "lint", "--json"]);
    run.expect(8);
    let found = codes(&run);
    for code in [
        "junk_word",
        "everybody_in_disguise",
        "everybody",
        "too_wide",
        "own_ignoreip",
        "not_in_force",
        "undocumented",
        "duplicate",
        "covered",
        "stale_line",
        "repeated_line",
        "expired",
        "unreadable_date",
        "unread_words",
        "host_name",
        "special_range",
    ] {
        assert!(found.iter().any(|one| one == code), "{code} is not among {found:?}");
    }
    // The weightiest first, each with what to do.
    let findings = run.json()["findings"].clone();
    let weight = |finding: &Value| match finding["severity"].as_str() {
        Some("error") => 0,
        Some("warning") => 1,
        _ => 2,
    };
    let weights: Vec<i32> = findings.as_array().expect("a list").iter().map(weight).collect();
    assert!(weights.is_sorted(), "{weights:?}");
    assert!(
        findings
            .as_array()
            .expect("a list")
            .iter()
            .all(|one| one["fix"].as_str().is_some_and(|fix| !fix.is_empty()))
    );
}

#[test]
fn a_file_that_fail2ban_cannot_read_is_a_finding() {
    let lab = Lab::start();
    let mut bytes = lab.jail_local();
    bytes.extend(b"# caf\xe9\n");
    lab.write_jail_local(&bytes);
    let run = lab.run(&["whitelist", "lint", "--json"]);
    run.expect(8);
    assert_eq!(codes(&run), ["unreadable"]);
}

#[test]
fn what_is_certain_is_repaired_and_in_force_and_the_rest_is_left() {
    let lab = Lab::start();
    lab.edit_jail_local(
        "198.51.100.128/28\n",
        "198.51.100.128/28 192.0.2.0/28 203.0.113.0/24 # Acme Hotels\n",
    );
    lab.edit_jail_local("# 203.0.113.0/24 |", "# 192.0.2.99 | Gone Hotels\n# 203.0.113.0/24 |");
    lab.client(&["reload"]);
    let broken = lab.jail_local_text();
    assert!(lab.ignored_in("sshd").contains("Acme"));

    let run = lab.done(&["whitelist", "lint", "--fix", "--yes", "--json"]);

    let mended = broken
        .replace("# 192.0.2.99 | Gone Hotels\n", "")
        .replace("ignoreip = 127.0.0.1/8", "# Acme Hotels\nignoreip = 127.0.0.1/8")
        .replace(" 203.0.113.0/24 # Acme Hotels\n", "\n");
    assert_eq!(lab.jail_local_text(), mended);
    for jail in lab.jails() {
        let ignored = lab.ignored_in(&jail);
        assert!(
            ignored.contains("192.0.2.0/28") && ignored.contains("203.0.113.0/24"),
            "{ignored:?}"
        );
        assert!(
            !ignored.contains("Acme") && !ignored.contains("#") && !ignored.contains("Hotels"),
            "{ignored:?}"
        );
    }
    assert_eq!(run.json()["plan"]["drift"], json!([]));
    assert_eq!(run.warnings(), ["undocumented"]);
    let settled = lab.snapshot();
    let again = lab.done(&["whitelist", "lint", "--fix", "--yes", "--json"]);
    assert_eq!(again.json()["outcome"], json!("unchanged"));
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn tabs_that_let_everybody_in_become_spaces() {
    let lab = Lab::start();
    lab.edit_jail_local(
        "::1 203.0.113.0/24 198.51.100.128/28",
        "::1 203.0.113.0/24\t198.51.100.128/28",
    );
    lab.client(&["reload"]);
    let version = lab.client(&["version"]);
    if version.starts_with("1.1") {
        lab.done(&["whitelist", "lint"]);
        left_out("from fail2ban 1.1.0 on tabs separate entries, so there is nothing to repair");
        return;
    }
    let run = lab.run(&["whitelist", "lint", "--json"]);
    run.expect(8);
    assert!(codes(&run).contains(&"tabs".to_owned()), "{:?}", codes(&run));
    lab.done(&["whitelist", "lint", "--fix", "--yes"]);
    for jail in lab.jails() {
        let ignored = lab.ignored_in(&jail);
        assert!(
            ignored.contains("203.0.113.0/24") && ignored.contains("198.51.100.128/28"),
            "{ignored:?}"
        );
        assert!(!ignored.contains("0.0.0.0"), "{ignored:?}");
    }
    lab.done(&["whitelist", "lint"]);
}

#[test]
fn an_exported_register_is_imported_again_without_a_change() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let csv = lab.done(&["whitelist", "export"]).stdout;
    assert_eq!(
        csv,
        "network,customer,note,by,on,ticket,review,expires\n\
         203.0.113.0/24,Vista Seven Hotels,Current uplink,lab,2026-05-11,,,\n\
         198.51.100.128/28,Blue Lotus Hotels,Head office,lab,2026-05-11,,,\n"
    );
    let list: Value =
        serde_json::from_str(&lab.done(&["whitelist", "export", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(list[1]["customer"], json!("Blue Lotus Hotels"));
    let document = lab.done(&["whitelist", "export", "--json"]);
    assert_eq!(document.json()["registrations"], list);
    for (name, text) in [
        ("r.csv", csv),
        ("r.json", list.to_string()),
        ("d.json", document.stdout),
    ] {
        let run = import(&lab, name, &text);
        run.expect(0);
        assert_eq!(run.json()["outcome"], json!("unchanged"), "{name}");
    }
    assert_same(&before, &lab.snapshot());
}

#[test]
fn an_import_is_one_change_with_bans_lifted_and_the_second_is_none() {
    let lab = Lab::start();
    lab.ban("sshd", "192.0.2.70");
    let table = "network,customer,note,expires,site\n\
                 192.0.2.0/28,Lotus Court Hotels,\"Main, east\",2099-01-01,\n\
                 192.0.2.65/26,Zeta PBX,,,pune\n\
                 203.0.113.0/24,Vista Seven Hotels,Old uplink,,\n";
    let run = import(&lab, "i.csv", table);
    run.expect(0);
    assert_eq!(lab.audit_of("outcome").len(), 1);
    assert_eq!(lab.backups().len(), 1);
    let text = lab.jail_local_text();
    let today = chrono::Local::now().date_naive();
    for line in [
        format!("# 192.0.2.0/28 | Lotus Court Hotels | Main, east | by=ravi on={today} expires=2099-01-01\n"),
        format!("# 192.0.2.64/26 | Zeta PBX | | by=ravi on={today} site=pune\n"),
        "# 203.0.113.0/24 | Vista Seven Hotels | Old uplink | by=lab on=2026-05-11\n".to_owned(),
        "ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28 192.0.2.0/28 192.0.2.64/26\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    for jail in lab.jails() {
        assert!(lab.ignored_in(&jail).contains("192.0.2.64/26"), "{jail}");
        eventually("its members are let in", || lab.banned_in(&jail).is_empty());
    }
    assert!(run.warnings().contains(&"host_bits_cleared".to_owned()));
    let settled = lab.snapshot();
    assert_eq!(import(&lab, "i.csv", table).json()["outcome"], json!("unchanged"));
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn one_bad_row_refuses_all_of_them_and_every_one_is_reported() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let run = import(
        &lab,
        "b.csv",
        "network,customer\n192.0.2.0/28,Lotus\n198.51.0.0/16,Zeta\n0.0.0.0/0,Eta\n",
    );
    run.expect(3);
    assert_eq!(
        run.error(),
        "the file is not imported, because some of its entries are refused:\n\
         \x20 | number 3: 198.51.0.0/16 is wider than /24: too broad a range would whitelist many unrelated hosts on the same \
         ISP, defeating the purpose (runbook, Customer-PBX whitelist: \"Use /24, not /16\")\n\
         \x20 | number 4: 0.0.0.0/0 is the whole internet: nobody would ever be banned"
    );
    for (text, message) in [
        (
            "network,customer\n192.0.2.300,A\n192.0.2.1,\n",
            "line 2: `192.0.2.300` is not a network",
        ),
        (
            "network,customer\n192.0.2.1,A\n192.0.2.1/32,B\n",
            "line 3: 192.0.2.1 is there already",
        ),
        ("", "it has no entries"),
        ("network;customer\n", "no column `network`"),
    ] {
        let run = import(&lab, "c.csv", text);
        run.expect(2);
        assert!(run.error().contains(message), "{}", run.error());
    }
    let run = import(
        &lab,
        "e.csv",
        "network,customer,expires\n192.0.2.0/28,Lotus,2020-01-01\n",
    );
    run.expect(2);
    assert!(
        run.error().contains("number 2: 192.0.2.0/28 expired on 2020-01-01"),
        "{}",
        run.error()
    );
    lab.run(&["whitelist", "import", "/nowhere/x.csv", "--yes"]).expect(2);
    assert_same(&before, &lab.snapshot());
}
