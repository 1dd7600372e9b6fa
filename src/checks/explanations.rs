//! What each finding means, how it is found, and how it is fixed: one text a code, for `doctor --explain`.
//!
//! Boundary: texts that hold on every host. What was found on one is in its finding.

use crate::document::{Explanation, FindingCode as Code};

/// A code's text: what it means, how it is found, the fix.
type Text = (Code, &'static str, &'static str, &'static str);

/// The explanation of a code; each has one.
pub fn explanation(code: Code) -> Explanation {
    let text = TEXTS.iter().find(|(of, ..)| *of == code);
    let (meaning, found_by, fix) = text.map_or_else(Default::default, |(_, meaning, found_by, fix)| {
        (*meaning, *found_by, *fix)
    });
    Explanation {
        code,
        meaning,
        found_by,
        fix,
    }
}

const TEXTS: &[Text] = &[
    (
        Code::Fail2banDown,
        "fail2ban-server does not run: it reads no log and bans nobody. Rules of earlier bans may still be in the packet filter.",
        "fail2ban is asked over its socket, as fail2ban-client asks it.",
        "`f2bctl start` checks the files first and then starts it.",
    ),
    (
        Code::NoJailLocal,
        "fail2ban is as it was installed: there is no jail.local, so neither the asterisk jails nor a whitelist of customers.",
        "jail.local is looked for beside jail.conf.",
        "`f2bctl split` makes it with the two asterisk jails; `f2bctl onboard` then whitelists the customers.",
    ),
    (
        Code::JailMissing,
        "A jail that the runbook needs (asterisk-auth, asterisk-scan or sshd) does not run, so nobody is banned for what it counts.",
        "The running server is asked for its jails.",
        "`f2bctl split` installs the asterisk jails; sshd is enabled in jail.local and put into force with `f2bctl reload`.",
    ),
    (
        Code::ThresholdDiffers,
        "A jail's maxretry, findtime or bantime is not the one of the runbook's table. It may have been tuned on purpose.",
        "The running jail's values are compared with the table (\"Why two asterisk jails\").",
        "`f2bctl tune JAIL KEY VALUE`; `--since 14d` shows first who would have been banned.",
    ),
    (
        Code::DistributionJailEnabled,
        "The distribution's [asterisk] jail runs. It counts the first REGISTER of every legitimate phone, so an IP change of a \
         customer can ban all phones.",
        "The running server is asked for its jails.",
        "`f2bctl split` replaces it by a strict and a lenient jail.",
    ),
    (
        Code::DiskUnusable,
        "fail2ban refuses the files on disk: the jails run on, and the next reload or restart fails.",
        "The files are copied, checked by `fail2ban-client -t`, and loaded into a throw-away server.",
        "Correct the file and line that the finding names, then run `f2bctl doctor` again.",
    ),
    (
        Code::DiskDiffers,
        "The files on disk say something else than the running jails have: they were edited without a reload, or the jails were \
         changed at run time. A reload or restart would put the files into force.",
        "The jails that a throw-away server makes of the files are compared with the running ones.",
        "`f2bctl reload` if the files are right; else correct them. `f2bctl reload --dry-run` shows the difference.",
    ),
    (
        Code::FilterMissing,
        "A filter of the two asterisk jails is not in filter.d: the next reload or restart fails.",
        "The filter's file is looked for.",
        "`f2bctl split` installs it.",
    ),
    (
        Code::FiltersOutdated,
        "A filter of the two asterisk jails has another text than this version of f2bctl installs: it may miss attempts, or let a \
         caller choose who is banned.",
        "The file's text is compared with the one of this version.",
        "`f2bctl split` installs the present one.",
    ),
    (
        Code::PreSplitBackupMissing,
        "There is no backup of jail.local from before the split, so `rollback` has nothing to go back to.",
        "The backups beside jail.local are looked for the label `pre-split`.",
        "`f2bctl split` makes one on a host that is not split yet; elsewhere keep a copy under such a name by hand.",
    ),
    (
        Code::PreSplitBackupUnusable,
        "A rollback to the newest pre-split backup would fail.",
        "The backup is tried on a copy of the configuration without the two filters.",
        "`f2bctl rollback --dry-run` names what it needs, often `--set-logpath`.",
    ),
    (
        Code::SuspectValue,
        "jail.local has a key that fail2ban does not know, or a value that it reads otherwise than it looks, such as one with a \
         comment after it.",
        "jail.local is read as this host's fail2ban reads it.",
        "Correct the line that is named, then `f2bctl reload`.",
    ),
    (
        Code::EverybodyWhitelisted,
        "A running jail ignores the whole internet: it bans nobody.",
        "The running jail's ignoreip has 0.0.0.0 or ::, which is how fail2ban shows any /0, or its ignorecommand always succeeds.",
        "Correct the ignoreip line (`f2bctl whitelist lint` names the word) or take ignorecommand out, then `f2bctl reload`.",
    ),
    (
        Code::Unreadable,
        "fail2ban cannot read jail.local, or reads it so differently that no change would be safe.",
        "jail.local is read as this host's fail2ban reads it.",
        "Correct the place that is named (file, line and column).",
    ),
    (
        Code::DefaultSection,
        "A section is meant for [DEFAULT] and written in other letters: fail2ban takes it for a jail, and what it sets is in force \
         nowhere, the whitelist included.",
        "The names of jail.local's sections are compared.",
        "`f2bctl whitelist lint --fix`.",
    ),
    (
        Code::NoList,
        "jail.local sets no ignoreip in [DEFAULT], so it whitelists no customer.",
        "jail.local is read as this host's fail2ban reads it.",
        "`f2bctl onboard NETWORK --customer NAME` makes the list with its first entry.",
    ),
    (
        Code::Tabs,
        "Entries are separated by a tab. fail2ban up to 1.0.2 reads them as one word, which can whitelist everybody or nobody.",
        "The words of the list are looked at as this host's fail2ban version splits them.",
        "`f2bctl whitelist lint --fix` writes blanks.",
    ),
    (
        Code::EverybodyInDisguise,
        "A word that looks like a network is read by fail2ban as the whole internet.",
        "The words of the list are read as fail2ban reads them.",
        "Write the network that was meant; `f2bctl whitelist lint --fix` repairs what is certain.",
    ),
    (
        Code::JunkWord,
        "A word in the list is no address: fail2ban takes it for a host name or ignores it. Often it is a comment after the value.",
        "The words of the list are read as fail2ban reads them.",
        "`f2bctl whitelist lint --fix`, or move the text to a line of its own.",
    ),
    (
        Code::HostName,
        "A host name is whitelisted: who that is depends on DNS at each failure, and a name server that is slow or forged decides.",
        "The words of the list are looked at.",
        "Write the addresses instead.",
    ),
    (
        Code::EntryFile,
        "An entry names a file (`file:PATH`), whose lines are whitelisted, too; they are not in the register.",
        "The words of the list are looked at; what the file lists is read on the host.",
        "Nothing, if it is meant; else move the entries into the list with `f2bctl onboard`.",
    ),
    (
        Code::Interpolation,
        "An entry stands for a value that is set elsewhere (`%(NAME)s`), so the file alone does not show what is whitelisted.",
        "The words of the list are looked at.",
        "Nothing, if it is meant; `f2bctl whitelist list` shows what is in force.",
    ),
    (
        Code::Everybody,
        "An entry whitelists the whole internet: no jail that has it bans anybody.",
        "The networks of the list are looked at.",
        "`f2bctl offboard` the entry.",
    ),
    (
        Code::TooWide,
        "An entry is wider than the runbook allows (/24, or /48 for IPv6): it whitelists many who are no customers.",
        "The networks of the list are compared with the guard-rail.",
        "Replace it by the customer's own networks.",
    ),
    (
        Code::SpecialRange,
        "An entry is in a private, reserved or documentation range, from which no customer comes over the internet.",
        "The networks of the list are compared with the reserved ranges.",
        "`f2bctl offboard` it, unless the host is reached from such a network (`allow_special`).",
    ),
    (
        Code::Duplicate,
        "A network is listed twice: removing one of the two changes nothing.",
        "The networks of the list are compared with each other.",
        "`f2bctl whitelist lint --fix`.",
    ),
    (
        Code::Covered,
        "A network is inside another one of the list: removing either alone changes less than it seems.",
        "The networks of the list are compared with each other.",
        "`f2bctl offboard` the narrower one if the wider one is right.",
    ),
    (
        Code::Undocumented,
        "An entry has no line in the register, so nobody knows which customer it belongs to.",
        "The comments above the list are read as the register.",
        "`f2bctl whitelist annotate NETWORK --customer NAME`, or `f2bctl whitelist adopt` for a whole hand-kept file.",
    ),
    (
        Code::Expired,
        "An entry's `expires` is in the past and the entry is still in force.",
        "The register's dates are compared with the host's day.",
        "`f2bctl offboard --expired`.",
    ),
    (
        Code::ReviewDue,
        "An entry's `review` has come: somebody was to look whether the customer still needs it.",
        "The register's dates are compared with the host's day.",
        "Ask the customer, then `f2bctl whitelist annotate NETWORK --review DATE`, or `f2bctl offboard` it.",
    ),
    (
        Code::UnreadableDate,
        "A date in the register is not valid, so it never comes due.",
        "The register's `expires` and `review` are read.",
        "`f2bctl whitelist annotate NETWORK --expires YYYY-MM-DD` (or `--review`).",
    ),
    (
        Code::UnreadWords,
        "A line of the register ends in words that are no `key=value`; they are kept and mean nothing.",
        "The register's lines are read.",
        "Put them into the note by hand.",
    ),
    (
        Code::StaleLine,
        "A line of the register is about a network that is not in the list: the entry was removed by hand and its comment stayed.",
        "The register's lines are compared with the list.",
        "`f2bctl whitelist lint --fix`.",
    ),
    (
        Code::RepeatedLine,
        "A network has two lines in the register; the last one counts.",
        "The register's lines are compared with each other.",
        "Delete the other one by hand.",
    ),
    (
        Code::OwnIgnoreip,
        "A jail has an ignoreip of its own, which replaces the list in [DEFAULT] for it: customers are not whitelisted there.",
        "fail2ban's own reader is asked where each entry of each jail comes from.",
        "Delete that ignoreip, or begin it with `%(known/ignoreip)s`.",
    ),
    (
        Code::RuntimeEntry,
        "An entry is in force that no file gives: it was set at run time and is lost at the next reload, or it was deleted from a \
         file that was not reloaded.",
        "The running lists are compared with fail2ban's own reading of the files, and the files' times with the last load.",
        "`f2bctl onboard` it if it is a customer's; else `f2bctl reload` ends it.",
    ),
    (
        Code::RecordedCustomerGone,
        "A customer whom f2bctl whitelisted is gone from jail.local without a change of f2bctl.",
        "jail.local is compared with the copy that the last change of f2bctl kept.",
        "Ask who edited it; `f2bctl onboard` whitelists the customer again.",
    ),
    (
        Code::BannedWhitelisted,
        "A ban holds somebody who is whitelisted: fail2ban lifts no ban because its address is whitelisted later.",
        "Each running jail's bans are compared with its own list.",
        "`f2bctl unban ADDRESS`.",
    ),
    (
        Code::NotInForce,
        "An entry of jail.local is not in force in every running jail: the file was edited without a reload, or the entry was \
         removed at run time.",
        "The running lists are compared with jail.local.",
        "`f2bctl reload`.",
    ),
    (
        Code::JailWithoutActions,
        "A running jail has no action: its bans are counted and nobody is blocked. A reload that changes an action can leave it so.",
        "The running jail is asked for its actions.",
        "`fail2ban-client reload --restart JAIL` on the host, or `f2bctl reload`.",
    ),
    (
        Code::BanBlocksNobody,
        "The actions of a jail only report its bans (mail, logs): nobody is blocked.",
        "The running jail's actions are looked at.",
        "Set `banaction` of the jail to one that blocks, such as iptables-multiport, and restart the jail.",
    ),
    (
        Code::SipUdpOpen,
        "The actions of a SIP jail close TCP alone: a banned scanner is still answered over UDP.",
        "The protocols of the running jail's actions are looked at.",
        "`f2bctl split` gives the jails an action for each protocol.",
    ),
    (
        Code::ProtocolOpen,
        "The actions of a jail leave a protocol open that it is about.",
        "The protocols of the running jail's actions are looked at.",
        "Give the jail an action for that protocol, then `f2bctl reload`.",
    ),
    (
        Code::BanWithoutRule,
        "A jail lists a ban for which the packet filter has no rule: the address is not blocked.",
        "The jail's bans are compared with its chains and sets in iptables and nftables.",
        "`fail2ban-client reload --restart JAIL` on the host creates the rules again.",
    ),
    (
        Code::RuleBeforeBan,
        "A rule accepts the packets before they get to fail2ban's rules: who is banned gets through.",
        "The way of a packet through iptables and nftables is followed, in the order of the rules.",
        "Restart the jail, so that its jump comes first, and let what writes that rule run before fail2ban starts.",
    ),
    (
        Code::BanPassedBy,
        "The host sends the packets on to Asterisk in a container, past the chain that fail2ban's rules are in.",
        "Asterisk's network namespace and the forwarding rules are looked at.",
        "Set `chain = FORWARD` (with Docker: DOCKER-USER) for the jail in jail.local, and restart it.",
    ),
    (
        Code::BannedButReachable,
        "fail2ban found lines of an address after it banned it: the address gets through, whatever the rules look like.",
        "fail2ban's action log is read for lines of those who are banned.",
        "`f2bctl why ADDRESS` shows which rule is missing.",
    ),
    (
        Code::RuleWithoutBan,
        "A chain of fail2ban blocks an address that no jail bans, so no unban lifts it by itself.",
        "The chains and sets of fail2ban are compared with the jails' bans.",
        "`f2bctl unban ADDRESS` takes the rule away.",
    ),
    (
        Code::RecidiveForgets,
        "The recidive jail looks further back than fail2ban's database remembers: repeat offenders are missed.",
        "`dbpurgeage` is compared with the jail's findtime.",
        "`f2bctl recidive enable` says what to set.",
    ),
    (
        Code::LogNotRead,
        "An asterisk jail reads another log than the one that Asterisk writes by this host's settings.",
        "The running jail's logpath is compared with `asterisk_log` of the host.",
        "Correct logpath in jail.local, or `asterisk_log` in f2bctl's configuration.",
    ),
    (
        Code::LogNotWritten,
        "A jail reads a log that the running Asterisk does not write, while it writes others beside it: no attempt is seen. After \
         a log rotation Asterisk goes on writing to the old file until its logger is reloaded.",
        "The files that Asterisk's process has open are compared with the jail's logs.",
        "`asterisk -rx 'logger reload'`, or set logpath to the log that it writes.",
    ),
    (
        Code::AsteriskNotRunning,
        "Asterisk's log has not grown for an hour, and no running Asterisk has a log open in its folder.",
        "The log's time and the processes of the host are looked at.",
        "Start Asterisk, or correct `asterisk_log` of this host.",
    ),
    (
        Code::SipPortOpen,
        "A ban leaves a port open on which Asterisk listens.",
        "The sockets of the running Asterisk are compared with the ports of the jail's actions.",
        "Add the port to `port` of the jail in jail.local (`f2bctl split` does), and restart the jail.",
    ),
    (
        Code::LevelsNotLogged,
        "logger.conf has neither `notice` nor `security` for the log that the jails read: no failed attempt is logged there.",
        "The logger.conf of the running Asterisk is read, for the file that its process has open.",
        "Add `notice,security` to the log's line in [logfiles] of logger.conf, then `asterisk -rx 'logger reload'`.",
    ),
    (
        Code::JailFindsNothing,
        "Lines of the last hour that a jail's filter matches are nowhere in fail2ban's own log: the jail is idle, or runs with \
         other settings than its files have.",
        "The last lines of Asterisk's log are run through the jail's filter, and looked for in fail2ban's log.",
        "`fail2ban-client reload --restart JAIL` on the host.",
    ),
    (
        Code::ActionLogSilent,
        "fail2ban's log level keeps failures, or bans as well, out of its log: `why`, `tune --since` and recidive lack them.",
        "The running server is asked for its log level.",
        "Set `loglevel = INFO` in fail2ban.local, and `fail2ban-client set loglevel INFO` on the host.",
    ),
    (
        Code::DatabaseOff,
        "fail2ban runs without a database: a restart lifts every ban, and nobody is known to have been banned before.",
        "The running server is asked for its dbfile.",
        "Set `dbfile` in fail2ban.local, and restart fail2ban.",
    ),
    (
        Code::LogMissing,
        "Asterisk's log does not exist: no attack is seen, and a restart of fail2ban fails.",
        "The file is looked for.",
        "Look at logger.conf of Asterisk, and at `asterisk_log` of this host.",
    ),
    (
        Code::LogEmpty,
        "Asterisk's log is empty: no attack is seen.",
        "The file's size is looked at.",
        "`asterisk -rx 'logger reload'`, if Asterisk still writes to a rotated file.",
    ),
    (
        Code::LogNotGrowing,
        "Asterisk's log has not grown for an hour. A PBX that serves customers logs all day.",
        "The file's time is compared with the host's clock.",
        "Look whether Asterisk still writes to a rotated file, and what logger.conf has for it.",
    ),
    (
        Code::LogTimeZone,
        "The last line of Asterisk's log has a time that is minutes or hours from when it was written: fail2ban counts it at the \
         wrong time, or not at all.",
        "The line's own time is compared with the file's.",
        "Give Asterisk and the host one time zone.",
    ),
    (
        Code::StrictCountsFirstRegisters,
        "The strict jail counts lines that every legitimate first REGISTER logs: three phones that come back are banned for a day.",
        "The last lines of Asterisk's log are run through the jail's own filter.",
        "`f2bctl split` installs filters that do not count them.",
    ),
    (
        Code::CountedTwice,
        "A jail counts one attempt twice, as NOTICE and as SECURITY event, so it bans at half its threshold.",
        "The last lines of Asterisk's log are run through the jail's own filter.",
        "`f2bctl split` installs the filters for the levels that this log holds.",
    ),
    (
        Code::AttemptsNotCounted,
        "Attempts are logged that no jail counts: whoever makes them is never banned.",
        "The last lines of Asterisk's log are run through the filters of all jails.",
        "`f2bctl split` installs the filters for the levels that this log holds.",
    ),
    (
        Code::ClockDiffers,
        "The host's clock and this machine's are a minute or more apart.",
        "The two clocks are compared at login.",
        "Look at the time service of both (`timedatectl`).",
    ),
    (
        Code::FileMode,
        "A file or folder can be changed by others than root, or read where it is private. fail2ban runs as root what its \
         configuration says.",
        "The modes of what fail2ban reads and of what f2bctl keeps on the host are looked at.",
        "The `chmod` that the finding names.",
    ),
    (
        Code::FileOwner,
        "A file that fail2ban reads belongs to a user who is not root, and who can so run commands as root.",
        "The owners of what fail2ban reads are looked at.",
        "The `chown` that the finding names.",
    ),
    (
        Code::FileAcl,
        "An access control list lets a user or group change a file that fail2ban reads, and so run commands as root.",
        "The access control lists of what fail2ban reads are looked at.",
        "The `setfacl` that the finding names.",
    ),
    (
        Code::InterruptedChange,
        "A change was interrupted and is neither finished nor rolled back yet.",
        "The journal on the host is read.",
        "Run any change: it recovers this one first. `f2bctl reload` is one that changes nothing else.",
    ),
    (
        Code::AwaitingConfirmation,
        "A change was made and waits for the new login that confirms it; without that it is rolled back.",
        "The journal and the lock on the host are read.",
        "Wait until it has ended, and run `f2bctl doctor` again.",
    ),
    (
        Code::ChangeUnderWay,
        "A change is being made at this moment, so what is shown may be neither the state before it nor after it.",
        "The journal and the lock on the host are read.",
        "Wait until it has ended, and run `f2bctl doctor` again.",
    ),
    (
        Code::TemporaryNotInForce,
        "A temporary entry has time left and is not in force: fail2ban was reloaded or restarted outside f2bctl.",
        "The register of temporary entries on the host is compared with the running lists.",
        "`f2bctl reload` sets it again; so does every change.",
    ),
    (
        Code::Unknown,
        "Something could not be looked at, so nothing is claimed of it.",
        "The finding has the reason, in the host's own words.",
        "Fix what prevents reading it, or log in as root (`--become`).",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_text() {
        let explained: Vec<Code> = TEXTS.iter().map(|(code, ..)| *code).collect();
        for code in Code::ALL {
            let texts = explained.iter().filter(|of| *of == code).count();
            assert_eq!(texts, 1, "{} has {texts} texts", code.as_str());
            let found = explanation(*code);
            for text in [found.meaning, found.found_by, found.fix] {
                assert!(text.len() > 10 && text.ends_with('.'), "{}: {text:?}", code.as_str());
            }
        }
    }
}
