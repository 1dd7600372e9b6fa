//! The demonstration: the jobs that operators do every day, on the rehearsal host, each command shown before it runs.
//!
//! The commands are this very program's, and write to this one's stderr, in their order and as wide and coloured as for
//! someone who typed them: stdout is for the result of the demonstration.

use std::process::Stdio;

use crate::cli::command::hosts;
use crate::cli::services::Services;
use crate::document::{self, Demonstration, Failure, FailureKind, Lab, LabReport, LabState};
use crate::lab;
use crate::ui::ask_enter;
use crate::ui::text::{STRONG, styled};

use super::{Demo, failed, paths, prepare, teller};

/// What is asked between two jobs.
const NEXT: &str = "Press Enter for the next job, Ctrl-D to stop here: ";

/// One job: why it is done, and the arguments after `f2bctl -H lab`.
struct Job {
    why: &'static str,
    arguments: &'static [&'static str],
}

/// The daily jobs. 192.0.2.10 is banned in both asterisk jails when the lab starts.
const JOBS: [Job; 10] = [
    Job {
        why: "How is the host? One of a future customer's phones is banned.",
        arguments: &["status"],
    },
    Job {
        why: "Onboard the customer: the plan first, with nothing changed.",
        arguments: &[
            "onboard",
            "192.0.2.0/28",
            "--customer",
            "Blue Lotus Hotels",
            "--note",
            "Primary uplink",
            "--dry-run",
        ],
    },
    Job {
        why: "Now for real. The ban of the phone is lifted in the same step.",
        arguments: &[
            "onboard",
            "192.0.2.0/28",
            "--customer",
            "Blue Lotus Hotels",
            "--note",
            "Primary uplink",
            "--ticket",
            "OPS-412",
            "--yes",
        ],
    },
    Job {
        why: "Running it twice changes nothing.",
        arguments: &[
            "onboard",
            "192.0.2.0/28",
            "--customer",
            "Blue Lotus Hotels",
            "--note",
            "Primary uplink",
            "--yes",
        ],
    },
    Job {
        why: "Somebody calls: are we banned? This address is not.",
        arguments: &["unban", "192.0.2.10", "--yes"],
    },
    Job {
        why: "The customer leaves: the entry is removed with its comment.",
        arguments: &["offboard", "192.0.2.0/28", "--yes"],
    },
    Job {
        why: "Something is wrong with the split: back to the single jail, with the customers kept.",
        arguments: &["rollback", "--carry-whitelist", "--yes"],
    },
    Job {
        why: "It was not the split. Undo that: jails, filters and jail.local come back byte for byte.",
        arguments: &["undo", "--yes"],
    },
    Job {
        why: "Is the split what the runbook says? It is, so nothing is written, reloaded or backed up.",
        arguments: &["split", "--yes"],
    },
    Job {
        why: "Who did what, and is the record whole?",
        arguments: &["audit", "verify"],
    },
];

/// Starts the lab, runs the jobs as an operator would (as commands of this very program), and ends it.
pub async fn run(services: &Services, arguments: &Demo) -> Result<LabReport, Failure> {
    prepare(services, arguments.install)?;
    let places = paths(services)?;
    let before = lab::status(&places).map_err(|error| failed(&error))?;
    let host =
        lab::up(&places, &lab::UpOptions::default(), &mut teller(&services.output)).map_err(|error| failed(&error))?;
    let ran = jobs(services).await;
    let leave = arguments.keep || before.state == LabState::Running;
    if !leave {
        lab::down(&places, &mut teller(&services.output)).map_err(|error| failed(&error))?;
    }
    let jobs = ran?;
    let end = if leave {
        "The rehearsal host is still running; `f2bctl lab down` removes it."
    } else {
        "The rehearsal host is gone again."
    };
    if jobs.len() < JOBS.len() {
        let message = format!("stopped after {} of {} jobs. {end}", jobs.len(), JOBS.len());
        return Err(Failure::new(FailureKind::Interrupted, message));
    }
    let about = Lab::Demonstrated(Demonstration {
        lab: Box::new(hosts::row(&host.settings)),
        jobs,
    });
    let text = format!("All {} jobs did what they should. {end}", JOBS.len());
    Ok(LabReport { about, text })
}

/// Runs the jobs, and waits before each but the first where there is a person to wait for, who may stop it there.
async fn jobs(services: &Services) -> Result<Vec<document::Job>, Failure> {
    let output = &services.output;
    let is_watched = output.can_ask() && !output.style().quiet;
    let mut done = Vec::new();
    for (number, job) in JOBS.iter().enumerate() {
        output.show("");
        if is_watched && number > 0 {
            if !output.undisturbed(|| ask_enter(NEXT)) {
                return Ok(done);
            }
            output.show("");
        }
        let title = format!("[{}/{}] {}", number + 1, JOBS.len(), job.why);
        output.say(&styled(STRONG, &title));
        output.show(&format!("$ f2bctl -H lab {}", shown(job.arguments)));
        let code = run_one(services, job.arguments).await?;
        done.push(document::Job {
            arguments: job.arguments.iter().map(|word| (*word).to_owned()).collect(),
            exit_code: code,
        });
        if code != 0 {
            let message = format!("`f2bctl -H lab {}` ended with {code}", shown(job.arguments));
            return Err(
                Failure::new(FailureKind::Fault, message).hint("`f2bctl lab up`, then run that command by itself")
            );
        }
    }
    Ok(done)
}

/// Runs one command of this program, which writes its result and all else to stderr.
async fn run_one(services: &Services, arguments: &[&str]) -> Result<i32, Failure> {
    let failed =
        |error: std::io::Error| Failure::new(FailureKind::Fault, format!("cannot run this program again: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let result = services.output.beside().map_err(failed)?;
    let status = tokio::process::Command::new(program)
        .args(["--host", "lab", "--config"])
        .arg(&services.settings.path)
        .args(services.global.looks())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(result)
        .status()
        .await
        .map_err(failed)?;
    Ok(status.code().unwrap_or(-1))
}

/// The arguments as one would type them.
fn shown(arguments: &[&str]) -> String {
    let quoted = |word: &&str| {
        if word.contains(' ') {
            format!("\"{word}\"")
        } else {
            (*word).to_owned()
        }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
