//! Secrets stay where they belong: passphrases in nobody's output, files or process list; state and trails private.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::lab::Lab;
use super::sshd::{Sshd, make_key, own_login, public_line};

const PASSPHRASE: &str = "correct-horse-7f3a";

/// Every file below a folder, with its mode; folders too.
fn everything(folder: &Path) -> Vec<(std::path::PathBuf, u32, bool)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").flatten() {
            let facts = entry.metadata().expect("facts");
            if facts.is_dir() {
                waiting.push(entry.path());
            }
            found.push((entry.path(), facts.permissions().mode() & 0o777, facts.is_dir()));
        }
    }
    found
}

#[test]
fn state_and_logs_are_private_on_both_sides() {
    let lab = Lab::up();
    let onboard = [
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--allow-special",
        "--yes",
    ];
    assert_eq!(lab.run(&onboard).status.code(), Some(0));
    assert_eq!(
        lab.run(&["onboard", "0.0.0.0/0", "--customer", "X", "--yes"])
            .status
            .code(),
        Some(3)
    );
    let hosts_state = lab.paths.state_dir();
    let own_state = lab.state().join("f2bctl");
    let own = std::fs::metadata(own_state.join("audit.jsonl")).expect("the operator's trail");
    assert_eq!(own.permissions().mode() & 0o777, 0o600);
    assert_eq!(
        std::fs::metadata(&own_state).expect("a folder").permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(
        std::fs::metadata(&hosts_state).expect("a folder").permissions().mode() & 0o777,
        0o700
    );
    let found = everything(&hosts_state);
    assert!(
        found.iter().any(|(path, ..)| path.ends_with("audit.jsonl")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(path, ..)| path.ends_with("request.json")),
        "{found:?}"
    );
    for (path, mode, folder) in found {
        assert_eq!(mode, if folder { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

/// Runs a program at a terminal of its own, types an answer when it is asked, and says what could be seen meanwhile.
const AT_A_TERMINAL: &str = r#"
import os, pty, select, signal, sys, time
question, answer, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, asked, until = b"", False, time.time() + 300
# Asked a second time it has refused the first answer, and waits for another one that never comes.
while time.time() < until and shown.count(question) < 2:
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    if not asked and question in shown:
        asked = True
        os.write(terminal, answer + b"\n")
        time.sleep(0.3)
        for name in ("cmdline", "environ"):
            try:
                sys.stdout.buffer.write(open("/proc/%d/%s" % (pid, name), "rb").read())
            except OSError:
                pass
        for child in filter(str.isdigit, os.listdir("/proc")):
            try:
                if ("PPid:\t%d\n" % pid) in open("/proc/%s/status" % child).read():
                    for name in ("cmdline", "environ"):
                        sys.stdout.buffer.write(open("/proc/%s/%s" % (child, name), "rb").read())
            except OSError:
                pass
os.kill(pid, signal.SIGKILL) if shown.count(question) > 1 or time.time() >= until else None
sys.stdout.buffer.write(shown)
sys.stdout.buffer.write(b"\nEXIT %d ASKED %d\n" % (os.waitpid(pid, 0)[1] >> 8, shown.count(question)))
"#;

#[test]
fn a_passphrase_is_seen_by_nobody_and_kept_nowhere() {
    let sshd = Sshd::start();
    sshd.trust();
    let _ = sshd.options();
    let key = make_key(&sshd.path("."), "sealed", "ed25519", PASSPHRASE);
    std::fs::write(sshd.path("authorized_keys"), format!("{}\n", public_line(&key))).expect("authorized_keys");
    let home = sshd.path("home");
    std::fs::create_dir(&home).expect("a home");
    // The answer differs from the passphrase by one letter: a wrong one is as secret, and is asked for again.
    for (answer, right) in [(PASSPHRASE.to_owned(), true), (format!("{PASSPHRASE}x"), false)] {
        let path = |name: &str| sshd.path(name).display().to_string();
        let output = Command::new("python3")
            .args([
                "-c",
                AT_A_TERMINAL,
                "Passphrase for",
                &answer,
                env!("CARGO_BIN_EXE_f2bctl"),
                "-v",
                "status",
            ])
            .args(["-H", &format!("{}@127.0.0.1:{}", own_login(), sshd.port)])
            .args([
                "-i",
                &path("sealed"),
                "--known-hosts",
                &path("known_hosts"),
                "-F",
                &path("ssh_config"),
            ])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &home)
            .env("USER", "ravi")
            .env("TERM", "xterm")
            .output()
            .expect("python3");
        let seen = String::from_utf8_lossy(&output.stdout);
        assert!(
            seen.contains(if right { "ASKED 1" } else { "ASKED 2" }),
            "{seen}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!seen.contains(PASSPHRASE), "right: {right}: {seen}");
    }
    assert!(
        sshd.log().contains("Accepted publickey"),
        "the passphrase opened the key"
    );
    for (path, _, folder) in everything(&sshd.path(".")) {
        if !folder {
            let content = std::fs::read(&path).unwrap_or_default();
            assert!(
                !String::from_utf8_lossy(&content).contains(PASSPHRASE),
                "{}",
                path.display()
            );
        }
    }
}

#[tokio::test]
async fn what_is_printed_for_debugging_shows_no_secret() {
    let sshd = Sshd::start();
    sshd.trust();
    let key = make_key(&sshd.path("."), "sealed", "ed25519", PASSPHRASE);
    std::fs::write(sshd.path("authorized_keys"), format!("{}\n", public_line(&key))).expect("authorized_keys");
    let mut options = sshd.options();
    options.identities = vec![key];
    options
        .environment
        .variables
        .insert("TOKEN".to_owned(), PASSPHRASE.to_owned());
    let person = super::sshd::Person::with_passphrases(&[PASSPHRASE]);
    let session = f2bctl::remote::ssh::Session::connect(&sshd.destination(), &options, person).await;
    let session = session.expect("it logs in");
    let told = format!("{options:?} {:?} {:?}", options.keyring, session.authenticated_with());
    assert!(!told.contains(PASSPHRASE) && !told.contains("PRIVATE KEY"), "{told}");
    session.close().await;
}
