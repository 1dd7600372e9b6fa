//! The register of temporary entries as every change sees it: what is due, what is overdue, and what it becomes.

use crate::document::{Advice, Warning, WarningCode};
use crate::model::observed::{Jail, Observed, TemporaryEntry};
use crate::model::operation::{RegisterTemporary, RuntimeKey, RuntimeSetting, TemporaryEdit};
use crate::planning::draft::{Draft, TemporaryChange};
use crate::planning::reading::running_jails;

use super::permanent::Permanent;

/// The longest time: 7 days. What is needed for longer is a customer's entry, with a name and a review.
pub const LONGEST_SECONDS: u64 = 7 * 86_400;
/// How long after an entry's end the host is given to take it out by itself, seconds: its own end waits for the lock
/// that a change may hold at that moment.
const OVERDUE_SECONDS: i64 = 5;
/// How far a host's clock may be set back without a word, seconds: synchronising moves it by less, and longer than this
/// no entry outlives its time unnoticed.
const CLOCK_SECONDS: i64 = 300;

/// The registered entries; none where the register could not be read.
pub fn entries(observed: &Observed) -> &[TemporaryEntry] {
    observed.temporary.value().map_or(&[], |register| &register.entries)
}

/// The registered entry of a network in fail2ban's spelling.
pub fn entry<'seen>(observed: &'seen Observed, shown: &str) -> Option<&'seen TemporaryEntry> {
    entries(observed).iter().find(|entry| entry.entry == shown)
}

/// The entry that makes it right that a jail has this one in its whitelist for the time being.
pub fn standing<'seen>(observed: &'seen Observed, jail: &str, shown: &str) -> Option<&'seen TemporaryEntry> {
    let found = entry(observed, shown)?;
    let named = found.jails.iter().any(|name| name == jail);
    (named && !is_overdue(found, observed)).then_some(found)
}

/// The jails of an entry that are shown: the register also remembers jails that are gone, since the entry belongs
/// to them when they come back. All of them where nobody knows which jails run.
pub fn named(entry: &TemporaryEntry, observed: &Observed) -> Vec<String> {
    let running = running_jails(observed).ok();
    let runs = |name: &&String| running.is_none_or(|jails| jails.contains_key(*name));
    entry.jails.iter().filter(runs).cloned().collect()
}

/// Whether an entry should have ended a while ago: whoever was to end it was killed, or the host was down.
pub fn is_overdue(entry: &TemporaryEntry, observed: &Observed) -> bool {
    entry.until + OVERDUE_SECONDS < observed.clock.second()
}

/// Whether an entry was written by a clock that was fast compared with the host's present one: it began later than now, or lasts
/// longer than any entry is granted. Its end is then none that anybody has asked for.
pub fn is_displaced(entry: &TemporaryEntry, observed: &Observed) -> bool {
    let now = observed.clock.second().saturating_add(CLOCK_SECONDS);
    let longest = i64::try_from(LONGEST_SECONDS).unwrap_or(i64::MAX);
    entry.since > now || entry.until > now.saturating_add(longest)
}

/// The warnings about entries that were written by a fast clock.
pub fn displaced(observed: &Observed) -> Vec<Warning> {
    let wrong = entries(observed).iter().filter(|entry| is_displaced(entry, observed));
    wrong
        .map(|entry| {
            let moment = |second| observed.clock.moment(second);
            let network = &entry.entry;
            let longer = format!(
                "The temporary entry {network} was set at {} until {} by a clock that was fast compared with the \
                 host's present time ({}), so it lasts longer than requested; ",
                moment(entry.since),
                moment(entry.until),
                moment(observed.clock.second()),
            );
            let message = Advice::text(longer)
                .run(format!("temp add {network} --for DURATION"))
                .then(" sets a new end, ")
                .run(format!("temp remove {network}"))
                .then(" ends it now.");
            Warning::new(WarningCode::TemporaryClock, message)
        })
        .collect()
}

