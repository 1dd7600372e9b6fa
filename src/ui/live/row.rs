//! One row of a part: its cells, and what it is about.

use crate::model::network::Network;

/// How much a row is put forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Something is wrong, or somebody is blocked.
    Bad,
    /// Worth a look.
    Attention,
    /// It got better.
    Good,
    /// Neither.
    Plain,
    /// It goes on all the time.
    Faint,
}

/// A row: its cells, how much it is put forward, and the address that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// By what it is known in its part, wherever it stands.
    pub key: String,
    /// The cells, in the order of the part's columns.
    pub cells: Vec<String>,
    /// How much it is put forward.
    pub weight: Weight,
    /// The address or network.
    pub ip: Option<Network>,
}

impl Row {
    /// A row of these cells.
    pub fn new(key: String, weight: Weight, ip: Option<Network>, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            key,
            cells: cells.into_iter().collect(),
            weight,
            ip,
        }
    }

    /// All of it, for the filter.
    pub fn text(&self) -> String {
        self.cells.join(" ")
    }
}
