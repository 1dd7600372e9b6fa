//! What doctor and `whitelist lint` look at, by the sections of the runbook: each check with the findings it can come to, and
//! what has to be known for it. One of which something is not known is unknown, not passed.

use crate::checks::doctor::jails::unusable;
use crate::document::{Check, Finding, FindingCode as Code};
use crate::model::comment_text::escaped;
use crate::model::known::Known;
use crate::model::observed::Observed;
use crate::model::runbook::{AUTH, SCAN};
use crate::model::text::Text;
use crate::planning::enforcement::{Enforcement, can_be_read, counts_sip, enforcement};
use crate::planning::listening::served;
use crate::planning::policy::Guard;
use crate::planning::reading::{jail_local_if_any, running_jails};

use super::asterisk::{LEVELS, logged};
use super::evidence::Evidence;
use super::server::unjudged_ignorecommand;

/// What a check needs to be known.
#[derive(Debug, Clone, Copy)]
enum Need {
    /// An answer of fail2ban, running or not.
    Server,
    /// The running jails.
    Running,
    /// The two asterisk jails among them.
    AsteriskJails,
    /// jail.local's bytes.
    JailLocal,
    /// jail.local as fail2ban reads it.
    Reading,
    /// The files on disk, tried on a copy.
    Disk,
    /// The same, and that they can be used.
    UsableDisk,
    /// The last lines of Asterisk's log, run through the filters.
    Replay,
    /// What fail2ban's own log has of them.
    ActionLog,
    /// What logger.conf has for Asterisk's log.
    LogLevels,
    /// The files of filter.d.
    Filters,
    /// The packet filter.
    Firewall,
    /// Whom the jails' own `ignorecommand` ignores.
    IgnoreCommands,
    /// What becomes of packets of those who are banned.
    Enforcement,
    /// The ports on which Asterisk listens.
    Ports,
    /// Who was found again after a ban.
    AfterBan,
    /// The running Asterisk.
    Asterisk,
    /// The files round fail2ban.
    Surroundings,
    /// Asterisk's log.
    Log,
    /// The register of temporary entries.
    Temporary,
    /// Where each entry of the running lists comes from.
    Origins,
    /// jail.local as f2bctl wrote it last.
    LastWritten,
    /// The backups.
    Backups,
    /// The newest pre-split backup, tried on a copy.
    PreSplit,
    /// The journal and the lock.
    Changes,
}

/// A check: its section, what is so where it passes, the findings it can come to, and what it needs.
type Row = (&'static str, &'static str, &'static [Code], &'static [Need]);

const SPLIT: &str = "Why two asterisk jails";
const WHITELIST: &str = "Customer-PBX whitelist";
const STATUS: &str = "Check status";
const UNBAN: &str = "Unban an IP";
const TEMPORARY: &str = "Add a temporary runtime ignoreip";
const REGEX: &str = "Test whether a regex matches a log line";
const TUNING: &str = "Tuning guidance";
const ROLLBACK: &str = "Rollback to the pre-split single jail";
const HISTORY: &str = "History";

