//! A second opinion over a finished plan, which knows nothing of the procedure that made it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::known::Known;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};

use super::lists::covers;
use super::plan::Plan;
use super::policy::Guard;
use super::refusal::Refusal;

/// Looks over a plan for what no procedure may ever do.
///
/// # Errors
/// A guard-rail's refusal for the first thing found.
pub fn check(plan: &Plan, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    own_address_is_not_banned(plan, observed, guard)?;
    let Some(expected) = &plan.expected else {
        return Ok(());
    };
    let running = observed.server.value().map(|server| &server.jails);
    let running = running.unwrap_or(const { &BTreeMap::new() });
    for (name, jail) in expected {
        nobody_is_everybody(name, jail, running.get(name))?;
        let before = Before {
            name,
            running,
            expected,
        };
        nobody_protected_is_dropped(name, jail, &before, guard)?;
        own_address_stays(name, jail, &before, observed, guard)?;
    }
    Ok(())
}

/// What a jail of the plan comes from: itself, or, if it starts new, all those that go, whose place it may take.
struct Before<'plan> {
    name: &'plan String,
    running: &'plan BTreeMap<String, Jail>,
    expected: &'plan BTreeMap<String, Jail>,
}

impl Before<'_> {
    fn covers(&self, network: &Network) -> bool {
        match self.running.get(self.name) {
            Some(jail) => covers(jail, network),
            None => {
                let mut gone = self
                    .running
                    .iter()
                    .filter(|(name, _)| !self.expected.contains_key(*name));
                gone.any(|(_, jail)| covers(jail, network))
            }
        }
    }
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

/// fail2ban shows any /0 as `0.0.0.0` or `::`: whoever is whitelisted then is everybody. Two halves are everybody as
/// well.
fn nobody_is_everybody(name: &str, jail: &Jail, before: Option<&Jail>) -> Result<(), Refusal> {
    let already = before.is_some_and(|jail| jail.ignoreip().iter().any(|entry| is_nobodys(entry)));
    let entries = jail.ignoreip();
    let Some(entry) = entries.iter().find(|entry| is_nobodys(entry)).filter(|_| !already) else {
        return Ok(());
    };
    let message = if is_everybody(entry) {
        format!("jail {name} would ignore the whole internet: its ignoreip resolves to {entry}")
    } else {
        format!("jail {name} would ignore {entry}, which is more of the internet than anybody has")
    };
    Err(Refusal::guard_rail(message).hint("look at the ignoreip line for such a mask, or for tabs between its entries"))
}

fn is_everybody(entry: &str) -> bool {
    matches!(entry, "0.0.0.0" | "::" | "0.0.0.0/0" | "::/0")
}

/// Whether an entry is wider than any network that is someone's: IANA gives out /8 and /12 at the widest.
fn is_nobodys(entry: &str) -> bool {
    const WIDEST_IPV4: u8 = 8;
    const WIDEST_IPV6: u8 = 12;
    is_everybody(entry)
        || Network::parse(entry).is_ok_and(|parsed| {
            let widest = if parsed.network.is_ipv4() {
                WIDEST_IPV4
            } else {
                WIDEST_IPV6
            };
            parsed.network.prefix_length() < widest
        })
}

fn nobody_protected_is_dropped(name: &str, jail: &Jail, before: &Before<'_>, guard: &Guard) -> Result<(), Refusal> {
    for network in &guard.protected {
        if before.covers(network) && !covers(jail, network) {
            return Err(Refusal::guard_rail(format!(
                "{network} is protected by this host's settings and would no longer be whitelisted in jail {name}"
            ))
            .hint(
                "keep it whitelisted there, or take it off `protected` in the configuration if that is really intended",
            ));
        }
    }
    Ok(())
}

