//! A trial of log lines against regular expressions on a host: what is tried, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// The lines that are tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TrialLines {
    /// These, which travel to the host.
    Text {
        /// The bytes, as base64 in JSON.
        #[serde(serialize_with = "serialize_bytes")]
        text: Vec<u8>,
        /// What they are, for the report.
        name: String,
    },
    /// A log of the host.
    Log {
        /// Its absolute path there.
        log: String,
    },
    /// The logs that the jail reads.
    Own {
        /// What a filter by itself, which reads none, is tried on.
        usual_log: String,
    },
}

fn serialize_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    super::base64_bytes::serialize(&Some(bytes.to_vec()), serializer)
}

/// What came of a trial. Texts come from the host and its log, and are escaped where they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegexTrial {
    /// `jail` or `filter`.
    pub kind: Text,
    /// Its name.
    pub name: Text,
    /// What was tried: paths on the host, or what was sent there.
    pub source: Text,
    /// Whether only the end of a long log was read: its last 32 MiB.
    pub truncated: bool,
    /// The time of the first line that was read then, RFC 3339 by the host's zone; null where nothing was left out.
    #[serde(default)]
    pub horizon: Option<Text>,
    /// The encoding that the lines were read in.
    pub encoding: Text,
    /// The jail's own date pattern, if it has one.
    pub datepattern: Option<Text>,
    /// Lines that were tried; empty ones and comments are not.
    pub lines: u64,
    /// Lines that count as a failure.
    pub matched: u64,
    /// Lines that an `ignoreregex` took out, or that lead to no failure by themselves.
    pub ignored: u64,
    /// All other lines.
    pub missed: u64,
    /// The regular expressions in their order, with their matches; a line counts for the first that takes it.
    pub failregex: Vec<RegexCount>,
    /// The expressions that take lines out.
    pub ignoreregex: Vec<RegexCount>,
    /// The addresses with the most matches first, at most 1000.
    pub addresses: Vec<AddressCount>,
    /// How many addresses there are.
    pub address_count: u64,
    /// The most common shapes of missed lines, at most 20.
    pub missed_shapes: Vec<MissedShape>,
    /// How many shapes there are.
    pub shape_count: u64,
}

/// One regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegexCount {
    /// Its number in the filter, from 1.
    pub number: u64,
    /// Its text, as the configuration has it.
    pub regex: Text,
    /// Lines that it took.
    pub count: u64,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddressCount {
    /// The address.
    pub address: Text,
    /// Its matches.
    pub count: u64,
    /// The numbers of the expressions that found it.
    pub regexes: Vec<u64>,
}

/// Missed lines that differ in numbers, addresses and quoted words only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissedShape {
    /// The line with these replaced.
    pub shape: Text,
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub sample: Text,
}
