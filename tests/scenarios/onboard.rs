//! Runbook, "Adding a new customer": the whole procedure, as the host's own fail2ban sees its result.

use serde_json::json;

use super::support::{Lab, assert_same, texts};

/// The demonstration's network: 192.0.2.10, which the lab bans in both asterisk jails, is a member.
const NETWORK: &str = "192.0.2.0/28";
const ONBOARD: &[&str] = &[
    "onboard",
    NETWORK,
    "--customer",
    "Lotus Court Hotels",
    "--note",
    "Primary uplink",
    "--yes",
];

#[test]
fn a_customer_with_a_banned_member_is_let_in_everywhere() {
    let lab = Lab::start();
    let before = lab.jail_local_text();
    assert!(lab.banned_in("asterisk-auth").contains("192.0.2.10"));

    let run = lab.done(&[ONBOARD, &["--ticket", "OPS-412", "-m", "new hotel", "--json"]].concat());

    // The comment stands above the line, and nothing else in the file moved.
    let after = lab.jail_local_text();
    let added: Vec<&str> = after
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line))
        .collect();
    let today = added[0]
        .split("on=")
        .nth(1)
        .and_then(|rest| rest.get(..10))
        .expect("a date");
    assert_eq!(
        added,
        [
            &format!("# 192.0.2.0/28 | Lotus Court Hotels | Primary uplink | by=ravi on={today} ticket=OPS-412")
                as &str,
            "ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28 192.0.2.0/28",
        ]
    );
    assert_eq!(after.lines().count(), before.lines().count() + 1);
    // In force in every jail, the member unbanned in every jail.
    for jail in lab.jails() {
        assert!(lab.ignored_in(&jail).contains(NETWORK), "{jail}");
        assert!(!lab.banned_in(&jail).contains("192.0.2.10"), "{jail}");
    }
    // One backup, which holds the bytes of before.
    let backups = lab.backups();
    assert_eq!(backups.len(), 1, "{backups:?}");
    assert_eq!(std::fs::read_to_string(&backups[0]).expect("the backup"), before);
    // One change in the trail: the intent before it and the outcome after it.
    let outcomes = lab.audit_of("outcome");
    assert_eq!(
        (lab.audit_of("intent").len(), outcomes.len(), lab.audit_lines().len()),
        (1, 1, 2)
    );
    assert_eq!(outcomes[0]["outcome"], json!("changed"));
    assert_eq!(outcomes[0]["ticket"], json!("OPS-412"));
    assert_eq!(outcomes[0]["reason"], json!("new hotel"));
    assert!(
        outcomes[0]["operator"]
            .as_str()
            .is_some_and(|who| who.starts_with("ravi"))
    );
    // The document says the same.
    let document = run.json();
    assert_eq!(document["command"], json!("onboard"));
    assert_eq!(document["host"]["name"], json!("lab"));
    assert_eq!(
        (&document["outcome"], &document["changed"]),
        (&json!("changed"), &json!(true))
    );
    assert_eq!(document["backup"], json!(backups[0]));
    assert_eq!(
        document["unbanned"],
        json!([{"ip": "192.0.2.10", "jails": ["asterisk-auth", "asterisk-scan"]}])
    );
    assert_eq!(document["change_id"], outcomes[0]["change_id"]);
    let proof = document["proof"].as_array().expect("a proof");
    assert_eq!(proof.len(), 3);
    assert!(
        proof
            .iter()
            .all(|row| row["ok"] == json!(true) && texts(&row["ignoreip"]).contains(&NETWORK.to_owned()))
    );
}

#[test]
fn the_second_run_writes_nothing() {
    let lab = Lab::start();
    lab.done(ONBOARD);
    let (before, trail) = (lab.snapshot(), lab.audit_lines());
    let reloads = reloads(&lab);
    assert_eq!(reloads, 1);

    let run = lab.done(ONBOARD);
    assert!(run.stdout.contains("No changes."), "{}", run.stdout);
    let document = lab.done(&[ONBOARD, &["--json"]].concat()).json();
    assert_eq!(
        (&document["outcome"], &document["changed"]),
        (&json!("unchanged"), &json!(false))
    );
    assert_eq!(document["backup"], json!(null));

    assert_same(&before, &lab.snapshot());
    assert_eq!(lab.audit_lines(), trail);
    assert_eq!(self::reloads(&lab), reloads);
}

/// How often the server was told to reload, by its own log.
fn reloads(lab: &Lab) -> usize {
    let log = std::fs::read_to_string(lab.paths.action_log()).expect("the log");
    log.lines().filter(|line| line.contains("Reload finished")).count()
}
