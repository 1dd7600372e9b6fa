//! The Debian packages that the rehearsal host needs, and installing them without starting them.
//!
//! Installing openssh-server or fail2ban would normally start a service that is open to the
//! network. Under systemd the units are masked for the time being (`--runtime`: gone after a
//! reboot by itself), which `deb-systemd-invoke` respects, then unmasked and disabled: nothing of
//! this stays behind except that the new services are off. A `policy-rc.d` would do the same, but
//! is a file of the machine's own that other installations would run into. Where neither systemd
//! nor a present `policy-rc.d` is in charge but an init with runlevels is, installing is refused.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use serde::Serialize;

use super::event::OutputStream;
use super::program::find;
use super::{LabError, LabEvent};

/// Each package with the programs that the lab uses of it and the units that it would start.
const PACKAGES: &[(&str, &[&str], &[&str])] = &[
    ("openssh-server", &["sshd"], &["ssh.service", "ssh.socket"]),
    ("openssh-client", &["ssh", "ssh-keygen"], &[]),
    (
        "fail2ban",
        &["fail2ban-server", "fail2ban-client"],
        &["fail2ban.service"],
    ),
    ("python3", &["python3"], &[]),
];

/// A package that is not installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingPackage {
    /// Its name on Debian.
    pub package: String,
    /// Its programs that were not found on PATH or in the system's folders.
    pub programs: Vec<String>,
}

/// The packages that the lab needs and this machine lacks, judged by their programs.
#[must_use]
pub fn prerequisites() -> Vec<MissingPackage> {
    missing_by(|program| find(program).is_some())
}

fn missing_by(found: impl Fn(&str) -> bool) -> Vec<MissingPackage> {
    PACKAGES
        .iter()
        .map(|(package, programs, _)| MissingPackage {
            package: (*package).to_owned(),
            programs: programs
                .iter()
                .filter(|program| !found(program))
                .map(|program| (*program).to_owned())
                .collect(),
        })
        .filter(|missing| !missing.programs.is_empty())
        .collect()
}

/// Installs the packages with apt-get, through sudo where this is not root, and relays what it
/// says. No service is started or left enabled; see the head of this file.
///
/// # Errors
/// [`LabError::NotDebian`], [`LabError::WouldStartServices`], or [`LabError::NotInstalled`] with
/// the command that failed; the masks are taken off in any case.
pub fn install(missing: &[MissingPackage], events: &mut dyn FnMut(LabEvent)) -> Result<(), LabError> {
    if missing.is_empty() {
        return Ok(());
    }
    if find("apt-get").is_none() {
        return Err(LabError::NotDebian(missing.to_vec()));
    }
    let steps = Steps::plan(missing, &Machine::of_process())?;
    let installed = steps.install.iter().try_for_each(|command| relay(command, events));
    let restored = steps
        .after
        .iter()
        .map(|command| relay(command, events))
        .fold(Ok(()), Result::and);
    let finished = steps.finish.iter().try_for_each(|command| relay(command, events));
    // The first failure tells most: after a failed installation there may be nothing to switch off.
    installed.and(restored).and(finished)?;
    if !steps.units.is_empty() {
        let text = format!(
            "The new services stay off; `systemctl enable --now` starts them: {}.",
            steps.units.join(", ")
        );
        events(LabEvent::Note { text });
    }
    Ok(())
}

/// What decides how to install.
struct Machine {
    root: bool,
    systemd: bool,
    policy: bool,
    runlevels: bool,
}

impl Machine {
    fn of_process() -> Self {
        Self {
            root: rustix::process::geteuid().is_root(),
            systemd: Path::new("/run/systemd/system").is_dir(),
            policy: Path::new("/usr/sbin/policy-rc.d").exists(),
            runlevels: find("runlevel").is_some(),
        }
    }
}

/// The commands of one installation.
#[derive(Debug, PartialEq, Eq)]
struct Steps {
    /// In order, until one fails.
    install: Vec<Vec<String>>,
    /// In any case.
    after: Vec<Vec<String>>,
    /// In order, after that: a service that was installed before a failure stays off, too.
    finish: Vec<Vec<String>>,
    /// The units that stay off.
    units: Vec<String>,
}

