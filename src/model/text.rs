//! Text that others wrote, on its way to a person: its type can only be displayed escaped, so nobody can forget to.
//!
//! JSON carries the text as it is; a reader of JSON escapes for itself.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::comment_text::escaped;

/// One line of text: what could end the line, hide or steer a terminal is displayed as an escape.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

/// Text of several lines, such as a difference of files: as [`Text`], but its line ends are displayed as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prose(String);

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&escaped(&self.0))
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.split('\n').enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            formatter.write_str(&escaped(line))?;
        }
        Ok(())
    }
}

/// What both kinds have in common.
macro_rules! written_by_others {
    ($($name:ident),*) => {$(
        impl $name {
            /// The text as it was written, to be compared or parsed; what is displayed goes through `Display`.
            pub fn raw(&self) -> &str {
                &self.0
            }

            /// Whether there is no text.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl<Written: Into<String>> From<Written> for $name {
            fn from(text: Written) -> Self {
                Self(text.into())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    )*};
}

written_by_others!(Text, Prose);

/// Strings as texts.
pub fn texts(strings: impl IntoIterator<Item = impl Into<String>>) -> Vec<Text> {
    strings.into_iter().map(Text::from).collect()
}

/// Texts in one line.
pub fn joined(texts: &[Text]) -> String {
    texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_displayed_steers_nothing_and_json_has_it_as_it_was() {
        let text = Text::from("a\u{1b}[2J\nb");
        assert_eq!(text.to_string(), "a\\u{1b}[2J\\nb");
        assert_eq!(serde_json::to_string(&text).expect("JSON"), "\"a\\u001b[2J\\nb\"");
        assert_eq!(Prose::from("a\u{9b}\nb").to_string(), "a\\u{9b}\nb");
        assert_eq!(format!("{:<4}|", Text::from("ab")), "ab  |");
    }
}
