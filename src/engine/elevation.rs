//! root's rights through sudo: without a password where a rule allows it, else with one that is asked for once a run.
//!
//! The password goes over the command's stdin to sudo alone: never on a command line, into a record or a message.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use zeroize::Zeroizing;

use crate::remote::agent::Sudo;
use crate::remote::ssh::{Asker, Completion, Ended, Exec, Form, Prompt, Question, Stdin, Stdout};

use super::last_words::{last_line, no_python};
use super::target::{SudoPassword, Target};
use crate::document::{Failure, FailureKind};

/// How long sudo and the login's shell may take to let the agent in or to ask; sudo waits for PAM and for name lookups.
const SUDO_SECONDS: u64 = 60;
/// How often stderr is looked at for sudo's question.
const POLL_MILLISECONDS: u64 = 5;
/// How often a password may be wrong before it is given up; sudo's own limit is three as well.
const MOST_ANSWERS: usize = 3;
/// How much the login shell may print before the agent runs: 256 KiB.
const LONGEST_NOISE: u64 = 256 * 1024;

/// sudo asked, and nobody answered in time.
const TOO_LATE: &str = "run it again and answer sooner; sudo waits for `passwd_timeout` (in sudoers, in minutes)";
/// The password was none.
const WRONG: &str = "run it again; sudo asks for the password that this login has on the host, or, where sudoers says \
                     `targetpw` or `rootpw`, for root's";
/// The login is no longer one that may do anything.
const EXPIRED: &str = "renew the login's password or account on the host (`passwd`, `chage`), or log in as root";
/// There is no rule that lets the login run the agent.
const NO_RULE: &str = "the login needs a sudo rule that allows python3; log in as root otherwise";

/// An agent that runs under sudo: its streams, with its program still to be written.
pub struct Admitted {
    /// The agent's stdin.
    pub stdin: Stdin,
    /// The agent's stdout, after the line that announced it.
    pub stdout: BufReader<Stdout>,
    /// The command's end.
    pub completion: Completion,
}

/// Waits until sudo has let the agent in, and gives it the password if it wants one.
///
/// # Errors
/// A [`Failure`] of kind `Refused` that says why sudo does not.
pub async fn pass_sudo(exec: Exec, target: &Target, prompt: &Arc<dyn Prompt>) -> Result<Admitted, Failure> {
    let Exec {
        mut stdin,
        stdout,
        completion,
    } = exec;
    let mut stdout = BufReader::new(stdout);
    let mut answered = 0;
    let mut line = Vec::new();
    loop {
        let step = async {
            tokio::select! {
                let_in = is_let_in(&mut stdout, &mut line) => Step::Ended(let_in),
                () = asked_again(&completion, answered) => Step::Asked,
            }
        };
        match tokio::time::timeout(Duration::from_secs(SUDO_SECONDS), step).await {
            Ok(Step::Ended(true)) => {
                return Ok(Admitted {
                    stdin,
                    stdout,
                    completion,
                });
            }
            Ok(Step::Ended(false)) => return Err(refused(completion, &target.password).await),
            Ok(Step::Asked) => {
                let password = password(target, prompt, answered).await?;
                if !give(&mut stdin, &password).await {
                    // sudo does not wait for ever; it says so at its end.
                    return Err(refused(completion, &target.password).await);
                }
                answered += 1;
            }
            Err(_) => {
                let output = last_line(&target.password.concealed_in(&completion.stderr()));
                let message = format!("sudo neither accepted this login nor asked for its password: {output}");
                return Err(Failure::new(FailureKind::Refused, message)
                    .hint("try `sudo -n true` in a login of your own on that host"));
            }
        }
    }
}

/// What happened next.
enum Step {
    /// stdout announced that the agent runs, or ended without that.
    Ended(bool),
    /// sudo asks.
    Asked,
}

/// Reads on until the agent tells that it runs; false if the output ends first. `line` outlives a read that is given
/// up.
async fn is_let_in(stdout: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> bool {
    let mut noise = 0;
    loop {
        match (&mut *stdout).take(LONGEST_NOISE).read_until(b'\n', line).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => noise += read as u64,
        }
        if line.trim_ascii_end().ends_with(Sudo::LET_IN.as_bytes()) {
            return true;
        }
        if noise >= LONGEST_NOISE {
            return false;
        }
        line.clear();
    }
}

