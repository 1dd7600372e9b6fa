//! Where results and talk go: stdout carries the result, stderr everything else.

use std::collections::HashSet;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use anstream::{AutoStream, ColorChoice};
use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::document::{Advice, Answer, Document, Event, EventKind, Findings, Seen, Several};
use crate::model::fail2ban;

use super::aim::Aim;
use super::fold::{Fold, Row};
use super::host_lines::HostLines;
use super::page::Page;
use super::render;
use super::text::{BAD, FAINT, ended, harmless_json, safe_message, styled};

/// How much is shown, and in which form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// One JSON document on stdout.
    pub json: bool,
    /// Nothing but the result.
    pub quiet: bool,
    /// Every step.
    pub verbose: bool,
    /// Never ask.
    pub no_input: bool,
    /// OpenMetrics text on stdout, of documents that have any.
    pub metrics: Option<Named>,
}

/// Whether metrics name customers and addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// They do.
    Yes,
    /// They do not.
    No,
}

/// How far the further lines of a sentence are from the left.
const HANG: usize = 2;

/// stdout and stderr of this run.
pub struct Output {
    style: Style,
    color: ColorChoice,
    progress: MultiProgress,
    lines: HostLines,
    questions: tokio::sync::Mutex<()>,
    /// The warnings that were shown: the host, where there are several, and the text.
    warned: Mutex<HashSet<(Option<String>, String)>>,
    /// What a watch has shown.
    seen: Mutex<Seen>,
    /// What a watch has not shown yet, since it may become one row with what follows.
    fold: Mutex<Fold>,
    /// Where commands that are named would go; unset until the hosts are known.
    aim: OnceLock<Aim>,
}

impl Output {
    /// The output of a run.
    pub fn new(style: Style, color: ColorChoice) -> Self {
        let drawn = !style.json && !style.quiet;
        Self {
            style,
            color,
            progress: MultiProgress::with_draw_target(target(drawn)),
            lines: HostLines::default(),
            questions: tokio::sync::Mutex::new(()),
            warned: Mutex::default(),
            seen: Mutex::default(),
            fold: Mutex::default(),
            aim: OnceLock::new(),
        }
    }

    /// Says which hosts the run is about, so that commands which are named to a person reach the right one.
    pub fn aim(&self, aim: Aim) {
        // A run chooses its hosts once.
        let _ = self.aim.set(aim);
    }

    fn aimed(&self, host: Option<&str>, advice: &Advice) -> Advice {
        self.aim
            .get()
            .map_or_else(|| advice.clone(), |aim| aim.at(host, advice))
    }

    /// How much is shown.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Whether a person can be asked: stdin and stderr are a terminal and nothing forbids it.
    pub fn can_ask(&self) -> bool {
        !self.style.no_input && !self.style.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Whether a person can be shown a view of the whole terminal, and has the keys for it.
    pub fn can_show_a_view(&self) -> bool {
        self.can_ask() && std::io::stdout().is_terminal()
    }

    /// Whether stdout is a terminal that is given colours.
    pub fn has_colours(&self) -> bool {
        let chosen = match self.color {
            ColorChoice::Auto => AutoStream::choice(&std::io::stdout()),
            chosen => chosen,
        };
        chosen != ColorChoice::Never
    }

    /// Where steps are shown while they run.
    pub fn progress(&self) -> &MultiProgress {
        &self.progress
    }

    /// The lines of a run with several hosts.
    pub fn lines(&self) -> &HostLines {
        &self.lines
    }

    /// Asks on a thread where blocking is allowed, so that sessions' keepalives go on; one question at a time, however
    /// many hosts there are, and with no progress drawn over it.
    pub async fn asked<T: Send + 'static>(&self, question: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
        let _turn = self.questions.lock().await;
        let progress = self.progress.clone();
        let drawn = self.is_drawn();
        let answer = tokio::task::spawn_blocking(move || undisturbed(&progress, drawn, question));
        answer.await.ok().flatten()
    }

    /// Asks at once, with no progress drawn over the question.
    pub fn undisturbed<T>(&self, question: impl FnOnce() -> T) -> T {
        undisturbed(&self.progress, self.is_drawn(), question)
    }

    /// Whether progress is drawn at all in this run.
    fn is_drawn(&self) -> bool {
        !self.style.json && !self.style.quiet
    }

