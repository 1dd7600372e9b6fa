//! Everything typed is data: no argument of any command becomes shell, Python, a path, an option or configuration.

use serde_json::Value;

use super::lab::Lab;
use crate::documents;
use crate::left_out::is_root_for;

/// Strings that would do harm if anything took them for more than text. `MARK` is a file that must never come to be.
const NASTY: [&str; 17] = [
    "$(touch MARK)",
    "`touch MARK`",
    "'; touch MARK; '",
    "\"; touch MARK #",
    "x; touch MARK #",
    "__import__('os').system('touch MARK')",
    "%(bantime)s",
    "%(__import__)s <HOST>",
    "x\n[DEFAULT]\nignoreip = 0.0.0.0/0",
    "x\r\nignoreip = 0.0.0.0/0",
    "x | y | expires=2000-01-01",
    "../../../../etc/passwd",
    "/etc/shadow",
    "-oProxyCommand=touch MARK",
    "\u{1b}]0;owned\u{7}",
    "x\u{202e}\u{9b}2J",
    "",
];

/// The commands with `@` where the string goes.
const COMMANDS: [&[&str]; 17] = [
    &["onboard", "@", "--customer", "X", "--allow-special", "--yes"],
    &[
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--expires=@",
        "--allow-special",
        "--yes",
    ],
    &[
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--ticket=@",
        "--allow-special",
        "--dry-run",
    ],
    &["offboard", "--yes", "--", "@"],
    &["offboard", "--customer=@", "--yes"],
    &["whitelist", "check", "--", "@"],
    &["whitelist", "annotate", "--customer=X", "--yes", "--", "@"],
    &["unban", "--yes", "--", "@"],
    &["unban", "203.0.113.9", "--jail=@", "--yes"],
    &["backup", "--label=@", "--yes"],
    &["backups", "show", "--", "@"],
    &["backups", "diff", "--", "@"],
    &["status", "--", "@"],
    &["history", "--customer=@"],
    &["status", "--config=@"],
    &["completions", "--", "@"],
    &["--", "@"],
];

#[test]
fn no_argument_becomes_anything_but_text() {
    let lab = Lab::up();
    let mark = lab.path("MARK");
    let before = lab.jail_local();
    for nasty in NASTY.map(|text| text.replace("MARK", &mark.display().to_string())) {
        for command in COMMANDS {
            let arguments: Vec<String> = command.iter().map(|word| word.replace('@', &nasty)).collect();
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = lab.run(&words);
            let code = output.status.code().expect("it ends by itself");
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(code, 0 | 2 | 3 | 8), "{words:?} ended with {code}: {told}");
            assert!(!mark.exists(), "{words:?} ran a command");
            let steers = |text: &str| {
                text.chars()
                    .any(|shown| shown != '\n' && f2bctl::model::comment_text::is_hidden(shown))
            };
            assert!(
                !steers(&told) && !steers(&String::from_utf8_lossy(&output.stdout)),
                "{words:?}: {told:?}"
            );
            assert_eq!(lab.jail_local(), before, "{words:?} changed the file");
        }
    }
}

#[test]
fn what_may_stand_in_the_register_stands_there_as_it_was_typed_and_does_nothing() {
    let lab = Lab::up();
    let mark = lab.path("MARK");
    let before = lab.jail_local();
    for nasty in NASTY.map(|text| text.replace("MARK", &mark.display().to_string())) {
        let flags = [
            "--customer".to_owned(),
            nasty.clone(),
            format!("--note={nasty}"),
            format!("--reason={nasty}"),
        ];
        let words: Vec<&str> = ["--json", "onboard", "203.0.113.0/28", "--allow-special", "--yes"]
            .into_iter()
            .chain(flags.iter().map(String::as_str))
            .collect();
        let output = lab.run(&words);
        let document = documents::read(&String::from_utf8_lossy(&output.stdout));
        match output.status.code() {
            Some(0) => {
                let file = lab.jail_local();
                let line = format!("# 203.0.113.0/28 | {} | {} |", nasty.trim(), nasty.trim());
                assert!(file.contains(&line), "{nasty:?} in {file}");
                let values: Vec<&str> = file
                    .lines()
                    .filter(|line| !line.trim_start().starts_with('#'))
                    .collect();
                assert!(!values.join("\n").contains("0.0.0.0/0"), "{file}");
                for proof in document["proof"].as_array().expect("a proof") {
                    assert_eq!(proof["ok"], Value::Bool(true), "{proof}");
                }
                let gone = lab.run(&["offboard", "203.0.113.0/28", "--yes"]);
                assert_eq!(gone.status.code(), Some(0), "{}", String::from_utf8_lossy(&gone.stderr));
            }
            Some(2) => {}
            other => panic!("{nasty:?} ended with {other:?}: {document}"),
        }
        assert!(!mark.exists(), "{nasty:?} ran a command");
        assert_eq!(lab.jail_local(), before, "{nasty:?} left something");
    }
    let verified = lab.run(&["audit", "verify"]);
    assert_eq!(
        verified.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

#[test]
fn no_name_of_a_host_becomes_an_option_or_a_command() {
    // Without a network of its own this would ask the machine's resolver for such names.
    if !is_root_for("a network namespace") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("MARK");
    for nasty in NASTY.map(|text| text.replace("MARK", &mark.display().to_string())) {
        for flags in [
            vec![format!("--host={nasty}")],
            vec![format!("--host=root@{nasty}")],
            vec!["--host=root@127.0.0.1:1".to_owned(), format!("--jump={nasty}")],
            vec!["--host=root@127.0.0.1:1".to_owned(), format!("--identity={nasty}")],
            vec!["--host=root@127.0.0.1:1".to_owned(), format!("--ssh-config={nasty}")],
            vec!["--host=root@127.0.0.1:1".to_owned(), format!("--known-hosts={nasty}")],
        ] {
            let output = std::process::Command::new("unshare")
                .args(["-n", env!("CARGO_BIN_EXE_f2bctl"), "--connect-timeout=2", "status"])
                .args(&flags)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", folder.path())
                .env("USER", &nasty)
                .stdin(std::process::Stdio::null())
                .output()
                .expect("unshare");
            let told = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            assert!(matches!(code, Some(2..=4)), "{flags:?} ended with {code:?}: {told}");
            assert!(!mark.exists(), "{flags:?} ran a command");
            let steers = |shown: char| shown != '\n' && f2bctl::model::comment_text::is_hidden(shown);
            assert!(!told.chars().any(steers), "{flags:?}: {told:?}");
        }
    }
}
