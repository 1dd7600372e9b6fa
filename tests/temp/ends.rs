//! The end of a temporary entry, on the host alone: it comes whatever happens at that moment, it comes once, and it takes
//! out nothing that has another reason to stand.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde_json::Value;

use super::support::{Lab, eventually};
use super::{GUEST, JAILS, OTHER, ender, in_force, kill, register};

/// Runs the process that brings the ends with a clock which is ahead of the host's by the seconds in a file. It looks at
/// the clock every tenth of a second; that the real one does so every ten seconds at most is asked of it.
const CLOCK: &str = r#"
import json, sys, time
state, ahead = sys.argv[1:3]
program = json.load(open(state + "/ender.json"))
modules, host = program["modules"], program["host"]
exec(compile(modules["boot"].partition("if \"entrance\"")[0], "boot", "exec"), {"modules": modules})
from f2bctl_agent import ending
assert ending.LONGEST_SLEEP_SECONDS <= 10
ending.LONGEST_SLEEP_SECONDS = 0.1
class Clock:
    strftime, localtime = time.strftime, time.localtime
    def time(self):
        return time.time() + int(open(ahead).read() or 0)
ending.time = Clock()
ending.run(host, "stay")
"#;

/// The records of ends, in their order.
fn ended(lab: &Lab) -> Vec<Value> {
    let mut records = lab.audit_lines();
    records.retain(|record| record["command"] == "temp end");
    records
}

/// The one record of an entry's end.
fn end_of(lab: &Lab, entry: &str) -> String {
    let records = ended(lab);
    let mut own = records.iter().filter(|record| record["arguments"][0] == entry);
    let record = own.next().expect("it is recorded");
    assert!(own.next().is_none(), "once: {records:?}");
    record["summary"].as_str().expect("a sentence").to_owned()
}

/// Waits until the entry's moment has passed, and whoever brings the end had time to notice.
fn until_it_is_due(lab: &Lab) {
    let until = register(lab)[0]["until"].as_i64().expect("its end");
    eventually("its moment has passed", || chrono::Utc::now().timestamp() > until);
    std::thread::sleep(Duration::from_millis(500));
}

/// Such a process, in place of the one that the program has started.
struct OtherClock {
    child: Child,
    ahead: PathBuf,
}

impl OtherClock {
    fn start(lab: &Lab) -> Self {
        kill(ender(lab).expect("the process"));
        let ahead = lab.folder().join("ahead");
        std::fs::write(&ahead, "0").expect("a file");
        let child = Command::new("/usr/bin/python3")
            .args(["-I", "-c", CLOCK])
            .args([&lab.paths.state_dir(), &ahead])
            .stdin(Stdio::null())
            .spawn()
            .expect("python3");
        Self { child, ahead }
    }

    fn is_set_to(&self, seconds: i64) {
        let next = self.ahead.with_extension("next");
        std::fs::write(&next, seconds.to_string()).expect("a file");
        std::fs::rename(next, &self.ahead).expect("the clock is set");
    }
}

impl Drop for OtherClock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_end_comes_by_itself_and_is_recorded() {
    let lab = Lab::start();
    lab.done(&["temp", "add", OTHER, "--for", "1h", "--yes"]);
    let process = ender(&lab).expect("a process");
    // Its end is nearer than that for which the process sleeps.
    lab.done(&["temp", "add", GUEST, "--for", "2s", "--yes"]);
    assert_eq!(ender(&lab), Some(process), "one process for all entries");
    lab.edit_jail_local("maxretry = 50", "maxretry = 60");
    lab.done(&["reload", "--yes"]);
    eventually("it has ended", || in_force(&lab, GUEST).is_empty());
    eventually("that is recorded", || {
        lab.audit_lines().iter().any(|record| record["command"] == "temp end")
    });
    let record = lab
        .audit_lines()
        .into_iter()
        .find(|record| record["command"] == "temp end")
        .expect("the record");
    assert_eq!(record["operator"], "f2bctl on the host");
    assert!(
        record["summary"]
            .as_str()
            .is_some_and(|text| text.contains("asterisk-auth, asterisk-scan")),
        "{record}"
    );
    assert_eq!(in_force(&lab, OTHER), JAILS);
    assert_eq!(register(&lab).len(), 1);
    lab.done(&["audit", "verify"]);
    let history = lab.done(&["--json", "history"]).json();
    let ended = history["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|entry| entry["command"] == "temp end");
    assert!(ended, "{history}");
}

#[test]
fn an_end_that_was_moved_and_an_entry_that_was_kept_stay() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, OTHER, "--for", "15s", "--yes"]);
    let end = register(&lab)[0]["until"].as_i64().expect("its end");
    lab.done(&["temp", "extend", GUEST, "--for", "1h", "--yes"]);
    let kept = lab
        .done(&[
            "--json",
            "temp",
            "keep",
            OTHER,
            "--customer",
            "Blue Lotus Hotels",
            "--yes",
        ])
        .json();
    assert!(
        kept["backup"].as_str().is_some_and(|path| path.ends_with("-temp-keep")),
        "{kept}"
    );
    assert!(lab.jail_local_text().contains("# 198.51.100.8 | Blue Lotus Hotels |"));
    // The first end has to pass, and the process that brings it has to have seen that.
    eventually("the first end has passed", || chrono::Utc::now().timestamp() > end + 1);
    assert_eq!(in_force(&lab, GUEST), JAILS);
    assert_eq!(in_force(&lab, OTHER), ["asterisk-auth", "asterisk-scan", "sshd"]);
    assert_eq!(register(&lab).len(), 1);
    let again = lab.done(&[
        "--json",
        "temp",
        "keep",
        OTHER,
        "--customer",
        "Blue Lotus Hotels",
        "--yes",
    ]);
    assert_eq!(again.json()["outcome"], "unchanged");
    // A nearer end is no extension.
    let nearer = lab.done(&["--json", "temp", "extend", GUEST, "--for", "10m", "--yes"]);
    assert_eq!(nearer.json()["outcome"], "unchanged");
    let permanent = lab.done(&["--json", "temp", "add", OTHER, "--for", "1h", "--yes"]);
    assert_eq!(permanent.json()["outcome"], "unchanged");
    assert_eq!(permanent.warnings(), ["already_whitelisted"]);
    let refused = lab.run(&["--json", "temp", "remove", OTHER, "--yes"]);
    refused.expect(3);
    assert!(refused.error().contains("jail.local"), "{}", refused.error());
}

