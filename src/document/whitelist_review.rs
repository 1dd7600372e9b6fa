//! What `whitelist review` answers: who of the whitelisted attacks, comes near a ban, has moved, is silent or shares an address.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::{Advice, Severity};
use crate::model::text::Text;

/// Declares every code once: the value, its word in JSON, and what it means.
macro_rules! codes {
    ($($name:ident => $word:literal, $meaning:literal;)*) => {
        /// What was found about somebody, as a stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ReviewCode {
            $(#[doc = $meaning] $name,)*
        }

        impl ReviewCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word, e.g. `near_miss`.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What it means, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

codes! {
    WhitelistedAttacking => "whitelisted_attacking", "But for its whitelist a jail would have banned it, and an account of it fails without ever getting in.";
    FailuresThenSuccess => "failures_then_success", "An address outside the whitelist failed several times with an account and then got in, while a customer's network still uses that account.";
    SharedAddress => "shared_address", "One address carries the accounts of two customers, or of a customer and somebody who looks for accounts.";
    MovedUplink => "moved_uplink", "Most accounts of a customer register from a new network, and the whitelisted one is silent.";
    NearMiss => "near_miss", "A customer, or an address with several accounts that get in, came to 60 % of a ban or more.";
    StaleEntry => "stale_entry", "A whitelisted network was not seen for 90 days, all of which were looked at.";
}

impl Serialize for ReviewCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl JsonSchema for ReviewCode {
    fn schema_name() -> Cow<'static, str> {
        "ReviewCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Self::ALL.iter().map(|code| code.word()).collect();
        json_schema!({"type": "string", "enum": words})
    }
}

/// What `whitelist review` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WhitelistReview {
    /// From when on nothing is missing of fail2ban's action log, RFC 3339 by the host's zone.
    pub bans_from: Option<String>,
    /// From when on nothing is missing of Asterisk's log.
    pub accounts_from: Option<String>,
    /// What is missing, as sentences.
    pub gaps: Vec<Text>,
    /// What was found, what matters most first.
    pub findings: Vec<ReviewFinding>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewFinding {
    /// What.
    pub code: ReviewCode,
    /// How much it matters.
    pub severity: Severity,
    /// The address or network.
    pub subject: Text,
    /// The customer.
    pub customer: Option<Text>,
    /// What it is, with its numbers, as a sentence.
    pub message: Text,
    /// What to do.
    pub next: Advice,
}
