//! The bench of the scenario tests: a rehearsal host of one's own, the program run against it as an operator would
//! run it, and what the host's own fail2ban says of the result.
//!
//! Boundary: it starts, runs, asks and compares; what ought to be true is said in the tests. It never asks f2bctl
//! about the host's state, so that a fault of the program cannot hide itself.

#![allow(dead_code, reason = "each test file uses its own part of the bench")]

pub mod attributes;
pub mod fault;
pub mod loaded;
pub mod namespace;
pub mod processes;
pub mod snapshot;
pub mod terminal;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use f2bctl::lab::{self, LabPaths, UpOptions};
use f2bctl::settings::Environment;
use serde_json::Value;

use crate::documents;

#[allow(unused_imports, reason = "each test file uses its own part of the bench")]
pub use snapshot::{Snapshot, assert_same};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_f2bctl");
/// The operator who runs it.
pub const OPERATOR: &str = "ravi";
/// Where Debian's fail2ban lies.
pub const CLIENT: &str = "/usr/bin/fail2ban-client";

/// A rehearsal host in a folder of its own, which is taken down whatever happens.
pub struct Lab {
    folder: tempfile::TempDir,
    /// Where everything of it lies.
    pub paths: LabPaths,
}

/// What one run of the program came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// What it printed as its result.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl Lab {
    /// Starts a rehearsal host.
    pub fn start() -> Self {
        let lab = Self::folder_only();
        lab::up(&lab.paths, &UpOptions::default(), &mut |_| ()).expect("the lab starts");
        lab
    }

    /// The folder and the paths, with nothing started: an operator's machine without a host.
    pub fn folder_only() -> Self {
        let folder = tempfile::Builder::new().prefix("f2b").tempdir().expect("a folder");
        let environment = environment(folder.path());
        let paths = LabPaths::standard(&environment, environment.configuration_file()).expect("a plain path");
        Self { folder, paths }
    }

    /// The bench's folder, for files that a test needs besides the lab.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this bench's environment, no arguments, and nobody at a terminal.
    pub fn program(&self) -> Command {
        let environment = environment(self.folder.path());
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", &environment.home)
            .env("USER", OPERATOR)
            .env("XDG_CONFIG_HOME", &environment.config_home)
            .env("XDG_STATE_HOME", &environment.state_home)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program against the rehearsal host.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.program().args(["-H", "lab"]).args(arguments))
    }

    /// The same, which has to end with exit 0.
    pub fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        run.expect(0);
        run
    }

    /// The host's own fail2ban-client, which has to succeed; its output without the last newline.
    pub fn client(&self, arguments: &[&str]) -> String {
        let output = self.client_output(arguments);
        assert!(output.status.success(), "fail2ban-client {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// The host's own fail2ban-client, whatever it says.
    pub fn client_output(&self, arguments: &[&str]) -> Output {
        let folder = self.paths.config_dir();
        let words = [OsStr::new("-c"), folder.as_os_str()].into_iter();
        let words: Vec<&OsStr> = words.chain(arguments.iter().map(OsStr::new)).collect();
        loaded::run("fail2ban-client", &words)
    }

    /// The whitelist that is in force in a jail.
    pub fn ignored_in(&self, jail: &str) -> BTreeSet<String> {
        let server = snapshot::server(&self.paths.socket());
        let list = server[jail]["ignoreip"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Who is banned in a jail.
    pub fn banned_in(&self, jail: &str) -> BTreeSet<String> {
        let server = snapshot::server(&self.paths.socket());
        let bans = server[jail]["bans"].as_object().cloned().unwrap_or_default();
        bans.into_iter().map(|(ip, _)| ip).collect()
    }

    /// Bans an address by hand and waits until it is listed.
    pub fn ban(&self, jail: &str, ip: &str) {
        self.client(&["set", jail, "banip", ip]);
        eventually("the ban is listed", || self.banned_in(jail).contains(ip));
    }

    /// The running jails.
    pub fn jails(&self) -> Vec<String> {
        let server = snapshot::server(&self.paths.socket());
        server
            .as_object()
            .map(|jails| jails.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Where jail.local lies.
    pub fn jail_local_path(&self) -> PathBuf {
        self.paths.config_dir().join("jail.local")
    }

    /// jail.local's bytes.
    pub fn jail_local(&self) -> Vec<u8> {
        std::fs::read(self.jail_local_path()).expect("jail.local")
    }

    /// jail.local as text.
    pub fn jail_local_text(&self) -> String {
        String::from_utf8(self.jail_local()).expect("UTF-8")
    }

    /// Another hand's edit: new bytes for jail.local, and no reload.
    pub fn write_jail_local(&self, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.jail_local_path(), bytes).expect("jail.local is written");
    }

    /// Another hand's edit: one replacement, which has to hit something.
    pub fn edit_jail_local(&self, from: &str, to: &str) {
        let text = self.jail_local_text();
        assert!(text.contains(from), "{from:?} is not in jail.local:\n{text}");
        self.write_jail_local(text.replacen(from, to, 1));
    }

    /// Makes the two asterisk jails what they are where they were written by hand with a `banaction` and no more: that
    /// is about TCP alone. The operator's reload is left to the test.
    pub fn forget_sip_over_udp(&self) {
        let text = self.jail_local_text();
        let is_action = |line: &&str| line.starts_with("action_ ") || line.trim_start().starts_with("%(banaction)s[");
        let kept: Vec<&str> = text.lines().filter(|line| !is_action(line)).collect();
        assert!(
            kept.len() + 4 == text.lines().count(),
            "two actions of two jails:\n{text}"
        );
        self.write_jail_local(kept.join("\n") + "\n");
    }

    /// The backups that were made since the lab was started, in the order of their names.
    pub fn backups(&self) -> Vec<PathBuf> {
        let own = |name: &str| name.starts_with("jail.local.bak-") && !name.ends_with("2026-05-11-pre-split");
        let mut found: Vec<PathBuf> = std::fs::read_dir(self.paths.config_dir())
            .expect("the configuration")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(own))
            .collect();
        found.sort();
        found
    }

    /// Makes the state directory as f2bctl makes it.
    pub fn make_state_dir(&self) {
        let folder = self.paths.state_dir();
        std::fs::create_dir_all(&folder).expect("the state directory");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("chmod");
    }

    /// The file that f2bctl locks on the host, made where it is missing.
    pub fn lock_file(&self) -> std::fs::File {
        use std::os::unix::fs::OpenOptionsExt as _;
        self.make_state_dir();
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options
            .open(self.paths.state_dir().join("lock"))
            .expect("the lock's file")
    }

    /// The host's audit log, a record a line.
    pub fn audit_lines(&self) -> Vec<Value> {
        records(&self.paths.state_dir().join("audit.jsonl"))
    }

    /// The records of the host's trail of one kind (`intent`, `outcome`, `attempt`).
    pub fn audit_of(&self, kind: &str) -> Vec<Value> {
        let mut lines = self.audit_lines();
        lines.retain(|record| record["kind"] == kind);
        lines
    }

    /// The operator's own trail.
    pub fn local_audit_lines(&self) -> Vec<Value> {
        let environment = environment(self.folder.path());
        records(&environment.state_home.join("f2bctl").join("audit.jsonl"))
    }

    /// The host as it is: configuration files with hash, time, inode and owner, and the server's jails with their bans.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.paths.config_dir(), &self.paths.socket())
    }

    /// The phase of each change in the host's journal.
    pub fn phases(&self) -> Vec<String> {
        let Ok(changes) = std::fs::read_dir(self.paths.state_dir().join("changes")) else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = changes.map(|entry| entry.expect("an entry").path()).collect();
        folders.sort();
        let phase = |folder: &PathBuf| std::fs::read_to_string(folder.join("phase")).unwrap_or_default();
        folders.iter().map(phase).collect()
    }

    /// Whether fail2ban answers.
    pub fn is_running(&self) -> bool {
        self.client_output(&["ping"]).status.success()
    }

    /// Ends fail2ban in the orderly way, and waits until it is gone.
    pub fn stop_fail2ban(&self) {
        self.client(&["stop"]);
        eventually("fail2ban has ended", || !self.paths.fail2ban_pid().exists());
    }

    /// Adds to the settings of the host `lab`, e.g. `client = "/x"`; a key that stands there is replaced.
    pub fn set_host(&self, key: &str, value: &str) {
        let file = &self.paths.configuration_file;
        let text = std::fs::read_to_string(file).expect("the configuration");
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with(&format!("{key} =")))
            .collect();
        let text = kept
            .join("\n")
            .replacen("[hosts.lab]", &format!("[hosts.lab]\n{key} = {value}"), 1);
        std::fs::write(file, text + "\n").expect("the configuration is written");
    }

    /// The text of the configuration file.
    pub fn configuration(&self) -> String {
        std::fs::read_to_string(&self.paths.configuration_file).expect("the configuration")
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        processes::kill_all_of(self.folder.path());
        // Below a long folder the sockets lie elsewhere; one that was never there is as good.
        let _ = std::fs::remove_dir_all(&self.paths.sockets);
    }
}

impl Run {
    /// Runs a prepared command to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program runs");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails with everything that was said unless the exit code is this.
    #[track_caller]
    pub fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The one JSON document of stdout, which has to be what its schema says.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(!self.stdout.is_empty(), "no document; stderr:\n{}", self.stderr);
        documents::read(&self.stdout)
    }

    /// The codes of the document's warnings.
    #[track_caller]
    pub fn warnings(&self) -> Vec<String> {
        let document = self.json();
        let warnings = document["warnings"].as_array().cloned().unwrap_or_default();
        warnings
            .iter()
            .filter_map(|warning| warning["code"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// The message of the document's error.
    #[track_caller]
    pub fn error(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// The operator's directories below the bench's folder.
pub fn environment(folder: &Path) -> Environment {
    Environment {
        home: folder.join("h"),
        config_home: folder.join("c"),
        state_home: folder.join("s"),
    }
}

fn records(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a record is JSON"))
        .collect()
}

/// Writes a program that may be run.
pub fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).expect("the program is written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it may be run");
}

/// Waits until something is true, at most a minute: what takes a second here takes longer on a machine that is busy.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "still not: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether these tests run as root. A test that leaves something out otherwise asks `left_out::is_root_for`, which says so.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The texts of a JSON list.
pub fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().cloned().unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
