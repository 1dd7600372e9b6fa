//! The bench of these tests: a rehearsal host in a folder of its own, looked at from outside.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use f2bctl::lab::{self, LabError, LabEvent, LabHost, LabPaths, UpOptions};
use f2bctl::settings::Environment;

/// A lab in a folder of its own, which is taken down whatever happens.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub paths: LabPaths,
}

impl Bench {
    pub fn new() -> Self {
        Self::below(tempfile::Builder::new().prefix("f2b").tempdir().unwrap(), "h")
    }

    pub fn below(folder: tempfile::TempDir, home: &str) -> Self {
        let environment = Environment::below(&folder.path().join(home));
        let paths = LabPaths::standard(&environment, environment.configuration_file()).unwrap();
        Self { folder, paths }
    }

    pub fn up(&self) -> (LabHost, Vec<LabEvent>) {
        self.up_with(&UpOptions::default()).unwrap()
    }

    pub fn up_with(&self, options: &UpOptions) -> Result<(LabHost, Vec<LabEvent>), LabError> {
        let mut events = Vec::new();
        let host = lab::up(&self.paths, options, &mut |event| events.push(event))?;
        Ok((host, events))
    }

    pub fn down(&self) -> Vec<LabEvent> {
        let mut events = Vec::new();
        lab::down(&self.paths, &mut |event| events.push(event)).unwrap();
        events
    }

    pub fn client(&self, arguments: &[&str]) -> String {
        let output = Command::new("fail2ban-client")
            .arg("-c")
            .arg(self.paths.config_dir())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn get(&self, jail: &str, what: &str) -> String {
        self.client(&["get", jail, what]).trim().to_owned()
    }

    pub fn fail2ban_regex(&self, filter: &str) -> String {
        let output = Command::new("fail2ban-regex")
            // As a jail does: the first expression that takes a line is the last one that is tried on it.
            .args(["--no-check-all", "-c"])
            .arg(self.paths.config_dir())
            .arg(self.paths.asterisk_log())
            .arg(self.paths.config_dir().join("filter.d").join(filter))
            .output()
            .unwrap();
        let text = said(&output);
        text.lines()
            .find(|line| line.starts_with("Failregex:"))
            .unwrap_or(&text)
            .to_owned()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = lab::down(&self.paths, &mut |_| ());
    }
}

pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Logs in by the system's ssh with what the configured host says, and runs a command there.
pub fn ssh(host: &LabHost, command: &str) -> Output {
    let (user, rest) = host.settings.address.split_once('@').unwrap();
    let (address, port) = rest.rsplit_once(':').unwrap();
    Command::new("ssh")
        .args([
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
        ])
        .arg(format!(
            "UserKnownHostsFile={}",
            host.settings.known_hosts.as_ref().unwrap().display()
        ))
        .arg("-i")
        .arg(host.settings.identity.as_ref().unwrap())
        .args(["-p", port, "-l", user, address, command])
        .output()
        .unwrap()
}

pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "still not: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn alive(pid: i32) -> bool {
    // A zombie has no arguments any more.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// The session of a process: the fourth field behind its name in /proc/PID/stat.
pub fn session_of(pid: &str) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().nth(3).unwrap().to_owned()
}

pub fn kill(pid: i32) {
    assert!(
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
    eventually("killed", || !alive(pid));
}

/// Everything that a rehearsal host has to be, seen from outside.
pub fn prove(bench: &Bench, host: &LabHost) {
    let config = bench.paths.config_dir().display().to_string();
    let there = ssh(host, &format!("fail2ban-client -c {config} status"));
    assert!(there.status.success(), "{}", said(&there));
    let status = String::from_utf8_lossy(&there.stdout).into_owned();
    assert!(status.contains("Number of jail:\t3"), "{status}");
    // Runbook, "Why two asterisk jails".
    let thresholds: BTreeMap<&str, [String; 3]> = ["asterisk-auth", "asterisk-scan"]
        .into_iter()
        .map(|jail| {
            (
                jail,
                ["maxretry", "findtime", "bantime"].map(|what| bench.get(jail, what)),
            )
        })
        .collect();
    assert_eq!(thresholds["asterisk-auth"], ["3", "600", "86400"]);
    assert_eq!(thresholds["asterisk-scan"], ["50", "3600", "3600"]);
    let whitelist = bench.get("asterisk-auth", "ignoreip");
    for entry in ["127.0.0.0/8", "::1", "203.0.113.0/24", "198.51.100.128/28"] {
        assert!(whitelist.contains(entry), "{whitelist}");
    }
    for jail in ["asterisk-auth", "asterisk-scan"] {
        assert_eq!(bench.get(jail, "banip"), "192.0.2.10");
        // Over both of the protocols that SIP is spoken over.
        assert!(bench.get(jail, "actions").ends_with("lab-record-tcp, lab-record-udp"));
        for protocol in ["tcp", "udp"] {
            let list = bench.paths.bans().join(format!("{jail}-{protocol}.list"));
            eventually("recorded", || {
                std::fs::read_to_string(&list).is_ok_and(|text| text == "192.0.2.10\n")
            });
        }
    }
}

pub fn failures(bench: &Bench, jail: &str) -> u32 {
    let status = bench.client(&["status", jail]);
    let line = status.lines().find(|line| line.contains("Total failed:")).unwrap();
    line.rsplit('\t').next().unwrap().trim().parse().unwrap()
}
