//! The host that a command reaches: the runbook's host is there only while no other is configured, nothing is guessed where
//! several are, and the plan, the question and the result name the host.

use std::fs;

use super::{ONBOARD, QUESTION};
use crate::support::{Lab, Run, texts};

/// An operator's machine with this configuration and no host.
fn desk(configuration: &str) -> Lab {
    let desk = Lab::folder_only();
    let file = &desk.paths.configuration_file;
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, configuration).expect("the configuration");
    desk
}

fn names(run: &Run) -> Vec<String> {
    let document = run.json();
    let hosts = document["hosts"].as_array().expect("hosts");
    let name = |host: &serde_json::Value| host["name"].as_str().unwrap_or_default().to_owned();
    hosts.iter().map(name).collect()
}

const TWO: &str = "[hosts.a]\naddress = \"root@127.0.0.1:1\"\n[hosts.b]\naddress = \"root@127.0.0.1:1\"\n";

#[test]
fn the_runbooks_host_is_listed_only_while_no_other_is_configured() {
    for (configuration, expected) in [
        ("", &["prod"][..]),
        ("[policy]\nwidest_ipv4 = 26\n", &["prod"]),
        (TWO, &["a", "b"]),
        (
            "[hosts.prod]\naddress = \"root@127.0.0.1:1\"\n[hosts.b]\n",
            &["prod", "b"],
        ),
    ] {
        let desk = desk(configuration);
        let run = Run::of(desk.program().args(["--json", "hosts"]));
        assert_eq!(names(&run), expected, "{configuration}");
    }
    let all = Run::of(desk(TWO).program().args(["--all-hosts", "--json", "status"]));
    let hosts = all.json()["hosts"].as_array().cloned().unwrap_or_default();
    let reached: Vec<_> = hosts.iter().filter_map(|part| part["host"]["name"].as_str()).collect();
    assert_eq!(reached, ["a", "b"]);
}

