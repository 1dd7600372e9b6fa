//! The operator at a terminal: what happens is shown, and questions are asked, on stderr.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressStyle};
use zeroize::Zeroizing;

use crate::engine::{Approver, Consumer, Event, Recovery};
use crate::model::comment_text::escaped;
use crate::model::host_name::HostName;
use crate::model::observed::OpenChange;
use crate::planning::plan::Plan;
use crate::remote::ssh::{Asker, Form, Notice, PassphraseQuestion, Prompt, Question, UnknownHostKey};

use super::output::Output;
use super::prompts::{ask_choice, ask_secret, ask_text, ask_yes, note_recovery};
use super::render;
use super::text::{ended, host_at, safe_message};

/// How often the spinner moves.
const TICK_MILLISECONDS: u64 = 120;

/// The operator's terminal, about one host: it shows the events of a run and answers its questions.
pub struct Terminal {
    output: Arc<Output>,
    host: Option<HostName>,
    /// Whether the host is one of several, so that each line has to name its host.
    several: bool,
    bar: Mutex<Option<ProgressBar>>,
    /// The plan and its warnings, where a quiet run has not shown them yet: nobody approves what he has not seen.
    unseen: Mutex<Vec<String>>,
}

impl Terminal {
    /// Answers the questions of logging in, which name their host by themselves.
    pub fn new(output: Arc<Output>) -> Self {
        Self {
            output,
            host: None,
            several: false,
            bar: Mutex::default(),
            unseen: Mutex::default(),
        }
    }

    /// The terminal about a host, which may be one of several.
    pub fn about(output: Arc<Output>, host: HostName, several: bool) -> Self {
        let mut terminal = Self::new(output);
        terminal.host = Some(host);
        terminal.several = several;
        terminal
    }

    /// The host's name where there are several.
    fn one_of_several(&self) -> Option<&str> {
        self.host.as_ref().filter(|_| self.several).map(|host| &*host.name)
    }

    /// What the host's agent sends, after the host's name.
    fn labelled(&self, text: &str) -> String {
        match &self.host {
            Some(host) => format!("{}: {}", safe_message(&host.name), safe_message(text)),
            None => safe_message(text),
        }
    }

    /// Shows what the host is at; as a line of its own if it matters later, too.
    fn step(&self, text: &str, matters: bool) {
        let labelled = self.labelled(text);
        if matters {
            self.output.say(&labelled);
        } else {
            self.output.say_more(&labelled);
        }
        if let Some(host) = self.one_of_several()
            && self.output.lines().say(host, text)
        {
            return;
        }
        let mut bar = held(&self.bar);
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = self.output.progress().add(ProgressBar::new_spinner().with_style(style));
            bar.enable_steady_tick(Duration::from_millis(TICK_MILLISECONDS));
            bar
        });
        bar.set_message(labelled);
    }

    fn end_progress(&self) {
        if let Some(bar) = held(&self.bar).take() {
            bar.finish_and_clear();
        }
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_progress();
    }
}

impl Consumer for Terminal {
    fn take(&self, event: &Event<'_>) {
        match event {
            Event::WaitingForLock(text)
            | Event::RollingBack(text)
            | Event::Recovering(text)
            | Event::Restoring(text) => {
                self.step(text, true);
            }
            Event::AwaitingConfirmation(text) | Event::Progress(text) => self.step(text, false),
            Event::ConnectionLost { cause, .. } => {
                let text = format!("The connection was lost ({cause}); logging in again to see how the change ended.");
                self.step(&text, true);
            }
            Event::StillApplying => self.step("The host still works on the change; waiting for its end.", true),
            Event::Planned(plan) => self.planned(plan),
            Event::LoggedIn
            | Event::Observed(_)
            | Event::NotObserved(_)
            | Event::Applying { .. }
            | Event::Reconnected
            | Event::Log(_) => {}
        }
    }
}

impl Terminal {
    fn planned(&self, plan: &Plan) {
        self.end_progress();
        let host = self
            .host
            .as_ref()
            .map_or_else(String::new, |host| host_at(&host.name, &host.address));
        let text = render::plan(&plan.shown(), &host, &self.output.talk());
        if self.output.style().quiet {
            let warnings = plan
                .warnings
                .iter()
                .map(|warning| self.output.warning(None, &warning.message));
            *held(&self.unseen) = std::iter::once(text).chain(warnings).collect();
            return;
        }
        self.output.show(&text);
        // Whom it would ban at once, what is not whitelisted any more: before the question, not after the answer.
        for warning in &plan.warnings {
            self.output.warn(self.one_of_several(), &warning.message);
        }
    }
}

