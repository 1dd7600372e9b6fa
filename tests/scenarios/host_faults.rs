//! What a host can lack: each fault has its own clear error, and nothing is changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::ONBOARD;
use super::left_out::{is_root_for, left_out};
use super::support::{Lab, Run, assert_same, eventually};

/// Onboards, which has to be refused (3) with these words and at least one hint while the host stays as it is.
#[track_caller]
fn refused(lab: &Lab, words: &[&str]) -> Run {
    let before = lab.snapshot();
    let run = lab.run(ONBOARD);
    run.expect(3);
    let document = run.json();
    assert_eq!(
        (&document["outcome"], &document["changed"]),
        (&json!("refused"), &json!(false))
    );
    assert_eq!(document["backup"], json!(null));
    let said = run.error();
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
    assert!(
        !document["error"]["hints"].as_array().expect("hints").is_empty(),
        "no hint: {said}"
    );
    assert_same(&before, &lab.snapshot());
    run
}

/// A file system of some kilobytes on a folder, which is taken off again.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it with a copy of what lies in the folder; `None` (said as left out) where one may not mount.
    #[track_caller]
    fn on(folder: &Path, kilobytes: u32) -> Option<Self> {
        if !is_root_for("a mount") {
            return None;
        }
        let script = format!(
            "set -e; aside=$(mktemp -d); cp -a '{0}/.' $aside; mount -t tmpfs -o size={kilobytes}k,mode=700 f2bctl-test '{0}'\n\
             cp -a $aside/. '{0}'; rm -r $aside",
            folder.display()
        );
        let done = Command::new("sh").args(["-c", &script]).output().expect("sh");
        if !done.status.success() {
            left_out(&format!(
                "not even root may mount here: {}",
                String::from_utf8_lossy(&done.stderr)
            ));
            return None;
        }
        Some(Self(folder.to_path_buf()))
    }

    fn fill(&self) {
        let script = format!("cat /dev/zero > '{}/filler' 2>/dev/null; true", self.0.display());
        assert!(Command::new("sh").args(["-c", &script]).status().expect("sh").success());
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status();
        assert!(done.expect("mount").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn fail2ban_is_down() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    let run = refused(&lab, &["fail2ban is not running"]);
    assert!(run.stdout.contains("--start"), "{}", run.stdout);

    let status = lab.run(&["status", "--json"]);
    status.expect(3);
    assert_eq!(status.json()["fail2ban"]["running"], json!(false));
    // What is on disk can be said all the same.
    assert_eq!(status.json()["whitelist"][2]["customer"], json!("Vista Seven Hotels"));
    lab.run(&["reload", "--yes"]).expect(3);
    lab.run(&["unban", "192.0.2.10", "--yes"]).expect(3);

    let started = lab.done(&["start", "--yes", "--json"]);
    assert_eq!(started.json()["outcome"], json!("changed"));
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    eventually("the bans are back", || {
        lab.banned_in("asterisk-auth").contains("192.0.2.10")
    });
    let before = lab.snapshot();
    assert_eq!(
        lab.done(&["start", "--yes", "--json"]).json()["outcome"],
        json!("unchanged")
    );
    assert_same(&before, &lab.snapshot());
}

#[test]
fn a_change_starts_a_fail2ban_that_was_killed() {
    let lab = Lab::start();
    let pid = std::fs::read_to_string(lab.paths.fail2ban_pid()).expect("a pid");
    assert!(
        Command::new("kill")
            .args(["-9", pid.trim()])
            .status()
            .expect("kill")
            .success()
    );
    eventually("the server is gone", || !lab.is_running());
    refused(&lab, &["fail2ban is not running"]);

    let run = lab.done(&[ONBOARD, &["--start"]].concat());
    assert_eq!(run.json()["outcome"], json!("changed"));
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
    assert!(!lab.banned_in("asterisk-auth").contains("192.0.2.10"));
    assert_eq!(lab.backups().len(), 1);
}

#[test]
fn a_configuration_that_cannot_start_is_not_started() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    lab.edit_jail_local("maxretry = 50", "maxretry = fifty");
    let before = lab.snapshot();
    let run = lab.run(&["start", "--yes", "--json"]);
    run.expect(3);
    assert!(run.error().contains("jail.local:"), "{}", run.error());
    assert_same(&before, &lab.snapshot());
    assert!(!lab.is_running());
}

#[test]
fn python3_is_missing() {
    let lab = Lab::start();
    lab.on_login("PATH=/nowhere; export PATH; run");
    let run = refused(&lab, &["python3 is not installed"]);
    assert!(run.stdout.contains("apt-get install python3"), "{}", run.stdout);
    lab.run(&["status"]).expect(3);
}

#[test]
fn the_login_talks_before_it_works() {
    // A profile that prints, which a greeting has to be found behind.
    let lab = Lab::start();
    lab.on_login("echo 'Welcome to pbx-1!'; echo '3'; printf 'no line end'; run");
    lab.done(&["status"]);
    lab.done(ONBOARD);
}

#[test]
fn the_client_is_not_installed() {
    let lab = Lab::start();
    lab.set_host("client", "\"/nowhere/fail2ban-client\"");
    refused(&lab, &["/nowhere/fail2ban-"]);
}

