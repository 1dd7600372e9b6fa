//! Which lines the filters read: Asterisk says one failed attempt as a NOTICE, as a SECURITY event, or as both, by its
//! logger.conf. A filter that took both would count one attempt twice.

use crate::model::observed::{HostFile, LogSample};

use super::jails::{JAILS, SplitJail};

/// How many attempts tell which levels are logged now.
const NEWEST: usize = 6;

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
/// notices and the events are logged as well, the events are read: they show the true address. A level that none of the newest
/// attempts has is logged no more, whatever the log holds of before.
pub fn chosen(log: &LogSample, filters: &[HostFile]) -> (Variant, Option<String>) {
    let count = |variant: Variant| log.levels.get(variant.level()).copied().unwrap_or_default();
    if log.two_addresses > 0 && count(Variant::Security) > 0 {
        let why = format!(
            "{} of the last {} lines of the log are notices into which the caller wrote an address",
            log.two_addresses, log.lines
        );
        return (Variant::Security, Some(why));
    }
    if let Some(variant) = logged_now(log) {
        let level = variant.level();
        let why = format!("the newest lines of the log about failed attempts are all {level}");
        return (variant, Some(why));
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

/// The level of the newest attempts, if they all have one.
fn logged_now(log: &LogSample) -> Option<Variant> {
    let variants = [Variant::Notice, Variant::Security].into_iter();
    let mut of_all = variants.filter(|variant| log.newest.iter().all(|level| level == variant.level()));
    of_all.next().filter(|_| log.newest.len() >= NEWEST)
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
    fn a_level_that_the_newest_attempts_lack_is_logged_no_more() {
        let mut sample = log(&[("NOTICE", 900), ("SECURITY", 90)]);
        sample.newest = vec!["SECURITY".to_owned(); 6];
        assert_eq!(chosen(&sample, &[]).0, Variant::Security);
        sample.newest[3] = "NOTICE".to_owned();
        assert_eq!(chosen(&sample, &[]).0, Variant::Notice, "both levels are logged");
        sample.newest = vec!["SECURITY".to_owned(); 5];
        assert_eq!(chosen(&sample, &[]).0, Variant::Notice, "too few to tell");
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
