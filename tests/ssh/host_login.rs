//! Passwords, PAM's questions, agents that are forwarded, limits of a key, and hosts that shut out whom they distrust: with a real sshd.
//!
//! Where a login with a password is needed, `tests/matrix/run ssh` makes one in a file tree of its own and runs what is
//! ignored here.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::left_out::left_out;
use super::sshd::openssh::{client_version, path_on_host, server_takes};
use super::sshd::{Agent, Person, Sshd, own_login, public_line};
use f2bctl::remote::ssh::{ConnectError, Destination, NoPrompt, Prompt, Session, SshOptions};

const QUESTIONS: &str = "UsePAM yes\nKbdInteractiveAuthentication yes\nChallengeResponseAuthentication yes";
const PASSWORDS: &str = "UsePAM no\nPasswordAuthentication yes";

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run tests/matrix/run ssh"))
}

fn password() -> String {
    setting("F2BCTL_TEST_PASSWORD")
}

/// The login whose password is known, at an sshd.
fn with_password(sshd: &Sshd, login: &str) -> Destination {
    Destination::parse(&format!("{login}@127.0.0.1:{}", sshd.port)).unwrap()
}

/// Options without any key.
fn keyless(sshd: &Sshd) -> SshOptions {
    fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
    let mut options = sshd.trust().options();
    options.identities = Vec::new();
    options
}

async fn login(sshd: &Sshd, options: &SshOptions, answers: &[&[&str]]) -> (Result<Session, ConnectError>, Vec<String>) {
    let person = Person::with_answers(answers);
    let destination = with_password(sshd, &setting("F2BCTL_TEST_LOGIN"));
    let session = Session::connect(&destination, options, person.clone()).await;
    (session, person.asked())
}

#[tokio::test]
#[ignore = "needs a login with a password: tests/matrix/run ssh"]
async fn pams_question_is_answered_with_the_password() {
    let sshd = Sshd::start_with(QUESTIONS);
    let (session, asked) = login(&sshd, &keyless(&sshd), &[&[&password()]]).await;
    assert_eq!(session.unwrap().authenticated_with().method, "keyboard-interactive");
    assert!(asked.len() == 1 && asked[0].contains("assword:"), "{asked:?}");
}