const ROWS: &[Row] = &[
    (
        SPLIT,
        "The asterisk jails and sshd run",
        &[Code::JailMissing],
        &[Need::Running],
    ),
    (
        SPLIT,
        "The distribution's [asterisk] jail is off",
        &[Code::DistributionJailEnabled],
        &[Need::Running],
    ),
    (
        SPLIT,
        "The two filters are there",
        &[Code::FilterMissing],
        &[Need::Surroundings],
    ),
    (
        SPLIT,
        "The two filters are those of this version",
        &[Code::FiltersOutdated],
        &[Need::Filters],
    ),
    (SPLIT, "There is a jail.local", &[Code::NoJailLocal], &[Need::JailLocal]),
    (
        SPLIT,
        "jail.local has known keys and readable values",
        &[Code::SuspectValue],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "fail2ban reads jail.local as it looks",
        &[Code::Unreadable, Code::DefaultSection],
        &[Need::JailLocal],
    ),
    (
        WHITELIST,
        "jail.local has a list of the whitelisted",
        &[Code::NoList],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "Each word of the list is an address or a network",
        &[
            Code::Tabs,
            Code::EverybodyInDisguise,
            Code::JunkWord,
            Code::HostName,
            Code::EntryFile,
            Code::Interpolation,
        ],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "No entry is wider than the limit",
        &[Code::Everybody, Code::TooWide],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "No entry is in a special range",
        &[Code::SpecialRange],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "No entry is there twice or inside another",
        &[Code::Duplicate, Code::Covered],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "Each entry has a customer",
        &[Code::Undocumented],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "The register can be read, and is about entries",
        &[
            Code::UnreadableDate,
            Code::UnreadWords,
            Code::StaleLine,
            Code::RepeatedLine,
        ],
        &[Need::Reading],
    ),
    (WHITELIST, "No entry has expired", &[Code::Expired], &[Need::Reading]),
    (
        WHITELIST,
        "No entry waits for its review",
        &[Code::ReviewDue],
        &[Need::Reading],
    ),
    (
        WHITELIST,
        "Each entry is in force in every jail",
        &[Code::NotInForce],
        &[Need::Reading, Need::Running],
    ),
    (
        WHITELIST,
        "No jail has a list of its own",
        &[Code::OwnIgnoreip],
        &[Need::Reading, Need::Origins],
    ),
    (
        WHITELIST,
        "Each entry in force is in a file",
        &[Code::RuntimeEntry],
        &[Need::Running, Need::Origins],
    ),
    (
        WHITELIST,
        "No customer went without a change of f2bctl",
        &[Code::RecordedCustomerGone],
        &[Need::LastWritten],
    ),
    (
        WHITELIST,
        "Nobody of the whitelisted is banned",
        &[Code::BannedWhitelisted],
        &[Need::Running],
    ),
    (STATUS, "fail2ban runs", &[Code::Fail2banDown], &[Need::Server]),
    (
        STATUS,
        "No jail ignores the whole internet",
        &[Code::EverybodyWhitelisted],
        &[Need::Running, Need::IgnoreCommands],
    ),
    (
        STATUS,
        "fail2ban's own log has what it finds and whom it bans",
        &[Code::ActionLogSilent],
        &[Need::Running],
    ),
    (
        STATUS,
        "fail2ban keeps its bans in a database",
        &[Code::DatabaseOff],
        &[Need::Running],
    ),
    (
        STATUS,
        "The files on disk can be loaded",
        &[Code::DiskUnusable],
        &[Need::Disk, Need::Running],
    ),
    (
        STATUS,
        "The running jails are those of the files",
        &[Code::DiskDiffers],
        &[Need::UsableDisk, Need::Running],
    ),
    (
        STATUS,
        "Only root can change what fail2ban runs",
        &[Code::FileMode, Code::FileOwner, Code::FileAcl],
        &[Need::Surroundings],
    ),
    (STATUS, "The host's clock is right", &[Code::ClockDiffers], &[]),
    (
        UNBAN,
        "No jail is without actions, or has some that only report",
        &[Code::JailWithoutActions, Code::BanBlocksNobody],
        &[Need::Running],
    ),
    (
        UNBAN,
        "A ban closes each port on which Asterisk listens",
        &[Code::SipUdpOpen, Code::ProtocolOpen, Code::SipPortOpen],
        &[Need::Running, Need::Ports],
    ),
    (
        UNBAN,
        "Each ban has its rule, and packets get to it",
        &[Code::BanWithoutRule, Code::RuleBeforeBan, Code::BanPassedBy],
        &[Need::Running, Need::Enforcement],
    ),
    (
        UNBAN,
        "Nobody was found again while banned",
        &[Code::BannedButReachable],
        &[Need::Running, Need::AfterBan],
    ),
    (
        UNBAN,
        "Each rule of fail2ban has its ban",
        &[Code::RuleWithoutBan],
        &[Need::Running, Need::Firewall],
    ),
    (
        TEMPORARY,
        "Temporary entries are in force",
        &[Code::TemporaryNotInForce],
        &[Need::Temporary, Need::Running],
    ),
    (
        REGEX,
        "The asterisk jails read Asterisk's log",
        &[Code::LogNotRead],
        &[Need::Running],
    ),
    (
        REGEX,
        "Asterisk writes the log that they read",
        &[Code::LogNotWritten],
        &[Need::Running, Need::Asterisk],
    ),
    (
        REGEX,
        "Failed attempts are logged to it",
        &[Code::LevelsNotLogged],
        &[Need::Running, Need::LogLevels],
    ),
    (
        REGEX,
        "The log is there",
        &[Code::LogMissing, Code::LogEmpty],
        &[Need::Log],
    ),
    (
        REGEX,
        "The log grows, or Asterisk would write failures to it",
        &[Code::LogNotGrowing, Code::AsteriskNotRunning],
        &[Need::Log],
    ),
    (
        REGEX,
        "The log has the host's time zone",
        &[Code::LogTimeZone],
        &[Need::Log],
    ),
    (
        REGEX,
        "Each attempt is counted by a jail",
        &[Code::AttemptsNotCounted],
        &[Need::Replay],
    ),
    (
        REGEX,
        "No jail missed a recent line that its filter matches",
        &[Code::JailFindsNothing],
        &[Need::Replay, Need::ActionLog],
    ),
    (
        REGEX,
        "No attempt is counted twice",
        &[Code::CountedTwice],
        &[Need::Replay],
    ),
    (
        REGEX,
        "No first REGISTER counts in the strict jail",
        &[Code::StrictCountsFirstRegisters],
        &[Need::Replay],
    ),
    (
        TUNING,
        "Thresholds are those of the table",
        &[Code::ThresholdDiffers],
        &[Need::AsteriskJails],
    ),
    (
        TUNING,
        "The database remembers as long as recidive needs",
        &[Code::RecidiveForgets],
        &[Need::Running],
    ),
    (
        ROLLBACK,
        "There is a backup to roll back to",
        &[Code::PreSplitBackupMissing],
        &[Need::Backups],
    ),
    (
        ROLLBACK,
        "A rollback to it works",
        &[Code::PreSplitBackupUnusable],
        &[Need::PreSplit],
    ),
    (
        HISTORY,
        "No change is interrupted or under way",
        &[
            Code::InterruptedChange,
            Code::AwaitingConfirmation,
            Code::ChangeUnderWay,
        ],
        &[Need::Changes],
    ),
];

