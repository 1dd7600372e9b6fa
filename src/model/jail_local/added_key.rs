//! An `ignoreip` key, and its section if need be, that had to be added for the first customer.
//!
//! A new key replaces the list of the files read before it, so it begins with that list, and a mark above it remembers
//! the list. When just that list is left, key and mark go, and the file has its old bytes. `[DEFAULT]` is added at the top, the
//! section of a jail at the end, where it takes no comment of another one along.

use super::super::comment_text::escaped;
use super::super::network::Network;
use super::document::{IGNOREIP, INHERITED, JailLocal};
use super::edit::{EditRefusal, Goal, prove};
use super::entries::{self, EntryKind};
use super::lines::Draft;
use super::python_text;
use super::reading::{DEFAULT, OptionReading};
use super::register::Registration;

const KEY_MARK: &str = "f2bctl: ignoreip added over";
const SECTION_MARK: &str = "f2bctl: section and ignoreip added over";
const SECTION_AND_BLANK_MARK: &str = "f2bctl: section with the blank line above and ignoreip added over";
const MARK_END: &str = "removed with its last customer";

/// What a mark tells.
struct Mark {
    /// The list that the key was laid over.
    words: Vec<String>,
    /// Which mark it is.
    kind: &'static str,
}

impl JailLocal {
    pub(super) fn with_new_key(&self, registration: &Registration, inherited: &[String]) -> Result<Self, EditRefusal> {
        if self.is_of_a_jail() {
            return self.with_new_key_of_jail(registration);
        }
        let seed = self.seed(registration.network, inherited)?;
        let mark = match self.header() {
            Some(_) => KEY_MARK,
            None => SECTION_MARK,
        };
        self.with_marked_key(registration, &seed, mark)
    }

    /// A list of its own begins with what the jail has without it, so that the customers of `[DEFAULT]` stay whitelisted.
    fn with_new_key_of_jail(&self, registration: &Registration) -> Result<Self, EditRefusal> {
        let seed = [INHERITED.to_owned()];
        if self.header().is_some() {
            return self.with_marked_key(registration, &seed, KEY_MARK);
        }
        let document = self.add_section(&self.list_section)?.document;
        let mark = match document.lines.len() - self.lines.len() {
            1 => SECTION_MARK,
            _ => SECTION_AND_BLANK_MARK,
        };
        document.with_marked_key(registration, &seed, mark)
    }

    fn is_of_a_jail(&self) -> bool {
        self.list_section != DEFAULT
    }

    /// The line of the section's header.
    fn header(&self) -> Option<usize> {
        let section = self.reading.section(&self.list_section)?;
        section.headers.first().copied()
    }

    fn with_marked_key(&self, registration: &Registration, seed: &[String], mark: &str) -> Result<Self, EditRefusal> {
        let header = self.header();
        let index = header.map_or(0, |header| header + 1);
        // Deeper than this, the line below would become a continuation of the new key.
        let below = self.reading.next_significant(index);
        let indentation = below.map_or("", |line| python_text::indentation(self.line_text(line)));
        let words = self.with_entry_before_files(seed, registration.network);
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
            let mark = read_mark(self.line_text(index))?;
            (mark.words == words).then_some((index, mark.kind))
        });
        let Some((mark, kind)) = marks.next_back() else {
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
        let section = match kind {
            KEY_MARK => Vec::new(),
            _ => self.added_section_lines(option, kind),
        };
        let goal = match section.is_empty() || !self.is_of_a_jail() {
            true => Goal::Entries(None),
            false => Goal::NoSection(&self.list_section),
        };
        doomed.extend(section);
        doomed.sort_unstable();
        doomed.dedup();
        let mut draft = Draft::new(&self.lines);
        for index in doomed.into_iter().rev() {
            draft.remove(index);
        }
        prove(self, draft, &goal)
    }

    /// The header of an added section and the blank line that came with it, unless the section has got other keys.
    fn added_section_lines(&self, option: &OptionReading, kind: &str) -> Vec<usize> {
        let section = self.reading.section(&self.list_section);
        let Some((header, 1)) = section.and_then(|section| match section.headers.as_slice() {
            [header] => Some((*header, section.options.len())),
            _ => None,
        }) else {
            return Vec::new();
        };
        let blank = match (self.is_of_a_jail(), kind) {
            (false, _) => Some(option.last_line() + 1),
            (true, SECTION_AND_BLANK_MARK) => header.checked_sub(1),
            (true, _) => None,
        };
        let is_blank = |index: &usize| self.lines.get(*index).is_some_and(|line| line.text.is_empty());
        [header].into_iter().chain(blank.filter(is_blank)).collect()
    }
}

/// Whether a comment line is such a mark.
pub(super) fn is_mark(text: &str) -> bool {
    read_mark(text).is_some()
}

/// What a mark tells; `None` for another comment.
fn read_mark(text: &str) -> Option<Mark> {
    let text = python_text::strip(text).strip_prefix("# ")?;
    let kinds = [SECTION_AND_BLANK_MARK, SECTION_MARK, KEY_MARK];
    let (kind, rest) = kinds
        .into_iter()
        .find_map(|kind| Some((kind, text.strip_prefix(kind)?)))?;
    let (list, end) = rest.strip_prefix(" [")?.split_once("]; ")?;
    let words = list
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    (end == MARK_END).then_some(Mark { words, kind })
}
