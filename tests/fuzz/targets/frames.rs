//! The agent protocol: whatever bytes come from the host are an answer or an error, and end.

#![no_main]

use std::io::Cursor;
use std::time::Duration;

use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::remote::agent::{ApplyResult, AuditPage, Link, OutcomeAnswer};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        ask::<Observed>(data).await;
        ask::<Rehearsal>(data).await;
        ask::<ApplyResult>(data).await;
        ask::<OutcomeAnswer>(data).await;
        ask::<AuditPage>(data).await;
    });
});

async fn ask<Answer: DeserializeOwned>(data: &[u8]) {
    let greeted = [b"\x1ff2bctl-agent 1\n", data].concat();
    let mut link = Link::new(Box::new(Cursor::new(greeted)), Box::new(tokio::io::sink()));
    let ticket = link.send("observe", json!({})).await.expect("a sink takes it");
    let mut longest = 0;
    let mut events = |event: f2bctl::remote::agent::AgentEvent| longest = longest.max(event.text.chars().count());
    let answer = link
        .answer::<Answer>(ticket, Duration::from_secs(30), &mut events)
        .await;
    if let Err(error) = answer {
        assert!(error.to_string().chars().count() < 10_000);
    }
    assert!(longest <= 4001);
}
