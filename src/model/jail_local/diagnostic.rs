//! A finding in a file: where it is, what it is and what to do, shown with its line and a caret.
//!
//! The text of the line is untrusted: it is kept as it is and escaped when it is shown.

use std::fmt;

use serde::Serialize;

use super::super::comment_text::escaped;

/// How the lines of a message begin that cite a file: the place, the cited line with its caret, the cure. A message has
/// no other line ends, so that what shows it can escape every line end that came with cited text.
pub const MARGINS: [&str; 3] = ["  --> ", "  | ", "  = "];

/// How many characters of a long line are shown around the caret.
const SHOWN_WIDTH: usize = 120;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// The line, from 1; lines end at `\n`, `\r\n` or `\r`, as in Python.
    pub line: usize,
    /// The column in characters (not bytes), from 1.
    pub column: usize,
}

/// One finding in one file. `Display` is several lines without a final line end:
///
/// ```text
/// /etc/fail2ban/jail.local:3:14: `Acme` is not an address
///   | ignoreip = # Acme
///   |              ^
///   = put the comment on a line of its own
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The file, as it was named to the reader.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line itself, unescaped; bytes that are not UTF-8 are replaced by U+FFFD.
    pub line_text: String,
    /// What is wrong, as a lower-case clause, safe to print.
    pub message: String,
    /// What to do, as a lower-case clause, safe to print.
    pub cure: String,
}

impl Diagnostic {
    /// Where it is.
    pub fn position(&self) -> Position {
        Position {
            line: self.line,
            column: self.column,
        }
    }

    /// The part of the line that is shown, escaped, and how many characters are before the caret.
    fn excerpt(&self) -> (String, usize) {
        let target = self.column.saturating_sub(1);
        let skipped = target.saturating_sub(SHOWN_WIDTH / 2);
        let before: String = self.line_text.chars().skip(skipped).take(target - skipped).collect();
        let after: String = self.line_text.chars().skip(target).take(SHOWN_WIDTH / 2).collect();
        let dots = if skipped > 0 { "…" } else { "" };
        let shown_before = format!("{dots}{}", escaped(&before));
        let caret = shown_before.chars().count();
        (format!("{shown_before}{}", escaped(&after)), caret)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (excerpt, caret) = self.excerpt();
        writeln!(
            formatter,
            "{}:{}:{}: {}",
            escaped(&self.path),
            self.line,
            self.column,
            self.message
        )?;
        writeln!(formatter, "  | {excerpt}")?;
        writeln!(formatter, "  | {:caret$}^", "")?;
        write!(formatter, "  = {}", self.cure)
    }
}

/// Findings as they are below the sentence of a message.
pub fn cited<'findings>(findings: impl IntoIterator<Item = &'findings Diagnostic>) -> String {
    let places = findings.into_iter().map(|finding| format!("\n  --> {finding}"));
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(line_text: &str, column: usize) -> Diagnostic {
        Diagnostic {
            path: "/etc/fail2ban/jail.local".to_owned(),
            line: 3,
            column,
            line_text: line_text.to_owned(),
            message: "`Acme` is not an address".to_owned(),
            cure: "put the comment on a line of its own".to_owned(),
        }
    }

    #[test]
    fn points_at_the_character() {
        assert_eq!(
            diagnostic("ignoreip = # Acme", 14).to_string(),
            "/etc/fail2ban/jail.local:3:14: `Acme` is not an address\n\
             \x20 | ignoreip = # Acme\n\
             \x20 |              ^\n\
             \x20 = put the comment on a line of its own"
        );
    }

    #[test]
    fn escapes_and_still_points_right() {
        let shown = diagnostic("a\t\u{1b}[2Jxé!", 7).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1], "  | a\\t\\u{1b}[2Jxé!");
        assert_eq!(
            lines[1].chars().position(|c| c == 'x'),
            Some(lines[2].chars().count() - 1)
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let shown = diagnostic(&format!("{}X{}", "a".repeat(5000), "b".repeat(5000)), 5001).to_string();
        assert!(shown.len() < 400);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[1].chars().position(|c| c == 'X'),
            Some(lines[2].chars().count() - 1)
        );
    }

    #[test]
    fn a_column_past_the_end_is_harmless() {
        assert!(diagnostic("", 9).to_string().contains(":3:9:"));
    }
}
