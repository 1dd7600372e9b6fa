//! The systemd units that the package brings are understood by systemd itself, as far as it can be asked without running.

use std::collections::BTreeMap;
use std::process::Command;

use super::left_out::left_out;
use super::{committed, project};

/// The units among the examples by their file names.
fn units() -> BTreeMap<String, String> {
    let folder = std::fs::read_dir(project("docs/examples")).expect("the examples");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    names
        .filter(|name| name.ends_with(".service") || name.ends_with(".timer"))
        .map(|name| {
            let text = committed(&format!("docs/examples/{name}"));
            (name, text)
        })
        .collect()
}

/// What `systemd-analyze verify` says of units in a folder of their own; `None` where it is not installed.
fn complaints(units: &BTreeMap<String, String>) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for (name, text) in units {
        let path = folder.path().join(name);
        // The program lies elsewhere here.
        let text = text.replace("ExecStart=f2bctl", concat!("ExecStart=", env!("CARGO_BIN_EXE_f2bctl")));
        std::fs::write(&path, text).expect("the unit");
        paths.push(path);
    }
    let mut command = Command::new("/usr/bin/systemd-analyze");
    let output = command
        .args(["verify", "--man=no", "--generators=no", "--recursive-errors=no"])
        .args(&paths)
        .output();
    let output = output.ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let own: Vec<&str> = said
        .lines()
        .filter(|line| units.keys().any(|name| line.contains(name.as_str())))
        .collect();
    Some(own.join("\n"))
}

#[test]
fn systemd_understands_the_units() {
    let mut units = units();
    assert_eq!(units.len(), 4, "{:?}", units.keys());
    let Some(said) = complaints(&units) else {
        left_out("systemd-analyze is not installed");
        return;
    };
    assert_eq!(said, "");
    let timer = units.get_mut("f2bctl-expired.timer").expect("the timer");
    *timer = timer.replace("OnCalendar=06:00", "OnCalendar=six");
    assert_ne!(complaints(&units).expect("installed"), "", "it would have said so");
}
