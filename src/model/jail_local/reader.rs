//! What the host's fail2ban version changes in the reading of jail.local.

/// How a fail2ban version splits the value of `ignoreip` into entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Splitting {
    /// Up to 1.0.2: at spaces, commas and line ends; other white space is only taken off the outside of an entry.
    SpacesAndCommas,
    /// From 1.1.0: at any white space and commas.
    AnyWhiteSpace,
    /// Not known: what the two read differently is an objection.
    Unknown,
}

/// The facts about the host's fail2ban that a reading of jail.local depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reader {
    version: String,
    splitting: Splitting,
}

impl Reader {
    /// For the version that the host's fail2ban reports, such as `1.0.2`. A text that isn't such a version, and a
    /// development version of 1.1.0, is read like [`Reader::unknown`].
    pub fn new(version: &str) -> Self {
        let splitting = match numbers(version) {
            Some((1, 1, 0)) if !is_release(version) => Splitting::Unknown,
            Some(numbers) if numbers >= (1, 1, 0) => Splitting::AnyWhiteSpace,
            Some(_) => Splitting::SpacesAndCommas,
            None => Splitting::Unknown,
        };
        Self {
            version: version.to_owned(),
            splitting,
        }
    }

    /// For a host whose version isn't known: what any version might misread is objected to.
    pub fn unknown() -> Self {
        Self {
            version: "of unknown version".to_owned(),
            splitting: Splitting::Unknown,
        }
    }

    /// The version as it was given.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn splitting(&self) -> Splitting {
        self.splitting
    }

    /// Whether `ignoreip = file:PATH` names a file of entries (fail2ban 1.1.1 and later).
    pub(super) fn reads_entry_files(&self) -> bool {
        numbers(&self.version).is_some_and(|numbers| numbers >= (1, 1, 1))
    }
}

fn is_release(version: &str) -> bool {
    version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.trim().split('.');
    let mut next = || -> Option<u32> {
        let part = parts.next()?;
        let end = part
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(part.len());
        part.get(..end)?.parse().ok()
    };
    Some((next()?, next()?, next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_split_as_measured() {
        for (version, splitting) in [
            ("0.11.2", Splitting::SpacesAndCommas),
            ("1.0.2", Splitting::SpacesAndCommas),
            ("1.0.3.dev1", Splitting::SpacesAndCommas),
            ("1.1.0", Splitting::AnyWhiteSpace),
            ("1.1.1", Splitting::AnyWhiteSpace),
            ("1.1.2.dev1", Splitting::AnyWhiteSpace),
            ("1.1.0.dev1", Splitting::Unknown),
            ("2", Splitting::Unknown),
            ("", Splitting::Unknown),
            ("new", Splitting::Unknown),
        ] {
            assert_eq!(Reader::new(version).splitting(), splitting, "{version}");
        }
        assert_eq!(Reader::unknown().splitting(), Splitting::Unknown);
        assert!(Reader::new("1.1.1").reads_entry_files() && !Reader::new("1.1.0").reads_entry_files());
    }
}
