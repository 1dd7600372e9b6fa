//! The running Asterisk, as the kernel of its host shows it: the logs that it has open, and the ports on which it listens.
//!
//! Boundary: facts, and which file, folder and process belong together. What is wrong with that is decided by checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Asterisk's own log of calls in queues: no failed attempt is written to it.
const QUEUE_LOG: &str = "queue_log";

/// The processes named asterisk, and the logs that jails read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningAsterisk {
    /// Each process of that name, also a console.
    pub processes: Vec<AsteriskProcess>,
    /// Asterisk's log by the host's settings, and each log that a jail reads.
    pub read: Vec<ReadLog>,
}

/// A process named asterisk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsteriskProcess {
    /// Its number.
    pub pid: u32,
    /// The files that it has open to append to.
    pub logs: Vec<OpenLog>,
    /// Where others than the host itself can reach it.
    pub sockets: Vec<ListeningSocket>,
    /// Whether it is in another network namespace than fail2ban's rules, as in a container.
    pub own_network: bool,
    /// The levels of each log by its name, as logger.conf has them; absent where that does not tell.
    #[serde(default)]
    pub levels: Option<BTreeMap<String, Vec<String>>>,
    /// Why it could not be looked at.
    pub unknown: Option<String>,
}

/// A log that a process has open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLog {
    /// Its path on the host if it lies beside a log that a jail reads, else as the process sees it.
    pub path: String,
    /// Device and number, by which a file is the same one under every name.
    pub file: String,
    /// The same of its folder; absent if the folder is gone.
    pub folder: Option<String>,
    /// Whether it has no name any more.
    pub deleted: bool,
}

/// A port on which a process listens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListeningSocket {
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The port.
    pub port: u16,
}

/// A log that a jail reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadLog {
    /// Its path.
    pub path: String,
    /// Device and number; absent if there is no such file.
    pub file: Option<String>,
    /// The same of its folder, and of the one that a link leads to.
    pub folders: Vec<String>,
    /// Other programs that have it open for writing, as far as they were looked for.
    pub writers: Vec<String>,
}

impl RunningAsterisk {
    /// The facts of a log that is read.
    pub fn read(&self, path: &str) -> Option<&ReadLog> {
        self.read.iter().find(|log| log.path == path)
    }

    /// The processes with a log in the folder of one of these. Another Asterisk of the machine, as that of another
    /// container, has its logs elsewhere and is none of them.
    pub fn beside<'look>(&'look self, read: &'look [&ReadLog]) -> impl Iterator<Item = &'look AsteriskProcess> {
        let is_beside = move |log: &OpenLog| read.iter().any(|read| log.is_beside(read));
        self.processes
            .iter()
            .filter(move |process| process.logs.iter().any(is_beside))
    }

    /// Whether each of the processes could be looked at.
    pub fn is_whole(&self) -> bool {
        self.processes.iter().all(|process| process.unknown.is_none())
    }
}

impl AsteriskProcess {
    /// Whether logger.conf has this level for a log that the process has open; none where that is not known.
    pub fn logs_level(&self, read: &ReadLog, level: &str) -> Option<bool> {
        let open = self.logs.iter().find(|log| read.file.as_ref() == Some(&log.file))?;
        let levels = self.levels.as_ref()?.get(open.name())?;
        Some(
            levels
                .iter()
                .any(|known| known == "*" || known.eq_ignore_ascii_case(level)),
        )
    }

    /// Whether it has this log open.
    pub fn writes(&self, read: &ReadLog) -> bool {
        self.logs.iter().any(|log| read.file.as_ref() == Some(&log.file))
    }
}

impl OpenLog {
    /// Whether it lies in the folder of a log that is read.
    pub fn is_beside(&self, read: &ReadLog) -> bool {
        self.folder.as_ref().is_some_and(|folder| read.folders.contains(folder)) && !self.name().starts_with(QUEUE_LOG)
    }

    /// Whether it is what became of this log by a rotation: deleted, or renamed to a longer name.
    pub fn was(&self, read: &ReadLog) -> bool {
        let name = read.path.rsplit('/').next().unwrap_or_default();
        let rest = self.name().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['.', '-']) || (rest.is_empty() && self.deleted))
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}