    /// Says a sentence on stderr, unless it is a quiet run; a terminal gets it broken between words.
    pub fn say(&self, text: &str) {
        self.show(&self.talk().prose(text, HANG));
    }

    /// Shows on stderr what has its lines already, unless it is a quiet run.
    pub fn show(&self, text: &str) {
        if !self.style.quiet {
            self.on_stderr(text);
        }
    }

    /// Where the result of another program goes that this one runs: among all else that is shown, or nowhere in a quiet
    /// run.
    ///
    /// # Errors
    /// The system's refusal to open stderr once more.
    pub fn beside(&self) -> std::io::Result<Stdio> {
        match self.style.quiet {
            true => Ok(Stdio::null()),
            false => Ok(Stdio::from(std::io::stderr().as_fd().try_clone_to_owned()?)),
        }
    }

    /// Shows on stderr what someone has to see before answering, in a quiet run as well.
    pub fn show_in_any_case(&self, text: &str) {
        self.on_stderr(text);
    }

    /// The page of the result: stdout.
    pub fn sheet(&self) -> Page {
        let page = Page::of(&console::Term::stdout(), self.style.verbose);
        page.kept_short(self.style.quiet)
    }

    /// The page of everything else: stderr.
    pub fn talk(&self) -> Page {
        Page::of(&console::Term::stderr(), self.style.verbose)
    }

    /// Warns on stderr, once of each thing, unless it is a quiet run; `host` where there are several.
    pub fn warn(&self, host: Option<&str>, message: &Advice) {
        let warning = (host.map(str::to_owned), message.to_string());
        if !self
            .warned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(warning)
        {
            return;
        }
        self.show(&self.warning(host, message));
    }

    /// A warning as it is shown.
    pub fn warning(&self, host: Option<&str>, message: &Advice) -> String {
        let mark = styled(super::text::ATTENTION, "warning:");
        self.talk().prose(
            &format!("{mark} {}", safe_message(&self.aimed(host, message).to_string())),
            HANG,
        )
    }

    /// Says something on stderr in a verbose run.
    pub fn say_more(&self, text: &str) {
        if self.style.verbose {
            self.on_stderr(&self.talk().prose(&styled(FAINT, text), HANG));
        }
    }

    fn on_stderr(&self, text: &str) {
        // A stderr that is closed has no reader.
        self.progress.suspend(|| {
            let _ = writeln!(AutoStream::new(std::io::stderr(), self.color), "{text}");
        });
    }

    /// Prints the result of the run: one JSON document, or the human view of each host's.
    pub fn documents(&self, command: &str, documents: Vec<Document>) {
        let several = documents.len() != 1;
        if self.style.json {
            let text = match <[Document; 1]>::try_from(documents) {
                Ok([document]) => harmless_json(&document),
                Err(documents) => harmless_json(&Several::of(command, documents)),
            };
            let _ = writeln!(std::io::stdout(), "{text}");
            return;
        }
        if let Some(named) = self.style.metrics {
            let _ = write!(
                std::io::stdout(),
                "{}",
                render::open_metrics(&documents, named == Named::Yes)
            );
            for document in &documents {
                self.failure(document, several);
            }
            return;
        }
        for document in &documents {
            if several {
                self.heading(document);
            }
            let mut text = render::view_on(&self.with_aimed_fixes(document), &self.sheet());
            if several && render::is_file(document) {
                let lines: Vec<String> = text.lines().map(|line| format!("  | {line}")).collect();
                text = lines.join("\n");
            }
            if !text.is_empty() {
                let _ = writeln!(AutoStream::new(std::io::stdout(), self.color), "{text}");
            }
            self.failure(document, several);
        }
        if several && !documents.is_empty() {
            let line = styled(super::text::STRONG, &safe_message(&Several::line(&documents)));
            let _ = writeln!(AutoStream::new(std::io::stdout(), self.color), "{line}");
        }
    }

    /// Prints one event of a stream: as JSON on a line at once, or as a row for people, in which a burst is folded. Whether
    /// anybody still reads is the answer.
    pub fn event(&self, event: &Event, several: bool) -> bool {
        let is_other = event.event == EventKind::Logged(fail2ban::Event::Other);
        if !self.style.json && !self.style.verbose && is_other {
            // A reload logs every setting of every jail, which would push the bans off the screen.
            return true;
        }
        let written = if self.style.json {
            writeln!(std::io::stdout().lock(), "{}", harmless_json(event)).and_then(|()| std::io::stdout().flush())
        } else if self.style.verbose {
            self.rows(vec![Row::of(event)], several)
        } else {
            let rows = self.fold().take(event, Instant::now());
            self.rows(rows, several)
        };
        let is_read = written.is_ok();
        if is_read {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.count(event.event);
        }
        is_read
    }

