//! Each finding that the product can come to has a test that makes it appear on a real fail2ban and go after its fix.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use f2bctl::document::FindingCode;

/// What such a test calls, with the code behind the host: in this folder, and in the matrix of whole hosts for what only
/// another generation of fail2ban shows.
const CALLS: [&str; 5] = ["appears_and_goes(", "in_force(", "on_disk(", "mended_by(", "appears("];

/// The codes in a text that are the second argument of such a call.
fn shown(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in CALLS {
        for (place, _) in text.match_indices(call) {
            let arguments = text[place + call.len()..].trim_start();
            let quoted = arguments
                .split_once(',')
                .and_then(|(_, rest)| rest.trim_start().strip_prefix('"'))
                .and_then(|rest| rest.split_once('"'));
            if let Some((code, _)) = quoted {
                found.insert(code.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_finding_has_a_test_that_makes_it_appear_and_go() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let own = std::fs::read_dir(tests.join("doctor")).expect("this folder");
    let mut files: Vec<PathBuf> = own.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| !file.ends_with("listed.rs"));
    files.push(tests.join("matrix/scenarios.py"));
    let read = |file: &PathBuf| std::fs::read_to_string(file).expect("a file of tests");
    let shown: BTreeSet<String> = files.iter().flat_map(|file| shown(&read(file))).collect();
    let issued: BTreeSet<String> = FindingCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    let missing: Vec<&String> = issued.difference(&shown).collect();
    assert!(missing.is_empty(), "no test makes these appear: {missing:?}");
    let unheard_of: Vec<&String> = shown.difference(&issued).collect();
    assert!(unheard_of.is_empty(), "the product has no such finding: {unheard_of:?}");
}

#[test]
fn a_call_is_read_over_line_ends() {
    let text = "in_force(\n    &lab,\n    \"too_wide\", x); on_disk(&lab, code, y); appears(host, \"tabs\", z)";
    assert_eq!(shown(text), ["tabs".to_owned(), "too_wide".to_owned()].into());
}

/// The words of the codes are distinct, so that a code in JSON means one thing.
#[test]
fn each_code_is_one_word_of_its_own() {
    let words: BTreeSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), FindingCode::ALL.len());
    assert!(words.iter().all(|word| {
        word.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit())
    }));
}
