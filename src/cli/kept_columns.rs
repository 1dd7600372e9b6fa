//! What rotated files of action logs hold, kept on this machine: such a file never changes, so it is read once.
//!
//! A file is known by the host's key, its path, its number, its size and a hash of its beginning and end.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::audit::chain::sha256_hex;
use crate::engine::Connection;
use crate::model::action_columns::{ActionColumns, ActionFile};
use crate::remote::host::Kept;

use super::services::Services;

/// What is kept of a host's rotated logs, unless nothing is to be.
pub fn kept(services: &Services, connection: &Connection, no_cache: bool) -> Box<dyn Kept> {
    match no_cache {
        true => Box::new(NothingKept),
        false => Box::new(KeptColumns::of(&services.environment.state_home, connection.host_key())),
    }
}

/// How many files are kept; those that were not used for longest go.
const MOST_FILES: usize = 200;

/// The folder of what is kept of one host.
pub struct KeptColumns {
    folder: PathBuf,
    host_key: String,
}

impl KeptColumns {
    /// What is kept of a host, below f2bctl's state directory.
    pub fn of(state_home: &Path, host_key: &str) -> Self {
        Self {
            folder: state_home.join("f2bctl").join("columns"),
            host_key: host_key.to_owned(),
        }
    }

    fn path(&self, file: &ActionFile) -> PathBuf {
        let ActionFile {
            path,
            inode,
            size,
            ends,
        } = file;
        let ends = ends.as_deref().unwrap_or_default();
        let name = sha256_hex(format!("{}\n{path}\n{inode}\n{size}\n{ends}", self.host_key).as_bytes());
        self.folder.join(format!("{name}.json"))
    }

    fn write(&self, file: &ActionFile, columns: &ActionColumns) -> std::io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let path = self.path(file);
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let mut out = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        out.write_all(&serde_json::to_vec(columns)?)?;
        fs::rename(&beside, &path)?;
        self.sweep()
    }

    fn sweep(&self) -> std::io::Result<()> {
        let mut found: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        found.sort();
        let over = found.len().saturating_sub(MOST_FILES);
        found.iter().take(over).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

impl Kept for KeptColumns {
    fn get(&self, file: &ActionFile) -> Option<ActionColumns> {
        let path = self.path(file);
        let columns = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        // It was used: others go before it.
        let touched = fs::File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        drop(touched);
        Some(columns)
    }

    /// What cannot be kept is read again the next time.
    fn put(&self, file: &ActionFile, columns: &ActionColumns) {
        drop(self.write(file, columns));
    }
}

/// `--no-cache`: nothing is kept, and nothing that was kept is used.
pub struct NothingKept;

impl Kept for NothingKept {
    fn get(&self, _: &ActionFile) -> Option<ActionColumns> {
        None
    }

    fn put(&self, _: &ActionFile, _: &ActionColumns) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_again_by_everything_that_could_tell_it_apart() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let kept = KeptColumns::of(folder.path(), "SHA256:a");
        let file = ActionFile {
            path: "/var/log/fail2ban.log.1".to_owned(),
            inode: 7,
            size: 100,
            ends: Some("hash".to_owned()),
        };
        let columns = ActionColumns {
            names: vec!["[sshd] Found 192.0.2.7".to_owned()],
            events: "0".to_owned(),
            times: "5".to_owned(),
            first: Some(5),
            ..ActionColumns::default()
        };
        assert_eq!(kept.get(&file), None);
        kept.put(&file, &columns);
        assert_eq!(kept.get(&file), Some(columns));
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(kept.path(&file)).expect("a file"));
        assert_eq!(mode & 0o777, 0o600);
        for other in [
            ActionFile {
                size: 101,
                ..file.clone()
            },
            ActionFile {
                inode: 8,
                ..file.clone()
            },
            ActionFile {
                ends: Some("other".to_owned()),
                ..file.clone()
            },
        ] {
            assert_eq!(kept.get(&other), None, "{other:?}");
        }
        assert_eq!(KeptColumns::of(folder.path(), "SHA256:b").get(&file), None);
    }
}
