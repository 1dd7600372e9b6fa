//! root's rights through the real sudo, on a real sshd, for a throw-away user with a sudoers file of each kind.
//!
//! It runs as root, in a mount namespace of its own: the machine's /etc keeps its users and its rules.

mod refusals;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::left_out::is_root_for;
use crate::sshd::{Person, free_port, make_key, plain_options, public_line};
use f2bctl::document::{Failure, FailureKind};
use f2bctl::engine::{Connection, SudoPassword, Target};
use f2bctl::model::host_name::HostName;
use f2bctl::model::observed::{Observed, Part};
use f2bctl::remote::agent::{BOOTSTRAP, HostPaths};
use f2bctl::remote::ssh::{Destination, NoPrompt, Prompt};
use tempfile::TempDir;

const LOGIN: &str = "f2bctl-ops";
const PASSWORD: &str = "correct horse";

/// Shells of the login: one that keeps quiet, and those that repeat each command, on stderr and on stdout.
const QUIET: &str = "#!/bin/sh\nexec /bin/sh \"$@\"\n";
const TRACING: [&str; 3] = [
    "#!/bin/sh\nexec /bin/bash -x \"$@\"\n",
    "#!/bin/sh\nexec env SHELLOPTS=xtrace /bin/bash \"$@\"\n",
    "#!/bin/sh\necho \"$*\"; echo \"$*\" >&2; exec /bin/sh \"$@\"\n",
];

/// In the namespace: a user who is in no file of the machine's, one sudoers file, then sshd.
const HOST: &str = r#"
set -e
mount --make-rprivate /
for file in passwd group shadow; do cp -p /etc/$file "$1/$file"; done
mkdir -p "$1/home" "$1/sudoers.d"
chown 61999:61999 "$1/home"
chmod 755 "$1/login-shell"
echo "f2bctl-ops:x:61999:61999::$1/home:$1/login-shell" >> "$1/passwd"
echo "f2bctl-ops:x:61999:" >> "$1/group"
echo "f2bctl-ops:$2:20000:0:99999:7:::" >> "$1/shadow"
for file in passwd group shadow; do mount --bind "$1/$file" /etc/$file; done
chmod 755 "$1/sudoers.d"; chmod 440 "$1/rules"; chown 0:0 "$1/rules"; mv "$1/rules" "$1/sudoers.d/f2bctl"
mount --bind "$1/sudoers.d" /etc/sudoers.d
if test -e "$1/sudo"; then chmod 755 "$1/sudo"; mount --bind "$1/sudo" /usr/bin/sudo; fi
exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
"#;

/// The host, which ends with the value.
struct SudoHost {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl SudoHost {
    /// The real sudo with these rules, and a login's shell that keeps quiet.
    #[track_caller]
    fn start(rules: &str) -> Option<Self> {
        Self::start_with(rules, QUIET, None)
    }

