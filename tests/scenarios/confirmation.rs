//! A change that waits for the new login that confirms it: reports say so meanwhile, and an operator who leaves is told
//! what becomes of the change, which the record tells from one that has locked its operator out.

use std::process::{Child, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::support::{Lab, Run, eventually};

/// A change that touches the jail which watches logins.
const TUNE: &[&str] = &["-H", "lab", "--json", "tune", "sshd", "maxretry", "4", "--yes"];
/// The host takes minutes from the end of the change until it asks for the new login, or until `@GONE@` is there; the wait then goes
/// twenty times as fast.
const SLOWLY: &str = r#"
def act(event, arguments, seen):
    waits = sys.modules.get("f2bctl_agent.confirmation")
    if event == "open" and hasattr(waits, "give") and not seen["armed"]:
        seen["armed"] = True
        waits.BAN_SECONDS = 300
        class Clock:
            def monotonic(self):
                return time.monotonic() * 20
            time = staticmethod(time.time)
        waits.time = Clock()
        usual = waits.pause
        def pause(seconds):
            until = time.monotonic() + seconds
            usual(0.05)
            while time.monotonic() < until and not os.path.exists("@GONE@"):
                usual(0.05)
        waits.pause = pause
"#;

/// A change that waits, whose output is kept.
fn waiting(lab: &Lab) -> Child {
    let gone = lab.folder().join("gone");
    lab.on_agent(&SLOWLY.replace("@GONE@", &gone.display().to_string()));
    let mut program = lab.program();
    program.args(TUNE).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = program.spawn().expect("it starts");
    eventually("it waits", || {
        lab.phases().last().is_some_and(|phase| phase == "awaiting")
    });
    lab.usual_login();
    child
}

fn interrupted(lab: &Lab, child: Child) -> Run {
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("Ctrl-C");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    std::fs::write(lab.folder().join("gone"), "").expect("a file");
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// What a document says under a code, as a warning or a finding.
fn said(document: &Value, key: &str, code: &str) -> Option<String> {
    let list = document[key].as_array().cloned().unwrap_or_default();
    let found = list.iter().find(|item| item["code"] == code)?;
    found["message"].as_str().map(str::to_owned)
}

#[test]
fn while_a_change_waits_every_report_says_so_and_one_who_leaves_learns_what_becomes_of_it() {
    let lab = Lab::start();
    let before = lab.jail_local();
    let maxretry = lab.client(&["get", "sshd", "maxretry"]);
    let child = waiting(&lab);
    assert_ne!(lab.client(&["get", "sshd", "maxretry"]), maxretry);
    let reports: [(&[&str], &str); 5] = [
        (&["status"], "warnings"),
        (&["whitelist", "check", "203.0.113.7"], "warnings"),
        (&["whitelist", "list"], "warnings"),
        (&["temp", "list"], "warnings"),
        (&["recidive", "status"], "warnings"),
    ];
    for (report, key) in reports {
        let document = lab.run(&[report, &["--json"]].concat()).json();
        let told = said(&document, key, "awaiting_confirmation").unwrap_or_default();
        assert!(told.starts_with("A change of ravi@"), "{report:?}: {document}");
        assert!(told.contains(" (tune, "), "{told}");
        assert!(told.contains(" waits for confirmation by a new login until "), "{told}");
        assert!(told.contains(", else it is rolled back"), "{told}");
        assert_eq!(said(&document, key, "interrupted_change"), None, "{document}");
    }
    let shown = lab.done(&["whitelist", "check", "203.0.113.7"]);
    let all = format!("{}{}", shown.stdout, shown.stderr);
    assert!(all.contains("waits for confirmation"), "{all}");

    let run = interrupted(&lab, child);
    run.expect(130);
    let document = run.json();
    let id = document["change_id"]
        .as_str()
        .expect("the change's identifier")
        .to_owned();
    let told = run.error();
    assert!(
        told.contains(&id) && told.contains("rolls it back automatically"),
        "{told}"
    );
    eventually("it is rolled back", || {
        lab.phases().last().is_some_and(|phase| phase == "undone")
    });
    assert_eq!(lab.jail_local(), before);
    assert_eq!(lab.client(&["get", "sshd", "maxretry"]), maxretry);
    let outcome = lab.audit_of("outcome").pop().expect("a record");
    assert_eq!(outcome["change_id"], id.as_str());
    let why = outcome["failure"].as_str().unwrap_or_default();
    assert!(why.contains("the operator left"), "{outcome}");
    assert!(!why.contains("locked its operator out"), "{outcome}");
    let status = lab.done(&["status", "--json"]).json();
    assert_eq!(said(&status, "warnings", "awaiting_confirmation"), None);
}

/// The connection stays and no new login comes: that may be the change's doing, and the record says so.
#[test]
fn who_stays_and_cannot_log_in_again_may_be_locked_out() {
    let lab = Lab::start();
    let child = waiting(&lab);
    // No login comes through any more.
    lab.on_login("exec cat >/dev/null");
    std::fs::write(lab.folder().join("gone"), "").expect("a file");
    eventually("it is rolled back", || {
        lab.phases().last().is_some_and(|phase| phase == "undone")
    });
    lab.usual_login();
    let Output { status, stdout, .. } = child.wait_with_output().expect("it ends");
    assert_eq!(status.code(), Some(6), "{}", String::from_utf8_lossy(&stdout));
    let outcome = lab.audit_of("outcome").pop().expect("a record");
    let why = outcome["failure"].as_str().unwrap_or_default();
    assert!(why.contains("may have locked its operator out"), "{outcome}");
    assert!(!why.contains("the operator left"), "{outcome}");
}

#[test]
fn one_who_leaves_before_the_wait_learns_what_becomes_of_the_change() {
    let lab = Lab::start();
    let done = lab.folder().join("gone");
    let waits = format!(
        "test \"$3\" = reload && until test -e {}; do sleep 0.1; done",
        done.display()
    );
    lab.on_client(&waits);
    let mut program = lab.program();
    program.args(["-H", "lab"]).args(super::ONBOARD);
    let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it starts");
    eventually("it reloads", || {
        lab.phases().last().is_some_and(|phase| phase == "reloading")
    });
    let status = lab.done(&["status", "--json"]).json();
    let told = said(&status, "warnings", "change_under_way").unwrap_or_default();
    assert!(
        told.contains("onboard") && told.contains("is being made at this moment"),
        "{status}"
    );
    let run = interrupted(&lab, child);
    run.expect(130);
    let id = run.json()["change_id"]
        .as_str()
        .expect("the change's identifier")
        .to_owned();
    assert!(
        run.error().contains(&format!(
            "change {id} continues on the host, which completes it or rolls it back"
        )),
        "{}",
        run.error()
    );
    eventually("it is done", || {
        lab.phases().last().is_some_and(|phase| phase == "done")
    });
}
