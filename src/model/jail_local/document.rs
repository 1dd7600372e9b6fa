//! One jail.local in memory: its lines as they are, what Python reads in them, and the questions that can be asked.

use std::collections::{HashMap, HashSet};

use super::super::comment_text::escaped;
use super::super::network::Network;
use super::diagnostic::{Diagnostic, Position};
use super::entries::{self, Entry, EntryKind, IgnoreIp, Word};
use super::lines::{self, Line};
use super::reader::Reader;
use super::reading::{self, DEFAULT, OptionReading, Reading, Role};
use super::register::RegisterLine;

/// The key that this whole module turns on.
pub(super) const IGNOREIP: &str = "ignoreip";
/// The list that a jail has without one of its own: what a new list of its own begins with.
pub(super) const INHERITED: &str = "%(known/ignoreip)s";

/// How many places with bytes that are not UTF-8 are reported.
const MOST_BYTE_FINDINGS: usize = 20;

/// A jail.local (or any other file of the same dialect) that fail2ban can read, unchanged until [`Self::to_bytes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JailLocal {
    pub(super) path: String,
    pub(super) reader: Reader,
    pub(super) lines: Vec<Line>,
    pub(super) reading: Reading,
    /// The section whose `ignoreip` is the list that is meant: `DEFAULT`, or a jail's.
    pub(super) list_section: String,
}

/// An option as a section sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting<'document> {
    /// The section that sets it: the one asked for, or `DEFAULT`.
    pub section: &'document str,
    /// The key in small letters.
    pub key: &'document str,
    /// The raw value: not interpolated, its lines joined by `\n`.
    pub value: &'document str,
    /// Where the key is.
    pub position: Position,
}

impl JailLocal {
    /// Reads the bytes of a file; `path` is for messages only.
    ///
    /// # Errors
    /// Everything that keeps fail2ban from reading the file, and a NUL byte: bytes that are not UTF-8 (fail2ban up to
    /// 1.1.0 then ignores the whole file without a word), a byte-order mark, lines without delimiter or key or before
    /// the first section, sections and keys that come twice. A header that Python versions read differently is refused,
    /// too.
    pub fn parse(path: &str, bytes: &[u8], reader: &Reader) -> Result<Self, Vec<Diagnostic>> {
        let text = decode(path, bytes)?;
        Self::from_text(path, text, reader)
    }

    pub(super) fn from_text(path: &str, text: &str, reader: &Reader) -> Result<Self, Vec<Diagnostic>> {
        let lines = lines::split(text);
        match reading::read(&lines) {
            Ok(reading) => Ok(Self {
                path: path.to_owned(),
                reader: reader.clone(),
                lines,
                reading,
                list_section: DEFAULT.to_owned(),
            }),
            Err(faults) => Err(faults
                .into_iter()
                .map(|fault| diagnostic_at(path, &lines, fault.line, fault.offset, fault.message, fault.cure))
                .collect()),
        }
    }

    /// The bytes of the file; the same as were read if nothing was edited.
    pub fn to_bytes(&self) -> Vec<u8> {
        lines::join(&self.lines).into_bytes()
    }

    /// The path that was given for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The names of all sections in order, without `DEFAULT`.
    pub fn sections(&self) -> Vec<&str> {
        let names = self.reading.sections.iter().map(|section| section.name.as_str());
        names.filter(|name| *name != DEFAULT).collect()
    }

    /// A section whose name is `DEFAULT` in other letters, with its line from 1: to fail2ban it is one like any other, and
    /// what it sets is in force nowhere. None where a `[DEFAULT]` stands beside it.
    pub fn misspelt_default(&self) -> Option<(&str, usize)> {
        if self.reading.section(DEFAULT).is_some() {
            return None;
        }
        let mut sections = self.reading.sections.iter();
        let found = sections.find(|section| section.name.eq_ignore_ascii_case(DEFAULT))?;
        Some((found.name.as_str(), found.headers.first()? + 1))
    }

