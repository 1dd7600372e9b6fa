//! What a session may have to ask a person, as a trait: this floor neither prints nor reads a terminal.

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::model::comment_text::escaped;

/// Answers from a person. Implementations may block only inside `spawn_blocking`: the session runs on meanwhile.
#[async_trait]
pub trait Prompt: Send + Sync {
    /// The passphrase of a key file; `None` gives the key up.
    async fn passphrase(&self, question: &PassphraseQuestion) -> Option<Zeroizing<String>>;

    /// One answer for each question of the form, in order (a password, or what the host asks); `None` gives the method
    /// up.
    async fn answers(&self, form: &Form) -> Option<Vec<Zeroizing<String>>>;

    /// Whether to trust and record a host key that no file knows; `None` when there is nobody to ask.
    async fn trust(&self, key: &UnknownHostKey) -> Option<bool>;

    /// Something that the operator should read; nothing is asked. Must not block.
    fn notice(&self, notice: &Notice);

    /// Whether anybody can answer. Without a person, methods that need one are not tried.
    fn has_person(&self) -> bool;
}

/// A key file whose passphrase is needed: the host has already accepted this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassphraseQuestion {
    /// The key file.
    pub file: String,
    /// 1 for the first try, at most 3 in all.
    pub attempt: u32,
}

/// Whose words the questions of a form are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// f2bctl asks: the words are its own.
    Program,
    /// The host asks: the words can be anything.
    Host,
}

/// Questions to be answered together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Who wrote the questions.
    pub asker: Asker,
    /// The host that they are about: its name where it asks itself, else its address, such as `root@192.0.2.7`.
    pub host: String,
    /// The form's title; may be empty. One line, escaped.
    pub name: String,
    /// The host's text about it; may be empty. One line, escaped.
    pub instruction: String,
    /// The questions, at least one.
    pub questions: Vec<Question>,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The text before the answer. One line, escaped.
    pub text: String,
    /// Whether the answer may be seen while it is typed.
    pub echo: bool,
}

/// A host key that no file of known hosts has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownHostKey {
    /// The host as it would be recorded, such as `[192.0.2.7]:2222`.
    pub host: String,
    /// Such as `ssh-ed25519`.
    pub key_type: String,
    /// Such as `SHA256:…`, as ssh shows it.
    pub fingerprint: String,
    /// The file that it would be recorded in.
    pub file: Option<String>,
}

/// Something worth saying that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable word for programs, such as `ssh_banner`.
    pub code: &'static str,
    /// For people. One line, escaped.
    pub message: String,
}

/// Nobody is there: encrypted keys are skipped, unknown host keys refused, passwords not tried, notices dropped.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrompt;

#[async_trait]
impl Prompt for NoPrompt {
    async fn passphrase(&self, _question: &PassphraseQuestion) -> Option<Zeroizing<String>> {
        None
    }

    async fn answers(&self, _form: &Form) -> Option<Vec<Zeroizing<String>>> {
        None
    }

    async fn trust(&self, _key: &UnknownHostKey) -> Option<bool> {
        None
    }

    fn notice(&self, _notice: &Notice) {}

    fn has_person(&self) -> bool {
        false
    }
}

/// The most text of a host that is shown, in characters.
const MOST_SHOWN: usize = 1000;

/// Text from outside on one line, escaped and of bounded length: it can neither steer the terminal nor begin a line.
pub(super) fn visible(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    let mut shown: String = text.chars().take(MOST_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    escaped(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_can_neither_steer_the_terminal_nor_begin_a_line() {
        assert_eq!(
            visible("one\r\ntwo\u{1b}[2J\t\u{202e}\u{200b}\u{2028}x\n"),
            "one\\ntwo\\u{1b}[2J\\t\\u{202e}\\u{200b}\\u{2028}x"
        );
        assert_eq!(visible(&"a".repeat(9000)).chars().count(), MOST_SHOWN + 1);
    }

    #[tokio::test]
    async fn nobody_answers_nothing() {
        let question = PassphraseQuestion {
            file: "key".into(),
            attempt: 1,
        };
        assert_eq!(NoPrompt.passphrase(&question).await, None);
        let key = UnknownHostKey {
            host: "h".into(),
            key_type: "t".into(),
            fingerprint: "f".into(),
            file: None,
        };
        assert_eq!(NoPrompt.trust(&key).await, None);
        assert!(!NoPrompt.has_person());
    }
}
