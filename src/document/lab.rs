//! What the commands about the rehearsal host answer.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::text::Text;

use super::hosts::HostRow;

/// What a command about the rehearsal host answers, with its sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabReport {
    /// What was asked.
    #[serde(flatten)]
    pub about: Lab,
    /// The answer as a sentence.
    pub text: String,
}

/// The keys of each of these commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Lab {
    /// `lab demo`.
    Demonstrated(Demonstration),
    /// `lab up`.
    Up {
        /// The host as it is in the configuration now.
        lab: Box<HostRow>,
        /// Whether nothing had to be started.
        already_running: bool,
    },
    /// `lab status`.
    Status {
        /// How it is.
        lab: LabStatus,
    },
    /// `lab down`.
    Gone(LabGone),
}

/// What the demonstration did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Demonstration {
    /// The host.
    pub lab: Box<HostRow>,
    /// The jobs, in order.
    pub jobs: Vec<Job>,
}

/// One job of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Job {
    /// The arguments after `f2bctl -H lab`.
    pub arguments: Vec<String>,
    /// The exit code.
    pub exit_code: i32,
}

/// A rehearsal host that is gone has no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabGone {}

/// The lab as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceStatus {
    /// Its process, if it runs.
    pub pid: Option<i32>,
    /// Whether it answers: sshd greets, fail2ban says pong.
    pub answers: bool,
}

/// How the rehearsal host is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabStatus {
    /// The lab as a whole.
    pub state: LabState,
    /// Its folder.
    pub folder: PathBuf,
    /// `USER@127.0.0.1:PORT`, where there is a lab.
    pub address: Option<String>,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// The host whose configuration it rehearses, if not its own.
    pub source: Option<String>,
    /// Its sshd.
    pub sshd: ServiceStatus,
    /// Its fail2ban-server.
    pub fail2ban: ServiceStatus,
    /// The jails of the running server; null where it does not answer.
    pub jails: Option<Vec<Text>>,
}
