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

use crate::model::observed::Part;

use super::prefetch::Prefetch;
use super::stripped::stripped;

/// A module of the agent: its name and its text.
pub(super) type Module = (&'static str, &'static str);

/// What a first look needs; it goes with the command line. Each module is compiled on the host when it is first used.
const FIRST: &[Module] = &[
    ("boot", include_str!("f2bctl_agent/boot.py")),
    ("loop", include_str!("f2bctl_agent/loop.py")),
    ("verbs", include_str!("f2bctl_agent/verbs.py")),
    ("server", include_str!("f2bctl_agent/server.py")),
    ("configuration", include_str!("f2bctl_agent/configuration.py")),
    ("observe", include_str!("f2bctl_agent/observe.py")),
    ("lock", include_str!("f2bctl_agent/lock.py")),
    ("holders", include_str!("f2bctl_agent/holders.py")),
    ("journal", include_str!("f2bctl_agent/journal.py")),
    ("ender", include_str!("f2bctl_agent/ender.py")),
    ("temporary", include_str!("f2bctl_agent/temporary.py")),
];

/// What some parts of a first look need, and no others.
const OF_SOME_PARTS: &[(&[Part], Module)] = &[
    (
        &[Part::Journal, Part::LastWritten],
        ("past", include_str!("f2bctl_agent/past.py")),
    ),
    (
        &[Part::Journal, Part::LastWritten],
        ("requests", include_str!("f2bctl_agent/requests.py")),
    ),
    (
        &[Part::Firewall],
        ("firewall", include_str!("f2bctl_agent/firewall.py")),
    ),
    (
        &[Part::Firewall],
        ("packet_path", include_str!("f2bctl_agent/packet_path.py")),
    ),
    (
        &[Part::AfterBan],
        ("after_ban", include_str!("f2bctl_agent/after_ban.py")),
    ),
    (&[Part::AsteriskLog], ("logs", include_str!("f2bctl_agent/logs.py"))),
    (
        &[Part::AsteriskLog],
        ("log_reader", include_str!("f2bctl_agent/log_reader.py")),
    ),
    (
        &[Part::AsteriskLog],
        ("log_clock", include_str!("f2bctl_agent/log_clock.py")),
    ),
    (
        &[Part::Surroundings],
        ("surroundings", include_str!("f2bctl_agent/surroundings.py")),
    ),
    (&[Part::Origins], ("origins", include_str!("f2bctl_agent/origins.py"))),
    (
        &[Part::Origins],
        ("own_classes", include_str!("f2bctl_agent/own_classes.py")),
    ),
    (&[Part::Origins], ("loaded", include_str!("f2bctl_agent/loaded.py"))),
    (
        &[Part::Asterisk],
        ("asterisk", include_str!("f2bctl_agent/asterisk.py")),
    ),
    (
        &[Part::AsteriskLog, Part::Surroundings, Part::AfterBan],
        ("log_access", include_str!("f2bctl_agent/log_access.py")),
    ),
];

/// What a preparation needs as well.
const PREPARING: &[Module] = &[
    ("early", include_str!("f2bctl_agent/early.py")),
    ("rehearse", include_str!("f2bctl_agent/rehearse.py")),
];

/// The rest, which follows on stdin.
const REST: &[Module] = &[
    ("audit_log", include_str!("f2bctl_agent/audit_log.py")),
    ("arming", include_str!("f2bctl_agent/arming.py")),
    ("replacing", include_str!("f2bctl_agent/replacing.py")),
    ("attributes", include_str!("f2bctl_agent/attributes.py")),
    ("audit_pages", include_str!("f2bctl_agent/audit_pages.py")),
    ("login", include_str!("f2bctl_agent/login.py")),
    ("proof", include_str!("f2bctl_agent/proof.py")),
    ("bans", include_str!("f2bctl_agent/bans.py")),
    ("control", include_str!("f2bctl_agent/control.py")),
    ("database", include_str!("f2bctl_agent/database.py")),
    ("restoring", include_str!("f2bctl_agent/restoring.py")),
    ("surplus", include_str!("f2bctl_agent/surplus.py")),
    ("regex", include_str!("f2bctl_agent/regex.py")),
    ("replay", include_str!("f2bctl_agent/replay.py")),
    ("look_back", include_str!("f2bctl_agent/look_back.py")),
    ("wanted", include_str!("f2bctl_agent/wanted.py")),
    ("presence", include_str!("f2bctl_agent/presence.py")),
    ("columns", include_str!("f2bctl_agent/columns.py")),
    ("revert", include_str!("f2bctl_agent/revert.py")),
    ("operations", include_str!("f2bctl_agent/operations.py")),
    ("confirmation", include_str!("f2bctl_agent/confirmation.py")),
    ("waiting", include_str!("f2bctl_agent/waiting.py")),
    ("transaction", include_str!("f2bctl_agent/transaction.py")),
    ("loadable", include_str!("f2bctl_agent/loadable.py")),
    ("meanwhile", include_str!("f2bctl_agent/meanwhile.py")),
    ("recover", include_str!("f2bctl_agent/recover.py")),
    ("ending", include_str!("f2bctl_agent/ending.py")),
    ("follow", include_str!("f2bctl_agent/follow.py")),
    ("forecast", include_str!("f2bctl_agent/forecast.py")),
];

