//! The entries of an `ignoreip` value: where each is, and what fail2ban makes of it.
//!
//! Decisions that keep edits safe. A word that fail2ban reads otherwise than it looks (a stray `#`, a name of a
//! customer,
//! `/33`, a `/0` after an address, tabs where they don't separate) is junk and blocks edits of the list. A DNS name, a
//! `file:` entry where the version knows it, a plain `0.0.0.0/0` and an interpolation such as `%(known/ignoreip)s` work
//! as they look: they are kept untouched and warned about.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

use super::super::comment_text::escaped;
use super::super::network::{Network, prefix_of_mask};
use super::diagnostic::Position;
use super::lines::{Line, column_of};
use super::python_text;
use super::reader::{Reader, Splitting};
use super::reading::{OptionReading, Part, part_text};
use super::register::RegisterLine;

/// What one entry is for fail2ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// An address or network.
    Network(Network),
    /// A host name, which fail2ban resolves each time.
    Name,
    /// A word with `%(...)s` in it; what it resolves to isn't known here.
    Interpolation,
    /// `file:PATH`, a file of entries (fail2ban 1.1.1 and later).
    File,
    /// A word that is no entry and that fail2ban keeps all the same: it whitelists nobody, and stands in nobody's way.
    Dead {
        /// What is wrong, as a clause, safe to print.
        message: String,
        /// What to do, as a clause.
        cure: &'static str,
    },
    /// A word that fail2ban reads otherwise than it looks, or that it fails at.
    Junk {
        /// What is wrong, as a clause, safe to print.
        message: String,
        /// What to do, as a clause.
        cure: &'static str,
    },
}

/// One entry of `ignoreip`, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The word as written.
    pub text: String,
    /// What fail2ban makes of it.
    pub kind: EntryKind,
    /// Where it is.
    pub position: Position,
    /// Its line of the register; `None` for an undocumented entry.
    pub register: Option<RegisterLine>,
}

impl Entry {
    /// The network, if the entry is one.
    pub fn network(&self) -> Option<Network> {
        match self.kind {
            EntryKind::Network(network) => Some(network),
            _ => None,
        }
    }
}

/// `[DEFAULT] ignoreip` as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreIp {
    /// Where the key is.
    pub position: Position,
    /// The entries in order.
    pub entries: Vec<Entry>,
    /// Register lines whose network is not among the entries.
    pub stale: Vec<RegisterLine>,
}

impl IgnoreIp {
    /// Whether the entries are all there is: none stands for others that are written elsewhere.
    pub fn is_closed(&self) -> bool {
        let stands_for_others = |entry: &Entry| matches!(entry.kind, EntryKind::Interpolation | EntryKind::File);
        !self.entries.iter().any(stands_for_others)
    }
}

/// A word of a value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) kind: EntryKind,
    pub(super) line: usize,
    pub(super) span: Range<usize>,
}

impl Word {
    pub(super) fn network(&self) -> Option<Network> {
        match self.kind {
            EntryKind::Network(network) => Some(network),
            _ => None,
        }
    }
}

/// Where words are that come in the order of the file. Each column is counted on from the word before, since a list of
/// thousands may be on one line.
pub(super) fn positions(words: &[Word], lines: &[Line]) -> Vec<Position> {
    let mut before: Option<(&Word, usize)> = None;
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        let text = lines.get(word.line).map_or("", |line| line.text.as_str());
        let step = before.and_then(|(earlier, column)| {
            let between = text.get(earlier.span.start..word.span.start);
            between
                .filter(|_| earlier.line == word.line)
                .map(|between| column + between.chars().count())
        });
        let column = step.unwrap_or_else(|| column_of(text, word.span.start));
        before = Some((word, column));
        found.push(Position {
            line: word.line + 1,
            column,
        });
    }
    found
}

/// The words of an option's value as `reader`'s fail2ban splits it.
pub(super) fn words(lines: &[Line], option: &OptionReading, reader: &Reader) -> Vec<Word> {
    let mut found = Vec::new();
    for part in &option.parts {
        words_of_part(part_text(lines, part), part, reader, &mut found);
    }
    found
}

/// The words of a value that isn't part of a file, such as one that another file's key holds.
pub(super) fn words_of_text(text: &str, reader: &Reader) -> Vec<Word> {
    let mut found = Vec::new();
    for (line, piece) in text.split('\n').enumerate() {
        let part = Part {
            line,
            span: 0..piece.len(),
        };
        words_of_part(piece, &part, reader, &mut found);
    }
    found
}

fn words_of_part(text: &str, part: &Part, reader: &Reader, found: &mut Vec<Word>) {
    for raw in raw_words(text, reader.splitting()) {
        let piece = text.get(raw.clone()).unwrap_or_default();
        let start = raw.start + python_text::indentation(piece).len();
        let word = python_text::strip(piece);
        if word.is_empty() {
            continue;
        }
        let begin = part.span.start + start;
        found.push(Word {
            text: word.to_owned(),
            kind: classify(word, reader),
            line: part.line,
            span: begin..begin + word.len(),
        });
    }
}

