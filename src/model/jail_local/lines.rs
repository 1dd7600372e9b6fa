//! A text as lines that keep their ends, so that joining them gives the same bytes.

use super::python_text;

/// One line and how it ends: `\n`, `\r\n`, `\r`, or nothing for a last line without an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) ending: &'static str,
}

/// Splits as Python's universal newlines do.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, ending, after) = next_line(rest);
        lines.push(Line {
            text: line.to_owned(),
            ending,
        });
        rest = after;
    }
    lines
}

fn next_line(text: &str) -> (&str, &'static str, &str) {
    let Some(end) = text.find(['\n', '\r']) else {
        return (text, "", "");
    };
    let (line, rest) = text.split_at(end);
    for ending in ["\r\n", "\n", "\r"] {
        if let Some(after) = rest.strip_prefix(ending) {
            return (line, ending, after);
        }
    }
    (line, "", rest)
}

/// The text again.
pub(super) fn join(lines: &[Line]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.text.as_str(), line.ending])
        .collect()
}

/// The lines of a file while they are edited. New lines take the end of the line above them (else of the one below),
/// and a file whose last line had no end goes on having none.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    lines: Vec<Line>,
    unfinished: bool,
}

impl Draft {
    pub(super) fn new(lines: &[Line]) -> Self {
        Self {
            lines: lines.to_vec(),
            unfinished: lines.last().is_some_and(|last| last.ending.is_empty()),
        }
    }

    /// Puts a line before the line that is now at `index`, or at the end.
    pub(super) fn insert(&mut self, index: usize, text: String) {
        let index = index.min(self.lines.len());
        let ending = self.ending_near(index);
        if let Some(above) = index.checked_sub(1).and_then(|above| self.lines.get_mut(above))
            && above.ending.is_empty()
        {
            above.ending = ending;
        }
        self.lines.insert(index, Line { text, ending });
    }

    /// Takes a line away; an index past the end is ignored.
    pub(super) fn remove(&mut self, index: usize) {
        if index < self.lines.len() {
            self.lines.remove(index);
        }
    }

    /// Replaces the bytes `start..end` of a line; a range that isn't there is ignored, and the proof then fails.
    pub(super) fn splice(&mut self, index: usize, start: usize, end: usize, text: &str) {
        if let Some(line) = self.lines.get_mut(index)
            && line.text.get(start..end).is_some()
        {
            line.text.replace_range(start..end, text);
        }
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The edited text.
    pub(super) fn into_text(mut self) -> String {
        if self.unfinished
            && let Some(last) = self.lines.last_mut()
        {
            last.ending = "";
        }
        join(&self.lines)
    }

    fn ending_near(&self, index: usize) -> &'static str {
        let above = self.lines.get(..index).unwrap_or_default().iter().rev();
        let below = self.lines.get(index..).unwrap_or_default().iter();
        above
            .chain(below)
            .map(|line| line.ending)
            .find(|ending| !ending.is_empty())
            .unwrap_or("\n")
    }
}

/// The column, from 1 and in characters, of byte `offset` in `text`.
pub(super) fn column_of(text: &str, offset: usize) -> usize {
    text.char_indices().take_while(|(index, _)| *index < offset).count() + 1
}

/// Whether the line is a comment as a whole.
pub(super) fn is_comment(text: &str) -> bool {
    python_text::strip(text).starts_with(['#', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_are_kept() {
        let lines = split("a\r\nb\rc\n\n\u{85}d\u{2028}e\u{b}");
        let parts: Vec<(&str, &str)> = lines.iter().map(|line| (line.text.as_str(), line.ending)).collect();
        assert_eq!(
            parts,
            [
                ("a", "\r\n"),
                ("b", "\r"),
                ("c", "\n"),
                ("", "\n"),
                ("\u{85}d\u{2028}e\u{b}", "")
            ]
        );
        assert!(split("").is_empty());
    }

    #[test]
    fn a_missing_last_end_stays_missing() {
        let mut draft = Draft::new(&split("a\r\nb"));
        draft.insert(2, "c".to_owned());
        assert_eq!(draft.clone().into_text(), "a\r\nb\r\nc");
        draft.remove(2);
        assert_eq!(draft.into_text(), "a\r\nb");
        let mut draft = Draft::new(&split("only"));
        draft.insert(0, "top".to_owned());
        assert_eq!(draft.into_text(), "top\nonly");
        let mut draft = Draft::new(&split(""));
        draft.insert(0, "new".to_owned());
        assert_eq!(draft.into_text(), "new\n");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(
            (column_of("éab", 0), column_of("éab", 2), column_of("éab", 4)),
            (1, 2, 4)
        );
    }

    proptest! {
        #[test]
        fn join_undoes_split(text in "[a\r\n\u{85} ]{0,20}") {
            prop_assert_eq!(join(&split(&text)), text);
        }
    }
}