#[test]
fn an_entry_that_a_file_gives_meanwhile_is_not_taken_out_at_its_end() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "2s", "--yes"]);
    lab.edit_jail_local("198.51.100.128/28\n", "198.51.100.128/28 198.51.100.7\n");
    let by_hand = lab.jail_local_text();
    assert!(
        by_hand.contains("ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28 198.51.100.7"),
        "{by_hand}"
    );
    lab.client(&["reload"]);
    eventually("the register is empty", || register(&lab).is_empty());
    assert_eq!(in_force(&lab, GUEST), ["asterisk-auth", "asterisk-scan", "sshd"]);
}

#[test]
fn a_clock_that_is_set_forward_ends_what_is_due_by_it_and_one_that_is_set_back_does_not() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.done(&["temp", "add", OTHER, "--for", "5h", "--yes"]);
    let mut clock = OtherClock::start(&lab);
    clock.is_set_to(-86_400);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!((in_force(&lab, GUEST).len(), register(&lab).len()), (2, 2));
    clock.is_set_to(2 * 3600);
    eventually("the one that is due has ended", || register(&lab).len() == 1);
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    assert_eq!(in_force(&lab, OTHER), JAILS);
    clock.is_set_to(6 * 3600);
    eventually("the other one as well", || register(&lab).is_empty());
    assert!(clock.child.wait().expect("with none left it ends").success());
    assert_eq!(ended(&lab).len(), 2);
}

#[test]
fn two_ends_at_the_same_second_are_brought_together_and_recorded_each() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, OTHER, "2001:db8::7", "--for", "2s", "--yes"]);
    let ends: Vec<Value> = register(&lab).iter().map(|entry| entry["until"].clone()).collect();
    assert!(ends.len() == 3 && ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    eventually("all have ended", || register(&lab).is_empty());
    for entry in [GUEST, OTHER, "2001:db8::7"] {
        assert_eq!(in_force(&lab, entry), [""; 0]);
        eventually("that is recorded", || {
            ended(&lab).iter().any(|record| record["arguments"][0] == entry)
        });
        assert!(
            end_of(&lab, entry).contains("in asterisk-auth, asterisk-scan"),
            "{}",
            end_of(&lab, entry)
        );
    }
    eventually("the process has gone", || ender(&lab).is_none());
    lab.done(&["audit", "verify"]);
}

#[test]
fn an_end_waits_for_a_change_that_holds_the_lock_and_comes_right_behind_it() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "2s", "--yes"]);
    let change = lab.lock_file();
    flock(&change, FlockOperation::LockExclusive).expect("the lock");
    until_it_is_due(&lab);
    assert_eq!(in_force(&lab, GUEST), JAILS, "nobody else moves the jails meanwhile");
    assert_eq!((register(&lab).len(), ended(&lab).len()), (1, 0));
    drop(change);
    eventually("it has ended", || register(&lab).is_empty());
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
}

