//! What happened to an agent that ended before it did anything: its exit status and its last output.

use crate::remote::ssh::Ended;

use crate::document::{Failure, FailureKind};

/// What the agent's end means, where its exit status says so.
pub(super) fn failure_of(ended: &Ended, stderr: &str, host: &str) -> Option<Failure> {
    let words = last_line(stderr);
    match ended {
        Ended::Exit(127) => Some(no_python()),
        Ended::Exit(status) => Some(Failure::new(
            FailureKind::Connection,
            format!("{host}: the agent ended with status {status}: {words}; nothing was changed"),
        )),
        _ => None,
    }
}

/// The last line that says something, safe to show.
pub(super) fn last_line(text: &str) -> String {
    let line = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it printed nothing");
    crate::model::comment_text::escaped(line)
}

/// A host that cannot run the agent.
pub(super) fn no_python() -> Failure {
    Failure::new(
        FailureKind::Refused,
        "python3 is not installed on the host; fail2ban needs it as well",
    )
    .hint("install python3 there: `apt-get install python3`")
}
