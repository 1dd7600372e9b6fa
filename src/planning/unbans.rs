//! Lifts the bans of addresses that a change whitelists: fail2ban itself leaves a ban as it is when its address
//! becomes an entry.
//!
//! Onboarding names its networks; whatever else puts entries into force (a way back, a reload of an external edit) is
//! found by comparing the running lists with the rehearsed ones, so that no planner has to think of it. Temporary
//! entries are in no file, and lift nothing: `unban --grace` does both.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::network::Network;
use crate::model::observed::{Observed, Rehearsal};
use crate::model::operation::{BansOf, LiftBans, Unbanned};

use super::bans::members;
use super::draft::Draft;
use super::lists::{Lists, lists};
use super::unlisted;

/// Adds the bans of the networks that running jails gain by a reload, in every jail that has them then.
///
/// A jail that starts new needs none: fail2ban restores no ban of a whitelisted address.
pub fn lift_of_gained(draft: &mut Draft, observed: &Observed, rehearsal: &Rehearsal) {
    let Some(server) = observed.server.value().filter(|server| server.running) else {
        return;
    };
    let (now, then) = (lists(&server.jails), lists(&rehearsal.jails));
    let mut gained: BTreeSet<&String> = BTreeSet::new();
    for (name, before) in &now {
        gained.extend(then.get(name).into_iter().flat_map(|after| after.difference(before)));
    }
    let named: BTreeSet<Network> = draft.unban.iter().map(|bans| bans.network).collect();
    for entry in gained {
        let Some(network) = Network::parse(entry).ok().map(|parsed| parsed.network) else {
            continue;
        };
        if !named.contains(&network) {
            let jails = having(entry, &then);
            draft.unban.push(BansOf { network, jails });
        }
    }
}

/// The bans to lift, with who is banned now, and who is blocked by the firewall although no jail lists it.
pub fn lift_bans(of: &[BansOf], observed: &Observed) -> LiftBans {
    let server = observed.server.value().filter(|server| server.running);
    let Some(running) = server.map(|server| &server.jails) else {
        return LiftBans {
            of: of.to_vec(),
            banned: Vec::new(),
        };
    };
    let mut jails: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, jail) in running {
        for bans in of.iter().filter(|bans| bans.is_about(name)) {
            for ip in members(jail, &bans.network) {
                jails.entry(ip).or_default().insert(name.clone());
            }
        }
    }
    let unlisted = unlisted::on_host(observed);
    let mut chains: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for bans in of {
        for (ip, held) in unlisted::asked(&unlisted, bans, running) {
            chains.entry(ip.into()).or_default().extend(held);
        }
    }
    let names = |places: &BTreeMap<String, BTreeSet<String>>, ip: &String| -> Vec<String> {
        places.get(ip).into_iter().flatten().cloned().collect()
    };
    let addresses: BTreeSet<&String> = jails.keys().chain(chains.keys()).collect();
    let banned = addresses.into_iter().map(|ip| Unbanned {
        ip: ip.clone(),
        jails: names(&jails, ip),
        chains: names(&chains, ip),
    });
    LiftBans {
        of: of.to_vec(),
        banned: banned.collect(),
    }
}

