//! Somebody at a real terminal: the program on a pseudo-terminal of its own, keys typed when a question is there.
//!
//! Python's `pty` plays the terminal, since the program has to see one on stdin and stderr.

use std::process::Command;

use serde_json::Value;

use super::{Lab, PROGRAM};

/// Types each answer once its question can be read, and waits for the end. Says what was shown and the exit code.
const TYPIST: &str = r#"
import fcntl, json, os, pty, select, struct, sys, termios, time
answers, columns, command = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    if columns:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execv(command[0], command)
seen, place = b"", 0
until = time.monotonic() + 240
while time.monotonic() < until:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    if answers and answers[0][0].encode() in seen[place:]:
        place += seen[place:].index(answers[0][0].encode()) + len(answers[0][0].encode())
        keys = answers.pop(0)[1]
        if keys == "SIGTERM":
            os.kill(pid, 15)
        else:
            os.write(terminal, keys.encode())
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
print(json.dumps({"code": code, "shown": seen.decode("utf-8", "replace"), "unasked": len(answers)}))
"#;

/// The key that interrupts.
pub const CONTROL_C: &str = "\x03";

/// In the place of keys: the program is asked to end.
pub const TERMINATE: &str = "SIGTERM";

/// What somebody at the terminal has seen.
#[derive(Debug)]
pub struct Seen {
    /// The exit code; a negative number is the signal that ended it.
    pub code: i64,
    /// Everything that was on the screen, with its control sequences.
    pub shown: String,
}

impl Seen {
    /// Fails with the screen unless the exit code is this and the screen has this text.
    #[track_caller]
    pub fn expect(&self, code: i64, text: &str) -> &Self {
        assert!(
            self.code == code && self.shown.contains(text),
            "exit {}:\n{}",
            self.code,
            self.shown
        );
        self
    }
}

impl Lab {
    /// Runs the program against the rehearsal host at a terminal. Each pair is a text to wait for and the keys that are
    /// typed then; all of them have to come.
    #[track_caller]
    pub fn at_a_terminal(&self, arguments: &[&str], answers: &[(&str, &str)]) -> Seen {
        self.at_a_terminal_with(&[], arguments, answers)
    }

    /// The same with more in the environment.
    #[track_caller]
    pub fn at_a_terminal_with(
        &self,
        environment: &[(&str, &str)],
        arguments: &[&str],
        answers: &[(&str, &str)],
    ) -> Seen {
        self.at_a_terminal_on("lab", environment, arguments, answers)
    }

    /// The same at a terminal that knows how wide it is; the others do not, and show each sentence on one line.
    #[track_caller]
    pub fn on_a_screen(&self, columns: u16, arguments: &[&str], answers: &[(&str, &str)]) -> Seen {
        self.typed(columns, "lab", &[], arguments, answers)
    }

    /// The same about other hosts than the rehearsal host alone.
    #[track_caller]
    pub fn at_a_terminal_on(
        &self,
        hosts: &str,
        environment: &[(&str, &str)],
        arguments: &[&str],
        answers: &[(&str, &str)],
    ) -> Seen {
        self.typed(0, hosts, environment, arguments, answers)
    }

    #[track_caller]
    fn typed(
        &self,
        columns: u16,
        hosts: &str,
        environment: &[(&str, &str)],
        arguments: &[&str],
        answers: &[(&str, &str)],
    ) -> Seen {
        let mut typist = Command::new("/usr/bin/python3");
        let script = serde_json::to_string(answers).expect("JSON");
        typist
            .args(["-I", "-c", TYPIST, &script, &columns.to_string(), PROGRAM, "-H", hosts])
            .args(arguments);
        typist
            .env_clear()
            .env("TERM", "xterm")
            .envs(environment.iter().copied());
        for (name, value) in self.program().get_envs() {
            if let Some(value) = value {
                typist.env(name, value);
            }
        }
        let output = typist.output().expect("python3 is installed");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let shown = said["shown"].as_str().unwrap_or_default().to_owned();
        assert_eq!(said["unasked"], 0, "not every question came:\n{shown}");
        Seen {
            code: said["code"].as_i64().expect("a code"),
            shown,
        }
    }
}
