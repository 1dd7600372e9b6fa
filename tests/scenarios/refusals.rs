//! What is refused before anything is touched: guard-rails of the runbook, and arguments that make no sense. One host
//! for all of them, since none may leave a trace on it.

use serde_json::json;

use super::support::{Lab, Run, assert_same};

fn onboard<'a>(network: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = [
        "onboard",
        network,
        "--customer",
        "Lotus Court Hotels",
        "--yes",
        "--json",
    ];
    [&usual[..], more].concat()
}

#[test]
fn guard_rails_refuse_with_the_runbooks_reason_and_leave_no_trace() {
    let lab = Lab::start();
    // A host of the public internet: no special ranges, and a protected trunk.
    lab.set_host("allow_special", "false");
    lab.set_host("protected", "[\"203.0.113.9\"]");
    let before = lab.snapshot();
    let refused = |arguments: &[&str], word: &str| -> Run {
        let run = lab.run(arguments);
        run.expect(3);
        assert_eq!(run.json()["outcome"], json!("refused"));
        assert!(
            run.error().contains(word),
            "{arguments:?}: {word:?} is not in {}",
            run.error()
        );
        run
    };
    let wide = refused(&onboard("59.93.0.0/16", &[]), "Use /24, not /16");
    assert!(wide.error().contains("many unrelated hosts"));
    // With the flag it is still too wide, and so is /22 without a reason. Each width and range is the policy's own test's.
    refused(
        &onboard("59.93.0.0/16", &["--allow-wide", "-m", "all of it is theirs"]),
        "wider than /24",
    );
    refused(&onboard("59.93.0.0/22", &["--allow-wide"]), "wider than /24");
    refused(
        &onboard("::/0", &["--allow-special", "--allow-wide", "-m", "x"]),
        "whole internet",
    );
    for special in ["10.1.2.0/28", "fe80::1"] {
        refused(&onboard(special, &[]), "range");
    }
    refused(&["offboard", "127.0.0.1/8", "--yes", "--json"], "never removed");
    refused(&["offboard", "203.0.113.0/24", "--yes", "--json"], "203.0.113.9");
    assert_same(&before, &lab.snapshot());
    // Each attempt is on record, none became a change, and the trail is whole.
    assert_eq!(lab.audit_of("attempt").len(), lab.audit_lines().len());
    assert_eq!(lab.audit_lines().len(), 8);
    assert!(lab.phases().is_empty());
    lab.done(&["audit", "verify"]);

    // What a flag lifts goes through, as a plan.
    for (network, flags) in [
        ("59.93.0.0/22", &["--allow-wide", "-m", "the whole block is theirs"][..]),
        ("10.1.2.0/28", &["--allow-special"]),
    ] {
        let mut arguments = onboard(network, flags);
        arguments.retain(|word| *word != "--yes");
        arguments.push("--dry-run");
        assert_eq!(lab.done(&arguments).json()["outcome"], json!("planned"));
    }
    assert_same(&before, &lab.snapshot());
}

#[test]
fn arguments_that_make_no_sense_are_exit_2() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let usage = |arguments: &[&str], word: &str| -> Run {
        let run = lab.run(arguments);
        run.expect(2);
        let document = run.json();
        assert_eq!(
            (&document["outcome"], &document["error"]["kind"]),
            (&json!("error"), &json!("usage"))
        );
        assert!(
            run.error().contains(word),
            "{arguments:?}: {word:?} is not in {}",
            run.error()
        );
        assert!(
            !document["error"]["hints"].as_array().expect("hints").is_empty(),
            "{document}"
        );
        run
    };
    for garbage in ["nonsense", "010.0.0.1"] {
        usage(&onboard(garbage, &[]), "");
    }
    usage(&["offboard", "192.0.2.0/33", "--yes", "--json"], "");
    usage(&["unban", "192.0.2.300", "--yes", "--json"], "");
    for text in [
        "two\nlines",
        "a | b",
        "bell\u{7}",
        "escape \u{1b}[31m",
        &"x".repeat(121),
    ] {
        usage(&["onboard", "192.0.2.0/28", "--customer", text, "--yes", "--json"], "");
        usage(&onboard("192.0.2.0/28", &["--note", text]), "");
        usage(&onboard("192.0.2.0/28", &["--reason", text]), "");
    }
    usage(&onboard("192.0.2.0/28", &["--expires", "2020-01-01"]), "passed");
    usage(&onboard("192.0.2.0/28", &["--expires", "soon"]), "");
    usage(
        &["onboard", "--customer", "Lotus Court Hotels", "--yes", "--json"],
        "network",
    );
    usage(&["onboard", "192.0.2.0/28", "--yes", "--json"], "--customer");
    usage(&["offboard", "--yes", "--json"], "");
    usage(&["backup", "--label", "../x", "--yes", "--json"], "label");
    usage(&["no-such-command", "--json"], "no-such-command");
    usage(&["status", "--no-such-flag", "--json"], "--no-such-flag");
    // Without a terminal a change needs its approval beforehand, and the flag is named.
    for arguments in [
        &["onboard", "192.0.2.0/28", "--customer", "Lotus Court Hotels", "--json"][..],
        &["offboard", "203.0.113.0/24", "--json"],
        &["unban", "192.0.2.10", "--json"],
        &["backup", "--json"],
    ] {
        assert!(usage(arguments, "approval").stdout.contains("--yes"));
    }
    assert_same(&before, &lab.snapshot());
    assert!(lab.audit_lines().is_empty());
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let lab = Lab::start();
    let before = lab.snapshot();
    for arguments in [
        &["onboard", "192.0.2.9/28", "--customer", "Lotus Court Hotels"][..],
        &["offboard", "203.0.113.0/24"],
        &["unban", "192.0.2.10"],
        &["backup"],
        &["whitelist", "annotate", "203.0.113.0/24", "--note", "Second uplink"],
    ] {
        let run = lab.done(&[arguments, &["--dry-run", "--json"]].concat());
        let document = run.json();
        assert_eq!(
            (&document["outcome"], &document["changed"]),
            (&json!("planned"), &json!(false))
        );
        assert!(!document["plan"]["steps"].as_array().expect("steps").is_empty());
        if arguments.contains(&"192.0.2.9/28") {
            assert_eq!(run.warnings(), ["host_bits_cleared"]);
            assert!(run.stdout.contains("192.0.2.0/28"));
        }
        // The human form is drawn from the same plan.
        let shown = lab.done(&[arguments, &["--dry-run"]].concat()).stdout;
        for step in document["plan"]["steps"].as_array().expect("steps") {
            assert!(shown.contains(step["summary"].as_str().expect("text")), "{shown}");
        }
    }
    assert_same(&before, &lab.snapshot());
    assert!(lab.audit_lines().is_empty() && lab.phases().is_empty());
    assert!(lab.local_audit_lines().is_empty());
}
