//! The end of a temporary entry where systemd runs the host: a timer for each end, which runs what the process would.

use std::path::Path;

use crate::left_out::left_out;

use super::support::{self, Lab};
use super::{GUEST, JAILS, ender, in_force, kill, register};

/// The real systemd-run reads its options and the moment before it looks for systemd, which is not there: it has no other
/// complaint. Where systemd runs this machine, or is not installed, it is not asked.
fn real_systemd_run_understands(words: &[&str]) {
    let run = |words: &[&str]| {
        let output = std::process::Command::new("/usr/bin/systemd-run").args(words).output();
        String::from_utf8_lossy(&output.expect("systemd-run").stderr).into_owned()
    };
    if !Path::new("/usr/bin/systemd-run").exists() || Path::new("/run/systemd/system").exists() {
        left_out("the real systemd-run is not asked: systemd runs this machine, or is not installed");
        return;
    }
    let absent = "System has not been booted with systemd";
    let said = run(words);
    assert!(said.contains(absent), "{said}");
    for (from, to) in [("--on-calendar=", "--on-calendar=x"), ("--collect", "--no-such-option")] {
        let spoilt: Vec<String> = words.iter().map(|word| word.replacen(from, to, 1)).collect();
        let said = run(&spoilt.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(
            !said.is_empty() && !said.contains(absent),
            "it would have said so: {said}"
        );
    }
}

/// systemd cannot be had in a test, so its two programs are stand-ins that write down what they were asked. What they
/// were given to run is then run.
#[test]
fn where_systemd_runs_the_host_a_timer_is_set_for_each_end() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    let until = register(&lab)[0]["until"].as_i64().expect("its end");
    let programs = lab.folder().join("systemd");
    std::fs::create_dir(&programs).expect("a folder");
    let asked = programs.join("asked");
    let writes = format!(
        "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done >> '{}'\n",
        asked.display()
    );
    support::write_program(&programs.join("systemd-run"), &writes);
    support::write_program(&programs.join("systemctl"), "#!/bin/sh\nexit 3\n");
    let state = lab.paths.state_dir();
    let driver = format!(
        r#"
import json, sys
program = json.load(open("{state}/ender.json"))
modules, host = program["modules"], program["host"]
exec(compile(modules["boot"].partition("if \"entrance\"")[0], "boot", "exec"), {{"modules": modules}})
from f2bctl_agent import ender, temporary
ender.has_systemd = lambda: True
print(ender.arm({{"sources": modules}}, host, temporary.entries(host)))
"#,
        state = state.display()
    );
    let output = std::process::Command::new("/usr/bin/python3")
        .args(["-I", "-c", &driver])
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .output()
        .expect("python3");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "systemd\n", "{output:?}");
    let words = std::fs::read_to_string(&asked).expect("what was asked");
    let words: Vec<&str> = words.split_terminator('\0').collect();
    let moment = chrono::DateTime::from_timestamp(until, 0)
        .expect("a moment")
        .format("%Y-%m-%d %H:%M:%S UTC");
    assert!(
        words.contains(&format!("--unit=f2bctl-temporary-{until}").as_str()),
        "{words:?}"
    );
    assert!(words.contains(&format!("--on-calendar={moment}").as_str()), "{words:?}");
    real_systemd_run_understands(&words);
    let command = words
        .iter()
        .position(|word| !word.starts_with("--"))
        .expect("a command");
    // The timer fires: too early at first, which ends nothing, and then in time.
    kill(ender(&lab).expect("the process, which would do it as well"));
    let fire = || {
        let status = std::process::Command::new(words[command])
            .args(&words[command + 1..])
            .status();
        assert!(status.expect("it runs").success());
    };
    fire();
    assert_eq!(in_force(&lab, GUEST), JAILS);
    let text = std::fs::read_to_string(state.join("temp.json")).expect("the register");
    std::fs::write(state.join("temp.json"), text.replace(&until.to_string(), "1700000000")).expect("its end has come");
    fire();
    assert_eq!(in_force(&lab, GUEST), [""; 0]);
    assert!(register(&lab).is_empty());
}