#[test]
fn one_host_is_the_default_and_of_several_none_is_guessed() {
    let only = desk("[hosts.only]\naddress = \"root@127.0.0.1:1\"\n");
    let run = Run::of(only.program().args(["--json", "status"]));
    assert_eq!(run.json()["host"]["name"], "only");
    let run = Run::of(only.program().args(["--json", "hosts"]));
    assert_eq!(run.json()["hosts"][0]["default"], true);

    let two = desk(TWO);
    let run = Run::of(two.program().args(["--json", "status"]));
    run.expect(2);
    let said = format!("{} {}", run.error(), texts(&run.json()["error"]["hints"]).join(" "));
    for word in ["-H", "--all-hosts", "a, b", "default_host"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    let named = desk(&format!("default_host = \"b\"\n{TWO}"));
    let run = Run::of(named.program().args(["--json", "status"]));
    assert_eq!(run.json()["host"]["name"], "b");
}

#[test]
fn a_default_host_that_the_file_does_not_have_is_refused() {
    let run = Run::of(
        desk(&format!("default_host = \"prod\"\n{TWO}"))
            .program()
            .args(["--json", "hosts"]),
    );
    run.expect(2);
    assert!(run.error().contains("`default_host` names \"prod\""), "{}", run.error());
}

#[test]
fn the_environment_is_only_a_default() {
    let desk = desk(TWO);
    let run = Run::of(
        desk.program()
            .env("F2BCTL_HOST", "a")
            .args(["--json", "--all-hosts", "status"]),
    );
    run.expect(4);
    assert_eq!(run.json()["hosts"].as_array().map(Vec::len), Some(2), "{}", run.stdout);
    let run = Run::of(
        desk.program()
            .env("F2BCTL_HOST", "a")
            .args(["--json", "-H", "b", "status"]),
    );
    assert_eq!(run.json()["host"]["name"], "b");
    // Both flags together mean two things, wherever they stand.
    for both in [
        &["--json", "-H", "a", "--all-hosts", "status"][..],
        &["--json", "-H", "a", "status", "--all-hosts"],
        &["--json", "status", "-H", "a", "--all-hosts"],
    ] {
        let run = Run::of(desk.program().args(both));
        run.expect(2);
        assert!(run.error().contains("--all-hosts"), "{}", run.error());
    }
}

#[test]
fn the_help_names_the_default_that_is_in_force() {
    let help = |desk: &Lab, arguments: &[&str]| {
        let run = Run::of(desk.program().args(arguments));
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let only = desk("[hosts.only]\naddress = \"root@127.0.0.1:1\"\n");
    for arguments in [&["--help"][..], &["status", "-h"], &["help", "status"]] {
        let text = help(&only, arguments);
        assert!(
            text.contains("[default: only (root@127.0.0.1:1)]"),
            "{arguments:?}: {text}"
        );
    }
    let two = desk(TWO);
    assert!(help(&two, &["-h"]).contains("[no default: 2 hosts are configured]"));
    let own = two.folder().join("own.toml");
    fs::write(&own, "[hosts.mine]\naddress = \"root@127.0.0.1:1\"\n").expect("a configuration");
    let own = own.to_str().expect("text");
    assert!(help(&two, &["--config", own, "-h"]).contains("[default: mine (root@127.0.0.1:1)]"));
    let run = Run::of(two.program().env("F2BCTL_HOST", "b").arg("-h"));
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("[default: b (root@127.0.0.1:1), from F2BCTL_HOST]"),
        "{text}"
    );
}

#[test]
fn the_rehearsal_host_that_is_not_there_is_started_by_the_command_that_is_named() {
    let run = Run::of(desk("").program().args(["--json", "-H", "lab", "status"]));
    run.expect(4);
    let hints = texts(&run.json()["error"]["hints"]).join(" ");
    assert!(hints.contains("`f2bctl lab up`"), "{hints}");
}

#[test]
fn the_plan_the_question_and_the_result_name_the_host() {
    let lab = Lab::start();
    let address = Run::of(lab.program().args(["--json", "hosts"])).json()["hosts"][0]["address"].clone();
    let heading = format!("Plan for lab ({})", address.as_str().expect("an address"));
    let seen = lab.at_a_terminal(&ONBOARD, &[(QUESTION, "y\r")]);
    seen.expect(0, &heading)
        .expect(0, "Run this plan on lab? [y/N]")
        .expect(0, "lab: done and verified.");
    let offboard = ["offboard", "192.0.2.0/28"];
    lab.at_a_terminal(&offboard, &[(QUESTION, "n\r")])
        .expect(130, "lab: not approved; nothing was changed");
    let again = lab.done(&[&ONBOARD[..], &["--yes"]].concat()).stdout;
    assert!(again.starts_with("No changes."), "{again}");
    assert!(again.contains("192.0.2.0/28 is already whitelisted"), "{again}");
    let dry = lab.done(&["offboard", "192.0.2.0/28", "--dry-run"]).stdout;
    assert!(dry.starts_with(&heading) && dry.contains("lab: dry run"), "{dry}");
    // With the only host of one's own gone, the built-in one is meant again, and that is said.
    let down = Run::of(lab.program().args(["lab", "down"]));
    assert!(
        down.stdout.contains("Without -H a command now works on prod ("),
        "{}",
        down.stdout
    );
}

#[test]
fn a_backup_asks_nothing_and_a_quiet_run_prints_one_line() {
    let lab = Lab::start();
    lab.at_a_terminal(&["backup"], &[]).expect(0, "lab: done and verified.");
    assert_eq!(lab.backups().len(), 1);
    let quiet = lab.done(&[&["-q"], &ONBOARD[..], &["--yes"]].concat());
    assert_eq!(
        (quiet.stdout.as_str(), quiet.stderr.as_str()),
        ("lab: done and verified.\n", "")
    );
    // What a person is asked about is shown whatever is quiet.
    let offboard = ["-q", "offboard", "192.0.2.0/28"];
    lab.at_a_terminal(&offboard, &[(QUESTION, "n\r")])
        .expect(130, "Plan for lab");
}

#[test]
fn the_end_of_the_input_gives_a_question_up_and_escape_a_choice() {
    const END: &str = "\x04";
    const ESCAPE: &str = "\x1b";
    let lab = Lab::start();
    lab.at_a_terminal(&["onboard"], &[("public network", END)])
        .expect(130, "nothing was changed");
    lab.at_a_terminal(&["rollback"], &[("What happens to the customers", ESCAPE)])
        .expect(130, "nothing was changed");
    lab.at_a_terminal(&ONBOARD, &[(QUESTION, END)])
        .expect(130, "nothing was changed");
    // What cannot be done is asked nothing about.
    let backup = lab.paths.config_dir().join("jail.local.bak-2026-05-11-pre-split");
    std::fs::remove_file(backup).expect("the backup");
    lab.at_a_terminal(&["rollback"], &[])
        .expect(3, "no backup from before the split");
    assert!(lab.phases().is_empty());
}
