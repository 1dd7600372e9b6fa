//! Holds the floors that `src/lib.rs` draws: every arrow in the code points down, the pure floors stay pure, russh is met
//! in one room, no files need each other in a circle, and only `ui` prints. The drawing itself is read, so that it cannot differ from the house.

use std::collections::{BTreeMap, BTreeSet};

mod source;

use source::{Source, below};

/// Crates whose use would make a floor impure, and the room that may use each.
const CRATES_OF_ONE_ROOM: &[(&str, &str)] = &[
    ("russh", "src/remote/ssh/"),
    ("clap", "src/cli/"),
    ("clap_complete", "src/cli/"),
    ("dialoguer", "src/ui/"),
    ("indicatif", "src/ui/"),
    ("comfy_table", "src/ui/"),
    ("ratatui", "src/ui/"),
    ("crossterm", "src/ui/"),
    ("textwrap", "src/ui/"),
    ("tracing_subscriber", "src/cli/"),
    ("prometheus_client", "src/ui/"),
];

/// What no pure floor may touch: files, network, environment, processes, threads, clocks, terminals.
const IMPURE: [&str; 13] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "std::os",
    "SystemTime",
    "Instant",
    "TcpStream",
    "UdpSocket",
    "ToSocketAddrs",
    "Utc::now",
    "Local::now",
];

/// A line of the drawing: a floor and what it may use.
struct Floor {
    name: String,
    uses: Vec<String>,
    pure: bool,
}

/// The floors as `src/lib.rs` draws them, from the street up.
fn drawing() -> Vec<Floor> {
    let text = std::fs::read_to_string(source::project().join("src/lib.rs")).expect("src/lib.rs");
    let drawn = text.split("```").nth(1).expect("a drawing between ```");
    let floors: Vec<Floor> = drawn.lines().filter_map(floor).collect();
    assert!(floors.len() >= 13, "only {} floors are drawn", floors.len());
    floors
}

/// `//! name -> one, other   what it is for`.
fn floor(line: &str) -> Option<Floor> {
    let (name, rest) = line.trim_start_matches("//!").split_once("->")?;
    let rest = rest.trim_start();
    let (uses, purpose) = rest.split_once("   ").unwrap_or((rest, ""));
    Some(Floor {
        name: name.trim().to_owned(),
        uses: uses.split(',').map(|part| part.trim().to_owned()).collect(),
        pure: purpose.contains("PURE"),
    })
}

/// The floor that a file stands on; `None` for the files that only join the floors.
fn floor_of(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?;
    inner.split_once('/').map(|(floor, _)| floor)
}

/// Every path in the code, from its first word: `crate::model::network`, `super::super::edit`, `std::fs::read`.
fn paths(code: &str) -> Vec<(usize, Vec<&str>)> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let from = at;
        let mut words = Vec::new();
        loop {
            let begin = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            words.push(&code[begin..at]);
            let goes_on = code[at..].starts_with("::") && bytes.get(at + 2).is_some_and(|byte| is_word(*byte));
            if !goes_on {
                break;
            }
            at += 2;
        }
        if words.len() > 1 || code[at..].starts_with("::{") {
            found.push((from, words));
        }
    }
    found
}

