//! What is round fail2ban: files, clocks, changes that were interrupted, and what cannot be looked at.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::left_out::is_root_for;

use super::appears_and_goes;
use super::support::Lab;
use super::support::attributes::{ACCESS_LIST, access_list, set};

#[test]
fn the_host_round_fail2ban() {
    let lab = Lab::start();
    let file = lab.jail_local_path();
    let mode = |bits: u32| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(bits)).expect("chmod");
    appears_and_goes(&lab, "file_mode", || mode(0o666), || mode(0o644));
    let change = lab.paths.state_dir().join("changes/interrupted-change");
    let phase = |text: &str| std::fs::write(change.join("phase"), text).expect("phase");
    let make = || {
        std::fs::create_dir_all(&change).expect("folder");
        for private in [lab.paths.state_dir(), lab.paths.state_dir().join("changes")] {
            std::fs::set_permissions(private, std::fs::Permissions::from_mode(0o700)).expect("chmod");
        }
        let request = r#"{"audit": {"operator": "ravi", "command": "onboard"}, "files": []}"#;
        std::fs::write(change.join("request.json"), request).expect("request");
        phase("replacing");
    };
    appears_and_goes(&lab, "interrupted_change", make, || phase("undone"));
}

/// A change that another agent makes at this moment: its folder in the journal, and the lock.
#[test]
fn a_change_under_way() {
    let lab = Lab::start();
    let held = lab.lock_file();
    let folder = lab.paths.state_dir().join("changes/waiting-change");
    let make = |phase: &str| {
        rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
        std::fs::create_dir_all(&folder).expect("folder");
        std::fs::set_permissions(
            lab.paths.state_dir().join("changes"),
            std::fs::Permissions::from_mode(0o700),
        )
        .expect("chmod");
        let request = r#"{"audit": {"operator": "ravi", "command": "tune"}, "files": []}"#;
        std::fs::write(folder.join("request.json"), request).expect("request");
        std::fs::write(folder.join("awaiting.json"), r#"{"until": 4000000000.5}"#).expect("its end");
        std::fs::write(folder.join("phase"), phase).expect("phase");
    };
    let end = || {
        std::fs::write(folder.join("phase"), "done").expect("phase");
        rustix::fs::flock(&held, rustix::fs::FlockOperation::Unlock).expect("the lock");
    };
    appears_and_goes(&lab, "awaiting_confirmation", || make("awaiting"), end);
    appears_and_goes(&lab, "change_under_way", || make("reloading"), end);
}

#[test]
fn files_that_an_ordinary_user_owns_or_may_write_to() {
    let lab = Lab::start();
    let config = lab.paths.config_dir();
    let mode = |path: &Path, bits: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).expect("chmod");
    };
    // What fail2ban reads, beside jail.local: filters, actions, their folders, and where a link leads.
    let link = config.join("filter.d/linked.conf");
    let target = lab.folder().join("linked.conf");
    std::fs::write(&target, "[Definition]\nfailregex = ^<HOST>$\n").expect("a filter");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    let filter = config.join("filter.d/asterisk-scan.local");
    for (path, bits, usual) in [
        (filter.clone(), 0o664, 0o644),
        (target.clone(), 0o646, 0o644),
        (config.join("action.d"), 0o775, 0o755),
        (config.clone(), 0o775, 0o755),
    ] {
        appears_and_goes(&lab, "file_mode", || mode(&path, bits), || mode(&path, usual));
    }
    let given = || set(&filter, ACCESS_LIST, &access_list(6));
    let taken = || rustix::fs::removexattr(&filter, ACCESS_LIST).expect("no list any more");
    appears_and_goes(&lab, "file_acl", given, taken);
    mode(&filter, 0o644);
    let run = lab.run(&["doctor", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    if is_root_for("files of another owner") {
        let owner = |path: &Path, uid: u32| std::os::unix::fs::chown(path, Some(uid), None).expect("chown");
        for path in [&target, &config] {
            appears_and_goes(&lab, "file_owner", || owner(path, 65534), || owner(path, 0));
        }
        lab.done(&["backup", "--yes"]);
        let state = lab.paths.state_dir();
        for path in [state.join("audit.jsonl"), state.join("changes")] {
            appears_and_goes(&lab, "file_owner", || owner(&path, 65534), || owner(&path, 0));
        }
    }
}

#[test]
fn clocks_that_are_apart() {
    let lab = Lab::start();
    // The host's clock is what its Python says; here it is five minutes ahead.
    let ahead =
        "import time\nreal = time.time\ntime.time = lambda: real() + 300\ndef act(event, arguments, seen):\n    pass\n";
    appears_and_goes(&lab, "clock_differs", || lab.on_agent(ahead), || lab.usual_login());
}

#[test]
fn what_cannot_be_read_is_said() {
    let lab = Lab::start();
    // Where a file stands in the way, nothing can be told of what would lie behind it.
    let settings = lab.configuration();
    let behind = format!("{:?}", lab.jail_local_path().join("messages.log").display().to_string());
    let make = || lab.set_host("asterisk_log", &behind);
    appears_and_goes(&lab, "unknown", make, || {
        std::fs::write(&lab.paths.configuration_file, &settings).expect("written");
    });
}
