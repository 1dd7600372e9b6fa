//! Audit trails: any text is judged, and a trail that was sealed here is whole until a byte of it is changed.

#![no_main]

use f2bctl::audit::chain::{contradictions, open, seal, verify};
use f2bctl::audit::history::entries;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let verdict = verify(text);
    assert!(verdict.records.len() <= text.lines().count());
    entries(&verdict.records);
    contradictions(&verdict.records, &[(1, "x".to_owned()), (u64::MAX, String::new())]);

    let (first, _) = seal(&json!({"note": text}), "2026-11-23T10:00:00Z", None);
    let before = open(&first).expect("what was sealed opens");
    let (second, _) = seal(&json!({"operator": text}), "2026-11-23T10:00:01Z", Some(&before));
    assert!(verify(&format!("{first}\n{second}\n")).findings.is_empty());
    if !text.is_empty() {
        assert!(!verify(&format!("{second}\n{first}\n")).findings.is_empty(), "the order counts");
    }
});
