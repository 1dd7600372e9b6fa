//! jail.local as a file: bytes, links, owner, mode and mount points stay what they were.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use serde_json::json;

use super::left_out::{is_root_for, left_out};
use super::support::{Lab, assert_same};

const NETWORK: &str = "192.0.2.0/28";
const ONBOARD: &[&str] = &["onboard", NETWORK, "--customer", "Lotus Court Hotels", "--yes"];

/// Onboards, offboards, and finds the old bytes again.
#[track_caller]
fn there_and_back(lab: &Lab) {
    let before = lab.jail_local();
    lab.done(ONBOARD);
    assert_ne!(lab.jail_local(), before);
    assert!(lab.ignored_in("asterisk-auth").contains(NETWORK));
    lab.done(&["offboard", NETWORK, "--yes"]);
    assert_eq!(
        String::from_utf8_lossy(&lab.jail_local()),
        String::from_utf8_lossy(&before)
    );
    assert!(!lab.ignored_in("asterisk-auth").contains(NETWORK));
}

#[test]
fn an_offboard_gives_back_the_bytes_of_every_kind_of_file() {
    let lab = Lab::start();
    there_and_back(&lab);
    let snapshot = lab.snapshot();
    // A second offboard has nothing to do.
    let again = lab.done(&["offboard", NETWORK, "--yes", "--json"]);
    assert_eq!(again.json()["outcome"], json!("unchanged"));
    assert_eq!(again.warnings(), ["not_whitelisted"]);
    assert_same(&snapshot, &lab.snapshot());

    let good = lab.jail_local_text();
    let line = "ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28";
    for text in [
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        good.replace(line, "IgnoreIP: 127.0.0.1/8 ::1,203.0.113.0/24   198.51.100.128/28"),
        good.replace(
            line,
            "ignoreip = 127.0.0.1/8 ::1\n    # between\n    203.0.113.0/24\n\t198.51.100.128/28",
        ),
    ] {
        lab.write_jail_local(&text);
        lab.client(&["reload"]);
        there_and_back(&lab);
    }
}

#[test]
fn mode_and_owner_are_kept_and_a_link_stays_a_link() {
    let lab = Lab::start();
    let path = lab.jail_local_path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).expect("chmod");
    if is_root_for("a file of another owner") {
        std::os::unix::fs::chown(&path, Some(65534), Some(65534)).expect("chown");
    }
    let facts = |path: &std::path::Path| {
        let facts = std::fs::metadata(path).expect("metadata");
        (facts.mode() & 0o7777, facts.uid(), facts.gid())
    };
    let before = facts(&path);
    there_and_back(&lab);
    assert_eq!(facts(&path), before);
    for backup in lab.backups() {
        assert_eq!(facts(&backup), before, "{}", backup.display());
    }

    let target = lab.folder().join("kept-in-git.local");
    std::fs::rename(&path, &target).expect("moved");
    symlink(&target, &path).expect("a link");
    there_and_back(&lab);
    assert_eq!(std::fs::read_link(&path).expect("still a link"), target);
    assert_eq!(facts(&target), before);
}

