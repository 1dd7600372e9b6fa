//! Questions on a terminal. dialoguer leaves the cursor hidden when it is interrupted, so each wrapper shows it again; and
//! whoever waits for a person tells the runtime so, since keepalives and Ctrl-C have to go on meanwhile. What was typed
//! before a question stood there answers none.

use std::io::BufRead as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use dialoguer::theme::SimpleTheme;
use dialoguer::{Input, Select};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use tokio::task::block_in_place;
use zeroize::Zeroizing;

/// The longest line that a terminal of Linux hands on, bytes (termios(3): a line is cut to 4096 with its end).
const LONGEST_LINE: usize = 4096;

/// How many questions wait for a person, in the whole process: there is one terminal.
static OPEN_QUESTIONS: AtomicUsize = AtomicUsize::new(0);

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

/// A line of text; `None` when the question was given up.
pub fn ask_text(question: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
    let input = Input::<String>::with_theme(&SimpleTheme)
        .with_prompt(question)
        .validate_with(|text: &String| check(text));
    closed(waited(|| input.interact_text()).ok())
}

/// One of several answers by its index; `None` when the question was given up.
pub fn ask_choice(question: &str, choices: &[&str]) -> Option<usize> {
    let select = Select::with_theme(&SimpleTheme)
        .with_prompt(question)
        .items(choices)
        .default(0);
    closed(waited(|| select.interact_opt()).ok().flatten())
}

/// Yes or no; `None` when the terminal is gone. Yes is a line that says `y` or `yes` and nothing else: a line of something
/// else that lands here, pasted or typed for a shell, has such a letter somewhere as well.
pub fn ask_yes(question: &str) -> Option<bool> {
    let terminal = console::Term::stderr();
    let answer = waited(|| {
        terminal.write_str(&format!("{question} [y/N] ")).ok()?;
        // By the terminal's own line editing: what is pasted is a line and not keys that mean something one by one.
        let mut line = Vec::new();
        std::io::stdin().lock().read_until(b'\n', &mut line).ok()?;
        if !line.ends_with(b"\n") {
            // The end of the input (Ctrl-D) leaves the line open.
            terminal.write_line("").ok()?;
        }
        Some(String::from_utf8_lossy(&line).into_owned())
    });
    answer.map(|line| is_yes(&line))
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

/// A secret, read without being shown; `None` when the question was given up.
pub fn ask_secret(question: &str) -> Option<Zeroizing<String>> {
    let terminal = console::Term::stderr();
    // Before the question: who answers at once, or has typed ahead, must not see it either.
    let _hidden = HiddenInput::begin();
    let answer = waited(|| {
        terminal.write_str(question).ok()?;
        let line = secret_line();
        // The end of the answer's line was not shown either.
        terminal.write_line("").ok()?;
        line
    });
    shown(answer)
}

/// The next line of the terminal, without its end. Nothing that was typed behind the question is thrown away, as the crates'
/// own reading does once more: a program that answers at once would wait for ever. No buffer but the answer keeps it.
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

/// An answer; one that was given up leaves its line open, and what is told next stands below it.
fn closed<T>(answer: Option<T>) -> Option<T> {
    if answer.is_none() {
        // A terminal that is gone has no line to end.
        let _ = console::Term::stderr().write_line("");
    }
    shown(answer)
}

fn shown<T>(answer: Option<T>) -> Option<T> {
    // A cursor that cannot be shown belongs to a terminal that is gone.
    let _ = console::Term::stderr().show_cursor();
    answer
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
