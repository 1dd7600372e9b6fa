//! Each finding that the product can come to has a test that makes it appear on a real fail2ban and go after its fix.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use f2bctl::document::FindingCode;

/// What such a test calls, with the code as its first argument or behind the host: in this folder, and in the matrix of
/// whole hosts for what only another generation of fail2ban shows.
const CALLS: [&str; 4] = ["fault(", "edit(", "repaired(", "appears("];

/// The codes in a text that are an argument of such a call.
fn shown(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in CALLS {
        for (place, _) in text.match_indices(call) {
            let mut arguments = text[place + call.len()..].split(',').map(str::trim).take(2);
            found.extend(arguments.find_map(quoted).map(str::to_owned));
        }
    }
    found
}

/// What stands in quotes, where that is all and could be a code.
fn quoted(argument: &str) -> Option<&str> {
    let text = argument.trim_end_matches(')').strip_prefix('"')?.strip_suffix('"')?;
    text.chars().all(is_of_a_code).then_some(text)
}

fn is_of_a_code(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit()
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
    let text =
        "edit(\n    &lab,\n    \"too_wide\", x); fault(code, y); appears(host, \"tabs\", z), fault(\"expired\", a)";
    assert_eq!(shown(text), ["expired", "tabs", "too_wide"].map(str::to_owned).into());
}

/// The words of the codes are distinct, so that a code in JSON means one thing.
#[test]
fn each_code_is_one_word_of_its_own() {
    let words: BTreeSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), FindingCode::ALL.len());
    assert!(words.iter().all(|word| word.chars().all(is_of_a_code)));
}
