//! A lying agent at the other end of the link, in memory: each lie is a bounded, typed error, or harmless data.

use std::time::{Duration, Instant};

use f2bctl::model::observed::{Observed, Part};
use f2bctl::remote::agent::{HostPaths, Link, LinkError};
use f2bctl::remote::host::Host;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const GREETING: &[u8] = b"\n\x1ff2bctl-agent 1\n";

fn paths() -> HostPaths {
    HostPaths {
        config_dir: "/etc/fail2ban".to_owned(),
        client: "fail2ban-client".to_owned(),
        log: "/var/log/fail2ban.log".to_owned(),
        asterisk_log: "/var/log/asterisk/messages.log".to_owned(),
        state_dir: "/var/lib/f2bctl".to_owned(),
    }
}

/// A host whose agent says exactly these bytes, once, and then keeps silent until the link goes.
fn host_that_says(bytes: Vec<u8>) -> Host {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(near);
    tokio::spawn(async move {
        let (mut requests, mut answers) = tokio::io::split(far);
        tokio::spawn(async move {
            let mut sink = [0_u8; 4096];
            while requests.read(&mut sink).await.is_ok_and(|read| read > 0) {}
        });
        // A reader that has heard enough is gone.
        if answers.write_all(&bytes).await.is_ok() {
            let _ = answers.shutdown().await;
        }
    });
    Host::new(Link::new(Box::new(reader), Box::new(writer)), paths())
}

fn frame(body: &[u8]) -> Vec<u8> {
    [GREETING, format!("{}\n", body.len()).as_bytes(), body].concat()
}

fn snapshot() -> Value {
    json!({"clock": {"now": 1.0, "zone": "UTC", "offset": 0},
           "operator": {"user": "root", "uid": 0, "hostname": "h", "python": "3"}})
}

async fn observed(bytes: Vec<u8>) -> Result<Observed, LinkError> {
    host_that_says(bytes).observe(&[Part::Server], &mut |_| ()).await
}

async fn answered(answer: &Value) -> Result<Observed, LinkError> {
    observed(frame(answer.to_string().as_bytes())).await
}

