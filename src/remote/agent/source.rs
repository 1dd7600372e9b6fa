//! The agent's program text, and the command lines by which it is started.
//!
//! All data travels on stdin. A command line is made of constants alone, and [`quoted`] is the only place in the
//! program that quotes for a shell.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

use super::ahead::Ahead;

/// A module of the agent: its name and its text.
type Module = (&'static str, &'static str);

/// What a first look needs; it goes with the command line. Each module is compiled on the host when it is first used.
const FIRST: &[Module] = &[
    ("boot", include_str!("f2bctl_agent/boot.py")),
    ("loop", include_str!("f2bctl_agent/loop.py")),
    ("verbs", include_str!("f2bctl_agent/verbs.py")),
    ("server", include_str!("f2bctl_agent/server.py")),
    ("configuration", include_str!("f2bctl_agent/configuration.py")),
    ("firewall", include_str!("f2bctl_agent/firewall.py")),
    ("observe", include_str!("f2bctl_agent/observe.py")),
    ("logs", include_str!("f2bctl_agent/logs.py")),
    ("lock", include_str!("f2bctl_agent/lock.py")),
    ("journal", include_str!("f2bctl_agent/journal.py")),
    ("ender", include_str!("f2bctl_agent/ender.py")),
    ("surroundings", include_str!("f2bctl_agent/surroundings.py")),
    ("temporary", include_str!("f2bctl_agent/temporary.py")),
];

/// What a preparation needs as well.
const PREPARING: &[Module] = &[
    ("early", include_str!("f2bctl_agent/early.py")),
    ("rehearse", include_str!("f2bctl_agent/rehearse.py")),
    ("forecast", include_str!("f2bctl_agent/forecast.py")),
];

/// The rest, which follows on stdin.
const REST: &[Module] = &[
    ("proof", include_str!("f2bctl_agent/proof.py")),
    ("bans", include_str!("f2bctl_agent/bans.py")),
    ("control", include_str!("f2bctl_agent/control.py")),
    ("regex", include_str!("f2bctl_agent/regex.py")),
    ("replay", include_str!("f2bctl_agent/replay.py")),
    ("revert", include_str!("f2bctl_agent/revert.py")),
    ("sign_of_life", include_str!("f2bctl_agent/sign_of_life.py")),
    ("transaction", include_str!("f2bctl_agent/transaction.py")),
    ("settle", include_str!("f2bctl_agent/settle.py")),
    ("ending", include_str!("f2bctl_agent/ending.py")),
    ("follow", include_str!("f2bctl_agent/follow.py")),
    ("log_files", include_str!("f2bctl_agent/log_files.py")),
];

/// The first Python that runs where the login has the rights: the program is in its arguments, so that it is compiled
/// and looks while the rest of the conversation is on its way. No quote, backslash or `!` in it.
const FROM_ARGUMENTS: &str = "import sys,zlib,json,base64;a=sys.argv;\
m=json.loads(zlib.decompress(base64.b64decode(a[1])).decode());\
exec(compile(m[\"boot\"],\"f2bctl_agent/boot.py\",\"exec\"),{\"modules\":m,\"ahead\":a[2],\"connection\":a[3]})";

/// The first Python that runs through sudo: it says that sudo let it in, then reads the program from stdin, since sudo
/// writes command lines into the host's log. Its faults end with 70, from the first import on: exit status 1 has to mean
/// that sudo refused. A first line that is no program's is not repeated, since somebody may have meant it for sudo.
pub const BOOTSTRAP: &str = "import os,sys;\
sys.excepthook=lambda *e:(sys.__excepthook__(*e),os._exit(70));\
import zlib,json;i=sys.stdin.buffer;\
print(\"f2bctl\",\"was-let-in\",sep=\"-\",flush=True);\
n=i.readline().split();\
n[:1]==[b\"program\"] or (print(\"f2bctl: the first line on stdin is not of a program\",file=sys.stderr,flush=True),os._exit(70));\
m=json.loads(zlib.decompress(i.read(int(n[1]))).decode());\
exec(compile(m[\"boot\"],\"f2bctl_agent/boot.py\",\"exec\"),{\"modules\":m,\"connection\":sys.argv[1]})";

/// Tells a missing python3 apart by exit status 127.
const NEEDS_PYTHON: &str =
    "command -v python3 >/dev/null 2>&1 || { echo f2bctl: python3 is not installed >&2; exit 127; }; ";

/// The agent through sudo, and the words by which the two sides tell how far it is.
#[derive(Debug, Clone, Copy)]
pub struct Sudo;

impl Sudo {
    /// What sudo prints on stderr when it wants the password. The command line holds it as [`Self::ASKED_FOR`] alone, so
    /// that a login's shell which repeats its commands is not taken for sudo.
    pub const PROMPT: &'static str = "f2bctl-asks%sudo:";
    /// The same as sudo is told it: it prints `%%` as `%`.
    const ASKED_FOR: &'static str = "f2bctl-asks%%sudo:";
    /// The line that the agent prints on stdout once sudo has let it in; it puts that together, for the same reason.
    pub const LET_IN: &'static str = "f2bctl-was-let-in";
    /// The exit status where there is no sudo.
    pub const MISSING: u32 = 126;

