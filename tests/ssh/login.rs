//! Logging in by certificates, security keys, questions, passwords and several factors, and what a host says when it has had enough.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scripted_host::{Command, Script, ScriptedHost};
use super::sshd::openssh::server_takes;
use super::sshd::{Agent, Person, Sshd, fingerprint, keygen, make_key, own_login, plain_options, public_line};
use f2bctl::remote::ssh::{ConnectError, Destination, NoPrompt, Prompt, Session, SshOptions};
use russh::MethodKind;
use russh::keys::signature::Signer;
use russh::keys::ssh_key::Signature;
use russh::keys::ssh_key::private::Ed25519Keypair;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// An sshd that lets nobody in but holders of certificates of its authority.
fn sshd_with_authority() -> Sshd {
    let folder = TempDir::new().unwrap();
    for name in ["host_key", "ca", "client"] {
        make_key(folder.path(), name, "ed25519", "");
    }
    make_key(folder.path(), "client_rsa", "rsa", "");
    fs::write(folder.path().join("authorized_keys"), "").unwrap();
    Sshd::start_in(folder, "TrustedUserCAKeys @FOLDER@/ca.pub")
}

fn sign_user(sshd: &Sshd, key: &str, validity: &str) {
    let shown = |name: &str| sshd.path(name).display().to_string();
    let public = shown(&format!("{key}.pub"));
    keygen(&[
        "-s",
        &shown("ca"),
        "-I",
        "ravi-of-operations",
        "-n",
        &own_login(),
        "-V",
        validity,
        &public,
    ]);
}

async fn connect(sshd: &Sshd, options: &SshOptions) -> Result<Session, ConnectError> {
    Session::connect(&sshd.destination(), options, Arc::new(NoPrompt)).await
}

