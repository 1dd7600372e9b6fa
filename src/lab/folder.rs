//! The lab's folder: private, recognised by its record, held by one run at a time.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use chrono::{DateTime, Local};
use serde::{Deserialize, Serialize};

use super::{LabError, LabPaths};

/// What the folder says of itself. Its presence makes a folder a lab, which `down` may remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The form of this record.
    pub schema: u32,
    /// sshd's port on 127.0.0.1.
    pub port: u16,
    /// The login.
    pub user: String,
    /// When the lab was made.
    pub created: DateTime<Local>,
    /// The host whose configuration was taken along.
    pub source: Option<String>,
    /// Whether everything was written and came up once; a run that was cut short leaves `false`.
    pub complete: bool,
}

impl Record {
    /// The record of the lab, if there is one.
    pub fn read(paths: &LabPaths) -> Result<Option<Self>, LabError> {
        let path = paths.record();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| LabError::Record { path, source }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LabError::File {
                action: "read",
                path,
                source,
            }),
        }
    }

    /// Writes the record in one step.
    pub fn write(&self, paths: &LabPaths) -> Result<(), LabError> {
        let path = paths.record();
        let next = path.with_extension("json.next");
        let text = serde_json::to_vec_pretty(self).map_err(|source| LabError::Record {
            path: path.clone(),
            source,
        })?;
        write(&next, &text, 0o600)?;
        std::fs::rename(&next, &path).map_err(|source| LabError::File {
            action: "write",
            path,
            source,
        })
    }
}

/// Holds the place of the lab against a second run until it is dropped.
pub(super) fn hold(paths: &LabPaths) -> Result<File, LabError> {
    let place = paths.folder.parent().unwrap_or(&paths.folder);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(place)
        .map_err(failed("create", place))?;
    let handle = File::open(place).map_err(failed("open", place))?;
    handle.lock().map_err(failed("lock", place))?;
    Ok(handle)
}

/// Makes a folder that only this user can enter, or checks that it is one.
pub(super) fn make_private(folder: &Path) -> Result<(), LabError> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.exists()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(failed("create", parent))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(failed("create", folder)(error));
        }
        _ => {}
    }
    let found = std::fs::symlink_metadata(folder).map_err(failed("look at", folder))?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(LabError::NotPrivate(folder.to_path_buf()));
    }
    std::fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed("protect", folder))
}

/// Refuses a folder that holds something else than a lab.
pub(super) fn refuse_foreign(paths: &LabPaths) -> Result<(), LabError> {
    let entries = match std::fs::read_dir(&paths.folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", &paths.folder)(error)),
    };
    if entries.count() > 0 && !paths.record().exists() {
        return Err(LabError::NotALab(paths.folder.clone()));
    }
    Ok(())
}

/// Writes a file again with that mode, making the folders above it.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), LabError> {
    let store = || {
        if let Some(parent) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(bytes)
    };
    store().map_err(failed("write", path))
}

/// Removes a file that may be gone already.
pub(super) fn remove_file(path: &Path) -> Result<(), LabError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it; it may be gone already.
pub(super) fn remove_folder(path: &Path) -> Result<(), LabError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes the lab's folder, its record last: a removal that was cut short is still a lab's, so
/// that the next one may finish it.
pub(super) fn remove_lab(folder: &Path, record: &Path) -> Result<(), LabError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(failed("read", folder))?.path();
        if path == record {
            continue;
        }
        let is_folder = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        if is_folder {
            remove_folder(&path)?
        } else {
            remove_file(&path)?
        }
    }
    remove_file(record)?;
    std::fs::remove_dir(folder).map_err(failed("remove", folder))
}

/// Turns what the system answered into an error that names the file.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> LabError + use<> {
    let path = path.to_path_buf();
    move |source| LabError::File { action, path, source }
}
