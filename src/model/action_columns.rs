//! What the action log of a host holds, as its agent reduced it: each file by itself, the newest first.

use serde::{Deserialize, Serialize};

/// A file of the action log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionFile {
    /// Its path.
    pub path: String,
    /// Its number on its file system.
    pub inode: u64,
    /// How long it is as it is stored, bytes.
    pub size: u64,
    /// A hash of its beginning and end; absent for the file that is still written.
    pub ends: Option<String>,
}

/// What a file of the action log holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionColumns {
    /// What happened, as fail2ban writes it, e.g. `[sshd] Found 192.0.2.7`; ` # 3` follows where a failure weighs three.
    pub names: Vec<String>,
    /// The events in the order of their lines: numbers of `names`, with blanks between.
    pub events: String,
    /// Their times: each the difference to the one before, seconds of the Unix clock.
    pub times: String,
    /// From when on nothing is missing; absent where nothing was found.
    pub first: Option<i64>,
    /// Events that were left out, since they were of names too many.
    pub dropped: u64,
    /// Whether the file was not read, for the amount of text.
    pub truncated: bool,
    /// Why no more of it could be read.
    pub fault: Option<String>,
}

/// The action log of a host since a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionLog {
    /// Since when it was asked for, seconds before now.
    pub since: u64,
    /// Its files and what they hold, the newest first.
    pub files: Vec<(ActionFile, ActionColumns)>,
}

impl ActionLog {
    /// All events, oldest first.
    pub fn events(&self) -> impl Iterator<Item = (&str, i64)> {
        self.files.iter().rev().flat_map(|(_, columns)| columns.events())
    }

    /// From when on nothing is missing, given the present second: the time that was asked for, or what the oldest file begins
    /// with that was read in one piece with the newer ones. None where nothing was logged at all.
    pub fn horizon(&self, now: i64) -> Option<i64> {
        let whole = self.files.iter().take_while(|(_, columns)| !columns.truncated);
        let oldest = whole.filter_map(|(_, columns)| columns.first).last()?;
        Some(oldest.max(now.saturating_sub(i64::try_from(self.since).unwrap_or(i64::MAX))))
    }
}

impl ActionColumns {
    /// Its events: what happened, and when.
    pub fn events(&self) -> impl Iterator<Item = (&str, i64)> {
        let mut moment = 0_i64;
        let times = self.times.split(' ').map(move |step| {
            moment = moment.saturating_add(step.parse().unwrap_or_default());
            moment
        });
        let names = self.events.split(' ').map(|number| {
            let name = number.parse().ok().and_then(|number: usize| self.names.get(number));
            name.map(String::as_str)
        });
        names.zip(times).filter_map(|(name, moment)| Some((name?, moment)))
    }
}

#[cfg(test)]
mod tests {
    use super::ActionColumns;

    #[test]
    fn events_are_read_and_what_is_none_is_passed_over() {
        let columns = ActionColumns {
            names: vec!["a".to_owned(), "b".to_owned()],
            events: "0 1 7 0".to_owned(),
            times: "100 5 0 -2".to_owned(),
            ..ActionColumns::default()
        };
        let events: Vec<(&str, i64)> = columns.events().collect();
        assert_eq!(events, [("a", 100), ("b", 105), ("a", 103)]);
        assert_eq!(ActionColumns::default().events().count(), 0);
    }
}
