//! The state of a host as `status` answers it: jails, thresholds, counters, bans with their customers, the whitelist.

use std::collections::BTreeMap;

use crate::checks::protection::protection;
use crate::document::{Ban, Fail2ban, Jail, Status, WhitelistRow};
use crate::model::network::Network;
use crate::model::observed::{self, Clock, Observed};
use crate::model::text::{Text, texts};
use crate::planning::enforcement::enforcement;
use crate::planning::whitelist::whitelist;

/// The status of a host. `only` names the jails to show; empty means all. A whitelist that cannot be read is empty here, and
/// who of it is banned unknown.
pub fn status(observed: &Observed, only: &[String]) -> Status {
    let server = observed.server.value();
    let whitelist = whitelist(observed);
    let protection = protection(observed, &whitelist);
    let whitelist = whitelist.unwrap_or_default();
    let jails = server
        .into_iter()
        .flat_map(|server| &server.jails)
        .filter(|(name, _)| only.is_empty() || only.contains(name))
        .map(|(name, jail)| self::jail(name, jail, observed, &whitelist))
        .collect();
    Status {
        time: observed.clock.moment(observed.clock.second()),
        protection,
        fail2ban: Fail2ban {
            version: server.and_then(|server| server.version.clone()).map(Text::from),
            running: server.map(|server| server.running),
        },
        addresses: Vec::new(),
        jails,
        unknown: unknown(observed),
        whitelist,
        whole: false,
    }
}

/// Parts that could not be read, with the reason.
fn unknown(observed: &Observed) -> BTreeMap<String, Text> {
    let parts = [
        ("fail2ban", observed.server.reason()),
        ("jail.local", observed.jail_local.reason()),
        ("firewall", observed.firewall.reason()),
        ("changes", observed.changes.reason()),
    ];
    let mut found: BTreeMap<String, Text> = parts
        .into_iter()
        .filter_map(|(part, reason)| Some((part.to_owned(), reason?.into())))
        .collect();
    let firewall = observed.firewall.value().into_iter();
    for (tool, reason) in firewall.flat_map(|firewall| &firewall.unknown) {
        found.insert(format!("firewall ({tool})"), reason.as_str().into());
    }
    for (name, jail) in observed.server.value().into_iter().flat_map(|server| &server.jails) {
        for (key, reason) in &jail.unknown {
            found.insert(format!("{name} {key}"), reason.as_str().into());
        }
    }
    found
}

fn jail(name: &str, jail: &observed::Jail, observed: &Observed, whitelist: &[WhitelistRow]) -> Jail {
    let verdict = enforcement(name, jail, observed);
    let counters = &jail.counters;
    Jail {
        name: name.into(),
        maxretry: jail.number("maxretry"),
        findtime: jail.number("findtime"),
        bantime: jail.number("bantime"),
        currently_failed: counters.currently_failed,
        total_failed: counters.total_failed,
        currently_banned: counters.currently_banned,
        total_banned: counters.total_banned,
        banned: bans(jail, &observed.clock, whitelist),
        ignoreip: texts(jail.ignoreip()),
        log_files: texts(jail.list("logpath")),
        actions: texts(jail.actions.keys().cloned()),
        enforced: verdict.as_option(),
        enforced_reason: verdict.reason(name).map(Text::from),
    }
}

/// The bans of a jail, each with the customer whose entry covers the address.
pub fn bans(jail: &observed::Jail, clock: &Clock, whitelist: &[WhitelistRow]) -> Vec<Ban> {
    let bans = jail.bans.iter();
    bans.map(|ban| Ban {
        ip: ban.ip.as_str().into(),
        customer: ban.ip.network().and_then(|banned| customer(&banned, whitelist)),
        since: clock.moment(ban.since),
        until: ban.until.map(|until| clock.moment(until)),
    })
    .collect()
}

/// The customer whose entry covers an address; the narrowest entry speaks.
pub fn customer(banned: &Network, whitelist: &[WhitelistRow]) -> Option<Text> {
    let covering = whitelist.iter().filter_map(|row| {
        let network = row.as_network().filter(|network| network.covers(banned))?;
        Some((network.prefix_length(), row.customer.clone()?))
    });
    covering.max_by_key(|(length, _)| *length).map(|(_, customer)| customer)
}
