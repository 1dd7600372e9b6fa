//! The project's own sources as text, for the tests that hold its rules: which files there are, and what of a Rust file
//! is code of the product once comments, literals and tests are blanked. It judges nothing.

use std::path::{Path, PathBuf};

/// One source file.
pub struct Source {
    /// The path below the project's folder, with `/` between its parts.
    pub path: String,
    /// The text as it is.
    pub text: String,
    /// The same text with comments and literals blanked and everything under `#[cfg(test)]` blanked as well; lines and
    /// columns stay where they are. Of a file that is no Rust, the text as it is.
    pub code: String,
}

impl Source {
    /// The line, counted from 1, of a place in the text.
    pub fn line(&self, place: usize) -> usize {
        self.text[..place].matches('\n').count() + 1
    }

    /// Whether the whole file is a test: it lies in `tests/`, or is a `tests` module of the product.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust and Python file below a folder of the project, sorted by path.
pub fn below(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&project().join(folder), &mut paths);
    paths.sort();
    let sources: Vec<Source> = paths.iter().map(|path| read(path)).collect();
    assert!(!sources.is_empty(), "{folder} holds no source file");
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "py") {
            paths.push(path);
        }
    }
}

fn read(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let relative = path.strip_prefix(project()).expect("a path in the project");
    let path = relative.to_str().expect("a path in UTF-8").to_owned();
    let code = match path.ends_with(".rs") {
        true => without_tests(&without_literals(&text)),
        false => text.clone(),
    };
    Source { path, text, code }
}

/// Blanks comments, strings and character literals.
pub fn without_literals(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match &bytes[at..] {
            [b'/', b'/', ..] => at + line_length(&bytes[at..]),
            [b'/', b'*', ..] => at + block_comment_length(&bytes[at..]),
            [b'"', ..] => at + string_length(&bytes[at..]),
            [b'r', b'"' | b'#', ..] if !continues_a_word(bytes, at) => at + raw_string_length(&bytes[at..]),
            [b'b', b'r', b'"' | b'#', ..] if !continues_a_word(bytes, at) => {
                at + 1 + raw_string_length(&bytes[at + 1..])
            }
            [b'\'', ..] => at + character_length(&bytes[at..]),
            _ => at + 1,
        };
        if end > at + 1 {
            blank(&mut code, at, end);
        }
        at = end;
    }
    String::from_utf8(code).expect("blanked text stays UTF-8")
}

fn blank(code: &mut [u8], from: usize, to: usize) {
    for byte in &mut code[from..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn continues_a_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != b'"' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// `r"..."` and `r#"..."#`; 1 for a raw identifier such as `r#become`.
fn raw_string_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 1;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &rest[2 + hashes..];
    let found = body.windows(end.len()).position(|window| window == end);
    found.map_or(rest.len(), |position| 2 + hashes + position + end.len())
}

/// A character literal; 1 for a lifetime.
fn character_length(rest: &[u8]) -> usize {
    let text = std::str::from_utf8(&rest[1..]).unwrap_or_default();
    let mut letters = text.char_indices();
    match letters.next() {
        Some((_, '\\')) => text[2..].find('\'').map_or(1, |position| position + 4),
        Some((_, _)) => match letters.next() {
            Some((position, '\'')) => position + 2,
            _ => 1,
        },
        None => 1,
    }
}

/// Blanks each item that stands under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut blanked = code.as_bytes().to_vec();
    let mut at = 0;
    while let Some(found) = code[at..].find(MARK) {
        let from = at + found;
        let to = item_end(code.as_bytes(), from + MARK.len());
        blank(&mut blanked, from, to);
        at = to;
    }
    String::from_utf8(blanked).expect("blanked text stays UTF-8")
}

/// The end of the item that begins here: its closing brace, or the semicolon before any brace.
pub fn item_end(code: &[u8], from: usize) -> usize {
    let mut depth = 0_usize;
    for (place, byte) in code.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return place + 1;
                }
            }
            b';' if depth == 0 => return place + 1,
            _ => {}
        }
    }
    code.len()
}
