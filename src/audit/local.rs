//! The operator's own copy of the audit log: a private file that is only ever appended to.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::Utc;
use serde_json::Value;

use super::chain;
use crate::exposure::exposure;

/// Why the local audit log cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the local audit log {path} cannot be {action}: {source}")]
pub struct LocalLogError {
    path: String,
    action: &'static str,
    source: std::io::Error,
}

/// The operator's local audit log, `$XDG_STATE_HOME/f2bctl/audit.jsonl`.
#[derive(Debug, Clone)]
pub struct LocalLog {
    path: PathBuf,
}

impl LocalLog {
    /// The audit log at this path; it is made with its first record.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record, under a lock, so that runs beside each other keep one chain.
    ///
    /// # Errors
    /// [`LocalLogError`] if it cannot be written.
    pub fn append(&self, record: &Value) -> Result<(), LocalLogError> {
        self.try_append(record).map_err(|source| self.error("written", source))
    }

    fn try_append(&self, record: &Value) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)?;
        file.lock()?;
        end_last_line(&mut file)?;
        let last = last_record(&mut file)?;
        let now = Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (line, _) = chain::seal(record, &now, last.as_ref());
        append_whole(&mut file, format!("{line}\n").as_bytes())
    }

    /// Gives each line with its number, from 1; nothing if there is no log yet. It is never in memory as a whole.
    ///
    /// # Errors
    /// [`LocalLogError`] if it is there and cannot be read.
    pub fn each_line(&self, mut each: impl FnMut(usize, &str)) -> Result<(), LocalLogError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(self.error("read", source)),
        };
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        let mut number = 0;
        while reader
            .read_until(b'\n', &mut line)
            .map_err(|source| self.error("read", source))?
            > 0
        {
            number += 1;
            each(number, String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
            line.clear();
        }
        Ok(())
    }

    /// Why others than this user and root could have written the log, as a sentence with the command that ends it.
    pub fn exposed(&self) -> Option<String> {
        let paths = self.path.parent().into_iter().chain([self.path.as_path()]);
        let exposure = paths.filter_map(exposure).next()?;
        Some(format!(
            "The local audit log can be changed by others: {}; `{}` ends that.",
            exposure.reason, exposure.cure
        ))
    }

    fn error(&self, action: &'static str, source: std::io::Error) -> LocalLogError {
        LocalLogError {
            path: self.path.display().to_string(),
            action,
            source,
        }
    }
}

/// Appends a line durably, whole or not at all: a full disk takes a part of it.
fn append_whole(file: &mut File, line: &[u8]) -> std::io::Result<()> {
    let size = file.metadata()?.len();
    file.write_all(line).and_then(|()| file.sync_all()).inspect_err(|_| {
        // Nothing more can be done on a disk that does not even take this; the next append ends the line.
        let _ = file.set_len(size);
    })
}

/// Ends a line that a crash cut short, so that the next is alone.
fn end_last_line(file: &mut File) -> std::io::Result<()> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    match last {
        [b'\n'] => Ok(()),
        _ => file.write_all(b"\n"),
    }
}

/// The newest record that can be read, looked for from the end in ever larger steps.
fn last_record(file: &mut File) -> std::io::Result<Option<Value>> {
    let size = file.metadata()?.len();
    let mut step = 64 * 1024;
    loop {
        let begin = size.saturating_sub(step);
        file.seek(SeekFrom::Start(begin))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let text = String::from_utf8_lossy(&tail);
        // The line in which the tail begins is not whole, unless it is the first one.
        let whole = text.lines().skip(usize::from(begin > 0));
        let mut newest_first: Vec<&str> = whole.collect();
        newest_first.reverse();
        match newest_first.into_iter().find_map(|line| chain::open(line).ok()) {
            None if begin > 0 => step = step.saturating_mul(8),
            found => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use serde_json::json;

    use super::super::verifier::{CURRENT, Verifier};

    use super::*;

    /// The records that can be believed, and the codes of the findings.
    fn judged(log: &LocalLog) -> (u64, Vec<&'static str>) {
        let mut verifier = Verifier::default();
        let file = Arc::from(CURRENT);
        let each = |number, line: &str| drop(verifier.take(&file, number, line));
        log.each_line(each).expect("the log is read");
        let verdict = verifier.finish();
        (
            verdict.records,
            verdict.findings.iter().map(|finding| finding.code).collect(),
        )
    }

    #[test]
    fn records_are_chained_private_and_survive_a_cut_line() {
        let folder = tempfile::tempdir().expect("folder");
        let log = LocalLog::at(&folder.path().join("state/audit.jsonl"));
        log.append(&json!({"command": "onboard"})).expect("first");
        log.append(&json!({"command": "unban"})).expect("second");
        assert_eq!(judged(&log), (2, Vec::new()));
        let mode = std::fs::metadata(log.path()).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut file = OpenOptions::new().append(true).open(log.path()).expect("file");
        file.write_all(b"{\"sequence\":3,\"cut").expect("written");
        log.append(&json!({"command": "offboard"})).expect("third");
        assert_eq!(judged(&log), (3, vec!["unreadable"]));
    }

    #[test]
    fn the_chain_goes_on_after_a_record_that_is_longer_than_any_step() {
        let folder = tempfile::tempdir().expect("folder");
        let log = LocalLog::at(&folder.path().join("audit.jsonl"));
        log.append(&json!({"command": "onboard", "diff": "x".repeat(5_000_000)}))
            .expect("first");
        log.append(&json!({"command": "unban"})).expect("second");
        assert_eq!(judged(&log), (2, Vec::new()));
    }
}