/// The first Python that runs where the login has the rights: the program is in its arguments, so that it is compiled
/// and looks while the rest of the conversation is on its way. No quote, backslash or `!` in it.
const FROM_ARGUMENTS: &str = "import sys,zlib,json,base64;a=sys.argv;\
m=json.loads(zlib.decompress(base64.b64decode(a[1])).decode());\
exec(compile(m[\"boot\"],\"f2bctl_agent/boot.py\",\"exec\"),{\"modules\":m,\"prefetch\":a[2],\"connection\":a[3]})";

/// The first Python that runs through sudo, which writes command lines into the host's log, and where only a short line
/// comes through: it prints that sudo accepted it, then reads the program from stdin. Its faults end with 70, from the first
/// import on: exit status 1 has to mean that sudo refused. What was prepared is cleared away all the same: `sys.exit`
/// in the hook runs the exit functions. A first line that is no program's is not repeated, since someone may have meant
/// it for sudo.
pub const BOOTSTRAP: &str = "import os,sys;\
sys.excepthook=lambda *e:(sys.__excepthook__(*e),sys.exit(70));\
import zlib,json;i=sys.stdin.buffer;\
print(\"f2bctl\",\"was-let-in\",sep=\"-\",flush=True);\
n=i.readline().split();\
n[:1]==[b\"program\"] or (print(\"f2bctl: the first line on stdin is not of a program\",file=sys.stderr,flush=True),os._exit(70));\
m=json.loads(zlib.decompress(i.read(int(n[1]))).decode());\
exec(compile(m[\"boot\"],\"f2bctl_agent/boot.py\",\"exec\"),{\"modules\":m,\"connection\":sys.argv[1]})";

/// Tells a missing python3 apart by exit status 127.
const NEEDS_PYTHON: &str =
    "command -v python3 >/dev/null 2>&1 || { echo f2bctl: python3 is not installed >&2; exit 127; }; ";

/// The agent as the login itself, on a line that any shell takes; its whole program comes on stdin
/// ([`greeting_payload`]). It costs the round trip that [`command_line`] saves.
pub fn short_command_line() -> String {
    let script = format!("{NEEDS_PYTHON}exec python3 -I -c \"$0\" \"$SSH_CONNECTION\"");
    format!("exec /bin/sh -c {} {}", quoted(&script), quoted(BOOTSTRAP))
}

/// The agent through sudo, and the words by which the two sides tell how far it is.
#[derive(Debug, Clone, Copy)]
pub struct Sudo;

impl Sudo {
    /// What sudo prints on stderr when it wants the password. The command line holds it as `ASKED_FOR` alone, so
    /// that a login's shell which repeats its commands is not taken for sudo.
    pub const PROMPT: &'static str = "f2bctl-asks%sudo:";
    /// The same as it is passed to sudo, which prints `%%` as `%`.
    const ASKED_FOR: &'static str = "f2bctl-asks%%sudo:";
    /// The line that the agent prints on stdout once sudo has let it in; it puts that together, for the same reason.
    pub const LET_IN: &'static str = "f2bctl-was-let-in";
    /// The exit status where there is no sudo.
    pub const MISSING: u32 = 126;

    /// The command that starts the agent through sudo, in the login's shell, whichever that is. Constants only.
    ///
    /// Without a password first, which costs no round trip where a rule allows it; where sudo refuses that (exit status
    /// 1, and nothing was read from stdin), it asks with [`Sudo::PROMPT`] and reads the password from stdin. What the
    /// agent knows as `SSH_CONNECTION` and `SSH_USER_AUTH` is taken before sudo drops it. sudo speaks English to every
    /// login, whose other settings stay as they are: what it refuses is known by its words.
    pub fn command_line() -> String {
        let agent = "set -- python3 -I -c \"$0\" \"$SSH_CONNECTION\" \"$SSH_USER_AUTH\"";
        let (missing, prompt) = (Self::MISSING, Self::ASKED_FOR);
        let script = format!(
            "{NEEDS_PYTHON}command -v sudo >/dev/null 2>&1 || exit {missing}; \
             LANGUAGE=en; export LANGUAGE; {agent}; \
             sudo -n -- \"$@\"; ended=$?; test $ended -eq 1 || exit $ended; exec sudo -S -p {prompt} -- \"$@\""
        );
        format!("exec /bin/sh -c {} {}", quoted(&script), quoted(BOOTSTRAP))
    }
}

/// What is written to the stdin of an agent that [`BOOTSTRAP`] started: a line with the packed program's length, then
/// that.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn greeting_payload() -> std::io::Result<Vec<u8>> {
    let packed = packed(modules())?;
    let mut program = format!("program {}\n", packed.len()).into_bytes();
    program.extend(packed);
    Ok(program)
}

