//! What fail2ban did in the past, by jail: each jail's events in the order of time, with its addresses numbered.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// What happened to an address in a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A failure was found.
    Found,
    /// A failure was not counted, since the address is whitelisted.
    Ignored,
    /// A failure that was just found weighs so much more, since its address was banned before.
    Weighed(i64),
    /// It was banned.
    Banned,
    /// Its ban was brought back, after a restart.
    Restored,
    /// Its ban ended or was lifted.
    Unbanned,
    /// It was banned already, and went on.
    AlreadyBanned,
    /// The jail began anew: of no address.
    Began,
}

/// One event of a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// The number of its address; of no meaning for a jail's beginning.
    pub address: usize,
    /// When, seconds of the Unix clock; of a failure, the time of its line.
    pub moment: i64,
    /// What.
    pub what: Happened,
}

/// The past of a jail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JailPast {
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// What happened, in order.
    pub acts: Vec<Act>,
}

/// The past of each jail, from events of its action log since a time, oldest first: what happened as fail2ban writes it, and
/// when.
pub fn past<'log>(events: impl IntoIterator<Item = (&'log str, i64)>, since: i64) -> BTreeMap<String, JailPast> {
    // What is written is one of a few texts, each of which is read once.
    let mut known: HashMap<&str, Option<Read<'_>>> = HashMap::new();
    let mut numbers: HashMap<(&str, IpAddr), usize> = HashMap::new();
    let mut found: BTreeMap<String, JailPast> = BTreeMap::new();
    for (text, moment) in events.into_iter().filter(|(_, moment)| *moment >= since) {
        let Some((jail, address, what)) = *known.entry(text).or_insert_with(|| read(text)) else {
            continue;
        };
        if !found.contains_key(jail) {
            found.insert(jail.to_owned(), JailPast::default());
        }
        let Some(past) = found.get_mut(jail) else { continue };
        let number = address.map(|address| {
            *numbers.entry((jail, address)).or_insert_with(|| {
                past.addresses.push(address);
                past.addresses.len() - 1
            })
        });
        past.acts.push(Act {
            address: number.unwrap_or_default(),
            moment,
            what,
        });
    }
    found
}

/// A text as it is read: the jail, the address, what happened.
type Read<'text> = (&'text str, Option<IpAddr>, Happened);

/// `[sshd] Found 192.0.2.7 # 3`, `[sshd] 192.0.2.7 already banned`, `Jail 'sshd' started`.
fn read(text: &str) -> Option<Read<'_>> {
    if let Some(rest) = text.strip_prefix("Jail '") {
        return Some((rest.strip_suffix("' started")?, None, Happened::Began));
    }
    let (jail, rest) = text.strip_prefix('[')?.split_once("] ")?;
    if let Some(address) = rest.strip_suffix(" already banned") {
        return Some((jail, Some(address.parse().ok()?), Happened::AlreadyBanned));
    }
    let (rest, weight) = match rest.split_once(" # ") {
        Some((rest, weight)) => (rest, weight.parse::<i64>().ok()),
        None => (rest, None),
    };
    let (verb, address) = rest.rsplit_once(' ')?;
    let what = match (verb, weight) {
        ("Found", Some(weight)) => Happened::Weighed((weight - 1).max(0)),
        ("Found", None) => Happened::Found,
        ("Ignore", _) => Happened::Ignored,
        ("Ban", _) => Happened::Banned,
        ("Restore Ban", _) => Happened::Restored,
        ("Unban", _) => Happened::Unbanned,
        _ => return None,
    };
    Some((jail, Some(address.parse().ok()?), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_read_and_each_jail_has_its_own() {
        let events = [
            ("[a] Found 192.0.2.7", 5),
            ("Jail 'a' started", 10),
            ("[a] Found 192.0.2.7", 11),
            ("[a] Found 192.0.2.7 # 3", 11),
            ("[b] Ignore 2001:db8::7", 12),
            ("[a] Ban 192.0.2.8", 13),
            ("[a] 192.0.2.8 already banned", 14),
            ("[a] Restore Ban 192.0.2.8", 15),
            ("[a] Unban 192.0.2.8", 16),
            ("[a] Ban 192.0.2.0/24", 17),
            ("nonsense", 18),
        ];
        let found = past(events, 10);
        let of = |jail: &str| -> Vec<(usize, i64, Happened)> {
            let acts = found[jail].acts.iter();
            acts.map(|act| (act.address, act.moment, act.what)).collect()
        };
        assert_eq!(
            of("a"),
            [
                (0, 10, Happened::Began),
                (0, 11, Happened::Found),
                (0, 11, Happened::Weighed(2)),
                (1, 13, Happened::Banned),
                (1, 14, Happened::AlreadyBanned),
                (1, 15, Happened::Restored),
                (1, 16, Happened::Unbanned)
            ]
        );
        assert_eq!(of("b"), [(0, 12, Happened::Ignored)]);
        assert_eq!(found["a"].addresses.len(), 2);
    }
}
