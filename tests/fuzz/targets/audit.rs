//! Audit logs: any text is judged, and a trail that was sealed here is whole until a byte of it is changed.

#![no_main]

use std::sync::Arc;

use f2bctl::audit::chain::{open, seal};
use f2bctl::audit::recent::Recent;
use f2bctl::audit::verifier::{CURRENT, Verdict, Verifier};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fn verify(text: &str) -> Verdict {
    let mut verifier = Verifier::default();
    let file = Arc::from(CURRENT);
    for (index, line) in text.lines().enumerate() {
        verifier.take(&file, index + 1, line);
    }
    verifier.finish()
}

fuzz_target!(|text: &str| {
    let verdict = verify(text);
    assert!(verdict.records <= text.lines().count() as u64);
    let mut recent = Recent::new(0, None);
    text.lines().rev().for_each(|line| recent.take(line));
    assert!(recent.finish(true).0.len() <= text.lines().count());

    let (first, _) = seal(&json!({"note": text}), "2026-11-23T10:00:00Z", None);
    let before = open(&first).expect("what was sealed opens");
    let (second, _) = seal(&json!({"operator": text}), "2026-11-23T10:00:01Z", Some(&before));
    assert!(verify(&format!("{first}\n{second}\n")).findings.is_empty());
    if !text.is_empty() {
        assert!(
            !verify(&format!("{second}\n{first}\n")).findings.is_empty(),
            "the order counts"
        );
    }
});