impl Approver for Terminal {
    fn approve(&self, plan: &Plan) -> Option<bool> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        for text in held(&self.unseen).drain(..) {
            self.output.show_in_any_case(&text);
        }
        let drift = !plan.drift.is_empty();
        let also = "Also put into force the external edits on disk (marked above)?";
        if drift && self.output.undisturbed(|| ask_yes(also)) != Some(true) {
            return Some(false);
        }
        let question = match &self.host {
            Some(host) => format!("Run this plan on {}?", escaped(&host.name)),
            None => "Run this plan?".to_owned(),
        };
        Some(self.output.undisturbed(|| ask_yes(&question)) == Some(true))
    }

    fn type_host_name(&self, name: &str) -> Option<bool> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        let question = format!("Type the host's name ({}) to continue", safe_message(name));
        let typed = self.output.undisturbed(|| ask_text(&question, |_| Ok(())));
        Some(typed.is_some_and(|typed| typed.trim() == name))
    }

    fn recover(&self, open: &OpenChange) -> Option<Recovery> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        let command = safe_message(open.command.as_deref().unwrap_or("a change"));
        let operator = safe_message(open.operator.as_deref().unwrap_or("somebody"));
        let question = format!("An earlier {command} by {operator} was interrupted. What now?");
        let mut choices = vec![
            ("Undo it: back to the state before", Recovery::Undo),
            ("Finish it as it was approved", Recovery::Finish),
            ("Leave it and stop", Recovery::Leave),
        ];
        choices.retain(|(_, how)| *how != Recovery::Finish || open.can_be_finished());
        let texts: Vec<&str> = choices.iter().map(|(text, _)| *text).collect();
        let chosen = self.output.undisturbed(|| ask_choice(&question, &texts));
        let chosen = chosen.and_then(|number| choices.get(number));
        let how = chosen.map_or(Recovery::Leave, |(_, how)| *how);
        if how != Recovery::Leave {
            note_recovery();
        }
        Some(how)
    }
}

#[async_trait]
impl Prompt for Terminal {
    async fn passphrase(&self, question: &PassphraseQuestion) -> Option<Zeroizing<String>> {
        if !self.output.can_ask() {
            return None;
        }
        let text = format!("Passphrase for {}: ", safe_message(&question.file));
        self.output.asked(move || ask_secret(&text)).await
    }

    async fn answers(&self, form: &Form) -> Option<Vec<Zeroizing<String>>> {
        if !self.output.can_ask() {
            return None;
        }
        for line in introduction(form) {
            self.output.say(&line);
        }
        let questions: Vec<(String, bool)> = form.questions.iter().map(|one| (shown(form, one), one.echo)).collect();
        let answers = move || {
            let answer = |(text, echo): &(String, bool)| {
                if *echo {
                    ask_text(text.trim_end().trim_end_matches(':'), |_| Ok(())).map(Zeroizing::new)
                } else {
                    ask_secret(text)
                }
            };
            questions.iter().map(answer).collect()
        };
        self.output.asked(answers).await
    }

    async fn trust(&self, key: &UnknownHostKey) -> Option<bool> {
        if !self.output.can_ask() {
            return None;
        }
        self.output.say(&format!(
            "The host {} is not known yet. Its {} key has the fingerprint {}.",
            safe_message(&key.host),
            safe_message(&key.key_type),
            safe_message(&key.fingerprint)
        ));
        self.output
            .asked(|| ask_yes("Is that the right fingerprint? Record it?"))
            .await
    }

    fn notice(&self, notice: &Notice) {
        self.output.say(&ended(&safe_message(&notice.message)));
    }

    fn has_person(&self) -> bool {
        self.output.can_ask()
    }
}

/// What is above a form's questions, a line each. A host's text follows its name, so that no line can pass for
/// f2bctl's own.
fn introduction(form: &Form) -> Vec<String> {
    let host = escaped(&form.host);
    let lines = [&form.name, &form.instruction]
        .into_iter()
        .filter(|line| !line.is_empty());
    lines.map(|line| format!("{host} shows: {}", escaped(line))).collect()
}

/// A question as it is shown: what a host asks begins with the host's name, what f2bctl asks with the address it is
/// about.
fn shown(form: &Form, question: &Question) -> String {
    let (host, text) = (escaped(&form.host), escaped(question.text.trim_end()));
    match form.asker {
        Asker::Program => format!("({host}) {text} "),
        Asker::Host => format!("{host} asks: {text} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_ask_in_the_name_of_f2bctl() {
        let forged = "Code:\r\n(ops@pbx2) sudo password on pbx2: ";
        let mut form = Form {
            asker: Asker::Host,
            host: "pbx1".to_owned(),
            name: forged.to_owned(),
            instruction: "a\u{2028}b\u{202e}c\u{200b}d".to_owned(),
            questions: Vec::new(),
        };
        let question = Question {
            text: forged.to_owned(),
            echo: false,
        };
        assert_eq!(
            introduction(&form),
            [
                "pbx1 shows: Code:\\r\\n(ops@pbx2) sudo password on pbx2: ",
                "pbx1 shows: a\\u{2028}b\\u{202e}c\\u{200b}d"
            ]
        );
        assert_eq!(
            shown(&form, &question),
            "pbx1 asks: Code:\\r\\n(ops@pbx2) sudo password on pbx2: "
        );
        form.asker = Asker::Program;
        assert!(shown(&form, &question).starts_with("(pbx1) "));
    }
}
