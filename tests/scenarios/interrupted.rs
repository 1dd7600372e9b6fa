//! A change whose agent, connection or operator is gone in the middle: the host is never left in between for good.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;

use super::ONBOARD;
use super::support::snapshot::assert_put_back;
use super::support::{Lab, Run, eventually};

/// An onboard whose agent is killed when this phase is durable, and whose operator's machine dies with it.
pub fn interrupted_in(phase: &str) -> Lab {
    let lab = Lab::start();
    interrupt(&lab, ONBOARD, phase);
    lab
}

/// The same of any change: agent and operator are killed in this phase, and the next login is a usual one.
pub fn interrupt(lab: &Lab, change: &[&str], phase: &str) {
    lab.kill_agent_in(phase);
    let mut run = lab
        .program()
        .args(["-H", "lab"])
        .args(change)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    eventually("the change has come so far", || {
        lab.phases().last().map(String::as_str) == Some(phase)
    });
    // Nobody follows it up: neither this login again nor any other.
    run.kill().expect("killed");
    run.wait().expect("waited");
    lab.usual_login();
}

/// Reports warn and change nothing, a change without approval stops, and the next one with `--yes` undoes and goes on.
fn settled_by_the_next_run(phase: &str) {
    let lab = interrupted_in(phase);
    // The operator's own follow-up may have been quicker than the kill; then there is nothing left to settle.
    assert_eq!(lab.phases(), [phase], "recovered already");
    let left = lab.snapshot();

    let status = lab.run(&["status", "--json"]);
    assert!(
        status.expect(0).warnings().contains(&"interrupted_change".to_owned()),
        "{}",
        status.stdout
    );
    let dry: Vec<&str> = ONBOARD
        .iter()
        .map(|word| if *word == "--yes" { "--dry-run" } else { *word })
        .collect();
    assert!(
        lab.run(&dry)
            .expect(0)
            .warnings()
            .contains(&"interrupted_change".to_owned())
    );
    let unapproved: Vec<&str> = ONBOARD.iter().copied().filter(|word| *word != "--yes").collect();
    assert!(lab.run(&unapproved).expect(2).error().contains("recovered first"));
    super::support::assert_same(&left, &lab.snapshot());

    let run = lab.done(ONBOARD);
    assert!(
        run.warnings().contains(&"interrupted_change_settled".to_owned()),
        "{}",
        run.stdout
    );
    assert_eq!(lab.phases(), ["undone", "done"]);
    assert_eq!(
        lab.jail_local_text().matches("192.0.2.0/28").count(),
        2,
        "{}",
        lab.jail_local_text()
    );
    for jail in lab.jails() {
        assert!(lab.ignored_in(&jail).contains("192.0.2.0/28"));
        assert!(!lab.banned_in(&jail).contains("192.0.2.10"));
    }
    let strays: Vec<_> = lab
        .snapshot()
        .files
        .into_keys()
        .filter(|name| name.to_string_lossy().contains("f2bctl"))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
    lab.done(&["audit", "verify"]);
}

#[test]
fn killed_before_anything_was_touched() {
    settled_by_the_next_run("prepared");
}

#[test]
fn killed_before_the_rename() {
    settled_by_the_next_run("replacing");
}

#[test]
fn killed_before_the_reload() {
    settled_by_the_next_run("replaced");
}

#[test]
fn killed_before_the_proof() {
    settled_by_the_next_run("reloaded");
}

#[test]
fn an_undo_brings_back_the_bans_that_were_lifted() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // The last thing before the phase "done" is the outcome's record: all bans are lifted by then.
    lab.on_agent(
        r#"
def act(event, arguments, seen):
    if seen["phase"] == "lifting" and event == "open" and str(arguments[0]).endswith("audit.jsonl"):
        die()
"#,
    );
    // The connection is lost with the agent; the follow-up finds the change open and undoes it.
    let run = lab.run(ONBOARD);
    run.expect(6);
    assert_eq!(run.json()["outcome"], json!("restored"));
    assert_put_back(&before, &lab.snapshot());
    assert_eq!(lab.phases(), ["undone"]);
}

#[test]
fn killed_agents_are_followed_up_at_once() {
    let lab = Lab::start();
    let before = lab.snapshot();
    lab.kill_agent_in("replaced");
    let run = lab.run(ONBOARD);
    run.expect(6);
    assert!(run.error().contains("interrupted in phase replaced"), "{}", run.error());
    assert_put_back(&before, &lab.snapshot());
    lab.usual_login();
    lab.done(ONBOARD);
}

