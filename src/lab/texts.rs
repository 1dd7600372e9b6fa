//! The files of the rehearsal host's own configuration, as the runbook describes PROD.

use super::LabPaths;
use crate::model::runbook::{AUTH, RECIDIVE, RunbookJail, SCAN, SSHD, is_named_after_asterisk};

/// The name of the backup that the runbook's rollback looks for ("`*-pre-split`"), of the day of the split
/// (runbook, History).
pub(super) const PRE_SPLIT_BACKUP: &str = "jail.local.bak-2026-05-11-pre-split";

/// The harmless ban action, with its lists in the lab's folder.
pub(super) fn ban_action(paths: &LabPaths) -> String {
    include_str!("files/lab-record.conf").replace("@BANS@", &paths.bans().display().to_string())
}

/// What turns any fail2ban configuration into one of this folder: socket, database and log.
pub(super) fn server_overrides(paths: &LabPaths) -> String {
    format!(
        "# The rehearsal host's own server: nothing of it lies outside the lab's folder.\n\
         [Definition]\n\
         loglevel = INFO\n\
         logtarget = {}\n\
         syslogsocket = auto\n\
         socket = {}\n\
         pidfile = {}\n\
         dbfile = {}\n\
         dbpurgeage = 1d\n\
         allowipv6 = auto\n",
        paths.action_log().display(),
        paths.socket().display(),
        paths.fail2ban_pid().display(),
        paths.database().display(),
    )
}

/// The start of jail.local, without the whitelist: what makes fail2ban harmless here. Names are
/// not resolved, since a rehearsal asks no name server.
fn harmless_default() -> &'static str {
    "backend = polling\n\
     usedns = no\n\
     # Finding out this machine's own names would ask a name server.\n\
     ignoreself = false\n\
     # A rehearsal bans into a file, not into the firewall.\n\
     banaction = lab-record\n\
     banaction_allports = lab-record\n"
}

/// One action for each of SIP's protocols, as `split` gives them to the two jails: a `banaction` alone is about TCP.
const SIP_ACTIONS: &str = "%(banaction)s[name=%(__name__)s-tcp, port=\"%(port)s\", protocol=\"tcp\", chain=\"%(chain)s\"]\n           \
                           %(banaction)s[name=%(__name__)s-udp, port=\"%(port)s\", protocol=\"udp\", chain=\"%(chain)s\"]";

/// The lines of a jail's thresholds.
fn thresholds(jail: &RunbookJail) -> String {
    let lines = jail.thresholds().map(|(key, value)| format!("{key:<8} = {value}\n"));
    lines.concat()
}

/// jail.local after the split: runbook, "Why two asterisk jails", and its whitelist with two
/// invented customers.
pub(super) fn jail_local(paths: &LabPaths) -> String {
    format!(
        "# Jail definitions of this host. Keep a copy before each change (jail.local.bak-DATE).\n\
         \n\
         [DEFAULT]\n\
         # Customer PBXes have many phones behind one address: a whole office that comes back at once\n\
         # must not be banned. Use /24, not /16.\n\
         # 203.0.113.0/24 | Vista Seven Hotels | Current uplink | by=lab on=2026-05-11\n\
         # 198.51.100.128/28 | Blue Lotus Hotels | Head office | by=lab on=2026-05-11\n\
         ignoreip = 127.0.0.1/8 ::1 203.0.113.0/24 198.51.100.128/28\n\
         {}\n\
         [sshd]\n\
         enabled  = true\n\
         logpath  = {auth_log}\n\
         maxretry = 5\n\
         findtime = 600\n\
         bantime  = 3600\n\
         \n\
         # Real authentication failures.\n\
         [{auth}]\n\
         enabled  = true\n\
         filter   = {auth}\n\
         port     = 5060,5061\n\
         logpath  = {asterisk_log}\n\
         {auth_thresholds}\
         action_  = {SIP_ACTIONS}\n\
         \n\
         # Endpoint discovery; a storm of legitimate phones stays below {} an hour.\n\
         [{scan}]\n\
         enabled  = true\n\
         filter   = {scan}\n\
         port     = 5060,5061\n\
         logpath  = {asterisk_log}\n\
         {scan_thresholds}\
         action_  = {SIP_ACTIONS}\n",
        harmless_default(),
        SCAN.maxretry,
        auth = AUTH.name,
        scan = SCAN.name,
        auth_thresholds = thresholds(&AUTH),
        scan_thresholds = thresholds(&SCAN),
        auth_log = paths.auth_log().display(),
        asterisk_log = paths.asterisk_log().display(),
    )
}

/// jail.local as it was before the split: runbook, History, 2026-05-06 (maxretry 10).
pub(super) fn pre_split_jail_local(paths: &LabPaths) -> String {
    format!(
        "# Jail definitions of this host, before the asterisk jail was split.\n\
         \n\
         [DEFAULT]\n\
         ignoreip = 127.0.0.1/8 ::1\n\
         {}\n\
         [sshd]\n\
         enabled  = true\n\
         logpath  = {auth_log}\n\
         maxretry = 5\n\
         findtime = 600\n\
         bantime  = 3600\n\
         \n\
         [asterisk]\n\
         enabled  = true\n\
         logpath  = {asterisk_log}\n\
         maxretry = 10\n\
         findtime = 600\n\
         bantime  = 86400\n",
        harmless_default(),
        auth_log = paths.auth_log().display(),
        asterisk_log = paths.asterisk_log().display(),
    )
}

/// One jail of a configuration that was taken along, redirected into the lab: `jail.d` files are
/// read last, and a jail's own section wins over `[DEFAULT]`.
pub(super) fn redirected_jail(name: &str, paths: &LabPaths) -> String {
    let log = match name {
        RECIDIVE => paths.action_log(),
        SSHD => paths.auth_log(),
        _ if is_named_after_asterisk(name) => paths.asterisk_log(),
        _ => paths.log("other.log"),
    };
    format!(
        "\n[{name}]\n\
         backend = polling\n\
         usedns = no\n\
         ignorecommand =\n\
         logpath = {}\n\
         action = lab-record[name=\"{name}\"]\n",
        log.display()
    )
}

/// The head of the file that redirects a configuration that was taken along.
pub(super) fn redirected_default() -> &'static str {
    "# Redirects the jails of a copied configuration into the rehearsal host's folder.\n\
     [DEFAULT]\n\
     backend = polling\n\
     usedns = no\n\
     ignoreself = false\n\
     ignorecommand =\n\
     banaction = lab-record\n\
     banaction_allports = lab-record\n\
     action = lab-record[name=\"%(__name__)s\"]\n"
}