#[tokio::test]
async fn a_certificate_beside_the_key_logs_in() {
    for key in ["client", "client_rsa"] {
        let sshd = sshd_with_authority();
        sign_user(&sshd, key, "-1d:+1d");
        let mut options = sshd.trust().options();
        options.identities = vec![sshd.path(key)];
        let session = connect(&sshd, &options).await.unwrap();
        let identity = session.authenticated_with();
        assert_eq!(identity.comment.as_deref(), Some("ravi-of-operations"), "{key}");
        assert_eq!(
            identity.fingerprint.as_deref(),
            Some(fingerprint(&sshd.path(key)).as_str()),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_certificate_file_of_its_own_is_signed_for_by_the_key_file_or_by_the_agent() {
    let sshd = sshd_with_authority();
    sign_user(&sshd, "client", "-1d:+1d");
    fs::rename(sshd.path("client-cert.pub"), sshd.path("elsewhere.pub")).unwrap();
    let config = |more: &str| {
        format!(
            "IdentitiesOnly yes\nCertificateFile {}\n{more}",
            sshd.path("elsewhere.pub").display()
        )
    };
    fs::write(sshd.path("ssh_config"), config("")).unwrap();
    let mut options = sshd.trust().options();
    connect(&sshd, &options).await.unwrap();

    let agent = Agent::start();
    agent.add(&sshd.path("client"));
    options.identities = Vec::new();
    options.environment.ssh_auth_sock = Some(agent.socket());
    fs::write(sshd.path("ssh_config"), config("IdentityFile none\n")).unwrap();
    connect(&sshd, &options).await.unwrap();

    options.environment.ssh_auth_sock = None;
    let error = connect(&sshd, &options).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no key file and no agent has the private key of this certificate"),
        "{error}"
    );
}

#[tokio::test]
async fn a_certificate_in_the_agent_logs_in_and_an_expired_one_is_named_as_refused() {
    let sshd = sshd_with_authority();
    sign_user(&sshd, "client_rsa", "-1d:+1d");
    let agent = Agent::start();
    agent.add(&sshd.path("client_rsa"));
    fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
    let mut options = sshd.trust().options();
    options.identities = Vec::new();
    options.environment.ssh_auth_sock = Some(agent.socket());
    let session = connect(&sshd, &options).await.unwrap();
    assert_eq!(
        session.authenticated_with().comment.as_deref(),
        Some("ravi-of-operations")
    );

    sign_user(&sshd, "client", "-2d:-1d");
    let mut options = sshd.options();
    options.environment.ssh_auth_sock = None;
    let error = connect(&sshd, &options).await.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert!(
        refusal
            .offered
            .iter()
            .any(|offer| offer.what.starts_with("certificate for ssh-ed25519")),
        "{error}"
    );
}

#[tokio::test]
async fn a_host_that_has_had_enough_is_quoted() {
    // Newer versions let the first few questions whether a key would do count as no tries.
    let strict = "PubkeyAuthOptions max-pk-ok:1";
    let more = if server_takes(strict) { strict } else { "" };
    let sshd = Sshd::start_with(&format!("MaxAuthTries 2\n{more}"));
    let agent = Agent::start();
    for number in 0..4 {
        agent.add(&make_key(&sshd.path(""), &format!("k{number}"), "ed25519", ""));
    }
    fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
    let mut options = sshd.trust().options();
    options.identities = Vec::new();
    options.environment.ssh_auth_sock = Some(agent.socket());
    let error = connect(&sshd, &options).await.unwrap_err();
    assert!(
        error.to_string().contains("Too many authentication failures"),
        "{error}"
    );
    assert!(
        error.hints().iter().any(|hint| hint.contains("IdentitiesOnly")),
        "{:?}",
        error.hints()
    );
}

/// An agent that holds a security key made of software, and one key of a type that nobody knows.
struct SecurityKeyAgent {
    socket: PathBuf,
    public: String,
}

fn string(content: &[u8]) -> Vec<u8> {
    let mut framed = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    framed.extend(content);
    framed
}

/// What a security key attests with a signature: that somebody touched it.
const TOUCHED: u8 = 1;

impl SecurityKeyAgent {
    fn start(folder: &Path, attested: u8) -> Self {
        let pair = Ed25519Keypair::from_seed(&[7; 32]);
        let kind = b"sk-ssh-ed25519@openssh.com";
        let blob = [string(kind), string(pair.public.as_ref()), string(b"ssh:")].concat();
        let socket = folder.join("sk_agent");
        let listener = UnixListener::bind(&socket).unwrap();
        let public = {
            use base64::Engine;
            format!(
                "sk-ssh-ed25519@openssh.com {} finger@key",
                base64::engine::general_purpose::STANDARD.encode(&blob)
            )
        };
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut length = [0; 4];
                while stream.read_exact(&mut length).is_ok() {
                    let mut request = vec![0; u32::from_be_bytes(length) as usize];
                    stream.read_exact(&mut request).unwrap();
                    stream
                        .write_all(&string(&answer(&request, &pair, &blob, attested)))
                        .unwrap();
                }
            }
        });
        Self { socket, public }
    }
}

/// What an agent with that key answers (PROTOCOL.agent and PROTOCOL.u2f of OpenSSH).
fn answer(request: &[u8], pair: &Ed25519Keypair, blob: &[u8], attested: u8) -> Vec<u8> {
    match request[0] {
        11 => {
            let odd = [string(&string(b"ssh-foo")), string(b"odd")].concat();
            let key = [string(blob), string(b"finger@key")].concat();
            [vec![12, 0, 0, 0, 2], odd, key].concat()
        }
        13 => {
            let data = &request[1 + 4 + blob.len() + 4..request.len() - 4];
            let attested_and_counted = [attested, 0, 0, 0, 9];
            let signed = [
                Sha256::digest(b"ssh:").as_slice(),
                &attested_and_counted,
                Sha256::digest(data).as_slice(),
            ]
            .concat();
            let signature: Signature = pair.try_sign(&signed).unwrap();
            let framed = [
                string(b"sk-ssh-ed25519@openssh.com"),
                string(signature.as_bytes()),
                attested_and_counted.to_vec(),
            ];
            [vec![14], string(&framed.concat())].concat()
        }
        _ => vec![5],
    }
}