/// Where a path of this file leads within the crate: the first word behind `crate`, or behind enough `super`s.
fn floor_named<'a>(file: &'a str, words: &[&'a str]) -> Option<&'a str> {
    match *words.first()? {
        "crate" => words.get(1).copied(),
        "super" => {
            let ups = words.iter().take_while(|word| **word == "super").count();
            match ups >= depth(file) {
                true => words.get(ups).copied(),
                false => floor_of(file),
            }
        }
        _ => None,
    }
}

/// How many `super`s lead from this file's module to the crate's root.
fn depth(file: &str) -> usize {
    let parts = file.split('/').count() - 1;
    match file.ends_with("/mod.rs") {
        true => parts - 1,
        false => parts,
    }
}

fn product() -> Vec<Source> {
    let mut sources = below("src");
    sources.retain(|source| source.path.ends_with(".rs") && !source.is_test());
    sources
}

fn at(source: &Source, place: usize, what: &str) -> String {
    format!("{}:{}: {what}", source.path, source.line(place))
}

#[test]
fn the_drawing_has_every_floor_and_its_arrows_point_down() {
    let floors = drawing();
    let drawn: Vec<&str> = floors.iter().map(|floor| floor.name.as_str()).collect();
    let built: BTreeSet<String> = product()
        .iter()
        .filter_map(|source| floor_of(&source.path).map(str::to_owned))
        .collect();
    assert_eq!(
        drawn.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
        built
    );
    for (height, floor) in floors.iter().enumerate() {
        for used in floor.uses.iter().filter(|used| built.contains(*used)) {
            let depth = drawn.iter().position(|name| name == used);
            assert!(
                depth > Some(height),
                "{} -> {used} points up in the drawing",
                floor.name
            );
        }
    }
}

#[test]
fn every_arrow_in_the_code_is_drawn() {
    let floors: BTreeMap<String, Vec<String>> = drawing().into_iter().map(|floor| (floor.name, floor.uses)).collect();
    let mut wrong = Vec::new();
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    for source in product() {
        let Some(floor) = floor_of(&source.path) else { continue };
        for (place, words) in paths(&source.code) {
            let Some(used) = floor_named(&source.path, &words) else {
                continue;
            };
            if used == floor || !floors.contains_key(used) {
                continue;
            }
            met.insert((floor.to_owned(), used.to_owned()));
            if !floors[floor].iter().any(|allowed| allowed == used) {
                wrong.push(at(&source, place, &format!("{floor} -> {used}")));
            }
        }
        for (place, _) in source.code.match_indices("crate::{") {
            wrong.push(at(
                &source,
                place,
                "name the floor before the braces, so that the arrow can be seen",
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that are not drawn in src/lib.rs:\n{}",
        wrong.join("\n")
    );
    let unmet: Vec<String> = floors
        .iter()
        .flat_map(|(floor, uses)| uses.iter().map(move |used| (floor.clone(), used.clone())))
        .filter(|arrow| floors.contains_key(&arrow.1) && !met.contains(arrow))
        .map(|(floor, used)| format!("{floor} -> {used}"))
        .collect();
    assert!(unmet.is_empty(), "drawn, and in no file: {}", unmet.join(", "));
}

#[test]
fn the_pure_floors_touch_nothing_outside_themselves() {
    let pure: Vec<String> = drawing()
        .into_iter()
        .filter(|floor| floor.pure)
        .map(|floor| floor.name)
        .collect();
    assert_eq!(
        pure,
        ["procedure", "checks", "history", "planning", "document", "model"]
    );
    let mut wrong = Vec::new();
    for source in product() {
        if !floor_of(&source.path).is_some_and(|floor| pure.iter().any(|name| name == floor)) {
            continue;
        }
        for (place, words) in paths(&source.code) {
            let path = words.join("::");
            if IMPURE.iter().any(|impure| path.contains(impure)) || words[0] == "tokio" {
                wrong.push(at(&source, place, &path));
            }
        }
        for word in ["async fn", ".await", "extern "] {
            wrong.extend(
                source
                    .code
                    .match_indices(word)
                    .map(|(place, _)| at(&source, place, word)),
            );
        }
    }
    assert!(wrong.is_empty(), "not pure:\n{}", wrong.join("\n"));
}

#[test]
fn each_outside_crate_is_met_in_its_own_room() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for source in product() {
        for (place, words) in paths(&source.code) {
            for (name, room) in CRATES_OF_ONE_ROOM.iter().filter(|(name, _)| words[0] == *name) {
                met.insert(*name);
                if !source.path.starts_with(room) {
                    wrong.push(at(&source, place, &format!("{name} belongs to {room}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        met.len(),
        CRATES_OF_ONE_ROOM.len(),
        "a crate of the list is no longer used: {met:?}"
    );
}

#[test]
fn only_ui_prints() {
    const PRINTS: [&str; 7] = [
        "println!",
        "print!",
        "dbg!",
        "io::stdout",
        "io::stderr",
        "Term::stdout",
        "Term::stderr",
    ];
    let mut wrong = Vec::new();
    let mut printing = 0;
    for source in product() {
        for word in PRINTS {
            for (place, _) in source.code.match_indices(word) {
                match source.path.starts_with("src/ui/") {
                    true => printing += 1,
                    false => wrong.push(at(&source, place, word)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "only ui prints:\n{}", wrong.join("\n"));
    assert!(printing > 0, "ui prints nowhere: the test looks for the wrong words");
}

/// The module of a file, from the crate's root: `src/ui/view/change.rs` is `ui`, `view`, `change`.
fn module_of(file: &str) -> Vec<&str> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("/mod");
    inner.split('/').collect()
}

/// Where a path leads, as a module or something in one, from the crate's root; `None` where it leaves the crate.
fn led_to<'a>(file: &'a str, words: &[&'a str]) -> Option<Vec<&'a str>> {
    let own = module_of(file);
    let ups = words.iter().take_while(|word| **word == "super").count();
    let (base, rest) = match *words.first()? {
        "crate" => (Vec::new(), &words[1..]),
        "self" => (own, &words[1..]),
        "super" => (own[..own.len().checked_sub(ups)?].to_vec(), &words[ups..]),
        _ => return None,
    };
    Some(base.into_iter().chain(rest.iter().copied()).collect())
}

/// The first words of a group behind a path: `a` and `b` of `super::{a, b::{c, d}}`.
fn members(code: &str) -> Vec<&str> {
    let (mut depth, mut found, mut first) = (0, Vec::new(), true);
    let mut rest = code;
    while let Some(next) = rest.chars().next() {
        let word = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
                .len();
        if word > 0 {
            if depth == 1 && first {
                found.push(&rest[..word]);
            }
            first = false;
            rest = &rest[word..];
            continue;
        }
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        first = matches!(next, '{' | ',') || first && next.is_whitespace();
        if depth == 0 {
            break;
        }
        rest = &rest[next.len_utf8()..];
    }
    found
}

/// The files that a file takes names from by their own path. A name that a `mod.rs` passes on is not followed.
fn needed<'a>(source: &'a Source, files: &BTreeMap<Vec<&'a str>, &'a str>) -> BTreeSet<&'a str> {
    let mut led = Vec::new();
    for (place, words) in paths(&source.code) {
        let length = words.iter().map(|word| word.len() + 2).sum::<usize>() - 2;
        let Some(base) = led_to(&source.path, &words) else {
            continue;
        };
        let behind = &source.code[place + length..];
        if let Some(group) = behind.strip_prefix("::") {
            led.extend(
                members(group)
                    .into_iter()
                    .map(|member| [base.clone(), vec![member]].concat()),
            );
        }
        led.push(base);
    }
    let file_of = |path: Vec<&str>| (1..=path.len()).rev().find_map(|end| files.get(&path[..end]).copied());
    let mut found: BTreeSet<&str> = led.into_iter().filter_map(file_of).collect();
    found.remove(source.path.as_str());
    found
}

#[test]
fn no_files_need_each_other_in_a_circle() {
    let product = product();
    let joining = |path: &str| path.ends_with("/mod.rs");
    let files: BTreeMap<Vec<&str>, &str> = product
        .iter()
        .filter(|source| !joining(&source.path))
        .map(|source| (module_of(&source.path), source.path.as_str()))
        .collect();
    let mut left: BTreeMap<&str, BTreeSet<&str>> = product
        .iter()
        .filter(|source| !joining(&source.path))
        .map(|source| (source.path.as_str(), needed(source, &files)))
        .collect();
    let arrows: usize = left.values().map(BTreeSet::len).sum();
    assert!(arrows > product.len(), "only {arrows} arrows between files were found");
    // What needs nothing that is left stands below all of it; a circle has no such file.
    loop {
        let lowest: Vec<&str> = left
            .iter()
            .filter(|(_, needs)| !needs.iter().any(|file| left.contains_key(file)))
            .map(|(file, _)| *file)
            .collect();
        if lowest.is_empty() {
            break;
        }
        left.retain(|file, _| !lowest.contains(file));
    }
    // What is left needs a circle, or is in one; the latter is needed by something that is left as well.
    while let Some(top) = left
        .keys()
        .copied()
        .find(|file| !left.values().any(|needs| needs.contains(file)))
    {
        left.remove(top);
    }
    assert!(
        left.is_empty(),
        "files that need each other in a circle: {:?}",
        left.keys()
    );
}

/// Whether a file of `procedure` is a command: it answers the engine.
fn is_command(source: &Source) -> bool {
    source.code.contains("impl Procedure for ")
}

#[test]
fn no_command_knows_another() {
    let mut sources = product();
    sources.retain(|source| source.path.starts_with("src/procedure/") && !source.path.ends_with("/mod.rs"));
    let commands: BTreeSet<&str> = sources
        .iter()
        .filter(|source| is_command(source))
        .map(|source| source.path.as_str())
        .collect();
    assert!(commands.len() >= 15, "only {} commands were found", commands.len());
    let files: BTreeMap<Vec<&str>, &str> = sources
        .iter()
        .map(|source| (module_of(&source.path), source.path.as_str()))
        .collect();
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let mut wrong = Vec::new();
    for source in &sources {
        let top = folder(&source.path).as_deref() == Some("src/procedure");
        for file in needed(source, &files) {
            if top || commands.contains(file) || folder(file) != folder(&source.path) {
                wrong.push(format!("{} -> {file}", source.path));
            }
        }
        // By the list in a mod.rs, an arrow would not be seen.
        for (place, words) in paths(&source.code) {
            if floor_named(&source.path, &words) == Some("procedure") && words[0] == "crate" {
                wrong.push(at(source, place, &words.join("::")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "what commands share belongs to `planning`, or to a file of their family that is no command:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_file_of_procedure_is_a_command_or_serves_one_of_its_family() {
    /// Reports: they answer a command that changes nothing.
    const REPORTS: [&str; 2] = ["src/procedure/status.rs", "src/procedure/temporary/list.rs"];
    let mut sources = product();
    sources.retain(|source| source.path.starts_with("src/procedure/") && !source.path.ends_with("/mod.rs"));
    let files: BTreeMap<Vec<&str>, &str> = sources
        .iter()
        .map(|source| (module_of(&source.path), source.path.as_str()))
        .collect();
    let served: BTreeSet<&str> = sources.iter().flat_map(|source| needed(source, &files)).collect();
    let homeless: Vec<&str> = sources
        .iter()
        .filter(|source| !is_command(source))
        .map(|source| source.path.as_str())
        .filter(|path| !served.contains(path) && !REPORTS.contains(path))
        .collect();
    assert!(homeless.is_empty(), "core of planning among the commands: {homeless:?}");
    for report in REPORTS {
        assert!(sources.iter().any(|source| source.path == report), "{report} is gone");
    }
}

#[test]
fn planning_names_no_command() {
    const COMMANDS: [&str; 4] = ["onboard", "offboard", "rollback", "recidive"];
    let planning = below("src")
        .into_iter()
        .filter(|source| source.path.starts_with("src/planning/"));
    let mut wrong = Vec::new();
    for source in planning {
        for word in COMMANDS {
            let found = source.text.match_indices(word);
            wrong.extend(found.map(|(place, _)| at(&source, place, word)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn needs_are_found_as_they_are_written() {
    let files = BTreeMap::from([
        (vec!["ui", "text"], "src/ui/text.rs"),
        (vec!["ui", "view", "change"], "src/ui/view/change.rs"),
        (vec!["model", "network"], "src/model/network.rs"),
    ]);
    let code = "use super::super::text; use crate::{model::network::{Network, Width}, ui::view}; use std::ui::text;";
    let source = Source {
        path: "src/ui/view/status.rs".to_owned(),
        text: code.to_owned(),
        code: code.to_owned(),
    };
    assert_eq!(
        members("{model::network::{Network, Width}, ui::view} x"),
        ["model", "ui"]
    );
    assert_eq!(needed(&source, &files), BTreeSet::from(["src/ui/text.rs"]));
    let code = "fn f() { super::change::g(); self::x(); } use crate::model::{network, timespan};";
    let source = Source {
        code: code.to_owned(),
        ..source
    };
    assert_eq!(
        needed(&source, &files),
        BTreeSet::from(["src/model/network.rs", "src/ui/view/change.rs"])
    );
}

#[test]
fn paths_are_found_as_they_are_written() {
    let code = "use crate::model::{a, b}; fn f() { super::super::edit::go(std::fs::read(x)) } crate::ui::Output";
    let found: Vec<String> = paths(code).into_iter().map(|(_, words)| words.join("::")).collect();
    assert_eq!(
        found,
        [
            "crate::model",
            "super::super::edit::go",
            "std::fs::read",
            "crate::ui::Output"
        ]
    );
    assert_eq!(
        floor_named("src/ui/view/change.rs", &["super", "super", "super", "engine"]),
        Some("engine")
    );
    assert_eq!(
        floor_named("src/ui/view/mod.rs", &["super", "super", "engine"]),
        Some("engine")
    );
    assert_eq!(floor_named("src/ui/view/change.rs", &["super", "document"]), Some("ui"));
}

#[test]
fn comments_literals_and_tests_are_no_code() {
    let text = "fn f<'a>(x: &'a str) { g('\\'', \"crate::ui\"); } // crate::cli\nconst R: &str = r#\"a\"crate\"#;";
    let code = source::without_literals(text);
    assert_eq!(code.len(), text.len());
    assert!(
        !code.contains("crate") && code.contains("fn f<'a>(x: &'a str)"),
        "{code}"
    );
    let here = below("tests")
        .into_iter()
        .find(|source| source.path == "tests/floors.rs");
    assert!(here.is_some_and(|source| source.is_test()));
}