#[test]
fn an_end_in_a_jail_that_was_stopped_comes_in_the_others() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "3s", "--yes"]);
    lab.client(&["stop", "asterisk-scan"]);
    eventually("it has ended", || register(&lab).is_empty());
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    eventually("that is recorded", || !ended(&lab).is_empty());
    let told = end_of(&lab, GUEST);
    assert!(
        told.contains("in asterisk-auth:") && !told.contains("asterisk-scan"),
        "{told}"
    );
    lab.client(&["reload"]);
    assert_eq!(in_force(&lab, GUEST), [""; 0], "the jail comes back without it");
    assert_eq!(lab.jails().len(), 3);
}

#[test]
fn an_end_while_fail2ban_is_down_needs_no_fail2ban() {
    for killed in [false, true] {
        let lab = Lab::start();
        lab.done(&["temp", "add", GUEST, "--for", "2s", "--yes"]);
        if killed {
            // Its socket stays behind, on which nobody listens.
            let pid = std::fs::read_to_string(lab.paths.fail2ban_pid()).expect("its number");
            kill(pid.trim().parse().expect("a number"));
        } else {
            lab.stop_fail2ban();
        }
        eventually("it has ended", || register(&lab).is_empty());
        eventually("that is recorded", || !ended(&lab).is_empty());
        assert!(
            end_of(&lab, GUEST).contains("in force nowhere"),
            "{}",
            end_of(&lab, GUEST)
        );
        lab.done(&["start", "--yes"]);
        assert_eq!(in_force(&lab, GUEST), [""; 0]);
    }
}

#[test]
fn an_end_whose_register_cannot_be_read_is_tried_again() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "4s", "--yes"]);
    // The end must not come while the register is replaced.
    let file = lab.paths.state_dir().join("temp.json");
    let text = std::fs::read(&file).expect("the register");
    std::fs::remove_file(&file).expect("it goes");
    std::fs::create_dir(&file).expect("a folder in its place");
    std::thread::sleep(Duration::from_millis(4500));
    assert_eq!(ended(&lab).len(), 0);
    assert!(ender(&lab).is_some(), "it does not give up");
    std::fs::remove_dir(&file).expect("the folder goes");
    std::fs::write(&file, text).expect("the register is there again");
    eventually("it has ended", || register(&lab).is_empty());
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    end_of(&lab, GUEST);
}

#[test]
fn an_end_that_cannot_be_recorded_comes_in_time_and_is_recorded_later() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "2s", "--yes"]);
    let (trail, aside) = (lab.paths.state_dir().join("audit.jsonl"), lab.folder().join("aside"));
    std::fs::rename(&trail, &aside).expect("the trail goes");
    std::fs::create_dir(&trail).expect("a folder in its place");
    eventually("it has ended", || in_force(&lab, GUEST).is_empty());
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(register(&lab).len(), 1, "until it is recorded it is not forgotten");
    std::fs::remove_dir(&trail).expect("the folder goes");
    std::fs::rename(&aside, &trail).expect("the trail is there again");
    eventually("that is recorded", || register(&lab).is_empty());
    assert!(
        end_of(&lab, GUEST).contains("in asterisk-auth, asterisk-scan:"),
        "{}",
        end_of(&lab, GUEST)
    );
    lab.done(&["audit", "verify"]);
}

/// It may wait for a lock that this version does not wait for, or end entries in a way that has been repaired since.
#[test]
fn a_process_of_another_version_is_replaced_by_the_next_change() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    let older = ender(&lab).expect("the process");
    lab.done(&["backup", "--yes"]);
    assert_eq!(ender(&lab), Some(older), "one of the same version stays");
    let program = lab.paths.state_dir().join("ender.json");
    let text = std::fs::read_to_string(&program).expect("the program");
    let other = text.replacen("\"modules\": {", "\"modules\": {\"older\": \"\", ", 1);
    assert_ne!(other, text);
    std::fs::write(&program, other).expect("the program");
    lab.done(&["backup", "--yes"]);
    let newer = ender(&lab).expect("a process");
    assert_ne!(newer, older);
    eventually("the older one has ended", || {
        let state = std::fs::read_to_string(format!("/proc/{older}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    });
    assert_eq!(std::fs::read_to_string(&program).expect("the program"), text);
}

#[test]
fn a_change_that_finds_nobody_to_bring_the_ends_says_so() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    kill(ender(&lab).expect("the process"));
    // Where its program ought to go lies something that cannot be replaced.
    let program = lab.paths.state_dir().join("ender.json");
    std::fs::remove_file(&program).expect("the program");
    std::fs::create_dir(&program).expect("a folder in its place");
    let run = lab.done(&["--json", "backup", "--yes"]);
    assert_eq!(run.json()["outcome"], "changed");
    assert!(run.warnings().contains(&"unended".to_owned()), "{}", run.stdout);
    std::fs::remove_dir(&program).expect("the folder goes");
    let run = lab.done(&["--json", "backup", "--yes"]);
    assert!(!run.warnings().contains(&"unended".to_owned()), "{}", run.stdout);
    assert!(ender(&lab).is_some());
}