fn own_address_stays(
    name: &str,
    jail: &Jail,
    before: &Before<'_>,
    observed: &Observed,
    guard: &Guard,
) -> Result<(), Refusal> {
    let address: Option<IpAddr> = observed.operator.address.as_deref().and_then(|text| text.parse().ok());
    let Some(address) = address else {
        return Ok(());
    };
    let own = Network::single(address);
    guard.own_address(address, name, before.covers(&own), covers(jail, &own))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::known::Known;
    use crate::model::observed::{Login, Server};
    use crate::planning::refusal::RefusalKind;

    use super::*;

    /// The operator's own address.
    const OWN: &str = "192.0.2.77";

    type Lists<'test> = &'test [(&'test str, &'test [&'test str])];

    fn jails(lists: Lists<'_>) -> BTreeMap<String, Jail> {
        let jail = |list: &[&str]| Jail {
            values: BTreeMap::from([("ignoreip".to_owned(), json!(list))]),
            ..Jail::default()
        };
        lists
            .iter()
            .map(|(name, list)| ((*name).to_owned(), jail(list)))
            .collect()
    }

    fn observed(running: Lists<'_>) -> Observed {
        Observed {
            operator: Login {
                address: Some(OWN.to_owned()),
                ..Login::default()
            },
            server: Known::of(Server {
                running: true,
                jails: jails(running),
                ..Server::default()
            }),
            ..Observed::default()
        }
    }

    fn plan(expected: Lists<'_>) -> Plan {
        Plan {
            expected: Some(jails(expected)),
            ..Plan::default()
        }
    }

    /// The refusal of a change from the one to the other; empty if it may be made.
    fn refused(guard: &Guard, before: Lists<'_>, after: Lists<'_>) -> String {
        match check(&plan(after), &observed(before), guard) {
            Ok(()) => String::new(),
            Err(refusal) => {
                assert_eq!(refusal.kind, RefusalKind::GuardRail);
                assert!(!refusal.hints.is_empty(), "{refusal}");
                refusal.message
            }
        }
    }

    fn protecting(network: &str) -> Guard {
        Guard {
            protected: vec![Network::parse(network).expect("a network").network],
            ..Guard::default()
        }
    }

    #[test]
    fn no_plan_makes_everybody_welcome_in_any_jail() {
        let guard = Guard {
            allow_special: true,
            allow_wide: true,
            allow_lockout: true,
            with_drift: true,
            ..Guard::default()
        };
        for everybody in ["0.0.0.0", "0.0.0.0/0", "::", "::/0"] {
            let after: Lists<'_> = &[("sshd", &["::1"]), ("asterisk-scan", &["::1", everybody])];
            let message = refused(&guard, &[("sshd", &["::1"]), ("asterisk-scan", &["::1"])], after);
            assert!(
                message.contains("jail asterisk-scan would ignore the whole internet"),
                "{everybody}: {message}"
            );
            let new = refused(&guard, &[("sshd", &["::1"])], after);
            assert!(new.contains("whole internet"), "in a jail that starts new: {new}");
            // Where it is so already, a change that has nothing to do with it is no place to stop.
            assert_eq!(refused(&guard, after, after), "");
        }
    }

    #[test]
    fn nor_one_half_of_everybody_or_the_other() {
        for wide in ["0.0.0.0/1", "128.0.0.0/1", "64.0.0.0/7", "2000::/3", "2400::/11"] {
            let message = refused(&Guard::default(), &[("sshd", &["::1"])], &[("sshd", &["::1", wide])]);
            assert!(
                message.contains(&format!("would ignore {wide}, which is more")),
                "{message}"
            );
        }
        // Too wide for the runbook, but plausible: an external edit, which is asked about like any drift.
        for somebodys in ["127.0.0.0/8", "2001:db8::/32", "198.18.0.0/15"] {
            assert_eq!(
                refused(&Guard::default(), &[], &[("sshd", &[somebodys])]),
                "",
                "{somebodys}"
            );
        }
    }

    #[test]
    fn whoever_is_protected_stays_whitelisted_in_each_jail() {
        let guard = protecting("198.51.100.16/28");
        let before: Lists<'_> = &[("asterisk-auth", &["198.51.100.0/24"]), ("sshd", &["198.51.100.0/24"])];
        let message = refused(
            &guard,
            before,
            &[("asterisk-auth", &["198.51.100.0/25"]), ("sshd", &["198.51.100.16"])],
        );
        assert!(
            message.contains("198.51.100.16/28 is protected") && message.contains("in jail sshd"),
            "{message}"
        );
        assert_eq!(refused(&guard, before, &[("asterisk-auth", &["198.51.100.16/28"])]), "");
        let never: Lists<'_> = &[("sshd", &["::1"])];
        assert_eq!(
            refused(&guard, never, never),
            "",
            "what never was whitelisted is not dropped"
        );
        let guard = protecting("2001:db8:7::/64");
        let message = refused(
            &guard,
            &[("sshd", &["2001:db8::/32"])],
            &[("sshd", &["::1", "203.0.113.0/24"])],
        );
        assert!(message.contains("2001:db8:7::/64"), "{message}");
    }

    #[test]
    fn whoever_is_protected_stays_whitelisted_in_the_jail_that_takes_the_place_of_another() {
        let guard = protecting("198.51.100.16");
        let split: Lists<'_> = &[
            ("asterisk-auth", &["198.51.100.16"]),
            ("asterisk-scan", &["198.51.100.16"]),
        ];
        let message = refused(&guard, split, &[("asterisk", &["::1"])]);
        assert!(message.contains("in jail asterisk"), "{message}");
        assert_eq!(refused(&guard, split, &[("asterisk", &["198.51.100.0/24"])]), "");
        // A jail that comes beside those that stay takes nobody's place.
        let more: Lists<'_> = &[split[0], split[1], ("postfix", &["::1"])];
        assert_eq!(refused(&guard, split, more), "");
    }

    #[test]
    fn the_operators_own_address_stays_as_safe_as_it_was() {
        let before: Lists<'_> = &[("sshd", &["192.0.2.0/24"]), ("asterisk", &["192.0.2.0/24"])];
        for after in [
            &[("sshd", &["::1"] as &[&str]), ("asterisk", &["192.0.2.0/24"])] as Lists<'_>,
            &[("sshd", &["192.0.2.0/24"]), ("asterisk", &["192.0.2.64/29"])],
            &[("sshd", &["192.0.2.0/24"]), ("asterisk-auth", &["::1"])],
        ] {
            let message = refused(&Guard::default(), before, after);
            assert!(
                message.contains("would make your own address 192.0.2.77 bannable in "),
                "{message}"
            );
            let allowed = Guard {
                allow_lockout: true,
                ..Guard::default()
            };
            assert_eq!(refused(&allowed, before, after), "");
        }
        let narrower: Lists<'_> = &[("sshd", &["192.0.2.77"]), ("asterisk", &["192.0.2.72/29"])];
        assert_eq!(refused(&Guard::default(), before, narrower), "");
        // Nobody knows it: there is nothing to compare.
        let mut nameless = observed(before);
        nameless.operator.address = None;
        assert!(check(&plan(&[("sshd", &["::1"])]), &nameless, &Guard::default()).is_ok());
    }

    #[test]
    fn a_jail_that_would_ban_the_operator_from_its_log_does_not_start() {
        let banning = |known: Known<Vec<String>>| Plan {
            banned_at_once: BTreeMap::from([("sshd".to_owned(), known)]),
            ..Plan::default()
        };
        let known = |ip: &str| banning(Known::of(vec!["203.0.113.7".to_owned(), ip.to_owned()]));
        let host = observed(&[]);
        let refusal = check(&known(OWN), &host, &Guard::default()).expect_err("a refusal");
        assert!(
            refusal
                .message
                .contains("jail sshd would ban your own address 192.0.2.77"),
            "{refusal}"
        );
        assert!(check(&known("192.0.2.78"), &host, &Guard::default()).is_ok());
        let allowed = Guard {
            allow_lockout: true,
            ..Guard::default()
        };
        assert!(check(&known(OWN), &host, &allowed).is_ok());
    }
}
