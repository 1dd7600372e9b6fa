//! Temporary whitelist entries on a real host: set in real jails, over reloads, and ended there by themselves.

mod ends;
mod lost;
mod timers;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{self, Lab, Run, assert_same, eventually, texts};
use serde_json::{Value, json};

const GUEST: &str = "198.51.100.7";
const OTHER: &str = "198.51.100.8";
const JAILS: [&str; 2] = ["asterisk-auth", "asterisk-scan"];

/// The runbook's own question, asked of the running server.
fn in_force(lab: &Lab, ip: &str) -> Vec<String> {
    let shows = |jail: &&str| {
        let listed = lab.client(&["get", jail, "ignoreip"]);
        listed.split_whitespace().any(|word| word == ip)
    };
    ["asterisk-auth", "asterisk-scan", "sshd"]
        .into_iter()
        .filter(|jail| lab.jails().iter().any(|name| name == jail))
        .filter(shows)
        .map(str::to_owned)
        .collect()
}

fn register(lab: &Lab) -> Vec<Value> {
    let text = std::fs::read_to_string(lab.paths.state_dir().join("temp.json")).expect("the register");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value["entries"].as_array().cloned().expect("entries")
}

/// The process that ends entries, as it is written down, if it still runs.
fn ender(lab: &Lab) -> Option<i32> {
    let text = std::fs::read_to_string(lab.paths.state_dir().join("ender.pid")).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    let pid = i32::try_from(value["pid"].as_i64()?).ok()?;
    let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    let own = lab.paths.state_dir().join("ender.json");
    command.contains(own.to_str()?).then_some(pid)
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it may be ended");
}

#[test]
fn an_entry_is_in_force_in_the_asterisk_jails_alone_and_a_second_run_changes_nothing() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let planned = lab
        .done(&["--json", "temp", "add", GUEST, "--for", "1h", "--dry-run"])
        .json();
    assert_eq!(planned["outcome"], "planned");
    assert_same(&before, &lab.snapshot());
    assert_eq!(in_force(&lab, GUEST), [""; 0]);

    let done = lab
        .done(&[
            "--json",
            "temp",
            "add",
            GUEST,
            "--for",
            "1h",
            "--yes",
            "-m",
            "line is down",
        ])
        .json();
    assert_eq!(
        (&done["outcome"], &done["ender"]),
        (&json!("changed"), &json!("process"))
    );
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert_eq!(lab.jail_local(), before_bytes(&lab), "the file is not touched");
    let file = lab.paths.state_dir().join("temp.json");
    assert_eq!(
        file.metadata().expect("the register").permissions().mode() & 0o777,
        0o600
    );
    let entries = register(&lab);
    assert_eq!(entries[0]["reason"], "line is down");
    assert_eq!(
        entries[0]["until"].as_i64().unwrap() - entries[0]["since"].as_i64().unwrap(),
        3600
    );

    let again = lab.done(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"]);
    assert_eq!(again.json()["outcome"], "unchanged");
    assert_eq!(again.warnings(), ["temporary_entry"]);
    assert_eq!(register(&lab), entries);
    assert_eq!(lab.phases(), ["done"]);

    let listed = lab.done(&["--json", "temp", "list"]).json();
    let row = &listed["temporary"][0];
    assert_eq!((&row["network"], &row["ended"]), (&json!(GUEST), &json!(false)));
    assert!((3500..=3600).contains(&row["left"].as_i64().unwrap()), "{row}");
    assert_eq!(texts(&row["in_force"]), JAILS);

    let status = lab.done(&["--json", "status"]);
    let shown = status.json()["whitelist"].as_array().cloned().unwrap_or_default();
    let row = shown.iter().find(|row| row["network"] == GUEST).expect("it is shown");
    assert_eq!(row["source"], "temporary");
    assert!(row["until"].is_string(), "{row}");
    assert!(!status.warnings().contains(&"runtime_entry".to_owned()));

    lab.done(&["temp", "remove", GUEST, "--yes"]);
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    assert_eq!(register(&lab), [Value::Null; 0]);
    eventually("its process has gone", || ender(&lab).is_none());
    let gone = lab.done(&["--json", "temp", "remove", GUEST, "--yes"]);
    assert_eq!(
        (gone.json()["outcome"].as_str(), gone.warnings()),
        (Some("unchanged"), vec!["not_whitelisted".to_owned()])
    );
}

/// jail.local as the lab was made with it.
fn before_bytes(lab: &Lab) -> Vec<u8> {
    let text = lab.jail_local_text();
    assert!(!text.contains(GUEST), "{text}");
    text.into_bytes()
}

