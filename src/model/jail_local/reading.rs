//! Python's configparser as a state machine over lines: which line means what, and the raw value of each option.
//!
//! The settings are fail2ban's: `;` begins a comment also after white space, `#` only at the start of a line, values go
//! on over deeper indented lines, empty lines belong to values, an option or section may not come twice. Interpolation
//! isn't done here; values are raw. `tests/jail_local_oracle.rs` compares all of this with Python itself.

use std::ops::Range;

use super::lines::{self, Line};
use super::python_text;

/// The section that all others fall back to.
pub(super) const DEFAULT: &str = "DEFAULT";

/// What a line is for the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Blank,
    Comment,
    Header,
    Key,
    Continuation,
}

/// The piece of a value that is on one line: its bytes within the line, without outer white space and comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) line: usize,
    pub(super) span: Range<usize>,
}

/// One option with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OptionReading {
    /// The name in small letters.
    pub(super) key: String,
    /// The index of the line with the name.
    pub(super) line: usize,
    /// Where the name is in its line.
    pub(super) key_span: Range<usize>,
    /// The byte after the delimiter in that line.
    pub(super) after_delimiter: usize,
    /// The value's pieces, empty lines included; the first is on the line with the name.
    pub(super) parts: Vec<Part>,
    /// The raw value, pieces joined by `\n`.
    pub(super) value: String,
}

impl OptionReading {
    /// The index of the last line that carries some of the value, or of the line with the name.
    pub(super) fn last_line(&self) -> usize {
        let last = self.parts.iter().rev().find(|part| !part.span.is_empty());
        last.map_or(self.line, |part| part.line)
    }
}

/// One section. `[DEFAULT]` may come several times; its options are then collected here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SectionReading {
    pub(super) name: String,
    /// The indices of its header lines.
    pub(super) headers: Vec<usize>,
    pub(super) options: Vec<OptionReading>,
}

/// A line that Python refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) offset: usize,
    pub(super) message: String,
    pub(super) cure: &'static str,
}

/// A whole file as Python reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) roles: Vec<Role>,
    pub(super) sections: Vec<SectionReading>,
}

impl Reading {
    pub(super) fn section(&self, name: &str) -> Option<&SectionReading> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(super) fn option(&self, section: &str, key: &str) -> Option<&OptionReading> {
        let options = &self.section(section)?.options;
        options.iter().find(|option| option.key == key)
    }

    /// The first line from `index` on that is neither blank nor a comment.
    pub(super) fn next_significant(&self, index: usize) -> Option<usize> {
        let rest = self.roles.get(index..)?;
        let found = rest
            .iter()
            .position(|role| !matches!(role, Role::Blank | Role::Comment))?;
        Some(index + found)
    }
}

/// Reads all lines.
///
/// # Errors
/// Every line that Python refuses; reading goes on after a line as Python's error collection does, except that nothing
/// is read after a line that is before the first section.
pub(super) fn read(lines: &[Line]) -> Result<Reading, Vec<Fault>> {
    let mut machine = Machine::default();
    for (index, line) in lines.iter().enumerate() {
        if !machine.take(index, &line.text) {
            break;
        }
    }
    if !machine.faults.is_empty() {
        return Err(machine.faults);
    }
    let mut reading = machine.reading;
    for option in reading.sections.iter_mut().flat_map(|section| &mut section.options) {
        option.value = joined(lines, &option.parts);
    }
    Ok(reading)
}

fn joined(lines: &[Line], parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().map(|part| part_text(lines, part)).collect();
    python_text::strip_end(&texts.join("\n")).to_owned()
}

/// The text of a part.
pub(super) fn part_text<'lines>(lines: &'lines [Line], part: &Part) -> &'lines str {
    lines
        .get(part.line)
        .and_then(|line| line.text.get(part.span.clone()))
        .unwrap_or_default()
}

#[derive(Default)]
struct Machine {
    reading: Reading,
    faults: Vec<Fault>,
    /// The section that is being read.
    section: Option<usize>,
    /// Whether the section has an option that a deeper line would continue.
    in_option: bool,
    /// The indentation, in characters, of the last header or option line.
    indentation: usize,
}

