//! Hosts without a jail.local: a fail2ban as it was installed, and one that is set up in jail.d alone.

use super::Host;
use crate::support::snapshot::assert_put_back;
use crate::support::{Run, texts};

/// What keeps the rehearsal host harmless, and its sshd jail on a log that is there.
const HARMLESS: &str = "[DEFAULT]\nbackend = polling\nusedns = no\nignoreself = false\nbanaction = lab-record\n\
                        banaction_allports = lab-record\n";

/// The reading commands, which answer on every host.
const READING: [&[&str]; 12] = [
    &["status"],
    &["doctor"],
    &["whitelist", "list"],
    &["whitelist", "check", "192.0.2.1"],
    &["whitelist", "lint"],
    &["whitelist", "export"],
    &["why", "192.0.2.1"],
    &["backups"],
    &["history"],
    &["recidive", "status"],
    &["temp", "list"],
    &["regex", "sshd"],
];

/// A host that has what the package installs, and nothing by f2bctl.
fn as_installed() -> Host {
    let host = Host::start();
    let folder = host.lab.paths.config_dir();
    let sshd = format!(
        "{HARMLESS}[sshd]\nenabled = true\nlogpath = {}\n",
        host.lab.paths.action_log().with_file_name("auth.log").display()
    );
    std::fs::remove_file(host.lab.jail_local_path()).expect("removed");
    for name in ["asterisk-auth.local", "asterisk-scan.local"] {
        std::fs::remove_file(folder.join("filter.d").join(name)).expect("removed");
    }
    host.with_file("jail.d/defaults-debian.conf", &sshd);
    assert_eq!(host.lab.jails(), ["sshd"]);
    host
}

fn answers(host: &Host) {
    for command in READING {
        let run = host.lab.run(&[command, &["--json"]].concat());
        assert!(matches!(run.code, 0 | 8), "{command:?}: {run:?}");
    }
}

/// The first finding's fix, as it is typed.
fn first(run: &Run) -> (String, String) {
    let document = run.json();
    let text = |key: &str| document["findings"][0][key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("fix"))
}

#[test]
fn a_new_pbx_begins_with_what_doctor_names_first() {
    let host = as_installed();
    answers(&host);
    let doctor = host.lab.run(&["doctor", "--json"]);
    let (code, fix) = first(doctor.expect(8));
    assert_eq!(code, "no_jail_local");
    assert!(fix.starts_with("`f2bctl split` "), "{fix}");

    // The plan says that the file is made; nothing is made by it.
    let plan = host.lab.done(&["split", "--dry-run"]);
    assert!(plan.stdout.contains("Create jail.local"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("Back up jail.local"), "{}", plan.stdout);
    assert!(!host.lab.jail_local_path().exists());

    let split = host.lab.done(&["split", "--yes", "--json"]).json();
    assert_eq!(split["backup"], serde_json::Value::Null);
    assert_eq!(host.lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    let onboard = ["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"];
    host.lab.done(&onboard);
    assert!(host.lab.ignored_in("sshd").contains("192.0.2.16/28"));
    let (code, _) = first(&host.lab.run(&["doctor", "--json"]));
    assert_ne!(code, "no_jail_local");
    host.lab.done(&["undo", "--yes"]);
    // Undone, the host is as it was installed.
    host.lab
        .done(&["undo", split["change_id"].as_str().expect("a change"), "--yes"]);
    assert!(!host.lab.jail_local_path().exists());
    assert_eq!(host.lab.jails(), ["sshd"]);
}

/// A change whose reload fails takes away the file that it made.
#[test]
fn a_file_that_was_made_goes_when_the_change_fails() {
    let host = as_installed();
    let before = host.lab.snapshot();
    host.lab
        .on_client("if [ \"$3\" = reload ] && [ ! -e $here/failed ]; then touch $here/failed; exit 255; fi");
    let onboard = ["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"];
    host.lab.run(&onboard).expect(6);
    assert!(!host.lab.jail_local_path().exists());
    assert_put_back(&before, &host.lab.snapshot());
}

#[test]
fn each_change_of_the_file_makes_it() {
    // A change that makes the file is undone, and the others leave none behind, so that one host does for all.
    let host = as_installed();
    for (command, code) in [
        (&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels"][..], 0),
        (&["tune", "sshd", "maxretry", "7"], 0),
        (&["recidive", "enable"], 0),
        // What is about a text that is not there has nothing to do, or says so.
        (&["recidive", "disable"], 0),
        (&["offboard", "192.0.2.16/28"], 0),
        (&["whitelist", "lint", "--fix"], 0),
        (&["whitelist", "adopt"], 0),
        (&["whitelist", "annotate", "192.0.2.16/28", "--customer", "X"], 3),
        (&["backup"], 3),
        (&["reload"], 0),
    ] {
        let run = host.lab.run(&[command, &["--yes"]].concat());
        run.expect(code);
        let is_made = matches!(command[0], "onboard" | "tune") || command == ["recidive", "enable"];
        assert_eq!(host.lab.jail_local_path().exists(), is_made, "{command:?}: {run:?}");
        if is_made {
            host.lab.done(&["undo", "--yes"]);
            assert!(!host.lab.jail_local_path().exists(), "{command:?}");
        }
    }
}

/// The list that jail.d gives is what a new one begins with.
#[test]
fn a_host_of_jail_d_alone() {
    let host = as_installed();
    let list = "[DEFAULT]\nignoreip = 127.0.0.0/8 198.51.100.0/28\n";
    host.with_file("jail.d/10-site.conf", list);
    answers(&host);
    assert_eq!(host.row("198.51.100.0/28")["place"], "jail.d/10-site.conf:2");
    host.lab
        .done(&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"]);
    let ignored = host.lab.ignored_in("sshd");
    assert!(
        ignored.contains("192.0.2.16/28") && ignored.contains("198.51.100.0/28"),
        "{ignored:?}"
    );
    // A list that is read after jail.local keeps a new one out of force: refused, with its place.
    host.lab.done(&["undo", "--yes"]);
    host.without_file("jail.d/10-site.conf");
    host.with_file("jail.d/99-site.local", list);
    let refused = host.lab.run(&[
        "onboard",
        "192.0.2.16/28",
        "--customer",
        "Sunrise Motels",
        "--yes",
        "--json",
    ]);
    refused.expect(3);
    assert!(
        refused.json().to_string().contains("jail.d/99-site.local"),
        "{}",
        refused.stdout
    );
    assert_eq!(texts(&refused.json()["plan"]["steps"]), Vec::<String>::new());
}

/// A folder that is no configuration of fail2ban gets no file.
#[test]
fn a_wrong_folder_is_no_new_host() {
    let host = as_installed();
    std::fs::remove_file(host.lab.paths.config_dir().join("jail.conf")).expect("removed");
    let run = host
        .lab
        .run(&["onboard", "192.0.2.16/28", "--customer", "Sunrise Motels", "--yes"]);
    run.expect(3);
    assert!(run.stderr.contains("config_dir"), "{}", run.stderr);
    assert!(!host.lab.jail_local_path().exists());
}
