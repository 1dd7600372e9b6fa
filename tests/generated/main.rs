//! What is generated from the program, committed, and compared here: the command reference, the man pages, the
//! completions (which are also loaded in their real shells), the JSON schemas and the JSON examples.
//!
//! `F2BCTL_REGENERATE=1 cargo test --test generated` writes them anew.

mod documents;
#[path = "../documents/mod.rs"]
mod documents_read;
#[path = "../left_out/mod.rs"]
mod left_out;
mod reference;
mod schemas;
mod shells;
mod typed;
mod units;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A path of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether the committed files are to be written instead of compared.
pub fn regenerating() -> bool {
    std::env::var_os("F2BCTL_REGENERATE").is_some_and(|value| value == "1")
}

/// A committed file of the project.
pub fn committed(path: &str) -> String {
    std::fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a committed file with what the program says now, or writes it.
fn hold(path: &str, text: &str) {
    if regenerating() {
        std::fs::create_dir_all(project(path).parent().expect("a folder")).expect("its folder");
        std::fs::write(project(path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let present = std::fs::read_to_string(project(path)).unwrap_or_default();
    let differs = present.lines().zip(text.lines()).position(|(one, other)| one != other);
    assert!(
        present == text,
        "{path} is not what the program says now (first difference in line {}); rewrite it with \
         `F2BCTL_REGENERATE=1 cargo test --test generated`",
        differs.map_or_else(
            || present.lines().count().min(text.lines().count()) + 1,
            |line| line + 1
        )
    );
}

#[test]
fn the_command_reference_is_what_can_be_typed() {
    hold("docs/cli.md", &reference::markdown());
}

#[test]
fn the_table_of_verdicts_is_that_of_why() {
    let rows = f2bctl::document::Verdict::ALL;
    let rows = rows
        .iter()
        .map(|verdict| format!("| `{}` | {} |\n", verdict.word(), verdict.meaning()));
    let text = format!(
        "<!-- Generated from the program; `F2BCTL_REGENERATE=1 cargo test --test generated` writes it anew. -->\n\n\
         # Verdicts of why\n\n\
         Of a network, a customer or an account the verdict that stands first here is the one that is given. How they are\n\
         found: [history.md](history.md).\n\n\
         | code | meaning |\n|---|---|\n{}",
        rows.collect::<String>()
    );
    hold("docs/verdicts.md", &text);
}

#[test]
fn the_man_pages_are_what_can_be_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    clap_mangen::generate_to(f2bctl::cli::grammar(), folder.path()).expect("man pages");
    let pages = files(folder.path());
    assert!(
        pages.contains_key("f2bctl.1") && pages.contains_key("f2bctl-onboard.1"),
        "{:?}",
        pages.keys()
    );
    for (name, text) in &pages {
        hold(&format!("docs/man/{name}"), text);
    }
    let committed: Vec<String> = files(&project("docs/man")).into_keys().collect();
    let generated: Vec<String> = pages.into_keys().collect();
    assert_eq!(committed, generated, "docs/man has pages of commands that are gone");
}

#[test]
fn the_completions_are_what_can_be_typed() {
    for (shell, path) in shells::SHELLS {
        hold(path, &f2bctl::cli::completing::script(shell).expect("a shell"));
    }
}

/// The files of a folder: name -> text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let text = std::fs::read_to_string(entry.path()).expect("a text");
            (entry.file_name().into_string().expect("a name"), text)
        })
        .collect()
}
