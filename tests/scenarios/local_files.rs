//! The operator's own files: an audit log on a full disk, and files that others may write to.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use super::support::{Lab, Run, environment};

const BACKUP: &[&str] = &["backup", "--yes", "--json"];

fn mode(path: &Path, bits: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).expect("chmod");
}

/// Runs the program where no file may grow beyond so many bytes (a multiple of 512), as on a full disk.
fn on_a_full_disk(lab: &Lab, bytes: u64, arguments: &[&str]) -> Run {
    let program = lab.program();
    let mut shell = std::process::Command::new("sh");
    shell.env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" -H lab \"$@\"", bytes / 512);
    shell.args(["-c", &script]).arg(program.get_program()).args(arguments);
    Run::of(&mut shell)
}

#[test]
fn a_full_local_disk_leaves_no_half_record_and_loses_none() {
    let lab = Lab::start();
    let log = environment(lab.folder()).state_home.join("f2bctl").join("audit.jsonl");
    lab.done(BACKUP);
    let before = std::fs::read(&log).expect("the log");
    let limit = (before.len() as u64 / 512 + 1) * 512;
    assert!(limit > before.len() as u64, "there is room for a part of a record");
    let run = on_a_full_disk(&lab, limit, BACKUP);
    run.expect(3);
    assert!(run.error().contains("nothing was changed"), "{}", run.stdout);
    assert_eq!(std::fs::read(&log).expect("the log"), before, "a half record was left");
    lab.done(BACKUP);
    lab.done(&["audit", "verify"]);
    assert_eq!(lab.local_audit_lines().len(), 4);
}

#[test]
fn a_local_log_that_others_may_write_to_is_warned_about() {
    let lab = Lab::start();
    lab.done(BACKUP);
    let log = environment(lab.folder()).state_home.join("f2bctl").join("audit.jsonl");
    mode(&log, 0o666);
    for arguments in [BACKUP, &["audit", "verify", "--json"]] {
        let run = lab.done(arguments);
        assert!(run.warnings().contains(&"local_trail".to_owned()), "{}", run.stdout);
    }
    mode(&log, 0o600);
    assert!(lab.done(&["audit", "verify", "--json"]).warnings().is_empty());
}

#[test]
fn a_configuration_that_others_may_write_to_is_refused() {
    let lab = Lab::start();
    let file = lab.paths.configuration_file.clone();
    let folder = file.parent().expect("its folder").to_owned();
    for (path, bits, usual) in [(&file, 0o602, 0o600), (&file, 0o646, 0o600), (&folder, 0o757, 0o700)] {
        mode(path, bits);
        let run = lab.run(&["status", "--json"]);
        run.expect(3);
        assert_eq!(run.json()["outcome"], json!("refused"));
        assert!(run.error().contains("written to by others"), "{}", run.stdout);
        assert!(run.stdout.contains("chmod"), "{}", run.stdout);
        mode(path, usual);
    }
    lab.done(&["status"]);
}
