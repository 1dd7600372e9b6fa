//! The systemd units that the pages show are understood by systemd itself, as far as it can be asked without running.

use std::collections::BTreeMap;
use std::process::Command;

use super::committed;
use super::left_out::left_out;

/// The units of a page by their file names: an indented block whose first line is `# PATH/NAME.service` or `.timer`, and
/// the indented lines behind it up to the next such line.
fn units(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        let Some(line) = line.strip_prefix("    ") else {
            if !line.is_empty() {
                name = None;
            }
            continue;
        };
        let title = line.strip_prefix("# ").and_then(|path| path.rsplit('/').next());
        if let Some(title) = title.filter(|title| title.ends_with(".service") || title.ends_with(".timer")) {
            name = Some(title.to_owned());
        } else if let Some(name) = &name {
            let unit: &mut String = found.entry(name.clone()).or_default();
            unit.push_str(line);
            unit.push('\n');
        }
    }
    found
}

/// What `systemd-analyze verify` says of units in a folder of their own; `None` where it is not installed.
fn complaints(units: &BTreeMap<String, String>) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for (name, text) in units {
        let path = folder.path().join(name);
        // The program lies elsewhere here.
        let text = text.replace("%h/.cargo/bin/f2bctl", env!("CARGO_BIN_EXE_f2bctl"));
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
fn systemd_understands_the_units_of_the_runbook() {
    let mut units = units(&committed("docs/runbook.md"));
    let names: Vec<&String> = units.keys().collect();
    assert_eq!(names, ["f2bctl-expired.service", "f2bctl-expired.timer"]);
    let Some(said) = complaints(&units) else {
        left_out("systemd-analyze is not installed");
        return;
    };
    assert_eq!(said, "");
    let timer = units.get_mut("f2bctl-expired.timer").expect("the timer");
    *timer = timer.replace("OnCalendar=06:00", "OnCalendar=six");
    assert_ne!(complaints(&units).expect("installed"), "", "it would have said so");
}