/// The command that starts the agent in the login's shell, whichever that is, with the first part of its program and
/// the requests that it answers at once. It quotes constants only: [`Prefetch`] gives no other text.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn command_line(prefetch: &Prefetch) -> std::io::Result<String> {
    let program = STANDARD.encode(packed(modules().filter(|(name, _)| is_first(prefetch, name)))?);
    let script = format!("{NEEDS_PYTHON}exec python3 -I -c \"$0\" \"$1\" \"$2\" \"$SSH_CONNECTION\"");
    Ok(format!(
        "exec /bin/sh -c {} {} {} {}",
        quoted(&script),
        quoted(FROM_ARGUMENTS),
        quoted(&program),
        quoted(&prefetch.text())
    ))
}

/// What is written to that agent's stdin before the first request: the rest of its program, as a packed frame.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn rest_of_program(prefetch: &Prefetch) -> std::io::Result<Vec<u8>> {
    let packed = packed(modules().filter(|(name, _)| !is_first(prefetch, name)))?;
    let mut frame = format!("{} z\n", packed.len()).into_bytes();
    frame.extend(packed);
    Ok(frame)
}

/// Quotes a constant for a POSIX shell; it holds no single quote, which a test makes sure of.
fn quoted(constant: &str) -> String {
    format!("'{constant}'")
}

pub(super) fn modules() -> impl Iterator<Item = &'static Module> {
    let of_some_parts = OF_SOME_PARTS.iter().map(|(_, module)| module);
    FIRST.iter().chain(of_some_parts).chain(PREPARING).chain(REST)
}

/// Whether a module goes with the command line.
fn is_first(prefetch: &Prefetch, name: &str) -> bool {
    let is_among = |modules: &[Module]| modules.iter().any(|(first, _)| *first == name);
    let is_wanted = |(parts, (of_them, _)): &(&[Part], Module)| {
        *of_them == name && parts.iter().any(|part| prefetch.want.contains(part))
    };
    is_among(FIRST) || (prefetch.prepare && is_among(PREPARING)) || OF_SOME_PARTS.iter().any(is_wanted)
}

fn packed(modules: impl Iterator<Item = &'static Module>) -> std::io::Result<Vec<u8>> {
    let modules: Map<String, Value> = modules
        .map(|(name, text)| ((*name).to_owned(), Value::from(stripped(text))))
        .collect();
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(Value::Object(modules).to_string().as_bytes())?;
    packer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may be on its way after a login, in bytes: Linux begins with 10 segments of 1448 bytes, and a login of
    /// eight that are confirmed makes it 18 (measured: docs/round-trips.md).
    const FIRST_FLIGHT: usize = 18 * 1448;

    /// csh expands `!` within quotes; fish and PowerShell treat a backslash there.
    fn is_safe_for_every_shell(line: &str, constants: usize) -> bool {
        line.matches('\'').count() == 2 * constants && !line.contains(['!', '\\', '`', '\n'])
    }

    #[test]
    fn the_command_lines_are_constant_and_safe_for_every_shell() {
        for line in [Sudo::command_line(), short_command_line()] {
            assert!(is_safe_for_every_shell(&line, 2), "{line}");
            // A word of a BSD csh has at most 1023 characters.
            assert!(line.split('\'').all(|word| word.len() < 1024), "{line}");
        }
        let line = Sudo::command_line();
        assert!(line.contains(&Sudo::PROMPT.replace('%', "%%")), "{line}");
        // Whatever repeats the command must not be taken for sudo's question or for the agent's word.
        assert!(!line.contains(Sudo::PROMPT) && !line.contains(Sudo::LET_IN), "{line}");
        let looking = Prefetch {
            lock: Some(60),
            want: vec![Part::JailLocal, Part::Server],
            prepare: true,
        };
        for prefetch in [Prefetch::default(), looking] {
            let line = command_line(&prefetch).expect("memory");
            assert!(is_safe_for_every_shell(&line, 4), "{line}");
            assert!(line.len() < FIRST_FLIGHT, "{}", line.len());
        }
    }

    #[test]
    fn what_is_sent_first_imports_nothing_that_comes_later() {
        for needed in ["boot", "loop", "verbs", "observe", "lock"] {
            assert!(FIRST.iter().any(|(name, _)| *name == needed), "{needed}");
        }
        let parts = OF_SOME_PARTS.iter().flat_map(|(parts, _)| parts.iter());
        let wants = parts.map(|part| vec![*part]);
        for (want, prepare) in wants.map(|want| (want, false)).chain([(vec![], true)]) {
            let prefetch = Prefetch {
                lock: None,
                want,
                prepare,
            };
            for (name, text) in modules().filter(|(name, _)| is_first(&prefetch, name)) {
                let imports = text
                    .lines()
                    .filter_map(|line| line.trim_start().strip_prefix("from f2bctl_agent import "));
                let names = imports.map(|names| names.split("  #").next().unwrap_or_default());
                for import in names.flat_map(|names| names.split(", ")) {
                    assert!(is_first(&prefetch, import), "{name} imports {import}");
                }
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
