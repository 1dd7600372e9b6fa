//! Which lines the filters read: Asterisk says one failed attempt as a NOTICE, as a SECURITY event, or as both, by its
//! logger.conf. A filter that took both would count one attempt twice.

use crate::model::observed::{HostFile, LogSample};

use super::jails::{JAILS, SplitJail};

/// A pair of filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Reads the notices (and warnings).
    Notice,
    /// Reads the events of the security level.
    Security,
}

impl Variant {
    /// The level that it reads, as Asterisk writes it.
    pub fn level(self) -> &'static str {
        match self {
            Self::Notice => "NOTICE",
            Self::Security => "SECURITY",
        }
    }

    /// The text of a jail's filter.
    pub fn filter(self, jail: &SplitJail) -> &'static str {
        match self {
            Self::Notice => jail.notice,
            Self::Security => jail.security,
        }
    }
}

/// The variant for what a log holds, and why. Notices are read where they are logged, else the events; a log with
/// neither shows nothing, and what is installed stays, which is `None` for the reason. Where callers write addresses into
/// notices and the events are logged as well, the events are read: they show the true address.
pub fn chosen(log: &LogSample, filters: &[HostFile]) -> (Variant, Option<String>) {
    let count = |variant: Variant| log.levels.get(variant.level()).copied().unwrap_or_default();
    if log.two_addresses > 0 && count(Variant::Security) > 0 {
        let why = format!(
            "{} of the last {} lines of the log are notices into which the caller wrote an address",
            log.two_addresses, log.lines
        );
        return (Variant::Security, Some(why));
    }
    for variant in [Variant::Notice, Variant::Security] {
        if count(variant) > 0 {
            let why = format!(
                "{} of the last {} lines of the log are {}",
                count(variant),
                log.lines,
                variant.level()
            );
            return (variant, Some(why));
        }
    }
    let installed = |variant: &Variant| {
        JAILS.iter().all(|jail| {
            let mut same = filters.iter().filter(|file| file.path == jail.filter_path);
            same.any(|file| file.content.as_deref() == Some(variant.filter(jail).as_bytes()))
        })
    };
    let present = Some(Variant::Security).filter(installed);
    (present.unwrap_or(Variant::Notice), None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn log(levels: &[(&str, u64)]) -> LogSample {
        LogSample {
            lines: 100,
            levels: levels
                .iter()
                .map(|(level, count)| ((*level).to_owned(), *count))
                .collect::<BTreeMap<_, _>>(),
            ..LogSample::default()
        }
    }

    #[test]
    fn notices_go_before_events() {
        let of = |levels: &[(&str, u64)]| chosen(&log(levels), &[]).0;
        assert_eq!(of(&[("NOTICE", 1), ("SECURITY", 90)]), Variant::Notice);
        assert_eq!(of(&[("SECURITY", 90), ("WARNING", 3)]), Variant::Security);
        assert_eq!(of(&[]), Variant::Notice);
    }

    #[test]
    fn events_go_before_notices_that_hold_two_addresses() {
        let mut sample = log(&[("NOTICE", 90), ("SECURITY", 90)]);
        sample.two_addresses = 1;
        assert_eq!(chosen(&sample, &[]).0, Variant::Security);
        sample.levels.remove("SECURITY");
        assert_eq!(chosen(&sample, &[]).0, Variant::Notice);
    }

    #[test]
    fn an_empty_log_changes_nothing() {
        let file = |jail: &SplitJail| HostFile {
            path: jail.filter_path.to_owned(),
            exists: true,
            link: None,
            sha256: None,
            content: Some(jail.security.as_bytes().to_vec()),
            mode: None,
        };
        let installed: Vec<HostFile> = JAILS.iter().map(file).collect();
        assert_eq!(chosen(&log(&[]), &installed), (Variant::Security, None));
    }
}
