//! Who of a network the running jails ban.

use crate::document::{Advice, Warning, WarningCode};
use std::collections::BTreeMap;

use crate::model::comment_text::escaped;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::some::some;

use super::reading::running_jails;
use super::refusal::Refusal;

/// Who of a network is banned in these jails, as `ADDRESS (jail, jail)`.
pub fn banned_members<'host>(
    jails: impl Iterator<Item = (&'host String, &'host Jail)>,
    network: &Network,
) -> Vec<String> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, jail) in jails {
        for ip in members(jail, network) {
            found.entry(ip).or_default().push(name);
        }
    }
    let named = found.into_iter();
    named
        .map(|(ip, jails)| format!("{ip} ({})", jails.join(", ")))
        .collect()
}

/// The banned addresses of a jail that are in a network; a banned network counts if it is wholly inside.
pub fn members(jail: &Jail, network: &Network) -> Vec<String> {
    let bans = jail.bans.iter();
    let inside = bans.filter(|ban| ban.ip.is_within(network));
    inside.map(|ban| ban.ip.as_str().to_owned()).collect()
}

/// A banned network that holds the asked one is not lifted with it, since others would be let in as well; it is named.
pub fn covering_bans(jails: &BTreeMap<String, Jail>, network: &Network) -> Vec<Warning> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, jail) in jails {
        for ban in &jail.bans {
            let banned = ban.ip.network();
            if banned.is_some_and(|banned| banned != *network && banned.covers(network)) {
                found.entry(ban.ip.as_str()).or_default().push(name);
            }
        }
    }
    let warnings = found.into_iter().map(|(banned, names)| {
        let jails = names.join(", ");
        let message = Advice::text(format!("{network} stays blocked: {jails} bans all of {banned}; "))
            .run(format!("unban {banned}"))
            .then(" lifts that.");
        Warning::new(WarningCode::BannedByNetwork, message)
    });
    warnings.collect()
}

/// Who stays banned although the network is whitelisted: that alone lifts no ban.
///
/// # Errors
/// A precondition's refusal if fail2ban is down or cannot be asked.
pub fn still_banned(network: &Network, observed: &Observed) -> Result<Option<Warning>, Refusal> {
    let banned = banned_members(running_jails(observed)?.iter(), network);
    if banned.is_empty() {
        return Ok(None);
    }
    let message = Advice::text(format!("Still banned: {}. Whitelisting lifts no ban; ", some(&banned)))
        .run(format!("unban {network} --grace DURATION"))
        .then(" does both.");
    Ok(Some(Warning::new(WarningCode::StillBanned, message)))
}

/// The bans that end with a jail that is removed.
pub fn bans_that_go(name: &str, jail: &Jail) -> Option<Warning> {
    let banned: Vec<&str> = jail.bans.iter().map(|ban| ban.ip.as_str()).collect();
    if banned.is_empty() {
        return None;
    }
    let message = format!(
        "Jail {name} is removed with its bans: {} can reach the host again.",
        escaped(&banned.join(", "))
    );
    Some(Warning::new(WarningCode::BansLost, message))
}
