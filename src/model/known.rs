//! A fact that was read from a host, or the reason why it could not be. No read fails in silence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Either the value that was read, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Known<T> {
    /// The fact as the host gave it.
    Value {
        /// What was read.
        value: T,
    },
    /// The fact could not be read.
    Unknown {
        /// Why, in the words of the host.
        unknown: String,
        /// What kind of reason it is.
        #[serde(default)]
        kind: Cause,
    },
}

/// Why a fact is unknown, as far as it decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The host was not asked.
    NotAsked,
    /// The login may not read it.
    Permission,
    /// It does not exist.
    Missing,
    /// Anything else; the reason says what.
    #[default]
    #[serde(other)]
    Other,
}

impl<T> Known<T> {
    /// Wraps a fact that is known.
    pub fn of(value: T) -> Self {
        Known::Value { value }
    }

    /// The fact, if it could be read.
    pub fn value(&self) -> Option<&T> {
        match self {
            Known::Value { value } => Some(value),
            Known::Unknown { .. } => None,
        }
    }

    /// The fact, or the reason why there is none.
    ///
    /// # Errors
    /// The reason, as the host gave it.
    pub fn read(&self) -> Result<&T, &str> {
        match self {
            Known::Value { value } => Ok(value),
            Known::Unknown { unknown, .. } => Err(unknown),
        }
    }

    /// The reason why the fact is unknown.
    pub fn reason(&self) -> Option<&str> {
        self.read().err()
    }

    /// The kind of reason why the fact is unknown.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Known::Value { .. } => None,
            Known::Unknown { kind, .. } => Some(*kind),
        }
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Known::Unknown {
            unknown: "the host was not asked".to_owned(),
            kind: Cause::NotAsked,
        }
    }
}
