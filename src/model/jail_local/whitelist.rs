//! Adding, removing and annotating entries of `[DEFAULT] ignoreip`, touching their own lines only.
//!
//! Adding and then removing gives the same bytes, by two rules. An entry goes after the last word and takes the
//! separator before it along when it goes; an entry that was alone on the key's line goes with the white space after
//! the delimiter. A key or section that had to be added carries a mark with the list that it was laid over, and goes
//! when just that list is left. (A register line of the same network that lay there without an entry is taken over, and
//! so is gone after removing.)

use std::collections::{HashMap, HashSet};

use super::super::network::Network;
use super::added_key::is_mark;
use super::diagnostic::Diagnostic;
use super::document::{IGNOREIP, JailLocal};
use super::edit::{EditRefusal, Edited, Goal, prove};
use super::entries::{self, EntryKind, Word};
use super::lines::Draft;
use super::python_text;
use super::reading::{DEFAULT, OptionReading, Role};
use super::register::{RegisterLine, Registration};

/// The longest separator between neighbours that is copied; longer ones align columns.
const LONGEST_SEPARATOR: usize = 3;

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
        let due = self.not_as_they_are(registrations);
        let mut rest = due.as_slice();
        while let Some((first, others)) = rest.split_first() {
            // A run of new entries is written and proven at once: an import of thousands would be proven entry by
            // entry.
            let (run, following) = rest.split_at(document.count_new(rest));
            (document, rest) = if run.is_empty() {
                (document.with_added(first, inherited)?, others)
            } else {
                (document.with_all_added(run)?, following)
            };
        }
        Ok(Edited::new(self, document, self.ignoreip_warnings()))
    }

    /// Adds entries without register lines, as a hand-kept file has them; what is listed already is left as it is.
    /// `inherited` as in [`Self::add`].
    ///
    /// # Errors
    /// [`EditRefusal`]; this document is unchanged.
    pub fn add_undocumented(&self, networks: &[Network], inherited: &[String]) -> Result<Edited, EditRefusal> {
        self.require_plain_list()?;
        let mut document = self.clone();
        for network in networks.iter().filter(|network| !self.lists(**network)) {
            document = document.with_entry(*network, inherited)?;
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
        self.require_listed(registration.network)?;
        let document = self.with_register_line(registration)?;
        Ok(Edited::new(self, document, self.ignoreip_warnings()))
    }

    /// Whether there is such an entry to say something about.
    ///
    /// # Errors
    /// [`EditRefusal`] if the list cannot be read with certainty, or does not have the network.
    pub fn require_listed(&self, network: Network) -> Result<(), EditRefusal> {
        self.require_plain_list()?;
        match self.lists(network) {
            true => Ok(()),
            false => Err(EditRefusal::NotListed(network)),
        }
    }

    /// The comments among the register lines that are none themselves, as (line from 1, text): what a hand-kept file
    /// says about its entries. Marks of this tool are not among them.
    pub fn ordinary_comments(&self) -> Vec<(usize, &str)> {
        let own = self.ignoreip_option().map_or(0..0, |option| {
            self.comments_above(option.line).start..option.last_line()
        });
        own.filter(|index| self.reading.roles.get(*index) == Some(&Role::Comment))
            .map(|index| (index + 1, self.line_text(index)))
            .filter(|(line, text)| RegisterLine::read(text, *line).is_none() && !is_mark(text))
            .collect()
    }

    /// What follows the entries on a line of the list (from 1): a comment after `;`.
    pub fn text_behind(&self, line: usize) -> Option<&str> {
        let option = self.ignoreip_option()?;
        let part = option.parts.iter().find(|part| part.line + 1 == line)?;
        let rest = python_text::strip(self.line_text(part.line).get(part.span.end..)?);
        rest.strip_prefix(';')
            .map(python_text::strip)
            .filter(|text| !text.is_empty())
    }

    /// Takes away comment lines, given by their numbers from 1, for comments that register lines have replaced. A number
    /// of another line is ignored.
    ///
    /// # Errors
    /// [`EditRefusal::NotProven`]; this document is unchanged.
    pub fn remove_comments(&self, lines: &[usize]) -> Result<Edited, EditRefusal> {
        let mut draft = Draft::new(&self.lines);
        for (index, role) in self.reading.roles.iter().enumerate().rev() {
            if *role == Role::Comment && lines.contains(&(index + 1)) {
                draft.remove(index);
            }
        }
        let document = prove(self, draft, &Goal::Nothing)?;
        Ok(Edited::new(self, document, Vec::new()))
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
        let mut draft = Draft::new(&self.lines);
        let expected = self.insert_entries(&mut draft, option, vec![registration.network.to_string()]);
        self.write_register_line(&mut draft, option, registration);
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    /// The registrations that the file does not have just so; of several for one network, all.
    fn not_as_they_are(&self, registrations: &[Registration]) -> Vec<Registration> {
        let listed: HashSet<Network> = self.ignoreip_words().iter().filter_map(Word::network).collect();
        let register = self.register();
        // Of two lines about one network, the last counts.
        let lines = register
            .iter()
            .map(|line| (line.registration.network, &line.registration));
        let lines: HashMap<Network, &Registration> = lines.filter(|(network, _)| listed.contains(network)).collect();
        let mut asked: HashMap<Network, usize> = HashMap::new();
        for registration in registrations {
            *asked.entry(registration.network).or_default() += 1;
        }
        let is_due = |registration: &&Registration| {
            let network = &registration.network;
            asked.get(network) != Some(&1) || lines.get(network) != Some(registration)
        };
        registrations.iter().filter(is_due).cloned().collect()
    }

    /// How many of the first registrations are of networks of which this file knows nothing, each another one; none
    /// where it has no list yet.
    fn count_new(&self, registrations: &[Registration]) -> usize {
        if self.ignoreip_option().is_none() {
            return 0;
        }
        let listed = self
            .ignoreip_words()
            .iter()
            .filter_map(Word::network)
            .collect::<Vec<_>>();
        let described = self.register().into_iter().map(|line| line.registration.network);
        let mut known: HashSet<Network> = listed.into_iter().chain(described).collect();
        registrations
            .iter()
            .take_while(|registration| known.insert(registration.network))
            .count()
    }

    /// What [`Self::with_added`] would make of registrations that [`Self::count_new`] counts, one after the other.
    fn with_all_added(&self, registrations: &[Registration]) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            return Ok(self.clone());
        };
        let texts = registrations.iter().map(|line| line.network.to_string()).collect();
        let mut draft = Draft::new(&self.lines);
        let expected = self.insert_entries(&mut draft, option, texts);
        let indentation = python_text::indentation(self.line_text(option.line));
        let place = self.place_for_register_line(option);
        for (index, registration) in registrations.iter().enumerate() {
            draft.insert(place + index, format!("{indentation}{registration}"));
        }
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    /// One more entry without a register line, in a key that may have to be added.
    fn with_entry(&self, network: Network, inherited: &[String]) -> Result<Self, EditRefusal> {
        let Some(option) = self.ignoreip_option() else {
            let words = self.with_entry_before_files(inherited, network);
            let with_section = match self.reading.section(DEFAULT) {
                Some(_) => self.clone(),
                None => self.with_default_section()?,
            };
            return Ok(with_section.set(DEFAULT, IGNOREIP, &words.join(" "))?.document);
        };
        let mut draft = Draft::new(&self.lines);
        let expected = self.insert_entries(&mut draft, option, vec![network.to_string()]);
        prove(self, draft, &Goal::Entries(Some(expected)))
    }

    /// A list with one more entry, where this fail2ban takes it.
    pub(super) fn with_entry_before_files(&self, list: &[String], network: Network) -> Vec<String> {
        let is_file = |text: &String| self.reader.reads_entry_files() && text.starts_with("file:");
        let mut words = list.to_vec();
        words.insert(list.iter().position(is_file).unwrap_or(list.len()), network.to_string());
        words
    }

    /// An empty `[DEFAULT]` at the top of the file.
    fn with_default_section(&self) -> Result<Self, EditRefusal> {
        let mut draft = Draft::new(&self.lines);
        draft.insert(0, format!("[{DEFAULT}]"));
        prove(self, draft, &Goal::Nothing)
    }

    /// Puts entries after the last one, or where one names a file before it: fail2ban 1.1.1 takes none after that. Returns
    /// the words that the list then has.
    fn insert_entries(&self, draft: &mut Draft, option: &OptionReading, texts: Vec<String>) -> Vec<String> {
        let words = self.ignoreip_words();
        let file = words.iter().position(|word| word.kind == EntryKind::File);
        let (before, after) = words.split_at(file.unwrap_or(words.len()));
        match (before.last(), after.first()) {
            (None, None) => {
                let at = option.after_delimiter;
                draft.splice(option.line, at, at, &format!(" {}", texts.join(" ")));
            }
            (None, Some(next)) => {
                let at = next.span.start;
                draft.splice(next.line, at, at, &format!("{} ", texts.join(" ")));
            }
            (Some(last), next) if last.line == option.line || next.is_some_and(|next| next.line == last.line) => {
                let separator = self.separator(before, last);
                let added: String = texts.iter().flat_map(|text| [separator.as_str(), text]).collect();
                draft.splice(last.line, last.span.end, last.span.end, &added);
            }
            (Some(last), _) => {
                let line = self.line_text(last.line);
                let following = line.get(last.span.end..).unwrap_or_default();
                let comma = if following.starts_with(',') { "," } else { "" };
                let indentation = python_text::indentation(line);
                for (index, text) in texts.iter().enumerate() {
                    draft.insert(last.line + 1 + index, format!("{indentation}{text}{comma}"));
                }
            }
        }
        let texts_of = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
        [texts_of(before), texts, texts_of(after)].concat()
    }

    /// What is between the last two words of a line, if it is short and plain.
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
    pub(super) fn comments_above(&self, line: usize) -> std::ops::Range<usize> {
        let above = self.reading.roles.get(..line).unwrap_or_default().iter().rev();
        let count = above
            .take_while(|role| matches!(role, Role::Blank | Role::Comment))
            .count();
        line - count..line
    }

    /// Removes words that are no networks, as they are written; words that are not listed are left as they are.
    ///
    /// # Errors
    /// [`EditRefusal`]; this document is unchanged.
    pub fn remove_words(&self, words: &[String]) -> Result<Edited, EditRefusal> {
        let mut document = self.clone();
        for text in words {
            while let Some(shorter) = document.without_one(|word| word.network().is_none() && word.text == *text)? {
                document = shorter;
            }
        }
        Ok(Edited::new(self, document, Vec::new()))
    }

    fn with_removed(&self, network: Network) -> Result<Self, EditRefusal> {
        let mut document = self.clone();
        while let Some(shorter) = document.without_one(|word| word.network() == Some(network))? {
            document = shorter;
        }
        if document.lines == self.lines {
            return Ok(document);
        }
        document.without_register_lines(network)?.without_marked_key()
    }

    fn without_one(&self, is_meant: impl Fn(&Word) -> bool) -> Result<Option<Self>, EditRefusal> {
        let words = self.ignoreip_words();
        let found = words.iter().position(is_meant);
        let (Some(option), Some(index)) = (self.ignoreip_option(), found) else {
            return Ok(None);
        };
        let mut draft = Draft::new(&self.lines);
        self.delete_word(&mut draft, option, &words, index);
        let mut expected: Vec<String> = words.into_iter().map(|word| word.text).collect();
        expected.remove(index);
        prove(self, draft, &Goal::Entries(Some(expected))).map(Some)
    }

    pub(super) fn delete_word(&self, draft: &mut Draft, option: &OptionReading, words: &[Word], index: usize) {
        let Some(word) = words.get(index) else {
            return;
        };
        let line = word.line;
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let before = before.filter(|before| before.line == line);
        let following = words.get(index + 1).filter(|following| following.line == line);
        let part = option.parts.iter().find(|part| part.line == line);
        let has_comment = part.is_some_and(|part| {
            let rest = self.line_text(line).get(part.span.end..).unwrap_or_default();
            !python_text::strip(rest).is_empty()
        });
        match (before, following, part) {
            (Some(before), _, _) => draft.splice(line, before.span.end, word.span.end, ""),
            (None, Some(following), _) => draft.splice(line, word.span.start, following.span.start, ""),
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

    fn require_not_hidden(&self, network: Network) -> Result<(), EditRefusal> {
        let mut seen = Vec::new();
        let words = self.ignoreip_words();
        match words
            .iter()
            .find_map(|word| self.hidden_behind(word, network, &mut seen))
        {
            None => Ok(()),
            Some(finding) => Err(EditRefusal::Hidden {
                network,
                finding: Box::new(finding),
            }),
        }
    }

    /// Where a key that `word` takes in lists the network, as far as this file tells; `seen` has the keys looked at.
    fn hidden_behind(&self, word: &Word, network: Network, seen: &mut Vec<usize>) -> Option<Diagnostic> {
        for name in entries::interpolated_names(&word.text) {
            let (section, key) = name.split_once('/').unwrap_or((DEFAULT, &name));
            let section = if section.eq_ignore_ascii_case(DEFAULT) {
                DEFAULT
            } else {
                section
            };
            let option = self
                .reading
                .option(section, key)
                .filter(|option| !seen.contains(&option.line));
            let Some(option) = option else {
                continue;
            };
            seen.push(option.line);
            for inner in entries::words(&self.lines, option, &self.reader) {
                if inner.network() == Some(network) {
                    let message = format!("`{}` is listed here, and ignoreip takes this key in", inner.text);
                    return Some(self.at_word(
                        &inner,
                        message,
                        "edit this key by hand, or list the entries in ignoreip",
                    ));
                }
                if let Some(finding) = self.hidden_behind(&inner, network, seen) {
                    return Some(finding);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
