//! Whitelists networks for a time: the part that `temp add`, `temp extend` and `unban --grace` share.

use crate::document::{Advice, Warning, WarningCode};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::comment_text::escaped;
use crate::model::network::Network;
use crate::model::observed::{Jail, Observed, TemporaryEntry};
use crate::model::operation::{RuntimeKey, RuntimeSetting, TemporaryEdit};
use crate::model::timespan::Timespan;
use crate::planning::draft::{Draft, TemporaryChange};
use crate::planning::policy::{Allowed, Guard};
use crate::planning::reading::running_jails;
use crate::planning::refusal::Refusal;

use super::permanent::Permanent;
use super::register::{self, LONGEST_SECONDS, is_displaced, is_overdue};

/// An end that would move by less than this stays, so that a command that is run twice changes nothing: 60 s, or a
/// tenth of the time asked for, if that is less.
const GRAIN_SECONDS: i64 = 60;
/// The jails that the runbook's temporary entries are about are those of Asterisk.
const JAILS: &str = "asterisk";

/// A wish to whitelist for a time.
#[derive(Debug, Clone)]
pub struct Grant {
    /// How long, from now on.
    pub span: Timespan,
    /// The jails; empty means every running one whose name begins with `asterisk`.
    pub jails: Vec<String>,
    /// Who wants it.
    pub operator: String,
    /// Why.
    pub reason: Option<String>,
}

impl Grant {
    /// Judges the time.
    ///
    /// # Errors
    /// A guard-rail's refusal for more than [`LONGEST_SECONDS`].
    pub fn allowed(&self) -> Result<(), Refusal> {
        if self.span.seconds() <= LONGEST_SECONDS {
            return Ok(());
        }
        let longest = LONGEST_SECONDS / 86_400;
        Err(Refusal::guard_rail(format!(
            "{} is too long for a temporary entry, which ends after {longest} days at the latest",
            self.span
        ))
        .hint(
            Advice::text("for longer, make it a customer's entry: ")
                .and(Advice::whitelist_customer("NETWORK", " --expires DATE")),
        ))
    }

    /// Adds to a draft what whitelists a network as typed for the time.
    ///
    /// # Errors
    /// A guard-rail's refusal of the time or the network; a precondition's if no such jail runs or the register cannot
    /// be read.
    pub fn draft(&self, draft: &mut Draft, typed: &str, observed: &Observed, guard: &Guard) -> Result<(), Refusal> {
        self.allowed()?;
        let Allowed { network, warnings } = guard.whitelisting(typed)?;
        draft.warnings.extend(warnings);
        readable(observed)?;
        let jails = self.targets(running_jails(observed)?)?;
        let shown = network.shown_by_fail2ban();
        let given = given(&jails, &shown, observed)?;
        let present = register::entry(observed, &shown);
        let lasting = |name: &String| given.holds(name, &shown) && has(jails.get(name), &shown);
        let (permanent, targets): (Vec<String>, Vec<String>) = jails.keys().cloned().partition(lasting);
        if !permanent.is_empty() {
            let message = format!("{network} is whitelisted for good in {}.", permanent.join(", "));
            draft
                .warnings
                .push(Warning::new(WarningCode::AlreadyWhitelisted, message));
        }
        if targets.is_empty() {
            return Ok(());
        }
        draft.warnings.extend(covered(&network, &targets, &jails));
        let wanted = self.entry(&shown, targets, present, observed);
        self.put(draft, wanted, present, &jails, observed);
        Ok(())
    }

