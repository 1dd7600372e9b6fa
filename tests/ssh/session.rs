//! The SSH session against a real sshd: connecting, trust, logging in, commands, and every way in which that fails.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::sshd::{self, Agent, Person, Sshd, fingerprint, make_key, own_login, plain_options, public_line};
use f2bctl::remote::ssh::{ConnectError, Destination, Ended, HostKeyError, Keyring, NoPrompt, Session, SshOptions};
use tokio::io::AsyncReadExt;

async fn connect(sshd: &Sshd, options: &SshOptions) -> Result<Session, ConnectError> {
    Session::connect(&sshd.destination(), options, Arc::new(NoPrompt)).await
}

async fn output_of(session: &Session, command: &str) -> (String, Ended, String) {
    let mut exec = session.exec(command).await.expect("a command");
    let mut text = String::new();
    exec.stdout.read_to_string(&mut text).await.expect("stdout");
    let finished = exec.finish().await;
    (text, finished.ended, finished.stderr)
}

fn host_key_error(error: &ConnectError) -> Option<&HostKeyError> {
    match error {
        ConnectError::HostKey { source, .. } => Some(source),
        _ => None,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[tokio::test]
async fn a_known_host_and_a_key_file() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let identity = session.authenticated_with();
    assert_eq!(identity.method, "publickey");
    assert_eq!(identity.key_type.as_deref(), Some("ssh-ed25519"));
    assert_eq!(
        identity.fingerprint.as_deref(),
        Some(fingerprint(&sshd.path("client")).as_str())
    );
    assert_eq!(identity.comment.as_deref(), Some("client@test"));
    assert_eq!(session.server_key_fingerprint(), fingerprint(&sshd.path("host_key")));
    assert_eq!(
        session.peer_address().unwrap().to_string(),
        format!("127.0.0.1:{}", sshd.port)
    );
    assert_eq!(session.disconnect_reason(), None);
    assert_eq!(output_of(&session, "id -un").await.0.trim(), own_login());
    session.close().await;
}

#[tokio::test]
async fn every_usual_kind_of_key_logs_in() {
    let sshd = Sshd::start();
    sshd.trust();
    for kind in ["ecdsa", "rsa", "ed25519"] {
        let key = make_key(&sshd.path(""), &format!("other_{kind}"), kind, "");
        fs::write(sshd.path("authorized_keys"), public_line(&key)).unwrap();
        let mut options = sshd.options();
        options.identities = vec![key.clone()];
        let session = connect(&sshd, &options).await.unwrap();
        assert_eq!(
            session.authenticated_with().fingerprint.as_deref(),
            Some(fingerprint(&key).as_str())
        );
    }
}

#[tokio::test]
async fn a_refused_key_is_named_with_what_is_still_accepted() {
    let sshd = Sshd::start();
    fs::write(sshd.path("authorized_keys"), "").unwrap();
    let error = connect(sshd.trust(), &sshd.options()).await.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(refusal.offered.len(), 1);
    assert!(
        refusal.offered[0].what.contains(&fingerprint(&sshd.path("client"))),
        "{error}"
    );
    assert_eq!(refusal.accepts, ["publickey"]);
    assert!(error.hints().iter().any(|hint| hint.contains("authorized_keys")));
}

#[tokio::test]
async fn a_missing_key_file_is_reported() {
    let sshd = Sshd::start();
    let mut options = sshd.trust().options();
    options.identities = vec![sshd.path("nothing")];
    options.environment.home = Some(sshd.path(""));
    let error = connect(&sshd, &options).await.unwrap_err();
    assert!(error.to_string().contains("nothing (no such file)"), "{error}");
}

#[tokio::test]
async fn an_unknown_host_key_is_refused_and_nothing_is_written() {
    let sshd = Sshd::start();
    fs::write(sshd.path("known_hosts"), "# mine\n").unwrap();
    let error = connect(&sshd, &sshd.options()).await.unwrap_err();
    let Some(HostKeyError::Unknown { fingerprint: shown, .. }) = host_key_error(&error) else {
        panic!("{error:?}")
    };
    assert_eq!(shown, &fingerprint(&sshd.path("host_key")));
    assert!(error.hints().iter().any(|hint| hint.contains("--accept-new")));
    assert_eq!(fs::read_to_string(sshd.path("known_hosts")).unwrap(), "# mine\n");
}

#[tokio::test]
async fn accept_new_records_the_key_hashed_or_not_and_the_next_login_needs_no_flag() {
    for (hash, hidden) in [("yes", true), ("no", false)] {
        let sshd = Sshd::start();
        fs::write(
            sshd.path("ssh_config"),
            format!("IdentitiesOnly yes\nHashKnownHosts {hash}\n"),
        )
        .unwrap();
        let mut options = sshd.options();
        options.accept_new = true;
        connect(&sshd, &options).await.unwrap();
        let recorded = fs::read_to_string(sshd.path("known_hosts")).unwrap();
        assert_eq!(recorded.contains("127.0.0.1"), !hidden, "{recorded}");
        assert_eq!(recorded.lines().count(), 1);
        options.accept_new = false;
        connect(&sshd, &options).await.unwrap();
        assert_eq!(fs::read_to_string(sshd.path("known_hosts")).unwrap(), recorded);
    }
}

#[tokio::test]
async fn a_person_may_confirm_an_unknown_key_or_not() {
    let sshd = Sshd::start();
    let doubting = Arc::new(Person::default());
    let error = Session::connect(&sshd.destination(), &sshd.options(), doubting.clone())
        .await
        .unwrap_err();
    assert!(chain(&error).contains("it was not confirmed"), "{}", chain(&error));
    assert_eq!(
        doubting.asked(),
        [format!(
            "trust {} ssh-ed25519 {}",
            sshd.name(),
            fingerprint(&sshd.path("host_key"))
        )]
    );
    let trusting = Arc::new(Person {
        trusts: true,
        ..Person::default()
    });
    Session::connect(&sshd.destination(), &sshd.options(), trusting)
        .await
        .unwrap();
    connect(&sshd, &sshd.options()).await.unwrap();
}

#[tokio::test]
async fn a_changed_key_is_refused_with_both_fingerprints_and_the_line_also_with_accept_new() {
    let sshd = Sshd::start();
    let other = make_key(&sshd.path(""), "other", "ed25519", "");
    let before = format!("# one\n# two\n{} {}\n", sshd.name(), public_line(&other));
    fs::write(sshd.path("known_hosts"), &before).unwrap();
    let mut options = sshd.options();
    options.accept_new = true;
    let error = connect(&sshd, &options).await.unwrap_err();
    let text = chain(&error);
    assert!(
        matches!(host_key_error(&error), Some(HostKeyError::Changed { .. })),
        "{text}"
    );
    for part in [
        fingerprint(&other),
        fingerprint(&sshd.path("host_key")),
        format!("{}:3", sshd.path("known_hosts").display()),
    ] {
        assert!(text.contains(&part), "{part} in {text}");
        assert!(error.in_full().contains(&part), "{part} in {}", error.in_full());
    }
    assert_eq!(fs::read_to_string(sshd.path("known_hosts")).unwrap(), before);
    // The command of the hint takes the old key out of the very file, as it stands.
    let hints = error.hints();
    let command = hints[1].split('`').nth(1).expect("a command");
    let removed = std::process::Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(removed.status.success(), "{command}: {removed:?}");
    assert_eq!(fs::read_to_string(sshd.path("known_hosts")).unwrap(), "# one\n# two\n");
}

#[tokio::test]
async fn a_revoked_key_is_refused_though_another_line_knows_it() {
    let sshd = Sshd::start();
    let known = fs::read_to_string(sshd.trust().path("known_hosts")).unwrap();
    fs::write(
        sshd.path("known_hosts"),
        format!("{known}@revoked * {}\n", public_line(&sshd.path("host_key"))),
    )
    .unwrap();
    let error = connect(&sshd, &sshd.options()).await.unwrap_err();
    assert!(
        matches!(host_key_error(&error), Some(HostKeyError::Revoked { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_type_of_key_that_is_known_is_asked_for() {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, kind) in [
        ("host_key", "ed25519"),
        ("host_key_ecdsa", "ecdsa"),
        ("host_key_rsa", "rsa"),
        ("client", "ed25519"),
    ] {
        make_key(folder.path(), name, kind, "");
    }
    fs::write(
        folder.path().join("authorized_keys"),
        public_line(&folder.path().join("client")),
    )
    .unwrap();
    let sshd = Sshd::start_in(folder, "");
    for name in ["host_key_rsa", "host_key_ecdsa", "host_key"] {
        fs::write(
            sshd.path("known_hosts"),
            format!("{} {}\n", sshd.name(), public_line(&sshd.path(name))),
        )
        .unwrap();
        let session = connect(&sshd, &sshd.options()).await.unwrap();
        assert_eq!(
            session.server_key_fingerprint(),
            fingerprint(&sshd.path(name)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_setting_that_turns_the_check_off_does_not() {
    let sshd = Sshd::start();
    fs::write(
        sshd.path("ssh_config"),
        "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n",
    )
    .unwrap();
    let mut options = sshd.options();
    options.known_hosts = None;
    let error = connect(&sshd, &options).await.unwrap_err();
    assert!(
        chain(&error).contains("could not be recorded in /dev/null"),
        "{}",
        chain(&error)
    );
}

#[tokio::test]
async fn an_encrypted_key_asks_once_the_host_takes_it_and_is_skipped_without_a_person() {
    let sshd = Sshd::start();
    let locked = make_key(&sshd.path(""), "locked", "ed25519", "open sesame");
    let refused = make_key(&sshd.path(""), "refused", "ed25519", "never asked");
    fs::write(sshd.path("authorized_keys"), public_line(&locked)).unwrap();
    let mut options = sshd.trust().options();
    options.identities = vec![refused, locked.clone()];

    let person = Person::with_passphrases(&["wrong", "open sesame"]);
    let session = Session::connect(&sshd.destination(), &options, person.clone())
        .await
        .unwrap();
    assert_eq!(
        session.authenticated_with().fingerprint.as_deref(),
        Some(fingerprint(&locked).as_str())
    );
    assert_eq!(
        person.asked(),
        ["passphrase of locked, attempt 1", "passphrase of locked, attempt 2"]
    );

    // The key stays open for the next login with the same keyring.
    connect(&sshd, &options.clone()).await.unwrap();
    options.keyring = Keyring::default();

    let error = connect(&sshd, &options).await.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        refusal.skipped.last().map(|skipped| skipped.why.as_str()),
        Some("its passphrase could not be asked")
    );
    assert!(
        error.hints().iter().any(|hint| hint.contains("ssh-add")),
        "{:?}",
        error.hints()
    );

    // Also where no key is left that the host could refuse, it is asked what it accepts.
    options.identities = vec![locked];
    let error = connect(&sshd, &options).await.unwrap_err();
    assert!(error.to_string().ends_with("it still accepts: publickey"), "{error}");
}

#[tokio::test]
async fn the_agent_logs_in_and_identities_only_keeps_its_other_keys_back() {
    let sshd = Sshd::start();
    let agent = Agent::start();
    for name in ["agent_one", "agent_two"] {
        agent.add(&make_key(&sshd.path(""), name, "ed25519", ""));
    }
    fs::write(sshd.path("authorized_keys"), public_line(&sshd.path("agent_two"))).unwrap();
    fs::write(sshd.path("ssh_config"), "IdentityFile none\n").unwrap();
    let mut options = sshd.trust().options();
    options.identities = Vec::new();
    options.environment.ssh_auth_sock = Some(agent.socket());
    let session = connect(&sshd, &options).await.unwrap();
    assert_eq!(session.authenticated_with().comment.as_deref(), Some("agent_two@test"));

    fs::write(
        sshd.path("ssh_config"),
        format!(
            "IdentitiesOnly yes\nIdentityFile {}\n",
            sshd.path("agent_one.pub").display()
        ),
    )
    .unwrap();
    let error = connect(&sshd, &options).await.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(refusal.offered.len(), 1, "{error}");
    assert!(
        refusal.offered[0].what.contains(&fingerprint(&sshd.path("agent_one"))),
        "{error}"
    );
}

#[tokio::test]
async fn an_agent_with_many_keys_does_not_use_up_the_hosts_tries() {
    let sshd = Sshd::start();
    let agent = Agent::start();
    for number in 0..8 {
        agent.add(&make_key(&sshd.path(""), &format!("k{number}"), "ed25519", ""));
    }
    fs::write(sshd.path("ssh_config"), "").unwrap();
    let mut options = sshd.trust().options();
    options.environment.ssh_auth_sock = Some(agent.socket());
    // The key of the command line comes first.
    connect(&sshd, &options).await.unwrap();
    fs::write(sshd.path("authorized_keys"), "").unwrap();
    let error = connect(&sshd, &options).await.unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    assert_eq!((refusal.offered.len(), refusal.skipped.len()), (5, 4), "{error}");
    assert!(
        !sshd.log().contains("Too many authentication failures"),
        "{}",
        sshd.log()
    );
}

#[tokio::test]
async fn a_closed_port_a_silent_server_and_noise_are_distinguished() {
    let mut options = plain_options();
    options.ssh_config = Some("/dev/null".into());
    options.connect_timeout = Some(Duration::from_millis(300));
    let at = |port: u16| Destination::parse(&format!("root@127.0.0.1:{port}")).unwrap();
    let error = Session::connect(&at(sshd::free_port()), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::ConnectionRefused { .. }), "{error:?}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Session::connect(&at(silent.local_addr().unwrap().port()), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut { .. }), "{error:?}");

    let noise: [(&str, &'static [u8]); 3] = [
        ("a web server", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("an endless banner", &[b'x'; 1 << 16]),
        ("endless lines", &[b'\n'; 1 << 16]),
    ];
    for (what, content) in noise {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(content);
        });
        let error = Session::connect(&at(port), &options, Arc::new(NoPrompt))
            .await
            .unwrap_err();
        assert!(
            matches!(error, ConnectError::Protocol { .. } | ConnectError::Ended { .. }),
            "{what}: {error:?}"
        );
    }
}

#[tokio::test]
async fn through_jump_hosts_each_with_its_own_settings() {
    let (near, far, target) = (Sshd::start(), Sshd::start(), Sshd::start());
    let block = |name: &str, sshd: &Sshd, more: &str| {
        format!(
            "Host {name}\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n{more}",
            sshd.port,
            sshd.path("client").display(),
            sshd.trust().path("known_hosts").display()
        )
    };
    let config = target.path("jump_config");
    let included = target.path("included");
    fs::write(&included, block("far", &far, "  ProxyJump near\n")).unwrap();
    let text = format!(
        "Include {}\n{}{}Match originalhost target\n  ProxyJump far\nHost *\n  IdentitiesOnly yes\n",
        included.display(),
        block("near", &near, ""),
        block("target", &target, "")
    );
    fs::write(&config, text).unwrap();
    let mut options = plain_options();
    options.ssh_config = Some(config);
    let destination = Destination::parse("target").unwrap();
    let session = Session::connect(&destination, &options, Arc::new(NoPrompt))
        .await
        .unwrap();
    assert_eq!(session.server_key_fingerprint(), fingerprint(&target.path("host_key")));
    assert_eq!(session.peer_address(), None);
    assert_eq!(output_of(&session, "echo through").await.0, "through\n");
    for sshd in [&near, &far, &target] {
        assert_eq!(sshd.log().matches("Accepted publickey").count(), 1, "{}", sshd.log());
    }
    session.close().await;

    fs::write(far.path("authorized_keys"), "").unwrap();
    let error = Session::connect(&destination, &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    assert!(
        chain(&error).starts_with("the jump host far could not be used: "),
        "{}",
        chain(&error)
    );
    assert!(
        error
            .hints()
            .iter()
            .any(|hint| hint.contains("set IdentityFile for far")),
        "{:?}",
        error.hints()
    );
}

#[tokio::test]
async fn a_fault_in_ssh_config_is_reported_in_opensshs_words() {
    let sshd = Sshd::start();
    fs::write(sshd.path("ssh_config"), "ProxyJump 127.0.0.1\nHost *\n  Nonsense yes\n").unwrap();
    let error = connect(sshd.trust(), &sshd.options()).await.unwrap_err();
    assert!(
        chain(&error).to_lowercase().contains("bad configuration option"),
        "{}",
        chain(&error)
    );
}
