//! What the lab reports while it works, for whoever shows it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

/// One of the two processes of the rehearsal host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The SSH server.
    Sshd,
    /// The fail2ban server.
    Fail2ban,
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sshd => "sshd",
            Self::Fail2ban => "fail2ban",
        })
    }
}

/// Where a line of a program came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputStream {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

/// One thing that happened. The `Display` form is a full sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LabEvent {
    /// Both processes were running already.
    AlreadyRunning {
        /// The lab's folder.
        folder: PathBuf,
    },
    /// The folder with keys, configuration and logs was written.
    FolderWritten {
        /// The lab's folder.
        folder: PathBuf,
    },
    /// Another host's configuration was copied.
    ConfigurationCopied {
        /// The name of that host.
        source: String,
        /// How many files.
        files: usize,
    },
    /// A process was found dead and is started again.
    Healing {
        /// Which.
        service: Service,
    },
    /// sshd answers.
    SshdStarted {
        /// Its port on 127.0.0.1.
        port: u16,
    },
    /// fail2ban answers.
    Fail2banStarted {
        /// Its jails.
        jails: Vec<String>,
    },
    /// An address was banned for the rehearsal.
    Banned {
        /// The address.
        address: IpAddr,
        /// In which jails.
        jails: Vec<String>,
    },
    /// A login over SSH worked.
    LoginProved {
        /// The login and where.
        address: String,
    },
    /// The configuration file names the host now.
    HostWritten {
        /// The file.
        file: PathBuf,
    },
    /// The configuration file no longer names the host.
    HostRemoved {
        /// The file.
        file: PathBuf,
    },
    /// A process ended.
    Stopped {
        /// Which.
        service: Service,
    },
    /// The folder is gone.
    FolderRemoved {
        /// The lab's folder.
        folder: PathBuf,
    },
    /// There was no lab.
    NothingThere {
        /// Where it would be.
        folder: PathBuf,
    },
    /// A program is run on this machine for the operator.
    Running {
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// A line that such a program wrote.
    Output {
        /// On which of its streams.
        stream: OutputStream,
        /// The line without its end.
        line: String,
    },
    /// Something to know afterwards.
    Note {
        /// A full sentence.
        text: String,
    },
}

impl fmt::Display for LabEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRunning { folder } => {
                write!(formatter, "The lab is already running, in {}.", folder.display())
            }
            Self::FolderWritten { folder } => write!(formatter, "Wrote the lab's files into {}.", folder.display()),
            Self::ConfigurationCopied { source, files } => {
                write!(formatter, "Copied {files} configuration files from {source}.")
            }
            Self::Healing { service } => write!(formatter, "The lab's {service} is not running; starting it again."),
            Self::SshdStarted { port } => write!(formatter, "sshd answers on 127.0.0.1:{port}."),
            Self::Fail2banStarted { jails } => {
                write!(formatter, "fail2ban answers, with the jails {}.", jails.join(", "))
            }
            Self::Banned { address, jails } => {
                write!(formatter, "Banned {address} in {}.", jails.join(" and "))
            }
            Self::LoginProved { address } => write!(formatter, "Logged in as {address} over SSH."),
            Self::HostWritten { file } => {
                write!(formatter, "Entered the host lab into {}.", file.display())
            }
            Self::HostRemoved { file } => {
                write!(formatter, "Removed the host lab from {}.", file.display())
            }
            Self::Stopped { service } => write!(formatter, "Stopped the lab's {service}."),
            Self::FolderRemoved { folder } => write!(formatter, "Removed {}.", folder.display()),
            Self::NothingThere { folder } => {
                write!(formatter, "There is no lab in {}.", folder.display())
            }
            Self::Running { command } => write!(formatter, "Running {}.", command.join(" ")),
            Self::Output { line, .. } => formatter.write_str(line),
            Self::Note { text } => formatter.write_str(text),
        }
    }
}
