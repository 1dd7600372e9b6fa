//! Setting keys and adding sections, for the procedures that tune jails.
//!
//! A value is replaced where it is; a new key goes after the last setting of its section, before blank lines and
//! comments that already belong to what follows.

use super::document::JailLocal;
use super::edit::{EditRefusal, Edited, Goal, prove};
use super::lines::Draft;
use super::python_text;
use super::reading::{OptionReading, SectionReading};

/// What a continuation line is indented by where the file has no example.
const CONTINUATION_INDENTATION: &str = "    ";

/// Whether fail2ban reads a value as true.
pub fn is_true(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "on" | "true" | "yes")
}

impl JailLocal {
    /// Sets `key` in `section` (which must be there) to `value`, whose lines are separated by `\n`. Setting the value
    /// that is there changes nothing; the comment after a value on the key's line stays.
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
            value,
        };
        let document = prove(self, draft, &goal)?;
        Ok(Edited::new(self, document, Vec::new()))
    }

    /// Adds an empty section at the end of the file, after a blank line.
    ///
    /// # Errors
    /// [`EditRefusal::SectionExists`], or [`EditRefusal::NotProven`] for a name that can't be a header. This document
    /// is unchanged.
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

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn document(text: &str) -> JailLocal {
        JailLocal::parse("jail.local", text.as_bytes(), &Reader::new("1.0.2")).unwrap()
    }

    fn set(text: &str, key: &str, value: &str) -> String {
        let edited = document(text).set("asterisk-scan", key, value).unwrap();
        String::from_utf8(edited.document.to_bytes()).unwrap()
    }

    #[test]
    fn a_value_is_replaced_where_it_stands() {
        for (before, after) in [
            ("MaxRetry =  50 ; runbook", "MaxRetry =  100 ; runbook"),
            ("maxretry:50", "maxretry:100"),
            ("maxretry =", "maxretry = 100"),
            ("maxretry =\n    50", "maxretry = 100"),
            ("maxretry = 5\n  # odd\n  0", "maxretry = 100\n  # odd"),
        ] {
            let file = |line: &str| format!("[asterisk-scan]\nenabled = true\r\n{line}\n\n[sshd]\nmaxretry = 3\n");
            assert_eq!(set(&file(before), "maxretry", "100"), file(after));
        }
    }

    #[test]
    fn a_new_key_goes_behind_the_last_one() {
        assert_eq!(
            set(
                "[asterisk-scan]\n  enabled = true\n\n# ssh\n[sshd]\n",
                "FindTime",
                "3600"
            ),
            "[asterisk-scan]\n  enabled = true\n  findtime = 3600\n\n# ssh\n[sshd]\n"
        );
        assert_eq!(
            set("[asterisk-scan]", "action", "a\nb"),
            "[asterisk-scan]\naction = a\n    b"
        );
        assert_eq!(
            set("[asterisk-scan]\n  [sshd]\n", "maxretry", "50"),
            "[asterisk-scan]\n  maxretry = 50\n  [sshd]\n"
        );
    }

    #[test]
    fn values_of_several_lines_keep_their_indentation() {
        assert_eq!(
            set(
                "[asterisk-scan]\naction = a\n         b\n         c\nx = 1\n",
                "action",
                "d\n\ne"
            ),
            "[asterisk-scan]\naction = d\n\n         e\nx = 1\n"
        );
    }

    #[test]
    fn what_python_would_not_read_back_is_refused() {
        let start = document("[asterisk-scan]\nmaxretry = 50\n");
        for value in ["1 ; 2", " 1", "1\n# 2", "1\n", "1\r2"] {
            let refusal = start.set("asterisk-scan", "maxretry", value).unwrap_err();
            assert!(matches!(refusal, EditRefusal::NotProven { .. }), "{value:?}");
        }
        for key in ["", "a=b", "#a", "[a]", "a\nb"] {
            assert!(start.set("asterisk-scan", key, "1").is_err(), "{key:?}");
        }
        assert_eq!(
            start.set("sshd", "a", "1"),
            Err(EditRefusal::NoSection("sshd".to_owned()))
        );
        assert!(!start.set("asterisk-scan", "maxretry", "50").unwrap().changed);
    }

    #[test]
    fn sections_go_to_the_end() {
        for (before, after) in [
            ("", "[recidive]\n"),
            ("[a]\nb = 1\n", "[a]\nb = 1\n\n[recidive]\n"),
            ("[a]\nb = 1", "[a]\nb = 1\n\n[recidive]"),
            ("[a]\r\n\r\n", "[a]\r\n\r\n[recidive]\r\n"),
        ] {
            let edited = document(before).add_section("recidive").unwrap();
            assert_eq!(String::from_utf8(edited.document.to_bytes()).unwrap(), after);
        }
        let start = document("[recidive]\n");
        assert_eq!(
            start.add_section("recidive"),
            Err(EditRefusal::SectionExists("recidive".to_owned()))
        );
        for name in ["", "a]b", "a\nb", "DEFAULT"] {
            assert!(start.add_section(name).is_err(), "{name:?}");
        }
    }
}
