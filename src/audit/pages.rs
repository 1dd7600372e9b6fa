//! Lines out of pages: a log comes in pieces, oldest first or newest first, and a long line may be in several of them.

use std::sync::Arc;

/// The longest line that is kept, bytes. The rest of a longer one is dropped, so that it cannot be a record.
const LONGEST_LINE: usize = 32 * 1024 * 1024;

/// Lines from the oldest on, each with its file and its number there.
#[derive(Debug)]
pub struct Forward {
    file: Arc<str>,
    line: usize,
    begun: String,
}

impl Default for Forward {
    fn default() -> Self {
        Self {
            file: Arc::from(""),
            line: 0,
            begun: String::new(),
        }
    }
}

impl Forward {
    /// Takes the text of the next page; `continued` says that its only line goes on in the one after it.
    pub fn take(&mut self, file: &str, text: &str, continued: bool, mut each: impl FnMut(&Arc<str>, usize, &str)) {
        if *self.file != *file {
            self.file = Arc::from(file);
            self.line = 0;
        }
        if self.begun.len() < LONGEST_LINE {
            self.begun.push_str(text);
        }
        if continued {
            return;
        }
        for line in self.begun.lines() {
            self.line += 1;
            each(&self.file, self.line, line);
        }
        self.begun.clear();
    }
}

/// Lines from the newest on.
#[derive(Debug, Default)]
pub struct Backward {
    ended: String,
}

impl Backward {
    /// Takes the text of the next older page; `continued` says that its line begins in the one before it.
    pub fn take(&mut self, text: &str, continued: bool, mut each: impl FnMut(&str)) {
        if self.ended.len() < LONGEST_LINE {
            self.ended.insert_str(0, text);
        }
        if continued {
            return;
        }
        for line in self.ended.lines().rev() {
            each(line);
        }
        self.ended.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_in_their_file_and_joined_where_a_page_cut_them() {
        let mut lines = Forward::default();
        let mut found = Vec::new();
        let pages = [
            ("audit.jsonl.1", "a\nb\n", false),
            ("audit.jsonl.1", "lo", true),
            ("audit.jsonl.1", "ng\n", false),
            ("audit.jsonl", "c\nhalf", false),
        ];
        for (file, text, continued) in pages {
            lines.take(file, text, continued, |file, line, text| {
                found.push(format!("{file}:{line}:{text}"))
            });
        }
        let expected = [
            "audit.jsonl.1:1:a",
            "audit.jsonl.1:2:b",
            "audit.jsonl.1:3:long",
            "audit.jsonl:1:c",
            "audit.jsonl:2:half",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_newest_line_comes_first() {
        let mut lines = Backward::default();
        let mut found = Vec::new();
        for (text, continued) in [("d\nhalf", false), ("ng\n", true), ("lo", false), ("a\nb\n", false)] {
            lines.take(text, continued, |line| found.push(line.to_owned()));
        }
        assert_eq!(found, ["half", "d", "long", "b", "a"]);
    }
}
