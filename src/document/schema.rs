//! The version of the JSON form.

/// The version of the JSON form (contract, JSON: `schema`).
pub const SCHEMA: u32 = 1;
