//! Adding, removing and annotating entries of `[DEFAULT] ignoreip`, touching their own lines only.
//!
//! Adding and then removing gives the same bytes, by two rules. An entry goes behind the last word and takes the
//! separator before it along when it goes; an entry that was alone on the key's line goes with the white space behind the
//! delimiter. A key or section that had to be added carries a mark with the list that it was laid over, and goes when
//! just that list is left. (A register line of the same network that lay there without an entry is taken over, and so
//! is gone after removing.)

use super::super::comment_text::escaped;
use super::super::network::Network;
use super::diagnostic::Diagnostic;
use super::document::{IGNOREIP, JailLocal};
use super::edit::{EditRefusal, Edited, Goal, prove};
use super::entries::{self, EntryKind, Word};
use super::lines::Draft;
use super::python_text;
use super::reading::{DEFAULT, OptionReading, Role};
use super::register::Registration;

/// How deep keys that name other keys are followed (Python's own limit).
const DEEPEST_INTERPOLATION: usize = 10;

/// The longest separator between neighbours that is copied; longer ones align columns.
const LONGEST_SEPARATOR: usize = 3;

const KEY_MARK: &str = "f2bctl: ignoreip added over";
const SECTION_MARK: &str = "f2bctl: section and ignoreip added over";
const MARK_END: &str = "removed with its last customer";

impl JailLocal {
    /// Adds entries with their register lines. An entry that is there already only gets its register line, and nothing
    /// changes if that says the same.
    ///
    /// `inherited` is used if the file has no `[DEFAULT] ignoreip`: the words that the files before it set (from the
    /// configuration stream, since `get JAIL ignoreip` shows any `/0` as `0.0.0.0`). A new key would replace that list,
    /// so it begins with it.
    ///
    /// # Errors
    /// [`EditRefusal`]; this document is unchanged.
    pub fn add(&self, registrations: &[Registration], inherited: &[String]) -> Result<Edited, EditRefusal> {
        self.require_plain_list()?;
        let mut document = self.clone();
        for registration in registrations {
            document = document.with_added(registration, inherited)?;
        }
        Ok(Edited::new(self, document, self.ignoreip_warnings()))
    }

    /// Removes entries with their register lines; networks that are not listed are left as they are.
    ///
    /// # Errors
    /// [`EditRefusal`]; this document is unchanged. [`EditRefusal::Hidden`] if another key of this file, which
    /// `ignoreip` takes in by `%(key)s`, lists the network.
    pub fn remove(&self, networks: &[Network]) -> Result<Edited, EditRefusal> {
        self.require_plain_list()?;
        let mut document = self.clone();
        for network in networks {
            self.require_not_hidden(*network)?;
            document = document.with_removed(*network)?;
        }
        Ok(Edited::new(self, document, self.ignoreip_warnings()))
    }

    /// Writes or rewrites the register line of an entry and nothing else.
    ///
    /// # Errors
    /// [`EditRefusal::NotListed`] if there is no such entry; else as [`Self::add`].
    pub fn annotate(&self, registration: &Registration) -> Result<Edited, EditRefusal> {
        self.require_plain_list()?;
        if !self.lists(registration.network) {
            return Err(EditRefusal::NotListed(registration.network));
        }
        let document = self.with_register_line(registration)?;
        Ok(Edited::new(self, document, self.ignoreip_warnings()))
    }

    /// Takes away register lines whose network is not (or no longer) an entry; others are left.
    ///
    /// # Errors
    /// [`EditRefusal::NotProven`]; this document is unchanged.
    pub fn forget_stale(&self, networks: &[Network]) -> Result<Edited, EditRefusal> {
        let mut document = self.clone();
        for network in networks.iter().filter(|network| !self.lists(**network)) {
            document = document.without_register_lines(*network)?;
        }
        Ok(Edited::new(self, document, Vec::new()))
    }

    fn require_plain_list(&self) -> Result<(), EditRefusal> {
        let objections = self.ignoreip_objections();
        if objections.is_empty() {
            Ok(())
        } else {
            Err(EditRefusal::Objections(objections))
        }
    }

    fn lists(&self, network: Network) -> bool {
        self.ignoreip_words().iter().any(|word| word.network() == Some(network))
    }