impl Machine {
    /// Takes one line; `false` ends the reading.
    fn take(&mut self, index: usize, text: &str) -> bool {
        let comment = comment_start(text);
        let end = comment.unwrap_or(text.len());
        let kept = text.get(..end).unwrap_or_default();
        let start = python_text::indentation(kept).len();
        let value = python_text::strip(kept);
        if value.is_empty() {
            self.take_empty(index, comment.is_some());
            return true;
        }
        let span = start..start + value.len();
        let indentation = python_text::indentation(text).chars().count();
        if self.in_option && indentation > self.indentation {
            self.reading.roles.push(Role::Continuation);
            self.append(Part { line: index, span });
            return true;
        }
        self.indentation = indentation;
        if let Some(name) = section_name(value) {
            if is_read_in_two_ways(value) {
                self.refuse(
                    index,
                    start,
                    "Python before 3.10 ends this section's name at the first `]`, later versions at the last",
                    "leave one `]` in the line, at the end of the name",
                );
            }
            self.reading.roles.push(Role::Header);
            self.open_section(index, name, start);
            return true;
        }
        self.reading.roles.push(Role::Key);
        self.take_option(index, text, span)
    }

    fn take_empty(&mut self, index: usize, has_comment: bool) {
        if has_comment {
            self.reading.roles.push(Role::Comment);
            return;
        }
        self.reading.roles.push(Role::Blank);
        if self.in_option {
            self.append(Part {
                line: index,
                span: 0..0,
            });
        }
    }

    fn append(&mut self, part: Part) {
        if let Some(option) = self.current_section().and_then(|section| section.options.last_mut()) {
            option.parts.push(part);
        }
    }

    fn current_section(&mut self) -> Option<&mut SectionReading> {
        self.reading.sections.get_mut(self.section?)
    }

    fn open_section(&mut self, index: usize, name: &str, offset: usize) {
        self.in_option = false;
        let known = self.reading.sections.iter().position(|section| section.name == name);
        if let Some(known) = known {
            self.section = Some(known);
            if name == DEFAULT {
                if let Some(section) = self.current_section() {
                    section.headers.push(index);
                }
                return;
            }
            self.faults.push(Fault {
                line: index,
                offset,
                message: "this section is in the file a second time, and fail2ban refuses the whole file".to_owned(),
                cure: "move its options to the first one and delete this header",
            });
            return;
        }
        self.section = Some(self.reading.sections.len());
        self.reading.sections.push(SectionReading {
            name: name.to_owned(),
            headers: vec![index],
            options: Vec::new(),
        });
    }

    fn take_option(&mut self, index: usize, text: &str, span: Range<usize>) -> bool {
        if self.section.is_none() {
            self.refuse(
                index,
                span.start,
                "this line is before the first [section], and fail2ban refuses the whole file",
                "put it below a section header such as [DEFAULT], or make it a comment with `#`",
            );
            return false;
        }
        let value = text.get(span.clone()).unwrap_or_default();
        let Some(delimiter) = value.find(['=', ':']) else {
            self.refuse(
                index,
                span.start,
                "this line has no `=`, and fail2ban refuses the whole file",
                "write `key = value`, indent it deeper if it continues the value above, or make it a comment with `#`",
            );
            return true;
        };
        let name = python_text::strip_end(value.get(..delimiter).unwrap_or_default());
        if name.is_empty() {
            self.refuse(
                index,
                span.start,
                "this line has no key before the delimiter, and fail2ban refuses the whole file",
                "write `key = value`, or make it a comment with `#`",
            );
            return true;
        }
        let after_delimiter = span.start + delimiter + 1;
        let rest = text.get(after_delimiter..span.end).unwrap_or_default();
        let start = after_delimiter + python_text::indentation(rest).len();
        let option = OptionReading {
            key: python_text::option_name(name),
            line: index,
            key_span: span.start..span.start + name.len(),
            after_delimiter,
            parts: vec![Part {
                line: index,
                span: start.min(span.end)..span.end,
            }],
            value: String::new(),
        };
        self.add_option(option);
        true
    }

