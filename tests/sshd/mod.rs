//! A real sshd on a free port of 127.0.0.1, with keys of its own in a temporary folder; it ends with the value.

#![allow(dead_code, reason = "each test file uses its own part of the support")]

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use f2bctl::remote::ssh::{Destination, Form, Notice, PassphraseQuestion, Prompt, SshOptions, UnknownHostKey};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub mod openssh;

/// A running sshd and its folder.
pub struct Sshd {
    child: Child,
    pub port: u16,
    folder: TempDir,
}

/// The login of whoever runs the tests.
pub fn own_login() -> String {
    let output = Command::new("id").arg("-un").output().expect("id runs");
    String::from_utf8(output.stdout)
        .expect("a login is text")
        .trim()
        .to_owned()
}

/// Runs ssh-keygen.
pub fn keygen(arguments: &[&str]) {
    let output = Command::new("ssh-keygen")
        .arg("-q")
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let output = output.expect("these tests need ssh-keygen (Debian: openssh-client)");
    assert!(
        output.status.success(),
        "ssh-keygen {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Makes a key pair and returns the private file.
pub fn make_key(folder: &Path, name: &str, kind: &str, passphrase: &str) -> PathBuf {
    let file = folder.join(name);
    let shown = file.to_str().expect("a temporary path is text");
    keygen(&["-t", kind, "-N", passphrase, "-C", &format!("{name}@test"), "-f", shown]);
    file
}

/// The fingerprint that ssh-keygen shows for a key file.
pub fn fingerprint(file: &Path) -> String {
    let output = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(file)
        .output()
        .expect("ssh-keygen runs");
    let line = String::from_utf8(output.stdout).expect("a fingerprint is text");
    line.split(' ')
        .nth(1)
        .expect("a fingerprint has a second word")
        .to_owned()
}

/// The public line of a key file.
pub fn public_line(file: &Path) -> String {
    fs::read_to_string(format!("{}.pub", file.display()))
        .expect("a public key file")
        .trim()
        .to_owned()
}

impl Sshd {
    /// With an ed25519 host key and one client key that is allowed in.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// With further lines of sshd_config, in which `@FOLDER@` stands for the folder.
    pub fn start_with(extra: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        make_key(folder.path(), "host_key", "ed25519", "");
        let client = make_key(folder.path(), "client", "ed25519", "");
        fs::write(
            folder.path().join("authorized_keys"),
            format!("{}\n", public_line(&client)),
        )
        .expect("authorized_keys");
        Self::start_in(folder, extra)
    }

    /// In a folder that is prepared: `host_key*` are its keys.
    pub fn start_in(folder: TempDir, extra: &str) -> Self {
        let program = openssh::server();
        assert!(
            program.exists(),
            "these tests need {} (Debian: openssh-server)",
            program.display()
        );
        if rustix::process::getuid().is_root() {
            fs::create_dir_all("/run/sshd").expect("sshd's own folder");
        }
        for _ in 0..5 {
            let port = free_port();
            fs::write(folder.path().join("sshd_config"), config(folder.path(), port, extra)).expect("sshd_config");
            let log = fs::File::create(folder.path().join("sshd.log")).expect("a log");
            let mut child = Command::new(&program)
                .arg("-f")
                .arg(folder.path().join("sshd_config"))
                .args(["-D", "-e"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .expect("sshd starts");
            if answers(port, &mut child) {
                return Self { child, port, folder };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!(
            "sshd did not start: {}",
            fs::read_to_string(folder.path().join("sshd.log")).unwrap_or_default()
        );
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `login@127.0.0.1:port`.
    pub fn destination(&self) -> Destination {
        Destination::parse(&format!("{}@127.0.0.1:{}", own_login(), self.port)).expect("a destination")
    }

    /// The name under which the host's key is recorded.
    pub fn name(&self) -> String {
        format!("[127.0.0.1]:{}", self.port)
    }

    /// Records the host's own key in the folder's known_hosts.
    pub fn trust(&self) -> &Self {
        let line = format!("{} {}\n", self.name(), public_line(&self.path("host_key")));
        fs::write(self.path("known_hosts"), line).expect("known_hosts");
        self
    }

    /// Options that use the folder only: its client key, its known_hosts, an empty ssh_config, no agent.
    pub fn options(&self) -> SshOptions {
        let empty = self.path("ssh_config");
        if !empty.exists() {
            fs::write(&empty, "IdentitiesOnly yes\n").expect("ssh_config");
        }
        let mut options = plain_options();
        options.ssh_config = Some(empty);
        options.identities = vec![self.path("client")];
        options.known_hosts = Some(self.path("known_hosts"));
        options
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("sshd.log")).unwrap_or_default()
    }

    /// The processes that serve connections now.
    pub fn session_processes(&self) -> Vec<i32> {
        children(i32::try_from(self.child.id()).expect("a process number"))
    }

    /// Ends everything that serves a connection, at once.
    pub fn kill_sessions(&self) {
        self.signal_sessions(rustix::process::Signal::KILL);
    }

    /// Stops everything that serves a connection, as a dead network would.
    pub fn freeze_sessions(&self) {
        self.signal_sessions(rustix::process::Signal::STOP);
    }

    fn signal_sessions(&self, signal: rustix::process::Signal) {
        let mut waiting = self.session_processes();
        while let Some(number) = waiting.pop() {
            let process = rustix::process::Pid::from_raw(number).expect("a process number");
            waiting.extend(children(number).into_iter().filter(|child| is_sshd(*child)));
            let _ = rustix::process::kill_process(process, signal);
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill_sessions();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn children(process: i32) -> Vec<i32> {
    let own = |entry: fs::DirEntry| -> Option<i32> {
        let number = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name in brackets may hold blanks; the state and the parent follow it.
        let parent = stat
            .rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse::<i32>()
            .ok()?;
        (parent == process).then_some(number)
    };
    fs::read_dir("/proc")
        .expect("processes")
        .flatten()
        .filter_map(own)
        .collect()
}

fn is_sshd(process: i32) -> bool {
    fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.starts_with("sshd"))
}

/// Options that take nothing from the process.
pub fn plain_options() -> SshOptions {
    let mut options = SshOptions {
        connect_timeout: Some(Duration::from_secs(10)),
        ..SshOptions::default()
    };
    options.environment.user = Some(own_login());
    options.environment.ssh = "ssh".into();
    options.environment.shell = "/bin/sh".into();
    options
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn config(folder: &Path, port: u16, extra: &str) -> String {
    let shown = folder.display().to_string();
    let keys: String = ["host_key", "host_key_ecdsa", "host_key_rsa"]
        .iter()
        .filter(|name| folder.join(name).exists())
        .map(|name| format!("HostKey {shown}/{name}\n"))
        .collect();
    let extra = extra.replace("@FOLDER@", &shown);
    // From 9.8 on a host that saw a few logins fail shuts their address out, which is a test of its own.
    let lenient = if openssh::server_takes("PerSourcePenalties no") {
        "PerSourcePenalties no\n"
    } else {
        ""
    };
    // Of this option the last value counts.
    let startups = if extra.contains("MaxStartups") {
        ""
    } else {
        "MaxStartups 100:30:200\n"
    };
    // The first value of any other option counts, so the test's own lines come first. The home has no start-up files of the
    // tester's own shell.
    format!(
        "{extra}\nSetEnv HOME={shown}\n{lenient}Port {port}\nListenAddress 127.0.0.1\n{keys}AuthorizedKeysFile {shown}/authorized_keys\n\
         PermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\nLogLevel VERBOSE\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\nChallengeResponseAuthentication no\n{startups}"
    )
}

fn answers(port: u16, child: &mut Child) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let mut banner = [0; 4];
            if stream.read_exact(&mut banner).is_ok() {
                return &banner == b"SSH-";
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// A private ssh-agent.
pub struct Agent {
    child: Child,
    folder: TempDir,
}

impl Agent {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(folder.path().join("agent"))
            .stdout(Stdio::null())
            .spawn()
            .expect("these tests need ssh-agent (Debian: openssh-client)");
        let agent = Self { child, folder };
        let deadline = Instant::now() + Duration::from_secs(5);
        // The socket is there a moment before anybody listens on it.
        while UnixStream::connect(agent.socket()).is_err() {
            assert!(Instant::now() < deadline, "ssh-agent does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        agent
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("agent")
    }

    pub fn add(&self, key: &Path) {
        let output = Command::new("ssh-add")
            .arg("-q")
            .arg(key)
            .env("SSH_AUTH_SOCK", self.socket())
            .output();
        let output = output.expect("ssh-add runs");
        assert!(
            output.status.success(),
            "ssh-add: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A person whose answers are fixed, and who remembers what was asked and said.
#[derive(Default)]
pub struct Person {
    pub passphrases: Mutex<Vec<String>>,
    pub answers: Mutex<Vec<Vec<String>>>,
    pub trusts: bool,
    pub asked: Mutex<Vec<String>>,
    pub notices: Mutex<Vec<Notice>>,
}

impl Person {
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }

    pub fn notices(&self) -> Vec<String> {
        self.notices
            .lock()
            .expect("a lock")
            .iter()
            .map(|notice| format!("{}: {}", notice.code, notice.message))
            .collect()
    }

    pub fn with_passphrases(passphrases: &[&str]) -> Arc<Self> {
        let passphrases = passphrases.iter().rev().map(|text| (*text).to_owned()).collect();
        Arc::new(Self {
            passphrases: Mutex::new(passphrases),
            ..Self::default()
        })
    }

    pub fn with_answers(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .rev()
            .map(|round| round.iter().map(|text| (*text).to_owned()).collect())
            .collect();
        Arc::new(Self {
            answers: Mutex::new(answers),
            ..Self::default()
        })
    }
}

#[async_trait]
impl Prompt for Person {
    async fn passphrase(&self, question: &PassphraseQuestion) -> Option<Zeroizing<String>> {
        let name = Path::new(&question.file)
            .file_name()
            .expect("a file name")
            .to_string_lossy()
            .into_owned();
        self.asked
            .lock()
            .expect("a lock")
            .push(format!("passphrase of {name}, attempt {}", question.attempt));
        self.passphrases.lock().expect("a lock").pop().map(Zeroizing::new)
    }

    async fn answers(&self, form: &Form) -> Option<Vec<Zeroizing<String>>> {
        let questions: Vec<&str> = form.questions.iter().map(|question| question.text.as_str()).collect();
        self.asked.lock().expect("a lock").push(questions.join("|"));
        let answers = self.answers.lock().expect("a lock").pop()?;
        Some(answers.into_iter().map(Zeroizing::new).collect())
    }

    async fn trust(&self, key: &UnknownHostKey) -> Option<bool> {
        self.asked
            .lock()
            .expect("a lock")
            .push(format!("trust {} {} {}", key.host, key.key_type, key.fingerprint));
        Some(self.trusts)
    }

    fn notice(&self, notice: &Notice) {
        self.notices.lock().expect("a lock").push(notice.clone());
    }

    fn has_person(&self) -> bool {
        true
    }
}
