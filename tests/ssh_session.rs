//! The SSH session against a real sshd: connecting, trust, logging in, commands, and every way in which that fails.

mod sshd;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use f2bctl::remote::ssh::{
    ConnectError, Destination, Ended, ExecError, HostKeyError, Keyring, LinkLost, NoPrompt, Session, SshOptions,
};
use sshd::{Agent, Person, Sshd, fingerprint, make_key, own_login, plain_options, public_line};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
async fn exit_codes_signals_and_stderr() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    assert_eq!(
        output_of(&session, "echo out; echo err >&2; exit 7").await,
        ("out\n".into(), Ended::Exit(7), "err".into())
    );
    assert_eq!(
        output_of(&session, "kill -TERM $$").await.1,
        Ended::Signal("TERM".into())
    );
    assert_eq!(
        output_of(&session, "true").await,
        (String::new(), Ended::Exit(0), String::new())
    );
    let (_, _, stderr) = output_of(&session, "seq 1 100000 >&2; printf 'the end' >&2").await;
    assert!(
        stderr.ends_with("the end") && stderr.len() <= 16 * 1024 && stderr.len() > 15 * 1024,
        "{}",
        stderr.len()
    );
}

#[tokio::test]
async fn a_command_that_reads_its_stdin_ends_when_it_is_finished() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let exec = session.exec("cat >&2; exit 4").await.unwrap();
    assert_eq!(exec.finish().await.ended, Ended::Exit(4));
    let mut exec = session.exec("cat >&2; exit 5").await.unwrap();
    exec.stdin.write_all(b"some").await.unwrap();
    exec.stdin.shutdown().await.unwrap();
    let finished = exec.finish().await;
    assert_eq!((finished.ended, finished.stderr.as_str()), (Ended::Exit(5), "some"));
}

#[tokio::test]
async fn a_child_in_the_background_does_not_hold_the_end_up() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let begun = Instant::now();
    let (text, ended, _) = output_of(&session, "echo now; sleep 30 & exit 3").await;
    assert_eq!((text.as_str(), ended), ("now\n", Ended::Exit(3)));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn ten_megabytes_of_every_byte_come_back() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let sent: Vec<u8> = (0..10_u32 << 20)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let exec = session.exec("exec cat").await.unwrap();
    let (mut stdin, mut stdout) = (exec.stdin, exec.stdout);
    let copy = sent.clone();
    let writing = tokio::spawn(async move {
        stdin.write_all(&copy).await.unwrap();
        stdin.shutdown().await.unwrap();
        stdin
    });
    let mut received = Vec::new();
    stdout.read_to_end(&mut received).await.unwrap();
    let _stdin = writing.await.unwrap();
    assert!(received == sent, "{} of {} bytes", received.len(), sent.len());
    assert_eq!(exec.completion.finish().await.ended, Ended::Exit(0));
}

#[tokio::test]
async fn many_commands_one_after_another_and_some_given_up() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    for number in 0..30 {
        drop(session.exec("exec cat").await.unwrap());
        let (text, ended, _) = output_of(&session, &format!("echo {number}")).await;
        assert_eq!((text.trim(), ended), (number.to_string().as_str(), Ended::Exit(0)));
    }
}

#[tokio::test]
async fn a_host_that_allows_one_channel_at_a_time_is_enough() {
    let sshd = Sshd::start_with("MaxSessions 1");
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    for number in 0..10 {
        assert_eq!(
            output_of(&session, &format!("echo {number}")).await.0.trim(),
            number.to_string()
        );
    }
    let _held = session.exec("exec cat").await.unwrap();
    let refused = session.exec("true").await.unwrap_err();
    assert!(matches!(refused, ExecError::NoChannel(_)), "{refused}");
}

#[tokio::test]
async fn a_session_that_is_closed_or_dropped_leaves_nothing_behind() {
    let sshd = Sshd::start();
    let closed = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let dropped = connect(&sshd, &sshd.options()).await.unwrap();
    let exec = dropped.exec("exec cat").await.unwrap();
    assert!(!sshd.session_processes().is_empty());
    closed.close().await;
    drop((exec, dropped));
    let deadline = Instant::now() + Duration::from_secs(5);
    while !sshd.session_processes().is_empty() {
        assert!(Instant::now() < deadline, "{:?}", sshd.session_processes());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_lost_link_is_an_unknown_outcome_for_every_reader_and_writer() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let mut exec = session.exec("echo begun; exec sleep 60").await.unwrap();
    let mut first = [0; 6];
    exec.stdout.read_exact(&mut first).await.unwrap();
    sshd.kill_sessions();
    let mut rest = Vec::new();
    let error = exec.stdout.read_to_end(&mut rest).await.unwrap_err();
    let lost = error
        .get_ref()
        .and_then(|source| source.downcast_ref::<LinkLost>())
        .expect("a lost link");
    assert!(lost.to_string().contains("whether it finished is unknown"), "{lost}");
    let refused = exec.stdin.write_all(&[0; 5 << 20]).await.unwrap_err();
    assert!(
        refused.get_ref().is_some_and(|source| source.is::<LinkLost>()),
        "{refused}"
    );
    assert!(matches!(exec.finish().await.ended, Ended::LinkLost(_)));
    assert!(session.disconnect_reason().is_some());
    assert!(session.exec("true").await.is_err());
}

#[tokio::test]
async fn a_writer_that_waits_for_the_window_learns_of_the_loss() {
    let sshd = Sshd::start();
    let session = connect(sshd.trust(), &sshd.options()).await.unwrap();
    let mut exec = session.exec("exec sleep 60").await.unwrap();
    let killer = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sshd.kill_sessions();
    };
    let content = vec![0; 20 << 20];
    let (written, ()) = tokio::join!(exec.stdin.write_all(&content), killer);
    let refused = written.unwrap_err();
    assert!(
        refused.get_ref().is_some_and(|source| source.is::<LinkLost>()),
        "{refused}"
    );
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
async fn a_missing_key_file_is_said() {
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
    }
    assert_eq!(fs::read_to_string(sshd.path("known_hosts")).unwrap(), before);
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
async fn a_closed_port_a_silent_server_and_noise_are_told_apart() {
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
async fn a_fault_in_ssh_config_is_told_in_opensshs_words() {
    let sshd = Sshd::start();
    fs::write(sshd.path("ssh_config"), "ProxyJump 127.0.0.1\nHost *\n  Nonsense yes\n").unwrap();
    let error = connect(sshd.trust(), &sshd.options()).await.unwrap_err();
    assert!(
        chain(&error).to_lowercase().contains("bad configuration option"),
        "{}",
        chain(&error)
    );
}
