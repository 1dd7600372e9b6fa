//! A change that was interrupted, and others who worked on the host before the next run came: what only the change did
//! goes back, what others did stays and is told.

use serde_json::json;

use super::ONBOARD;
use super::interrupted::interrupt;
use super::settled_beside_others::ASKING;
use super::support::{Lab, Run, eventually};

/// What a run says of the change that it has settled.
fn told(run: &Run) -> String {
    let document = run.json();
    let warnings = document["warnings"].as_array().cloned().unwrap_or_default();
    let settled = warnings
        .iter()
        .find(|warning| warning["code"] == "interrupted_change_settled");
    let message = settled.and_then(|warning| warning["message"].as_str());
    message
        .unwrap_or_else(|| panic!("nothing was settled: {}", run.stdout))
        .to_owned()
}

#[test]
fn a_start_that_was_interrupted_and_worked_is_kept_by_the_next_run() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    interrupt(&lab, &["start", "--yes"], "reloaded");
    eventually("fail2ban runs", || lab.jails().len() == 3);
    let pid = std::fs::read_to_string(lab.paths.fail2ban_pid()).expect("a pid");

    let run = lab.done(ONBOARD);
    assert!(told(&run).contains("was finished"), "{}", run.stdout);
    assert_eq!(lab.phases(), ["done", "done"]);
    let now = std::fs::read_to_string(lab.paths.fail2ban_pid()).expect("a pid");
    assert_eq!(pid, now, "it was never stopped");
    let outcome = &lab.audit_of("outcome")[0];
    assert_eq!(
        (&outcome["command"], &outcome["outcome"], &outcome["settled"]["command"]),
        (&json!("start"), &json!("changed"), &json!("onboard"))
    );
}

#[test]
fn a_server_that_an_interrupted_start_has_started_is_never_stopped_by_a_later_run() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    interrupt(&lab, &[ONBOARD, &["--start"]].concat(), "reloaded");
    eventually("fail2ban runs", || lab.jails().len() == 3);
    // It is not what was approved any more.
    lab.client(&["stop", "sshd"]);
    let run = lab.done(&["backup", "--yes", "--json"]);
    assert!(told(&run).contains("was left running"), "{}", run.stdout);
    assert_eq!(lab.phases(), ["undone", "done"]);
    assert!(!lab.jail_local_text().contains("192.0.2.0/28"));
    assert!(lab.is_running());
    assert!(!lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
}

#[test]
fn what_others_did_since_stays_and_is_reported() {
    let lab = Lab::start();
    for ip in ["198.51.100.7", "198.51.100.8"] {
        lab.ban("sshd", ip);
    }
    let before = lab.jail_local();
    interrupt(&lab, ONBOARD, "reloaded");
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));

    let drop_in = lab.paths.config_dir().join("jail.d/another-hand.local");
    std::fs::create_dir_all(drop_in.parent().expect("a folder")).expect("a folder");
    let log = lab.client(&["get", "sshd", "logpath"]);
    let log = log.rsplit(' ').next().expect("a log");
    let text = format!(
        "[sshd-two]\nenabled = true\nfilter = sshd\nbackend = polling\nlogpath = {log}\n[asterisk-scan]\nmaxretry = 60\n"
    );
    std::fs::write(&drop_in, text).expect("another hand's file");
    lab.client(&["reload"]);
    lab.client(&["set", "sshd", "addignoreip", "198.51.100.77"]);
    lab.client(&["unban", "198.51.100.7"]);

    let run = lab.done(&["backup", "--yes", "--json"]);
    let message = told(&run);
    for word in ["sshd-two", "maxretry is 60", "198.51.100.77", "198.51.100.7 was lifted"] {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd", "sshd-two"]);
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "60");
    assert!(lab.ignored_in("sshd").contains("198.51.100.77"));
    let banned = lab.banned_in("sshd");
    assert!(
        !banned.contains("198.51.100.7") && banned.contains("198.51.100.8"),
        "{banned:?}"
    );
    // The change itself is gone, in the file and in force.
    assert_eq!(lab.jail_local(), before);
    for jail in ["asterisk-auth", "asterisk-scan", "sshd"] {
        assert!(!lab.ignored_in(jail).contains("192.0.2.0/28"), "{jail}");
    }
    assert!(lab.banned_in("asterisk-auth").contains("192.0.2.10"));
    assert_eq!(lab.phases(), ["undone", "done"]);
}

