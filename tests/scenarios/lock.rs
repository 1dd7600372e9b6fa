//! Another holds the host's lock: the second operator is told at once that he waits and for whom, goes on when it is
//! free, and ends in conflict (5) when it stays held. Nobody is named who does not hold it.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Instant;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::ONBOARD;
use super::support::{Lab, eventually};

/// In the agent, the lock's own clock goes sixty times as fast: a minute's wait ends within a second.
const HURRIED: &str = r#"
def act(event, arguments, seen):
    lock = sys.modules.get("f2bctl_agent.lock")
    if event == "open" and hasattr(lock, "acquire") and not seen["armed"]:
        seen["armed"] = True
        class Hurried:
            monotonic = staticmethod(lambda: time.monotonic() * 60)
            sleep, time, strftime, localtime = time.sleep, time.time, time.strftime, time.localtime
        lock.time = Hurried
"#;
/// The agent stops in the middle of its change, as one does whose machine is suspended.
const STOPPED: &str = r#"
def act(event, arguments, seen):
    if seen["phase"] == "replaced" and not seen["armed"]:
        seen["armed"] = True
        with open("@MARK@", "w") as file:
            file.write(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
"#;

/// A process that is none of f2bctl's, which is this one, holds the lock.
fn held_by_a_stranger(lab: &Lab) -> File {
    let folder = File::open(lab.paths.config_dir()).expect("the configuration");
    flock(&folder, FlockOperation::LockExclusive).expect("the lock");
    folder
}

/// How such a holder is told of: by what the kernel knows.
fn stranger() -> String {
    let name = std::fs::read_to_string("/proc/self/comm").expect("a name");
    let name = name.trim();
    format!("process {} ({name}) has not said who it is", std::process::id())
}

/// The words that somebody left who was killed: a process number that nobody has.
fn leave_words_of_the_dead(lab: &Lab) {
    let most: u32 = std::fs::read_to_string("/proc/sys/kernel/pid_max")
        .expect("a number")
        .trim()
        .parse()
        .expect("a number");
    let words = json!({"operator": "mia", "command": "tune", "since": 1_700_000_000, "pid": most});
    std::fs::create_dir_all(lab.paths.state_dir()).expect("the state directory");
    std::fs::write(lab.paths.state_dir().join("lock.json"), words.to_string()).expect("lock.json");
}

/// A second operator's onboard, whose talk goes to a file.
fn second_operator(lab: &Lab) -> Child {
    let talk = File::create(lab.folder().join("talk")).expect("a file");
    let mut program = lab.program();
    program
        .args(["-H", "lab"])
        .args(ONBOARD)
        .stdout(Stdio::null())
        .stderr(talk);
    program.spawn().expect("it starts")
}

fn talk(lab: &Lab) -> String {
    std::fs::read_to_string(lab.folder().join("talk")).unwrap_or_default()
}

#[test]
fn who_waits_for_a_stranger_is_told_which_process_it_is_and_goes_on_when_it_ends() {
    let lab = Lab::start();
    let held = held_by_a_stranger(&lab);
    let mut waiting = second_operator(&lab);
    let told = format!("Waiting for another change: {}.", stranger());
    eventually("the wait is told", || talk(&lab).contains(&told));
    assert!(waiting.try_wait().expect("its state").is_none(), "{}", talk(&lab));
    drop(held);
    let code = waiting.wait().expect("it ends").code();
    assert_eq!(code, Some(0), "{}", talk(&lab));
    assert_eq!(
        talk(&lab).matches("Waiting for").count(),
        1,
        "once for one holder: {}",
        talk(&lab)
    );
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
}

#[test]
fn a_lock_that_stays_held_is_a_conflict_and_no_dead_holder_is_named() {
    for leave in [|_: &Lab| (), leave_words_of_the_dead] {
        let lab = Lab::start();
        leave(&lab);
        let before = lab.snapshot();
        let _held = held_by_a_stranger(&lab);
        lab.on_agent(HURRIED);
        let began = Instant::now();
        let run = lab.run(ONBOARD);
        run.expect(5);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
        let document = run.json();
        assert_eq!(document["outcome"], json!("conflict"));
        assert!(run.error().contains(&stranger()), "{}", run.error());
        assert!(run.stderr.contains(&stranger()), "{}", run.stderr);
        assert!(
            !run.stderr.contains("mia") && !run.stdout.contains("mia"),
            "{}",
            run.stderr
        );
        assert!(
            document["error"]["hints"][0]
                .as_str()
                .is_some_and(|hint| hint.contains("try again"))
        );
        super::support::assert_same(&before, &lab.snapshot());
        assert_eq!(lab.audit_of("attempt").len(), 1);
    }
}

#[test]
fn a_report_and_a_dry_run_wait_for_nobody() {
    let lab = Lab::start();
    let _held = held_by_a_stranger(&lab);
    leave_words_of_the_dead(&lab);
    let began = Instant::now();
    lab.done(&["status", "--json"]);
    let mut dry = ONBOARD.to_vec();
    dry.retain(|word| *word != "--yes");
    dry.push("--dry-run");
    lab.done(&dry);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn a_holder_that_stands_still_is_named_and_what_it_leaves_is_settled_when_it_dies() {
    let lab = Lab::start();
    let mark = lab.folder().join("stopped");
    lab.on_agent(&STOPPED.replace("@MARK@", &mark.display().to_string()));
    let mut first = second_operator(&lab);
    let agent = || std::fs::read_to_string(&mark).ok()?.parse::<i32>().ok();
    eventually("the first agent has stopped", || agent().is_some());
    first.kill().expect("its operator's machine dies");
    first.wait().expect("it ends");
    lab.usual_login();
    let mut second = second_operator(&lab);
    eventually("the wait is told", || {
        let talk = talk(&lab);
        talk.contains("Waiting for another change: ravi@") && talk.contains(" runs onboard since ")
    });
    kill_process(
        Pid::from_raw(agent().expect("a process")).expect("a process"),
        Signal::KILL,
    )
    .expect("it dies");
    assert_eq!(second.wait().expect("it ends").code(), Some(0), "{}", talk(&lab));
    assert_eq!(lab.phases(), ["undone", "done"]);
    assert!(!lab.paths.state_dir().join("lock.json").exists());
    lab.done(&["audit", "verify"]);
}
