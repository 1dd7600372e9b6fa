//! The rehearsal host on this machine: a real sshd and a real fail2ban-server in a private folder.
//!
//! Works as root and as an ordinary user. Nothing here prints: what happens is reported as
//! [`LabEvent`]s, and the ban action only writes into a file of the folder.

mod copied;
mod error;
mod event;
mod fail2ban;
mod folder;
mod lifecycle;
mod paths;
mod prerequisites;
mod process;
mod program;
mod secure_shell;
mod status;
mod texts;
mod traffic;

pub use copied::{CopiedConfiguration, CopiedFile};
pub use error::LabError;
pub use event::{LabEvent, OutputStream, Service};
pub use lifecycle::{LabHost, UpOptions, down, up};
pub use paths::LabPaths;
pub use prerequisites::{MissingPackage, install, prerequisites};
pub use status::status;

/// The name that the rehearsal host has in the configuration.
pub const HOST_NAME: &str = "lab";
