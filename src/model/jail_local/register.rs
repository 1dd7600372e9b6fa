//! The register of customers: one comment line for each entry of `ignoreip`.
//!
//! Written in one form, `# NETWORK | CUSTOMER | NOTE | key=value ...`, and read from what people make of it by hand:
//! other spacing, a missing note, missing or unknown metadata. A note is optional; where there is metadata but no note
//! its field stays empty, so that the fields keep their places.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::super::comment_text::{CommentText, TextError, check_metadata_key, check_metadata_value};
use super::super::network::Network;
use super::python_text;

/// The `key=value` pairs of a register line, in the order in which they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata(Vec<(String, String)>);

impl Metadata {
    /// No pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a pair, in its old place or at the end.
    ///
    /// # Errors
    /// [`TextError`] if the key is not `[a-z][a-z0-9_-]*` or the value has spaces, `|` or control characters.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), TextError> {
        check_metadata_key(key)?;
        check_metadata_value(value)?;
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// Takes a pair out and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let index = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(index).1)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(known, _)| known == key)?;
        Some(&pair.1)
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(formatter, "{space}{key}={value}")?;
        }
        Ok(())
    }
}

impl JsonSchema for Metadata {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, String>::json_schema(generator)
    }
}

impl Serialize for Metadata {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Reads a map of strings; a bad key or value is an error.
impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MetadataVisitor)
    }
}

struct MetadataVisitor;

impl<'de> Visitor<'de> for MetadataVisitor {
    type Value = Metadata;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of metadata keys and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut metadata = Metadata::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            metadata.set(&key, &value).map_err(A::Error::custom)?;
        }
        Ok(metadata)
    }
}

/// What is to be written about an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// The network that is whitelisted.
    pub network: Network,
    /// The customer's name.
    pub customer: CommentText,
    /// What else there is to say.
    pub note: Option<CommentText>,
    /// Who added it, when, until when.
    pub metadata: Metadata,
}

/// The register line in its one written form, without indentation and line end.
impl fmt::Display for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "# {} | {}", self.network, self.customer)?;
        match (&self.note, self.metadata.is_empty()) {
            (None, true) => Ok(()),
            (None, false) => write!(formatter, " | | {}", self.metadata),
            // Closed, so that it isn't taken for metadata when it is read.
            (Some(note), true) if read_pairs(note.as_str()).1.is_empty() => {
                write!(formatter, " | {note} |")
            }
            (Some(note), true) => write!(formatter, " | {note}"),
            (Some(note), false) => write!(formatter, " | {note} | {}", self.metadata),
        }
    }
}

/// A register line as it is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RegisterLine {
    /// What it says.
    #[serde(flatten)]
    pub registration: Registration,
    /// What is in the last field without being `key=value`; kept for reports, lost when the line is rewritten.
    pub unread: String,
    /// Its line, from 1.
    pub line: usize,
}

impl RegisterLine {
    /// Reads a comment line of a file; `None` if it is an ordinary comment.
    pub fn read(text: &str, line: usize) -> Option<Self> {
        let text = python_text::strip(text);
        let body = text.strip_prefix(['#', ';'])?.trim_start_matches(['#', ';']);
        let mut fields = body.split('|').map(python_text::strip);
        let network = Network::parse(fields.next()?).ok()?.network;
        let customer = CommentText::new(fields.next()?).ok()?;
        let rest: Vec<&str> = fields.collect();
        let (note, metadata, unread) = read_rest(&rest)?;
        Some(Self {
            registration: Registration {
                network,
                customer,
                note,
                metadata,
            },
            unread,
            line,
        })
    }
}

fn read_rest(fields: &[&str]) -> Option<(Option<CommentText>, Metadata, String)> {
    let (note, pairs) = match fields {
        [] => ("", String::new()),
        [only] if read_pairs(only).1.is_empty() => ("", (*only).to_owned()),
        [note, pairs @ ..] => (*note, pairs.join(" ")),
    };
    let (metadata, unread) = read_pairs(&pairs);
    let note = if note.is_empty() {
        None
    } else {
        Some(CommentText::new(note).ok()?)
    };
    Some((note, metadata, unread.join(" ")))
}

