//! Words of hosts that completions offer: what the last look at a host found, kept on this machine for a while.
//!
//! Completing a word never logs in, so what was not looked at is not offered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audit::chain::sha256_hex;
use crate::model::observed::Observed;
use crate::planning::whitelist::whitelist;

/// How long words are offered, in seconds: a shift, and for the banned, who come and go, a quarter of an hour.
const KEPT_SECONDS: i64 = 8 * 3600;
const BANNED_SECONDS: i64 = 15 * 60;
/// How many words of a kind are kept; more are no help to anybody who presses Tab.
const MOST_WORDS: usize = 2000;

/// What a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A running jail.
    Jail,
    /// A customer of the whitelist.
    Customer,
    /// A whitelisted network.
    Network,
    /// A banned address.
    Banned,
    /// A backup of jail.local.
    Backup,
}

impl Kind {
    fn seconds(self) -> i64 {
        match self {
            Self::Banned => BANNED_SECONDS,
            _ => KEPT_SECONDS,
        }
    }
}

/// Words of one kind with the time of the look, seconds of the Unix clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Seen {
    at: i64,
    words: BTreeSet<String>,
}

/// The words of one host.
#[derive(Debug)]
pub struct KnownWords {
    path: PathBuf,
    seen: BTreeMap<Kind, Seen>,
}

impl KnownWords {
    /// What is kept of a host, below f2bctl's state directory; nothing where nothing can be read.
    pub fn of(state_home: &Path, host: &str) -> Self {
        // A host's name may hold what a file's may not.
        let name = sha256_hex(host.as_bytes());
        let path = state_home.join("f2bctl/words").join(format!("{name}.json"));
        let seen = fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            path,
            seen: seen.unwrap_or_default(),
        }
    }

    /// The words of a kind, unless the look is too long ago.
    pub fn words(&self, kind: Kind, now: i64) -> impl Iterator<Item = &String> {
        let seen = self.seen.get(&kind);
        let fresh = seen.filter(|seen| (0..kind.seconds()).contains(&(now - seen.at)));
        fresh.into_iter().flat_map(|seen| &seen.words)
    }

    /// Takes what a look found, and leaves alone what it did not look at.
    pub fn learn(&mut self, observed: &Observed, now: i64) {
        if let Some(server) = observed.server.value() {
            let bans = server.jails.values().flat_map(|jail| &jail.bans);
            self.put(Kind::Banned, bans.map(|ban| ban.ip.as_str().to_owned()), now);
            self.put(Kind::Jail, server.jails.keys().cloned(), now);
        }
        if observed.jail_local.value().is_some()
            && let Ok(rows) = whitelist(observed)
        {
            let customers = rows.iter().filter_map(|row| row.customer.as_ref());
            self.put(Kind::Customer, customers.map(|name| name.raw().to_owned()), now);
            let networks = rows.iter().filter(|row| row.documented);
            self.put(Kind::Network, networks.map(|row| row.network.raw().to_owned()), now);
        }
        if let Some(backups) = observed.backups.value() {
            let names = backups.iter().filter_map(|backup| backup.path.rsplit('/').next());
            self.put(Kind::Backup, names.map(str::to_owned), now);
        }
    }

    /// Only words that can be typed as they are shown: a host decides what its names hold.
    fn put(&mut self, kind: Kind, words: impl Iterator<Item = String>, now: i64) {
        let typed = words.filter(|word| !word.is_empty() && !word.chars().any(char::is_control));
        let words = typed.take(MOST_WORDS).collect();
        self.seen.insert(kind, Seen { at: now, words });
    }

    /// Keeps it for the next Tab; what cannot be kept is not offered.
    pub fn keep(&self) {
        drop(self.write());
    }

    fn write(&self) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let beside = self.path.with_extension(format!("{}.new", std::process::id()));
        let mut out = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        out.write_all(&serde_json::to_vec(&self.seen)?)?;
        fs::rename(&beside, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_for_a_while_and_by_host() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut words = KnownWords::of(folder.path(), "pbx1");
        let typed = ["192.0.2.7", "bell\u{7}"].map(str::to_owned);
        words.put(Kind::Banned, typed.into_iter(), 1000);
        words.put(Kind::Jail, ["sshd".to_owned()].into_iter(), 1000);
        words.keep();
        let words = KnownWords::of(folder.path(), "pbx1");
        let at = |kind, now| words.words(kind, now).cloned().collect::<Vec<_>>();
        assert_eq!(at(Kind::Banned, 1000 + BANNED_SECONDS - 1), ["192.0.2.7"]);
        assert_eq!(at(Kind::Banned, 1000 + BANNED_SECONDS), [""; 0]);
        assert_eq!(at(Kind::Jail, 1000 + BANNED_SECONDS), ["sshd"]);
        assert_eq!(at(Kind::Jail, 999), [""; 0], "a clock that was put back");
        assert_eq!(at(Kind::Customer, 1000), [""; 0]);
        assert_eq!(KnownWords::of(folder.path(), "pbx2").words(Kind::Jail, 1000).count(), 0);
    }

    #[test]
    fn a_file_that_is_none_offers_nothing() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let words = KnownWords::of(folder.path(), "pbx1");
        words.keep();
        fs::write(&words.path, "{").expect("written");
        assert_eq!(KnownWords::of(folder.path(), "pbx1").seen.len(), 0);
    }
}
