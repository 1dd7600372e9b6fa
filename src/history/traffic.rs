//! The accounts that an address asked for: failures, their reasons, first, last, and the last success.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::attempts::{Attempt, Outcome};

/// One account of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The account; absent where lines name none.
    pub account: Option<String>,
    /// Failed attempts.
    pub failures: u64,
    /// Attempts that were let in.
    pub successes: u64,
    /// By Asterisk's words, how many attempts that were not let in.
    pub reasons: BTreeMap<String, u64>,
    /// Their methods.
    pub methods: BTreeSet<String>,
    /// Where they came from.
    pub addresses: BTreeSet<IpAddr>,
    /// The first attempt, seconds of the Unix clock.
    pub first: Option<i64>,
    /// The last attempt.
    pub last: Option<i64>,
    /// The last that was let in.
    pub last_success: Option<i64>,
}

/// The accounts of attempts, those that failed most first.
pub fn accounts<'all>(attempts: impl IntoIterator<Item = &'all Attempt>) -> Vec<AccountRow> {
    let mut rows: BTreeMap<Option<&str>, AccountRow> = BTreeMap::new();
    for attempt in attempts {
        let row = rows.entry(attempt.account.as_deref()).or_insert_with(|| AccountRow {
            account: attempt.account.clone(),
            failures: 0,
            successes: 0,
            reasons: BTreeMap::new(),
            methods: BTreeSet::new(),
            addresses: BTreeSet::new(),
            first: None,
            last: None,
            last_success: None,
        });
        row.failures += u64::from(attempt.outcome.is_failure());
        row.successes += u64::from(attempt.outcome == Outcome::Success);
        if !matches!(attempt.outcome, Outcome::Success | Outcome::Challenged) {
            *row.reasons.entry(attempt.reason.clone()).or_default() += 1;
        }
        row.methods.extend(attempt.method.clone());
        row.addresses.extend(attempt.address);
        row.first = row.first.into_iter().chain(attempt.moment).min();
        row.last = row.last.into_iter().chain(attempt.moment).max();
        if attempt.outcome == Outcome::Success {
            row.last_success = row.last_success.into_iter().chain(attempt.moment).max();
        }
    }
    let mut rows: Vec<AccountRow> = rows.into_values().collect();
    rows.sort_by(|one, other| {
        other
            .failures
            .cmp(&one.failures)
            .then_with(|| one.account.cmp(&other.account))
    });
    rows
}