#[tokio::test]
async fn a_security_key_in_the_agent_logs_in_beside_a_key_of_an_unknown_type() {
    let sshd = Sshd::start();
    let agent = SecurityKeyAgent::start(&sshd.path(""), TOUCHED);
    fs::write(sshd.path("authorized_keys"), format!("{}\n", agent.public)).unwrap();
    fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
    let mut options = sshd.trust().options();
    options.identities = Vec::new();
    options.environment.ssh_auth_sock = Some(agent.socket);
    let session = connect(&sshd, &options).await.unwrap();
    assert_eq!(
        session.authenticated_with().key_type.as_deref(),
        Some("sk-ssh-ed25519@openssh.com")
    );
    assert_eq!(session.authenticated_with().comment.as_deref(), Some("finger@key"));
}

#[tokio::test]
async fn a_security_key_that_nobody_touched_or_unlocked_opens_only_where_the_host_allows_that() {
    for (attested, limits, opens) in [
        (0, "", false),
        (0, "no-touch-required ", true),
        (TOUCHED, "verify-required ", false),
        (TOUCHED | 4, "verify-required ", true),
    ] {
        let sshd = Sshd::start();
        let agent = SecurityKeyAgent::start(&sshd.path(""), attested);
        fs::write(sshd.path("authorized_keys"), format!("{limits}{}\n", agent.public)).unwrap();
        fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
        let mut options = sshd.trust().options();
        options.identities = Vec::new();
        options.environment.ssh_auth_sock = Some(agent.socket);
        let ended = connect(&sshd, &options).await;
        assert_eq!(ended.is_ok(), opens, "{attested} {limits}: {ended:?}");
        if let Err(error) = ended {
            assert!(error.to_string().contains("sk-ssh-ed25519@openssh.com"), "{error}");
        }
    }
}

/// A scripted host and options that trust it.
async fn scripted(script: Script) -> (ScriptedHost, Destination, SshOptions, TempDir) {
    let folder = TempDir::new().unwrap();
    let key = make_key(folder.path(), "host_key", "ed25519", "");
    make_key(folder.path(), "client", "ed25519", "");
    let host = ScriptedHost::start(script, &key).await;
    let known = folder.path().join("known_hosts");
    fs::write(&known, format!("[127.0.0.1]:{} {}\n", host.port, public_line(&key))).unwrap();
    let mut options = plain_options();
    options.ssh_config = Some(folder.path().join("ssh_config"));
    fs::write(folder.path().join("ssh_config"), "IdentityFile none\n").unwrap();
    options.known_hosts = Some(known);
    let destination = Destination::parse(&format!("ravi@127.0.0.1:{}", host.port)).unwrap();
    (host, destination, options, folder)
}

fn two_rounds() -> Script {
    Script {
        methods: vec![MethodKind::KeyboardInteractive, MethodKind::Password],
        answers: vec![vec!["one", "two"], vec!["three"]],
        password: Some("correct horse"),
        ..Script::default()
    }
}

