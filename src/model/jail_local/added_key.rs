//! An `ignoreip` key, and its `[DEFAULT]` section if need be, that had to be added for the first customer.
//!
//! A new key replaces the list of the files read before it, so it begins with that list, and a mark above it remembers
//! the list. When just that list is left, key and mark go, and the file has its old bytes.

use super::super::comment_text::escaped;
use super::super::network::Network;
use super::document::{IGNOREIP, JailLocal};
use super::edit::{EditRefusal, Goal, prove};
use super::entries::{self, EntryKind};
use super::lines::Draft;
use super::python_text;
use super::reading::{DEFAULT, OptionReading};
use super::register::Registration;

const KEY_MARK: &str = "f2bctl: ignoreip added over";
const SECTION_MARK: &str = "f2bctl: section and ignoreip added over";
const MARK_END: &str = "removed with its last customer";

impl JailLocal {
    pub(super) fn with_new_key(&self, registration: &Registration, inherited: &[String]) -> Result<Self, EditRefusal> {
        let seed = self.seed(registration.network, inherited)?;
        let header = self
            .reading
            .section(DEFAULT)
            .and_then(|section| section.headers.first().copied());
        let index = header.map_or(0, |header| header + 1);
        // Deeper than this, the line below would become a continuation of the new key.
        let below = self.reading.next_significant(index);
        let indentation = below.map_or("", |line| python_text::indentation(self.line_text(line)));
        let words = self.with_entry_before_files(&seed, registration.network);
        let mark = if header.is_some() { KEY_MARK } else { SECTION_MARK };
        let mut texts = vec![
            format!("{indentation}# {mark} [{}]; {MARK_END}", seed.join(" ")),
            format!("{indentation}{registration}"),
            format!("{indentation}{IGNOREIP} = {}", words.join(" ")),
        ];
        if header.is_none() {
            texts.insert(0, format!("{indentation}[{DEFAULT}]"));
            if !self.lines.is_empty() {
                texts.push(String::new());
            }
        }
        let mut draft = Draft::new(&self.lines);
        for (offset, text) in texts.into_iter().enumerate() {
            draft.insert(index + offset, text);
        }
        prove(self, draft, &Goal::Entries(Some(words)))
    }

    /// The inherited words without the network that is added, each checked to be one plain entry.
    fn seed(&self, network: Network, inherited: &[String]) -> Result<Vec<String>, EditRefusal> {
        let mut seed = Vec::new();
        for text in inherited {
            let words = entries::words_of_text(text, &self.reader);
            let why = match words.as_slice() {
                [word] if word.text == *text => match &word.kind {
                    EntryKind::Network(own) if *own == network => continue,
                    EntryKind::Network(_) | EntryKind::Name | EntryKind::File | EntryKind::Dead { .. } => None,
                    EntryKind::Interpolation => Some("it has an interpolation".to_owned()),
                    EntryKind::Junk { message, .. } => Some(message.clone()),
                },
                _ => Some("it is not one word".to_owned()),
            };
            let why = why.or_else(|| {
                text.contains(['[', ']', ';'])
                    .then(|| "it has brackets or `;`".to_owned())
            });
            if let Some(why) = why {
                return Err(EditRefusal::UnusableSeed {
                    word: escaped(text),
                    why,
                });
            }
            seed.push(text.clone());
        }
        Ok(seed)
    }

    /// Takes away a marked key whose list is what it was laid over, with its section if that was added too.
    pub(super) fn without_marked_key(&self) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return Ok(self.clone());
        };
        let words: Vec<String> = self.ignoreip_words().into_iter().map(|word| word.text).collect();
        let mut marks = self.comments_above(option.line).filter_map(|index| {
            let (seed, with_section) = read_mark(self.line_text(index))?;
            (seed == words).then_some((index, with_section))
        });
        let Some((mark, with_section)) = marks.next_back() else {
            return Ok(self.clone());
        };
        let mut doomed = vec![mark];
        doomed.extend(
            option
                .parts
                .iter()
                .filter(|part| !part.span.is_empty())
                .map(|part| part.line),
        );
        doomed.push(option.line);
        if with_section {
            doomed.extend(self.added_section_lines(option));
        }
        doomed.sort_unstable();
        doomed.dedup();
        let mut draft = Draft::new(&self.lines);
        for index in doomed.into_iter().rev() {
            draft.remove(index);
        }
        prove(self, draft, &Goal::Entries(None))
    }

    /// The header of an added section and the blank line below its key, unless the section has got other keys.
    fn added_section_lines(&self, option: &OptionReading) -> Vec<usize> {
        let section = self.reading.section(DEFAULT);
        let Some((header, 1)) = section.and_then(|section| match section.headers.as_slice() {
            [header] => Some((*header, section.options.len())),
            _ => None,
        }) else {
            return Vec::new();
        };
        let below = option.last_line() + 1;
        let blank = self.lines.get(below).filter(|line| line.text.is_empty()).map(|_| below);
        [header].into_iter().chain(blank).collect()
    }
}

/// Whether a comment line is such a mark.
pub(super) fn is_mark(text: &str) -> bool {
    read_mark(text).is_some()
}

/// The list that a mark names, and whether the section was added too.
fn read_mark(text: &str) -> Option<(Vec<String>, bool)> {
    let text = python_text::strip(text).strip_prefix("# ")?;
    let (rest, with_section) = match text.strip_prefix(SECTION_MARK) {
        Some(rest) => (rest, true),
        None => (text.strip_prefix(KEY_MARK)?, false),
    };
    let (list, end) = rest.strip_prefix(" [")?.split_once("]; ")?;
    let words = list
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    (end == MARK_END).then_some((words, with_section))
}