    /// The line (from 1) near the top that says that another program writes this file.
    pub fn generated_by(&self) -> Option<(usize, &str)> {
        const LOOKED_AT: usize = 20;
        const WORDS: [&str; 8] = [
            "generated",
            "managed by",
            "do not edit",
            "don't edit",
            "do not modify",
            "changes by hand",
            "manual changes",
            "will be overwritten",
        ];
        let top = self
            .lines
            .iter()
            .map(|line| line.text.as_str())
            .enumerate()
            .take(LOOKED_AT);
        let is_said = |text: &str| {
            let small = text.to_lowercase();
            small.trim_start().starts_with(['#', ';']) && WORDS.iter().any(|word| small.contains(word))
        };
        top.map(|(index, text)| (index + 1, text))
            .find(|(_, text)| is_said(text))
    }

    /// The keys that a section sets itself (`DEFAULT` too), in order.
    pub fn keys(&self, section: &str) -> Vec<&str> {
        self.reading.section(section).map_or_else(Vec::new, |section| {
            section.options.iter().map(|option| option.key.as_str()).collect()
        })
    }

    /// What `section` has for `key` in this file: its own setting, else the one in `DEFAULT`. A section that this file
    /// doesn't have still sees `DEFAULT`, since other files may define it. The key's letter case doesn't matter.
    pub fn setting(&self, section: &str, key: &str) -> Option<Setting<'_>> {
        let key = super::python_text::option_name(key);
        [section, DEFAULT].into_iter().find_map(|name| {
            let section = self.reading.section(name)?;
            let option = section.options.iter().find(|option| option.key == key)?;
            Some(Setting {
                section: &section.name,
                key: &option.key,
                value: &option.value,
                position: self.position(option.line, option.key_span.start),
            })
        })
    }

    /// The raw value of [`Self::setting`].
    pub fn value(&self, section: &str, key: &str) -> Option<&str> {
        self.setting(section, key).map(|setting| setting.value)
    }

    /// The position of [`Self::setting`].
    pub fn locate(&self, section: &str, key: &str) -> Option<Position> {
        self.setting(section, key).map(|setting| setting.position)
    }

    /// A finding that points at the key of [`Self::setting`]: for what another check found wrong with it.
    pub fn diagnostic(&self, section: &str, key: &str, message: String, cure: String) -> Option<Diagnostic> {
        let position = self.locate(section, key)?;
        Some(Diagnostic {
            path: self.path.clone(),
            line: position.line,
            column: position.column,
            line_text: self.line_text(position.line.saturating_sub(1)).to_owned(),
            message,
            cure,
        })
    }

    /// Sections other than `DEFAULT` that set `ignoreip` themselves. It replaces the list in `DEFAULT` for them, so
    /// that the customers are not whitelisted there.
    pub fn own_ignoreip_sections(&self) -> Vec<String> {
        let sections = self.reading.sections.iter().filter(|section| section.name != DEFAULT);
        sections
            .filter(|section| section.options.iter().any(|option| option.key == IGNOREIP))
            .map(|section| section.name.clone())
            .collect()
    }

    /// The same file, with the jail's own list as the one that is read and edited, in place of that in `[DEFAULT]`.
    #[must_use]
    pub fn of_jail(&self, jail: &str) -> Self {
        Self {
            list_section: jail.to_owned(),
            ..self.clone()
        }
    }

    /// The same file, with the list in `[DEFAULT]` as the one that is read and edited.
    #[must_use]
    pub fn of_default(&self) -> Self {
        self.of_jail(DEFAULT)
    }

    /// Each jail's own list in this file, by the jail's name.
    pub fn own_lists(&self) -> Vec<(String, IgnoreIp)> {
        let lists = self.own_ignoreip_sections().into_iter().filter_map(|name| {
            let list = self.of_jail(&name).ignoreip()?;
            Some((name, list))
        });
        lists.collect()
    }

    /// Whether a jail has a list of its own in this file.
    pub fn has_own_list(&self, jail: &str) -> bool {
        self.reading.option(jail, IGNOREIP).is_some()
    }

    /// Whether the file has this section.
    pub fn has_section(&self, name: &str) -> bool {
        self.reading.section(name).is_some()
    }

    /// `[DEFAULT] ignoreip` (of [`Self::of_jail`] the jail's own) with its entries and their register lines; `None` if the file doesn't set it.
    pub fn ignoreip(&self) -> Option<IgnoreIp> {
        let option = self.ignoreip_option()?;
        let register = self.register();
        let words = self.ignoreip_words();
        let listed: HashSet<Network> = words.iter().filter_map(Word::network).collect();
        let is_stale = |line: &&RegisterLine| !listed.contains(&line.registration.network);
        let stale = register.iter().filter(is_stale).cloned().collect();
        // Of two lines about one network, the last counts.
        let lines: HashMap<Network, &RegisterLine> =
            register.iter().map(|line| (line.registration.network, line)).collect();
        let places = entries::positions(&words, &self.lines);
        let entries = words.into_iter().zip(places).map(|(word, position)| Entry {
            register: word.network().and_then(|own| lines.get(&own).copied().cloned()),
            position,
            text: word.text,
            kind: word.kind,
        });
        Some(IgnoreIp {
            position: self.position(option.line, option.key_span.start),
            entries: entries.collect(),
            stale,
        })
    }

    /// All register lines: comments of `[DEFAULT]` and before the first section (of [`Self::of_jail`] those of the jail's
    /// section), but only down to the end of `ignoreip` where the file sets it.
    pub fn register(&self) -> Vec<RegisterLine> {
        let own = self.ignoreip_option().map(|option| (option.line, option.last_line()));
        let mut inside = self.list_section == DEFAULT;
        let mut found = Vec::new();
        for (index, (line, role)) in self.lines.iter().zip(&self.reading.roles).enumerate() {
            if own.is_some_and(|(_, last)| index > last) {
                break;
            }
            match role {
                Role::Header => inside = self.is_header_of_list(index),
                Role::Comment if inside => found.extend(RegisterLine::read(&line.text, index + 1)),
                _ => {}
            }
        }
        found
    }

    fn is_header_of_list(&self, index: usize) -> bool {
        self.reading
            .section(&self.list_section)
            .is_some_and(|section| section.headers.contains(&index))
    }

    /// Why the list can't be edited: entries that fail2ban reads otherwise than they look.
    pub fn ignoreip_objections(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for word in self.ignoreip_words() {
            if let EntryKind::Junk { message, cure } = &word.kind {
                found.push(self.at_word(&word, message.clone(), cure));
            }
        }
        found
    }

    /// What is odd about the list without blocking an edit: words that whitelist nobody, names, entry files, interpolation,
    /// and everybody let in.
    pub fn ignoreip_warnings(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for word in self.ignoreip_words() {
            let shown = escaped(&word.text);
            let (message, cure) = match &word.kind {
                EntryKind::Name => (
                    format!("`{shown}` is a host name; it is whitelisted only while its DNS answer is right"),
                    "write the network itself",
                ),
                EntryKind::File => (
                    format!("`{shown}` names a file, whose entries `get ignoreip` doesn't show"),
                    "look into that file as well",
                ),
                // A jail's own list with the common one in it is as plain as that.
                EntryKind::Interpolation if word.text == INHERITED && self.list_section != DEFAULT => continue,
                EntryKind::Interpolation => (
                    format!("what `{shown}` stands for isn't known from this file alone"),
                    "compare with the list of the running server",
                ),
                EntryKind::Network(network) if network.prefix_length() == 0 => {
                    (format!("`{shown}` whitelists everybody"), "remove it")
                }
                EntryKind::Dead { message, cure } => (message.clone(), *cure),
                EntryKind::Network(_) | EntryKind::Junk { .. } => continue,
            };
            found.push(self.at_word(&word, message, cure));
        }
        found
    }

    pub(super) fn ignoreip_option(&self) -> Option<&OptionReading> {
        self.reading.option(&self.list_section, IGNOREIP)
    }

    pub(super) fn ignoreip_words(&self) -> Vec<Word> {
        self.ignoreip_option()
            .map_or_else(Vec::new, |option| entries::words(&self.lines, option, &self.reader))
    }

    pub(super) fn line_text(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", |line| line.text.as_str())
    }

    pub(super) fn position(&self, line: usize, offset: usize) -> Position {
        Position {
            line: line + 1,
            column: lines::column_of(self.line_text(line), offset),
        }
    }

    pub(super) fn at(&self, line: usize, offset: usize, message: String, cure: &str) -> Diagnostic {
        diagnostic_at(&self.path, &self.lines, line, offset, message, cure)
    }

    pub(super) fn at_word(&self, word: &Word, message: String, cure: &str) -> Diagnostic {
        self.at(word.line, word.span.start, message, cure)
    }
}