#[test]
fn an_entry_outlives_reloads_even_where_every_jail_has_it() {
    let lab = Lab::start();
    // Without sshd's jail the entry is in every jail, as one of the file is.
    lab.edit_jail_local("[sshd]\nenabled  = true", "[sshd]\nenabled  = false");
    lab.client(&["reload"]);
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.done(&["onboard", "192.0.2.0/28", "--customer", "Test Inn", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert_eq!(in_force(&lab, "192.0.2.0/28"), JAILS);
    lab.edit_jail_local("maxretry = 50", "maxretry = 60");
    let reloaded = lab.done(&["--json", "reload", "--yes"]);
    assert_eq!(reloaded.json()["outcome"], "changed");
    let kept = reloaded
        .warnings()
        .into_iter()
        .filter(|code| code == "runtime_entry_kept");
    assert_eq!(kept.count(), 1, "one for the entry, whichever jails have it");
    assert_eq!(in_force(&lab, GUEST), JAILS);
    // What was set by hand is kept as well: the files are older than the last reload, so that it is no edit.
    for jail in JAILS {
        lab.client(&["set", jail, "addignoreip", OTHER]);
    }
    lab.done(&["onboard", "192.0.2.64/28", "--customer", "Test Inn", "--yes"]);
    assert_eq!(in_force(&lab, OTHER), JAILS);
}

#[test]
fn a_process_that_was_killed_is_replaced_and_what_it_left_is_cleared_away() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    kill(ender(&lab).expect("a process"));
    eventually("it is gone", || ender(&lab).is_none());
    let listed = lab.done(&["--json", "temp", "list"]);
    assert_eq!(listed.json()["ender"], Value::Null);
    assert!(listed.warnings().contains(&"temporary_unended".to_owned()));
    lab.done(&["backup", "--yes"]);
    assert!(ender(&lab).is_some(), "any change starts it again");

    lab.done(&["temp", "add", OTHER, "--for", "1s", "--yes"]);
    kill(ender(&lab).expect("a process"));
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(in_force(&lab, OTHER), JAILS, "nobody was there to end it");
    let listed = lab.done(&["--json", "temp", "list"]);
    assert!(listed.warnings().contains(&"temporary_ended".to_owned()));
    // The same entry asked for again is no sweep; another command, that has nothing to do by itself, clears it away.
    let swept = lab
        .done(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"])
        .json();
    assert_eq!(swept["outcome"], "changed");
    assert_eq!(in_force(&lab, OTHER), [""; 0]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    let again = lab
        .done(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"])
        .json();
    assert_eq!(again["outcome"], "unchanged");
}

#[test]
fn an_entry_goes_along_with_a_rollback_and_comes_back_with_the_split() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    let until = register(&lab)[0]["until"].clone();
    let in_single = || lab.ignored_in("asterisk").contains(GUEST);

    let carried = lab.done(&["--json", "rollback", "--carry-whitelist", "--yes"]);
    assert!(carried.warnings().contains(&"temporary_jail_goes".to_owned()));
    assert!(in_single(), "{}", carried.stdout);
    let entry = &register(&lab)[0];
    assert_eq!(
        (&entry["until"], texts(&entry["jails"])),
        (
            &until,
            ["asterisk", "asterisk-auth", "asterisk-scan"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    lab.done(&["undo", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert_eq!(register(&lab)[0]["until"], until);
    // The single jail is gone, and nobody is told that it lacks the entry.
    let listed = lab.done(&["--json", "temp", "list"]).json();
    assert_eq!(texts(&listed["temporary"][0]["in_force"]), JAILS);
    assert_eq!(listed["temporary"][0]["not_in_force"], json!([]));

    lab.done(&["temp", "remove", GUEST, "--yes"]);
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    let dropped = lab.done(&["--json", "rollback", "--drop-whitelist", "--yes"]);
    assert!(dropped.warnings().contains(&"temporary_jail_goes".to_owned()));
    assert!(!in_single());
    lab.done(&["split", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    // In the jails that take it over it is ended as well.
    lab.done(&["temp", "remove", GUEST, "--yes"]);
    assert_eq!((in_force(&lab, GUEST).len(), register(&lab).len()), (0, 0));
}

#[test]
fn a_ban_is_lifted_and_kept_off_for_a_time_in_one_change() {
    let lab = Lab::start();
    for jail in ["asterisk-scan", "sshd"] {
        lab.ban(jail, GUEST);
    }
    let warned = lab.done(&["--json", "temp", "add", GUEST, "--for", "1h", "--dry-run"]);
    assert_eq!(warned.warnings(), ["still_banned"]);
    let done = lab.done(&["--json", "unban", GUEST, "--grace", "30m", "--yes"]).json();
    assert_eq!(texts(&done["unbanned"][0]["jails"]), ["asterisk-scan", "sshd"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert!(lab.banned_in("asterisk-scan").is_empty() || !lab.banned_in("asterisk-scan").contains(GUEST));
    assert!(!lab.banned_in("sshd").contains(GUEST));
    assert_eq!(lab.phases(), ["done"], "one transaction");
    let again = lab.done(&["--json", "unban", GUEST, "--grace", "30m", "--yes"]).json();
    assert_eq!(
        (&again["outcome"], texts(&again["not_banned"])),
        (&json!("unchanged"), vec![GUEST.to_owned()])
    );
}

#[test]
fn a_time_that_is_none_and_a_permanent_entry_without_a_customer_never_reach_the_host() {
    // There is no host at all: whatever connected would fail with 4. What a host has to be asked for is refused in
    // tests/planner/scripts/temporary.txt.
    let nowhere = Lab::folder_only();
    for arguments in [
        &["temp", "keep", GUEST, "--yes"][..],
        &["temp", "add", GUEST, "--for", "__import__('os')", "--yes"],
    ] {
        let host = ["-H", "root@127.0.0.1:1"];
        Run::of(nowhere.program().args(host).args(arguments)).expect(2);
    }
}

#[test]
fn an_end_that_cannot_be_made_sure_of_undoes_the_change() {
    let lab = Lab::start();
    lab.done(&["temp", "add", OTHER, "--for", "1h", "--yes"]);
    let before = (lab.snapshot(), register(&lab));
    // Where its program ought to go lies something that cannot be replaced.
    let program = lab.paths.state_dir().join("ender.json");
    std::fs::remove_file(&program).expect("the program");
    std::fs::create_dir(&program).expect("a folder in its place");
    let run = lab.run(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"]);
    run.expect(6);
    assert_eq!(register(&lab), before.1);
    assert_same(&before.0, &lab.snapshot());
    std::fs::remove_dir(&program).expect("the folder goes");
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    assert_eq!(in_force(&lab, GUEST), JAILS);
}

#[test]
fn a_register_that_was_damaged_stops_temporary_entries_and_nothing_else() {
    let lab = Lab::start();
    lab.done(&["backup", "--yes"]);
    std::fs::write(lab.paths.state_dir().join("temp.json"), "{\"entries\": [7]}").expect("the register");
    let run = lab.run(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"]);
    run.expect(3);
    assert!(run.error().contains("register"), "{}", run.error());
    lab.run(&["temp", "list"]).expect(3);
    lab.done(&["onboard", "192.0.2.0/28", "--customer", "Test Inn", "--yes"]);
}

#[test]
fn a_change_whose_agent_is_killed_leaves_register_and_jails_as_they_were() {
    let lab = Lab::start();
    lab.done(&["temp", "add", OTHER, "--for", "1h", "--yes"]);
    for phase in ["replacing", "replaced"] {
        let before = (lab.snapshot(), register(&lab));
        lab.kill_agent_in(phase);
        let run = lab.run(&["--json", "temp", "add", GUEST, "--for", "1h", "--yes"]);
        lab.usual_login();
        assert_eq!(run.code, 6, "{phase}: {} {}", run.stdout, run.stderr);
        assert_eq!(register(&lab), before.1, "{phase}");
        assert_same(&before.0, &lab.snapshot());
        assert_eq!(lab.phases().last().map(String::as_str), Some("undone"), "{phase}");
    }
}

#[test]
fn an_undo_does_not_bring_back_an_entry_that_has_ended_meanwhile() {
    let lab = Lab::start();
    lab.done(&["temp", "add", OTHER, "--for", "18s", "--yes"]);
    // The agent stops where everything is set and nothing is closed, and is then killed with its operator.
    let mark = lab.folder().join("stopped");
    lab.on_agent(&format!(
        r#"
def act(event, arguments, seen):
    closing = event == "open" and str(arguments[0]).endswith("audit.jsonl")
    if seen["phase"] == "lifting" and closing and not seen["armed"]:
        seen["armed"] = True
        with open("{}", "w") as file:
            file.write(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
"#,
        mark.display()
    ));
    let arguments = [
        "-H",
        "lab",
        "onboard",
        "192.0.2.64/28",
        "--customer",
        "Test Inn",
        "--yes",
    ];
    let mut operator = lab
        .program()
        .args(arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let agent = || std::fs::read_to_string(&mark).ok()?.parse::<i32>().ok();
    eventually("the agent has stopped", || agent().is_some());
    std::thread::sleep(Duration::from_millis(200));
    operator.kill().expect("it is killed");
    operator.wait().expect("it ends");
    kill(agent().expect("the agent"));
    lab.usual_login();
    assert_eq!(lab.phases(), ["done", "lifting"]);
    assert_eq!(
        in_force(&lab, "192.0.2.64/28"),
        ["asterisk-auth", "asterisk-scan", "sshd"]
    );
    eventually("the entry has ended", || register(&lab).is_empty());
    let run = lab.done(&["backup", "--yes"]);
    assert_eq!(
        in_force(&lab, "192.0.2.64/28"),
        [""; 0],
        "the change was undone: {}",
        run.stderr
    );
    assert_eq!(
        in_force(&lab, OTHER),
        [""; 0],
        "and the entry that ended since stays ended"
    );
}
