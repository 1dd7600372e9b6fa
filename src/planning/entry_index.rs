//! The entries of jail.local's own list, asked by network: its customer, and what is around it.
//!
//! Built once for a change: a list may have thousands of entries, and an import asks as many questions.

use crate::document::{Warning, WarningCode};
use std::collections::{BTreeSet, HashMap};

use crate::model::comment_text::CommentText;
use crate::model::jail_local::{JailLocal, Registration};
use crate::model::network::Network;
use crate::model::spelling::nearest;

use super::refusal::Refusal;

/// The networks of the list in their order, each with what its register line says.
pub struct EntryIndex {
    entries: Vec<(Network, Option<Registration>)>,
    places: HashMap<Network, usize>,
}

impl EntryIndex {
    /// The index of a file; empty where it has no list.
    pub fn of(document: &JailLocal) -> Self {
        let entries = document.ignoreip().map(|list| list.entries).unwrap_or_default();
        let entries: Vec<_> = entries
            .into_iter()
            .filter_map(|entry| Some((entry.network()?, entry.register.map(|line| line.registration))))
            .collect();
        let mut places = HashMap::new();
        for (place, (network, _)) in entries.iter().enumerate() {
            places.entry(*network).or_insert(place);
        }
        Self { entries, places }
    }

    /// Whether the network is an entry as it is.
    pub fn lists(&self, network: &Network) -> bool {
        self.places.contains_key(network)
    }

    /// What the register line of an entry says; none for an undocumented entry and for no entry.
    pub fn registration(&self, network: &Network) -> Option<&Registration> {
        let place = self.places.get(network)?;
        self.entries.get(*place)?.1.as_ref()
    }

    /// The other customer to whom the entry of this line belongs until now.
    pub fn other_customer(&self, line: &Registration) -> Option<&CommentText> {
        let present = &self.registration(&line.network)?.customer;
        let is_other = present.as_str().to_lowercase() != line.customer.as_str().to_lowercase();
        is_other.then_some(present)
    }

    /// A warning for each line whose entry belongs to another customer until now.
    ///
    /// # Errors
    /// A guard-rail's refusal of the first one unless that is `allowed`: a slip in a network must not take it over.
    pub fn reassigned(&self, lines: &[Registration], allowed: bool) -> Result<Vec<Warning>, Refusal> {
        let mut found = Vec::new();
        for line in lines {
            let Some(before) = self.other_customer(line) else {
                continue;
            };
            let (network, after) = (&line.network, &line.customer);
            if !allowed {
                let message = format!("{network} belongs to {before} on the whitelist, and not to {after}");
                return Err(Refusal::guard_rail(message)
                    .hint(format!("check the network with {after}'s IT"))
                    .hint(format!(
                        "pass --reassign if the network has moved from {before} to {after}"
                    )));
            }
            let message = format!("{network} moves from {before} to {after}.");
            found.push(Warning::new(WarningCode::OtherCustomer, message));
        }
        Ok(found)
    }

    /// A customer who is new, with a name that is nearly another's: a slip would make two of one. Names that differ in
    /// their numbers are meant to.
    pub fn near_name(&self, given: &str) -> Option<Warning> {
        let lines = self.entries.iter().filter_map(|(_, line)| line.as_ref());
        let known: BTreeSet<&str> = lines.map(|line| line.customer.as_str()).collect();
        if known.contains(given) {
            return None;
        }
        let without_numbers = |name: &str| name.replace(|letter: char| letter.is_ascii_digit(), "");
        let slips = known.into_iter().filter(|name| {
            without_numbers(name) != without_numbers(given) || name.chars().count() != given.chars().count()
        });
        let other = nearest(given, slips)?;
        let message =
            format!("{given:?} is a new customer, and {other:?} is on the whitelist already. Did you mean that one?");
        Some(Warning::new(WarningCode::SimilarCustomer, message))
    }

    /// Entries that cover the network, or that it covers.
    pub fn neighbours(&self, network: &Network) -> Vec<Warning> {
        let mut found = Vec::new();
        for (other, line) in self.entries.iter().filter(|(other, _)| other != network) {
            let whose = || {
                line.as_ref()
                    .map_or_else(String::new, |line| format!(" ({})", line.customer))
            };
            if other.covers(network) {
                let message = format!("{network} is already covered by the entry {other}{}.", whose());
                found.push(Warning::new(WarningCode::CoveredBy, message));
            } else if network.covers(other) {
                let message = format!("{network} covers the entry {other}{}, which stays.", whose());
                found.push(Warning::new(WarningCode::Covers, message));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::jail_local::Reader;

    fn network(text: &str) -> Network {
        Network::parse(text).expect("a network").network
    }

    fn index(text: &str) -> EntryIndex {
        EntryIndex::of(&JailLocal::parse("jail.local", text.as_bytes(), &Reader::unknown()).expect("it is read"))
    }

    #[test]
    fn an_entry_of_another_customer_is_not_taken_over_without_consent() {
        let index = index("[DEFAULT]\n# 192.0.2.0/28 | Test Hotel | Primary\nignoreip = 192.0.2.0/28\n");
        let line = |customer: &str| {
            let present = index.registration(&network("192.0.2.0/28"));
            let mut line = present.expect("it is registered").clone();
            line.customer = CommentText::new(customer).expect("a name");
            [line]
        };
        assert_eq!(index.reassigned(&line("TEST Hotel"), false).expect("the same"), []);
        let refusal = index.reassigned(&line("Other Inn"), false).expect_err("another's");
        assert_eq!(
            refusal.message,
            "192.0.2.0/28 belongs to Test Hotel on the whitelist, and not to Other Inn"
        );
        let allowed = index.reassigned(&line("Other Inn"), true).expect("it is allowed");
        let messages: Vec<String> = allowed.iter().map(|warning| warning.message.to_string()).collect();
        assert_eq!(messages, ["192.0.2.0/28 moves from Test Hotel to Other Inn."]);
    }

    #[test]
    fn what_lies_round_a_network_is_named_with_its_customer_and_itself_is_not() {
        let index =
            index("[DEFAULT]\n# 192.0.2.0/28 | Test Hotel\nignoreip = 192.0.2.0/28 192.0.2.4 files 2001:db8::/64\n");
        let warning = |text: &str| {
            let found = index.neighbours(&network(text)).into_iter();
            found
                .map(|warning| (warning.code, warning.message.to_string()))
                .collect::<Vec<_>>()
        };
        let covered = |inner: &str| {
            let message = format!("{inner} is already covered by the entry 192.0.2.0/28 (Test Hotel).");
            (WarningCode::CoveredBy, message)
        };
        assert_eq!(warning("192.0.2.4"), [covered("192.0.2.4")]);
        assert_eq!(warning("192.0.2.8/30"), [covered("192.0.2.8/30")]);
        assert_eq!(warning("192.0.2.0/24").len(), 2);
        assert_eq!(warning("198.51.100.0/24"), []);
        assert!(index.lists(&network("192.0.2.4")) && !index.lists(&network("192.0.2.5")));
        assert_eq!(index.registration(&network("192.0.2.4")), None);
    }
}
