//! `--log-file FILE`: what was sent to hosts and what they answered, for a bug report. No password gets there.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Mutex;

use tracing::Level;

use crate::document::{Failure, FailureKind};

/// From now on each message is noted at the end of this file, which only its owner may read.
///
/// # Errors
/// A usage failure for a file that cannot be written.
pub fn begin(path: &Path, typed: &[String]) -> Result<(), Failure> {
    let open = || {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        // One that is there already may be everybody's.
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    };
    let file = open().map_err(|error: std::io::Error| {
        Failure::new(
            FailureKind::Usage,
            format!("the log file {} cannot be written: {error}", path.display()),
        )
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_max_level(Level::DEBUG)
        .finish();
    // It is the only one of this process.
    let _ = tracing::subscriber::set_global_default(subscriber);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), arguments = ?typed, "f2bctl begins");
    Ok(())
}