    /// `None` (said as left out) where this is not root, which alone can change what sudo reads.
    #[track_caller]
    fn start_with(rules: &str, shell: &str, sudo: Option<&str>) -> Option<Self> {
        if !is_root_for("a mount namespace with a sudoers file of its own") {
            return None;
        }
        assert!(Path::new("/usr/bin/sudo").exists(), "these tests need sudo");
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        // The throw-away user has to reach his home and his authorized_keys.
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
        make_key(folder.path(), "host_key", "ed25519", "");
        let key = make_key(folder.path(), "client", "ed25519", "");
        fs::write(path("authorized_keys"), public_line(&key)).expect("authorized_keys");
        let log = path("sudo.log");
        fs::write(path("rules"), format!("Defaults logfile={}\n{rules}\n", log.display())).expect("rules");
        fs::write(path("login-shell"), shell).expect("a login's shell");
        if let Some(sudo) = sudo {
            fs::write(path("sudo"), sudo).expect("another sudo");
        }
        let port = free_port();
        let shown = folder.path().display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {shown}/host_key\nAuthorizedKeysFile {shown}/authorized_keys\n\
             StrictModes no\nUsePAM no\nPidFile none\nLogLevel VERBOSE\nPasswordAuthentication no\n"
        );
        fs::write(path("sshd_config"), config).expect("sshd_config");
        fs::create_dir_all("/run/sshd").expect("sshd's own folder");
        let hash = Command::new("openssl").args(["passwd", "-6", PASSWORD]).output();
        let hash = hash.expect("these tests need openssl").stdout;
        let child = Command::new("unshare")
            .args(["--mount", "sh", "-c", HOST, "host"])
            .arg(folder.path())
            .arg(String::from_utf8(hash).expect("text").trim())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path("sshd.log")).expect("a log"))
            .spawn()
            .expect("these tests need unshare (Debian: util-linux)");
        let host = Self { child, folder, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !host.text("sshd.log").contains("Server listening") {
            assert!(Instant::now() < deadline, "{}", host.text("sshd.log"));
            std::thread::sleep(Duration::from_millis(20));
        }
        let known = format!("[127.0.0.1]:{port} {}\n", public_line(&host.path("host_key")));
        fs::write(host.path("known_hosts"), known).expect("known_hosts");
        fs::write(host.path("ssh_config"), "IdentitiesOnly yes\n").expect("ssh_config");
        Some(host)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn address(&self) -> String {
        format!("{LOGIN}@127.0.0.1:{}", self.port)
    }

    fn target(&self) -> Target {
        let mut options = plain_options();
        options.ssh_config = Some(self.path("ssh_config"));
        options.identities = vec![self.path("client")];
        options.known_hosts = Some(self.path("known_hosts"));
        Target {
            name: HostName {
                name: "pbx".to_owned(),
                address: self.address(),
            },
            destination: Destination::parse(&self.address()).expect("an address"),
            options,
            elevated: true,
            password: SudoPassword::default(),
            paths: HostPaths::usual(),
        }
    }

    /// How many commands the login was given to run.
    fn commands(&self) -> usize {
        self.text("sshd.log").matches("Starting session: command").count()
    }
}

