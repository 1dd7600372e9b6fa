//! The whitelists of jails as sets, to be asked for single entries: a host may have thousands of them in each jail.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::network::Network;
use crate::model::observed::Jail;

/// The entries of each jail's whitelist, in fail2ban's spelling, by the jail's name.
pub type Lists<'jails> = BTreeMap<&'jails String, BTreeSet<String>>;

/// The whitelists of these jails.
pub fn lists(jails: &BTreeMap<String, Jail>) -> Lists<'_> {
    let sets = jails
        .iter()
        .map(|(name, jail)| (name, jail.ignoreip().into_iter().collect()));
    sets.collect()
}

/// Whether a jail's whitelist covers a network, as fail2ban shows the list.
pub fn covers(jail: &Jail, network: &Network) -> bool {
    let entries = jail.ignoreip();
    let parsed = entries.iter().filter_map(|entry| Network::parse(entry).ok());
    parsed.into_iter().any(|entry| entry.network.covers(network))
}
