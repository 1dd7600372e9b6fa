//! Entries that were set at run time: no change loses one without a word, in however many jails it is.

use std::time::Duration;

use super::{Host, JAILS};

/// How long before a reload the files may have been read, so that an edit within that time proves nothing.
const BEFORE: Duration = Duration::from_secs(6);

#[test]
fn an_entry_in_every_jail_is_kept_where_the_files_are_older_than_the_server() {
    let host = Host::start();
    std::thread::sleep(BEFORE);
    host.reload();
    let set = |entry: &str| {
        for jail in JAILS {
            host.lab.client(&["set", jail, "addignoreip", entry]);
        }
    };
    set("192.0.2.200");
    assert_eq!(host.row("192.0.2.200")["source"], "runtime");
    let onboard = |network: &str, flags: &[&str]| {
        let command = ["onboard", network, "--customer", "Sunrise Motels", "--yes", "--json"];
        host.lab.run(&[&command, flags].concat())
    };
    for network in ["192.0.2.16/28", "192.0.2.32/28"] {
        // The second one behind f2bctl's own change and reload, which proves as much.
        assert!(
            onboard(network, &[])
                .expect(0)
                .warnings()
                .contains(&"runtime_entry_kept".to_owned())
        );
        for jail in JAILS {
            assert!(host.lab.ignored_in(jail).contains("192.0.2.200"), "{jail}");
        }
    }
    // Taking another one off keeps it as well, and what the change means to end goes.
    host.lab.done(&["offboard", "192.0.2.16/28", "--yes"]);
    assert!(host.lab.ignored_in("sshd").contains("192.0.2.200"));
    assert!(!host.lab.ignored_in("sshd").contains("192.0.2.16/28"));

    // Edited since: it may have been deleted from the file, so it is asked about and never dropped unsaid.
    host.lab.write_jail_local(host.lab.jail_local_text());
    assert_eq!(host.row("192.0.2.200")["source"], "runtime_or_deleted");
    let refused = onboard("192.0.2.48/28", &[]);
    refused.expect(5);
    let hints = refused.json()["error"]["hints"].to_string();
    assert!(
        hints.contains("set at run time, or deleted") && hints.contains("onboard 192.0.2.200"),
        "{hints}"
    );
    let dropped = onboard("192.0.2.48/28", &["--with-drift"]);
    assert!(
        dropped
            .expect(0)
            .warnings()
            .contains(&"runtime_entry_dropped".to_owned())
    );
    assert!(!host.lab.ignored_in("sshd").contains("192.0.2.200"));

    // What the refusal offers keeps it.
    set("192.0.2.201");
    host.lab.write_jail_local(host.lab.jail_local_text());
    onboard("192.0.2.64/28", &[]).expect(5);
    onboard("192.0.2.201", &[]).expect(0);
    onboard("192.0.2.64/28", &[]).expect(0);
    assert!(host.lab.ignored_in("sshd").contains("192.0.2.201"));
}

/// An entry that somebody deleted from the file is no run-time entry, and comes into force as the edit that it is.
#[test]
fn an_entry_that_was_deleted_from_the_file_is_not_set_again() {
    let host = Host::start();
    std::thread::sleep(BEFORE);
    host.reload();
    host.lab.edit_jail_local(" 198.51.100.128/28\n", "\n");
    assert_eq!(host.row("198.51.100.128/28")["source"], "runtime_or_deleted");
    let command = [
        "onboard",
        "192.0.2.16/28",
        "--customer",
        "Sunrise Motels",
        "--yes",
        "--with-drift",
    ];
    host.lab.done(&command);
    assert!(!host.lab.ignored_in("sshd").contains("198.51.100.128/28"));
}
