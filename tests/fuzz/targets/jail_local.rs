//! jail.local: any bytes are read or objected to, what is read is written back byte for byte, and edits are idempotent.

#![no_main]

use f2bctl::model::comment_text::CommentText;
use f2bctl::model::jail_local::{Edited, JailLocal, Metadata, Reader, Registration};
use f2bctl::model::network::Network;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let reader = match choice % 4 {
        0 => Reader::new("0.11.2"),
        1 => Reader::new("1.0.2"),
        2 => Reader::new("1.1.0"),
        _ => Reader::unknown(),
    };
    let document = match JailLocal::parse("jail.local", bytes, &reader) {
        Ok(document) => document,
        Err(objections) => {
            assert!(!objections.is_empty(), "a refusal has a reason");
            for objection in objections {
                shown(&objection.to_string());
            }
            return;
        }
    };
    assert_eq!(document.to_bytes(), bytes, "what is read is written back");
    let findings = [
        document.suspect_values(),
        document.ignoreip_objections(),
        document.ignoreip_warnings(),
    ];
    for finding in findings.iter().flatten() {
        shown(&finding.to_string());
    }
    document.register();
    document.own_ignoreip_sections();
    edits(&document);
});

/// Whatever is told of a file may be printed.
fn shown(text: &str) {
    assert!(
        !text
            .chars()
            .any(|character| character.is_control() && character != '\n'),
        "{text:?}"
    );
}

fn edits(document: &JailLocal) {
    let network = Network::parse("203.0.113.0/28").expect("a network").network;
    let registration = Registration {
        network,
        customer: CommentText::new("Blue Lotus").expect("a text"),
        note: None,
        metadata: Metadata::new(),
    };
    if let Some(edited) = twice(document.add(&[registration.clone()], &["127.0.0.0/8".to_owned()]).ok()) {
        let list = edited.ignoreip().expect("a list");
        assert!(
            list.entries.iter().any(|entry| entry.network() == Some(network)),
            "the entry is there"
        );
        let again = edited
            .add(&[registration], &[])
            .expect("an edit that was made can be made again");
        assert!(!again.changed, "the second time changes nothing");
        let removed = edited.remove(&[network]).expect("what was added can be removed");
        assert!(removed.changed);
        let rest = removed.document.ignoreip().map(|list| list.entries).unwrap_or_default();
        assert!(
            !rest.iter().any(|entry| entry.network() == Some(network)),
            "the entry is gone"
        );
    }
    if let Some(edited) = twice(document.set("asterisk-scan", "maxretry", "100").ok()) {
        assert_eq!(edited.value("asterisk-scan", "maxretry").map(str::trim), Some("100"));
    }
    twice(document.add_section("recidive").ok());
}

/// The edited document, read anew from its own bytes: an edit leaves a file that can be read.
fn twice(edited: Option<Edited>) -> Option<JailLocal> {
    Some(edited?.document)
}
