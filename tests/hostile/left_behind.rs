//! What an agent leaves that is told to end, fails or is killed while it prepares or tries a draft: nothing that runs.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use f2bctl::remote::agent::{BOOTSTRAP, greeting_payload};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Far above what any of these takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// A client that says which process it is as soon as it has its words, and then never ends.
const CLIENT: &str =
    "#!/usr/bin/python3\nimport os, time\nopen('@FOLDER@/pids/%d' % os.getpid(), 'w').close()\ntime.sleep(600)\n";
/// A server that never listens.
const SERVER: &str = "#!/usr/bin/python3\nimport os, time\nopen('@FOLDER@/shadow', 'w').close()\ntime.sleep(600)\n";

struct Bench {
    folder: tempfile::TempDir,
    agent: Child,
    stdin: Option<ChildStdin>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["conf", "pids", "temporary"] {
            std::fs::create_dir(path(name)).expect("a folder");
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        let shown = folder.path().display().to_string();
        for (name, text) in [("fail2ban-client", CLIENT), ("fail2ban-server", SERVER)] {
            std::fs::write(path(name), text.replace("@FOLDER@", &shown)).expect("a file");
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        let mut agent = Command::new("python3")
            .args(["-I", "-c", BOOTSTRAP, ""])
            .env("TMPDIR", path("temporary"))
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(path("stdout")).expect("a file"))
            .stderr(Stdio::null())
            .spawn()
            .expect("python3");
        let mut stdin = agent.stdin.take().expect("stdin");
        stdin
            .write_all(&greeting_payload().expect("a payload"))
            .expect("written");
        Self {
            folder,
            agent,
            stdin: Some(stdin),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ask(&mut self, verb: &str, mut arguments: Value) {
        arguments["host"] = json!({
            "config_dir": self.path("conf"), "client": self.path("fail2ban-client"),
            "log": "/nonexistent", "asterisk_log": "/nonexistent", "state_dir": self.path("state"),
        });
        let body = json!({"id": 1, "verb": verb, "arguments": arguments}).to_string();
        self.write(&format!("{}\n{body}", body.len()));
    }

    fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin");
        stdin.write_all(text.as_bytes()).expect("written");
    }

    /// With the shadow started, which is when the whole stage is there.
    fn prepared() -> Self {
        let mut bench = Self::new();
        bench.ask("prepare", json!({}));
        let shadow = bench.path("shadow");
        until("a shadow", || shadow.exists());
        let said = bench.path("stdout");
        until("an answer", || text(&said).contains("\"ok\""));
        assert_eq!(entries(&bench.path("temporary")).len(), 1);
        bench
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.agent), signal).expect("a signal");
    }

    fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.agent.try_wait().expect("a status") {
                return status;
            }
            assert!(Instant::now() < deadline, "the agent did not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "no {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("entry").file_name().into_string().expect("a name"))
        .collect()
}

fn text(file: &Path) -> String {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .expect("a file");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a process of this number runs this bench's client; a zombie does not.
fn runs(pid: &str, folder: &Path) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).contains(&folder.display().to_string())
}

#[test]
fn an_agent_that_is_ended_clears_away_what_it_prepared() {
    let mut bench = Bench::prepared();
    bench.signal(Signal::TERM);
    assert_eq!(bench.ended().code(), Some(70));
    assert_eq!(entries(&bench.path("temporary")), Vec::<String>::new());
}

#[test]
fn an_agent_with_a_fault_clears_away_what_it_prepared_and_does_not_end_like_sudo() {
    let mut bench = Bench::prepared();
    bench.write("no number\n");
    assert_eq!(bench.ended().code(), Some(70));
    assert_eq!(entries(&bench.path("temporary")), Vec::<String>::new());
}

#[test]
fn an_agent_that_is_ended_during_a_change_ends_behind_it() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("state")).expect("a folder");
    let mut private = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(private.write(true).create_new(true), 0o600);
    let held = private.open(bench.path("state/lock")).expect("the lock's file");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    let holder = json!({"operator": "mia", "command": "tune", "since": 0}).to_string();
    std::fs::write(bench.path("state/lock.json"), holder).expect("a file");
    bench.ask(
        "apply",
        json!({"wait": 2, "audit": {"operator": "ravi", "command": "onboard"}}),
    );
    let said = bench.path("stdout");
    until("a wait for the lock", || {
        text(&said).contains("Waiting for another change")
    });
    bench.signal(Signal::TERM);
    assert_eq!(bench.ended().code(), Some(70));
    // It went on to the change's own end, which here is that another holds the lock.
    assert!(text(&said).contains("another change holds the lock"), "{}", text(&said));
}

#[test]
fn clients_that_read_a_draft_die_with_an_agent_that_is_killed() {
    let mut bench = Bench::prepared();
    bench.ask("rehearse", json!({"files": [], "running": []}));
    let pids = bench.path("pids");
    until("two clients", || entries(&pids).len() == 2);
    let folder = bench.folder.path().to_owned();
    let clients = entries(&pids);
    assert!(clients.iter().all(|pid| runs(pid, &folder)));
    bench.signal(Signal::KILL);
    bench.ended();
    until("end of the clients", || !clients.iter().any(|pid| runs(pid, &folder)));
}

#[test]
fn clients_that_nobody_waits_for_end_with_the_rehearsal() {
    let mut bench = Bench::prepared();
    bench.ask("rehearse", json!({"files": [], "running": []}));
    let pids = bench.path("pids");
    until("two clients", || entries(&pids).len() == 2);
    let folder = bench.folder.path().to_owned();
    let clients = entries(&pids);
    bench.signal(Signal::TERM);
    assert_eq!(bench.ended().code(), Some(70));
    assert!(!clients.iter().any(|pid| runs(pid, &folder)));
    assert_eq!(entries(&bench.path("temporary")), Vec::<String>::new());
}
