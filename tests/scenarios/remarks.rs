//! What is said beside a plan, before it is approved: whom else it touches, whose an entry is, what it cannot bring back.
//! A remark that is missing here is a customer who is cut off, or one who stays whitelisted, without anybody's noticing.

use serde_json::json;

use super::ONBOARD;
use super::support::{Lab, Run};

/// The message of the one warning of this code.
#[track_caller]
fn warned(run: &Run, code: &str) -> String {
    let document = run.json();
    let warnings = document["warnings"].as_array().cloned().unwrap_or_default();
    let mut found = warnings.iter().filter(|warning| warning["code"] == code);
    let warning = found.next().unwrap_or_else(|| panic!("no {code} in {document}"));
    assert!(found.next().is_none(), "{code} once: {document}");
    warning["message"].as_str().expect("a sentence").to_owned()
}

/// A dry run of an onboard.
fn onboarding(lab: &Lab, network: &str, customer: &str) -> Run {
    lab.done(&["--json", "onboard", network, "--customer", customer, "--dry-run"])
}

#[test]
fn entries_that_hold_each_other_and_those_of_somebody_else_are_named() {
    let lab = Lab::start();
    let inside = warned(&onboarding(&lab, "203.0.113.16/28", "Test Inn"), "covered_by");
    assert!(inside.contains("203.0.113.0/24 (Vista Seven Hotels)"), "{inside}");
    let around = warned(&onboarding(&lab, "198.51.100.0/24", "Test Inn"), "covers");
    assert!(
        around.contains("198.51.100.128/28 (Blue Lotus Hotels), which stays"),
        "{around}"
    );
    let theirs = ["onboard", "203.0.113.0/24", "--customer", "Test Inn", "--yes", "--json"];
    let refused = lab.run(&theirs);
    refused.expect(3);
    assert!(
        refused.error().contains("belongs to Vista Seven Hotels"),
        "{}",
        refused.error()
    );
    let text = String::from_utf8(lab.jail_local()).expect("UTF-8");
    assert!(text.contains("203.0.113.0/24 | Vista Seven Hotels"), "{text}");
    let moved = lab.done(&[&theirs[..], &["--reassign"]].concat());
    let taken = warned(&moved, "other_customer");
    assert!(taken.contains("moves from Vista Seven Hotels"), "{taken}");
    let done = moved.json()["done"].to_string();
    assert!(done.contains("from Vista Seven Hotels to Test Inn"), "{done}");
    for (customer, changes) in [
        ("vista seven hotels", 1),
        ("Test Inn", 2),
        ("Vista", 0),
        ("Blue Lotus Hotels", 0),
    ] {
        let history = lab.done(&["--json", "history", "--customer", customer]).json();
        assert_eq!(
            history["entries"].as_array().map(Vec::len),
            Some(changes),
            "{customer}: {history}"
        );
    }
    let mapped = warned(&onboarding(&lab, "::ffff:192.0.2.9", "Test Inn"), "mapped_address");
    assert!(mapped.contains("192.0.2.9"), "{mapped}");
    let guest = lab.done(&["--json", "temp", "add", "203.0.113.9", "--for", "1h", "--dry-run"]);
    let covered = warned(&guest, "covered_by");
    assert!(covered.contains("203.0.113.0/24"), "{covered}");

    lab.done(&["onboard", "203.0.113.16/28", "--customer", "Test Inn", "--yes"]);
    let gone = lab.done(&["--json", "offboard", "203.0.113.16/28", "--yes"]);
    let stays = warned(&gone, "still_covered");
    assert!(
        stays.contains("203.0.113.16/28 stays whitelisted by the entry 203.0.113.0/24"),
        "{stays}"
    );
    for jail in lab.jails() {
        let list = lab.ignored_in(&jail);
        assert!(
            list.contains("203.0.113.0/24") && !list.contains("203.0.113.16/28"),
            "{jail}: {list:?}"
        );
    }
}

#[test]
fn an_address_in_a_banned_network_is_not_let_in_alone_and_the_network_is_named() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.0/29");
    let alone = lab.done(&["--json", "unban", "198.51.100.3", "--yes"]);
    let message = warned(&alone, "banned_by_network");
    assert!(
        message.contains("198.51.100.3 stays blocked") && message.contains("198.51.100.0/29"),
        "{message}"
    );
    assert_eq!(alone.json()["not_banned"], json!(["198.51.100.3"]));
    assert!(lab.banned_in("sshd").contains("198.51.100.0/29"));
    let whole = lab.done(&["--json", "unban", "198.51.100.0/29", "--yes"]);
    assert!(!whole.warnings().contains(&"banned_by_network".to_owned()));
    assert!(!lab.banned_in("sshd").contains("198.51.100.0/29"));
}