/// Every check of doctor, with what an examination of this evidence found.
pub fn checklist(evidence: &Evidence<'_>, findings: &[Finding]) -> Vec<Check> {
    ROWS.iter().map(|row| check(row, evidence, findings)).collect()
}

/// The checks of `whitelist lint`, with what it found.
pub fn whitelist_checklist(observed: &Observed, findings: &[Finding]) -> Vec<Check> {
    let evidence = Evidence {
        observed,
        disk: &Known::default(),
        pre_split: None,
        replay: &Known::default(),
        asterisk_log: "",
        clock: observed.clock.now,
        guard: Guard::default(),
    };
    let rows = ROWS.iter().filter(|(section, ..)| *section == WHITELIST);
    rows.map(|row| check(row, &evidence, findings)).collect()
}

fn check((section, name, codes, needs): &Row, evidence: &Evidence<'_>, findings: &[Finding]) -> Check {
    let has = |code: &&Code| findings.iter().any(|finding| finding.code == **code);
    let found = codes.iter().filter(has).map(|code| code.as_str()).collect();
    let reason = needs.iter().find_map(|need| unseen(*need, evidence));
    Check::of(section, name, found, reason.map(Text::from))
}

/// Why what is needed is not known; none where it is.
fn unseen(need: Need, evidence: &Evidence<'_>) -> Option<String> {
    let observed = evidence.observed;
    let reason: Option<&str> = match need {
        Need::Server => observed.server.reason(),
        Need::JailLocal => observed.jail_local.reason(),
        Need::Disk => evidence.disk.reason(),
        Need::Filters => observed.filters.reason(),
        Need::AfterBan => observed.after_ban.reason(),
        Need::Surroundings => observed.surroundings.reason(),
        Need::Temporary => observed.temporary.reason(),
        Need::Origins => observed.origins.reason(),
        Need::LastWritten => observed.last_written.reason(),
        Need::Backups => observed.backups.reason(),
        Need::Changes => observed.changes.reason().or(observed.lock.reason()),
        Need::PreSplit => evidence
            .pre_split
            .map_or(Some("there is no such backup"), Known::reason),
        Need::Running => return running_jails(observed).err().map(|refusal| refusal.message),
        Need::Reading => {
            return jail_local_if_any(observed)
                .err()
                .map(|refusal| first_line(&refusal.message));
        }
        Need::AsteriskJails => return missing_jail(evidence),
        Need::UsableDisk => return unusable_disk(evidence),
        Need::Replay => return untried(evidence),
        Need::ActionLog => match evidence.replay.read() {
            Ok(replay) => replay
                .unheard
                .is_none()
                .then_some("fail2ban's log could not be compared"),
            Err(reason) => Some(reason),
        },
        Need::LogLevels => return unknown_levels(evidence),
        Need::Firewall => match observed.firewall.read() {
            Ok(firewall) => (!can_be_read(firewall)).then_some("the packet filter cannot be read"),
            Err(reason) => Some(reason),
        },
        Need::IgnoreCommands => return unjudged_commands(evidence),
        Need::Enforcement => return unjudged(evidence),
        Need::Ports => return unknown_ports(evidence),
        Need::Asterisk => return unseen_asterisk(observed),
        Need::Log => return unseen_log(evidence),
    };
    reason.map(str::to_owned)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}

fn missing_jail(evidence: &Evidence<'_>) -> Option<String> {
    if let Err(refusal) = running_jails(evidence.observed) {
        return Some(refusal.message);
    }
    let mut wanted = [AUTH.name, SCAN.name].into_iter();
    let missing = wanted.find(|name| evidence.jail(name).is_none())?;
    Some(format!("jail {missing} does not run"))
}

fn unusable_disk(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.disk.read() {
        Ok(rehearsal) => unusable(rehearsal).map(|_| "the files on disk cannot be loaded".to_owned()),
        Err(reason) => Some(reason.to_owned()),
    }
}