fn diagnostic_at(path: &str, lines: &[Line], line: usize, offset: usize, message: String, cure: &str) -> Diagnostic {
    let text = lines.get(line).map_or("", |line| line.text.as_str());
    Diagnostic {
        path: path.to_owned(),
        line: line + 1,
        column: lines::column_of(text, offset),
        line_text: text.to_owned(),
        message,
        cure: cure.to_owned(),
    }
}

fn decode<'bytes>(path: &str, bytes: &'bytes [u8]) -> Result<&'bytes str, Vec<Diagnostic>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(byte_findings(path, bytes));
    };
    let (offset, message, cure) = if text.starts_with('\u{feff}') {
        (
            0,
            "the file begins with a byte-order mark, and fail2ban refuses it",
            "delete the mark: save the file as UTF-8 without it",
        )
    } else if let Some(offset) = text.find('\0') {
        (
            offset,
            "there is a NUL byte here",
            "delete it; the file may be damaged, so compare it with a backup",
        )
    } else {
        return Ok(text);
    };
    let lines = lines::split(text);
    let (line, inside) = line_of_offset(&lines, offset);
    Err(vec![diagnostic_at(
        path,
        &lines,
        line,
        inside,
        message.to_owned(),
        cure,
    )])
}

fn line_of_offset(lines: &[Line], offset: usize) -> (usize, usize) {
    let mut start = 0;
    for (index, line) in lines.iter().enumerate() {
        let end = start + line.text.len() + line.ending.len();
        if offset < end {
            return (index, offset - start);
        }
        start = end;
    }
    (lines.len().saturating_sub(1), 0)
}

