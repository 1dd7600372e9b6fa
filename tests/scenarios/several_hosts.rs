//! Which host is meant, and several of them: one document, the worst exit code, the others unharmed.

use serde_json::json;

use super::support::{Lab, Run, assert_same};

#[test]
fn the_host_is_named_by_flag_variable_or_file() {
    let lab = Lab::start();
    let run = |arguments: &[&str], host: Option<&str>| {
        let mut program = lab.program();
        if let Some(host) = host {
            program.env("F2BCTL_HOST", host);
        }
        Run::of(program.args(arguments))
    };
    let named = |run: &Run| run.json()["host"]["name"].as_str().map(str::to_owned);
    let by_variable = run(&["status", "--json"], Some("lab"));
    by_variable.expect(0);
    assert_eq!(named(&by_variable).as_deref(), Some("lab"));
    // The flag wins over the variable.
    assert_eq!(
        named(&run(&["-H", "lab", "status", "--json"], Some("no-such-host"))).as_deref(),
        Some("lab")
    );
    let unknown = run(&["-H", "@no-such-group", "status", "--json"], None);
    unknown.expect(2);
    assert!(unknown.error().contains("no-such-group"), "{}", unknown.error());
    lab.run(&["hosts"]).expect(0);
    let hosts = lab.done(&["hosts", "--json"]).json();
    assert!(
        hosts["hosts"]
            .as_array()
            .expect("hosts")
            .iter()
            .any(|host| host["name"] == json!("lab"))
    );
}

#[test]
fn of_several_hosts_one_failing_is_reported_and_the_other_is_done() {
    let lab = Lab::start();
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let text = lab.configuration();
    let more = format!("\n[hosts.gone]\naddress = \"root@{gone}\"\ngroups = [\"pbx\"]\n");
    let grouped = text.replacen("[hosts.lab]", "[hosts.lab]\ngroups = [\"pbx\"]", 1);
    std::fs::write(&lab.paths.configuration_file, grouped + &more).expect("written");
    let run = |arguments: &[&str]| Run::of(lab.program().args(arguments));

    for hosts in ["lab,gone", "gone,lab", "@pbx"] {
        let run = run(&["-H", hosts, "status", "--json"]);
        run.expect(4);
        let document = run.json();
        let answers = document["hosts"].as_array().expect("hosts");
        assert_eq!(answers.len(), 2);
        for answer in answers {
            let outcome = if answer["host"]["name"] == json!("lab") {
                "report"
            } else {
                "error"
            };
            assert_eq!((&answer["outcome"], &answer["schema"]), (&json!(outcome), &json!(1)));
        }
    }
    let change = [
        "onboard",
        "192.0.2.0/28",
        "--customer",
        "Lotus Court Hotels",
        "--yes",
        "--json",
    ];
    let changed = run(&[&["-H", "gone,lab"], &change[..]].concat());
    changed.expect(4);
    assert_eq!(changed.json()["hosts"][1]["outcome"], json!("changed"));
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
    // With --fail-fast the second one is not tried.
    let before = lab.snapshot();
    let run = run(&[
        "-H",
        "gone,lab",
        "--fail-fast",
        "offboard",
        "192.0.2.0/28",
        "--yes",
        "--json",
    ]);
    run.expect(4);
    assert_eq!(run.json()["hosts"][1]["outcome"], json!("refused"));
    assert_same(&before, &lab.snapshot());
}
