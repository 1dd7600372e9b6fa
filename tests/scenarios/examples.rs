//! Each example of the help works, one after the other on one host.

use std::process::Command;

use f2bctl::cli::examples::ALL;

use super::support::{Lab, Run};

/// They follow the host until Ctrl-C, or make and remove rehearsal hosts; their own tests try them.
const ELSEWHERE: [&str; 3] = ["watch", "lab ", "completions"];
/// A shell in which `f2bctl` asks nothing and takes the addresses of documentation.
const SHELL: &str = r#"f2bctl() { "$0" --yes --no-input --allow-special "$@"; } && "#;

#[test]
fn each_example_of_the_help_works() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let packed = Command::new("sh")
        .args(["-c", "gzip -c \"$0\" > \"$0.1.gz\""])
        .arg(&log)
        .status();
    assert!(packed.expect("sh").success());
    let program = lab.program();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (command, examples) in ALL {
        if ELSEWHERE.iter().any(|elsewhere| command.starts_with(elsewhere)) {
            continue;
        }
        for example in *examples {
            let line = example
                .line
                .replace("/var/log/asterisk/messages.log", &log.display().to_string());
            let mut shell = Command::new("sh");
            shell
                .env_clear()
                .current_dir(lab.folder())
                .env("F2BCTL_HOST", "lab")
                .envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = Run::of(shell.args(["-c", &format!("{SHELL}{line}")]).arg(program.get_program()));
            let findings = matches!(
                *command,
                "doctor" | "whitelist lint" | "whitelist review" | "recidive status"
            );
            let fits = run.code == 0 || findings && run.code == 8;
            if !fits {
                wrong.push(format!("{line}: exit {}\n{}", run.code, run.stderr));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 50, "{tried}");
}