impl Steps {
    fn plan(missing: &[MissingPackage], machine: &Machine) -> Result<Self, LabError> {
        let wanted: Vec<&str> = missing.iter().map(|missing| missing.package.as_str()).collect();
        let mut units: Vec<&str> = PACKAGES
            .iter()
            .filter(|(package, ..)| wanted.contains(package))
            .flat_map(|(.., units)| units.iter().copied())
            .collect();
        if !units.is_empty() && !machine.systemd && !machine.policy && machine.runlevels {
            return Err(LabError::WouldStartServices);
        }
        if !machine.systemd {
            units.clear();
        }
        let prefix: &[&str] = if machine.root { &[] } else { &["sudo"] };
        let command = |parts: &[&str], names: &[&str]| -> Vec<String> {
            [prefix, parts, names].concat().into_iter().map(str::to_owned).collect()
        };
        let apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        let mut install = vec![
            command(&[&apt[..], &["update"]].concat(), &[]),
            command(
                &[&apt[..], &["install", "-y", "--no-install-recommends"]].concat(),
                &wanted,
            ),
        ];
        let (mut after, mut finish) = (Vec::new(), Vec::new());
        if !units.is_empty() {
            install.insert(1, command(&["systemctl", "mask", "--runtime"], &units));
            after.push(command(&["systemctl", "unmask", "--runtime"], &units));
            finish.push(command(&["systemctl", "disable"], &units));
        }
        Ok(Self {
            install,
            after,
            finish,
            units: units.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// Runs a command and hands on each line of it; its standard input stays the operator's, since
/// sudo may ask for a password.
fn relay(command: &[String], events: &mut dyn FnMut(LabEvent)) -> Result<(), LabError> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    events(LabEvent::Running {
        command: command.to_vec(),
    });
    let unrunnable = |source| LabError::Unrunnable {
        program: program.clone(),
        source,
    };
    let mut child = Command::new(find(program).unwrap_or_else(|| program.into()))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(unrunnable)?;
    let mut last = String::new();
    let (sender, lines) = mpsc::channel();
    std::thread::scope(|scope| {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let other = sender.clone();
        scope.spawn(move || stdout.map(|stream| send_lines(stream, OutputStream::Stdout, &sender)));
        scope.spawn(move || stderr.map(|stream| send_lines(stream, OutputStream::Stderr, &other)));
        for (stream, line) in lines {
            last.clone_from(&line);
            events(LabEvent::Output { stream, line });
        }
    });
    let status = child.wait().map_err(unrunnable)?;
    if status.success() {
        return Ok(());
    }
    Err(LabError::NotInstalled {
        command: command.join(" "),
        output: format!("{status}; {last}"),
    })
}

fn send_lines(stream: impl Read, kind: OutputStream, lines: &mpsc::Sender<(OutputStream, String)>) {
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
        if lines.send((kind, text)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(packages: &[&str]) -> Vec<MissingPackage> {
        packages
            .iter()
            .map(|name| MissingPackage {
                package: (*name).to_owned(),
                programs: Vec::new(),
            })
            .collect()
    }

    fn joined(commands: &[Vec<String>]) -> Vec<String> {
        commands.iter().map(|command| command.join(" ")).collect()
    }

    #[test]
    fn a_package_is_missing_when_one_of_its_programs_is() {
        let found = missing_by(|program| program != "ssh-keygen" && program != "sshd");
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            MissingPackage {
                package: "openssh-server".into(),
                programs: vec!["sshd".into()]
            }
        );
        assert_eq!(
            found[1],
            MissingPackage {
                package: "openssh-client".into(),
                programs: vec!["ssh-keygen".into()]
            }
        );
        assert!(missing_by(|_| true).is_empty());
    }

    #[test]
    fn under_systemd_the_new_services_are_never_started() {
        let machine = Machine {
            root: false,
            systemd: true,
            policy: false,
            runlevels: true,
        };
        let steps = Steps::plan(&missing(&["openssh-server", "python3"]), &machine).unwrap();
        assert_eq!(
            joined(&steps.install),
            [
                "sudo env DEBIAN_FRONTEND=noninteractive apt-get update",
                "sudo systemctl mask --runtime ssh.service ssh.socket",
                "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openssh-server python3",
            ]
        );
        assert_eq!(joined(&steps.finish), ["sudo systemctl disable ssh.service ssh.socket"]);
        assert_eq!(
            joined(&steps.after),
            ["sudo systemctl unmask --runtime ssh.service ssh.socket"]
        );
    }

    #[test]
    fn in_a_container_root_installs_plainly() {
        let machine = Machine {
            root: true,
            systemd: false,
            policy: true,
            runlevels: true,
        };
        let steps = Steps::plan(&missing(&["fail2ban"]), &machine).unwrap();
        assert_eq!(
            joined(&steps.install),
            [
                "env DEBIAN_FRONTEND=noninteractive apt-get update",
                "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends fail2ban",
            ]
        );
        assert!(steps.after.is_empty() && steps.units.is_empty());
    }

    #[test]
    fn another_init_is_refused_where_a_service_would_start() {
        let machine = Machine {
            root: true,
            systemd: false,
            policy: false,
            runlevels: true,
        };
        let refused = Steps::plan(&missing(&["fail2ban"]), &machine);
        assert!(matches!(refused, Err(LabError::WouldStartServices)));
        assert!(Steps::plan(&missing(&["python3"]), &machine).is_ok());
    }

    #[test]
    fn lines_of_both_streams_are_relayed_and_a_failure_is_told() {
        let mut seen = Vec::new();
        let command = ["sh", "-c", "echo one; echo two >&2; exit 3"].map(str::to_owned);
        let error = relay(&command, &mut |event| seen.push(event)).unwrap_err();
        assert!(seen.contains(&LabEvent::Output {
            stream: OutputStream::Stdout,
            line: "one".into()
        }));
        assert!(seen.contains(&LabEvent::Output {
            stream: OutputStream::Stderr,
            line: "two".into()
        }));
        assert!(error.to_string().contains("exit status: 3"), "{error}");
        let hint = error.hints().concat();
        assert!(hint.contains("yourself") && !hint.contains("lab down"), "{hint}");
    }
}
