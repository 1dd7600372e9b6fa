//! Text that may be in a register comment of jail.local, and how untrusted text is shown.
//!
//! Anything that could break a line, hide a character or shift a column is refused, never escaped: what the operator
//! typed is what the next reader of the file sees. This file knows characters only; the form of a register line is
//! `jail_local::register`'s.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest text of a comment field, in characters (project contract, Guard-rails).
pub const LONGEST_TEXT: usize = 120;

/// Why a text can't be in a register comment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left once outer spaces are gone.
    #[error("the {what} is empty; give at least one visible character")]
    Empty {
        /// Which text it is, for example `comment text`.
        what: &'static str,
    },
    /// More characters than [`LONGEST_TEXT`].
    #[error("the {what} has {length} characters, at most {LONGEST_TEXT} are allowed; shorten it")]
    TooLong {
        /// Which text it is.
        what: &'static str,
        /// How many characters it has.
        length: usize,
    },
    /// A character that isn't allowed.
    #[error("the {what} has {name} at character {position}, {why}; remove it")]
    Forbidden {
        /// Which text it is.
        what: &'static str,
        /// The character, in a form that is safe to print.
        name: String,
        /// Where it is: 1 is the first character.
        position: usize,
        /// What the character would do.
        why: &'static str,
    },
    /// A metadata key outside of `[a-z][a-z0-9_-]*`.
    #[error(
        "`{key}` can't be a metadata key; begin with a small letter and go on with small letters, digits, `_` or `-`"
    )]
    BadKey {
        /// The key, in a form that is safe to print.
        key: String,
    },
}

/// One line of text for a register comment: a customer's name or a note.
///
/// One line, no `|`, no control or bidirectional characters, 1 to [`LONGEST_TEXT`] characters, no outer white space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct CommentText(String);

impl CommentText {
    /// Takes `text` without its outer spaces.
    ///
    /// # Errors
    /// [`TextError`] when nothing is left, when it is too long, or for the first character that isn't allowed
    /// (positions count from the start of `text` as given).
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(text, "comment text", |_| None).map(|kept| Self(kept.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommentText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for CommentText {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(&text)
    }
}

impl From<CommentText> for String {
    fn from(text: CommentText) -> Self {
        text.0
    }
}

/// Checks the value of a `key=value` pair in a register comment: as [`CommentText`], and without any white space.
///
/// # Errors
/// [`TextError`], as for [`CommentText::new`].
pub fn check_metadata_value(value: &str) -> Result<(), TextError> {
    let spaces = |character: char| character.is_whitespace().then_some("which would end the value");
    checked(value, "metadata value", spaces).map(|_| ())
}

/// Checks the key of a `key=value` pair in a register comment: `[a-z][a-z0-9_-]*`, at most [`LONGEST_TEXT`] characters.
///
/// # Errors
/// [`TextError::BadKey`] or [`TextError::TooLong`].
pub fn check_metadata_key(key: &str) -> Result<(), TextError> {
    let mut characters = key.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on = characters.all(|character| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || matches!(character, '_' | '-')
    });
    if !begins || !goes_on {
        return Err(TextError::BadKey { key: escaped(key) });
    }
    if key.len() > LONGEST_TEXT {
        return Err(TextError::TooLong {
            what: "metadata key",
            length: key.len(),
        });
    }
    Ok(())
}

/// Shows untrusted text on one line: control, bidirectional and invisible characters become `\u{..}` escapes.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if hidden(character).is_some() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a character is one that [`escaped`] does not show as it is.
pub fn is_hidden(character: char) -> bool {
    hidden(character).is_some()
}

fn checked<'text>(
    text: &'text str,
    what: &'static str,
    also: impl Fn(char) -> Option<&'static str>,
) -> Result<&'text str, TextError> {
    for (index, character) in text.chars().enumerate() {
        let bar = (character == '|').then_some("which separates the fields of a register comment");
        if let Some(why) = hidden(character).or(bar).or_else(|| also(character)) {
            return Err(TextError::Forbidden {
                what,
                name: named(character),
                position: index + 1,
                why,
            });
        }
    }
    let kept = text.trim();
    if kept.is_empty() {
        return Err(TextError::Empty { what });
    }
    let length = kept.chars().count();
    if length > LONGEST_TEXT {
        return Err(TextError::TooLong { what, length });
    }
    Ok(kept)
}

