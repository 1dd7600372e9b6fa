//! What can go wrong with the rehearsal host, each with its reason and cure.

use std::path::PathBuf;

use super::{MissingPackage, Service};
use crate::settings::SettingsError;

/// Why the lab cannot be started, stopped or looked at.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The configuration file could not be read or written.
    #[error("the host lab could not be entered into the configuration: {0}")]
    Settings(#[from] SettingsError),
    /// A file or folder of the lab could not be handled.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried: "write", "read", "remove" …
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// Programs that the lab needs are missing.
    #[error("the lab needs programs that are not installed: {}", names(.0))]
    Missing(Vec<MissingPackage>),
    /// A program could not be run at all.
    #[error("cannot run {program}")]
    Unrunnable {
        /// The program.
        program: String,
        /// What the system answered.
        source: std::io::Error,
    },
    /// A program ended badly.
    #[error("{program} could not {purpose}: {output}")]
    Failed {
        /// The program.
        program: String,
        /// What it was to do.
        purpose: String,
        /// The end of its output, or how it ended.
        output: String,
    },
    /// The folder's name has characters that fail2ban's or sshd's configuration gives a meaning.
    #[error("the lab's folder {} has characters that are not allowed in a configuration file", .0.display())]
    FolderName(PathBuf),
    /// A folder that has to be private belongs to another user or is no folder.
    #[error("{} is not a private folder of yours", .0.display())]
    NotPrivate(PathBuf),
    /// The folder holds something that is not a lab.
    #[error("{} is not empty and was not made by `lab up`", .0.display())]
    NotALab(PathBuf),
    /// The folder's record cannot be understood.
    #[error("the lab's record {} cannot be read", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A configuration was given, but there is a lab already.
    #[error("there is a lab in {} already, with a configuration of its own", .0.display())]
    Occupied(PathBuf),
    /// A process did not come up.
    #[error("the lab's {service} did not start: {reason}")]
    NotStarted {
        /// Which.
        service: Service,
        /// The end of its log, or what was waited for.
        reason: String,
    },
    /// A process did not end.
    #[error("the lab's {service} (process {pid}) does not end")]
    StillRunning {
        /// Which.
        service: Service,
        /// Its process.
        pid: i32,
    },
    /// The configuration that was taken along cannot be used.
    #[error("the copied configuration cannot be used here: {0}")]
    Copied(String),
    /// A command of an installation ended badly.
    #[error("cannot install what the lab needs: `{command}` failed: {output}")]
    NotInstalled {
        /// The command.
        command: String,
        /// How it ended, and its last line.
        output: String,
    },
    /// Packages can be installed on Debian and its relatives only.
    #[error("cannot install {}: this machine has no apt-get", names(.0))]
    NotDebian(Vec<MissingPackage>),
    /// Installing would start services, and nothing here can prevent it.
    #[error("installing would start an sshd or a fail2ban of this machine's own")]
    WouldStartServices,
}

fn names(packages: &[MissingPackage]) -> String {
    packages
        .iter()
        .map(|missing| missing.package.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

impl LabError {
    /// What to do about it, one sentence each.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Settings(error) => return error.hints(),
            Self::File { .. } => "check the owner, the mode and the free space there",
            Self::Missing(packages) => {
                return vec![format!(
                    "pass --install to have them installed, or install them yourself: apt-get install {}",
                    packages
                        .iter()
                        .map(|missing| missing.package.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                )];
            }
            Self::Unrunnable { .. } => "check that it is installed and may be run",
            Self::Failed { .. } | Self::NotStarted { .. } => {
                "`f2bctl lab down` clears everything away; then try `f2bctl lab up` again"
            }
            Self::FolderName(_) => "set XDG_STATE_HOME to a path of letters, digits and / . _ + @ -",
            Self::NotPrivate(_) | Self::NotALab(_) => "move it away, or set XDG_STATE_HOME to another place",
            Self::Record { .. } => "end the lab's processes, remove its folder by hand and run `f2bctl lab up`",
            Self::Occupied(_) => "run `f2bctl lab down` first",
            Self::StillRunning { .. } => "look at the process; `kill -9` ends it if nothing else does",
            Self::Copied(_) => "correct it on the host, or rehearse with the lab's own configuration",
            Self::NotInstalled { .. } => {
                "run that command yourself to see why; where you are not root, sudo has to allow it and asks for your password"
            }
            Self::NotDebian(_) => "install them with this machine's own package manager",
            Self::WouldStartServices => "install the packages by hand, then run `f2bctl lab up`",
        };
        vec![hint.to_owned()]
    }
}
