//! Which changes could lock their operator out, so that the host keeps them only if he logs in again.

use crate::document::Effect;
use crate::model::observed::{Jail, Login};
use crate::model::operation::Operation;
use crate::model::runbook::RECIDIVE;

use super::closed_ports::{SSH, closes};
use super::plan::Plan;

/// How long the host waits for the new login, seconds (contract: 30 s).
pub const SECONDS: u64 = 30;
/// How long it waits where that login asks a person for something, seconds.
pub const SECONDS_WITH_A_PERSON: u64 = 120;

/// The operation that asks for a new login, if the plan needs one: it touches sshd's jail, that of
/// repeat offenders, or a jail whose bans
/// close a port that SSH is reached on, by more than whitelisting someone.
pub fn confirmation(plan: &Plan, operator: &Login) -> Option<Operation> {
    let risky = plan
        .effect
        .iter()
        .find(|effect| !only_whitelists(effect) && can_lock_out(effect, plan, operator))?;
    Some(Operation::Confirm {
        seconds: match operator.asks_a_person {
            true => SECONDS_WITH_A_PERSON,
            false => SECONDS,
        },
        because: format!("it touches jail {}, which can block SSH logins", risky.jail),
    })
}

fn only_whitelists(effect: &Effect) -> bool {
    let (_, removed) = effect.ignoreip_changes();
    effect.key == "ignoreip" && removed.is_empty()
}

fn can_lock_out(effect: &Effect, plan: &Plan, operator: &Login) -> bool {
    let shuts = |jail: &Jail| {
        [Some(SSH), operator.port]
            .into_iter()
            .flatten()
            .any(|port| closes(jail, port))
    };
    let jail = plan.expected.as_ref().and_then(|jails| jails.get(&effect.jail));
    effect.jail.contains("ssh") || effect.jail == RECIDIVE || jail.is_some_and(shuts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    /// Whether a confirmation is asked for, of one who came in by port 2222.
    fn asked(plan: &Plan) -> bool {
        let operator = Login {
            port: Some(2222),
            ..Login::default()
        };
        confirmation(plan, &operator).is_some()
    }

    fn plan(jail: &str, key: &str, before: serde_json::Value, after: serde_json::Value) -> Plan {
        let effect = Effect {
            jail: jail.to_owned(),
            key: key.to_owned(),
            before,
            after,
        };
        Plan {
            effect: vec![effect],
            ..Plan::default()
        }
    }

    #[test]
    fn whitelisting_needs_none_and_taking_it_away_from_sshd_does() {
        let both = json!(["192.0.2.0/28", "::1"]);
        assert!(!asked(&plan("sshd", "ignoreip", json!(["::1"]), both.clone())));
        assert!(asked(&plan("sshd", "ignoreip", both.clone(), json!(["::1"]))));
        assert!(!asked(&plan("asterisk-scan", "ignoreip", both, json!(["::1"]))));
    }

    #[test]
    fn the_jail_of_repeat_offenders_and_thresholds_of_sshd_need_one() {
        assert!(asked(&plan(RECIDIVE, "jail", json!(null), json!({}))));
        assert!(asked(&plan("sshd", "maxretry", json!(5), json!(3))));
        assert!(!asked(&plan("asterisk-auth", "maxretry", json!(5), json!(3))));
    }

    #[test]
    fn a_jail_that_closes_the_port_one_came_in_by_needs_one() {
        let tuned = |ports: &str| {
            let properties = BTreeMap::from([("port".to_owned(), ports.to_owned())]);
            let jail = Jail {
                actions: BTreeMap::from([("iptables-multiport".to_owned(), properties)]),
                ..Jail::default()
            };
            Plan {
                expected: Some(BTreeMap::from([("asterisk-auth".to_owned(), jail)])),
                ..plan("asterisk-auth", "maxretry", json!(3), json!(4))
            }
        };
        for ports in ["ssh", "1:65535", "0:1024", "22:5061", "5060,2222", "2200:2300"] {
            assert!(asked(&tuned(ports)), "{ports}");
        }
        assert!(!asked(&tuned("5060,5061")));
    }
}