    /// Prints the bursts that have ended by now. Whether anybody still reads is the answer.
    pub fn due_events(&self, several: bool) -> bool {
        let rows = self.fold().due(Instant::now());
        self.rows(rows, several).is_ok()
    }

    /// Prints the bursts that are left at the end of a watch.
    pub fn last_events(&self) {
        let rows = self.fold().all();
        let several = self.aim.get().is_some_and(|aim| aim.only.is_none());
        // The end of a watch is often that nobody reads any more.
        let _ = self.rows(rows, several);
    }

    fn fold(&self) -> MutexGuard<'_, Fold> {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self, rows: Vec<Row>, several: bool) -> std::io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut out = AutoStream::new(std::io::stdout(), self.color);
        for row in &rows {
            writeln!(out, "{}", render::row(row, several, &self.sheet()))?;
        }
        std::io::stdout().flush()
    }

    /// What a watch has shown until now.
    pub fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A document whose findings are put right on its own host.
    fn with_aimed_fixes(&self, document: &Document) -> Document {
        let mut aimed = document.clone();
        if let Answer::Findings(Findings { findings, .. }) = &mut aimed.answer {
            for finding in findings {
                finding.fix = self.aimed(name_of(document), &finding.fix);
            }
        }
        aimed
    }

    fn heading(&self, document: &Document) {
        let name = name_of(document).unwrap_or_default();
        let text = styled(super::text::STRONG, &format!("== {} ==", safe_message(name)));
        let _ = writeln!(AutoStream::new(std::io::stdout(), self.color), "{text}");
    }

    /// Warnings and the failure of a document, on stderr.
    fn failure(&self, document: &Document, several: bool) {
        let name = name_of(document);
        for warning in &document.warnings {
            self.warn(name.filter(|_| several), &warning.message);
        }
        if let Answer::WatchEnded(watch) = &document.answer {
            self.last_events();
            // Ctrl-C is the way to end a watch. The terminal has shown it as `^C`, which goes.
            let begin = if std::io::stderr().is_terminal() { "\r" } else { "" };
            self.say(&format!("{begin}{}", watch.seen.sentence()));
            return;
        }
        let Some(error) = &document.error else {
            return;
        };
        // From the plan on, what went wrong is of a host that may be another one than the next command's.
        let is_planned = matches!(&document.answer, Answer::Change(change) if change.plan.is_some());
        let host = name
            .filter(|_| is_planned && !several)
            .map(|name| format!("{}: ", safe_message(name)));
        let line = format!(
            "{} {}{}",
            styled(BAD, "error:"),
            host.unwrap_or_default(),
            ended(&safe_message(&error.message))
        );
        let page = self.talk();
        self.on_stderr(&page.prose(&line, HANG));
        for hint in &error.hints {
            let line = format!(
                "  {} {}",
                styled(FAINT, "hint:"),
                ended(&safe_message(&self.aimed(name, hint).to_string()))
            );
            self.on_stderr(&page.prose(&line, 2 * HANG));
        }
    }

    /// Shows the cursor again: a prompt that was given up has hidden it.
    pub fn restore_terminal(&self) {
        if std::io::stderr().is_terminal() {
            let _ = console::Term::stderr().show_cursor();
        }
    }
}

/// The name of a document's host.
fn name_of(document: &Document) -> Option<&str> {
    document.host.as_ref().map(|host| host.name.as_str())
}

/// Where progress goes.
fn target(drawn: bool) -> ProgressDrawTarget {
    if drawn {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

/// Asks with nothing drawn. Not by `suspend`, whose lock would let nobody say anything while the question is open:
/// neither another host nor Ctrl-C.
fn undisturbed<T>(progress: &MultiProgress, drawn: bool, question: impl FnOnce() -> T) -> T {
    // A terminal that is gone has nothing to clear.
    let _ = progress.clear();
    progress.set_draw_target(target(false));
    let answer = question();
    progress.set_draw_target(target(drawn));
    answer
}
