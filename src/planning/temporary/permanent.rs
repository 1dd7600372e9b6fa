//! Which entries jail.local gives for good: these are never taken out of a running jail with a temporary one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::network::Network;
use crate::model::observed::Observed;
use crate::planning::reading::jail_local;
use crate::planning::refusal::Refusal;

/// The entries of jail.local, in fail2ban's spelling.
#[derive(Debug, Default)]
pub struct Permanent {
    default: BTreeSet<String>,
    own: BTreeMap<String, BTreeSet<String>>,
}

impl Permanent {
    /// Reads them.
    ///
    /// # Errors
    /// A precondition's refusal if jail.local cannot be read.
    pub fn of(observed: &Observed) -> Result<Self, Refusal> {
        let document = jail_local(observed)?;
        let entries = document.ignoreip().map(|list| list.entries).unwrap_or_default();
        let networks = entries.iter().filter_map(|entry| entry.network());
        let own = document.own_ignoreip_sections().into_iter().map(|section| {
            let value = document.value(&section, "ignoreip").unwrap_or_default();
            let words = value.split([' ', ',', '\t', '\n']);
            let parsed = words.filter_map(|word| Network::parse(word).ok());
            let shown = parsed.map(|parsed| parsed.network.shown_by_fail2ban()).collect();
            (section, shown)
        });
        Ok(Self {
            own: own.collect(),
            default: networks.map(|network| network.shown_by_fail2ban()).collect(),
        })
    }

    /// Whether the file gives an entry to a jail, whose own list replaces that of `[DEFAULT]`.
    pub fn holds(&self, jail: &str, shown: &str) -> bool {
        self.own.get(jail).unwrap_or(&self.default).contains(shown)
    }

    /// Whether the file gives an entry to any jail.
    pub fn holds_anywhere(&self, shown: &str) -> bool {
        self.default.contains(shown) || self.own.values().any(|list| list.contains(shown))
    }
}
