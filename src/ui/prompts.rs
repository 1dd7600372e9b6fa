//! Questions on a terminal: choices by dialoguer, all others answered by a line. Whoever waits for a person tells the
//! runtime so, since keepalives and Ctrl-C have to go on meanwhile. What was typed before a question stood there
//! answers none, and Ctrl-D cancels it.
//!
//! Lines are read by the terminal's own line editing: what is pasted is a line and not keys that mean something one by
//! one.

use std::io::{BufRead as _, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dialoguer::Select;
use dialoguer::theme::SimpleTheme;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use tokio::task::block_in_place;
use zeroize::Zeroizing;

use super::text::{ended, safe_message};

/// The longest line that a terminal of Linux hands on, bytes (termios(3): a line is cut to 4096 with its end).
const LONGEST_LINE: usize = 4096;

/// How many questions wait for a person, in the whole process: there is one terminal.
static OPEN_QUESTIONS: AtomicUsize = AtomicUsize::new(0);

/// Whether a person has chosen that an interrupted change is recovered: the host is then not as this run found it.
static RECOVERY_CHOSEN: AtomicBool = AtomicBool::new(false);

/// Whether a question waits for a person at this moment.
pub fn is_asking() -> bool {
    OPEN_QUESTIONS.load(Ordering::SeqCst) > 0
}

/// Waits for a person's keys, of which those count that are typed from now on: a plan cannot be approved unseen.
fn waited<T>(answer: impl FnOnce() -> T) -> T {
    OPEN_QUESTIONS.fetch_add(1, Ordering::SeqCst);
    // What is no terminal has nothing typed ahead, and fails at the question itself.
    let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    let answered = block_in_place(answer);
    OPEN_QUESTIONS.fetch_sub(1, Ordering::SeqCst);
    answered
}

/// Notes that a person has chosen to recover an interrupted change.
pub fn note_recovery() {
    RECOVERY_CHOSEN.store(true, Ordering::SeqCst);
}

/// Whether a person has chosen, in this run, to recover an interrupted change.
pub fn is_recovery_chosen() -> bool {
    RECOVERY_CHOSEN.load(Ordering::SeqCst)
}

/// The line that answers a question; `None` when the question was cancelled (Ctrl-D) or the terminal is gone.
fn ask_line(question: &str) -> Option<String> {
    let terminal = console::Term::stderr();
    waited(|| {
        terminal.write_str(question).ok()?;
        let mut line = Vec::new();
        std::io::stdin().lock().read_until(b'\n', &mut line).ok()?;
        if line.ends_with(b"\n") {
            return Some(String::from_utf8_lossy(&line).trim().to_owned());
        }
        // The end of the input leaves the question's line open.
        terminal.write_line("").ok()?;
        None
    })
}

/// The first line that passes the check, which says what is wrong with the others; `None` when the question was
/// cancelled.
fn ask_until<T>(question: &str, check: impl Fn(&str) -> Result<T, String>) -> Option<T> {
    loop {
        match check(&ask_line(question)?) {
            Ok(answer) => return Some(answer),
            Err(why) => console::Term::stderr().write_line(&ended(&safe_message(&why))).ok()?,
        }
    }
}

/// A line of text; `None` when the question was cancelled.
pub fn ask_text(question: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
    ask_until(&format!("{question}: "), |line| check(line).map(|()| line.to_owned()))
}

/// One of several answers by its index, the first one by default; `None` when the question was cancelled (Esc or `q`).
pub fn ask_choice(question: &str, choices: &[&str]) -> Option<usize> {
    let select = Select::with_theme(&SimpleTheme)
        .with_prompt(format!("{question} (arrow keys and Enter; Esc cancels)"))
        .items(choices)
        .default(0);
    let chosen = waited(|| match select.interact_opt() {
        // The crate has raised SIGINT as well, and whoever hears it ends the run: two voices would race for its last
        // word.
        Err(dialoguer::Error::IO(error)) if error.kind() == ErrorKind::Interrupted => wait_for_the_end(),
        chosen => chosen.ok().flatten(),
    });
    let terminal = console::Term::stderr();
    // The crate leaves the cursor hidden when it is interrupted; a terminal that is gone has neither cursor nor line.
    let _ = terminal.show_cursor();
    if chosen.is_none() {
        let _ = terminal.write_line("");
    }
    chosen
}

/// Keeps a question open that Ctrl-C has ended, as a line that nobody has typed does, until the process ends.
fn wait_for_the_end() -> ! {
    loop {
        std::thread::park();
    }
}

/// Yes or no; `None` when the question was cancelled. Yes is a line that says `y` or `yes` and nothing else: a line of
/// something else that lands here, pasted or typed for a shell, has such a letter somewhere as well.
pub fn ask_yes(question: &str) -> Option<bool> {
    ask_line(&format!("{question} [y/N] ")).map(|line| is_yes(&line))
}

/// Waits until Enter is typed; false when the question was cancelled.
pub fn ask_enter(question: &str) -> bool {
    ask_line(question).is_some()
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

/// A secret, read without being shown; `None` when the question was cancelled.
pub fn ask_secret(question: &str) -> Option<Zeroizing<String>> {
    let terminal = console::Term::stderr();
    // Before the question: who answers at once, or has typed ahead, must not see it either.
    let _hidden = HiddenInput::begin();
    waited(|| {
        terminal.write_str(question).ok()?;
        let line = secret_line();
        // The end of the answer's line was not shown either.
        terminal.write_line("").ok()?;
        line
    })
}

/// The next line of the terminal, without its end. Nothing that was typed after the question is thrown away, as the
/// crates' own reading does once more: a program that answers at once would wait for ever. No buffer but the answer
/// keeps it.
fn secret_line() -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
    let mut byte = Zeroizing::new([0_u8]);
    loop {
        let count = rustix::io::retry_on_intr(|| rustix::io::read(std::io::stdin(), byte.as_mut_slice())).ok()?;
        match byte.first() {
            Some(byte) if count > 0 && *byte != b'\n' && line.len() < LONGEST_LINE => line.push(*byte),
            _ if count == 0 && line.is_empty() => return None,
            _ => break,
        }
    }
    let text = std::str::from_utf8(&line).ok()?;
    Some(Zeroizing::new(text.trim_end_matches('\r').to_owned()))
}

/// A terminal that does not show what is typed, until the value is dropped.
struct HiddenInput(Option<Termios>);

impl HiddenInput {
    fn begin() -> Self {
        let input = std::io::stdin();
        let before = tcgetattr(&input).ok();
        if let Some(before) = &before {
            let mut hidden = before.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            // A terminal that refuses is hidden by the reading itself, a moment later.
            let _ = tcsetattr(&input, OptionalActions::Now, &hidden);
        }
        Self(before)
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs no mode.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_line_that_says_yes_is_one() {
        for yes in ["y", "Y", "yes", " YES "] {
            assert!(is_yes(yes), "{yes}");
        }
        for other in ["", "n", "no", "yy", "y; reboot", "history", "\u{1b}y"] {
            assert!(!is_yes(other), "{other}");
        }
    }
}