#[test]
fn of_the_bans_those_come_back_that_the_change_has_lifted() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    lab.on_agent(
        r#"
def act(event, arguments, seen):
    if seen["phase"] == "lifting" and event == "open" and str(arguments[0]).endswith("audit.jsonl"):
        with open(os.path.dirname(str(arguments[0])) + "/lifted", "w"):
            pass
        die()
"#,
    );
    // The bans are lifted when the mark is there; the phase comes before.
    let mark = lab.paths.state_dir().join("lifted");
    let change = lab.program().args(["-H", "lab"]).args(ONBOARD).spawn();
    let mut change = change.expect("the program runs");
    eventually("the bans are lifted", || mark.exists());
    change.kill().expect("killed");
    change.wait().expect("waited");
    lab.usual_login();
    assert_eq!(lab.phases(), ["lifting"]);
    assert!(!lab.banned_in("asterisk-auth").contains("192.0.2.10"));
    lab.client(&["unban", "198.51.100.7"]);

    lab.done(&["backup", "--yes", "--json"]);
    eventually("the lifted ban is back", || {
        lab.banned_in("asterisk-auth").contains("192.0.2.10")
    });
    assert!(!lab.banned_in("sshd").contains("198.51.100.7"));
}

#[test]
fn an_entry_that_another_hand_took_out_of_the_file_stays_out() {
    let lab = Lab::start();
    interrupt(&lab, ONBOARD, "reloaded");
    let text = lab.jail_local_text();
    lab.write_jail_local(text.replace(" 203.0.113.0/24", ""));
    lab.client(&["reload"]);
    let edited = lab.jail_local();

    let run = lab.run(&["backup", "--yes", "--json"]);
    run.expect(7);
    assert!(run.error().contains("edited outside f2bctl"), "{}", run.error());
    assert_eq!(lab.jail_local(), edited);
    for jail in lab.jails() {
        let ignored = lab.ignored_in(&jail);
        assert!(!ignored.contains("203.0.113.0/24"), "{jail}: {ignored:?}");
        assert!(
            ignored.contains("192.0.2.0/28"),
            "their file gives it: {jail}: {ignored:?}"
        );
    }
}

#[test]
fn a_change_that_is_finished_later_waits_for_its_confirmation_as_well() {
    let lab = Lab::start();
    let offboard = ["offboard", "203.0.113.0/24", "--yes"];
    let finish = [("was interrupted. What now?", "\x1b[B\r"), ("Run this plan", "n\r")];
    interrupt(&lab, &offboard, "reloaded");
    let seen = lab.at_a_terminal(&ASKING, &finish);
    seen.expect(130, "was finished as approved")
        .expect(130, "not approved; nothing more was changed");
    assert!(seen.shown.contains("new login"), "nobody waited: {}", seen.shown);
    assert_eq!(lab.phases(), ["done"]);
    let outcome = lab.audit_of("outcome").remove(0);
    assert_eq!(
        (&outcome["settled"]["how"], &outcome["settled"]["command"]),
        (&json!("finish"), &json!("temp add"))
    );
    assert!(!lab.ignored_in("sshd").contains("203.0.113.0/24"));

    // Where the new login fails, the change is not kept.
    lab.done(&["onboard", "203.0.113.0/24", "--customer", "Vista Seven Hotels", "--yes"]);
    interrupt(&lab, &offboard, "reloaded");
    let once = lab.folder().join("once");
    lab.on_login(&format!("[ -e {0} ] && exit 1; touch {0}; run", once.display()));
    let seen = lab.at_a_terminal(&ASKING, &finish);
    lab.usual_login();
    assert!(seen.shown.contains("could not be finished"), "{}", seen.shown);
    assert!(lab.ignored_in("sshd").contains("203.0.113.0/24"));
    assert_eq!(lab.phases().last().map(String::as_str), Some("undone"));
}
