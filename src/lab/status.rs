//! How the rehearsal host is.

use std::path::PathBuf;

use chrono::{DateTime, Local};
use serde::Serialize;

use super::folder::Record;
use super::{LabError, LabPaths, fail2ban, secure_shell};

/// The lab as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabState {
    /// There is none.
    Absent,
    /// Its folder is there, but neither process runs (as after a reboot).
    Stopped,
    /// One of the two processes does not answer, or making it was cut short.
    Broken,
    /// Both processes answer.
    Running,
}

/// One process of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ServiceStatus {
    /// Its process, if it runs.
    pub pid: Option<i32>,
    /// Whether it answers: sshd greets, fail2ban says pong.
    pub answers: bool,
}

/// How the rehearsal host is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabStatus {
    /// The lab as a whole.
    pub state: LabState,
    /// Its folder.
    pub folder: PathBuf,
    /// `USER@127.0.0.1:PORT`, where there is a lab.
    pub address: Option<String>,
    /// When it was made.
    pub created: Option<DateTime<Local>>,
    /// The host whose configuration it rehearses, if not its own.
    pub source: Option<String>,
    /// Its sshd.
    pub sshd: ServiceStatus,
    /// Its fail2ban-server.
    pub fail2ban: ServiceStatus,
    /// The jails of the running server; `None` where it does not answer.
    pub jails: Option<Vec<String>>,
}

/// Looks at the lab without changing anything.
///
/// # Errors
/// [`LabError::Record`] or [`LabError::File`] where its record cannot be read.
pub fn status(paths: &LabPaths) -> Result<LabStatus, LabError> {
    let record = Record::read(paths)?;
    let sshd = ServiceStatus {
        pid: secure_shell::process(paths),
        answers: record
            .as_ref()
            .is_some_and(|record| secure_shell::answers(paths, record.port)),
    };
    let fail2ban = ServiceStatus {
        pid: fail2ban::process(paths),
        answers: fail2ban::answers(paths),
    };
    let complete = record.as_ref().is_some_and(|record| record.complete);
    let state = match (&record, sshd.answers, fail2ban.answers) {
        (None, ..) => LabState::Absent,
        (Some(_), true, true) if complete => LabState::Running,
        (Some(_), false, false) if complete => LabState::Stopped,
        _ => LabState::Broken,
    };
    Ok(LabStatus {
        state,
        folder: paths.folder.clone(),
        address: record
            .as_ref()
            .map(|record| format!("{}@127.0.0.1:{}", record.user, record.port)),
        created: record.as_ref().map(|record| record.created),
        source: record.and_then(|record| record.source),
        jails: if fail2ban.answers {
            Some(fail2ban::jails(paths)?)
        } else {
            None
        },
        sshd,
        fail2ban,
    })
}