#[test]
fn a_cut_connection_does_not_stop_the_host_and_the_outcome_is_found() {
    let lab = Lab::start();
    // The parent of the agent is the session's sshd.
    lab.on_client(
        "if [ \"$3\" = reload ]; then read -r line < /proc/$PPID/stat; set_aside=\"$*\"; line=${line##*) }\n\
         line=${line#* }; kill -9 ${line%% *}; touch $here/cut; sleep 0.5; fi",
    );
    let run = lab.run(&ONBOARD[..ONBOARD.len() - 1]);
    run.expect(0);
    assert!(lab.folder().join("client/cut").exists());
    assert!(run.stderr.contains("logging in again"), "{}", run.stderr);
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
    assert_eq!(lab.phases(), ["done"]);
    let outcomes = lab.local_audit_lines();
    assert_eq!(outcomes.last().expect("a record")["outcome"], json!("changed"));
}

#[test]
fn a_change_that_goes_on_for_longer_than_the_host_is_tried_is_waited_for() {
    let lab = Lab::start();
    // The connection is lost at the reload, which then takes longer than the 30 s for which a silent host is tried.
    lab.on_client(
        "if [ \"$3\" = reload ]; then read -r line < /proc/$PPID/stat; line=${line##*) }\n\
         line=${line#* }; kill -9 ${line%% *}; sleep 34; fi",
    );
    let run = lab.run(&ONBOARD[..ONBOARD.len() - 1]);
    run.expect(0);
    assert!(run.stderr.contains("still works on the change"), "{}", run.stderr);
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
    assert_eq!(lab.phases(), ["done"]);
}

#[test]
fn an_outcome_that_nobody_can_be_asked_about_is_exit_7() {
    let lab = Lab::start();
    let once = lab.folder().join("once");
    lab.on_client("if [ \"$3\" = reload ]; then read -r line < /proc/$PPID/stat; line=${line##*) }; line=${line#* }\nkill -9 ${line%% *}; fi");
    lab.on_login(&format!("[ -e {0} ] && exit 1; touch {0}; run", once.display()));
    let run: Run = lab.run(ONBOARD);
    run.expect(7);
    let document = run.json();
    assert_eq!(document["outcome"], json!("unknown"));
    assert!(!document["error"]["hints"].as_array().expect("hints").is_empty());
    // The host has brought it to its end by itself.
    lab.usual_login();
    eventually("the host has ended it", || lab.phases() == ["done"]);
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
    assert!(lab.done(ONBOARD).json()["outcome"] == json!("unchanged"));
}

#[test]
fn what_a_refused_change_could_not_remove_is_named_and_the_next_run_removes_it() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // The configuration's file system turns read-only when the new jail.local is written; the journal's does not.
    lab.on_agent(
        r#"
def act(event, arguments, seen):
    if event == "os.chmod" and seen["phase"] == "prepared":
        seen["files"] = seen.get("files", 0) + 1
        seen["armed"] = seen["files"] == 2
        if seen["armed"]:
            raise OSError(30, "Read-only file system")
    if seen["armed"] and event == "os.remove" and "jail.local" in str(arguments[0]):
        raise OSError(30, "Read-only file system")
"#,
    );
    let run = lab.run(ONBOARD);
    run.expect(3);
    let left = [lab.backups(), temporaries(&lab)].concat();
    assert!(left.len() >= 2, "{left:?}");
    for path in &left {
        assert!(run.error().contains(&path.display().to_string()), "{}", run.error());
    }
    assert_eq!(lab.phases(), ["prepared"]);

    lab.usual_login();
    let run = lab.done(&["backup", "--label", "settle", "--yes", "--json"]);
    assert!(run.warnings().contains(&"interrupted_change_settled".to_owned()));
    assert_eq!(temporaries(&lab), Vec::<PathBuf>::new());
    let backups = lab.backups();
    assert_eq!(backups.len(), 1, "{backups:?}");
    std::fs::remove_file(&backups[0]).expect("the new backup");
    assert_put_back(&before, &lab.snapshot());
}

/// Files beside jail.local that a change writes before it replaces anything.
fn temporaries(lab: &Lab) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(lab.paths.config_dir()).expect("the configuration");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_ours = |path: &PathBuf| path.to_string_lossy().contains("/.jail.local.f2bctl-");
    paths.filter(is_ours).collect()
}