    fn with_added(&self, registration: &Registration, inherited: &[String]) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return self.with_new_key(registration, inherited);
        };
        if self.lists(registration.network) {
            return self.with_register_line(registration);
        }
        let words = self.ignoreip_words();
        let text = registration.network.to_string();
        let mut draft = Draft::new(&self.lines);
        self.insert_entry(&mut draft, option, &words, &text);
        self.write_register_line(&mut draft, option, registration);
        let expected = words.into_iter().map(|word| word.text).chain([text]).collect();
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    fn insert_entry(&self, draft: &mut Draft, option: &OptionReading, words: &[Word], text: &str) {
        match words.last() {
            None => {
                let at = option.after_delimiter;
                draft.splice(option.line, at, at, &format!(" {text}"));
            }
            Some(last) if last.line == option.line => {
                let separator = self.separator(words, last);
                draft.splice(last.line, last.span.end, last.span.end, &format!("{separator}{text}"));
            }
            Some(last) => {
                let line = self.line_text(last.line);
                let behind = line.get(last.span.end..).unwrap_or_default();
                let comma = if behind.starts_with(',') { "," } else { "" };
                let indentation = python_text::indentation(line);
                draft.insert(last.line + 1, format!("{indentation}{text}{comma}"));
            }
        }
    }

    /// What stands between the last two words of a line, if it is short and plain.
    fn separator(&self, words: &[Word], last: &Word) -> String {
        let before = words.iter().rev().nth(1).filter(|word| word.line == last.line);
        let between = before.and_then(|before| self.line_text(last.line).get(before.span.end..last.span.start));
        let plain = |text: &&str| text.chars().all(|character| matches!(character, ' ' | ','));
        match between.filter(plain) {
            Some(text) if text.len() <= LONGEST_SEPARATOR => text.to_owned(),
            Some(text) if text.contains(',') => ", ".to_owned(),
            _ => " ".to_owned(),
        }
    }

    fn with_register_line(&self, registration: &Registration) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return Err(EditRefusal::NotListed(registration.network));
        };
        let mut draft = Draft::new(&self.lines);
        self.write_register_line(&mut draft, option, registration);
        prove(self, draft, &Goal::Nothing)
    }

    fn write_register_line(&self, draft: &mut Draft, option: &OptionReading, registration: &Registration) {
        let register = self.register();
        let own = register
            .iter()
            .rev()
            .find(|line| line.registration.network == registration.network);
        match own {
            Some(line) if line.registration == *registration => {}
            Some(line) => {
                let index = line.line - 1;
                let text = self.line_text(index);
                let start = python_text::indentation(text).len();
                draft.splice(index, start, text.len(), &registration.to_string());
            }
            None => {
                let indentation = python_text::indentation(self.line_text(option.line));
                draft.insert(
                    self.place_for_register_line(option),
                    format!("{indentation}{registration}"),
                );
            }
        }
    }

    /// Below the last register line of the comments right above the key, else right above the key.
    fn place_for_register_line(&self, option: &OptionReading) -> usize {
        let block = self.comments_above(option.line);
        let register = self.register();
        let last = register.iter().rev().find(|line| block.contains(&(line.line - 1)));
        last.map_or(option.line, |line| line.line)
    }

    /// The blank and comment lines right above a line.
    fn comments_above(&self, line: usize) -> std::ops::Range<usize> {
        let above = self.reading.roles.get(..line).unwrap_or_default().iter().rev();
        let count = above
            .take_while(|role| matches!(role, Role::Blank | Role::Comment))
            .count();
        line - count..line
    }

    fn with_removed(&self, network: Network) -> Result<Self, EditRefusal> {
        let mut document = self.clone();
        while let Some(shorter) = document.without_one_word(network)? {
            document = shorter;
        }
        if document.lines == self.lines {
            return Ok(document);
        }
        document.without_register_lines(network)?.without_marked_key()
    }

    fn without_one_word(&self, network: Network) -> Result<Option<Self>, EditRefusal> {
        let words = self.ignoreip_words();
        let found = words.iter().position(|word| word.network() == Some(network));
        let (Some(option), Some(index)) = (self.ignoreip_option(), found) else {
            return Ok(None);
        };
        let mut draft = Draft::new(&self.lines);
        self.delete_word(&mut draft, option, &words, index);
        let mut expected: Vec<String> = words.into_iter().map(|word| word.text).collect();
        expected.remove(index);
        prove(self, draft, &Goal::Entries(Some(expected))).map(Some)
    }

    fn delete_word(&self, draft: &mut Draft, option: &OptionReading, words: &[Word], index: usize) {
        let Some(word) = words.get(index) else {
            return;
        };
        let line = word.line;
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let before = before.filter(|before| before.line == line);
        let behind = words.get(index + 1).filter(|behind| behind.line == line);
        let part = option.parts.iter().find(|part| part.line == line);
        let has_comment = part.is_some_and(|part| {
            let rest = self.line_text(line).get(part.span.end..).unwrap_or_default();
            !python_text::strip(rest).is_empty()
        });
        match (before, behind, part) {
            (Some(before), _, _) => draft.splice(line, before.span.end, word.span.end, ""),
            (None, Some(behind), _) => draft.splice(line, word.span.start, behind.span.start, ""),
            (None, None, _) if line == option.line => draft.splice(line, option.after_delimiter, word.span.end, ""),
            (None, None, Some(part)) if has_comment => draft.splice(line, part.span.start, part.span.end, ""),
            (None, None, _) => draft.remove(line),
        }
    }

    fn without_register_lines(&self, network: Network) -> Result<Self, EditRefusal> {
        let register = self.register();
        let own = register
            .iter()
            .rev()
            .filter(|line| line.registration.network == network);
        let mut draft = Draft::new(&self.lines);
        for line in own {
            draft.remove(line.line - 1);
        }
        prove(self, draft, &Goal::Nothing)
    }

    fn with_new_key(&self, registration: &Registration, inherited: &[String]) -> Result<Self, EditRefusal> {
        let seed = self.seed(registration.network, inherited)?;
        let header = self
            .reading
            .section(DEFAULT)
            .and_then(|section| section.headers.first().copied());
        let index = header.map_or(0, |header| header + 1);
        // Deeper than this, the line below would become a continuation of the new key.
        let below = self.reading.next_significant(index);
        let indentation = below.map_or("", |line| python_text::indentation(self.line_text(line)));
        let words: Vec<String> = seed.iter().cloned().chain([registration.network.to_string()]).collect();
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
                    EntryKind::Network(_) | EntryKind::Name | EntryKind::File => None,
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
    fn without_marked_key(&self) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return Ok(self.clone());
        };
        let words: Vec<String> = self.ignoreip_words().into_iter().map(|word| word.text).collect();
        let marks = self.comments_above(option.line).filter_map(|index| {
            let (seed, with_section) = read_mark(self.line_text(index))?;
            (seed == words).then_some((index, with_section))
        });
        let Some((mark, with_section)) = marks.last() else {
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

    fn require_not_hidden(&self, network: Network) -> Result<(), EditRefusal> {
        let words = self.ignoreip_words();
        for word in words.iter().filter(|word| word.kind == EntryKind::Interpolation) {
            if let Some(finding) = self.hidden_behind(word, network, 0) {
                return Err(EditRefusal::Hidden {
                    network,
                    finding: Box::new(finding),
                });
            }
        }
        Ok(())
    }

    /// Where a key that `word` takes in lists the network, as far as this file tells.
    fn hidden_behind(&self, word: &Word, network: Network, depth: usize) -> Option<Diagnostic> {
        if depth >= DEEPEST_INTERPOLATION {
            return None;
        }
        entries::interpolated_names(&word.text).into_iter().find_map(|name| {
            let (section, key) = name.rsplit_once('/').unwrap_or((DEFAULT, &name));
            let section = if section.eq_ignore_ascii_case(DEFAULT) {
                DEFAULT
            } else {
                section
            };
            let option = self.reading.option(section, key)?;
            let inner = entries::words(&self.lines, option, &self.reader);
            inner.iter().find_map(|inner| {
                if inner.network() == Some(network) {
                    let message = format!("`{}` is listed here, and ignoreip takes this key in", inner.text);
                    return Some(self.at_word(
                        inner,
                        message,
                        "edit this key by hand, or list the entries in ignoreip",
                    ));
                }
                self.hidden_behind(inner, network, depth + 1)
            })
        })
    }
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
