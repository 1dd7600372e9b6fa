//! The procedures of temporary entries: add, extend, remove, keep.

use crate::document::{Advice, Warning, WarningCode};
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed};
use crate::model::operation::{RuntimeKey, RuntimeSetting, TemporaryEdit};
use crate::model::runbook::is_named_after_asterisk;
use crate::planning::bans::still_banned;
use crate::planning::details::Details;
use crate::planning::draft::{Draft, TemporaryChange};
use crate::planning::policy::{Guard, networks};
use crate::planning::procedure::Procedure;
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;
use crate::planning::temporary::grant::{Grant, readable};
use crate::planning::temporary::permanent::Permanent;
use crate::planning::temporary::register;
use crate::planning::whitelisting::{Whitelisting, needs_a_key, whitelist_with_details};

/// The request: networks as typed, and what becomes of them.
#[derive(Debug, Clone)]
pub struct Temp {
    /// Addresses or networks as typed.
    pub targets: Vec<String>,
    /// What is to be done.
    pub act: Act,
}

/// What is to be done with temporary entries.
#[derive(Debug, Clone)]
pub enum Act {
    /// Whitelist for a time; an entry that is there keeps its end unless the new one is later.
    Add(Grant),
    /// Move the end of an entry that is there.
    Extend(Grant),
    /// End it now.
    Remove,
    /// Make it an entry of jail.local, with its customer.
    Keep(Details),
}

impl Procedure for Temp {
    fn command(&self) -> &'static str {
        match self.act {
            Act::Add(_) => "temp add",
            Act::Extend(_) => "temp extend",
            Act::Remove => "temp remove",
            Act::Keep(_) => "temp keep",
        }
    }

    fn typed_networks(&self) -> &[String] {
        &self.targets
    }

    /// Keeping is an onboarding; the others change running jails and f2bctl's own register, and no file of fail2ban's.
    fn rehearses(&self) -> bool {
        matches!(self.act, Act::Keep(_))
    }

    fn reads_the_disk(&self, observed: &Observed) -> bool {
        matches!(self.act, Act::Keep(_)) && needs_a_key(observed)
    }

    fn draft(&self, observed: &Observed, guard: &Guard) -> Result<Draft, Refusal> {
        let networks = networks(&self.targets)?;
        let mut draft = Draft::default();
        match &self.act {
            Act::Keep(details) => return self.keep(&networks, details, observed, guard),
            Act::Remove => {
                for network in &networks {
                    remove(&mut draft, network, observed, guard)?;
                }
            }
            Act::Add(grant) => {
                for (typed, network) in self.targets.iter().zip(&networks) {
                    grant.draft(&mut draft, typed, observed, guard)?;
                    draft.warnings.extend(still_banned(network, observed)?);
                }
            }
            Act::Extend(grant) => {
                for (typed, network) in self.targets.iter().zip(&networks) {
                    is_there(network, observed)?;
                    grant.draft(&mut draft, typed, observed, guard)?;
                }
            }
        }
        Ok(draft)
    }
}

impl Temp {
    fn keep(
        &self,
        networks: &[Network],
        details: &Details,
        observed: &Observed,
        guard: &Guard,
    ) -> Result<Draft, Refusal> {
        let given = Permanent::of(observed)?;
        for network in networks {
            if !given.holds_anywhere(&network.shown_by_fail2ban()) {
                is_there(network, observed)?;
            }
        }
        let allowed: Result<Vec<_>, Refusal> = self.targets.iter().map(|typed| guard.whitelisting(typed)).collect();
        let into = Whitelisting {
            label: "temp-keep",
            reassign: details.reassign,
            ..Whitelisting::default()
        };
        let mut draft = whitelist_with_details(allowed?, details, into, observed, guard)?;
        for network in networks {
            let shown = network.shown_by_fail2ban();
            if register::entry(observed, &shown).is_some() {
                draft.temporary_meaning.push(TemporaryEdit::Keep {
                    entry: network.to_string(),
                });
                draft.temporary.push(TemporaryChange::Drop(shown));
            }
        }
        Ok(draft)
    }
}

fn is_there(network: &Network, observed: &Observed) -> Result<(), Refusal> {
    readable(observed)?;
    if register::entry(observed, &network.shown_by_fail2ban()).is_some() {
        return Ok(());
    }
    Err(
        Refusal::precondition(format!("{network} has no temporary entry on this host"))
            .hint("`f2bctl temp list` shows those that are there")
            .hint("`f2bctl temp add` makes one, `f2bctl onboard` whitelists a customer for good"),
    )
}

/// Takes an entry out of the running jails that do not have it from the file, registered or set by hand.
fn remove(draft: &mut Draft, network: &Network, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
    readable(observed)?;
    let shown = network.shown_by_fail2ban();
    let given = Permanent::of(observed)?;
    let registered = register::entry(observed, &shown);
    let temporary = |(name, jail): &(&String, &Jail)| {
        let named = registered.is_some_and(|entry| entry.jails.contains(*name)) || is_named_after_asterisk(name);
        named && jail.ignoreip().contains(&shown) && !given.holds(name, &shown)
    };
    let jails: Vec<String> = running_jails(observed)?
        .iter()
        .filter(temporary)
        .map(|(name, _)| name.clone())
        .collect();
    if registered.is_none() && jails.is_empty() {
        if given.holds_anywhere(&shown) {
            return Err(
                Refusal::precondition(format!("{network} is in jail.local and is not a temporary entry"))
                    .hint(Advice::command(format!("offboard {network}")).then(" takes it off the whitelist")),
            );
        }
        let message = format!("{network} has no temporary entry.");
        draft.warnings.push(Warning::new(WarningCode::NotWhitelisted, message));
        return Ok(());
    }
    guard.removing(network)?;
    let staying: Vec<&str> = running_jails(observed)?
        .iter()
        .filter(|(name, jail)| !jails.contains(name) && jail.ignoreip().contains(&shown))
        .map(|(name, _)| name.as_str())
        .collect();
    let entry = network.to_string();
    draft.temporary_meaning.push(match jails.is_empty() {
        true => TemporaryEdit::Forget {
            entry,
            nowhere: staying.is_empty(),
        },
        false => TemporaryEdit::End {
            entry,
            jails: jails.clone(),
        },
    });
    if !staying.is_empty() {
        let stays = format!(
            "{network} stays whitelisted in {}, where it is not a temporary entry; ",
            staying.join(", ")
        );
        let message = Advice::text(stays)
            .run(format!("offboard {network}"))
            .then(" takes it off the whitelist of jail.local.");
        draft
            .warnings
            .push(Warning::new(WarningCode::StillWhitelisted, message));
    }
    draft.runtime.extend(jails.into_iter().map(|jail| RuntimeSetting {
        jail,
        key: RuntimeKey::DelIgnoreIp,
        value: shown.clone(),
    }));
    if registered.is_some() {
        draft.temporary.push(TemporaryChange::Drop(shown));
    }
    Ok(())
}
