//! The agent's program text, and the one command line by which it is started.
//!
//! All data travels on stdin. The command line is made of constants alone, and [`quoted`] is the only place in the
//! program that quotes for a shell.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

/// The agent's modules; each is compiled on the host when its first verb is used.
const MODULES: &[(&str, &str)] = &[
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
    ("proof", include_str!("f2bctl_agent/proof.py")),
    ("bans", include_str!("f2bctl_agent/bans.py")),
    ("control", include_str!("f2bctl_agent/control.py")),
    ("rehearse", include_str!("f2bctl_agent/rehearse.py")),
    ("forecast", include_str!("f2bctl_agent/forecast.py")),
    ("regex", include_str!("f2bctl_agent/regex.py")),
    ("surroundings", include_str!("f2bctl_agent/surroundings.py")),
    ("replay", include_str!("f2bctl_agent/replay.py")),
    ("revert", include_str!("f2bctl_agent/revert.py")),
    ("sign_of_life", include_str!("f2bctl_agent/sign_of_life.py")),
    ("transaction", include_str!("f2bctl_agent/transaction.py")),
    ("settle", include_str!("f2bctl_agent/settle.py")),
    ("temporary", include_str!("f2bctl_agent/temporary.py")),
    ("ender", include_str!("f2bctl_agent/ender.py")),
    ("ending", include_str!("f2bctl_agent/ending.py")),
    ("follow", include_str!("f2bctl_agent/follow.py")),
    ("log_files", include_str!("f2bctl_agent/log_files.py")),
];

/// The first Python that runs: it reads the modules from stdin and starts them. No quote, backslash or `!` in it.
pub const BOOTSTRAP: &str = "import sys,zlib,json;i=sys.stdin.buffer;\
m=json.loads(zlib.decompress(i.read(int(i.readline()))).decode());\
exec(compile(m[\"boot\"],\"f2bctl_agent/boot.py\",\"exec\"),{\"modules\":m,\"connection\":sys.argv[1]})";

/// How the agent gets the rights that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elevation {
    /// The login has them.
    None,
    /// `sudo -n`: without a password.
    Sudo,
    /// `sudo -S`: the password is asked for with [`Elevation::PROMPT`] on stderr and read from stdin.
    SudoWithPassword,
}

impl Elevation {
    /// What sudo prints on stderr when it wants the password.
    pub const PROMPT: &'static str = "f2bctl-asks-sudo:";
}

/// The command that starts the agent in the login's shell, whichever that is. It quotes constants only.
///
/// `SSH_CONNECTION` is read before sudo, which drops it. A host without python3 is told apart by exit status 127.
pub fn command_line(elevation: Elevation) -> String {
    let sudo = match elevation {
        Elevation::None => "",
        Elevation::Sudo => "sudo -n -- ",
        Elevation::SudoWithPassword => "sudo -S -p f2bctl-asks-sudo: -- ",
    };
    let script = format!(
        "command -v python3 >/dev/null 2>&1 || {{ echo f2bctl: python3 is not installed >&2; exit 127; }}; \
         exec {sudo}python3 -I -c \"$0\" \"$SSH_CONNECTION\""
    );
    format!("exec /bin/sh -c {} {}", quoted(&script), quoted(BOOTSTRAP))
}

/// Quotes a constant for a POSIX shell; it holds no single quote, which a test makes sure of.
fn quoted(constant: &str) -> String {
    format!("'{constant}'")
}

/// What is written to the agent's stdin before the first request: the length of the packed modules, then these.
///
/// # Errors
/// Only if memory cannot be written to, which does not happen; kept as an error rather than a panic.
pub fn greeting_payload() -> std::io::Result<Vec<u8>> {
    let modules: Map<String, Value> = MODULES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
        .collect();
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(Value::Object(modules).to_string().as_bytes())?;
    let packed = packer.finish()?;
    let mut payload = format!("{}\n", packed.len()).into_bytes();
    payload.extend(packed);
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_constant_and_safe_for_every_shell() {
        for elevation in [Elevation::None, Elevation::Sudo, Elevation::SudoWithPassword] {
            let line = command_line(elevation);
            assert_eq!(line.matches('\'').count(), 4, "two quoted constants: {line}");
            // csh expands `!` within quotes, fish and PowerShell treat a backslash there.
            assert!(!line.contains(['!', '\\', '`', '\n']), "{line}");
        }
        assert!(command_line(Elevation::SudoWithPassword).contains(Elevation::PROMPT));
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
        let mut sent: Vec<String> = MODULES.iter().map(|(name, _)| format!("{name}.py")).collect();
        sent.sort();
        assert_eq!(names, sent);
    }
}