#[tokio::test]
async fn an_honest_answer_is_taken_so_that_the_lies_below_fail_for_their_own_reason() {
    let observed = answered(&json!({"id": 1, "ok": snapshot()})).await.expect("a snapshot");
    assert_eq!(observed.operator.user, "root");
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_says_so() {
    let deep = format!("{{\"id\":1,\"ok\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    let mut invalid = frame(b"{\"id\":1,\"ok\":\"");
    invalid.extend([0xff, 0xfe]);
    let lies: Vec<Vec<u8>> = vec![
        frame(b""),
        frame(b"null"),
        frame(b"[]"),
        frame(b"{\"id\":1}"),
        frame(b"{\"id\":1,\"ok\":null}"),
        frame(b"{\"id\":1,\"ok\":17}"),
        frame(b"{\"id\":1,\"error\":\"x\"}"),
        frame(b"{\"id\":1,\"event\":[]}"),
        frame(b"{\"id\":2,\"ok\":{}}"),
        frame(b"{\"id\":-1,\"ok\":{}}"),
        frame(b"{\"id\":1e99,\"ok\":{}}"),
        frame(b"{\"id\":1,\"ok\":\"\\ud800\"}"),
        frame(b"{\"id\":1,\"ok\":NaN}"),
        frame(b"{\"id\":1,\"ok\":\"\xff\xfe\"}"),
        frame(deep.as_bytes()),
        invalid,
        [GREETING, b"-1\nx"].concat(),
        [GREETING, b"18446744073709551616\nx"].concat(),
        [GREETING, b"10 z\n0123456789"].concat(),
        [GREETING, &[b'9'; 4096]].concat(),
        GREETING.to_vec(),
        b"no greeting at all".to_vec(),
        vec![b'\n'; 1 << 20],
        Vec::new(),
    ];
    for lie in lies {
        let error = observed(lie.clone()).await.expect_err("a lie was believed");
        let told = error.to_string();
        assert!(
            matches!(error, LinkError::Lost(_) | LinkError::Unintelligible { .. }) && !told.is_empty(),
            "{:?} gave {told}",
            String::from_utf8_lossy(&lie.iter().copied().take(60).collect::<Vec<_>>())
        );
    }
}

#[tokio::test]
async fn wrong_types_anywhere_in_a_snapshot_are_refused_or_become_unknown() {
    for (place, value) in [
        ("clock", json!("noon")),
        ("clock", json!({"now": "NaN", "zone": "", "offset": 0})),
        ("clock", json!({"now": 1.0, "zone": "", "offset": 99_999_999_999_i64})),
        (
            "operator",
            json!({"user": "root", "uid": -1, "hostname": "", "python": ""}),
        ),
        ("server", json!({"value": {"running": "yes", "socket": ""}})),
        ("server", json!({"value": {"running": true, "socket": "", "jails": []}})),
        ("server", json!({})),
        (
            "backups",
            json!({"value": [{"path": "x", "size": -1, "modified": 0, "mode": 0}]}),
        ),
        (
            "jail_local",
            json!({"value": {"path": "x", "exists": true, "content": "not base64!"}}),
        ),
        ("changes", json!({"value": {"id": "x"}})),
        ("exposed", json!("all")),
    ] {
        let mut lie = snapshot();
        lie[place] = value.clone();
        let answer = answered(&json!({"id": 1, "ok": lie})).await;
        assert!(
            matches!(answer, Err(LinkError::Unintelligible { .. })),
            "{place} {value}"
        );
    }
}

#[tokio::test]
async fn a_million_jails_do_not_fill_the_memory() {
    let jails: Vec<String> = (0..1_000_000)
        .map(|number| format!("\"j{number}\":{{\"values\":{{}}}}"))
        .collect();
    let mut body = snapshot().to_string();
    body.truncate(body.len() - 1);
    let server = format!(
        "{{\"id\":1,\"ok\":{body},\"server\":{{\"value\":{{\"running\":true,\"socket\":\"\",\"jails\":{{{}}}}}}}}}}}",
        jails.join(",")
    );
    let error = observed(frame(server.as_bytes())).await.expect_err("a crowd");
    assert!(error.to_string().contains("items"), "{error}");
}

#[tokio::test]
async fn a_failure_of_sixty_megabytes_is_cut_to_what_can_be_read() {
    let message = "x".repeat(60 << 20);
    let error = answered(&json!({"id": 1, "error": {"kind": "io", "message": message}}))
        .await
        .expect_err("a failure");
    assert!(error.to_string().len() < 5000);
}

/// A link to an agent that says this and then nothing more, without an end.
async fn link_to(said: &[u8]) -> (Link, tokio::io::DuplexStream) {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(near);
    far.write_all(said).await.expect("a reader");
    (Link::new(Box::new(reader), Box::new(writer)), far)
}

#[tokio::test(start_paused = true)]
async fn a_host_that_never_answers_is_given_up_and_says_after_how_long() {
    let (link, _far) = link_to(GREETING).await;
    let mut host = Host::new(link, paths());
    let error = host.observe(&[Part::Server], &mut |_| ()).await.expect_err("silence");
    assert_eq!(
        error.to_string(),
        "the host's agent gave no answer to `observe` within 180 s"
    );
    let began = tokio::time::Instant::now();
    let second = host.observe(&[Part::Server], &mut |_| ()).await;
    assert!(matches!(second, Err(LinkError::Lost(_))) && began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_says_nothing_is_given_up_by_reports_and_by_a_watch() {
    let (link, _far) = link_to(b"").await;
    let mut host = Host::new(link, paths());
    let error = host.observe(&[Part::Server], &mut |_| ()).await.expect_err("silence");
    assert_eq!(error.to_string(), "the host's agent did not start within 60 s");
    for (said, told) in [
        (&b""[..], "the host's agent did not start within 60 s"),
        (GREETING, "the host's agent gave no answer to `follow` within 180 s"),
    ] {
        let (link, _far) = link_to(said).await;
        let mut host = Host::new(link, paths());
        let watch = async { host.follow(None, None).await?.next().await };
        let error = tokio::time::timeout(Duration::from_secs(3600), watch).await;
        assert_eq!(error.expect("an end").expect_err("silence").to_string(), told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_reads_nothing_is_given_up_as_well() {
    let (near, _far) = tokio::io::duplex(16);
    let (reader, writer) = tokio::io::split(near);
    let mut host = Host::new(Link::new(Box::new(reader), Box::new(writer)), paths());
    let error = host
        .observe(&[Part::Server], &mut |_| ())
        .await
        .expect_err("a full pipe");
    assert_eq!(
        error.to_string(),
        "the host's agent gave no answer to `observe` within 60 s"
    );
}

#[tokio::test]
async fn events_without_end_keep_nothing_and_are_cut() {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(near);
    let flood = tokio::spawn(async move {
        let event = json!({"id": 1, "event": {"step": "s".repeat(9000), "text": "\u{1b}[2J".repeat(9000)}}).to_string();
        let message = format!("{}\n{event}", event.len());
        let mut goes_on = far.write_all(GREETING).await.is_ok();
        while goes_on {
            goes_on = far.write_all(message.as_bytes()).await.is_ok();
        }
    });
    let mut link = Link::new(Box::new(reader), Box::new(writer));
    let ticket = link.send("observe", json!({})).await.expect("sent");
    let (mut count, mut longest) = (0_u64, 0);
    let began = Instant::now();
    let mut events = |event: f2bctl::remote::agent::AgentEvent| {
        count += 1;
        longest = longest.max(event.text.chars().count());
    };
    let answer = link
        .answer::<Value>(ticket, Duration::from_millis(700), &mut events)
        .await;
    assert!(matches!(answer, Err(LinkError::Lost(_))));
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "the limit holds while events come"
    );
    assert!(
        count > 10 && longest <= 4001,
        "{count} events, the longest of {longest} characters"
    );
    drop(link);
    flood.await.expect("the flood ends with its reader");
}
