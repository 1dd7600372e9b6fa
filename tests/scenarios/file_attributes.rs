//! What jail.local carries besides its bytes: access control lists, extended attributes, a second name.

use super::support::attributes::{ACCESS_LIST, access_list, get, set};
use super::support::{Lab, assert_same};

const ONBOARD: &[&str] = &[
    "onboard",
    "192.0.2.0/28",
    "--customer",
    "Lotus Court Hotels",
    "--yes",
    "--json",
];

#[test]
fn access_lists_and_extended_attributes_stay_and_backups_have_them() {
    let lab = Lab::start();
    let path = lab.jail_local_path();
    set(&path, "user.managed-by", b"ansible");
    set(&path, ACCESS_LIST, &access_list(4));
    // What the folder gives to new files is not jail.local's.
    set(&lab.paths.config_dir(), "system.posix_acl_default", &access_list(6));
    let run = lab.done(ONBOARD);
    assert!(!run.stdout.contains("attributes_lost"), "{}", run.stdout);
    let backup = lab.backups().pop().expect("a backup");
    for file in [&path, &backup] {
        assert_eq!(
            get(file, "user.managed-by").as_deref(),
            Some(&b"ansible"[..]),
            "{file:?}"
        );
        assert_eq!(get(file, ACCESS_LIST), Some(access_list(4)), "{file:?}");
    }
    // A file without a list of its own does not get the folder's.
    rustix::fs::removexattr(&path, ACCESS_LIST).expect("no list any more");
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    let backup = lab.backups().pop().expect("a backup");
    for file in [&path, &backup] {
        assert_eq!(get(file, ACCESS_LIST), None, "{file:?}");
    }
}

#[test]
fn a_jail_local_with_a_second_name_is_refused_before_anything_is_done() {
    let lab = Lab::start();
    let path = lab.jail_local_path();
    let second = lab.folder().join("second-name.local");
    std::fs::hard_link(&path, &second).expect("a hard link");
    let before = lab.snapshot();
    for arguments in [ONBOARD.to_vec(), [ONBOARD, &["--dry-run"]].concat()] {
        let run = lab.run(&arguments);
        run.expect(3);
        assert!(run.error().contains("2 names"), "{}", run.stdout);
        assert!(run.stdout.contains("-samefile"), "{}", run.stdout);
        assert_same(&before, &lab.snapshot());
    }
    assert!(lab.backups().is_empty());
    // A backup changes nothing of the file.
    lab.done(&["backup", "--yes"]);
    std::fs::remove_file(&second).expect("one name is left");
    lab.done(ONBOARD);
}
