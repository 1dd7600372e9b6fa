//! Commands in a session with a real sshd: their streams, how they end, and what becomes of them when the link is lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::sshd::Sshd;
use f2bctl::remote::ssh::{ConnectError, Ended, ExecError, LinkLost, NoPrompt, Session, SshOptions};
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
    assert!(lost.to_string().contains("the command was cut off"), "{lost}");
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