/// The program at a terminal; each answer is typed once this text is shown again. What was shown.
const TYPIST: &str = r#"
import json, os, pty, sys, time
answers, mark = json.loads(sys.argv[1]), sys.argv[2].encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[3], sys.argv[3:])
seen, place = b"", 0
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    while answers and mark in seen[place:]:
        place += seen[place:].index(mark) + len(mark)
        time.sleep(0.3)
        os.write(terminal, answers.pop(0).encode() + b"\r")
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_host_cannot_put_a_question_of_f2bctls_on_the_screen() {
    let forged = "Code:\r\n(ops@pbx2) sudo password on pbx2: \n\u{2028}(ops@pbx2) x\u{202e}\u{200b}\u{1b}[1A";
    let script = Script {
        methods: vec![MethodKind::KeyboardInteractive],
        answers: vec![vec!["one", "two"]],
        forged: Some(forged),
        banner: Some("hello\n(ops@pbx2) sudo password on pbx2: "),
        ..Script::default()
    };
    let (host, destination, options, folder) = scripted(script).await;
    let file = |path: &Option<std::path::PathBuf>| path.clone().expect("a file").display().to_string();
    let output = tokio::process::Command::new("timeout")
        .args(["60", "python3", "-I", "-c", TYPIST, r#"["one", "two"]"#, "asks: Code"])
        .args([env!("CARGO_BIN_EXE_f2bctl"), "-H", &destination.to_string(), "status"])
        .args([
            "-F",
            &file(&options.ssh_config),
            "--known-hosts",
            &file(&options.known_hosts),
        ])
        .env("HOME", folder.path())
        .env("TERM", "dumb")
        .output()
        .await
        .unwrap();
    // A prompt that ends shows the cursor again.
    let shown = String::from_utf8_lossy(&output.stdout).replace("\u{1b}[?25h", "");
    assert!(
        host.seen().contains(&"answers one|two".to_owned()),
        "{:?} {shown}",
        host.seen()
    );
    let name = destination.to_string();
    let lines: Vec<&str> = shown.lines().map(|line| line.trim_start_matches('\r')).collect();
    let of_the_host: Vec<&&str> = lines
        .iter()
        .filter(|line| line.contains("sudo password on pbx2"))
        .collect();
    assert!(of_the_host.len() >= 5, "{lines:?}");
    for line in of_the_host {
        let begins = ["asks:", "shows:", "shows a banner:"]
            .iter()
            .any(|word| line.starts_with(&format!("{name} {word} ")));
        assert!(begins, "{line:?} in {lines:?}");
    }
    assert!(
        !shown.contains(['\u{2028}', '\u{202e}', '\u{200b}']) && !shown.contains("\u{1b}[1A"),
        "{shown:?}"
    );
}

#[tokio::test]
async fn the_hosts_questions_come_before_the_password() {
    let (host, destination, options, _folder) = scripted(two_rounds()).await;
    let person = Person::with_answers(&[&["one", "two"], &["three"]]);
    let session = Session::connect(&destination, &options, person.clone()).await.unwrap();
    assert_eq!(session.authenticated_with().method, "keyboard-interactive");
    assert_eq!(
        person.asked(),
        ["Question\\u{1b}[2J 0:|Question\\u{1b}[2J 1:", "Question\\u{1b}[2J 0:"]
    );
    // The last round is the empty one, with which PAM says goodbye.
    assert_eq!(
        host.seen(),
        ["answers one|two", "answers three", "answers ", "logged in"]
    );
}

#[tokio::test]
async fn a_password_is_tried_when_the_questions_lead_nowhere() {
    let (host, destination, options, _folder) = scripted(two_rounds()).await;
    let wrong: &[&str] = &["no", "no"];
    let person = Person::with_answers(&[wrong, wrong, wrong, &["wrong"], &["correct horse"]]);
    let session = Session::connect(&destination, &options, person.clone()).await.unwrap();
    assert_eq!(session.authenticated_with().method, "password");
    assert_eq!(
        person.asked().last().unwrap(),
        &format!("ravi@127.0.0.1:{}'s password: ", host.port)
    );
    assert_eq!(host.seen().iter().filter(|seen| seen.starts_with("answers")).count(), 3);
}

#[tokio::test]
async fn without_a_person_or_in_batch_mode_nothing_is_asked() {
    let (host, destination, options, folder) = scripted(two_rounds()).await;
    let error = Session::connect(&destination, &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(refusal.accepts, ["keyboard-interactive", "password"]);
    assert!(
        error.hints().iter().any(|hint| hint.contains("terminal")),
        "{:?}",
        error.hints()
    );

    fs::write(folder.path().join("ssh_config"), "IdentityFile none\nBatchMode yes\n").unwrap();
    let person = Person::with_answers(&[&["one", "two"]]);
    assert!(Session::connect(&destination, &options, person.clone()).await.is_err());
    assert_eq!(
        (person.asked(), host.seen()),
        (Vec::<String>::new(), Vec::<String>::new())
    );
}

#[tokio::test]
async fn a_person_who_gives_up_ends_the_login_and_endless_questions_end_by_themselves() {
    let (_host, destination, options, _folder) = scripted(two_rounds()).await;
    let person = Person::with_answers(&[]);
    let error = Session::connect(&destination, &options, person.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Authentication(_)), "{error:?}");
    assert_eq!(person.asked().len(), 2, "one form and one password");

    let endless = Script {
        endless: true,
        methods: vec![MethodKind::KeyboardInteractive],
        ..two_rounds()
    };
    let (host, destination, options, _folder) = scripted(endless).await;
    let answers: Vec<&[&str]> = vec![&["one", "two"]; 100];
    let result = Session::connect(&destination, &options, Person::with_answers(&answers)).await;
    assert!(result.is_err());
    assert!(host.seen().len() <= 12, "{}", host.seen().len());
}

#[tokio::test]
async fn a_key_and_then_a_question_where_the_host_wants_both() {
    let script = Script {
        methods: vec![MethodKind::PublicKey],
        key_is_half: true,
        answers: vec![vec!["one"]],
        banner: Some("Authorised\u{1b}[31m\npeople only\n"),
        ..Script::default()
    };
    let (host, destination, mut options, folder) = scripted(script).await;
    options.identities = vec![folder.path().join("client")];
    let person = Person::with_answers(&[&["one"]]);
    let session = Session::connect(&destination, &options, person.clone()).await.unwrap();
    let identity = session.authenticated_with();
    assert_eq!(identity.method, "publickey,keyboard-interactive");
    assert_eq!(
        identity.fingerprint.as_deref(),
        Some(fingerprint(&folder.path().join("client")).as_str())
    );
    assert_eq!(
        host.seen(),
        ["key offered", "key signed", "answers one", "answers ", "logged in"]
    );
    let banner = format!(
        "ssh_banner: ravi@127.0.0.1:{} shows a banner: Authorised\\u{{1b}}[31m\\npeople only",
        host.port
    );
    assert_eq!(person.notices(), [banner]);

    let nobody: Arc<dyn Prompt> = Arc::new(NoPrompt);
    let error = Session::connect(&destination, &options, nobody).await.unwrap_err();
    assert!(error.to_string().contains("after accepting a first factor"), "{error}");
}

#[tokio::test]
async fn a_command_that_the_host_does_not_run_is_distinguished_from_one_that_failed() {
    for (command, expected) in [
        (Command::NoChannel, "NoChannel(\"it is forbidden there\")"),
        (Command::Refuse, "Refused"),
        (
            Command::Close,
            "LinkLost(LinkLost { cause: \"the host closed its channel without saying how it ended\" })",
        ),
    ] {
        let script = Script {
            methods: vec![MethodKind::PublicKey],
            command,
            ..Script::default()
        };
        let (_host, destination, mut options, folder) = scripted(script).await;
        options.identities = vec![folder.path().join("client")];
        let session = Session::connect(&destination, &options, Arc::new(NoPrompt))
            .await
            .unwrap();
        let told = match session.exec("true").await {
            Err(error) => format!("{error:?}"),
            Ok(exec) => format!("{:?}", exec.finish().await.ended),
        };
        assert_eq!(told, expected);
        assert_eq!(session.disconnect_reason(), None);
    }
}
