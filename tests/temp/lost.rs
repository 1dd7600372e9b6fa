//! A temporary entry that fail2ban has lost while it is registered: every report says so, and every change sets it again.

use serde_json::{Value, json};

use super::support::{Lab, texts};
use super::{GUEST, JAILS, OTHER, in_force, register};

const LOST: &str = "temporary_not_in_force";
const ONBOARD: [&str; 5] = ["onboard", "192.0.2.0/28", "--customer", "Test Inn", "--yes"];

/// A host on which the entry has been lost by somebody's reload.
fn lost_by_a_reload() -> Lab {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.client(&["reload"]);
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    lab
}

/// What a command's warning of this code says.
fn told(lab: &Lab, arguments: &[&str]) -> String {
    let document = lab.run(&[arguments, &["--json"]].concat()).json();
    let warnings = document["warnings"].as_array().cloned().unwrap_or_default();
    let found = warnings.iter().find(|warning| warning["code"] == LOST);
    found.map_or_else(String::new, |warning| {
        warning["message"].as_str().unwrap_or_default().to_owned()
    })
}

/// The actions of a plan.
fn actions(document: &Value) -> Vec<String> {
    let steps = document["plan"]["steps"].as_array().cloned().unwrap_or_default();
    steps
        .iter()
        .filter_map(|step| step["action"].as_str())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_report_says_that_an_entry_is_not_in_force_where_it_is_lost_and_what_to_do() {
    let lab = lost_by_a_reload();
    let reports: [&[&str]; 6] = [
        &["status"],
        &["whitelist", "list"],
        &["whitelist", "check", GUEST],
        &["whitelist", "lint"],
        &["temp", "list"],
        &["recidive", "status"],
    ];
    for report in reports {
        let told = told(&lab, report);
        assert!(
            told.starts_with(&format!("The temporary entry {GUEST} is registered until ")),
            "{report:?}: {told}"
        );
        assert!(
            told.contains("is not in force in asterisk-auth, asterisk-scan"),
            "{told}"
        );
        assert!(
            told.contains("f2bctl reload") && told.contains(&format!("f2bctl temp remove {GUEST}")),
            "{told}"
        );
    }
    let check = lab.done(&["whitelist", "check", GUEST]);
    let all = format!("{}{}", check.stdout, check.stderr);
    assert!(all.contains("is not in force in"), "people see it, too: {all}");
    // In one jail alone.
    lab.client(&["set", "asterisk-auth", "addignoreip", GUEST]);
    let told_of_one = told(&lab, &["status"]);
    assert!(told_of_one.contains("not in force in asterisk-scan:"), "{told_of_one}");
    lab.client(&["set", "asterisk-scan", "addignoreip", GUEST]);
    assert_eq!(told(&lab, &["status"]), "");
}

#[test]
fn every_change_sets_a_lost_entry_again_and_its_plan_says_so() {
    let lab = lost_by_a_reload();
    lab.done(&[&ONBOARD[..], &[]].concat());
    assert_eq!(in_force(&lab, GUEST), JAILS, "a change with a reload");
    let changes: [&[&str]; 5] = [
        &["backup", "--yes"],
        // Each of these has nothing to do by itself.
        &["reload", "--yes"],
        &ONBOARD,
        &["temp", "add", GUEST, "--for", "10m", "--yes"],
        &["unban", OTHER, "--yes"],
    ];
    for change in changes {
        let before = register(&lab);
        lab.client(&["set", "asterisk-auth", "delignoreip", GUEST]);
        let dry: Vec<&str> = change.iter().copied().filter(|word| *word != "--yes").collect();
        let planned = lab.done(&[&dry[..], &["--dry-run", "--json"]].concat()).json();
        assert_eq!(planned["outcome"], json!("planned"), "{change:?}: {planned}");
        let again = actions(&planned).contains(&"temporary_set_again".to_owned());
        assert!(again || change[0] == "temp", "{change:?}: {planned}");
        let effect = planned["plan"]["effect"].to_string();
        assert!(
            effect.contains("asterisk-auth") && effect.contains(GUEST),
            "{change:?}: {planned}"
        );
        let done = lab.done(&[change, &["--json"]].concat()).json();
        assert_eq!(done["outcome"], json!("changed"), "{change:?}: {done}");
        assert_eq!(in_force(&lab, GUEST), JAILS, "{change:?}");
        assert_eq!(register(&lab), before, "{change:?}: its end is the same");
        if change[0] != "backup" {
            let second = lab.done(&[change, &["--json"]].concat()).json();
            assert_eq!(second["outcome"], json!("unchanged"), "{change:?}: {second}");
        }
    }
}

#[test]
fn a_restart_loses_no_entry_for_good() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.stop_fail2ban();
    let planned = lab.done(&["start", "--dry-run", "--json"]).json();
    assert!(
        planned["warnings"]
            .to_string()
            .contains("it is set again in asterisk-auth"),
        "{planned}"
    );
    lab.done(&["start", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS, "`start` sets it again");
    // Started by somebody else it is lost until the next change.
    lab.stop_fail2ban();
    lab.client(&["start"]);
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    let listed = lab.done(&["--json", "temp", "list"]).json();
    assert_eq!(texts(&listed["temporary"][0]["not_in_force"]), JAILS);
    lab.done(&["backup", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
}

#[test]
fn what_was_removed_or_has_ended_is_not_set_again() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.done(&["temp", "remove", GUEST, "--yes"]);
    lab.client(&["reload"]);
    assert_eq!(told(&lab, &["status"]), "");
    lab.done(&["backup", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    // One that is lost is ended by `remove` as well, and a second run of it has nothing to do.
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.client(&["reload"]);
    lab.done(&["temp", "remove", GUEST, "--yes"]);
    assert_eq!((in_force(&lab, GUEST).len(), register(&lab).len()), (0, 0));
    let second = lab.done(&["temp", "remove", GUEST, "--yes", "--json"]).json();
    assert_eq!(second["outcome"], json!("unchanged"));
}

#[test]
fn who_was_banned_while_the_entry_was_lost_is_named() {
    let lab = lost_by_a_reload();
    lab.ban("asterisk-scan", GUEST);
    let done = lab.done(&["backup", "--yes", "--json"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert!(done.warnings().contains(&"still_banned".to_owned()), "{}", done.stdout);
}

/// fail2ban refuses the entry in one jail: the change is undone and says which jail and entry, and so does the next report.
#[test]
fn an_entry_that_fail2ban_refuses_is_named_with_its_jail() {
    const REFUSES: &str = r#"
def act(event, arguments, seen):
    control, server = sys.modules.get("f2bctl_agent.control"), sys.modules.get("f2bctl_agent.server")
    if hasattr(control, "set_values") and not seen["armed"]:
        seen["armed"] = True
        usual = control.set_values
        def refuses(host, jail, pairs):
            if jail == "asterisk-scan" and pairs[0][0] == "addignoreip":
                raise server.Refused("no more entries")
            usual(host, jail, pairs)
        control.set_values = refuses
"#;
    let lab = lost_by_a_reload();
    let before = register(&lab);
    lab.on_agent(REFUSES);
    for change in [
        &["backup", "--yes"][..],
        &["temp", "add", OTHER, "--for", "1h", "--yes"],
    ] {
        let run = lab.run(&[change, &["--json"]].concat());
        run.expect(6);
        let error = run.error();
        assert!(error.contains("addignoreip of 198.51.100."), "{error}");
        assert!(
            error.contains("in jail asterisk-scan failed: fail2ban-server answered: no more entries"),
            "{error}"
        );
        assert_eq!(register(&lab), before);
        assert_eq!((in_force(&lab, GUEST).len(), in_force(&lab, OTHER).len()), (0, 0));
    }
    lab.usual_login();
    assert!(told(&lab, &["status"]).contains(GUEST));
    lab.done(&["backup", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
}
