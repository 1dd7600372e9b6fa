//! What a session may have to ask a person, as a trait: this floor neither prints nor reads a terminal.

use async_trait::async_trait;
use zeroize::Zeroizing;

/// Answers from a person. Implementations may block only inside `spawn_blocking`: the session runs on meanwhile.
#[async_trait]
pub trait Prompt: Send + Sync {
    /// The passphrase of a key file; `None` gives the key up.
    async fn passphrase(&self, question: &PassphraseQuestion) -> Option<Zeroizing<String>>;

    /// One answer for each question of the form, in order (a password, or what the host asks); `None` gives the method up.
    async fn answers(&self, form: &Form) -> Option<Vec<Zeroizing<String>>>;

    /// Whether to trust and record a host key that no file knows; `None` when there is nobody to ask.
    async fn trust(&self, key: &UnknownHostKey) -> Option<bool>;

    /// Something that the operator should read; nothing is asked. Must not block.
    fn notice(&self, notice: &Notice);

    /// Whether anybody can answer. Without a person, methods that need one are not tried.
    fn has_person(&self) -> bool;
}

/// A key file whose passphrase is needed: the host has already said that it would take this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassphraseQuestion {
    /// The key file.
    pub file: String,
    /// 1 for the first try, at most 3 in all.
    pub attempt: u32,
}

/// Questions to be answered together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Who asks, such as `root@192.0.2.7`.
    pub host: String,
    /// The form's title; may be empty. Made safe for a terminal.
    pub name: String,
    /// What the host says about it; may be empty. Made safe for a terminal.
    pub instruction: String,
    /// The questions, at least one.
    pub questions: Vec<Question>,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The text before the answer. Made safe for a terminal.
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
    /// For people. Made safe for a terminal.
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
const MOST_SHOWN: usize = 4096;

/// The beginning of [`harmless`] text.
pub(super) fn visible(text: &str) -> String {
    harmless(text).chars().take(MOST_SHOWN).collect()
}

/// Text from outside without anything that could steer a terminal: control and direction characters become `?`.
pub(super) fn harmless(text: &str) -> String {
    text.trim_end()
        .chars()
        .filter(|shown| *shown != '\r')
        .map(|shown| match shown {
            '\n' | '\t' => shown,
            _ if shown.is_control() || is_direction_mark(shown) => '?',
            _ => shown,
        })
        .collect()
}

fn is_direction_mark(shown: char) -> bool {
    matches!(shown, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_steer_the_terminal() {
        assert_eq!(visible("one\r\ntwo\u{1b}[2J\u{7}\u{202e}x\n"), "one\ntwo?[2J??x");
        assert_eq!(visible(&"a".repeat(9000)).len(), MOST_SHOWN);
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
