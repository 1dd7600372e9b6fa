//! Holds the rules of the house that no lint knows: each file says what it is for and stays short, functions stay short,
//! names tell the room, the production address stands in one place, and the product does not panic on purpose.
//!
//! `cargo test --test house -- --nocapture` prints the measures.

mod source;

use source::{Source, below, item_end};

/// No file is longer, in lines.
const LONGEST_FILE: usize = 600;
/// Nine of ten files are not longer, in lines.
const LONG_FILE: usize = 400;
/// No function is longer, in lines from its signature to its closing brace.
const LONGEST_FUNCTION: usize = 100;
/// Nine of ten functions are not longer, in lines.
const LONG_FUNCTION: usize = 35;
/// Half of the functions are not longer, in lines.
const USUAL_FUNCTION: usize = 10;

fn everything() -> Vec<Source> {
    let mut sources = below("src");
    sources.extend(below("tests"));
    sources
}

fn product() -> Vec<Source> {
    let mut sources = below("src");
    sources.retain(|source| !source.is_test());
    sources
}

/// The value that this share (0 to 1) of the values does not exceed.
fn quantile(values: &mut [usize], share: f64) -> usize {
    values.sort_unstable();
    let place = ((values.len() - 1) as f64 * share).round() as usize;
    values[place]
}

/// The length in lines of each function of the product, with its place.
fn functions(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let starts = code.match_indices("fn ").filter(|(place, _)| {
        let before = code[..*place].chars().next_back();
        before.is_none_or(|letter| letter.is_whitespace() || letter == '(')
    });
    let mut found = Vec::new();
    for (place, _) in starts {
        let named = code[place + 3..].starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        let end = item_end(code.as_bytes(), place);
        // A trait's function without a body ends in a semicolon.
        if named && code[..end].ends_with('}') {
            let length = code[place..end].matches('\n').count() + 1;
            found.push((length, format!("{}:{}", source.path, source.line(place))));
        }
    }
    found
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = everything()
        .into_iter()
        .filter(|source| !opens_with_its_purpose(source))
        .map(|source| source.path)
        .collect();
    assert!(
        silent.is_empty(),
        "no word of purpose at the top of:\n{}",
        silent.join("\n")
    );
}

fn opens_with_its_purpose(source: &Source) -> bool {
    let text = source.text.trim_start_matches("#!/usr/bin/env python3\n");
    let mark = if source.path.ends_with(".py") { "\"\"\"" } else { "//! " };
    text.strip_prefix(mark)
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_alphanumeric() || "`\"".contains(first)))
}

#[test]
fn files_are_short() {
    let mut lengths = Vec::new();
    let mut wrong = Vec::new();
    for source in everything() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{}: {lines} lines; split it by subject", source.path));
        }
        lengths.push(lines);
    }
    let nine_of_ten = quantile(&mut lengths, 0.9);
    println!(
        "files: {}, median {}, p90 {nine_of_ten}, longest {:?}",
        lengths.len(),
        quantile(&mut lengths, 0.5),
        lengths.last()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        nine_of_ten <= LONG_FILE,
        "one file of ten has more than {nine_of_ten} lines"
    );
}

#[test]
fn functions_are_short() {
    let rust = product().into_iter().filter(|source| source.path.ends_with(".rs"));
    let mut measured: Vec<(usize, String)> = rust.flat_map(|source| functions(&source)).collect();
    measured.sort();
    let mut lengths: Vec<usize> = measured.iter().map(|(length, _)| *length).collect();
    let (half, nine_of_ten) = (quantile(&mut lengths, 0.5), quantile(&mut lengths, 0.9));
    println!(
        "functions: {}, median {half}, p90 {nine_of_ten}, longest {:?}",
        lengths.len(),
        measured.last()
    );
    assert!(lengths.len() > 500, "only {} functions were found", lengths.len());
    let too_long: Vec<&(usize, String)> = measured
        .iter()
        .filter(|(length, _)| *length > LONGEST_FUNCTION)
        .collect();
    assert!(
        too_long.is_empty(),
        "longer than {LONGEST_FUNCTION} lines: {too_long:?}"
    );
    assert!(
        half <= USUAL_FUNCTION && nine_of_ten <= LONG_FUNCTION,
        "median {half}, p90 {nine_of_ten}"
    );
}

/// What says itself that a test, or a part of it, is left out.
const SAYS_SO: [&str; 9] = [
    "left_out(",
    "is_root_for(",
    "in_namespace(",
    "SudoHost::start",
    "Fenced::start",
    "SmallDisk::on",
    "regenerating()",
    "installed()",
    "many_bans()",
];

