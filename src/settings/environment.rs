//! What the settings and the lab take from the operator's environment: a few base directories.
//!
//! Read once from the process and then passed along, so that tests can give their own.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::SettingsError;

/// The base directories of the operator's login, after the XDG base directory specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The home directory; `~/` in `identity` and `known_hosts` stands for it.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`, by default `~/.config`.
    pub config_home: PathBuf,
    /// `$XDG_STATE_HOME`, by default `~/.local/state`.
    pub state_home: PathBuf,
}

impl Environment {
    /// Reads the directories of the running process.
    ///
    /// # Errors
    /// [`SettingsError::NoHome`] where neither `HOME` nor the password database names a home, and
    /// [`SettingsError::RelativeHome`] where `HOME` is not an absolute path.
    pub fn of_process() -> Result<Self, SettingsError> {
        let strategy = Xdg::new().map_err(|_| SettingsError::NoHome)?;
        let home = strategy.home_dir().to_path_buf();
        // The XDG specification has relative paths of its own variables ignored, which `Xdg` does; HOME has nothing to
        // fall back on that would be the same place.
        if home.is_relative() {
            return Err(SettingsError::RelativeHome { path: home });
        }
        Ok(Self {
            config_home: strategy.config_dir(),
            state_home: strategy.state_dir().unwrap_or_else(|| home.join(".local/state")),
            home,
        })
    }

    /// An environment whose directories all are below `home` at their default places.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        Self {
            home: home.to_path_buf(),
            config_home: home.join(".config"),
            state_home: home.join(".local/state"),
        }
    }

    /// The file that is read where neither `--config` nor `F2BCTL_CONFIG` names another:
    /// `$XDG_CONFIG_HOME/f2bctl/config.toml`.
    #[must_use]
    pub fn configuration_file(&self) -> PathBuf {
        self.config_home.join("f2bctl").join("config.toml")
    }
}