    /// The running jails that it is about.
    fn targets<'seen>(&self, running: &'seen BTreeMap<String, Jail>) -> Result<BTreeMap<String, &'seen Jail>, Refusal> {
        let wanted = |name: &String| match self.jails.is_empty() {
            true => name.starts_with(JAILS),
            false => self.jails.contains(name),
        };
        let known: Vec<&str> = running.keys().map(String::as_str).collect();
        if let Some(name) = self.jails.iter().find(|name| !running.contains_key(*name)) {
            let message = format!("no jail {} runs on this host", escaped(name));
            return Err(Refusal::precondition(message).hint(Advice::running_jails(&known)));
        }
        let found: BTreeMap<String, &Jail> = running
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, jail)| (name.clone(), jail))
            .collect();
        if found.is_empty() {
            let message =
                format!("no jail whose name begins with `{JAILS}` is running on this host; name one with --jail");
            return Err(Refusal::precondition(message).hint(Advice::running_jails(&known)));
        }
        Ok(found)
    }

    /// The register's entry as it shall be.
    fn entry(
        &self,
        shown: &str,
        mut jails: Vec<String>,
        present: Option<&TemporaryEntry>,
        observed: &Observed,
    ) -> TemporaryEntry {
        let now = observed.clock.second();
        let span = i64::try_from(self.span.seconds()).unwrap_or(i64::MAX);
        let until = now.saturating_add(span);
        let present = present.filter(|entry| !is_overdue(entry, observed));
        // An entry set by a fast clock has an end that nobody asked for.
        let standing = present.filter(|entry| !is_displaced(entry, observed));
        let grain = GRAIN_SECONDS.min(span / 10);
        // An end is never moved nearer, and not for a moment's difference.
        let kept = standing.filter(|entry| entry.until.saturating_add(grain) >= until);
        if let Some(entry) = present {
            jails.extend(entry.jails.iter().cloned());
            jails.sort();
            jails.dedup();
        }
        TemporaryEntry {
            entry: shown.to_owned(),
            jails,
            since: standing.map_or(now, |entry| entry.since),
            until: kept.map_or(until, |entry| entry.until),
            operator: kept.map_or_else(|| self.operator.clone(), |entry| entry.operator.clone()),
            reason: kept.map_or_else(|| self.reason.clone(), |entry| entry.reason.clone()),
        }
    }

    fn put(
        &self,
        draft: &mut Draft,
        wanted: TemporaryEntry,
        present: Option<&TemporaryEntry>,
        jails: &BTreeMap<String, &Jail>,
        observed: &Observed,
    ) {
        let lacking = wanted.jails.iter().filter(|name| jails.contains_key(*name));
        let lacking: Vec<String> = lacking
            .filter(|name| !has(jails.get(*name), &wanted.entry))
            .cloned()
            .collect();
        let until = observed.clock.moment(wanted.until);
        if lacking.is_empty() && present == Some(&wanted) {
            let message = format!("{} is whitelisted until {until} already.", wanted.entry);
            draft.warnings.push(Warning::new(WarningCode::TemporaryEntry, message));
            return;
        }
        let (entry, named) = (wanted.entry.clone(), register::named(&wanted, observed));
        draft
            .temporary_meaning
            .push(match present.filter(|_| lacking.is_empty()) {
                Some(earlier) => TemporaryEdit::MoveEnd {
                    entry,
                    jails: named,
                    from: observed.clock.moment(earlier.until),
                    until,
                },
                None => TemporaryEdit::Grant {
                    entry,
                    jails: named,
                    until,
                },
            });
        draft.runtime.extend(lacking.into_iter().map(|jail| RuntimeSetting {
            jail,
            key: RuntimeKey::AddIgnoreIp,
            value: wanted.entry.clone(),
        }));
        draft.temporary.push(TemporaryChange::Put(wanted));
    }
}

/// The register has to be readable before anything is written into it.
pub fn readable(observed: &Observed) -> Result<(), Refusal> {
    observed.temporary.read().map(|_| ()).map_err(|reason| {
        let reason = escaped(reason);
        Refusal::precondition(format!("the register of temporary entries cannot be read: {reason}"))
            .hint("log in as root, or pass --become to use sudo; a damaged temp.json in the state directory may be moved away")
    })
}

/// What jail.local gives; a file that cannot be read stops only what may concern it.
fn given(jails: &BTreeMap<String, &Jail>, shown: &str, observed: &Observed) -> Result<Permanent, Refusal> {
    let unexplained =
        |(name, jail): (&String, &&Jail)| has(Some(jail), shown) && register::standing(observed, name, shown).is_none();
    match Permanent::of(observed) {
        Err(refusal) if jails.iter().any(unexplained) => Err(refusal),
        read => Ok(read.unwrap_or_default()),
    }
}

fn has(jail: Option<&&Jail>, shown: &str) -> bool {
    jail.is_some_and(|jail| jail.ignoreip().iter().any(|entry| entry == shown))
}

/// Names the entries that cover the network, if one does in every jail.
fn covered(network: &Network, targets: &[String], jails: &BTreeMap<String, &Jail>) -> Option<Warning> {
    let shown = network.shown_by_fail2ban();
    let mut named = BTreeSet::new();
    for name in targets {
        let jail = jails.get(name).filter(|jail| !has(Some(jail), &shown))?;
        let entries = jail.ignoreip();
        let mut covering = entries
            .iter()
            .filter(|entry| Network::parse(entry).is_ok_and(|other| other.network.covers(network)))
            .peekable();
        covering.peek()?;
        named.extend(covering.cloned());
    }
    let named: Vec<String> = named.into_iter().collect();
    let message = format!(
        "{network} is covered by another entry of the whitelist already: {}.",
        named.join(", ")
    );
    (!named.is_empty()).then(|| Warning::new(WarningCode::CoveredBy, message))
}
