//! A link to an agent that lies, stutters or dies: every answer is either understood or a typed error, and none hangs.

use std::time::Duration;

use f2bctl::remote::agent::{AgentFailureKind, AgentStep, Link, LinkError, Stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf};

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

/// The agent's end of a link: what is said to it, and where it answers.
struct Agent {
    heard: BufReader<ReadHalf<DuplexStream>>,
    says: tokio::io::WriteHalf<DuplexStream>,
}

/// A link to an agent that has greeted.
async fn linked() -> (Link, Agent) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(near);
    let (heard, mut says) = tokio::io::split(far);
    says.write_all(GREETING).await.expect("it is taken");
    let heard = BufReader::new(heard);
    (Link::new(Box::new(reader), Box::new(writer)), Agent { heard, says })
}

impl Agent {
    async fn hears(&mut self) -> Value {
        let mut header = String::new();
        self.heard.read_line(&mut header).await.expect("a header");
        let mut body = vec![0; header.trim().parse().expect("a length")];
        self.heard.read_exact(&mut body).await.expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    async fn says(&mut self, message: Value) {
        self.says.write_all(&frame(&message)).await.expect("it is taken");
    }
}

#[tokio::test]
async fn an_answer_that_comes_right_after_the_greeting_is_kept_for_its_ticket() {
    let (mut link, mut agent) = linked().await;
    agent.says(json!({"id": 1, "ok": "locked"})).await;
    link.greeted().await.expect("a greeting");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let ticket = link.prefetched("lock");
    let answer = link.answer::<Value>(ticket, PATIENCE, &mut |_| ()).await;
    assert_eq!(answer.expect("an answer"), json!("locked"));
}

#[tokio::test]
async fn frames_of_a_stream_and_of_requests_alternate_and_each_reaches_its_own() {
    let (mut link, mut agent) = linked().await;
    let mut followed: Stream<Value> = link.stream("follow", json!({})).await.expect("sent");
    let first = link.send("observe", json!({})).await.expect("sent");
    let second = link.send("read", json!({})).await.expect("sent");
    for verb in ["follow", "observe", "read"] {
        assert_eq!(agent.hears().await["verb"], verb);
    }
    for message in [
        json!({"id": 3, "ok": "second"}),
        json!({"id": 1, "event": "a"}),
        json!({"id": 2, "event": {"step": "reload", "text": "Words."}}),
        json!({"id": 1, "event": "b"}),
        json!({"id": 2, "ok": "first"}),
        json!({"id": 1, "event": "c"}),
    ] {
        agent.says(message).await;
    }
    let mut steps = 0;
    let answer = link.answer::<Value>(first, PATIENCE, &mut |_| steps += 1).await;
    assert_eq!((answer.expect("an answer"), steps), (json!("first"), 1));
    let answer = link.answer::<Value>(second, PATIENCE, &mut |_| ()).await;
    assert_eq!(answer.expect("an answer"), json!("second"));
    for letter in ["a", "b", "c"] {
        assert_eq!(followed.next().await.expect("an event"), Some(json!(letter)));
    }
    agent.says(json!({"id": 1, "ok": {}})).await;
    assert_eq!(followed.next().await.expect("its end"), None);
}

#[tokio::test]
async fn an_agent_learns_that_there_is_room_again_and_that_nobody_follows_any_more() {
    let (mut link, mut agent) = linked().await;
    let mut followed: Stream<Value> = link.stream("follow", json!({})).await.expect("sent");
    let room = agent.hears().await["arguments"]["room"].as_u64().expect("a number");
    for number in 0..room {
        agent.says(json!({"id": 1, "event": number})).await;
    }
    let mut given = 0;
    for number in 0..room {
        assert_eq!(followed.next().await.expect("an event"), Some(json!(number)));
    }
    while given < room {
        let frame = agent.hears().await;
        assert_eq!(frame["follower"], 1);
        given += frame["room"].as_u64().expect("a number");
    }
    drop(followed);
    assert_eq!(agent.hears().await, json!({"follower": 1, "stop": true}));
    // What was on its way is nobody's, and the link serves on.
    agent.says(json!({"id": 1, "event": 99})).await;
    agent.says(json!({"id": 1, "ok": {}})).await;
    let ticket = link.send("observe", json!({})).await.expect("sent");
    agent.says(json!({"id": 2, "ok": 7})).await;
    assert_eq!(
        link.answer::<Value>(ticket, PATIENCE, &mut |_| ())
            .await
            .expect("an answer"),
        7
    );
}

#[tokio::test]
async fn an_agent_that_sends_more_than_there_is_room_for_is_not_listened_to_any_more() {
    let (mut link, mut agent) = linked().await;
    let mut followed: Stream<Value> = link.stream("follow", json!({})).await.expect("sent");
    for number in 0..100 {
        agent.says(json!({"id": 1, "event": number})).await;
    }
    let ticket = link.send("observe", json!({})).await;
    let answer = match ticket {
        Ok(ticket) => link.answer::<Value>(ticket, PATIENCE, &mut |_| ()).await,
        Err(error) => Err(error),
    };
    assert!(matches!(answer, Err(LinkError::Lost(_))), "{answer:?}");
    let mut taken = 0;
    while followed.next().await.is_ok() {
        taken += 1;
    }
    assert!(taken < 20, "{taken} events were kept");
}

#[tokio::test]
async fn a_stream_that_is_refused_says_why() {
    let (mut link, mut agent) = linked().await;
    let mut followed: Stream<Value> = link.stream("follow", json!({})).await.expect("sent");
    agent
        .says(json!({"id": 1, "error": {"kind": "permission", "message": "not yours"}}))
        .await;
    match followed.next().await {
        Err(LinkError::Agent(failure)) => assert_eq!(failure.kind, AgentFailureKind::Permission),
        other => panic!("{other:?}"),
    }
}