/// The pairs of a text and its other words; a key that comes again is one of the other words.
fn read_pairs(text: &str) -> (Metadata, Vec<&str>) {
    let mut metadata = Metadata::new();
    let mut others = Vec::new();
    for word in text.split(python_text::is_space).filter(|word| !word.is_empty()) {
        let pair = word.split_once('=').filter(|(key, _)| metadata.get(key).is_none());
        let taken = pair.is_some_and(|(key, value)| metadata.set(key, value).is_ok());
        if !taken {
            others.push(word);
        }
    }
    (metadata, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: &str = "# 203.0.113.0/28 | Blue Lotus Hotels | Primary uplink | \
                        by=ravi on=2026-11-22 ticket=OPS-412 review=2027-05-22 expires=2026-12-31";

    #[test]
    fn the_form_of_the_contract_reads_and_writes() {
        let read = RegisterLine::read(FULL, 7).unwrap();
        assert_eq!(read.registration.to_string(), FULL);
        assert_eq!(read.registration.customer.as_str(), "Blue Lotus Hotels");
        assert_eq!(read.registration.metadata.get("ticket"), Some("OPS-412"));
        assert_eq!((read.line, read.unread.as_str()), (7, ""));
    }

    #[test]
    fn hands_may_space_and_shorten_it() {
        for (text, canonical) in [
            ("#203.0.113.7/32|Acme", "# 203.0.113.7 | Acme"),
            ("  ## 203.0.113.7 |  Acme  |", "# 203.0.113.7 | Acme"),
            ("; 203.0.113.7 | Acme | old uplink", "# 203.0.113.7 | Acme | old uplink"),
            ("# 203.0.113.7 | Acme | by=x", "# 203.0.113.7 | Acme | | by=x"),
            ("# 203.0.113.7 | Acme | a=1 |", "# 203.0.113.7 | Acme | a=1 |"),
            (
                "# 203.0.113.7 | Acme | n | who=knows  b=2",
                "# 203.0.113.7 | Acme | n | who=knows b=2",
            ),
        ] {
            let read = RegisterLine::read(text, 1).unwrap();
            assert_eq!(read.registration.to_string(), canonical, "{text}");
        }
        let odd = RegisterLine::read("# 203.0.113.7 | Acme | n | by=x soon by=y | z", 1).unwrap();
        assert_eq!(odd.unread, "soon by=y z");
    }

    #[test]
    fn ordinary_comments_are_left_alone() {
        for text in [
            "# Acme | x",
            "# 203.0.113.0/28",
            "# 203.0.113.0/28 |",
            "# 203.0.113.0/28 Acme",
            "#",
            "# a\u{202e} | b",
        ] {
            assert_eq!(RegisterLine::read(text, 1), None, "{text}");
        }
    }

    #[test]
    fn json_reads_back_checked() {
        let read = RegisterLine::read(FULL, 1).unwrap().registration;
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Registration>(&json).unwrap(), read);
        for bad in [
            json.replace("\"by\"", "\"By\""),
            json.replace("ravi", "r|v"),
            json.replace("Blue", "B\\u202e"),
        ] {
            assert!(serde_json::from_str::<Registration>(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_flattens_the_registration() {
        let read = RegisterLine::read("# 203.0.113.7 | Acme | n | by=x on=y", 3).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"{"network":"203.0.113.7","customer":"Acme","note":"n","metadata":{"by":"x","on":"y"},"unread":"","line":3}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            customer in "[a-z=# ]{0,9}[a-zé][a-z=;# ]{0,9}",
            note in proptest::option::of("[a-z= ]{0,6}[a-z=][a-z= ]{0,6}"),
            pairs in proptest::collection::vec(("[a-z][a-z0-9_-]{0,4}", "[a-zA-Z0-9=;#-]{1,6}"), 0..4),
        ) {
            let mut metadata = Metadata::new();
            for (key, value) in &pairs {
                metadata.set(key, value).unwrap();
            }
            let registration = Registration {
                network: Network::parse("203.0.113.0/28").unwrap().network,
                customer: CommentText::new(&customer).unwrap(),
                note: note.map(|text| CommentText::new(&text).unwrap()),
                metadata,
            };
            let read = RegisterLine::read(&registration.to_string(), 1).unwrap();
            prop_assert_eq!(read.unread, "");
            prop_assert_eq!(read.registration, registration);
        }
    }
}
