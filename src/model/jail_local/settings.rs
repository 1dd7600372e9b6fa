//! Setting and unsetting keys and adding sections, for the procedures that tune jails.
//!
//! A value is replaced where it stands; a new key goes behind the last setting of its section, before blank lines and
//! comments that already belong to what follows.

use super::document::JailLocal;
use super::edit::{EditRefusal, Edited, Goal, prove};
use super::lines::Draft;
use super::python_text;
use super::reading::{OptionReading, SectionReading};

/// What a continuation line is indented by where the file has no example.
const CONTINUATION_INDENTATION: &str = "    ";

impl JailLocal {
    /// Sets `key` in `section` (which must be there) to `value`, whose lines are separated by `\n`. Setting the value
    /// that is there changes nothing; the comment behind a value on the key's line stays.
    ///
    /// # Errors
    /// [`EditRefusal::NoSection`], or [`EditRefusal::NotProven`] if Python would not read this value back, for example
    /// one with ` ;` in it. This document is unchanged.
    pub fn set(&self, section: &str, key: &str, value: &str) -> Result<Edited, EditRefusal> {
        let key = python_text::option_name(key);
        let Some(found) = self.reading.section(section) else {
            return Err(EditRefusal::NoSection(super::super::comment_text::escaped(section)));
        };
        let mut draft = Draft::new(&self.lines);
        match found.options.iter().find(|option| option.key == key) {
            Some(option) if option.value == value => {
                return Ok(Edited::new(self, self.clone(), Vec::new()));
            }
            Some(option) => self.replace_value(&mut draft, option, value),
            None => self.append_key(&mut draft, found, &key, value),
        }
        let goal = Goal::Value {
            section,
            key: &key,
            value: Some(value),
        };
        let document = prove(self, draft, &goal)?;
        Ok(Edited::new(self, document, Vec::new()))
    }

    /// Takes `key` out of `section`, with the lines of its value; comments between them stay. A key that isn't there is
    /// no change.
    ///
    /// # Errors
    /// [`EditRefusal::NotProven`]; this document is unchanged.
    pub fn unset(&self, section: &str, key: &str) -> Result<Edited, EditRefusal> {
        let key = python_text::option_name(key);
        let Some(option) = self.reading.option(section, &key) else {
            return Ok(Edited::new(self, self.clone(), Vec::new()));
        };
        let mut draft = Draft::new(&self.lines);
        remove_continuations(&mut draft, option);
        draft.remove(option.line);
        let goal = Goal::Value {
            section,
            key: &key,
            value: None,
        };
        let document = prove(self, draft, &goal)?;
        Ok(Edited::new(self, document, Vec::new()))
    }

    /// Adds an empty section at the end of the file, behind a blank line.
    ///
    /// # Errors
    /// [`EditRefusal::SectionExists`], or [`EditRefusal::NotProven`] for a name that can't be a header. This document is
    /// unchanged.
    pub fn add_section(&self, name: &str) -> Result<Edited, EditRefusal> {
        if self.reading.section(name).is_some() {
            return Err(EditRefusal::SectionExists(super::super::comment_text::escaped(name)));
        }
        let mut draft = Draft::new(&self.lines);
        let blank_above = self
            .lines
            .last()
            .is_none_or(|last| python_text::strip(&last.text).is_empty());
        if !blank_above {
            draft.insert(draft.len(), String::new());
        }
        draft.insert(draft.len(), format!("[{name}]"));
        let document = prove(self, draft, &Goal::Section(name))?;
        Ok(Edited::new(self, document, Vec::new()))
    }

    fn replace_value(&self, draft: &mut Draft, option: &OptionReading, value: &str) {
        let sample = option.parts.iter().skip(1).find(|part| !part.span.is_empty());
        let key_indentation = python_text::indentation(self.line_text(option.line));
        let indentation = sample.map_or_else(
            || format!("{key_indentation}{CONTINUATION_INDENTATION}"),
            |part| python_text::indentation(self.line_text(part.line)).to_owned(),
        );
        remove_continuations(draft, option);
        let mut pieces = value.split('\n');
        let first = pieces.next().unwrap_or_default();
        self.replace_first_piece(draft, option, first);
        for (offset, piece) in pieces.enumerate() {
            draft.insert(option.line + 1 + offset, continuation(&indentation, piece));
        }
    }

    fn replace_first_piece(&self, draft: &mut Draft, option: &OptionReading, first: &str) {
        let Some(part) = option.parts.first() else {
            return;
        };
        let after = option.after_delimiter;
        if part.span.is_empty() && first.is_empty() {
            return;
        }
        if first.is_empty() {
            draft.splice(option.line, after, part.span.end, "");
        } else if part.span.is_empty() {
            draft.splice(option.line, after, after, &format!(" {first}"));
        } else {
            draft.splice(option.line, part.span.start, part.span.end, first);
        }
    }

    fn append_key(&self, draft: &mut Draft, section: &SectionReading, key: &str, value: &str) {
        let header = section.headers.last().copied().unwrap_or_default();
        let last = section.options.last().filter(|option| option.line > header);
        let index = last.map_or(header, OptionReading::last_line) + 1;
        // A line is read as a key of its own only if it is no deeper than the one above and no shallower than the next.
        let model = last
            .map(|option| option.line)
            .or_else(|| self.reading.next_significant(index));
        let indentation = model.map_or("", |line| python_text::indentation(self.line_text(line)));
        let mut pieces = value.split('\n');
        let first = pieces.next().unwrap_or_default();
        let space = if first.is_empty() { "" } else { " " };
        draft.insert(index, format!("{indentation}{key} ={space}{first}"));
        let deeper = format!("{indentation}{CONTINUATION_INDENTATION}");
        for (offset, piece) in pieces.enumerate() {
            draft.insert(index + 1 + offset, continuation(&deeper, piece));
        }
    }
}

fn continuation(indentation: &str, piece: &str) -> String {
    if piece.is_empty() {
        String::new()
    } else {
        format!("{indentation}{piece}")
    }
}

/// Removes the lines below the key's that carry some of the value, and blank lines between them.
fn remove_continuations(draft: &mut Draft, option: &OptionReading) {
    let last = option.last_line();
    let inside = option.parts.iter().skip(1).filter(|part| part.line <= last);
    for part in inside.rev() {
        draft.remove(part.line);
    }
}
