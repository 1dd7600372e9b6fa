//! The operator's own copy of the trail: a private file that is only ever appended to.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::Utc;
use serde_json::Value;

use super::chain;

/// Why the local trail cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the local audit trail {path} cannot be {action}: {source}")]
pub struct TrailError {
    path: String,
    action: &'static str,
    source: std::io::Error,
}

/// The local trail, `$XDG_STATE_HOME/f2bctl/audit.jsonl`.
#[derive(Debug, Clone)]
pub struct LocalTrail {
    path: PathBuf,
}

impl LocalTrail {
    /// The trail at this path; it is made with its first record.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record, under a lock, so that runs beside each other keep one chain.
    ///
    /// # Errors
    /// [`TrailError`] if it cannot be written.
    pub fn append(&self, record: &Value) -> Result<(), TrailError> {
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
        let last = last_record(&mut file)?;
        let now = Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (line, _) = chain::seal(record, &now, last.as_ref());
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()
    }

    /// The whole trail as text; empty if there is none yet.
    ///
    /// # Errors
    /// [`TrailError`] if it is there and cannot be read.
    pub fn text(&self) -> Result<String, TrailError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(source) => Err(self.error("read", source)),
        }
    }

    fn error(&self, action: &'static str, source: std::io::Error) -> TrailError {
        TrailError {
            path: self.path.display().to_string(),
            action,
            source,
        }
    }
}

/// The newest record that can be read; a line that a crash cut short is ended, so that the next stands alone.
fn last_record(file: &mut File) -> std::io::Result<Option<Value>> {
    const TAIL: u64 = 4 * 1024 * 1024;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    if tail.last().is_some_and(|byte| *byte != b'\n') {
        file.write_all(b"\n")?;
    }
    let text = String::from_utf8_lossy(&tail);
    Ok(text.lines().rev().find_map(|line| chain::open(line).ok()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn records_are_chained_private_and_survive_a_cut_line() {
        let folder = tempfile::tempdir().expect("folder");
        let trail = LocalTrail::at(&folder.path().join("state/audit.jsonl"));
        trail.append(&json!({"command": "onboard"})).expect("first");
        trail.append(&json!({"command": "unban"})).expect("second");
        assert!(chain::verify(&trail.text().expect("text")).findings.is_empty());
        let mode = std::fs::metadata(trail.path()).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut file = OpenOptions::new().append(true).open(trail.path()).expect("file");
        file.write_all(b"{\"sequence\":3,\"cut").expect("written");
        trail.append(&json!({"command": "offboard"})).expect("third");
        let verdict = chain::verify(&trail.text().expect("text"));
        assert_eq!(verdict.records.len(), 3);
        let codes: Vec<_> = verdict.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["unreadable"]);
    }
}
