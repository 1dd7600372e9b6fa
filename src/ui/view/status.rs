//! The state of a host as JSON: jails, thresholds, counters, bans with their customers, the whitelist, warnings.

use serde_json::{Value, json};

use crate::model::network::Network;
use crate::model::observed::{Ban, Clock, Jail, Observed};
use crate::procedure::{Warning, WhitelistRow, enforcement};

/// The keys of a status document. `only` names the jails to show; empty means all.
pub fn keys(observed: &Observed, whitelist: &[WhitelistRow], only: &[String], warnings: Vec<Warning>) -> Value {
    let server = observed.server.value();
    let jails: Vec<Value> = server
        .into_iter()
        .flat_map(|server| &server.jails)
        .filter(|(name, _)| only.is_empty() || only.contains(name))
        .map(|(name, jail)| self::jail(name, jail, observed, whitelist))
        .collect();
    json!({
        "fail2ban": {
            "version": server.and_then(|server| server.version.clone()),
            "running": server.map(|server| server.running),
        },
        "jails": jails,
        "whitelist": whitelist,
        "unknown": unknown(observed),
        "warnings": warnings,
    })
}

/// Parts that could not be read, with the reason.
pub fn unknown(observed: &Observed) -> Value {
    let mut found = serde_json::Map::new();
    let parts = [
        ("fail2ban", observed.server.reason()),
        ("jail.local", observed.jail_local.reason()),
        ("firewall", observed.firewall.reason()),
        ("changes", observed.changes.reason()),
    ];
    for (part, reason) in parts {
        if let Some(reason) = reason {
            found.insert(part.to_owned(), json!(reason));
        }
    }
    for (tool, reason) in observed
        .firewall
        .value()
        .into_iter()
        .flat_map(|firewall| &firewall.unknown)
    {
        found.insert(format!("firewall ({tool})"), json!(reason));
    }
    for (name, jail) in observed.server.value().into_iter().flat_map(|server| &server.jails) {
        for (key, reason) in &jail.unknown {
            found.insert(format!("{name} {key}"), json!(reason));
        }
    }
    Value::Object(found)
}

fn jail(name: &str, jail: &Jail, observed: &Observed, whitelist: &[WhitelistRow]) -> Value {
    let verdict = enforcement(name, jail, observed.firewall.value());
    json!({
        "name": name,
        "maxretry": jail.number("maxretry"),
        "findtime": jail.number("findtime"),
        "bantime": jail.number("bantime"),
        "currently_failed": jail.counters.currently_failed,
        "total_failed": jail.counters.total_failed,
        "currently_banned": jail.counters.currently_banned,
        "total_banned": jail.counters.total_banned,
        "banned": jail.bans.iter().map(|ban| banned(ban, &observed.clock, whitelist)).collect::<Vec<_>>(),
        "ignoreip": jail.ignoreip(),
        "log_files": jail.list("logpath"),
        "actions": jail.actions.keys().collect::<Vec<_>>(),
        "enforced": verdict.as_option(),
        "enforced_reason": verdict.reason(name),
    })
}

/// One ban, with the customer whose entry covers the address.
pub fn banned(ban: &Ban, clock: &Clock, whitelist: &[WhitelistRow]) -> Value {
    json!({
        "ip": ban.ip,
        "customer": customer(&ban.ip, whitelist),
        "since": moment(ban.since, clock),
        "until": ban.until.map(|until| moment(until, clock)),
    })
}

/// The customer whose entry covers an address; the narrowest entry speaks.
pub fn customer(ip: &str, whitelist: &[WhitelistRow]) -> Option<String> {
    let banned = Network::parse(ip).ok()?.network;
    let covering = whitelist.iter().filter_map(|row| {
        let network = row.as_network().filter(|network| network.covers(&banned))?;
        Some((network.prefix_length(), row.customer.clone()?))
    });
    covering.max_by_key(|(length, _)| *length).map(|(_, customer)| customer)
}

/// A moment of the host in its own zone, RFC 3339.
pub fn moment(seconds: i64, clock: &Clock) -> String {
    clock.moment(seconds)
}
