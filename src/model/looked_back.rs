//! What the logs of a host hold about some addresses or accounts, as its agent cut it out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::known::Known;

/// What was cut out of the logs of a host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LookedBack {
    /// Asterisk's log by the host's settings, then those of the running jails.
    pub logs: Vec<CutLog>,
    /// fail2ban's action log.
    pub actions: CutLog,
    /// The host's audit log.
    pub records: CutLog,
    /// The log files that a running asterisk holds open; none where no such process can be seen.
    pub held: Vec<String>,
}

/// What was cut out of a log with its rotated files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CutLog {
    /// The log's path.
    pub path: String,
    /// Whether there is such a file.
    pub exists: bool,
    /// The files that were read, the newest first.
    pub files: Vec<String>,
    /// The newest of the lines that hold what was asked for, oldest first.
    pub lines: Vec<CutLine>,
    /// How many such lines there are.
    pub matched: u64,
    /// From when on nothing is missing, seconds of the Unix clock; absent where no line has a date.
    pub horizon: Option<i64>,
    /// Whether older text was not read for its amount.
    pub truncated: bool,
    /// What could not be read, and why.
    pub faults: Vec<String>,
}

/// A line that was cut out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutLine {
    /// Its file, by its number in `files`.
    pub file: usize,
    /// Its number in that file, from 1.
    pub line: u64,
    /// When it was written, seconds of the Unix clock; absent where its date cannot be read.
    pub time: Option<i64>,
    /// The line, or the beginning of a long one.
    pub text: String,
}

impl CutLog {
    /// Where a line stands: `PATH:LINE`.
    pub fn place(&self, line: &CutLine) -> String {
        let path = self.files.get(line.file).unwrap_or(&self.path);
        format!("{path}:{}", line.line)
    }
}

/// Which of these lines each running jail counts, by the host's own fail2ban.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CountedLines {
    /// The first line that was tried; all lines of `logs` are numbered through.
    pub from: usize,
    /// By jail: the number of a line from `from` on, the address that it counts it for, and the time that it reads in it.
    pub counted: BTreeMap<String, Known<Vec<LineCount>>>,
}

/// A line that a jail counts: its number, the address that it is counted for, and the time that is read in it.
pub type LineCount = (usize, String, Option<i64>);
