//! Another holds the host's lock: the second operator is told at once that he waits and for whom, goes on when it is
//! free, and ends in conflict (5) when it stays held. Nobody is named who does not hold it. Only root can hold it; what
//! others lock keeps nobody out.

use std::fs::File;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::ONBOARD;
use super::support::{Lab, eventually, is_root};

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
    let held = lab.lock_file();
    flock(&held, FlockOperation::LockExclusive).expect("the lock");
    held
}

/// How such a holder is told of: by what the kernel knows.
fn stranger() -> String {
    let name = std::fs::read_to_string("/proc/self/comm").expect("a name");
    let name = name.trim();
    format!("process {} ({name}) did not identify itself", std::process::id())
}

/// The words that somebody left who was killed: a process number that nobody has.
fn leave_words_of_the_dead(lab: &Lab) {
    let most: u32 = std::fs::read_to_string("/proc/sys/kernel/pid_max")
        .expect("a number")
        .trim()
        .parse()
        .expect("a number");
    let words = json!({"operator": "mia", "command": "tune", "since": 1_700_000_000, "pid": most});
    lab.make_state_dir();
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
fn who_waits_for_a_stranger_is_shown_which_process_it_is_and_goes_on_when_it_ends() {
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
fn a_holder_that_stands_still_is_named_and_what_it_leaves_is_recovered_when_it_dies() {
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

/// Holds the lock on the configuration directory, says so in a file, and waits to be ended. With a user it is that user's,
/// and its folder in /proc is root's all the same, as that of every process is which may not be dumped.
const LOCKER: &str = r#"
import ctypes, fcntl, os, sys, time
folder = os.open(sys.argv[1], os.O_RDONLY)
if sys.argv[3] != "0":
    os.setresuid(*[int(sys.argv[3])] * 3)
    ctypes.CDLL(None).prctl(4, 0)
fcntl.flock(folder, fcntl.LOCK_EX)
print(flush=True)
time.sleep(600)
"#;
/// Nobody's number on Debian.
const NOBODY: &str = "65534";

/// Such a process, which is ended with the test.
struct Locker(Child);

impl Locker {
    /// `mark` stands in its command line.
    fn start(lab: &Lab, mark: &str, user: &str) -> Self {
        let mut child = Command::new("/usr/bin/python3")
            .args(["-I", "-c", LOCKER])
            .arg(lab.paths.config_dir())
            .args([mark, user])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut byte = [0];
        let stdout = child.stdout.as_mut().expect("its output");
        std::io::Read::read_exact(stdout, &mut byte).expect("it has the lock");
        Self(child)
    }

    /// How it is named.
    fn name(&self) -> String {
        format!("process {} (python3)", self.0.id())
    }
}

impl Drop for Locker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a document's warning of this code says.
fn warned(run: &super::support::Run, code: &str) -> String {
    let document = run.json();
    let warnings = document["warnings"].as_array().cloned().unwrap_or_default();
    let found = warnings.iter().find(|warning| warning["code"] == code);
    found.map_or_else(String::new, |warning| {
        warning["message"].as_str().unwrap_or_default().to_owned()
    })
}

#[test]
fn a_local_user_who_locks_the_configuration_keeps_nobody_out_and_is_named() {
    let lab = Lab::start();
    // Of this login's own user without root, else of another one.
    let user = if is_root() { NOBODY } else { "0" };
    let locker = Locker::start(&lab, "", user);
    let began = Instant::now();
    let run = lab.done(ONBOARD);
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert_eq!(run.json()["outcome"], "changed");
    let mut name = locker.name();
    if is_root() {
        name += " of user nobody (uid 65534)";
    }
    assert!(warned(&run, "foreign_lock").contains(&name), "{}", run.stdout);
    let status = lab.done(&["status", "--json"]);
    assert!(warned(&status, "foreign_lock").contains(&name), "{}", status.stdout);
    // What ends a temporary entry waits for the same lock, and for nobody else's either.
    lab.done(&["temp", "add", "198.51.100.7", "--for", "2s", "--yes"]);
    eventually("its end is recorded", || {
        lab.audit_lines().iter().any(|record| record["command"] == "temp end")
    });
    drop(locker);
    let status = lab.done(&["status", "--json"]);
    assert_eq!(warned(&status, "foreign_lock"), "");
}

#[test]
fn an_f2bctl_that_knows_the_older_lock_alone_is_waited_for() {
    let lab = Lab::start();
    let older = Locker::start(&lab, "f2bctl_agent", "0");
    let mut waiting = second_operator(&lab);
    let told = format!("Waiting for another change: {} did not identify itself.", older.name());
    eventually("the wait is told", || talk(&lab).contains(&told));
    assert!(waiting.try_wait().expect("its state").is_none(), "{}", talk(&lab));
    let status = lab.done(&["status", "--json"]);
    assert_eq!(warned(&status, "foreign_lock"), "");
    drop(older);
    assert_eq!(waiting.wait().expect("it ends").code(), Some(0), "{}", talk(&lab));
}

#[test]
fn a_change_holds_both_locks_so_that_an_older_f2bctl_waits_for_it() {
    let lab = Lab::start();
    let mark = lab.folder().join("stopped");
    lab.on_agent(&STOPPED.replace("@MARK@", &mark.display().to_string()));
    let mut first = second_operator(&lab);
    let agent = || std::fs::read_to_string(&mark).ok()?.parse::<i32>().ok();
    eventually("the agent has stopped", || agent().is_some());
    let folder = File::open(lab.paths.config_dir()).expect("the configuration");
    for held in [&folder, &lab.lock_file()] {
        assert!(flock(held, FlockOperation::NonBlockingLockExclusive).is_err());
    }
    let process = Pid::from_raw(agent().expect("a process")).expect("a process");
    kill_process(process, Signal::CONT).expect("it goes on");
    assert_eq!(first.wait().expect("it ends").code(), Some(0), "{}", talk(&lab));
}

#[test]
fn the_lock_is_private_and_one_that_others_could_hold_is_refused() {
    let lab = Lab::start();
    lab.done(ONBOARD);
    let file = lab.paths.state_dir().join("lock");
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o7777;
    assert_eq!((mode(&lab.paths.state_dir()), mode(&file)), (0o700, 0o600));

    let again = |what: &str| {
        let before = lab.snapshot();
        let run = lab.run(&["--json", "offboard", "192.0.2.0/28", "--yes"]);
        assert_eq!(run.code, 3, "{what}: {}{}", run.stdout, run.stderr);
        super::support::assert_same(&before, &lab.snapshot());
        run.error()
    };
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    assert!(again("a file that others may open").contains("is no private file of root's"));
    std::fs::remove_file(&file).expect("it goes");
    let elsewhere = lab.folder().join("elsewhere");
    std::fs::write(&elsewhere, "").expect("a file");
    symlink(&elsewhere, &file).expect("a link");
    again("a link");
    std::fs::remove_file(&file).expect("it goes");
    std::fs::set_permissions(lab.paths.state_dir(), std::fs::Permissions::from_mode(0o777)).expect("chmod");
    assert!(again("a folder that others may write to").contains("others may write to it"));
    std::fs::set_permissions(lab.paths.state_dir(), std::fs::Permissions::from_mode(0o700)).expect("chmod");
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
}

#[test]
fn the_lock_is_free_as_soon_as_a_command_has_ended() {
    let lab = Lab::start();
    lab.done(ONBOARD);
    let folder = File::open(lab.paths.config_dir()).expect("the configuration");
    let own = lab.lock_file();
    for number in 0..2 {
        // A run that has nothing to do, and one that is refused: both have prepared a rehearsal under the lock.
        for arguments in [ONBOARD, &["onboard", "0.0.0.0/0", "--customer", "Everybody", "--yes"]] {
            let run = lab.run(arguments);
            assert!([0, 3].contains(&run.code), "{}{}", run.stdout, run.stderr);
            assert!(!run.stderr.contains("Waiting for"), "{number}: {}", run.stderr);
            for held in [&folder, &own] {
                let taken = flock(held, FlockOperation::NonBlockingLockExclusive);
                assert!(taken.is_ok(), "{number}: the lock is still held after {arguments:?}");
                flock(held, FlockOperation::Unlock).expect("it is given back");
            }
        }
    }
}
