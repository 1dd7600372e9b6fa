//! Settling an interrupted change beside others who are still at work: files that they have left broken, jails that they
//! have stopped or given, a fail2ban that they have started.

use std::process::Stdio;

use serde_json::{Value, json};

use super::ONBOARD;
use super::interrupted::interrupt;
use super::support::terminal::Seen;
use super::support::{Lab, eventually};

/// A change that asks a person, and needs no rehearsal.
pub const ASKING: [&str; 5] = ["temp", "add", "192.0.2.200", "--for", "1h"];

/// Another hand's file beside jail.local, without a reload.
fn drop_in(lab: &Lab, text: &str) {
    let path = lab.paths.config_dir().join("jail.d/another-hand.local");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("another hand's file");
}

/// Somebody at a terminal has the interrupted change finished, and does nothing else.
fn finished(lab: &Lab) -> Seen {
    let answers = [("was interrupted. What now?", "\x1b[B\r"), ("Run this plan", "n\r")];
    lab.at_a_terminal(&ASKING, &answers)
}

/// fail2ban is killed, as the kernel does it when memory is short.
fn kill_fail2ban(lab: &Lab) {
    let pid = std::fs::read_to_string(lab.paths.fail2ban_pid()).expect("a pid");
    let killed = std::process::Command::new("kill").args(["-9", pid.trim()]).status();
    assert!(killed.expect("kill").success());
    eventually("the server is gone", || !lab.is_running());
}

/// A change whose agent dies in this phase, when all is done and the outcome is about to be recorded.
fn interrupt_at_its_record(lab: &Lab, change: &[&str], phase: &str) {
    lab.on_agent(&format!(
        r#"
def act(event, arguments, seen):
    if seen["phase"] == "{phase}" and event == "open" and str(arguments[0]).endswith("audit.jsonl"):
        open(os.path.dirname(str(arguments[0])) + "/reached", "w").close()
        die()
"#
    ));
    let mark = lab.paths.state_dir().join("reached");
    let mut run = lab.program();
    run.args(["-H", "lab"])
        .args(change)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut run = run.spawn().expect("the program runs");
    eventually("the change has come so far", || mark.exists());
    run.kill().expect("killed");
    run.wait().expect("waited");
    lab.usual_login();
    assert_eq!(lab.phases().last().map(String::as_str), Some(phase));
}

/// The record of how the interrupted change was settled.
fn settlement(lab: &Lab) -> Value {
    let mut settled = lab.audit_of("outcome");
    settled.retain(|record| !record["settled"].is_null());
    settled.pop().expect("a record of the settlement")
}

#[test]
fn what_another_hand_left_broken_is_not_put_into_force_by_an_undo() {
    for phase in ["reloaded", "lifting"] {
        let lab = Lab::start();
        lab.ban("sshd", "198.51.100.7");
        let before = lab.snapshot();
        interrupt(&lab, ONBOARD, phase);
        // fail2ban-client -t finds nothing wrong with it, and a reload of it drops every jail.
        drop_in(&lab, "[asterisk-scan]\nmaxretry = many\n");
        lab.done(&["backup", "--yes", "--json"]);
        assert_eq!(lab.phases(), ["undone", "done"]);
        super::support::snapshot::assert_same_server(&before, &lab.snapshot());
        assert!(!lab.jail_local_text().contains("192.0.2.0/28"));
    }
}

#[test]
fn what_another_hand_left_broken_keeps_a_change_from_being_finished() {
    let lab = Lab::start();
    interrupt(&lab, ONBOARD, "replacing");
    drop_in(&lab, "[asterisk-scan]\nmaxretry = many\n");
    let before = lab.snapshot();
    let seen = lab.at_a_terminal(&["backup"], &[("was interrupted. What now?", "\x1b[B\r")]);
    seen.expect(3, "cannot be finished now");
    super::support::snapshot::assert_same_server(&before, &lab.snapshot());
    assert_eq!(
        lab.jail_local(),
        before.files[std::path::Path::new("jail.local")].bytes()
    );
    assert_eq!(lab.phases(), ["replacing"]);
}

#[test]
fn what_another_hand_left_broken_starts_no_fail2ban() {
    let lab = Lab::start();
    interrupt(&lab, ONBOARD, "reloaded");
    kill_fail2ban(&lab);
    drop_in(&lab, "[asterisk-scan]\nmaxretry = many\n");
    let run = lab.run(&["backup", "--yes", "--json"]);
    run.expect(7);
    assert!(run.error().contains("was not started"), "{}", run.error());
    std::fs::remove_dir_all(lab.paths.config_dir().join("jail.d")).expect("mended");
    lab.done(&["backup", "--yes"]);
    assert_eq!(lab.phases(), ["undone", "done"]);
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
}

#[test]
fn a_change_that_is_finished_has_its_backup_and_its_record_says_what_it_did() {
    for phase in ["prepared", "replaced"] {
        let lab = Lab::start();
        let before = lab.jail_local();
        interrupt(&lab, ONBOARD, phase);
        finished(&lab).expect(130, "was finished as approved");
        let backups = lab.backups();
        assert_eq!(backups.len(), 1, "{phase}: {backups:?}");
        assert_eq!(std::fs::read(&backups[0]).expect("the backup"), before);
        assert_eq!(settlement(&lab)["backup"], json!(backups[0]));
    }
    let lab = Lab::start();
    interrupt_at_its_record(&lab, ONBOARD, "lifting");
    finished(&lab).expect(130, "was finished as approved");
    let jails = json!(["asterisk-auth", "asterisk-scan"]);
    assert_eq!(
        settlement(&lab)["unbanned"],
        json!([{"ip": "192.0.2.10", "jails": jails}])
    );
}

