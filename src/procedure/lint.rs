//! A second opinion over a finished plan, which knows nothing of the procedure that made it.

use std::net::IpAddr;

use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};

use super::guard::Guard;
use super::plan::Plan;
use super::refusal::Refusal;

/// Looks over a plan for what no procedure may ever do.
///
/// # Errors
/// A guard-rail's refusal for the first thing found.
pub fn lint(plan: &Plan, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    own_address_is_not_banned(plan, observed, guard)?;
    let Some(expected) = &plan.expected else {
        return Ok(());
    };
    for (name, jail) in expected {
        let before = observed.server.value().and_then(|server| server.jails.get(name));
        nobody_is_everybody(name, jail, before)?;
        nobody_protected_is_dropped(name, jail, before, guard)?;
        own_address_stays(name, jail, before, observed, guard)?;
    }
    Ok(())
}

/// A jail that starts new may ban the operator from its log.
fn own_address_is_not_banned(plan: &Plan, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    let Some(own) = observed.operator.address.as_deref().filter(|_| !guard.allow_lockout) else {
        return Ok(());
    };
    let banning = |banned: &Known<Vec<String>>| banned.value().is_some_and(|banned| banned.iter().any(|ip| ip == own));
    match plan.banned_at_once.iter().find(|(_, banned)| banning(banned)) {
        Some((name, _)) => Err(Refusal::guard_rail(format!(
            "jail {name} would ban your own address {own} as soon as it starts, from what is in its log"
        ))
        .hint("whitelist it first, work from another address, or pass --allow-lockout")),
        None => Ok(()),
    }
}

/// fail2ban shows any /0 as `0.0.0.0` or `::`: whoever is whitelisted then is everybody.
fn nobody_is_everybody(name: &str, jail: &Jail, before: Option<&Jail>) -> Result<(), Refusal> {
    let everybody = |entry: &String| matches!(entry.as_str(), "0.0.0.0" | "::" | "0.0.0.0/0" | "::/0");
    let already = before.is_some_and(|jail| jail.ignoreip().iter().any(everybody));
    if already || !jail.ignoreip().iter().any(everybody) {
        return Ok(());
    }
    let message = format!("jail {name} would ignore the whole internet: its ignoreip comes out as 0.0.0.0");
    Err(Refusal::guard_rail(message).hint("look at the ignoreip line for a /0, or for tabs between its entries"))
}

fn nobody_protected_is_dropped(name: &str, jail: &Jail, before: Option<&Jail>, guard: &Guard) -> Result<(), Refusal> {
    let Some(before) = before else {
        return Ok(());
    };
    for network in &guard.protected {
        if covers(before, network) && !covers(jail, network) {
            return Err(Refusal::guard_rail(format!(
                "{network} is protected by this host's settings and would no longer be whitelisted in jail {name}"
            )));
        }
    }
    Ok(())
}

fn own_address_stays(
    name: &str,
    jail: &Jail,
    before: Option<&Jail>,
    observed: &Observed,
    guard: &Guard,
) -> Result<(), Refusal> {
    let address: Option<IpAddr> = observed.operator.address.as_deref().and_then(|text| text.parse().ok());
    let (Some(address), Some(before)) = (address, before) else {
        return Ok(());
    };
    let own = Network::single(address);
    guard.own_address(address, name, covers(before, &own), covers(jail, &own))
}

/// Whether a jail's whitelist covers a network, as fail2ban shows the list.
pub fn covers(jail: &Jail, network: &Network) -> bool {
    let entries = jail.ignoreip();
    let parsed = entries.iter().filter_map(|entry| Network::parse(entry).ok());
    parsed.into_iter().any(|entry| entry.network.covers(network))
}