#[tokio::test]
#[ignore = "needs a login with a password: tests/matrix/run ssh"]
async fn a_wrong_answer_to_pam_is_asked_again_and_three_are_refused() {
    let sshd = Sshd::start_with(QUESTIONS);
    let right = password();
    let (session, asked) = login(&sshd, &keyless(&sshd), &[&["wrong"], &[&right]]).await;
    session.unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");

    let (session, asked) = login(&sshd, &keyless(&sshd), &[&["a"], &["b"], &["c"], &[&right]]).await;
    let error = session.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!((refusal.offered.len(), asked.len()), (3, 3), "{error}");
    assert!(
        error
            .to_string()
            .contains("it still accepts: publickey, keyboard-interactive"),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs a login with a password: tests/matrix/run ssh"]
async fn a_password_that_is_right_and_one_that_is_wrong() {
    let sshd = Sshd::start_with(PASSWORDS);
    let (session, asked) = login(&sshd, &keyless(&sshd), &[&["wrong"], &[&password()]]).await;
    assert_eq!(session.unwrap().authenticated_with().method, "password");
    assert_eq!(asked.len(), 2, "{asked:?}");
    let (session, _) = login(&sshd, &keyless(&sshd), &[&["a"], &["b"], &["c"]]).await;
    let error = session.unwrap_err();
    assert!(error.to_string().contains("offered: password as typed"), "{error}");
}

#[tokio::test]
#[ignore = "needs a login with a password: tests/matrix/run ssh"]
async fn a_key_and_then_pams_question() {
    let sshd = Sshd::start_with(&format!(
        "{QUESTIONS}\nAuthenticationMethods publickey,keyboard-interactive"
    ));
    let options = sshd.trust().options();
    let (session, _) = login(&sshd, &options, &[&[&password()]]).await;
    let session = session.unwrap();
    assert_eq!(session.authenticated_with().method, "publickey,keyboard-interactive");
    assert!(session.authenticated_with().fingerprint.is_some());

    let (session, _) = login(&sshd, &options, &[&["wrong"]]).await;
    let error = session.unwrap_err();
    assert!(error.to_string().contains("after accepting a first factor"), "{error}");
}

#[tokio::test]
#[ignore = "needs a login with an expired password: tests/matrix/run ssh"]
async fn an_expired_password_is_changed_in_the_same_login() {
    let sshd = Sshd::start_with(QUESTIONS);
    let (old, new) = (password(), "battery staple 22");
    let person = Person::with_answers(&[&[&old], &[&old], &[new], &[new]]);
    let destination = with_password(&sshd, &setting("F2BCTL_TEST_EXPIRED"));
    let session = Session::connect(&destination, &keyless(&sshd), person.clone()).await;
    assert_eq!(
        session.unwrap().authenticated_with().method,
        "keyboard-interactive",
        "{:?}",
        person.asked()
    );
    assert_eq!(person.asked().len(), 4, "{:?}", person.asked());

    let person = Person::with_answers(&[&[new]]);
    let session = Session::connect(&destination, &keyless(&sshd), person.clone()).await;
    assert!(session.is_ok(), "{session:?}");
}

/// `ssh -A`, which stays until this ends; and the socket that it brought to the host.
struct Forwarding {
    child: Child,
    socket: std::path::PathBuf,
}

impl Forwarding {
    fn through(near: &Sshd, agent: &Agent) -> Self {
        let mut child = Command::new("ssh")
            .arg("-A")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"])
            .arg("-i")
            .arg(near.path("client"))
            .arg("-o")
            .arg(format!(
                "UserKnownHostsFile={}",
                near.trust().path("known_hosts").display()
            ))
            .args(["-p", &near.port.to_string(), &format!("{}@127.0.0.1", own_login())])
            .arg("echo \"$SSH_AUTH_SOCK\"; exec cat")
            .env("SSH_AUTH_SOCK", agent.socket())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("these tests need ssh (Debian: openssh-client)");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        assert!(line.starts_with('/'), "no agent was forwarded: {line:?}");
        let socket = path_on_host(line.trim());
        Self { child, socket }
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_forwarded_agent_logs_in_and_one_that_is_gone_is_reported() {
    let (near, target) = (Sshd::start(), Sshd::start());
    let agent = Agent::start();
    agent.add(&target.path("client"));
    let mut options = keyless(&target);
    let forwarding = Forwarding::through(&near, &agent);
    options.environment.ssh_auth_sock = Some(forwarding.socket.clone());
    let session = Session::connect(&target.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap();
    assert_eq!(session.authenticated_with().comment.as_deref(), Some("client@test"));
    drop(forwarding);
    let error = loop {
        match Session::connect(&target.destination(), &options, Arc::new(NoPrompt)).await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("agent"), "{error}");
}

/// What authorized_keys says before a key, and whether the key then opens.
#[tokio::test]
async fn a_key_with_limits_opens_where_they_hold_and_is_refused_where_they_do_not() {
    let sshd = Sshd::start();
    let key = public_line(&sshd.path("client"));
    for (limits, opens) in [
        ("from=\"127.0.0.1\"", true),
        ("from=\"192.0.2.*\"", false),
        ("expiry-time=\"20990101\"", true),
        ("expiry-time=\"20200101\"", false),
        ("restrict", true),
        ("cert-authority", false),
    ] {
        fs::write(sshd.path("authorized_keys"), format!("{limits} {key}\n")).unwrap();
        let ended = Session::connect(&sshd.trust().destination(), &sshd.options(), Arc::new(NoPrompt)).await;
        assert_eq!(ended.is_ok(), opens, "{limits}: {ended:?}");
        if let Err(error) = ended {
            assert!(matches!(error, ConnectError::Authentication(_)), "{limits}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_login_that_the_host_does_not_allow_is_refused() {
    for line in ["AllowUsers nobody-else", "PubkeyAuthentication no", "DenyUsers *"] {
        let sshd = Sshd::start_with(line);
        let error = Session::connect(&sshd.trust().destination(), &sshd.options(), Arc::new(NoPrompt))
            .await
            .unwrap_err();
        assert!(matches!(error, ConnectError::Authentication(_)), "{line}: {error:?}");
    }
}

#[tokio::test]
async fn a_jump_host_that_forbids_forwarding_is_recognised() {
    let (near, target) = (Sshd::start_with("AllowTcpForwarding no"), Sshd::start());
    fs::copy(near.path("client"), target.path("client")).unwrap();
    let known = format!("{} {}\n", near.name(), public_line(&near.path("host_key")));
    fs::write(target.path("known_hosts"), known).unwrap();
    let config = format!("IdentitiesOnly yes\nIdentityFile {}\n", target.path("client").display());
    fs::write(target.path("ssh_config"), config).unwrap();
    let mut options = target.options();
    options.jump = vec![format!("{}@127.0.0.1:{}", own_login(), near.port)];
    let error = Session::connect(&target.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::Unreachable { source, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(source.to_string(), "it is forbidden there");
}

#[tokio::test]
async fn a_jump_host_whose_key_has_changed_is_refused_before_anything_is_sent_through_it() {
    let (near, target) = (Sshd::start(), Sshd::start());
    let known = format!("{} {}\n", near.name(), public_line(&target.path("host_key")));
    fs::write(target.path("known_hosts"), known).unwrap();
    let mut options = target.options();
    options.jump = vec![format!("{}@127.0.0.1:{}", own_login(), near.port)];
    options.accept_new = true;
    let error = Session::connect(&target.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::Jump { source, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(matches!(**source, ConnectError::HostKey { .. }), "{error:?}");
    assert!(!near.log().contains("Accepted publickey"), "{}", near.log());
}

/// OpenSSH from 9.8 on: who fails a few times is turned away before he can say anything.
#[tokio::test]
async fn a_host_that_shuts_out_after_failed_logins_says_so_and_is_not_taken_for_a_broken_one() {
    let penalties = "PerSourcePenalties authfail:30s noauth:1s min:20s";
    if !server_takes(penalties) {
        assert!(client_version() < (9, 8), "sshd takes no PerSourcePenalties");
        left_out("OpenSSH before 9.8 has no PerSourcePenalties");
        return;
    }
    let sshd = Sshd::start_with(penalties);
    let allowed = fs::read_to_string(sshd.path("authorized_keys")).unwrap();
    fs::write(sshd.path("authorized_keys"), "").unwrap();
    let connect = || async {
        let nobody: Arc<dyn Prompt> = Arc::new(NoPrompt);
        Session::connect(&sshd.trust().destination(), &sshd.options(), nobody).await
    };
    let first = connect().await.unwrap_err();
    assert!(matches!(first, ConnectError::Authentication(_)), "{first:?}");
    fs::write(sshd.path("authorized_keys"), allowed).unwrap();
    let mut last = first;
    for _ in 0..20 {
        match connect().await {
            Ok(_) => {}
            Err(error) => {
                last = error;
                break;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(matches!(last, ConnectError::Ended { .. }), "{last:?}");
    assert!(last.to_string().contains("Not allowed at this time"), "{last}");
    assert!(
        last.hints().iter().any(|hint| hint.contains("PerSourcePenalties")),
        "{:?}",
        last.hints()
    );
}

#[tokio::test]
async fn a_host_with_too_many_who_have_not_logged_in_says_so() {
    let sshd = Sshd::start_with("MaxStartups 1:100:1");
    sshd.trust();
    // The test's own look at the port may still be counted for a moment.
    let _waiting = loop {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", sshd.port)).unwrap();
        let mut banner = [0; 4];
        if stream.read_exact(&mut banner).is_ok() && &banner == b"SSH-" {
            break stream;
        }
    };
    let error = Session::connect(&sshd.destination(), &sshd.options(), Arc::new(NoPrompt))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Ended { .. }), "{error:?}");
    // From 9.8 on there is one sentence for everybody who is turned away.
    let said = [
        "the host sent: Exceeded MaxStartups",
        "the host sent: Not allowed at this time",
    ];
    assert!(said.iter().any(|words| error.to_string().ends_with(words)), "{error}");
    assert!(
        error.hints().iter().any(|hint| hint.contains("MaxStartups")),
        "{:?}",
        error.hints()
    );
}
