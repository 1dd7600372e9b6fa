//! Which changes could lock their operator out, so that the host keeps them only if he logs in again.

use crate::model::observed::Jail;

use super::effect::Effect;
use super::plan::Plan;

/// How long the host waits for the new login, seconds (contract: 30 s).
pub const SECONDS: u64 = 30;
/// How long it waits where that login asks a person for something, seconds.
pub const SECONDS_WITH_A_PERSON: u64 = 120;

/// Why a plan needs a sign of life, if it does: it touches sshd's jail, recidive, or an action on all ports, by more than
/// whitelisting somebody.
pub fn reason(plan: &Plan) -> Option<String> {
    let risky = plan
        .effect
        .iter()
        .find(|effect| !only_whitelists(effect) && can_lock_out(effect, plan))?;
    Some(format!(
        "it touches jail {}, which can shut out whoever logs in over SSH",
        risky.jail
    ))
}

fn only_whitelists(effect: &Effect) -> bool {
    let (_, removed) = effect.ignoreip_changes();
    effect.key == "ignoreip" && removed.is_empty()
}

fn can_lock_out(effect: &Effect, plan: &Plan) -> bool {
    let jail = plan.expected.as_ref().and_then(|jails| jails.get(&effect.jail));
    effect.jail.contains("ssh") || effect.jail == "recidive" || jail.is_some_and(bans_ssh)
}

/// Whether a jail's bans close the port of SSH, or every port.
fn bans_ssh(jail: &Jail) -> bool {
    jail.actions.iter().any(|(name, properties)| {
        let ports = properties.get("port").map(String::as_str).unwrap_or_default();
        name.contains("allports")
            || ports
                .split(',')
                .any(|port| matches!(port.trim(), "ssh" | "22" | "0:65535" | "all"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        assert!(reason(&plan("sshd", "ignoreip", json!(["::1"]), both.clone())).is_none());
        assert!(reason(&plan("sshd", "ignoreip", both.clone(), json!(["::1"]))).is_some());
        assert!(reason(&plan("asterisk-scan", "ignoreip", both, json!(["::1"]))).is_none());
    }

    #[test]
    fn recidive_and_thresholds_of_sshd_need_one() {
        assert!(reason(&plan("recidive", "jail", json!(null), json!({}))).is_some());
        assert!(reason(&plan("sshd", "maxretry", json!(5), json!(3))).is_some());
        assert!(reason(&plan("asterisk-auth", "maxretry", json!(5), json!(3))).is_none());
    }
}