    fn add_option(&mut self, option: OptionReading) {
        self.in_option = true;
        let Some(section) = self.current_section() else {
            return;
        };
        let twice = section.options.iter().any(|known| known.key == option.key);
        let (line, offset) = (option.line, option.key_span.start);
        section.options.push(option);
        if twice {
            self.refuse(
                line,
                offset,
                "this key is in the section a second time, and fail2ban refuses the whole file",
                "keep one of the two lines and delete the other",
            );
        }
    }

    fn refuse(&mut self, line: usize, offset: usize, message: &str, cure: &'static str) {
        self.faults.push(Fault {
            line,
            offset,
            message: message.to_owned(),
            cure,
        });
    }
}

/// The byte where the comment of a line begins: 0 for a line that is a comment, else a `;` at the start or after white
/// space.
fn comment_start(text: &str) -> Option<usize> {
    if lines::is_comment(text) {
        return Some(0);
    }
    let mut after_space = true;
    for (index, character) in text.char_indices() {
        if character == ';' && after_space {
            return Some(index);
        }
        after_space = python_text::is_space(character);
    }
    None
}

/// The name in `[name]`; anything may be after the last `]`, as in Python's regular expression.
fn section_name(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('[')?;
    let end = inner.rfind(']').filter(|end| *end > 0)?;
    inner.get(..end)
}

/// Whether the Pythons that fail2ban runs on disagree about a header: the regular expression for it changed in 3.10.
fn is_read_in_two_ways(value: &str) -> bool {
    value.find(']') != value.rfind(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String, String)> {
        let reading = read(&lines::split(text)).unwrap();
        let mut found = Vec::new();
        for section in reading.sections {
            for option in section.options {
                found.push((section.name.clone(), option.key, option.value));
            }
        }
        found
    }

    fn value_of(text: &str) -> String {
        values(text).pop().unwrap().2
    }

    #[test]
    fn values_continue_over_deeper_lines_comments_and_blanks() {
        let text = "[s]\nKey : a ; note\n# between\n  b\n\n   c\nother=\n";
        assert_eq!(
            values(text),
            [
                ("s".to_owned(), "key".to_owned(), "a\nb\n\nc".to_owned()),
                ("s".to_owned(), "other".to_owned(), String::new())
            ]
        );
    }

    #[test]
    fn what_begins_a_comment() {
        assert_eq!(value_of("[s]\nk = a # b\n"), "a # b");
        assert_eq!(value_of("[s]\nk = a;b ;c\n"), "a;b");
        assert_eq!(value_of("[s]\nk = a\u{a0};c\n"), "a");
        assert_eq!(value_of("[s]\nk = ;c\n"), "");
        assert_eq!(value_of("[s]\nk =;c\n"), ";c");
        assert_eq!(value_of("[s]\nk = 1\nrem = x\n"), "x");
    }

    #[test]
    fn headers_are_permissive() {
        let reading = read(&lines::split("[a b]c\n  [x]=1\n[DEFAULT]\n[DEFAULT]\nk=[v]\n")).unwrap();
        let names: Vec<&str> = reading.sections.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["a b", "x", "DEFAULT"]);
        assert_eq!(reading.section(DEFAULT).unwrap().headers, [2, 3]);
    }

    #[test]
    fn a_header_that_pythons_read_differently_is_refused() {
        for text in ["[[a]]\n", "[a]b]\n", "[]a]\n", "[a] x]\n"] {
            assert_eq!(read(&lines::split(text)).unwrap_err().len(), 1, "{text}");
        }
        assert!(read(&lines::split("[a] ; x]\n")).is_ok());
    }

    #[test]
    fn every_refused_line_is_named() {
        let faults = read(&lines::split("[s]\na = 1\nA = 2\nword\n= x\n[s]\n[]\n")).unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6]);
        assert_eq!(read(&lines::split("x = 1\ny = 2\n")).unwrap_err().len(), 1);
    }

    #[test]
    fn an_indented_header_behind_an_option_continues_it() {
        assert_eq!(value_of("[s]\nk = 1\n [t]\n"), "1\n[t]");
        assert_eq!(values("[s]\n  k = 1\n [t]\nj = 2\n").len(), 2);
    }
}
