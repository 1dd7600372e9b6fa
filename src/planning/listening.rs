//! Where the Asterisk of a jail's logs listens, as far as the jail is about it: SIP, and IAX or the manager where the jail
//! counts their failures.
//!
//! Boundary: nothing is claimed of an Asterisk that has no log beside those that the jail reads.

use crate::model::known::Cause;
use crate::model::observed::{Jail, Observed};
use crate::model::running_asterisk::{AsteriskProcess, ListeningSocket, ReadLog};

/// Where SIP is spoken by default and nearly everywhere.
const SIP: std::ops::RangeInclusive<u16> = 5060..=5099;
/// The first port of voice in Asterisk's rtp.conf; above it come those that the kernel chooses.
const FIRST_OF_VOICE: u16 = 10_000;
/// IAX's port (iax.conf).
const IAX: u16 = 4569;
/// The manager's ports, plain and over TLS (manager.conf).
const MANAGER: [u16; 2] = [5038, 5039];
/// Ports of Asterisk's other protocols: SCCP, MGCP, DUNDi, UNIStim and the HTTP server. No jail counts their failures.
const OTHER_PROTOCOLS: [u16; 7] = [2000, 2427, 2727, 4520, 5000, 8088, 8089];
/// What regular expressions hold that count failures of IAX.
const OF_IAX: [&str; 2] = ["No registration for peer", "MD5 authentication"];
/// What regular expressions hold that count failures of the manager.
const OF_MANAGER: [&str; 2] = ["hacking attempt", "tried to authenticate with nonexistent user"];

/// A port on which an Asterisk waits for everybody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The port.
    pub port: u16,
    /// Whether it is in another network namespace than fail2ban's rules, as in a container.
    pub contained: bool,
}

/// Whose failures a jail counts beside those of SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// IAX's.
    pub iax: bool,
    /// The manager's.
    pub manager: bool,
}

impl Counted {
    /// By the regular expressions of a jail.
    fn by(jail: &Jail) -> Self {
        let expressions = jail.list("failregex");
        let holds = |words: &[&str]| {
            let mut expressions = expressions.iter();
            expressions.any(|expression| words.iter().any(|word| expression.contains(word)))
        };
        Self {
            iax: holds(&OF_IAX),
            manager: holds(&OF_MANAGER),
        }
    }
}

/// The ports that a ban of this jail has to close, of the Asterisk that writes its logs.
///
/// # Errors
/// Why they are not known, as a clause.
pub fn served(name: &str, jail: &Jail, observed: &Observed) -> Result<Vec<Service>, String> {
    served_beside(name, &jail.list("logpath"), Counted::by(jail), observed)
}

/// The same of a jail that reads these logs and counts these failures.
///
/// # Errors
/// Why they are not known, as a clause.
pub fn served_beside(
    name: &str,
    paths: &[String],
    counted: Counted,
    observed: &Observed,
) -> Result<Vec<Service>, String> {
    let asterisk = &observed.asterisk;
    let unseen = |reason: &str| format!("the ports on which Asterisk listens are not known: {reason}");
    let look = asterisk.read().map_err(|reason| match asterisk.cause() {
        Some(Cause::NotAsked) => unseen("the running Asterisk was not looked at"),
        _ => unseen(reason),
    })?;
    if let Some(process) = look.processes.iter().find(|process| process.unknown.is_some()) {
        let reason = process.unknown.as_deref().unwrap_or_default();
        return Err(unseen(&format!("process {}: {reason}", process.pid)));
    }
    let read: Vec<&ReadLog> = paths.iter().filter_map(|path| look.read(path)).collect();
    let processes: Vec<&AsteriskProcess> = look.beside(&read).collect();
    if processes.is_empty() {
        return Err(match look.processes.is_empty() {
            true => unseen("no Asterisk runs on this host"),
            false => unseen(&format!(
                "no running Asterisk has a log open beside those of jail {name}"
            )),
        });
    }
    let of_process = |process: &AsteriskProcess| -> Vec<Service> {
        let sockets = process.sockets.iter().filter(|socket| is_its(process, socket, counted));
        sockets
            .map(|socket| Service {
                protocol: socket.protocol.clone(),
                port: socket.port,
                contained: process.own_network,
            })
            .collect()
    };
    let mut found: Vec<Service> = processes.into_iter().flat_map(of_process).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether a socket of a process is for what a jail counts.
fn is_its(process: &AsteriskProcess, socket: &ListeningSocket, counted: Counted) -> bool {
    match socket.port {
        IAX => counted.iax && socket.protocol == "udp",
        port if MANAGER.contains(&port) => counted.manager && socket.protocol == "tcp",
        _ => is_of_sip(process, socket),
    }
}

/// Whether a socket is for SIP as far as its port tells: voice has UDP ports in pairs, or high ones, and comes and goes with
/// calls.
fn is_of_sip(process: &AsteriskProcess, socket: &ListeningSocket) -> bool {
    let port = socket.port;
    let has_udp = |port: u16| {
        let mut sockets = process.sockets.iter();
        sockets.any(|socket| socket.protocol == "udp" && socket.port == port)
    };
    let is_voice = socket.protocol == "udp" && (port >= FIRST_OF_VOICE || has_udp(port ^ 1));
    SIP.contains(&port) || !(is_voice || OTHER_PROTOCOLS.contains(&port))
}
