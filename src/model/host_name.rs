//! A host as documents and records name it.

use schemars::JsonSchema;
use serde::Serialize;

/// A host by its name and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HostName {
    /// Its name in the configuration, or what was typed.
    pub name: String,
    /// Where it was reached.
    pub address: String,
}