#[test]
fn a_test_that_ends_early_says_that_it_is_left_out() {
    let mut wrong = Vec::new();
    for source in everything().iter().filter(|source| source.path.starts_with("tests/")) {
        for place in early_ends(&source.text, &source.code) {
            wrong.push(format!("{}:{}", source.path, source.line(place)));
        }
    }
    assert!(
        wrong.is_empty(),
        "these tests would count as passed without having tried anything; say `left_out(why)` first:\n{}",
        wrong.join("\n")
    );
}

/// Where a test returns although nothing in the lines before says that it is left out.
fn early_ends(text: &str, code: &str) -> Vec<usize> {
    let ends = code.match_indices("return").filter(|(place, _)| {
        let rest = code[place + "return".len()..].trim_start();
        rest.starts_with(';') || rest.starts_with('}')
    });
    let silent = ends.filter(|(place, _)| {
        let test = ["#[test]", "#[tokio::test"]
            .iter()
            .filter_map(|mark| text[..*place].rfind(mark));
        let Some(test) = test.max() else { return false };
        let inside = item_end(
            code.as_bytes(),
            test + text[test..].find("fn ").expect("a test is a function"),
        ) > *place;
        let lines: Vec<&str> = text[test..*place].lines().rev().take(8).collect();
        inside && !lines.iter().any(|line| SAYS_SO.iter().any(|word| line.contains(word)))
    });
    silent.map(|(place, _)| place).collect()
}

#[test]
fn an_early_end_is_seen() {
    let silent = "#[test]\nfn a() {\n    if x {\n        return;\n    }\n}\nfn b() {\n    return;\n}\n";
    assert_eq!(early_ends(silent, silent), [silent.find("return").expect("the first")]);
    let said = silent.replacen("if x {", "if x {\n        left_out(why);", 1);
    assert_eq!(early_ends(&said, &said), Vec::<usize>::new());
}

#[test]
fn names_tell_the_room() {
    const EMPTY_WORDS: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];
    let named = |source: &Source| {
        let parts = source.path.split(['/', '.', '_']);
        parts.into_iter().any(|part| EMPTY_WORDS.contains(&part))
    };
    let wrong: Vec<String> = everything()
        .into_iter()
        .filter(named)
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "names that say nothing: {}", wrong.join(", "));
}

#[test]
fn a_mod_file_only_names_and_reexports() {
    let mut wrong = Vec::new();
    for source in product() {
        // A family of the command line has its entry in mod.rs; everything else keeps to names.
        let entry = ["src/cli/", "src/ui/"].iter().any(|room| source.path.starts_with(room));
        if source.path.ends_with("/mod.rs") && !entry && !functions(&source).is_empty() {
            wrong.push(source.path);
        }
    }
    assert!(wrong.is_empty(), "functions in {}", wrong.join(", "));
}

#[test]
fn the_production_address_stands_in_one_place() {
    let address = f2bctl::settings::HostSettings::PRODUCTION_ADDRESS;
    let number = address.rsplit('@').next().expect("an address");
    let mut places = Vec::new();
    for source in everything() {
        let found = source.text.match_indices(number);
        places.extend(found.map(|(place, _)| format!("{}:{}", source.path, source.line(place))));
    }
    assert_eq!(places.len(), 1, "{places:?}");
    assert!(places[0].starts_with("src/settings/host.rs:"), "{places:?}");
}

#[test]
fn the_product_does_not_panic_on_purpose() {
    const PANICS: [&str; 8] = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "unreachable!(",
        "process::exit",
        "process::abort",
    ];
    let mut wrong = Vec::new();
    for source in product().into_iter().filter(|source| source.path.ends_with(".rs")) {
        for word in PANICS {
            let found = source.code.match_indices(word);
            wrong.extend(found.map(|(place, _)| format!("{}:{}: {word}", source.path, source.line(place))));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    let mut wrong = Vec::new();
    for source in everything()
        .into_iter()
        .filter(|source| source.path != "tests/house.rs")
    {
        for word in ["TODO", "FIXME", "#[ignore]"] {
            let found = source.text.match_indices(word);
            wrong.extend(found.map(|(place, _)| format!("{}:{}: {word}", source.path, source.line(place))));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_place_quotes_for_a_shell() {
    let quoting: Vec<String> = product()
        .into_iter()
        .filter(|source| source.code.contains("fn quoted("))
        .map(|source| source.path)
        .collect();
    let shells: Vec<String> = product()
        .into_iter()
        .filter(|source| source.path.ends_with(".rs") && source.text.contains("/bin/sh -c"))
        .map(|source| source.path)
        .collect();
    assert!(
        quoting.contains(&"src/remote/agent/source.rs".to_owned()),
        "{quoting:?}"
    );
    assert_eq!(shells, ["src/remote/agent/source.rs"]);
}
