//! The difference of the files of a plan on the screen: a file that is new or goes as a whole is one line, unless
//! everything is wanted; of every other file all lines that the difference has.

use std::iter::Peekable;
use std::str::Lines;

use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{BAD, FAINT, GOOD, styled};

/// The lines of a unified difference.
pub fn lines(text: &str, page: &Page) -> Vec<String> {
    let files = if page.verbose { None } else { files(text) };
    let Some(files) = files else {
        return text.lines().map(coloured).collect();
    };
    let mut shown: Vec<String> = files.iter().flat_map(File::lines).collect();
    if files.iter().any(|file| file.as_a_whole().is_some()) {
        shown.push(styled(FAINT, "(--verbose shows new and deleted files in full)"));
    }
    shown
}

/// One file's part of a difference.
struct File<'text> {
    before: &'text str,
    after: &'text str,
    hunks: Vec<&'text str>,
}

impl File<'_> {
    /// The sentence of a file that is new or goes as a whole.
    fn as_a_whole(&self) -> Option<String> {
        let count = |sign| self.hunks.iter().filter(|line| line.starts_with(sign)).count();
        let heading = |what: &str, path: &str, lines| format!("{what} file {}, {lines} lines", escaped(path));
        match (self.before, self.after) {
            ("--- /dev/null", after) => {
                let path = after.strip_prefix("+++ b/")?;
                Some(styled(GOOD, &heading("new", path, count('+'))))
            }
            (before, "+++ /dev/null") => {
                let path = before.strip_prefix("--- a/")?;
                Some(styled(BAD, &heading("deleted", path, count('-'))))
            }
            _ => None,
        }
    }

    fn lines(&self) -> Vec<String> {
        if let Some(sentence) = self.as_a_whole() {
            return vec![sentence];
        }
        let all = [self.before, self.after].into_iter().chain(self.hunks.iter().copied());
        all.map(coloured).collect()
    }
}

/// The files of a difference; none if it does not read as one. How long each hunk is says its heading, since a line of a
/// file may look like a heading.
fn files(text: &str) -> Option<Vec<File<'_>>> {
    let mut lines = text.lines().peekable();
    let mut found = Vec::new();
    while let Some(before) = lines.next() {
        let after = lines.next().filter(|line| line.starts_with("+++ "))?;
        let before = Some(before).filter(|line| line.starts_with("--- "))?;
        let mut hunks = Vec::new();
        while let Some(heading) = lines.next_if(|line| line.starts_with("@@ ")) {
            hunks.push(heading);
            hunks.extend(hunk(heading, &mut lines)?);
        }
        found.push(File { before, after, hunks });
    }
    Some(found)
}

/// The lines under a hunk's heading, as many as it says.
fn hunk<'text>(heading: &str, lines: &mut Peekable<Lines<'text>>) -> Option<Vec<&'text str>> {
    let mut counts = heading.split(' ').skip(1).map(length);
    let (mut old, mut new) = (counts.next()??, counts.next()??);
    let mut found = Vec::new();
    while old > 0 || new > 0 {
        let line = lines.next()?;
        match line.chars().next() {
            Some('-') => old = old.checked_sub(1)?,
            Some('+') => new = new.checked_sub(1)?,
            Some('\\') => {}
            _ => (old, new) = (old.checked_sub(1)?, new.checked_sub(1)?),
        }
        found.push(line);
    }
    found.extend(lines.next_if(|line| line.starts_with('\\')));
    Some(found)
}

/// The length in `-3,7`; it is 1 where it is left out.
fn length(range: &str) -> Option<usize> {
    match range.split_once(',') {
        Some((_, length)) => length.parse().ok(),
        None => Some(1),
    }
}

fn coloured(line: &str) -> String {
    let safe = escaped(line);
    match line.chars().next() {
        Some('+') => styled(GOOD, &safe),
        Some('-') => styled(BAD, &safe),
        Some(' ' | '@' | '\\') => safe,
        // The rest of a line that a path with a line end has broken.
        _ => format!("  {safe}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFFERENCE: &str = "--- a/jail.local\n+++ b/jail.local\n@@ -1 +1,2 @@\n-# a\n+# b\n+# c\n\
                              --- /dev/null\n+++ b/filter.d/x.local\n@@ -0,0 +1,3 @@\n+[Definition]\n+-- /dev/null\n+++ b/y\n\\ No newline at end of file\n\
                              --- a/filter.d/z.local\n+++ /dev/null\n@@ -1,2 +0,0 @@\n--- /dev/null\n-b\n";

    fn shown(text: &str, page: &Page) -> Vec<String> {
        let plain = |line: &String| anstream::adapter::strip_str(line).to_string();
        lines(text, page).iter().map(plain).collect()
    }

    #[test]
    fn whole_files_are_a_line_each_whatever_their_lines_look_like() {
        assert_eq!(
            shown(DIFFERENCE, &Page::ENDLESS),
            [
                "--- a/jail.local",
                "+++ b/jail.local",
                "@@ -1 +1,2 @@",
                "-# a",
                "+# b",
                "+# c",
                "new file filter.d/x.local, 3 lines",
                "deleted file filter.d/z.local, 2 lines",
                "(--verbose shows new and deleted files in full)",
            ]
        );
    }

    #[test]
    fn everything_is_shown_where_it_is_wanted_or_cannot_be_read() {
        let all: Vec<&str> = DIFFERENCE.lines().collect();
        assert_eq!(shown(DIFFERENCE, &Page::ENDLESS.whole()), all);
        let cut = DIFFERENCE.replace("+1,3", "+1,30");
        assert_eq!(shown(&cut, &Page::ENDLESS), cut.lines().collect::<Vec<_>>());
    }
}