impl Drop for SudoHost {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn look(target: &Target, prompt: Arc<dyn Prompt>) -> Result<Observed, Failure> {
    let mut connection = Connection::open(target, prompt).await?;
    match connection.host.observe(&[Part::Firewall], &mut |_| ()).await {
        Ok(observed) => {
            connection.close().await;
            Ok(observed)
        }
        Err(error) => Err(connection.explain(error).await),
    }
}

fn is_root_for_the_login(observed: &Observed) {
    let operator = &observed.operator;
    assert_eq!((operator.user.as_str(), operator.uid), ("root", 0));
    assert_eq!(operator.sudo_user.as_deref(), Some(LOGIN));
    // sudo drops SSH_CONNECTION; it was read before.
    assert_eq!(operator.address.as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn a_rule_without_a_password_costs_one_command_and_no_question() {
    let Some(host) = SudoHost::start(&format!("{LOGIN} ALL=(root) NOPASSWD: /usr/bin/python3")) else {
        return;
    };
    let person = Person::with_answers(&[]);
    let observed = look(&host.target(), person.clone()).await.expect("an observation");
    is_root_for_the_login(&observed);
    assert_eq!(person.asked(), Vec::<String>::new());
    assert_eq!(host.commands(), 1, "{}", host.text("sshd.log"));
    // sudo's own log keeps the command line: it is short, and the program is not in it.
    let log = host.text("sudo.log");
    assert!(
        log.contains("COMMAND=/usr/bin/python3 -I -c") && log.len() < 2000,
        "{log}"
    );
}

#[tokio::test]
async fn a_password_is_asked_once_for_all_logins_of_a_run_and_written_nowhere() {
    let Some(host) = SudoHost::start(&format!(
        "Defaults:{LOGIN} timestamp_timeout=0\n{LOGIN} ALL=(root) /usr/bin/python3"
    )) else {
        return;
    };
    let target = host.target();
    let person = Person::with_answers(&[&[PASSWORD]]);
    is_root_for_the_login(&look(&target, person.clone()).await.expect("the first login"));
    // A sign of life and a follow-up log in with a copy of the target.
    is_root_for_the_login(&look(&target.clone(), person.clone()).await.expect("the second login"));
    assert_eq!(person.asked(), ["sudo password on pbx: "]);
    for log in ["sshd.log", "sudo.log"] {
        assert!(!host.text(log).contains(PASSWORD), "{log}: {}", host.text(log));
    }
    assert!(!format!("{target:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_shell_that_repeats_its_commands_is_not_taken_for_sudo() {
    for shell in TRACING {
        let free = format!("{LOGIN} ALL=(root) NOPASSWD: /usr/bin/python3");
        let Some(host) = SudoHost::start_with(&free, shell, None) else {
            return;
        };
        let person = Person::with_answers(&[&[PASSWORD]]);
        is_root_for_the_login(&look(&host.target(), person.clone()).await.expect("without a password"));
        assert_eq!(person.asked(), Vec::<String>::new(), "{shell}");
        let asking = format!("{LOGIN} ALL=(root) /usr/bin/python3");
        let Some(host) = SudoHost::start_with(&asking, shell, None) else {
            return;
        };
        let person = Person::with_answers(&[&[PASSWORD]]);
        is_root_for_the_login(&look(&host.target(), person.clone()).await.expect("with a password"));
        assert_eq!(person.asked().len(), 1, "{shell}");
    }
}

#[tokio::test]
async fn a_sudo_that_repeats_the_password_does_not_get_it_into_a_message() {
    let telling = "#!/bin/sh\ntest \"$1\" = -n && exit 1\nprintf 'f2bctl-asks%%sudo:' >&2\nread -r typed\n\
                   echo \"sudo: no rule for $typed\" >&2\nexit 1\n";
    let Some(host) = SudoHost::start_with("", QUIET, Some(telling)) else {
        return;
    };
    let failure = look(&host.target(), Person::with_answers(&[&[PASSWORD]]))
        .await
        .expect_err("a refusal");
    assert!(failure.message.contains("no rule for (password)"), "{failure}");
    assert!(!format!("{failure:?}").contains(PASSWORD), "{failure:?}");
}

#[test]
fn an_agent_that_is_given_a_password_for_its_program_does_not_repeat_it() {
    for typed in [PASSWORD, "1234"] {
        let mut agent = Command::new("python3")
            .args(["-I", "-c", BOOTSTRAP, ""])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut stdin = agent.stdin.take().expect("stdin");
        writeln!(stdin, "{typed}").expect("written");
        drop(stdin);
        let ended = agent.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(70), "{said}");
        assert!(said.contains("not of a program") && !said.contains(typed), "{said}");
    }
}

#[tokio::test]
async fn without_a_person_a_password_is_a_refusal_with_its_cure() {
    let Some(host) = SudoHost::start(&format!("{LOGIN} ALL=(root) /usr/bin/python3")) else {
        return;
    };
    let failure = look(&host.target(), Arc::new(NoPrompt)).await.expect_err("a refusal");
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.message.contains("there is no terminal to ask on"), "{failure}");
    assert!(
        failure.hints.iter().any(|hint| hint.to_string().contains("NOPASSWD")),
        "{failure:?}"
    );
}

#[tokio::test]
async fn use_pty_is_no_hindrance_with_a_password_or_without() {
    for rule in ["NOPASSWD: /usr/bin/python3", "/usr/bin/python3"] {
        let Some(host) = SudoHost::start(&format!("Defaults use_pty\n{LOGIN} ALL=(root) {rule}")) else {
            return;
        };
        let observed = look(&host.target(), Person::with_answers(&[&[PASSWORD]])).await;
        is_root_for_the_login(&observed.expect("an observation"));
    }
}

#[tokio::test]
async fn the_program_itself_exits_with_3_where_sudo_wants_what_nobody_gives() {
    let Some(host) = SudoHost::start(&format!("{LOGIN} ALL=(root) /usr/bin/python3")) else {
        return;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_f2bctl"))
        .args(["--json", "--become", "status", "-H", &host.address(), "-i"])
        .arg(host.path("client"))
        .arg("-F")
        .arg(host.path("ssh_config"))
        .arg("--known-hosts")
        .arg(host.path("known_hosts"))
        .env("XDG_CONFIG_HOME", host.path("config"))
        .env("XDG_STATE_HOME", host.path("state"))
        .env_remove("F2BCTL_CONFIG")
        .env_remove("F2BCTL_HOST")
        .stdin(Stdio::null())
        .output()
        .expect("f2bctl runs");
    let document = crate::documents::read(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(3), "{document}");
    assert_eq!(document["outcome"], "refused");
}