/// The stretches between separators; `%(...)s` is interpolated before fail2ban splits, so it is never cut.
fn raw_words(text: &str, splitting: Splitting) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut inside_until) = (0, 0);
    for (index, character) in text.char_indices() {
        if index < inside_until {
            continue;
        }
        if let Some(length) = interpolation_length(text.get(index..).unwrap_or_default()) {
            inside_until = index + length;
        } else if separates(character, splitting) {
            found.push(start..index);
            start = index + character.len_utf8();
        }
    }
    found.push(start..text.len());
    found
}

pub(super) fn separates(character: char, splitting: Splitting) -> bool {
    match splitting {
        Splitting::AnyWhiteSpace => character == ',' || python_text::is_space(character),
        Splitting::SpacesAndCommas | Splitting::Unknown => matches!(character, ',' | ' '),
    }
}

/// The bytes of the `%(name)s` that `text` begins with.
fn interpolation_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("%(")?;
    let end = inner.find(')').filter(|end| *end > 0)?;
    let following = inner.get(end..)?;
    following.starts_with(")s").then_some(end + 4)
}

fn classify(word: &str, reader: &Reader) -> EntryKind {
    let literal = match without_interpolations(word) {
        Ok(literal) => literal,
        Err(message) => return junk(message, "write %(name)s, or delete the word"),
    };
    if literal.contains(python_text::is_space) {
        return junk(
            format!(
                "fail2ban {} reads `{}` as one entry, because only spaces, commas and line ends separate entries there",
                escaped(reader.version()),
                escaped(word)
            ),
            "put plain spaces between the entries",
        );
    }
    if let Some(first) = word.chars().next().filter(|first| matches!(first, '#' | ';')) {
        return EntryKind::Dead {
            message: format!("`{first}` does not start a comment here, so each word after it becomes an entry"),
            cure: "move the comment to a line of its own above the key",
        };
    }
    if literal != word {
        return EntryKind::Interpolation;
    }
    if reader.reads_entry_files() && word.strip_prefix("file:").is_some_and(|path| !path.is_empty()) {
        return EntryKind::File;
    }
    match network_as_read(word) {
        Ok(network) => EntryKind::Network(network),
        Err(_) if is_host_name(word) => EntryKind::Name,
        Err(_) if is_dead(word) => EntryKind::Dead {
            message: format!(
                "`{}` is neither an address nor a network, and whitelists nobody",
                escaped(word)
            ),
            cure: "write the network that was meant, or delete the word",
        },
        Err((message, cure)) => EntryKind::Junk { message, cure },
    }
}

/// Whether fail2ban can only take a word for a name that nobody has. What follows a `/` it takes for a mask, and may fail
/// at it; some numbers are addresses to the C library (`010.0.0.1`, `127.1`).
fn is_dead(word: &str) -> bool {
    let number = |part: &str| {
        let digits = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
        let (digits, radix) = digits.map_or((part, 10), |digits| (digits, 16));
        !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
    };
    let parts: Vec<&str> = word.split('.').collect();
    let too_large = |part: &&str| part.parse::<u64>().is_ok_and(|value| value > 255 && parts.len() == 4);
    let is_old_address = parts.len() <= 4 && parts.iter().all(|part| number(part)) && !parts.iter().any(too_large);
    !word.contains(['/', '[', ']', '%', ':']) && word.is_ascii() && !is_old_address
}

fn junk(message: String, cure: &'static str) -> EntryKind {
    EntryKind::Junk { message, cure }
}

/// The word without its `%(name)s`.
fn without_interpolations(word: &str) -> Result<String, String> {
    let mut literal = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('%') {
        let (before, found) = rest.split_at(at);
        let Some(length) = interpolation_length(found) else {
            return Err(format!(
                "the `%` in `{}` is not an interpolation that Python can resolve",
                escaped(word)
            ));
        };
        literal.push_str(before);
        rest = found.get(length..).unwrap_or_default();
    }
    literal.push_str(rest);
    Ok(literal)
}

/// The names in the `%(name)s` of a word, as configparser looks them up.
pub(super) fn interpolated_names(word: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = word;
    while let Some(found) = rest.find("%(").and_then(|at| rest.get(at..)) {
        let Some(length) = interpolation_length(found) else {
            break;
        };
        names.extend(found.get(2..length - 2).map(python_text::option_name));
        rest = found.get(length..).unwrap_or_default();
    }
    names
}

/// The network that fail2ban takes from a word whose meaning is what it looks like; brackets around an IPv6 address and
/// netmasks of the same family are read as fail2ban reads them.
fn network_as_read(word: &str) -> Result<Network, (String, &'static str)> {
    let bare = word
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .filter(|inner| inner.parse::<Ipv6Addr>().is_ok())
        .unwrap_or(word);
    let plain = with_prefix_for_mask(bare);
    let parsed = Network::parse(plain.as_deref().unwrap_or(bare))
        .map_err(|error| (format!("fail2ban can't use the entry: {error}"), JUNK_CURE))?;
    if parsed.mapped && bare.contains('/') {
        return Err((
            format!(
                "`{}` stays an IPv6 network for fail2ban and never matches an IPv4 caller",
                escaped(word)
            ),
            "write the IPv4 network itself",
        ));
    }
    let network = parsed.network;
    let plainly_all = matches!(word, "0.0.0.0/0" | "::/0");
    if network.prefix_length() == 0 && !plainly_all {
        return Err((
            format!(
                "`{}` whitelists everybody, though it begins like an address",
                escaped(word)
            ),
            "write the intended prefix length, or delete the word",
        ));
    }
    Ok(network)
}

