//! Every `f2bctl` command that a page shows can be typed: it is read by the very grammar of the program.

use super::{committed, project};

/// Pages that are read by people.
const PAGES: [&str; 2] = ["README.md", "docs"];

/// Commands that the pages show: each line of a block, fenced or indented, that begins with `f2bctl` or `$ f2bctl`.
fn shown(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (number, line) in text.lines().enumerate() {
        let indented = line.starts_with("    ");
        let line = line.trim();
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let command = line.strip_prefix("$ ").unwrap_or(line);
        if (in_block || indented) && command.starts_with("f2bctl ") {
            found.push((number + 1, command.to_owned()));
        }
    }
    found
}

/// The words of a line as a shell takes them apart: blanks, quotes, and a comment behind ` #`.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#' | '>' | '|') if words.last().is_some_and(String::is_empty) => break,
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn pages() -> Vec<String> {
    let mut pages = vec![PAGES[0].to_owned()];
    let mut folders = vec![PAGES[1].to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(project(&folder)).expect("docs") {
            let entry = entry.expect("an entry");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => folders.push(path),
                // The reference's usage lines are no commands: it is generated from the grammar itself.
                false if path.ends_with(".md") && path != "docs/cli.md" => pages.push(path),
                false => {}
            }
        }
    }
    pages
}

#[test]
fn every_command_on_a_page_can_be_typed() {
    let mut wrong = Vec::new();
    let mut read = 0;
    for page in pages() {
        for (line, command) in shown(&committed(&page)) {
            read += 1;
            if let Err(error) = f2bctl::cli::grammar().try_get_matches_from(words(&command)) {
                let told = error.to_string();
                wrong.push(format!(
                    "{page}:{line}: {command}: {}",
                    told.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 20, "only {read} commands were found on the pages");
}

#[test]
fn every_example_of_the_help_can_be_typed_and_is_of_its_command() {
    for (command, examples) in f2bctl::cli::examples::ALL {
        assert!((1..=3).contains(&examples.len()), "{command}");
        for example in *examples {
            let typed = words(example.line);
            let read = f2bctl::cli::grammar().try_get_matches_from(&typed);
            assert!(read.is_ok(), "{}: {}", example.line, read.expect_err("a fault"));
            assert!(
                example.line.starts_with(&format!("f2bctl {command}")),
                "{}",
                example.line
            );
        }
    }
}

#[test]
fn every_command_has_an_example() {
    let mut without = Vec::new();
    fn look(command: &clap::Command, path: &str, without: &mut Vec<String>) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name());
            let path = path.trim_start();
            let asks = !below.is_subcommand_required_set() && !below.has_subcommands();
            if asks && f2bctl::cli::examples::of(path).is_empty() {
                without.push(path.to_owned());
            }
            look(below, path, without);
        }
    }
    look(&f2bctl::cli::grammar(), "", &mut without);
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        for target in committed(&page)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            if !project(&folder).join(file).exists() {
                wrong.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "links to nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn a_line_is_taken_apart_as_a_shell_does() {
    assert_eq!(
        words("f2bctl onboard --customer \"Blue Lotus\" -n   # first"),
        ["f2bctl", "onboard", "--customer", "Blue Lotus", "-n"]
    );
    assert_eq!(
        shown("```\n$ f2bctl status\nother\n```\nf2bctl x\n"),
        [(2, "f2bctl status".to_owned())]
    );
}
