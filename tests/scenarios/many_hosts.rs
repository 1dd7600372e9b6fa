//! Several hosts at once: one document, one summary, the worst exit code, and one host's failure that stops no other.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

use super::documents;
use super::support::{Lab, Run};
use f2bctl::remote::agent::HostPaths;
use f2bctl::settings::HostSettings;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// The rehearsal host under two names, and one where nothing listens.
fn bench() -> Lab {
    let lab = Lab::start();
    let file = lab.folder().join(".config/f2bctl/config.toml");
    let file = if file.exists() { file } else { configuration(&lab) };
    let text = fs::read_to_string(&file).expect("the lab's entry");
    let entry = text.split("[hosts.lab]").nth(1).expect("the lab's table").to_owned();
    let gone = "[hosts.gone]\naddress = \"root@127.0.0.1:1\"\ngroups = [\"far\"]\n";
    let twin = format!("[hosts.twin]\ngroups = [\"near\", \"far\"]{entry}");
    fs::write(&file, format!("{text}\n{twin}\n{gone}")).expect("a configuration");
    lab
}

fn configuration(lab: &Lab) -> std::path::PathBuf {
    let run = Run::of(lab.program().args(["--json", "hosts"]));
    let document = run.json();
    document["config"].as_str().expect("a path").into()
}

fn run(lab: &Lab, arguments: &[&str]) -> (Run, Value) {
    let run = Run::of(lab.program().arg("--json").args(arguments));
    let document = run.json();
    (run, document)
}

fn outcomes(document: &Value) -> Vec<(String, String)> {
    let hosts = document["hosts"].as_array().expect("hosts");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    hosts
        .iter()
        .map(|host| (text(&host["host"]["name"]), text(&host["outcome"])))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, outcome): &(&str, &str)| ((*name).to_owned(), (*outcome).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn one_hosts_failure_stops_no_other_and_the_worst_code_counts() {
    let lab = bench();
    let (run, document) = run(&lab, &["-H", "gone,lab,twin", "status"]);
    assert_eq!(run.code, 4, "{run:?}");
    let expected = pairs(&[("gone", "error"), ("lab", "report"), ("twin", "report")]);
    assert_eq!(outcomes(&document), expected);
    assert_eq!(document["outcome"], "error");
    assert_eq!(document["summary"], json!({"error": 1, "report": 2}));
    assert_eq!(document["hosts"][1]["fail2ban"]["running"], true);
}

#[test]
fn people_get_one_part_a_host_and_one_summary_at_the_end() {
    let lab = bench();
    let run = Run::of(lab.program().args(["-H", "@far", "status"]));
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("== twin ==") && run.stdout.contains("== gone =="));
    let last = run.stdout.trim_end().lines().last().unwrap_or_default().to_owned();
    assert_eq!(last, "2 hosts: 1 error (gone), 1 report.");
}

#[test]
fn fail_fast_stops_at_the_first_failure_and_says_what_was_not_tried() {
    let lab = bench();
    let (run, document) = run(&lab, &["--fail-fast", "-H", "lab,gone,twin", "status"]);
    assert_eq!(run.code, 4, "{run:?}");
    let expected = pairs(&[("lab", "report"), ("gone", "error"), ("twin", "refused")]);
    assert_eq!(outcomes(&document), expected);
    let message = document["hosts"][2]["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("--fail-fast"), "{message}");
}

#[test]
fn control_c_keeps_what_the_hosts_that_were_done_answered() {
    let lab = bench();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("root@{}", silent.local_addr().expect("its address"));
    // One after the other, so that the first is done when the second is dialled, which accepts and says nothing.
    let hosts = format!("lab,{address},twin");
    let mut program = lab.program();
    program.args(["--json", "--fail-fast", "-H", &hosts, "status"]);
    let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it starts");
    let _dialled = silent.accept().expect("the second host is dialled");
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process")).expect("a process");
    kill_process(pid, Signal::INT).expect("it takes signals");
    let output = child.wait_with_output().expect("it ends");
    let document = documents::read(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(130), "{document}");
    let expected = pairs(&[("lab", "report"), (&address, "error"), ("twin", "error")]);
    assert_eq!(outcomes(&document), expected, "{document}");
    assert_eq!(document["hosts"][0]["fail2ban"]["running"], true);
    for (host, said) in [
        (1, "interrupted; a change that has begun"),
        (2, "before this host was reached"),
    ] {
        let message = document["hosts"][host]["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(said), "{document}");
    }
}

#[test]
fn a_change_on_several_hosts_at_once_keeps_each_hosts_lock() {
    let lab = bench();
    // Two names of one host: the second waits for the first one's lock and finds nothing left to do.
    let arguments = [
        "--yes",
        "-H",
        "lab,twin",
        "onboard",
        "192.0.2.0/28",
        "--customer",
        "Twice",
    ];
    let (run, document) = run(&lab, &arguments);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(document["summary"], json!({"changed": 1, "unchanged": 1}), "{document}");
    assert_eq!(document["changed"], true);
    assert!(lab.ignored_in("asterisk-scan").contains("192.0.2.0/28"));
}

#[test]
fn an_inventory_is_the_list_of_hosts() {
    let lab = bench();
    let (_, hosts) = run(&lab, &["hosts"]);
    let lab_entry = hosts["hosts"]
        .as_array()
        .expect("hosts")
        .iter()
        .find(|host| host["name"] == "lab");
    let lab_entry = lab_entry.expect("the lab").clone();
    let port = lab_entry["address"]
        .as_str()
        .and_then(|text| text.rsplit(':').next())
        .expect("a port");
    let user = lab_entry["address"]
        .as_str()
        .and_then(|text| text.split('@').next())
        .expect("a user");
    let inventory = json!({
        "_meta": {"hostvars": {"other": {
            "ansible_host": "127.0.0.1", "ansible_port": port, "ansible_user": user,
            "ansible_ssh_private_key_file": lab_entry["identity"],
        }}},
        "pbx": {"hosts": ["lab"]}, "all": {"children": ["pbx"], "hosts": ["other"]},
    });
    let file = lab.folder().join("inventory.json");
    fs::write(&file, inventory.to_string()).expect("an inventory");
    let file = file.to_str().expect("text");
    let known = lab_entry["known_hosts"].as_str().expect("a file");
    let (status, document) = run(&lab, &["--inventory", file, "-H", "@pbx", "status"]);
    assert_eq!(
        (status.code, &document["host"]["name"]),
        (0, &json!("lab")),
        "{document}"
    );
    // Its variables are enough to log in with; what it says of itself is another matter on this machine.
    let (_, document) = run(
        &lab,
        &[
            "--inventory",
            file,
            "-H",
            "other",
            "--known-hosts",
            known,
            "audit",
            "verify",
        ],
    );
    assert_ne!(document["error"]["kind"], "connection", "{document}");
    let (refused, document) = run(&lab, &["--inventory", file, "status"]);
    assert_eq!(refused.code, 2, "{document}");
    assert!(
        document["error"]["hints"][0]
            .as_str()
            .is_some_and(|hint| hint.contains("--all-hosts"))
    );
}

#[test]
fn the_usual_paths_are_those_of_a_host_without_settings() {
    // The first look goes ahead on the command line only for these, so they must be the same in both rooms.
    let (usual, host) = (HostPaths::usual(), HostSettings::production());
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    assert_eq!(usual.config_dir, text(&host.config_dir));
    assert_eq!(usual.client, host.client);
    assert_eq!(usual.log, text(&host.log));
    assert_eq!(usual.asterisk_log, text(&host.asterisk_log));
    assert_eq!(usual.state_dir, text(&host.state_dir));
}
