//! A link to an agent that lies, stutters or dies: every answer is either understood or a typed error, and none hangs.

use std::time::Duration;

use f2bctl::remote::agent::{AgentFailureKind, AgentStep, Link, LinkError};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// Far longer than any of these answers takes: a link that waits so long hangs.
const PATIENCE: Duration = Duration::from_secs(600);
const GREETING: &[u8] = b"\n\x1ff2bctl-agent 1\n";

fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    [format!("{}\n", body.len()).into_bytes(), body.into_bytes()].concat()
}

/// Asks one question of an agent that says this and then closes its output; the events' steps come along.
async fn asked(says: &[u8]) -> (Result<Value, LinkError>, Vec<AgentStep>) {
    let (mut agent, reader) = tokio::io::duplex(1 << 20);
    let mut link = Link::new(Box::new(reader), Box::new(tokio::io::sink()));
    agent.write_all(says).await.expect("it is taken");
    drop(agent);
    let ticket = link.send("observe", json!({})).await.expect("sent");
    let mut steps = Vec::new();
    let mut events = |event: f2bctl::remote::agent::AgentEvent| steps.push(event.step);
    let answer = link.answer::<Value>(ticket, PATIENCE, &mut events).await;
    (answer, steps)
}

async fn after_greeting(says: &[u8]) -> Result<Value, LinkError> {
    asked(&[GREETING, says].concat()).await.0
}

#[tokio::test]
async fn a_profile_that_prints_before_the_greeting_is_passed_over() {
    let said = [
        b"Welcome\n17\n{}\nno line end".as_slice(),
        GREETING,
        &frame(&json!({"id": 1, "ok": 7})),
    ]
    .concat();
    assert_eq!(asked(&said).await.0.expect("an answer"), json!(7));
}

#[tokio::test]
async fn events_come_before_the_answer() {
    let event = |step: &str| frame(&json!({"id": 1, "event": {"step": step, "text": "Words."}}));
    let said = [
        GREETING,
        &event("sign_of_life"),
        &event("prove"),
        &frame(&json!({"id": 1, "ok": {}})),
    ]
    .concat();
    let (answer, steps) = asked(&said).await;
    assert_eq!(answer.expect("an answer"), json!({}));
    assert_eq!(steps, [AgentStep::SignOfLife, AgentStep::Other]);
}

#[tokio::test]
async fn an_agent_that_ends_too_early_is_a_lost_link() {
    let whole = frame(&json!({"id": 1, "ok": {"files": {}}}));
    for length in 0..whole.len() {
        let answer = after_greeting(&whole[..length]).await;
        assert!(matches!(answer, Err(LinkError::Lost(_))), "{length}: {answer:?}");
    }
    for length in 0..GREETING.len() {
        let answer = asked(&GREETING[..length]).await.0;
        assert!(matches!(answer, Err(LinkError::Lost(_))), "{length}: {answer:?}");
    }
}

#[tokio::test]
async fn an_agent_that_says_nothing_is_given_up_and_not_listened_to_any_more() {
    let (mut agent, reader) = tokio::io::duplex(1 << 16);
    let mut link = Link::new(Box::new(reader), Box::new(tokio::io::sink()));
    agent.write_all(GREETING).await.expect("it is taken");
    let first = link.send("observe", json!({})).await.expect("sent");
    let answer = link
        .answer::<Value>(first, Duration::from_millis(50), &mut |_| ())
        .await;
    assert!(matches!(answer, Err(LinkError::Lost(_))), "{answer:?}");
    // What comes late could be taken for the answer of something else.
    agent
        .write_all(&frame(&json!({"id": 1, "ok": 1})))
        .await
        .expect("it is taken");
    match link.send("observe", json!({})).await {
        Err(error) => assert!(matches!(error, LinkError::Lost(_))),
        Ok(second) => {
            let answer = link.answer::<Value>(second, PATIENCE, &mut |_| ()).await;
            assert!(matches!(answer, Err(LinkError::Lost(_))), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn garbage_is_an_error_and_never_an_answer() {
    let packed = |bytes: &[u8]| [format!("{} z\n", bytes.len()).into_bytes(), bytes.to_vec()].concat();
    for says in [
        b"garbage\n".to_vec(),
        b"-1\n".to_vec(),
        b"99999999999999999999\n".to_vec(),
        b"5 q\nhello".to_vec(),
        b"4\nnull".to_vec(),
        b"5\n\xff\xff\xff\xff\xff".to_vec(),
        packed(b"not zlib at all"),
        vec![b'x'; 100_000],
        frame(&json!({"id": 2, "ok": {}})),
        frame(&json!({"id": 1})),
        frame(&json!({"ok": {}})),
        frame(&json!({"id": 1, "error": "just words"})),
        frame(&json!({"id": 1, "event": 7})),
        frame(&json!([1, 2, 3])),
    ] {
        let answer = after_greeting(&says).await;
        let shown = String::from_utf8_lossy(&says[..says.len().min(40)]).into_owned();
        let understood = matches!(answer, Err(LinkError::Lost(_) | LinkError::Unintelligible { .. }));
        assert!(understood, "{shown:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_unpacks_to_a_mountain_is_refused() {
    use std::io::Write as _;
    // 80 MiB of blanks, above the 64 MiB that an answer may have, in some kilobytes.
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..80 {
        packer.write_all(&[b' '; 1 << 20]).expect("packed");
    }
    let bomb = packer.finish().expect("packed");
    let says = [format!("{} z\n", bomb.len()).into_bytes(), bomb].concat();
    assert!(matches!(after_greeting(&says).await, Err(LinkError::Lost(_))));
}

#[tokio::test]
async fn a_refusal_keeps_its_kind_and_its_words() {
    let said =
        frame(&json!({"id": 1, "error": {"kind": "locked", "message": "another has it", "facts": {"owner": null}}}));
    match after_greeting(&said).await {
        Err(LinkError::Agent(failure)) => assert_eq!(
            (failure.kind, &*failure.message),
            (AgentFailureKind::Locked, "another has it")
        ),
        other => panic!("{other:?}"),
    }
}