#[test]
fn a_file_that_is_a_mount_point_is_written_in_place() {
    if !is_root_for("a mount") {
        return;
    }
    let lab = Lab::start();
    let (path, target) = (lab.jail_local_path(), lab.folder().join("mounted.local"));
    std::fs::copy(&path, &target).expect("copied");
    let mounted = Command::new("mount")
        .arg("--bind")
        .arg(&target)
        .arg(&path)
        .output()
        .expect("mount");
    if !mounted.status.success() {
        left_out(&format!(
            "not even root may mount here: {}",
            String::from_utf8_lossy(&mounted.stderr)
        ));
        return;
    }
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let inode = std::fs::metadata(&path).expect("metadata").ino();
        there_and_back(&lab);
        assert_eq!(std::fs::metadata(&path).expect("metadata").ino(), inode);
        // A change that fails is put back there as well.
        lab.on_client("[ \"$3\" = reload ] && [ ! -e $here/once ] && touch $here/once && exit 255");
        let before = lab.snapshot();
        lab.run(ONBOARD).expect(6);
        super::support::snapshot::assert_put_back(&before, &lab.snapshot());
    }));
    let unmounted = Command::new("umount").arg("-l").arg(&path).status();
    assert!(unmounted.expect("umount").success());
    if let Err(panic) = run {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn a_whitelist_that_a_jail_replaces_is_reported() {
    let lab = Lab::start();
    lab.edit_jail_local("[asterisk-scan]\n", "[asterisk-scan]\nignoreip = 127.0.0.1/8\n");
    lab.client(&["reload"]);
    let run = lab.done(&[ONBOARD, &["--json"]].concat());
    assert!(run.warnings().contains(&"own_ignoreip".to_owned()), "{}", run.stdout);
    assert!(run.stdout.contains("asterisk-scan"));
    assert!(lab.ignored_in("asterisk-auth").contains(NETWORK));
    assert!(!lab.ignored_in("asterisk-scan").contains(NETWORK));
    let list = lab.done(&["whitelist", "list", "--json"]).json();
    let rows = list["whitelist"].as_array().expect("rows").clone();
    let row = rows
        .iter()
        .find(|row| row["network"] == json!(NETWORK))
        .expect("the row");
    assert_eq!(row["in_force"], json!(["asterisk-auth", "sshd"]));
    assert_eq!(row["not_in_force"], json!(["asterisk-scan"]));
    // It ends here: what cannot come into force is not tried again by every run.
    let before = lab.snapshot();
    let again = lab.done(&[ONBOARD, &["--json"]].concat());
    assert_eq!(again.json()["outcome"], json!("unchanged"), "{}", again.stdout);
    assert_same(&before, &lab.snapshot());
}

#[test]
fn twenty_at_once_are_twenty_entries_and_twenty_records() {
    let lab = Lab::start();
    let start = |number: usize| {
        let mut program = lab.program();
        program.args([
            "-H",
            "lab",
            "onboard",
            &format!("198.51.100.{number}"),
            "--yes",
            "--json",
        ]);
        program.args(["--customer", &format!("Customer {number}")]);
        program
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        program.spawn().expect("the program runs")
    };
    let runs: Vec<_> = (0..20).map(|number| (number, start(number))).collect();
    for (number, run) in runs {
        let mut output = run.wait_with_output().expect("it ends");
        // The lock is waited for up to a minute; on a slow machine twenty changes take longer, which is said as such.
        if output.status.code() == Some(5) {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.contains("another change holds the lock"), "{said}");
            output = start(number).wait_with_output().expect("it ends");
        }
        assert!(output.status.success(), "{output:?}");
    }
    let text = lab.jail_local_text();
    for number in 0..20 {
        assert!(
            text.contains(&format!("# 198.51.100.{number} | Customer {number} |")),
            "{text}"
        );
        assert!(
            lab.ignored_in("sshd").contains(&format!("198.51.100.{number}")),
            "{number}"
        );
    }
    let changed = lab
        .audit_of("outcome")
        .iter()
        .filter(|record| record["outcome"] == json!("changed"))
        .count();
    assert_eq!((changed, lab.backups().len()), (20, 20));
    lab.done(&["audit", "verify"]);
}

#[test]
fn an_entry_that_would_be_in_force_nowhere_is_refused_with_the_place_that_has_the_last_word() {
    let lab = Lab::start();
    let list = "[DEFAULT]\nignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28\n";
    let folder = lab.paths.config_dir();
    let refused = |place: &str| {
        let before = lab.snapshot();
        let run = lab.run(&[ONBOARD, &["--json"]].concat());
        assert!(run.expect(3).error().contains("in force in no jail"), "{}", run.stdout);
        assert!(
            run.json()["error"]["hints"].to_string().contains(place),
            "{}",
            run.stdout
        );
        assert_same(&before, &lab.snapshot());
    };
    std::fs::create_dir_all(folder.join("jail.d")).expect("the folder");
    let later = folder.join("jail.d/z.local");
    std::fs::write(&later, list).expect("a later file");
    refused("jail.d/z.local");
    std::fs::remove_file(later).expect("it goes");

    std::fs::write(folder.join("office.inc"), list).expect("an included file");
    let text = lab.jail_local_text();
    lab.write_jail_local(format!("[INCLUDES]\nafter = office.inc\n\n{text}"));
    refused("jail.local:2");
    let own = |jail: &str| format!("[{jail}]\nignoreip = ::1\n");
    let replaced = lab
        .jails()
        .iter()
        .fold(text, |text, jail| text.replace(&format!("[{jail}]\n"), &own(jail)));
    lab.write_jail_local(replaced);
    lab.client(&["reload"]);
    refused("[asterisk-auth] has an ignoreip of its own");
}