/// Why a character can't be seen for what it is; joiners that Indian scripts need (U+200C, U+200D) are not among them.
fn hidden(character: char) -> Option<&'static str> {
    match character {
        '\u{2028}' | '\u{2029}' => Some("a line separator"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("which changes the direction of the text")
        }
        '\u{ad}'
        | '\u{200b}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some("which can't be seen"),
        _ if character.is_control() => Some("a control character"),
        _ => None,
    }
}

fn named(character: char) -> String {
    if hidden(character).is_some() || character.is_whitespace() {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_customers_pass_in_any_script() {
        for text in ["Blue Lotus Hotels", "होटल नील", "O'Neill & Söhne; 2nd = best #1", "x"] {
            assert_eq!(CommentText::new(text).unwrap().as_str(), text);
        }
        assert_eq!(CommentText::new("  padded ").unwrap().as_str(), "padded");
    }

    #[test]
    fn what_would_break_or_hide_is_refused_with_its_position() {
        for (text, name, position) in [
            ("a|b", "`|`", 2),
            ("a\nb", "U+000A", 2),
            ("ab\r", "U+000D", 3),
            ("\u{85}x", "U+0085", 1),
            ("é\u{2028}", "U+2028", 2),
            ("abc\u{202e}def", "U+202E", 4),
            ("\u{feff}a", "U+FEFF", 1),
            ("a\0", "U+0000", 2),
            ("a\tb", "U+0009", 2),
        ] {
            match CommentText::new(text) {
                Err(TextError::Forbidden {
                    name: found,
                    position: at,
                    ..
                }) => assert_eq!((found.as_str(), at), (name, position)),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        let longest = "é".repeat(LONGEST_TEXT);
        assert!(CommentText::new(&longest).is_ok());
        assert_eq!(
            CommentText::new(&format!("{longest}é")),
            Err(TextError::TooLong {
                what: "comment text",
                length: 121
            })
        );
        assert_eq!(CommentText::new("   "), Err(TextError::Empty { what: "comment text" }));
    }

    #[test]
    fn errors_say_what_where_and_what_to_do() {
        let message = CommentText::new("V7 | uplink").unwrap_err().to_string();
        assert_eq!(
            message,
            "the comment text has `|` at character 4, which separates the fields of a register comment; remove it"
        );
    }

    #[test]
    fn metadata_has_no_spaces_and_plain_keys() {
        assert!(check_metadata_value("OPS-412").is_ok());
        assert!(check_metadata_value("a=b;c#d").is_ok());
        for value in ["", "a b", "a\u{a0}b", "a|b", " a"] {
            assert!(check_metadata_value(value).is_err(), "{value:?}");
        }
        for key in ["by", "x-1_y"] {
            assert!(check_metadata_key(key).is_ok(), "{key:?}");
        }
        for key in ["", "1a", "By", "a b", "é", "a=b", "-a"] {
            assert!(check_metadata_key(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn escaping_leaves_nothing_that_moves_the_cursor() {
        assert_eq!(escaped("a\u{1b}[31mb\u{202e}\n"), "a\\u{1b}[31mb\\u{202e}\\n");
        assert_eq!(escaped("héllo"), "héllo");
    }

    #[test]
    fn json_is_a_checked_string() {
        let text: CommentText = serde_json::from_str("\"Blue Lotus\"").unwrap();
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"Blue Lotus\"");
        assert!(serde_json::from_str::<CommentText>("\"a|b\"").is_err());
    }
}
