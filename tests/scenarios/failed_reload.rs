//! A change that fails after the file was replaced: files, jails, actions and bans are as before, and exit 6 says so;
//! where the way back fails as well it is exit 7, and the next run settles it.

use serde_json::json;

use super::ONBOARD;
use super::support::snapshot::assert_put_back;
use super::support::{Lab, Run};

/// Lets the first reload go wrong in this way, onboards, and looks whether the host is as before.
fn put_back_after(what_happens: &str) -> (Lab, Run) {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    lab.on_client(&format!(
        "if [ \"$3\" = reload ] && [ ! -e $here/failed ]; then touch $here/failed\n{what_happens}\nfi"
    ));
    let before = lab.snapshot();

    let run = lab.run(ONBOARD);
    run.expect(6);
    let document = run.json();
    assert_eq!(
        (&document["outcome"], &document["changed"]),
        (&json!("restored"), &json!(false))
    );
    assert_eq!(document["error"]["kind"], json!("restored"));
    assert!(!document["error"]["hints"].as_array().expect("hints").is_empty());
    assert!(lab.folder().join("client/failed").exists(), "the fault did not happen");

    assert_put_back(&before, &lab.snapshot());
    assert_eq!(lab.phases(), ["undone"]);
    let outcome = &lab.audit_of("outcome")[0];
    assert_eq!(outcome["outcome"], json!("restored"));
    assert_eq!(
        lab.local_audit_lines().last().expect("a record")["outcome"],
        json!("restored")
    );
    (lab, run)
}

#[test]
fn a_reload_that_says_no() {
    let (lab, run) = put_back_after("echo 'cannot read it' >&2; exit 255");
    assert!(run.error().contains("cannot read it"), "{}", run.error());
    // What failed once is not in the way of the next run.
    lab.done(ONBOARD);
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
    lab.done(&["audit", "verify"]);
}

#[test]
fn a_reload_that_loses_a_jail() {
    put_back_after("client -c \"$2\" stop asterisk-scan; exit 255");
}

#[test]
fn a_reload_that_loses_every_jail() {
    put_back_after("for jail in sshd asterisk-auth asterisk-scan; do client -c \"$2\" stop $jail; done; exit 255");
}

#[test]
fn a_reload_that_lifts_every_ban_for_good() {
    // Bans that were lifted this way are gone from fail2ban's database too: nothing but the journal has their ends.
    put_back_after("client -c \"$2\" unban --all; exit 255");
}

#[test]
fn a_reload_that_succeeds_and_sets_up_something_else() {
    let (_, run) = put_back_after("client \"$@\"; client -c \"$2\" set asterisk-auth maxretry 99; exit 0");
    assert!(run.error().contains("maxretry is 99, not 3"), "{}", run.error());
}

#[test]
fn a_reload_that_succeeds_without_a_jail() {
    // What a missing filter does: "OK", exit 0, and the jail is silently gone.
    let (_, run) = put_back_after("client \"$@\"; client -c \"$2\" stop asterisk-auth; exit 0");
    assert!(run.error().contains("asterisk-auth is not running"), "{}", run.error());
}

#[test]
fn a_reload_in_which_the_server_dies() {
    let (lab, _) = put_back_after("kill -9 $(cat \"$2\"/../../run/fail2ban.pid); sleep 0.3; exit 255");
    assert!(lab.is_running());
}

#[test]
fn a_way_back_that_fails_too_is_exit_7_and_the_next_run_recovers_it() {
    let lab = Lab::start();
    let before = lab.snapshot();
    lab.on_client("if [ \"$3\" = reload ]; then client -c \"$2\" stop asterisk-scan; exit 255; fi");

    let run = lab.run(ONBOARD);
    run.expect(7);
    let document = run.json();
    assert_eq!(document["outcome"], json!("not_restored"));
    assert!(run.error().contains("asterisk-scan"), "{}", run.error());
    assert_eq!(lab.phases(), ["undoing"]);
    // The file at least is back already.
    assert_eq!(
        lab.jail_local(),
        before.files[std::path::Path::new("jail.local")].bytes()
    );

    // A report warns of it; the next change undoes it and then goes on.
    lab.set_host("client", "\"fail2ban-client\"");
    let status = lab.run(&["status", "--json"]);
    assert!(status.expect(0).warnings().contains(&"interrupted_change".to_owned()));
    let run = lab.done(ONBOARD);
    assert!(
        run.warnings().contains(&"interrupted_change_settled".to_owned()),
        "{}",
        run.stdout
    );
    assert_eq!(lab.jails(), ["asterisk-auth", "asterisk-scan", "sshd"]);
    assert_eq!(lab.phases(), ["undone", "done"]);
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
    lab.done(&["audit", "verify"]);
}
