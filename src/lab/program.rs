//! Finding and running this machine's programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::LabError;

/// System programs are often not on an ordinary user's PATH.
const SYSTEM_FOLDERS: &[&str] = &[
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
];
/// How much of a program's last words an error carries, in lines.
const LAST_LINES: usize = 6;

/// The path of a program, looked for on PATH and in the system's folders.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0))
}

/// A command for a program that runs from `/` with nothing on its standard input.
pub(super) fn command(name: &str) -> Command {
    let mut command = Command::new(find(name).unwrap_or_else(|| PathBuf::from(name)));
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Runs a program to its end and gives its standard output; `purpose` completes "could not …".
pub(super) fn run(mut command: Command, purpose: &str) -> Result<String, LabError> {
    let program = name_of(&command);
    let output = command.output().map_err(|source| LabError::Unrunnable {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(LabError::Failed {
        program,
        purpose: purpose.to_owned(),
        output: last_words(&output),
    })
}

fn name_of(command: &Command) -> String {
    let program = command.get_program();
    Path::new(program)
        .file_name()
        .unwrap_or(OsStr::new(program))
        .to_string_lossy()
        .into_owned()
}

fn last_words(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].join(&b'\n');
    match last_lines(&String::from_utf8_lossy(&text)) {
        words if words.is_empty() => output.status.to_string(),
        words => words,
    }
}

/// The last few lines of a text, on one line.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines
        .get(lines.len().saturating_sub(LAST_LINES)..)
        .unwrap_or_default()
        .join("; ")
}
