//! What becomes of each address that one of two settings would ban.

use std::collections::BTreeMap;

use super::ground::Ground;
use crate::document::{Affected, ClassKind, ForecastClass};
use crate::history::{Course, Happened, Peak};

/// How many addresses of a class are named.
const NAMED: usize = 20;
/// How long after a ban lines that were on their way may come in, seconds.
const ON_THEIR_WAY: i64 = 2;

/// The classes, those that matter most first.
pub fn classes(
    ground: &Ground<'_>,
    present: &[Course],
    proposed: &[Course],
    peaks: &[Option<Peak>],
) -> Vec<ForecastClass> {
    let cuts = cuts(ground);
    let mut found: BTreeMap<ClassKind, Vec<usize>> = BTreeMap::new();
    for (number, (now, then)) in present.iter().zip(proposed).enumerate() {
        let cut = cuts.get(&number).copied();
        if let Some(kind) = kind(now.bans.first().copied(), then.bans.first().copied(), cut) {
            found.entry(kind).or_default().push(number);
        }
    }
    let class = |(kind, numbers): (ClassKind, Vec<usize>)| ForecastClass {
        kind,
        count: ground.split(numbers.iter().copied()),
        addresses: named(ground, numbers, peaks),
    };
    found.into_iter().map(class).collect()
}

/// What becomes of an address, given when the two settings ban it first and when its lines were cut off by a ban.
fn kind(now: Option<i64>, then: Option<i64>, cut: Option<i64>) -> Option<ClassKind> {
    // What would follow a ban that really was is unknown, if the other setting had not banned by then.
    let is_cut = |then: Option<i64>| cut.is_some_and(|cut| then.is_none_or(|then| then > cut));
    match (now, then) {
        (None, None) => None,
        (None, Some(_)) => Some(ClassKind::Newly),
        (Some(_), then) if is_cut(then) && then != now => Some(ClassKind::CutOff),
        (Some(_), None) => Some(ClassKind::NoLonger),
        (Some(now), Some(then)) => Some(match then.cmp(&now) {
            std::cmp::Ordering::Less => ClassKind::Earlier,
            std::cmp::Ordering::Equal => ClassKind::Same,
            std::cmp::Ordering::Greater => ClassKind::Later,
        }),
    }
}

/// When fail2ban's own ban cut off the lines of an address first; not of one that went on.
pub fn cuts(ground: &Ground<'_>) -> BTreeMap<usize, i64> {
    let mut found = BTreeMap::new();
    let mut banned: BTreeMap<usize, i64> = BTreeMap::new();
    for act in &ground.past.acts {
        match act.what {
            Happened::Banned | Happened::Restored => _ = banned.entry(act.address).or_insert(act.moment),
            Happened::Unbanned => {
                if let Some(since) = banned.remove(&act.address) {
                    found.entry(act.address).or_insert(since);
                }
            }
            Happened::AlreadyBanned | Happened::Found | Happened::Ignored | Happened::Weighed(_) => {
                let since = banned.get(&act.address).copied();
                if since.is_some_and(|since| act.moment > since + ON_THEIR_WAY) {
                    banned.remove(&act.address);
                }
            }
            Happened::Began => {}
        }
    }
    for (number, since) in banned {
        found.entry(number).or_insert(since);
    }
    found
}

/// The first of some addresses: customers first, then those that count most.
fn named(ground: &Ground<'_>, numbers: Vec<usize>, peaks: &[Option<Peak>]) -> Vec<Affected> {
    let affected = |number: usize| ground.affected(number, peaks.get(number).copied().flatten());
    let mut found: Vec<Affected> = numbers.into_iter().filter_map(affected).collect();
    found.sort_by_key(|one| (one.customer.is_none(), std::cmp::Reverse(one.count)));
    found.truncate(NAMED);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_ban_cut_off_is_no_evidence_of_an_end() {
        assert_eq!(kind(None, None, Some(5)), None);
        assert_eq!(kind(None, Some(9), None), Some(ClassKind::Newly));
        assert_eq!(kind(Some(9), None, None), Some(ClassKind::NoLonger));
        assert_eq!(kind(Some(9), None, Some(9)), Some(ClassKind::CutOff));
        assert_eq!(kind(Some(9), Some(20), Some(9)), Some(ClassKind::CutOff));
        assert_eq!(kind(Some(9), Some(20), None), Some(ClassKind::Later));
        assert_eq!(kind(Some(9), Some(4), Some(9)), Some(ClassKind::Earlier));
        assert_eq!(kind(Some(9), Some(9), Some(5)), Some(ClassKind::Same));
    }
}