#[test]
fn a_start_is_finished_where_another_hand_has_started_fail2ban() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    interrupt(&lab, &[ONBOARD, &["--start"]].concat(), "prepared");
    lab.client(&["start"]);
    eventually("fail2ban runs", || lab.jails().len() == 3);
    finished(&lab).expect(130, "was finished as approved");
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
    assert_eq!(lab.phases(), ["done"]);
}

#[test]
fn a_fail2ban_that_a_recovery_starts_runs_by_the_files_of_others() {
    let lab = Lab::start();
    lab.client(&["set", "asterisk-scan", "addignoreip", "198.51.100.78"]);
    interrupt(&lab, ONBOARD, "reloaded");
    drop_in(
        &lab,
        "[asterisk-scan]\nmaxretry = 60\n[sshd]\nignoreip = 203.0.113.0/24 198.51.100.77\n",
    );
    kill_fail2ban(&lab);
    let run = lab.done(&["backup", "--yes", "--json"]);
    for word in ["maxretry is 60", "198.51.100.77 is whitelisted"] {
        assert!(run.stdout.contains(word), "{word:?} is not in {}", run.stdout);
    }
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxretry"]), "60");
    assert!(lab.ignored_in("sshd").contains("198.51.100.77"));
    assert!(!lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
    // What was set at run time alone, and what the change was to set again, is there as well.
    assert!(lab.ignored_in("asterisk-scan").contains("198.51.100.78"));
}

#[test]
fn a_jail_that_others_have_given_or_stopped_stays_so() {
    let lab = Lab::start();
    interrupt(&lab, &["recidive", "enable", "--yes"], "reloaded");
    let text = lab.jail_local_text();
    drop_in(&lab, &text[text.find("[recidive]").expect("the jail")..]);
    lab.client(&["reload"]);
    let run = lab.done(&["backup", "--yes", "--json"]);
    assert!(run.stdout.contains("jail recidive runs now"), "{}", run.stdout);
    assert!(lab.jails().contains(&"recidive".to_owned()));
    assert!(!lab.jail_local_text().contains("[recidive]"));

    interrupt(&lab, &["unban", "192.0.2.10", "--yes"], "lifting");
    lab.client(&["stop", "sshd"]);
    let run = lab.done(&["backup", "--yes", "--json"]);
    assert!(run.stdout.contains("jail sshd was stopped"), "{}", run.stdout);
    assert!(!lab.jails().contains(&"sshd".to_owned()));
    assert!(lab.banned_in("asterisk-auth").contains("192.0.2.10"));
}

#[test]
fn a_ban_that_began_after_an_interrupted_bantime_keeps_its_end() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    interrupt(&lab, &["tune", "sshd", "bantime", "2h", "--yes"], "reloaded");
    lab.client(&["unban", "198.51.100.7"]);
    eventually("a second later", || {
        lab.ban("sshd", "198.51.100.7");
        let bans = super::support::snapshot::bans(&lab.snapshot().server);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let left = bans[&("sshd".to_owned(), "198.51.100.7".to_owned())] - now.expect("a time").as_secs_f64();
        left > 7000.0
    });
    let before = super::support::snapshot::bans(&lab.snapshot().server);
    lab.done(&["backup", "--yes"]);
    let after = super::support::snapshot::bans(&lab.snapshot().server);
    assert_eq!(lab.client(&["get", "sshd", "bantime"]), "3600");
    let ban = ("sshd".to_owned(), "198.51.100.7".to_owned());
    assert!((before[&ban] - after[&ban]).abs() <= 2.0, "{before:?} {after:?}");
}

#[test]
fn a_start_beside_a_server_that_hangs_is_refused_before_anything_is_touched() {
    let lab = Lab::start();
    // Its socket is gone, and its process is not.
    std::fs::remove_file(lab.paths.socket()).expect("the socket");
    let run = lab.run(&["start", "--yes", "--json"]);
    run.expect(3);
    assert!(run.error().contains("fail2ban-server hangs"), "{}", run.error());
    assert_eq!(lab.phases(), Vec::<String>::new());
    kill_fail2ban(&lab);
    lab.done(&["start", "--yes"]);
}

#[test]
fn what_an_interrupted_removal_has_taken_out_already_does_not_stop_its_end() {
    let lab = Lab::start();
    lab.done(&["temp", "add", "198.51.100.50", "--for", "2h", "--yes"]);
    interrupt_at_its_record(&lab, &["temp", "remove", "198.51.100.50", "--yes"], "replaced");
    finished(&lab).expect(130, "was finished as approved");
    assert!(!lab.ignored_in("asterisk-scan").contains("198.51.100.50"));
    assert_eq!(lab.phases(), ["done", "done"]);
}

#[test]
fn jails_that_a_fail2ban_started_by_the_changes_files_lacks_come_back() {
    let lab = Lab::start();
    let before = lab.jails();
    interrupt(&lab, &["rollback", "--carry-whitelist", "--yes"], "replaced");
    kill_fail2ban(&lab);
    lab.client(&["-x", "start"]);
    eventually("fail2ban runs", || lab.jails() == ["asterisk", "sshd"]);
    lab.done(&["backup", "--yes"]);
    assert_eq!(lab.jails(), before);
    assert_eq!(lab.phases(), ["undone", "done"]);
}

#[test]
fn a_change_that_has_begun_to_go_back_is_not_offered_to_be_finished() {
    let lab = Lab::start();
    interrupt(&lab, ONBOARD, "reloaded");
    interrupt(&lab, &["backup", "--yes"], "undoing");
    let seen = lab.at_a_terminal(&ASKING, &[("What now?", "\r"), ("Run this plan", "n\r")]);
    seen.expect(130, "was undone; the host is as it was");
    assert!(!seen.shown.contains("Finish it"), "{}", seen.shown);
}
