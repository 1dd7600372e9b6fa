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
    dropped: Arc<AtomicU64>,
}

/// The one who runs the program.
struct Runner {
    program: PathBuf,
    output: Arc<Output>,
    dropped: Arc<AtomicU64>,
    limit: Duration,
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
        let dropped = Arc::<AtomicU64>::default();
        let runner = Runner {
            program: std::path::absolute(program).unwrap_or_else(|_| program.to_owned()),
            output: Arc::clone(output),
            dropped: Arc::clone(&dropped),
            limit,
        };
        tokio::spawn(runner.run(waiting));
        Ok(Self { queue, dropped })
    }

    /// Hands an event on, or counts that there is no room for it.
    pub fn hand(&self, event: &Event) {
        if self.queue.try_send(harmless_json(event)).is_err() {
            self.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Runner {
    async fn run(self, mut waiting: mpsc::Receiver<String>) {
        while let Some(event) = waiting.recv().await {
            if let Err(cause) = self.one(event).await {
                self.say(&cause);
            }
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
        assert!(handed.dropped.load(Ordering::SeqCst) >= 49);
        until(|| fs::read_to_string(&out).is_ok_and(|text| text.lines().count() >= 2)).await;
        until(|| handed.dropped.load(Ordering::SeqCst) == 0).await;
    }

    #[tokio::test]
    async fn what_is_no_program_is_refused_at_once() {
        let folder = tempfile::TempDir::new().expect("a folder");
        for path in [folder.path().join("absent"), folder.path().to_owned()] {
            assert!(Handed::to(&path, &quiet()).is_err(), "{}", path.display());
        }
    }
}