/// Adds to a draft the ends that are overdue. Those that are in force nowhere any more only go along with a change.
pub fn sweep(draft: &mut Draft, observed: &Observed) {
    let overdue: Vec<&TemporaryEntry> = entries(observed)
        .iter()
        .filter(|entry| is_overdue(entry, observed) && !is_handled(draft, &entry.entry))
        .collect();
    // What the file gives has to stay; where that is not known, nothing is taken out.
    let (false, Ok(given)) = (overdue.is_empty(), Permanent::of(observed)) else {
        return;
    };
    let idle = draft.is_empty();
    for entry in overdue {
        let jails = in_force(entry, observed, &given);
        if jails.is_empty() && idle {
            continue;
        }
        draft.temporary_meaning.push(TemporaryEdit::EndOverdue {
            entry: entry.entry.clone(),
            jails: jails.clone(),
            until: observed.clock.moment(entry.until),
        });
        draft.runtime.extend(jails.into_iter().map(|jail| RuntimeSetting {
            jail,
            key: RuntimeKey::DelIgnoreIp,
            value: entry.entry.clone(),
        }));
        draft.temporary.push(TemporaryChange::Drop(entry.entry.clone()));
        if !given.holds_anywhere(&entry.entry) {
            draft.intent.unwhitelisted.insert(entry.entry.clone());
        }
    }
}

/// Whether a draft says itself what becomes of an entry, or whitelists it for good.
pub fn is_handled(draft: &Draft, shown: &str) -> bool {
    is_named(draft, shown) || draft.intent.whitelists(shown)
}

/// Whether the draft itself changes the entry.
fn is_named(draft: &Draft, shown: &str) -> bool {
    let named = |change: &TemporaryChange| match change {
        TemporaryChange::Put(entry) => entry.entry == shown,
        TemporaryChange::Drop(entry) => entry == shown,
    };
    draft.temporary.iter().any(named)
}

/// The jails of an entry that have it and do not have it from the file.
pub fn in_force(entry: &TemporaryEntry, observed: &Observed, given: &Permanent) -> Vec<String> {
    let server = observed.server.value();
    let running = |name: &String| server.and_then(|server| server.jails.get(name));
    let has = |jail: &Jail| jail.ignoreip().contains(&entry.entry);
    let names = entry.jails.iter();
    names
        .filter(|name| running(name).is_some_and(has) && !given.holds(name, &entry.entry))
        .cloned()
        .collect()
}

/// The register as a draft leaves it; absent if that is how it is. An entry that a file gives from now on, or that is
/// taken off the whitelist altogether, is no temporary one any more.
pub fn register_move(draft: &Draft, observed: &Observed) -> Option<RegisterTemporary> {
    let before = observed.temporary.value()?.entries.clone();
    let mut after = before.clone();
    let intent = &draft.intent;
    after.retain(|entry| !intent.whitelists(&entry.entry) && !intent.unwhitelisted.contains(&entry.entry));
    for change in &draft.temporary {
        match change {
            TemporaryChange::Put(entry) => {
                after.retain(|other| other.entry != entry.entry);
                after.push(entry.clone());
            }
            TemporaryChange::Drop(shown) => after.retain(|other| other.entry != *shown),
        }
    }
    if after == before {
        return None;
    }
    after.sort_by(|one, other| (one.until, &one.entry).cmp(&(other.until, &other.entry)));
    let mut meaning = draft.temporary_meaning.clone();
    meaning.extend(before.iter().filter_map(|entry| leaving(entry, draft)));
    Some(RegisterTemporary { before, after, meaning })
}

/// That an entry leaves the register since the change whitelists it for good or takes it off the whitelist, where no
/// planner has a meaning for it.
fn leaving(entry: &TemporaryEntry, draft: &Draft) -> Option<TemporaryEdit> {
    if is_named(draft, &entry.entry) {
        return None;
    }
    let entry = entry.entry.clone();
    if draft.intent.whitelists(&entry) {
        return Some(TemporaryEdit::Keep { entry });
    }
    let goes = draft.intent.unwhitelisted.contains(&entry);
    goes.then_some(TemporaryEdit::Forget { entry, nowhere: false })
}