const JUNK_CURE: &str = "correct the word, delete it, or put it into a comment on a line of its own above the key";

fn with_prefix_for_mask(word: &str) -> Option<String> {
    let (address, mask) = word.split_once('/')?;
    let (address, mask): (IpAddr, IpAddr) = (address.parse().ok()?, mask.parse().ok()?);
    let prefix = prefix_of_mask(mask).filter(|_| address.is_ipv4() == mask.is_ipv4())?;
    Some(format!("{address}/{prefix}"))
}

/// A host name with at least two labels, the last of which isn't a number: a single word is more likely a comment that
/// lost its `#` than a name, `localhost` excepted.
fn is_host_name(word: &str) -> bool {
    let name = word.strip_suffix('.').unwrap_or(word);
    let labels: Vec<&str> = name.split('.').collect();
    let label = |text: &&str| {
        (1..=63).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !text.starts_with('-')
            && !text.ends_with('-')
    };
    let lettered = labels
        .last()
        .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_alphabetic()));
    name == "localhost" || (labels.len() >= 2 && lettered && labels.iter().all(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(value: &str, version: &str) -> Vec<(String, &'static str)> {
        let name = |kind: &EntryKind| match kind {
            EntryKind::Network(_) => "network",
            EntryKind::Name => "name",
            EntryKind::Interpolation => "interpolation",
            EntryKind::File => "file",
            EntryKind::Junk { .. } => "junk",
            EntryKind::Dead { .. } => "dead",
        };
        words_of_text(value, &Reader::new(version))
            .iter()
            .map(|word| (word.text.clone(), name(&word.kind)))
            .collect()
    }

    fn kind(word: &str, version: &str) -> &'static str {
        let found = kinds(word, version);
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].1
    }

    #[test]
    fn what_works_as_it_looks() {
        for word in [
            "127.0.0.1/8",
            "::1",
            "203.0.113.0/28",
            "[2001:db8::1]",
            "203.0.113.0/255.255.255.240",
            "0.0.0.0/0",
            "::/0",
            "::ffff:203.0.113.7",
            "0.0.0.0",
        ] {
            assert_eq!(kind(word, "1.0.2"), "network", "{word}");
        }
        for word in ["pbx.example.com", "a-b.example.", "localhost", "x1.2y"] {
            assert_eq!(
                kind(word, "1.0.2"),
                if word == "x1.2y" { "dead" } else { "name" },
                "{word}"
            );
        }
        assert_eq!(kind("%(known/ignoreip)s", "1.0.2"), "interpolation");
        assert_eq!(kind("%(a b)s/24", "1.0.2"), "interpolation");
        assert_eq!(kind("file:/etc/list", "1.1.1"), "file");
    }

    #[test]
    fn what_reads_otherwise_than_it_looks() {
        for word in [
            "127.1",
            "0x7f.1",
            "1",
            "198.51.100.0/33",
            "198.51.100.7/0",
            "198.51.100.7/0.0.0.0",
            "::1/0",
            "203.0.113.0/24x",
            "010.0.0.1",
            "::ffff:203.0.113.0/120",
            "%(x",
            "100%",
            "%%",
            "[::1]/128",
            "203.0.113.0/ffff::",
            "file:/etc/list",
            "caf\u{e9}.example",
        ] {
            assert_eq!(kind(word, "1.0.2"), "junk", "{word}");
        }
    }

    #[test]
    fn what_whitelists_nobody() {
        for word in [
            "#",
            "#Acme",
            ";x",
            "Acme",
            "999.1.1.1",
            "\"192.0.2.77\"",
            "192.168.*.*",
            "\\",
            "192.0.2.1-9",
            "1.2.3.4.5",
            "192.0.2",
        ] {
            let expected = if word == "192.0.2" { "junk" } else { "dead" };
            assert_eq!(kind(word, "1.0.2"), expected, "{word}");
        }
    }

    #[test]
    fn tabs_separate_from_1_1_0() {
        assert_eq!(kinds("192.0.2.1\t192.0.2.2", "1.0.2").len(), 1);
        assert_eq!(kind("192.0.2.1\t192.0.2.2", "1.0.2"), "junk");
        assert_eq!(kind("192.0.2.1\t192.0.2.2", "unknown"), "junk");
        assert_eq!(kinds("192.0.2.1\t192.0.2.2", "1.1.0").len(), 2);
        assert_eq!(kinds("192.0.2.1 \t,\t192.0.2.2\n\t192.0.2.3", "0.11.2").len(), 3);
    }
}
