//! The OpenSSH that the tests run: this machine's own, or that of another generation of Debian (`tests/matrix/run ssh`).
//!
//! What differs between versions is asked from the programs themselves wherever they can answer.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// The sshd to start.
pub fn server() -> PathBuf {
    std::env::var_os("F2BCTL_TEST_SSHD").map_or_else(|| "/usr/sbin/sshd".into(), PathBuf::from)
}

/// Where this process finds a path that a program of that OpenSSH has named.
pub fn path_on_host(path: &str) -> PathBuf {
    let root = std::env::var("F2BCTL_TEST_ROOT").unwrap_or_default();
    PathBuf::from(format!("{root}{path}"))
}

/// Whether sshd takes a line of sshd_config; older versions lack options and values.
pub fn server_takes(line: &str) -> bool {
    static ASKED: Mutex<Vec<(String, bool)>> = Mutex::new(Vec::new());
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, takes)) = asked.iter().find(|(known, _)| known == line) {
        return *takes;
    }
    let folder = TempDir::new().expect("a temporary folder");
    super::make_key(folder.path(), "host_key", "ed25519", "");
    let config = folder.path().join("sshd_config");
    let host_key = folder.path().join("host_key");
    fs::write(&config, format!("HostKey {}\n{line}\n", host_key.display())).expect("sshd_config");
    let status = Command::new(server()).arg("-t").arg("-f").arg(&config).output();
    let takes = status.expect("sshd runs").status.success();
    asked.push((line.to_owned(), takes));
    takes
}

/// What that sshd offers for an option such as `KexAlgorithms`, where nothing configures it.
pub fn server_lists(option: &str) -> Vec<String> {
    let folder = TempDir::new().expect("a temporary folder");
    super::make_key(folder.path(), "host_key", "ed25519", "");
    let config = folder.path().join("sshd_config");
    let host_key = folder.path().join("host_key");
    fs::write(&config, format!("HostKey {}\n", host_key.display())).expect("sshd_config");
    let output = Command::new(server()).arg("-T").arg("-f").arg(&config).output();
    let text = String::from_utf8(output.expect("sshd runs").stdout).expect("sshd -T is text");
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| name.eq_ignore_ascii_case(option))
        .map(|(_, values)| values.split(',').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The version of the ssh client, such as (10, 6).
pub fn client_version() -> (u32, u32) {
    let output = Command::new("ssh").arg("-V").output();
    let said = output.expect("these tests need ssh (Debian: openssh-client)").stderr;
    let text = String::from_utf8_lossy(&said).into_owned();
    let numbers: Vec<u32> = text
        .trim_start_matches("OpenSSH_")
        .split(|letter: char| !letter.is_ascii_digit())
        .take(2)
        .map(|number| number.parse().expect("a version has numbers"))
        .collect();
    (numbers[0], numbers[1])
}
