//! The playbook of docs/ansible.md, run by the real Ansible against a rehearsal host.

use std::fs;
use std::process::{Command, Stdio};

use super::left_out::left_out;
use super::support::{Lab, PROGRAM};

const NETWORK: &str = "192.0.2.128/28";

/// The first YAML block of the page, word for word.
fn playbook() -> String {
    let page = include_str!("../../docs/ansible.md");
    let block = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a playbook in docs/ansible.md").to_owned()
}

#[track_caller]
fn installed() -> bool {
    let found = Command::new("ansible-playbook").arg("--version").output().is_ok();
    if !found {
        left_out("ansible-playbook is not installed (Debian: ansible-core)");
    }
    found
}

/// One run: its recap line and everything that it printed.
fn play(lab: &Lab, network: &str, more: &[&str]) -> (String, String) {
    let file = lab.folder().join("playbook.yml");
    fs::write(&file, playbook()).expect("a playbook");
    let mut command = Command::new("ansible-playbook");
    let program = lab.program();
    command.env_clear();
    for (key, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(key, value);
        }
    }
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .env("ANSIBLE_HOME", lab.folder().join("ansible"))
        .env("ANSIBLE_LOCALHOST_WARNING", "False")
        .args(["-i", "localhost,", "-e", "selection=lab", "-e"])
        .arg(format!("f2bctl={PROGRAM}"))
        .args(["-e", &format!("network={network}"), "-e", "customer=SeaView"])
        .args(more)
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .expect("ansible-playbook runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let recap = text.lines().rev().find(|line| line.contains("ok=")).unwrap_or_default();
    (
        recap.to_owned(),
        format!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    )
}

#[test]
fn the_documents_json_decides_what_changed_and_what_failed() {
    if !installed() {
        return;
    }
    let lab = Lab::start();
    let (recap, text) = play(&lab, NETWORK, &["--check"]);
    assert!(recap.contains("changed=1") && recap.contains("failed=0"), "{text}");
    assert!(
        !lab.ignored_in("asterisk-scan").contains(NETWORK),
        "a check run changed the host"
    );
    let (recap, text) = play(&lab, NETWORK, &[]);
    assert!(recap.contains("changed=1") && recap.contains("failed=0"), "{text}");
    assert!(lab.ignored_in("asterisk-scan").contains(NETWORK));
    let (recap, text) = play(&lab, NETWORK, &[]);
    assert!(recap.contains("changed=0") && recap.contains("failed=0"), "{text}");
    let (recap, text) = play(&lab, "192.0.0.0/8", &[]);
    assert!(recap.contains("changed=0") && recap.contains("failed=1"), "{text}");
    assert!(text.contains("refused"), "{text}");
}
