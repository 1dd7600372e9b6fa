//! A place in the configuration file, for errors that point at the text.

use std::fmt;
use std::path::{Path, PathBuf};

/// Line and column of a mistake, with the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named.
    pub path: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1, in characters.
    pub column: usize,
    /// The text of that line, without its end.
    pub text: String,
}

impl Place {
    /// The place of byte `offset` of `source`; an offset after the end is the end.
    #[must_use]
    pub fn at(path: &Path, source: &str, offset: usize) -> Self {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let (before, after) = source.split_at(offset);
        let head = before.rsplit('\n').next().unwrap_or_default();
        let tail = after.split('\n').next().unwrap_or_default();
        Self {
            path: path.to_path_buf(),
            line: before.matches('\n').count() + 1,
            column: head.chars().count() + 1,
            text: format!("{head}{tail}").trim_end_matches('\r').to_owned(),
        }
    }

    /// The line and a caret below the column, as two lines of text.
    #[must_use]
    pub fn excerpt(&self) -> String {
        // A tab stays a tab in the padding, so that the caret is right at any tab width.
        let padding: String = self
            .text
            .chars()
            .take(self.column - 1)
            .map(|character| if character == '\t' { '\t' } else { ' ' })
            .collect();
        format!("{}\n{padding}^", self.text)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_and_points_below_them() {
        let place = Place::at(Path::new("c.toml"), "a = 1\r\n\té = tru\r\n", 10);
        assert_eq!(place.to_string(), "c.toml:2:3");
        assert_eq!(place.excerpt(), "\té = tru\n\t ^");
    }

    #[test]
    fn an_offset_behind_the_end_is_the_end() {
        assert_eq!(Place::at(Path::new("c"), "ab", 99).column, 3);
    }
}
