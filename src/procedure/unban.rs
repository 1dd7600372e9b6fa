//! Unban an address everywhere (runbook, "Unban an IP"): in every jail, or in those that are named.

use crate::document::{Advice, Warning};
use std::collections::BTreeMap;

use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, Part};
use crate::model::operation::BansOf;
use crate::planning::bans::{banned_members, covering_bans};
use crate::planning::draft::Draft;
use crate::planning::policy::{Allowed, Guard};
use crate::planning::procedure::Procedure;
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::temporary::grant::Grant;
use crate::planning::unlisted;

/// The request: addresses or networks, and the jails if not all.
#[derive(Debug, Clone)]
pub struct Unban {
    /// Addresses or networks as typed.
    pub targets: Vec<String>,
    /// `--jail`; empty means every jail.
    pub jails: Vec<String>,
    /// `--grace`: whitelisted for a time as well, so that the next few mistakes do not ban it again.
    pub grace: Option<Grant>,
    /// Who will be banned again soon.
    pub again: Vec<Warning>,
}

impl Procedure for Unban {
    fn command(&self) -> &'static str {
        "unban"
    }

    /// What is neither is another answer than "was not banned", which fail2ban does not tell apart.
    fn typed_networks(&self) -> &[String] {
        &self.targets
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
        if self.grace.is_none() && !draft.unban.is_empty() {
            draft.warnings.extend(self.again.iter().cloned());
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
