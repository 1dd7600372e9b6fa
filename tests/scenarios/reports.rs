//! What is asked and what the small changes do: status, the register, unban, backups, history and the audit log.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::support::{Lab, assert_same, texts};

const ONBOARD: &[&str] = &["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels", "--yes"];

#[test]
fn status_says_what_the_client_says() {
    let lab = Lab::start();
    lab.ban("sshd", "203.0.113.50");
    let before = lab.snapshot();
    let document = lab.done(&["status", "--json"]).json();
    assert_eq!(document["command"], json!("status"));
    assert_eq!(document["outcome"], json!("report"));
    assert_eq!(document["fail2ban"]["running"], json!(true));
    let jails = document["jails"].as_array().expect("jails");
    assert_eq!(jails.len(), 3);
    for jail in jails {
        let name = jail["name"].as_str().expect("a name");
        for key in ["maxretry", "findtime", "bantime"] {
            assert_eq!(jail[key].to_string(), lab.client(&["get", name, key]), "{name} {key}");
        }
        let status = lab.client(&["status", name]);
        let line = |title: &str| -> String {
            let line = status.lines().find(|line| line.contains(title)).expect("a line");
            line.rsplit('\t').next().expect("a value").to_owned()
        };
        assert_eq!(jail["currently_banned"].to_string(), line("Currently banned"));
        assert_eq!(jail["total_banned"].to_string(), line("Total banned"));
        let banned: Vec<String> = jail["banned"]
            .as_array()
            .expect("bans")
            .iter()
            .map(|ban| ban["ip"].as_str().expect("ip").to_owned())
            .collect();
        assert_eq!(banned, line("Banned IP list").split_whitespace().collect::<Vec<_>>());
        // Nothing can be said of a harmless action's rules, and that is not the same as no rules.
        assert_eq!(jail["enforced"], json!(null));
        assert!(!texts(&jail["log_files"]).is_empty());
    }
    let sshd = jails.iter().find(|jail| jail["name"] == json!("sshd")).expect("sshd");
    assert_eq!(sshd["banned"][0]["customer"], json!("Vista Seven Hotels"));
    // One jail, no such jail, and the human form in a pipe: no colour in it, NO_COLOR or not.
    assert_eq!(
        lab.done(&["status", "sshd", "--json"]).json()["jails"]
            .as_array()
            .expect("jails")
            .len(),
        1
    );
    lab.run(&["status", "no-such-jail"]).expect(3);
    let shown = lab.done(&["status"]).stdout;
    assert!(shown.contains("203.0.113.50") && !shown.contains('\u{1b}'), "{shown}");
    // What went over the link is noted for a bug report, for nobody else to read.
    let log = lab.folder().join("spoken");
    let noted = ["--log-file", log.to_str().expect("UTF-8")];
    let coloured = lab.done(&[&["status", "--color", "always"], &noted[..]].concat());
    assert!(coloured.stdout.contains('\u{1b}'));
    let text = std::fs::read_to_string(&log).expect("the log file");
    for word in [
        "f2bctl begins",
        "connecting",
        "request 1 observe",
        "answer 1 observe {\"clock\"",
    ] {
        assert!(text.contains(word), "{word:?} is not in {text}");
    }
    let mode = std::fs::metadata(&log).expect("the log file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn the_register_is_listed_checked_and_annotated() {
    let lab = Lab::start();
    lab.edit_jail_local(" 198.51.100.128/28\n", " 198.51.100.128/28 198.51.100.200\n");
    lab.client(&["reload"]);
    let rows = |lab: &Lab| {
        lab.done(&["whitelist", "list", "--json"]).json()["whitelist"]
            .as_array()
            .expect("rows")
            .clone()
    };
    let networks: Vec<Value> = rows(&lab).iter().map(|row| row["network"].clone()).collect();
    assert_eq!(
        networks,
        [
            "127.0.0.0/8",
            "::1",
            "203.0.113.0/24",
            "198.51.100.128/28",
            "198.51.100.200"
        ]
    );
    let undocumented = rows(&lab)[4].clone();
    assert_eq!(
        (&undocumented["documented"], &undocumented["customer"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(
        undocumented["in_force"],
        json!(["asterisk-auth", "asterisk-scan", "sshd"])
    );

    // Annotating touches one comment line: no reload, no other byte.
    let before = lab.jail_local_text();
    let run = lab.done(&[
        "whitelist",
        "annotate",
        "198.51.100.200",
        "--customer",
        "Corner Café",
        "--yes",
        "--json",
    ]);
    assert_eq!(run.json()["outcome"], json!("changed"));
    let after = lab.jail_local_text();
    let new: Vec<&str> = after.lines().filter(|line| !before.contains(line)).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(new[0].starts_with("# 198.51.100.200 | Corner Café |"), "{new:?}");
    assert_eq!(after.replacen(&format!("{}\n", new[0]), "", 1), before);
    let snapshot = lab.snapshot();
    lab.done(&[
        "whitelist",
        "annotate",
        "198.51.100.200",
        "--customer",
        "Corner Café",
        "--yes",
    ]);
    assert_same(&snapshot, &lab.snapshot());

    let check = lab.done(&["whitelist", "check", "198.51.100.200", "--json"]).json();
    assert_eq!(
        (&check["whitelisted"], &check["whitelist"][0]["customer"]),
        (&json!(true), &json!("Corner Café"))
    );
    let check = lab.done(&["whitelist", "check", "198.51.100.201", "--json"]).json();
    assert_eq!((&check["whitelisted"], &check["in_force"]), (&json!(false), &json!([])));
    // By its customer it goes again.
    lab.done(&["offboard", "--customer", "Corner Café", "--yes"]);
    assert!(!lab.jail_local_text().contains("198.51.100.200"));
}

#[test]
fn an_unban_says_in_which_jails_and_who_was_not_banned() {
    let lab = Lab::start();
    for ip in ["198.51.100.7", "198.51.100.8"] {
        lab.ban("sshd", ip);
    }
    let files = lab.snapshot().files;
    let run = lab
        .done(&["unban", "192.0.2.10", "198.51.100.99", "--yes", "--json"])
        .json();
    assert_eq!(
        run["unbanned"],
        json!([{"ip": "192.0.2.10", "jails": ["asterisk-auth", "asterisk-scan"]}])
    );
    assert_eq!(run["not_banned"], json!(["198.51.100.99"]));
    assert!(lab.banned_in("asterisk-auth").is_empty() && lab.banned_in("asterisk-scan").is_empty());
    // The second time there is nobody, which is not an error and not a change.
    let run = lab.done(&["unban", "192.0.2.10", "--yes", "--json"]).json();
    assert_eq!(
        (&run["outcome"], &run["not_banned"]),
        (&json!("unchanged"), &json!(["192.0.2.10"]))
    );
    // A network lifts its members, in the jail that is named.
    lab.ban("asterisk-scan", "198.51.100.7");
    lab.done(&["unban", "198.51.100.0/29", "--jail", "sshd", "--yes"]);
    assert_eq!(lab.banned_in("sshd").into_iter().collect::<Vec<_>>(), ["198.51.100.8"]);
    assert_eq!(
        lab.banned_in("asterisk-scan").into_iter().collect::<Vec<_>>(),
        ["198.51.100.7"]
    );
    lab.run(&["unban", "198.51.100.7", "--jail", "no-such-jail", "--yes"])
        .expect(3);
    assert_eq!(lab.snapshot().files, files);
    assert_eq!(lab.audit_of("outcome").len(), 2);
}

#[test]
fn the_bans_of_a_network_too_wide_to_be_meant_stay() {
    let lab = Lab::start();
    let before = lab.snapshot();
    for network in ["0.0.0.0/0", "::/0", "192.0.0.0/19", "192.0.0.0/20"] {
        let run = lab.run(&["unban", network, "192.0.2.10", "--yes", "--json"]);
        assert!(run.expect(3).error().contains("wider than"), "{}", run.error());
    }
    let refused = lab.run(&["unban", "0.0.0.0/0", "--yes", "--json"]);
    let ban = "192.0.2.10 (asterisk-auth, asterisk-scan)";
    assert!(refused.error().contains(ban), "{}", refused.error());
    assert_same(&before, &lab.snapshot());
    let wide = ["unban", "192.0.0.0/20", "--allow-wide", "--yes", "--json"];
    lab.run(&wide).expect(3);
    let reasoned = [&wide[..], &["--reason", "a provider's fault"]].concat();
    let lifted = lab.done(&reasoned).json();
    assert_eq!(lifted["unbanned"][0]["ip"], json!("192.0.2.10"));
    // Nobody is left, and what was said of the network is no more than that.
    assert_eq!(lab.done(&reasoned).json()["outcome"], json!("unchanged"));
    lab.ban("sshd", "198.51.100.7");
    let bits = lab.done(&["unban", "198.51.100.7/28", "--yes", "--json"]);
    assert_eq!(bits.warnings(), ["host_bits_cleared"]);
}

#[test]
fn a_network_is_checked_as_a_whole_and_in_parts() {
    let lab = Lab::start();
    let check = |asked: &str| lab.done(&["whitelist", "check", asked, "--json"]).json();
    let whole = check("203.0.113.64/26");
    assert_eq!((&whole["whitelisted"], &whole["partly"]), (&json!(true), &json!([])));
    assert_eq!(whole["whitelist"][0]["network"], json!("203.0.113.0/24"));
    let part = check("203.0.112.0/22");
    assert_eq!((&part["whitelisted"], &part["whitelist"]), (&json!(false), &json!([])));
    assert_eq!(part["partly"][0]["network"], json!("203.0.113.0/24"));
    let told = lab.done(&["whitelist", "check", "203.0.112.0/22"]).stdout;
    assert!(told.starts_with("No entry covers all of 203.0.112.0/22."), "{told}");
    let wrong = lab.run(&["whitelist", "check", "pbx"]);
    wrong.expect(2);
    assert!(wrong.stderr.contains("<ADDR|NETWORK>"), "{}", wrong.stderr);
}

#[test]
fn backups_are_made_listed_shown_and_compared() {
    let lab = Lab::start();
    let bytes = lab.jail_local();
    let run = lab
        .done(&["backup", "--label", "before-the-move", "--yes", "--json"])
        .json();
    let path = run["backup"].as_str().expect("a path").to_owned();
    assert_eq!(std::fs::read(&path).expect("the backup"), bytes);
    // The same day, the same second if need be: the first one is never overwritten.
    for _ in 0..3 {
        lab.done(&["backup", "--label", "before-the-move", "--yes"]);
    }
    assert_eq!(lab.backups().len(), 4);
    lab.done(ONBOARD);
    let list = lab.done(&["backups", "--json"]).json();
    assert_eq!(list["backups"].as_array().expect("backups").len(), 6);
    assert_eq!(
        lab.done(&["backups", "show", &path, "--json"]).json()["text"],
        json!(String::from_utf8_lossy(&bytes))
    );
    let diff = lab.done(&["backups", "diff", &path, "--json"]).json();
    assert!(
        diff["diff"]
            .as_str()
            .expect("a diff")
            .contains("+# 192.0.2.0/28 | Lotus Court Hotels"),
        "{diff}"
    );
    lab.run(&["backups", "show", "no-such-backup"]).expect(3);
    lab.run(&["backups", "show", "../fail2ban.conf"]).expect(3);
}

#[test]
fn history_tells_and_the_audit_log_shows_what_was_done_to_it() {
    let lab = Lab::start();
    lab.done(&[ONBOARD, &["-m", "new hotel", "--ticket", "OPS-412"]].concat());
    lab.run(&["offboard", "127.0.0.1/8", "--yes"]).expect(3);
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    let history = lab.done(&["history", "--json"]).json();
    let entries = history["entries"].as_array().expect("entries");
    let told: Vec<(&Value, &Value)> = entries
        .iter()
        .map(|entry| (&entry["command"], &entry["outcome"]))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    let onboard = entries
        .iter()
        .find(|entry| entry["command"] == json!("onboard"))
        .expect("the onboard");
    assert_eq!(
        (&onboard["reason"], &onboard["ticket"], &onboard["outcome"]),
        (&json!("new hotel"), &json!("OPS-412"), &json!("changed"))
    );
    let refused = entries
        .iter()
        .find(|entry| entry["outcome"] == json!("refused"))
        .expect("it");
    assert_eq!(refused["summary"], json!("offboard 127.0.0.1/8 --yes"));
    assert!(
        refused["failure"]
            .as_str()
            .is_some_and(|why| why.contains("never removed")),
        "{refused}"
    );
    let table = lab.done(&["history"]).stdout;
    assert!(
        table.contains("offboard 127.0.0.1/8 --yes: 127.0.0.0/8 is the host itself"),
        "{table}"
    );
    assert!(
        lab.done(&["history", "--markdown"])
            .stdout
            .contains("| Date | Change |")
    );
    lab.done(&["audit", "verify"]);

    let path = lab.paths.state_dir().join("audit.jsonl");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(
        std::fs::metadata(&path).expect("the trail").permissions().mode() & 0o777,
        0o600
    );
    let good = std::fs::read_to_string(&path).expect("the trail");
    let lines: Vec<&str> = good.lines().collect();
    assert_eq!(lines.len(), 5);
    let found = |text: String| -> Vec<String> {
        std::fs::write(&path, text).expect("written");
        let run = lab.run(&["audit", "verify", "--json"]);
        run.expect(8);
        let findings = run.json()["findings"].as_array().expect("findings").clone();
        findings
            .iter()
            .map(|finding| finding["code"].as_str().expect("a code").to_owned())
            .collect()
    };
    assert!(found(good.replacen("new hotel", "old hotel", 1)).contains(&"altered".to_owned()));
    assert!(found(format!("{}\n{}\n", lines[0], lines[2..].join("\n"))).contains(&"missing".to_owned()));
    let swapped = [lines[0], lines[2], lines[1], lines[3], lines[4]].join("\n") + "\n";
    assert!(found(swapped).contains(&"reordered".to_owned()));
    // Cut off at the end, which the chain cannot show; the operator's own trail remembers.
    assert_eq!(found(lines[..4].join("\n") + "\n"), ["contradicted"]);
    assert!(!found(String::new()).is_empty());
    std::fs::write(&path, &good).expect("written");
    lab.done(&["audit", "verify"]);
    // A line that a crash cut short is no reason to stop working, and is found.
    std::fs::write(&path, format!("{good}{{\"schema\":1,\"seq")).expect("written");
    lab.done(ONBOARD);
    lab.run(&["audit", "verify"]).expect(8);
}
