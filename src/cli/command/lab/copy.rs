//! Takes another host's /etc/fail2ban along for a rehearsal.

use std::path::PathBuf;

use crate::cli::runner::with_host;
use crate::cli::services::{Services, settings_failure};
use crate::document::{Failure, FailureKind};
use crate::lab::{CopiedConfiguration, CopiedFile};

/// Reads the files of a host's configuration.
///
/// # Errors
/// The failure to reach the host or to read its files.
pub async fn configuration(services: &Services, source: &str) -> Result<CopiedConfiguration, Failure> {
    let hosts = services.settings.select(source).map_err(settings_failure)?;
    let [host] = hosts.as_slice() else {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{source} names {} hosts; name one", hosts.len()),
        ));
    };
    let tree = with_host(services, host, async |host| host.tree().await).await?;
    let files = tree.into_iter().map(|file| CopiedFile {
        path: PathBuf::from(file.path),
        bytes: file.content.unwrap_or_default(),
        mode: file.mode.unwrap_or(0o644),
    });
    Ok(CopiedConfiguration {
        source: host.name.clone(),
        files: files.collect(),
    })
}