#[test]
fn bans_that_a_change_ends_or_that_its_undo_leaves_lifted_are_named() {
    let lab = Lab::start();
    // The lab bans 192.0.2.10 in both jails of Asterisk, which a rollback ends.
    let back = lab.done(&["--json", "rollback", "--drop-whitelist", "--dry-run"]);
    let document = back.json();
    let lost: Vec<&str> = document["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|warning| warning["code"] == "bans_lost")
        .filter_map(|warning| warning["message"].as_str())
        .collect();
    assert_eq!(lost.len(), 2, "{document}");
    for (jail, message) in ["asterisk-auth", "asterisk-scan"].iter().zip(lost) {
        assert!(
            message.contains(&format!("Jail {jail} is removed")) && message.contains("192.0.2.10 can reach"),
            "{message}"
        );
    }
    assert!(warned(&back, "runbook_filters").contains("`f2bctl undo` brings them back"));

    lab.done(ONBOARD);
    assert!(!lab.banned_in("asterisk-auth").contains("192.0.2.10"));
    let undone = lab.done(&["--json", "undo", "--yes"]);
    assert!(warned(&undone, "bans_stay_lifted").contains("are not set again"));
    assert!(!lab.banned_in("asterisk-auth").contains("192.0.2.10"));

    lab.done(&["recidive", "enable", "--yes"]);
    lab.ban("recidive", "198.51.100.7");
    let ending = lab.done(&["--json", "recidive", "disable", "--dry-run"]);
    assert!(warned(&ending, "bans_end").contains("198.51.100.7"));
}

#[test]
fn no_change_is_made_that_the_operators_own_log_cannot_take() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let trail = super::support::environment(lab.folder())
        .state_home
        .join("f2bctl")
        .join("audit.jsonl");
    std::fs::create_dir_all(&trail).expect("a folder in the trail's place");
    let run = lab.run(ONBOARD);
    run.expect(3);
    assert!(run.error().contains("local audit log"), "{}", run.error());
    assert!(
        run.json()["error"]["hints"][0]
            .as_str()
            .is_some_and(|hint| hint.contains("state directory writable"))
    );
    super::support::assert_same(&before, &lab.snapshot());
    assert_eq!(lab.phases(), [""; 0]);
    // What is refused anyway is refused all the same; that it is not written down here is said.
    let wide = lab.run(&["--json", "onboard", "203.0.0.0/16", "--customer", "Test Inn", "--yes"]);
    wide.expect(3);
    assert!(warned(&wide, "local_trail").contains("cannot be"));
    assert_eq!(lab.audit_of("attempt").len(), 2, "the host's trail has both");
}

#[test]
fn a_state_directory_that_others_can_write_to_is_shown_by_reports_and_stops_changes() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::start();
    lab.done(&["backup", "--yes"]);
    let state = lab.paths.state_dir();
    let before = lab.snapshot();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o777)).expect("its mode");
    let status = lab.done(&["status", "--json"]);
    assert!(warned(&status, "exposed_folder").contains(&state.display().to_string()));
    let run = lab.run(ONBOARD);
    run.expect(3);
    assert!(run.error().contains(&state.display().to_string()), "{}", run.error());
    super::support::assert_same(&before, &lab.snapshot());
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).expect("its mode");
    lab.done(ONBOARD);
}

#[test]
fn what_was_nearly_typed_is_named() {
    let lab = Lab::start();
    let slip = warned(
        &onboarding(&lab, "192.0.2.16/28", "Blue Lotus Hotel"),
        "similar_customer",
    );
    assert!(
        slip.contains("\"Blue Lotus Hotels\" is on the whitelist already"),
        "{slip}"
    );
    for meant in ["Blue Lotus Hotels", "Test Inn"] {
        let run = onboarding(&lab, "192.0.2.16/28", meant).json();
        assert!(!run.to_string().contains("similar_customer"), "{run}");
    }
    let nowhere = Run::of(lab.program().args(["-H", "lba", "--json", "status"]));
    nowhere.expect(4);
    let error = nowhere.json()["error"].to_string();
    assert!(error.contains("the configuration has a host `lab`"), "{error}");
    // Why the name has no address is the resolver's to say.
    assert!(error.contains("lba has no address: "), "{error}");
}

#[test]
fn a_command_that_is_named_reaches_the_host_that_it_is_about() {
    let lab = Lab::start();
    // The default host is another one, whom a command without its host would change.
    let other = "default_host = \"other\"\n\n[hosts.other]\naddress = \"root@127.0.0.1:1\"\n\n";
    std::fs::write(&lab.paths.configuration_file, other.to_owned() + &lab.configuration()).expect("written");
    let refused = lab.run(&["tune", "asterisk-scan", "maxretry", "500", "--yes"]);
    refused.expect(3);
    assert!(
        refused.stderr.contains("with `f2bctl -H lab onboard`"),
        "{}",
        refused.stderr
    );
    lab.done(&["onboard", "203.0.113.16/28", "--customer", "Test Inn", "--yes"]);
    let found = lab.run(&["whitelist", "lint"]);
    found.expect(8);
    let fix = found.stdout.lines().find_map(|line| line.trim().strip_prefix("fix: "));
    let words: Vec<&str> = fix.expect("a fix").split(' ').collect();
    assert_eq!(words, ["f2bctl", "-H", "lab", "offboard", "203.0.113.16/28"]);
    // It does what it says, typed as it stands.
    Run::of(lab.program().args(&words[1..]).arg("--yes")).expect(0);
    lab.run(&["whitelist", "lint"]).expect(0);
    lab.done(&["undo", "--yes"]);
    let again = lab.done(&["undo", "--yes"]);
    assert!(again.stderr.contains("is undone already"), "{}", again.stderr);
    assert!(again.stderr.contains("`f2bctl -H lab undo CHANGE`"), "{}", again.stderr);
}
