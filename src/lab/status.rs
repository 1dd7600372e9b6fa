//! How the rehearsal host is.

use crate::document::{LabState, LabStatus, ServiceStatus};
use crate::model::text::Text;

use super::folder::Record;
use super::{LabError, LabPaths, fail2ban, secure_shell};

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
        created: record.as_ref().map(|record| record.created.to_rfc3339()),
        source: record.and_then(|record| record.source),
        jails: if fail2ban.answers {
            Some(fail2ban::jails(paths)?.into_iter().map(Text::from).collect())
        } else {
            None
        },
        sshd,
        fail2ban,
    })
}
