//! The settings of one run: what the file says, over the runbook's defaults.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::document::{Contents, read};
use super::{Environment, HostSettings, Place, Policy, SettingsError, read_regular};
use crate::exposure::exposure;

/// The largest configuration file that is read, in bytes.
pub(super) const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// The settings of one run.
///
/// While no `[hosts.*]` is configured there is one host, the runbook's PROD, and it is the default host. The first host
/// of one's own takes its place: PROD is then a host like any other, there only if the file has a `[hosts.prod]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file that was read, or that would be.
    pub path: PathBuf,
    /// Whether that file exists.
    pub present: bool,
    /// The name of the host that a run without `--host` is about, one of `hosts`: `default_host`, or the only host
    /// there is. Of several hosts none is guessed.
    pub default_host: Option<String>,
    /// Every configured host, in the file's order; the built-in PROD where the file has none.
    pub hosts: Vec<HostSettings>,
    /// `[policy]`.
    pub policy: Policy,
    /// Hosts that an inventory does not reach over SSH, with its `ansible_connection`: none of f2bctl's, yet no name
    /// for ssh_config either.
    pub not_over_ssh: BTreeMap<String, String>,
}

impl Settings {
    /// Reads `path` (from `--config` or `F2BCTL_CONFIG`), or the standard file where none is
    /// named. The standard file may be absent; a named one may not, since a misspelt name would
    /// otherwise quietly mean PROD.
    ///
    /// # Errors
    /// Every fault of the file, with its place; see [`SettingsError`].
    pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        let file = path.map_or_else(|| environment.configuration_file(), Path::to_path_buf);
        match read_regular(&file, LARGEST_FILE) {
            Ok(bytes) => refuse_exposed(&file).and_then(|()| Self::parse(&file, bytes, &environment.home)),
            Err(error) if error.kind() == ErrorKind::NotFound => match path {
                None => Ok(Self::without_file(file)),
                Some(_) => Err(SettingsError::Missing { path: file }),
            },
            Err(source) => Err(SettingsError::Unreadable { path: file, source }),
        }
    }

    /// The settings where there is no file; `path` is where it would be.
    #[must_use]
    pub fn without_file(path: PathBuf) -> Self {
        let production = HostSettings::production();
        Self {
            path,
            present: false,
            default_host: Some(production.name.clone()),
            hosts: vec![production],
            policy: Policy::default(),
            not_over_ssh: BTreeMap::new(),
        }
    }

    /// Reads the text of a file that is at `path`.
    pub(super) fn parse(path: &Path, bytes: Vec<u8>, home: &Path) -> Result<Self, SettingsError> {
        let source = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            SettingsError::Syntax {
                place: Box::new(Place::at(path, &text, good)),
                message: "a byte that is not UTF-8".to_owned(),
            }
        })?;
        let Contents {
            default_host,
            hosts,
            policy,
        } = read(path, &source, home)?;
        let only = match hosts.as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        };
        Ok(Self {
            path: path.to_path_buf(),
            present: true,
            default_host: default_host.or(only),
            hosts,
            policy,
            not_over_ssh: BTreeMap::new(),
        })
    }
}

/// The file names hosts, keys and programs that run as root there: whoever may write to it decides these.
fn refuse_exposed(file: &Path) -> Result<(), SettingsError> {
    // A link leads to the file that is read, and to the folder in which that can be replaced.
    let real = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let is_regular = std::fs::metadata(&real).is_ok_and(|facts| facts.is_file());
    let folders = [file.parent(), real.parent()];
    let paths = folders.into_iter().flatten().chain([real.as_path()]);
    let Some(exposure) = paths.filter(|_| is_regular).find_map(exposure) else {
        return Ok(());
    };
    Err(SettingsError::Exposed {
        reason: exposure.reason,
        cure: exposure.cure,
    })
}