fn byte_findings(path: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let mut text = String::new();
    let mut bad = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if let Some(first) = chunk.invalid().first() {
            bad.push((text.len(), *first));
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    let lines = lines::split(&text);
    bad.into_iter()
        .take(MOST_BYTE_FINDINGS)
        .map(|(offset, byte)| {
            let (line, inside) = line_of_offset(&lines, offset);
            let message =
                format!("byte 0x{byte:02x} is not UTF-8, and fail2ban ignores (up to 1.1.0) or refuses the whole file");
            diagnostic_at(
                path,
                &lines,
                line,
                inside,
                message,
                "write this character as UTF-8, or delete it",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<JailLocal, Vec<Diagnostic>> {
        JailLocal::parse("jail.local", bytes, &Reader::new("1.0.2"))
    }

    #[test]
    fn settings_fall_back_to_default_and_say_so() {
        let text = b"[DEFAULT]\nBanTime = 1h\n[sshd]\n maxretry = 3\n";
        let document = parse(text).unwrap();
        let setting = document.setting("sshd", "BANTIME").unwrap();
        assert_eq!(
            (setting.section, setting.key, setting.value),
            ("DEFAULT", "bantime", "1h")
        );
        assert_eq!(
            document.locate("sshd", "maxretry"),
            Some(Position { line: 4, column: 2 })
        );
        assert_eq!(document.value("elsewhere", "bantime"), Some("1h"));
        assert_eq!(document.value("sshd", "none"), None);
        assert_eq!(
            (document.sections(), document.keys("sshd")),
            (vec!["sshd"], vec!["maxretry"])
        );
        let found = document
            .diagnostic("sshd", "maxretry", "too low".to_owned(), "raise it".to_owned())
            .unwrap();
        assert!(
            found
                .to_string()
                .starts_with("jail.local:4:2: too low\n  |  maxretry = 3\n"),
            "{found}"
        );
    }

    #[test]
    fn jails_with_a_list_of_their_own_are_named() {
        let document = parse(b"[DEFAULT]\nignoreip = ::1\n[a]\nIgnoreIP =\n[b]\nx = 1\n").unwrap();
        assert_eq!(document.own_ignoreip_sections(), ["a"]);
    }

    #[test]
    fn entries_stand_where_they_would_be_counted_to_one_by_one() {
        let text =
            "[DEFAULT]\nignoreip = 192.0.2.1,\u{a0}x 192.0.2.2\t caf\u{e9}.example ::1\n   192.0.2.3 # 192.0.2.4\n";
        let document = parse(text.as_bytes()).unwrap();
        let alone: Vec<Position> = document
            .ignoreip_words()
            .iter()
            .map(|word| document.position(word.line, word.span.start))
            .collect();
        let entries = document.ignoreip().unwrap().entries;
        assert_eq!(entries.iter().map(|entry| entry.position).collect::<Vec<_>>(), alone);
        assert!(alone.len() > 6 && alone[4].column > alone[3].column, "{alone:?}");
    }

    #[test]
    fn of_two_register_lines_about_a_network_the_last_counts() {
        let text = "[DEFAULT]\n# 192.0.2.1 | First\n# 192.0.2.1 | Last\n# 192.0.2.9 | Gone\nignoreip = 192.0.2.1\n";
        let list = parse(text.as_bytes()).unwrap().ignoreip().unwrap();
        let whose = list.entries[0]
            .register
            .as_ref()
            .unwrap()
            .registration
            .customer
            .to_string();
        assert_eq!((whose.as_str(), list.stale.len()), ("Last", 1));
    }

    #[test]
    fn the_register_is_read_above_the_key_in_default_only() {
        let text = "# 192.0.2.1 | Top\n[a]\n# 192.0.2.2 | Elsewhere\n[DEFAULT]\n# 192.0.2.3 | Own\nignoreip = ::1\n\
                    # 192.0.2.4 | Below\n";
        let document = parse(text.as_bytes()).unwrap();
        let lines: Vec<usize> = document.register().iter().map(|line| line.line).collect();
        assert_eq!(lines, [1, 5]);
    }

    #[test]
    fn unreadable_bytes_are_pointed_at() {
        for (bytes, place, message) in [
            (&b"[a]\nx = caf\xe9 1\n"[..], (2, 8), "byte 0xe9 is not UTF-8"),
            (b"[a]\r\nx=\xff\xc3", (2, 3), "byte 0xff"),
            (b"\xef\xbb\xbf[a]\n", (1, 1), "byte-order mark"),
            (b"[a]\nx = \0\n", (2, 5), "NUL"),
            (b"[a]\nword\n", (2, 1), "no `=`"),
            (b"[a]\nx=1\n[a]\n", (3, 1), "second time"),
        ] {
            let findings = parse(bytes).unwrap_err();
            assert_eq!((findings[0].line, findings[0].column), place, "{findings:?}");
            assert!(findings[0].message.contains(message), "{findings:?}");
            assert!(!findings[0].cure.is_empty());
        }
        assert_eq!(parse(&[0xff; 500]).unwrap_err().len(), MOST_BYTE_FINDINGS);
    }
}
