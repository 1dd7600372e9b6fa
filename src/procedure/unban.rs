//! Unban an address everywhere (runbook, "Unban an IP"): in every jail, or in those that are named.

use std::collections::BTreeMap;

use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, Part};
use crate::model::operation::BansOf;

use super::Procedure;
use super::draft::Draft;
use super::guard::{Allowed, Guard};
use super::reading::running_jails;
use super::refusal::Refusal;
use super::temporary::Grant;
use super::unlisted;
use crate::document::{Advice, Warning, WarningCode};

/// The request: addresses or networks, and the jails if not all.
#[derive(Debug, Clone)]
pub struct Unban {
    /// Addresses or networks as typed.
    pub targets: Vec<String>,
    /// `--jail`; empty means every jail.
    pub jails: Vec<String>,
    /// `--grace`: whitelisted for a time as well, so that the next few mistakes do not ban it again.
    pub grace: Option<Grant>,
}

impl Unban {
    /// The networks that were typed.
    ///
    /// # Errors
    /// A usage refusal for the first that is neither an address nor a network: that is another answer than "was not
    /// banned", which fail2ban does not tell apart.
    pub fn networks(&self) -> Result<Vec<Network>, Refusal> {
        let parse = |typed: &String| {
            let parsed = Network::parse(typed).map_err(|error| Refusal::not_a_network(&error))?;
            Ok(parsed.network)
        };
        self.targets.iter().map(parse).collect()
    }
}

impl Procedure for Unban {
    fn command(&self) -> &'static str {
        "unban"
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Firewall]
    }

    /// It changes no file and does not reload.
    fn rehearses(&self) -> bool {
        false
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let jails = running_jails(observed)?;
        if let Some(unknown) = self.jails.iter().find(|name| !jails.contains_key(*name)) {
            let known: Vec<&str> = jails.keys().map(String::as_str).collect();
            return Err(
                Refusal::precondition(format!("no jail {unknown} is running on this host"))
                    .hint(Advice::running_jails(&known)),
            );
        }
        let wanted = (!self.jails.is_empty()).then(|| self.jails.clone());
        let on_host = unlisted::on_host(observed);
        let mut draft = Draft::default();
        for typed in &self.targets {
            let wish = |network: &Network| BansOf {
                network: *network,
                jails: wanted.clone(),
            };
            let Allowed { network, warnings } = guard.unbanning(typed, |network| lifted(jails, &wish(network)))?;
            // With a time to whitelist it for, that says the same of what was typed.
            draft
                .warnings
                .extend(warnings.into_iter().filter(|_| self.grace.is_none()));
            let wish = wish(&network);
            draft.warnings.extend(covering_bans(jails, &network));
            if lifted(jails, &wish).is_empty() && unlisted::asked(&on_host, &wish, jails).is_empty() {
                draft.not_banned.push(network.to_string());
                draft.warnings.extend(unlisted::unknown(observed, &network));
                continue;
            }
            draft.unban.push(wish);
        }
        if let Some(grant) = &self.grace {
            for typed in &self.targets {
                grant.draft(&mut draft, typed, observed, guard)?;
            }
        }
        Ok(draft)
    }
}

/// The bans of a wish, as `ADDRESS (jail, jail)`.
fn lifted(jails: &BTreeMap<String, Jail>, wish: &BansOf) -> Vec<String> {
    banned_members(jails.iter().filter(|(name, _)| wish.is_about(name)), &wish.network)
}

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

/// The banned addresses of a jail that lie in a network; a banned network counts if it lies wholly inside.
pub fn members(jail: &Jail, network: &Network) -> Vec<String> {
    let bans = jail.bans.iter();
    let inside = bans.filter(|ban| Network::parse(&ban.ip).is_ok_and(|banned| network.covers(&banned.network)));
    inside.map(|ban| ban.ip.clone()).collect()
}

/// A banned network that holds the address is not lifted with it, since others would be let in as well; it is named.
fn covering_bans(jails: &BTreeMap<String, Jail>, network: &Network) -> Vec<Warning> {
    let mut found = Vec::new();
    for (name, jail) in jails {
        for ban in &jail.bans {
            let Ok(banned) = Network::parse(&ban.ip) else {
                continue;
            };
            if banned.network != *network && banned.network.covers(network) {
                let message = format!(
                    "{network} stays shut out: jail {name} bans all of {}. Name that network to lift it.",
                    ban.ip
                );
                found.push(Warning::new(WarningCode::BannedByNetwork, message));
            }
        }
    }
    found
}