/// Why no line of the log, or not every jail's filter, was tried.
fn untried(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.disk.value().is_some_and(|disk| unusable(disk).is_some()) {
        return Some("the files on disk cannot be loaded".to_owned());
    }
    let replay = match evidence.replay.read() {
        Ok(replay) => replay,
        Err(reason) => return Some(reason.to_owned()),
    };
    if replay.lines.is_empty() {
        return Some("there is no line to try".to_owned());
    }
    if replay.counted.is_empty() {
        return Some("no jail reads that log".to_owned());
    }
    let mut counted = replay.counted.iter();
    counted.find_map(|(name, counted)| Some(format!("what jail {} counts: {}", escaped(name), counted.reason()?)))
}

/// Why it is not known of a jail whether its bans block.
fn unjudged(evidence: &Evidence<'_>) -> Option<String> {
    let mut jails = evidence.jails();
    jails.find_map(|(name, jail)| match enforcement(name, jail, evidence.observed) {
        Enforcement::Unknown(reason) => Some(reason),
        Enforcement::Yes | Enforcement::No(_) => None,
    })
}

fn unjudged_commands(evidence: &Evidence<'_>) -> Option<String> {
    let mut jails = evidence.jails();
    jails.find_map(|(name, jail)| unjudged_ignorecommand(name, jail))
}

fn unknown_ports(evidence: &Evidence<'_>) -> Option<String> {
    let observed = evidence.observed;
    let mut jails = evidence.jails().filter(|(name, jail)| counts_sip(name, jail, observed));
    jails.find_map(|(name, jail)| served(name, jail, observed).err())
}

fn unseen_asterisk(observed: &Observed) -> Option<String> {
    let look = match observed.asterisk.read() {
        Ok(look) => look,
        Err(reason) => return Some(reason.to_owned()),
    };
    if look.processes.is_empty() {
        return Some("no Asterisk runs on this host".to_owned());
    }
    let mut processes = look.processes.iter();
    processes.find_map(|process| Some(format!("process {}: {}", process.pid, process.unknown.as_deref()?)))
}

fn unknown_levels(evidence: &Evidence<'_>) -> Option<String> {
    let look = match evidence.observed.asterisk.read() {
        Ok(look) => look,
        Err(reason) => return Some(reason.to_owned()),
    };
    let known = look.read(evidence.asterisk_log);
    let known = known.is_some_and(|log| LEVELS.iter().all(|level| logged(look, log, level).is_some()));
    (!known).then(|| "what logger.conf has for that log is not known".to_owned())
}

fn unseen_log(evidence: &Evidence<'_>) -> Option<String> {
    let surroundings = match evidence.observed.surroundings.read() {
        Ok(surroundings) => surroundings,
        Err(reason) => return Some(reason.to_owned()),
    };
    let mut logs = surroundings.logs.iter();
    match logs.find(|log| log.file.path == evidence.asterisk_log) {
        Some(log) => log.file.unknown.clone(),
        None => Some("the log was not looked at".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{CheckOutcome, Severity};

    #[test]
    fn every_code_is_of_one_check() {
        let codes: Vec<Code> = ROWS.iter().flat_map(|(_, _, codes, _)| codes.iter().copied()).collect();
        for code in Code::ALL.iter().filter(|code| **code != Code::Unknown) {
            let checks = codes.iter().filter(|of| *of == code).count();
            assert_eq!(checks, 1, "{} belongs to {checks} checks", code.as_str());
        }
    }

    #[test]
    fn the_sections_are_those_of_the_runbook() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbook.md");
        let text = std::fs::read_to_string(path).expect("the runbook");
        for (section, ..) in ROWS {
            assert!(text.contains(&format!("\n## {section}\n")), "{section}");
        }
    }

    fn outcome(observed: &Observed, findings: &[Finding], name: &str) -> (CheckOutcome, String) {
        let checks = whitelist_checklist(observed, findings);
        let check = checks
            .into_iter()
            .find(|check| check.check.starts_with(name))
            .expect("a check");
        (
            check.outcome,
            check.reason.map_or_else(String::new, |reason| reason.to_string()),
        )
    }

    #[test]
    fn what_could_not_be_looked_at_is_unknown_and_what_was_found_is_found_all_the_same() {
        let unseen = Observed::default();
        let (found, reason) = outcome(&unseen, &[], "No entry has expired");
        assert_eq!(found, CheckOutcome::Unknown);
        assert!(reason.contains("the host was not asked"), "{reason}");
        let finding = Finding::new(Code::Expired, Severity::Warning, "x", "y");
        let (found, reason) = outcome(&unseen, &[finding], "No entry has expired");
        assert_eq!((found, reason.as_str()), (CheckOutcome::Found, ""));
    }
}