#[test]
fn jail_local_is_missing() {
    let lab = Lab::start();
    let aside = lab.folder().join("jail.local");
    std::fs::rename(lab.jail_local_path(), &aside).expect("moved");
    refused(&lab, &["sets up no jail at all"]);
    lab.run(&["offboard", "203.0.113.0/24", "--yes"]).expect(3);
    lab.run(&["backup", "--yes"]).expect(3);
    lab.done(&["whitelist", "list"]);
    assert!(!lab.jail_local_path().exists());
}

#[test]
fn another_directory_is_no_fail2ban() {
    let lab = Lab::start();
    lab.set_host("config_dir", "\"/nowhere/fail2ban\"");
    refused(&lab, &["/nowhere/fail2ban"]);
}

#[test]
fn the_disk_of_the_journal_is_full() {
    let lab = Lab::start();
    let Some(disk) = SmallDisk::on(&lab.paths.state_dir(), 64) else {
        return;
    };
    disk.fill();
    refused(&lab, &["nothing was changed", "No space left"]);
    assert!(
        lab.phases().iter().all(|phase| phase.is_empty() || phase == "refused"),
        "{:?}",
        lab.phases()
    );
    // Reports need no room, and neither does an unban need more than its record.
    lab.done(&["status"]);
}

#[test]
fn the_disk_of_the_configuration_is_full() {
    let lab = Lab::start();
    let Some(disk) = SmallDisk::on(&lab.paths.config_dir(), 2048) else {
        return;
    };
    disk.fill();
    refused(&lab, &["nothing was changed", "No space left"]);
    assert!(lab.backups().is_empty());
    let refusal = lab.audit_of("outcome");
    assert_eq!(
        refusal.last().expect("the intent has an end")["outcome"],
        json!("refused")
    );
    lab.done(&["audit", "verify"]);
}

#[test]
fn the_file_system_is_read_only() {
    let lab = Lab::start();
    {
        let Some(disk) = SmallDisk::on(&lab.paths.config_dir(), 2048) else {
            return;
        };
        disk.remount("ro");
        refused(&lab, &["nothing was changed", "Read-only file system"]);
        disk.remount("rw");
    }
    let Some(disk) = SmallDisk::on(&lab.paths.state_dir(), 2048) else {
        return;
    };
    disk.remount("ro");
    refused(&lab, &["Read-only file system"]);
    lab.done(&["status"]);
}

#[test]
fn the_login_has_no_rights() {
    if !is_root_for("a login that gives up its rights") {
        return;
    }
    let lab = Lab::start();
    lab.on_login("exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"");
    let run = refused(&lab, &["Permission denied"]);
    assert!(run.stdout.contains("--become"), "{}", run.stdout);
    let status = lab.run(&["status", "--json"]);
    status.expect(3);
    assert!(status.stdout.contains("Permission denied"), "{}", status.stdout);
    assert!(
        status.json()["unknown"]
            .as_object()
            .is_some_and(|parts| !parts.is_empty()),
        "{}",
        status.stdout
    );
}

#[test]
fn nobody_is_there() {
    let lab = Lab::start();
    let settings = lab.configuration();
    let pid = std::fs::read_to_string(lab.paths.sshd_pid()).expect("a pid");
    assert!(Command::new("kill").arg(pid.trim()).status().expect("kill").success());
    eventually("sshd is gone", || !Path::new("/proc").join(pid.trim()).exists());
    let before = lab.snapshot();
    for arguments in [
        ONBOARD,
        &["status", "--json"],
        &["audit", "verify", "--json"],
        &["backups", "--json"],
    ] {
        let run = lab.run(arguments);
        run.expect(4);
        assert_eq!(run.json()["error"]["kind"], json!("connection"));
    }
    assert_same(&before, &lab.snapshot());
    assert_eq!(lab.configuration(), settings);
    // The attempt stands in the operator's own trail, since the host's could not be reached.
    assert_eq!(
        lab.local_audit_lines().last().expect("a record")["kind"],
        json!("attempt")
    );
}

#[test]
fn another_key_is_not_trusted() {
    let lab = Lab::start();
    let known = lab.paths.folder.join("ssh/known_hosts");
    let text = std::fs::read_to_string(&known).expect("known_hosts");
    let other = std::fs::read_to_string(lab.paths.folder.join("ssh/user_key.pub")).expect("a key");
    let key: Vec<&str> = other.split_whitespace().collect();
    let (place, _) = text.split_once(' ').expect("a line");
    std::fs::write(&known, format!("{place} {} {}\n", key[0], key[1])).expect("written");
    let before = lab.snapshot();
    for flags in [&[][..], &["--accept-new"]] {
        let run = lab.run(&[ONBOARD, flags].concat());
        run.expect(4);
        assert!(run.error().contains("key"), "{}", run.error());
    }
    // An unknown key is taken on one's word only.
    std::fs::write(&known, "").expect("written");
    lab.run(&["status"]).expect(4);
    lab.done(&["status", "--accept-new"]);
    lab.done(&["status"]);
    assert_same(&before, &lab.snapshot());
}
