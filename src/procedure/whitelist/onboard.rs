//! Onboard a customer (runbook, "Adding a new customer"): the entry with its comment, in force in every jail, and the
//! bans of its members lifted, since whitelisting alone does not lift a ban.

use crate::model::network::Network;
use crate::model::observed::{Observed, Part};
use crate::planning::details::Details;
use crate::planning::draft::Draft;
use crate::planning::entry_index::EntryIndex;
use crate::planning::policy::{Allowed, Guard};
use crate::planning::procedure::Procedure;
use crate::planning::reading::jail_local;
use crate::planning::refusal::Refusal;
use crate::planning::whitelisting::{Whitelisting, needs_a_key, whitelist_with_details};

/// The request.
#[derive(Debug, Clone)]
pub struct Onboard {
    /// Networks as typed.
    pub networks: Vec<String>,
    /// The details of their comments.
    pub details: Details,
    /// The jails whose own lists get the entries; empty for the list in `[DEFAULT]`.
    pub jails: Vec<String>,
}

impl Procedure for Onboard {
    fn command(&self) -> &'static str {
        "onboard"
    }

    fn typed_networks(&self) -> &[String] {
        &self.networks
    }

    fn parts(&self) -> &'static [Part] {
        match self.jails.is_empty() {
            true => &[Part::Firewall],
            false => &[Part::Firewall, Part::Origins],
        }
    }

    fn reads_the_disk(&self, observed: &Observed) -> bool {
        self.jails.is_empty() && needs_a_key(observed)
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let allowed = self.allowed(guard)?;
        let into = Whitelisting {
            label: "onboard",
            jails: &self.jails,
            reassign: self.details.reassign,
        };
        whitelist_with_details(allowed, &self.details, into, observed, guard)
    }

    fn already(&self, observed: &Observed) -> Vec<String> {
        let Ok(document) = jail_local(observed) else {
            return Vec::new();
        };
        let own = self.jails.first().map(|jail| document.of_jail(jail));
        let listed = EntryIndex::of(own.as_ref().unwrap_or(document));
        let typed = self.networks.iter().filter_map(|typed| Network::parse(typed).ok());
        let whose = typed.filter_map(|parsed| Some((parsed.network, listed.registration(&parsed.network)?)));
        whose
            .map(|(network, line)| format!("{network} is already whitelisted for {}.", line.customer))
            .collect()
    }
}

impl Onboard {
    fn allowed(&self, guard: &Guard) -> Result<Vec<Allowed>, Refusal> {
        if self.networks.is_empty() {
            return Err(Refusal::usage("no network was given").hint("run `f2bctl onboard NETWORK --customer NAME`"));
        }
        self.networks.iter().map(|typed| guard.whitelisting(typed)).collect()
    }
}