/// Returns once sudo has asked more often than it was answered.
async fn asked_again(completion: &Completion, answered: usize) {
    while completion.stderr().matches(Sudo::PROMPT).count() <= answered {
        tokio::time::sleep(Duration::from_millis(POLL_MILLISECONDS)).await;
    }
}

/// The password for sudo's next question: the one that is known, or the one that a person types.
async fn password(target: &Target, prompt: &Arc<dyn Prompt>, answered: usize) -> Result<Zeroizing<String>, Failure> {
    if answered >= MOST_ANSWERS {
        target.password.keep(None);
        return Err(Failure::new(FailureKind::Refused, "sudo on the host does not take this password").hint(WRONG));
    }
    let password = match target.password.known() {
        Some(password) if answered == 0 => password,
        _ => ask(target, prompt, answered).await?,
    };
    target.password.keep(Some(password.clone()));
    Ok(password)
}

/// Writes the password; false if nobody reads it any more.
async fn give(stdin: &mut Stdin, password: &Zeroizing<String>) -> bool {
    // With room for the end of the line: a buffer that grows leaves the password behind in the memory that it gives
    // back.
    let mut line = Zeroizing::new(Vec::with_capacity(password.len() + 1));
    line.extend_from_slice(password.as_bytes());
    line.push(b'\n');
    stdin.write_all(&line).await.is_ok() && stdin.flush().await.is_ok()
}

async fn ask(target: &Target, prompt: &Arc<dyn Prompt>, answered: usize) -> Result<Zeroizing<String>, Failure> {
    let again = if answered > 0 { "wrong password; " } else { "" };
    let form = Form {
        asker: Asker::Program,
        host: target.name.address.clone(),
        name: String::new(),
        instruction: String::new(),
        questions: vec![Question {
            text: format!("{again}sudo password on {}: ", target.name.name),
            echo: false,
        }],
    };
    let answers = prompt.answers(&form).await;
    answers.and_then(|answers| answers.into_iter().next()).ok_or_else(|| {
        Failure::new(
            FailureKind::Refused,
            "sudo on the host asks for a password, and there is no terminal to ask on",
        )
        .hint("run on a terminal, or give the login a sudo rule with NOPASSWD")
    })
}

/// What to do about sudo's message, which is in English (see [`Sudo::command_line`]).
fn cure(output: &str) -> &'static str {
    const CURES: [(&str, &str); 4] = [
        ("timed out reading password", TOO_LATE),
        ("incorrect password attempt", WRONG),
        ("password is expired", EXPIRED),
        ("account has expired", EXPIRED),
    ];
    let known = CURES.iter().find(|(words, _)| output.contains(words));
    known.map_or(NO_RULE, |(_, cure)| cure)
}

/// What the end of a command means that sudo was to run. A password that was of no use is forgotten.
async fn refused(completion: Completion, password: &SudoPassword) -> Failure {
    let finished = completion.finish().await;
    let output = password.concealed_in(&finished.stderr);
    let output = last_line(&output.replace(Sudo::PROMPT, "").replace("sudo: ", ""));
    password.keep(None);
    match finished.ended {
        Ended::Exit(Sudo::MISSING) => Failure::new(FailureKind::Refused, "sudo is not installed on the host")
            .hint("log in as root, without --become"),
        Ended::Exit(127) => no_python(),
        _ if finished.stderr.contains("must have a tty") => Failure::new(
            FailureKind::Refused,
            "sudo on the host demands a terminal (requiretty), which f2bctl's commands do not have",
        )
        .hint("exempt the login in sudoers: `Defaults:LOGIN !requiretty`"),
        Ended::Exit(_) => Failure::new(FailureKind::Refused, format!("sudo refuses this login: {output}"))
            .hint(cure(&finished.stderr)),
        Ended::Signal(_) | Ended::Refused | Ended::LinkLost(_) => Failure::new(
            FailureKind::Connection,
            format!("the host ended the command before sudo ran it: {output}; nothing was changed"),
        ),
    }
}