    /// The command that starts the agent through sudo, in the login's shell, whichever that is. Constants only.
    ///
    /// Without a password first, which costs no round trip where a rule allows it; where sudo refuses that (exit status
    /// 1, and nothing was read from stdin), it asks with [`Sudo::PROMPT`] and reads the password from stdin. What the
    /// agent knows as `SSH_CONNECTION` is taken before sudo drops it.
    pub fn command_line() -> String {
        let agent = "python3 -I -c \"$0\" \"$SSH_CONNECTION\"";
        let (missing, prompt) = (Self::MISSING, Self::ASKED_FOR);
        let script = format!(
            "{NEEDS_PYTHON}command -v sudo >/dev/null 2>&1 || exit {missing}; \
             sudo -n -- {agent}; ended=$?; test $ended -eq 1 || exit $ended; exec sudo -S -p {prompt} -- {agent}"
        );
        format!("exec /bin/sh -c {} {}", quoted(&script), quoted(BOOTSTRAP))
    }
}

/// What is written to the stdin of an agent that [`BOOTSTRAP`] started: a line with the packed program's length, then that.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn greeting_payload() -> std::io::Result<Vec<u8>> {
    let packed = packed(modules())?;
    let mut program = format!("program {}\n", packed.len()).into_bytes();
    program.extend(packed);
    Ok(program)
}

/// The command that starts the agent in the login's shell, whichever that is, with the first part of its program and the
/// requests that it answers at once. It quotes constants only: [`Ahead`] gives no other text.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn command_line(ahead: &Ahead) -> std::io::Result<String> {
    let program = STANDARD.encode(packed(first(ahead))?);
    let script = format!("{NEEDS_PYTHON}exec python3 -I -c \"$0\" \"$1\" \"$2\" \"$SSH_CONNECTION\"");
    Ok(format!(
        "exec /bin/sh -c {} {} {} {}",
        quoted(&script),
        quoted(FROM_ARGUMENTS),
        quoted(&program),
        quoted(&ahead.text())
    ))
}

/// What is written to that agent's stdin before the first request: the rest of its program, as a packed frame.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn rest_of_program(ahead: &Ahead) -> std::io::Result<Vec<u8>> {
    let packed = packed(modules().skip(first(ahead).count()))?;
    let mut frame = format!("{} z\n", packed.len()).into_bytes();
    frame.extend(packed);
    Ok(frame)
}

/// Quotes a constant for a POSIX shell; it holds no single quote, which a test makes sure of.
fn quoted(constant: &str) -> String {
    format!("'{constant}'")
}

fn modules() -> impl Iterator<Item = &'static Module> {
    FIRST.iter().chain(PREPARING).chain(REST)
}

/// The modules that go with the command line.
fn first(ahead: &Ahead) -> impl Iterator<Item = &'static Module> + use<> {
    let preparing: &[Module] = if ahead.prepare { PREPARING } else { &[] };
    FIRST.iter().chain(preparing)
}

fn packed(modules: impl Iterator<Item = &'static Module>) -> std::io::Result<Vec<u8>> {
    let modules: Map<String, Value> = modules
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
        .collect();
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(Value::Object(modules).to_string().as_bytes())?;
    packer.finish()
}

#[cfg(test)]
mod tests {
    use crate::model::observed::Part;

    use super::*;

    /// csh expands `!` within quotes; fish and PowerShell treat a backslash there.
    fn is_safe_for_every_shell(line: &str, constants: usize) -> bool {
        line.matches('\'').count() == 2 * constants && !line.contains(['!', '\\', '`', '\n'])
    }

    #[test]
    fn the_command_lines_are_constant_and_safe_for_every_shell() {
        let line = Sudo::command_line();
        assert!(is_safe_for_every_shell(&line, 2), "{line}");
        assert!(line.contains(&Sudo::PROMPT.replace('%', "%%")), "{line}");
        // Whatever repeats the command must not be taken for sudo's question or for the agent's word.
        assert!(!line.contains(Sudo::PROMPT) && !line.contains(Sudo::LET_IN), "{line}");
        let looking = Ahead {
            lock: Some(60),
            want: vec![Part::JailLocal, Part::Server],
            prepare: true,
        };
        for ahead in [Ahead::default(), looking] {
            let line = command_line(&ahead).expect("memory");
            assert!(is_safe_for_every_shell(&line, 4), "{line}");
            // Linux takes no argument of more than 128 KiB, and a TCP connection this young sends about 40 KB at once.
            assert!(line.len() < 40_000, "{}", line.len());
        }
    }

    #[test]
    fn what_goes_ahead_imports_nothing_that_comes_later() {
        for needed in ["boot", "loop", "verbs", "observe", "lock"] {
            assert!(FIRST.iter().any(|(name, _)| *name == needed), "{needed}");
        }
        for (name, text) in FIRST.iter().chain(PREPARING) {
            let imports = text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("from f2bctl_agent import "));
            for import in imports.flat_map(|names| names.split(", ")) {
                assert!(
                    REST.iter().all(|(later, _)| *later != import),
                    "{name} imports {import}"
                );
            }
        }
    }

    #[test]
    fn every_module_on_disk_is_sent() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/remote/agent/f2bctl_agent");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("the agent's folder")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
            .filter(|name| name.ends_with(".py"))
            .collect();
        names.sort();
        let mut sent: Vec<String> = modules().map(|(name, _)| format!("{name}.py")).collect();
        sent.sort();
        assert_eq!(names, sent);
    }
}
