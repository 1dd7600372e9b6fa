//! Hands events to a program of the operator's, as JSON on its stdin: without a shell, one at a time, from a bounded queue, for a
//! limited time. What could not be handed on is said.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::document::{Event, Failure, FailureKind};
use crate::model::comment_text::escaped;
use crate::ui::Output;
use crate::ui::text::{harmless_json, safe_message};

/// How many events wait while the program runs.
const WAITING: usize = 100;
/// How long it may take with one event.
const SECONDS: u64 = 30;

/// Where events are handed to.
#[derive(Clone)]
pub struct Handed {
    queue: mpsc::Sender<String>,
    runner: Arc<Runner>,
    running: AbortHandle,
}

/// The one who runs the program.
struct Runner {
    program: PathBuf,
    output: Arc<Output>,
    limit: Duration,
    /// How many events had no room and are not said yet.
    dropped: AtomicU64,
    /// How many events wait, with the one that the program runs with.
    open: AtomicU64,
}

impl Handed {
    /// Events handed to a program.
    ///
    /// # Errors
    /// A usage failure if there is no such program.
    pub fn to(program: &Path, output: &Arc<Output>) -> Result<Self, Failure> {
        Self::within(program, output, Duration::from_secs(SECONDS))
    }

    fn within(program: &Path, output: &Arc<Output>, limit: Duration) -> Result<Self, Failure> {
        let shown = escaped(&program.to_string_lossy());
        let facts = std::fs::metadata(program).map_err(|error| {
            let failure = Failure::new(FailureKind::Usage, format!("--exec {shown}: {error}"));
            failure.hint("name the program with its path, e.g. `--exec ./to-chat`; arguments go into a script of yours")
        })?;
        if !facts.is_file() {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("--exec {shown}: it is not a file"),
            ));
        }
        let (queue, waiting) = mpsc::channel(WAITING);
        let runner = Arc::new(Runner {
            program: std::path::absolute(program).unwrap_or_else(|_| program.to_owned()),
            output: Arc::clone(output),
            limit,
            dropped: AtomicU64::new(0),
            open: AtomicU64::new(0),
        });
        let running = tokio::spawn(Arc::clone(&runner).run(waiting)).abort_handle();
        Ok(Self { queue, runner, running })
    }

    /// Hands an event on, or counts that there is no room for it.
    pub fn hand(&self, event: &Event) {
        // Before it is sent: it may be done before the next line.
        self.runner.open.fetch_add(1, Ordering::SeqCst);
        if self.queue.try_send(harmless_json(event)).is_err() {
            self.runner.open.fetch_sub(1, Ordering::SeqCst);
            self.runner.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Ends the program, and says how many events it does not get for that.
    pub fn end(&self) {
        let unsaid = self.unsaid();
        self.running.abort();
        if let Some(text) = unsaid {
            self.runner.say(&text);
        }
    }

    /// What there is to say of events when the watch ends.
    fn unsaid(&self) -> Option<String> {
        let open = self.runner.open.load(Ordering::SeqCst);
        let count = open + self.runner.dropped.load(Ordering::SeqCst);
        let run = match open {
            0 => "",
            _ => "; with one of them it was running",
        };
        (count > 0).then(|| format!("{count} events were not handed on, since the watch ended{run}"))
    }
}

impl Runner {
    async fn run(self: Arc<Self>, mut waiting: mpsc::Receiver<String>) {
        while let Some(event) = waiting.recv().await {
            if let Err(cause) = self.one(event).await {
                self.say(&cause);
            }
            self.open.fetch_sub(1, Ordering::SeqCst);
            match self.dropped.swap(0, Ordering::SeqCst) {
                0 => {}
                count => self.say(&format!("{count} events were not handed on, since it is too slow")),
            }
        }
    }

    /// Runs the program with one event.
    async fn one(&self, mut event: String) -> Result<(), String> {
        event.push('\n');
        let out = self.output.beside().map_err(|error| error.to_string())?;
        let mut command = Command::new(&self.program);
        // stdout is the watch's own.
        command.stdin(Stdio::piped()).stdout(out).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("not started: {error}"))?;
        let stdin = child.stdin.take();
        let running = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read may end well all the same.
                let _ = stdin.write_all(event.as_bytes()).await;
            }
            child.wait().await
        };
        match tokio::time::timeout(self.limit, running).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("it failed with an event ({status})")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it was ended, after {} s with one event", self.limit.as_secs())),
        }
    }

    fn say(&self, text: &str) {
        let program = escaped(&self.program.to_string_lossy());
        self.output.say(&format!("--exec {program}: {}.", safe_message(text)));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::model::host_name::HostName;
    use crate::ui::Style;

    fn quiet() -> Arc<Output> {
        let style = Style {
            quiet: true,
            ..Style::default()
        };
        Arc::new(Output::new(style, anstream::ColorChoice::Never))
    }

    fn event(text: &str) -> Event {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        Event::drift(&host, "2026-11-22T10:15:03+05:30".to_owned(), text)
    }

    fn script(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("to-chat");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
        path
    }

    async fn until(what: impl Fn() -> bool) {
        for _ in 0..200 {
            if what() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came");
    }

    #[tokio::test]
    async fn each_event_goes_to_a_run_of_its_own_and_no_shell_reads_it() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let out = folder.path().join("out");
        let program = script(folder.path(), &format!("cat >> {}", out.display()));
        let handed = Handed::to(&program, &quiet()).expect("a program");
        for text in ["$(touch /nowhere)", "two"] {
            handed.hand(&event(text));
        }
        until(|| fs::read_to_string(&out).is_ok_and(|text| text.lines().count() == 2)).await;
        let text = fs::read_to_string(&out).expect("its output");
        let read: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(
            (&read[0]["text"], &read[1]["text"]),
            (&"$(touch /nowhere)".into(), &"two".into())
        );
        assert_eq!(read[0]["event"], "drift");
    }

    #[tokio::test]
    async fn a_slow_program_is_ended_and_what_has_no_room_is_counted() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let out = folder.path().join("out");
        let program = script(
            folder.path(),
            &format!("echo begun >> {}; exec sleep 60", out.display()),
        );
        let handed = Handed::within(&program, &quiet(), Duration::from_millis(300)).expect("a program");
        for _ in 0..WAITING + 50 {
            handed.hand(&event("x"));
        }
        assert!(handed.runner.dropped.load(Ordering::SeqCst) >= 49);
        until(|| fs::read_to_string(&out).is_ok_and(|text| text.lines().count() >= 2)).await;
        until(|| handed.runner.dropped.load(Ordering::SeqCst) == 0).await;
    }

    #[tokio::test]
    async fn the_end_of_the_watch_counts_what_waits_and_what_runs_and_ends_the_program() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let out = folder.path().join("out");
        let text = format!("echo begun >> {0}; sleep 1; echo done >> {0}", out.display());
        let program = script(folder.path(), &text);
        let handed = Handed::to(&program, &quiet()).expect("a program");
        assert_eq!(handed.unsaid(), None);
        for _ in 0..3 {
            handed.hand(&event("x"));
        }
        until(|| fs::read_to_string(&out).is_ok_and(|text| text.ends_with('\n'))).await;
        let unsaid = handed.unsaid().expect("what is open");
        assert!(
            unsaid.contains("3 events") && unsaid.contains("one of them it was running"),
            "{unsaid}"
        );
        handed.end();
        until(|| handed.running.is_finished()).await;
        handed.hand(&event("late"));
        let unsaid = handed.unsaid().expect("what is open");
        assert!(unsaid.contains("4 events"), "{unsaid}");
        let run = fs::read_to_string(&out).expect("its output");
        assert_eq!(run, "begun\n", "it was ended, and no other was begun");
    }

    #[tokio::test]
    async fn what_is_no_program_is_refused_at_once() {
        let folder = tempfile::TempDir::new().expect("a folder");
        for path in [folder.path().join("absent"), folder.path().to_owned()] {
            assert!(Handed::to(&path, &quiet()).is_err(), "{}", path.display());
        }
    }
}
