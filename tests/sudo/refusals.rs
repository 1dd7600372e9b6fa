//! What the real sudo refuses, and that each refusal says what to do about it, in whichever language sudo would speak.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use f2bctl::document::FailureKind;
use f2bctl::remote::ssh::{Form, NoPrompt, Notice, PassphraseQuestion, Prompt, UnknownHostKey};
use zeroize::Zeroizing;

use super::{LOGIN, PASSWORD, QUIET, SudoHost, is_root_for_the_login, look};
use crate::sshd::Person;

/// A login to whom programs speak German; `C.UTF-8` is there on every host.
const GERMAN: &str = "#!/bin/sh\nexec env LC_ALL=C.UTF-8 LANGUAGE=de /bin/sh \"$@\"\n";

/// Asks for a password each time.
fn asking() -> String {
    format!("Defaults:{LOGIN} timestamp_timeout=0\n{LOGIN} ALL=(root) /usr/bin/python3")
}

/// A person who takes longer to answer than sudo waits.
struct Slow;

#[async_trait]
impl Prompt for Slow {
    async fn passphrase(&self, _: &PassphraseQuestion) -> Option<Zeroizing<String>> {
        None
    }

    async fn answers(&self, _: &Form) -> Option<Vec<Zeroizing<String>>> {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        Some(vec![Zeroizing::new(PASSWORD.to_owned())])
    }

    async fn trust(&self, _: &UnknownHostKey) -> Option<bool> {
        None
    }

    fn notice(&self, _: &Notice) {}

    fn has_person(&self) -> bool {
        true
    }
}

/// The refusal, as far as it says these words and gives this advice.
async fn refused(host: &SudoHost, prompt: Arc<dyn Prompt>, words: &str, advice: &str) {
    let target = host.target();
    let failure = look(&target, prompt).await.expect_err("a refusal");
    assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
    assert!(failure.message.contains(words), "{failure:?}");
    assert!(
        failure.hints.iter().any(|hint| hint.to_string().contains(advice)),
        "{advice} in {failure:?}"
    );
    assert!(!format!("{failure:?}").contains(PASSWORD), "{failure:?}");
}

#[tokio::test]
async fn a_wrong_password_is_asked_again_and_given_up_after_three() {
    let Some(host) = SudoHost::start(&asking()) else {
        return;
    };
    let person = Person::with_answers(&[&["wrong"], &[PASSWORD]]);
    is_root_for_the_login(&look(&host.target(), person.clone()).await.expect("the second password"));
    assert_eq!(
        person.asked(),
        ["sudo password on pbx: ", "wrong password; sudo password on pbx: "]
    );
    let person = Person::with_answers(&[&["no"], &["nor this"], &["nor that"], &[PASSWORD]]);
    refused(
        &host,
        person.clone(),
        "incorrect password attempts",
        "the password that this login has",
    )
    .await;
    assert_eq!(person.asked().len(), 3);
}

#[tokio::test]
async fn a_sudo_that_would_ask_for_ever_is_given_up_after_three_as_well() {
    let Some(host) = SudoHost::start(&format!("Defaults passwd_tries=9\n{}", asking())) else {
        return;
    };
    let person = Person::with_answers(&[&["no"], &["nor this"], &["nor that"], &[PASSWORD]]);
    refused(
        &host,
        person.clone(),
        "does not take this password",
        "the password that this login has",
    )
    .await;
    assert_eq!(person.asked().len(), 3);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_reported_as_that() {
    // In minutes: a good second.
    let rules = format!("Defaults passwd_timeout=0.02\n{}", asking());
    for shell in [QUIET, GERMAN] {
        let Some(host) = SudoHost::start_with(&rules, shell, None) else {
            return;
        };
        refused(&host, Arc::new(Slow), "sudo refuses this login", "passwd_timeout").await;
        // In time it is taken, and nothing of the late one is left.
        let person = Person::with_answers(&[&[PASSWORD]]);
        is_root_for_the_login(&look(&host.target(), person).await.expect("in time"));
    }
}

#[tokio::test]
async fn a_login_without_a_rule_is_refused_in_sudos_words() {
    let Some(host) = SudoHost::start("") else {
        return;
    };
    let person = Person::with_answers(&[&[PASSWORD]]);
    refused(
        &host,
        person,
        "is not in the sudoers file",
        "a sudo rule that allows python3",
    )
    .await;
}

#[tokio::test]
async fn a_login_whose_rule_is_about_another_command_is_shown_which_one_it_needs() {
    for rule in ["NOPASSWD: /usr/bin/fail2ban-client", "/usr/bin/fail2ban-client"] {
        let Some(host) = SudoHost::start(&format!("{LOGIN} ALL=(root) {rule}")) else {
            return;
        };
        let person = Person::with_answers(&[&[PASSWORD]]);
        refused(
            &host,
            person,
            "is not allowed to execute",
            "a sudo rule that allows python3",
        )
        .await;
    }
}

#[tokio::test]
async fn requiretty_is_named_with_its_cure_in_every_language() {
    let rules = format!("Defaults requiretty\n{LOGIN} ALL=(root) NOPASSWD: /usr/bin/python3");
    for shell in [QUIET, GERMAN] {
        let Some(host) = SudoHost::start_with(&rules, shell, None) else {
            return;
        };
        refused(&host, Arc::new(NoPrompt), "requiretty", "!requiretty").await;
    }
}
