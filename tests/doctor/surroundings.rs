//! What is round fail2ban: files, clocks, changes that were interrupted, and what cannot be looked at.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::left_out::is_root_for;

use super::support::Lab;
use super::support::attributes::{ACCESS_LIST, access_list, set};
use super::{appear_and_go, fault, host, others};

#[test]
fn the_host_round_fail2ban() {
    let lab = host();
    let file = lab.jail_local_path();
    let mode = |bits: u32| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(bits)).expect("chmod");
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
    appear_and_go(
        &lab,
        [
            fault("file_mode", || mode(0o666), || mode(0o644)),
            fault("interrupted_change", make, || phase("undone")),
        ],
    );
}

/// A change that another agent makes at this moment: its folder in the journal, and the lock.
#[test]
fn a_change_under_way() {
    let lab = host();
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
    appear_and_go(&lab, [fault("awaiting_confirmation", || make("awaiting"), end)]);
    appear_and_go(&lab, [fault("change_under_way", || make("reloading"), end)]);
}

#[test]
fn files_that_an_ordinary_user_owns_or_may_write_to() {
    let lab = host();
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
    let (actions, jail_local) = (config.join("action.d"), lab.jail_local_path());
    let open = [
        (&filter, 0o664),
        (&link, 0o646),
        (&actions, 0o775),
        (&config, 0o775),
        (&jail_local, 0o666),
    ];
    for (path, bits) in open {
        mode(path, bits);
    }
    repaired(&lab, "file_mode", &open.map(|(path, _)| path.as_path()));
    let given = || set(&filter, ACCESS_LIST, &access_list(6));
    let taken = || {
        rustix::fs::removexattr(&filter, ACCESS_LIST).expect("no list any more");
        // The list's mask stays behind as the rights of the group.
        mode(&filter, 0o644);
    };
    appear_and_go(&lab, [fault("file_acl", given, taken)]);
    assert_eq!(others(&lab), [].into(), "the fixes that were run, fixed it");
    if is_root_for("files of another owner") {
        lab.done(&["backup", "--yes"]);
        let state = lab.paths.state_dir();
        let given = [&link, &config, &state.join("audit.jsonl"), &state.join("changes")];
        for path in &given {
            std::os::unix::fs::chown(path, Some(65534), None).expect("chown");
        }
        repaired(&lab, "file_owner", &given.map(|path| path.as_path()));
        assert_eq!(others(&lab), [].into());
    }
}

/// A finding whose fixes name these paths and are run as they stand.
fn repaired(lab: &Lab, code: &str, paths: &[&Path]) {
    let fixes = fixes(lab, code);
    for path in paths {
        let path = path.display().to_string();
        let names = |fix: &String| fix.split(' ').any(|word| word == path);
        assert!(fixes.iter().any(names), "{path} is not in {fixes:?}");
    }
    for fix in &fixes {
        let ended = Command::new("sh").args(["-ec", fix]).status().expect("a shell");
        assert!(ended.success(), "{fix}");
    }
}

/// What the findings of a code offer as their fix.
fn fixes(lab: &Lab, code: &str) -> Vec<String> {
    let document = lab.run(&["doctor", "--json"]).json();
    let findings = document["findings"].as_array().cloned().unwrap_or_default();
    let of_code = findings.iter().filter(|finding| finding["code"] == code);
    of_code
        .filter_map(|finding| finding["fix"].as_str())
        .map(str::to_owned)
        .collect()
}

#[test]
fn clocks_that_are_apart() {
    let lab = host();
    // The host's clock is what its Python says; here it is five minutes ahead.
    let ahead =
        "import time\nreal = time.time\ntime.time = lambda: real() + 300\ndef act(event, arguments, seen):\n    pass\n";
    appear_and_go(
        &lab,
        [fault("clock_differs", || lab.on_agent(ahead), || lab.usual_login())],
    );
}

#[test]
fn what_cannot_be_read_is_reported() {
    let lab = host();
    // Where a file stands in the way, nothing can be told of what would lie behind it.
    let settings = lab.configuration();
    let behind = format!("{:?}", lab.jail_local_path().join("messages.log").display().to_string());
    let make = || lab.set_host("asterisk_log", &behind);
    let heal = || std::fs::write(&lab.paths.configuration_file, &settings).expect("written");
    appear_and_go(&lab, [fault("unknown", make, heal)]);
}