/// The jails whose list has an entry; absent if all of them have it.
fn having(entry: &String, lists: &Lists<'_>) -> Option<Vec<String>> {
    let with = lists.iter().filter(|(_, list)| list.contains(entry));
    let names: Vec<String> = with.map(|(name, _)| (*name).clone()).collect();
    (names.len() < lists.len()).then_some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::known::Known;
    use crate::model::observed::{Ban, Fingerprint, Jail, Server};
    use crate::planning::effect::Intent;
    use crate::planning::plan::Plan;
    use crate::planning::plan_builder::{Rehearsals, assemble};
    use crate::planning::policy::Guard;
    use crate::planning::server_move::ServerMove;

    const NETWORK: &str = "192.0.2.0/28";

    fn jail(ignoreip: &[&str], banned: &[&str]) -> Jail {
        let ban = |ip: &&str| Ban {
            ip: (*ip).to_owned().into(),
            since: 0,
            until: None,
        };
        Jail {
            values: BTreeMap::from([("ignoreip".to_owned(), json!(ignoreip))]),
            bans: banned.iter().map(ban).collect(),
            ..Jail::default()
        }
    }

    fn named(jails: Vec<(&str, Jail)>) -> BTreeMap<String, Jail> {
        jails.into_iter().map(|(name, jail)| (name.to_owned(), jail)).collect()
    }

    /// The plan of a change that replaces files as a whole, as undo and restore do.
    fn planned(running: Vec<(&str, Jail)>, rehearsed: Vec<(&str, Jail)>) -> Plan {
        let observed = Observed {
            files: Known::of(Fingerprint::new()),
            server: Known::of(Server {
                running: true,
                jails: named(running),
                ..Server::default()
            }),
            ..Observed::default()
        };
        let rehearsal = Rehearsal {
            jails: named(rehearsed),
            ..Rehearsal::default()
        };
        let draft = Draft {
            server: ServerMove::Reload,
            intent: Intent::wholesale(ServerMove::Reload),
            ..Draft::default()
        };
        let rehearsals = Rehearsals {
            draft: Some(&rehearsal),
            disk: None,
        };
        assemble("undo", draft, &observed, rehearsals, &Guard::default()).expect("a plan")
    }

    fn steps(plan: &Plan) -> Vec<String> {
        let lifts = plan.steps().into_iter().filter(|step| step.action == "unban");
        lifts.map(|step| step.summary).collect()
    }

    fn lifted(plan: &Plan) -> &LiftBans {
        plan.lifted().expect("bans are lifted")
    }

    #[test]
    fn whoever_is_whitelisted_again_is_let_in_again() {
        let banned = || jail(&["::1"], &["192.0.2.10", "198.51.100.7"]);
        let plan = planned(
            vec![("asterisk-auth", banned()), ("sshd", jail(&["::1"], &[]))],
            vec![
                ("asterisk-auth", jail(&[NETWORK, "::1"], &[])),
                ("sshd", jail(&[NETWORK, "::1"], &[])),
            ],
        );
        assert_eq!(steps(&plan), ["Lift the bans of 192.0.2.10 (asterisk-auth)."]);
        assert_eq!(lifted(&plan).of.len(), 1);
        assert_eq!(lifted(&plan).of[0].jails, None);
        assert_eq!(lifted(&plan).banned[0].jails, ["asterisk-auth"]);
        // A second run gains nothing, and lifts nothing.
        let again = || jail(&[NETWORK, "::1"], &["192.0.2.10"]);
        assert!(planned(vec![("a", again())], vec![("a", again())]).is_empty());
    }

    #[test]
    fn a_jail_that_does_not_get_the_entry_keeps_its_ban() {
        let banned = |list: &[&str]| jail(list, &["192.0.2.10"]);
        let plan = planned(
            vec![("a", banned(&[])), ("b", banned(&["::1"])), ("c", banned(&[NETWORK]))],
            vec![
                ("a", jail(&[NETWORK], &[])),
                ("b", jail(&["::1"], &[])),
                ("c", jail(&[NETWORK], &[])),
            ],
        );
        assert_eq!(lifted(&plan).banned[0].jails, ["a", "c"]);
        let names = vec!["a".to_owned(), "c".to_owned()];
        assert_eq!(lifted(&plan).of[0].jails.as_ref(), Some(&names));
    }

    #[test]
    fn names_and_jails_that_start_new_lift_nothing() {
        let plan = planned(
            vec![("a", jail(&[], &["192.0.2.10"]))],
            vec![("a", jail(&["pbx.example"], &[])), ("new", jail(&[NETWORK], &[]))],
        );
        assert!(
            plan.lifted().is_none() && steps(&plan).is_empty(),
            "{:?}",
            plan.operations
        );
    }
}
