//! The whitelists of jails as sets, to be asked for single entries: a host may have thousands of them in each jail.

use std::collections::{BTreeMap, BTreeSet};

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
