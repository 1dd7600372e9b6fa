//! The operator at a terminal: what happens is told, and questions are asked, on stderr.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressStyle};
use zeroize::Zeroizing;

use crate::engine::{Dialogue, Settlement};
use crate::model::observed::OpenChange;
use crate::procedure::Plan;
use crate::remote::agent::AgentEvent;
use crate::remote::ssh::{Form, Notice, PassphraseQuestion, Prompt, UnknownHostKey};

use super::output::Output;
use super::prompts::{ask_choice, ask_secret, ask_text, ask_yes};
use super::render;
use super::text::{ended, safe_lines};

/// How often the sign of life moves.
const TICK_MILLISECONDS: u64 = 120;

/// The dialogue about one host.
pub struct Terminal {
    output: Arc<Output>,
    host: Option<String>,
    bar: Option<ProgressBar>,
}

impl Terminal {
    /// A dialogue; `host` is said before each line where there are several hosts.
    pub fn new(output: Arc<Output>, host: Option<String>) -> Self {
        Self {
            output,
            host,
            bar: None,
        }
    }

    fn labelled(&self, text: &str) -> String {
        match &self.host {
            Some(host) => format!("{}: {}", safe_lines(host), safe_lines(text)),
            None => safe_lines(text),
        }
    }

    fn end_progress(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_progress();
    }
}

impl Dialogue for Terminal {
    fn event(&mut self, event: AgentEvent) {
        let text = self.labelled(&event.text);
        if matches!(event.step.as_str(), "waiting" | "undo" | "finish" | "follow_up") {
            self.output.say(&text);
        } else {
            self.output.say_more(&text);
        }
        if let Some(host) = &self.host
            && self.output.lines().say(host, &event.text)
        {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style =
                ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = self.output.progress().add(ProgressBar::new_spinner().with_style(style));
            bar.enable_steady_tick(Duration::from_millis(TICK_MILLISECONDS));
            bar
        });
        bar.set_message(text);
    }

    fn planned(&mut self, plan: &Plan) {
        self.end_progress();
        let text = render::plan(&plan.shown(), &self.output.talk());
        self.output.show(
            &self
                .host
                .as_ref()
                .map_or_else(|| text.clone(), |host| format!("{}:\n{text}", safe_lines(host))),
        );
        // Whom it would ban at once, what is not whitelisted any more: before the question, not behind the answer.
        for warning in &plan.warnings {
            self.output.warn(self.host.as_deref(), &warning.message);
        }
    }

    fn approve(&mut self, plan: &Plan) -> Option<bool> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        let host = self.host.clone();
        let drift = !plan.drift.is_empty();
        let also = "Also put into force what another hand left on disk (marked above)?";
        if drift && self.output.undisturbed(|| ask_yes(also)) != Some(true) {
            return Some(false);
        }
        let question = host.map_or_else(
            || "Run this plan?".to_owned(),
            |host| format!("Run this plan on {}?", safe_lines(&host)),
        );
        Some(self.output.undisturbed(|| ask_yes(&question)) == Some(true))
    }

    fn type_name(&mut self, name: &str) -> Option<bool> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        let question = format!("Type the host's name ({}) to go on", safe_lines(name));
        let typed = self.output.undisturbed(|| ask_text(&question, |_| Ok(())));
        Some(typed.is_some_and(|typed| typed.trim() == name))
    }

    fn settle(&mut self, open: &OpenChange) -> Option<Settlement> {
        self.end_progress();
        if !self.output.can_ask() {
            return None;
        }
        let command = safe_lines(open.command.as_deref().unwrap_or("a change"));
        let operator = safe_lines(open.operator.as_deref().unwrap_or("somebody"));
        let question = format!("An earlier {command} by {operator} was interrupted. What now?");
        let mut choices = vec![
            ("Undo it: back to the state before", Settlement::Undo),
            ("Finish it as it was approved", Settlement::Finish),
            ("Leave it and stop", Settlement::Leave),
        ];
        choices.retain(|(_, how)| *how != Settlement::Finish || open.can_be_finished());
        let texts: Vec<&str> = choices.iter().map(|(text, _)| *text).collect();
        let chosen = self.output.undisturbed(|| ask_choice(&question, &texts));
        let chosen = chosen.and_then(|number| choices.get(number));
        Some(chosen.map_or(Settlement::Leave, |(_, how)| *how))
    }
}

#[async_trait]
impl Prompt for Terminal {
    async fn passphrase(&self, question: &PassphraseQuestion) -> Option<Zeroizing<String>> {
        if !self.output.can_ask() {
            return None;
        }
        let text = format!("Passphrase for {}: ", safe_lines(&question.file));
        self.output.asked(move || ask_secret(&text)).await
    }

    async fn answers(&self, form: &Form) -> Option<Vec<Zeroizing<String>>> {
        if !self.output.can_ask() {
            return None;
        }
        for line in [&form.name, &form.instruction] {
            if !line.is_empty() {
                self.output.say(&safe_lines(line));
            }
        }
        let questions = form.questions.clone();
        let host = form.host.clone();
        let answers = move || {
            let answer = |question: &crate::remote::ssh::Question| {
                let text = format!("({}) {}", safe_lines(&host), safe_lines(&question.text));
                if question.echo {
                    ask_text(text.trim_end().trim_end_matches(':'), |_| Ok(())).map(Zeroizing::new)
                } else {
                    ask_secret(&text)
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
            safe_lines(&key.host),
            safe_lines(&key.key_type),
            safe_lines(&key.fingerprint)
        ));
        self.output
            .asked(|| ask_yes("Is that the right fingerprint, and shall it be recorded?"))
            .await
    }

    fn notice(&self, notice: &Notice) {
        self.output.say(&ended(&safe_lines(&notice.message)));
    }

    fn has_person(&self) -> bool {
        self.output.can_ask()
    }
}
