//! One dated snapshot of a host, as its agent reports it. Planners are given this and nothing else of the host.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::blocked_address::BlockedAddress;
pub use super::clock::Clock;
pub use super::firewall::{Chain, EarlierRule, Entry, Firewall, Forward, FoundAgain};
use super::jail_local::{Diagnostic, JailLocal};
use super::known::Known;
use super::origins::{LastWritten, Loaded, Origins};
use super::running_asterisk::RunningAsterisk;

/// `{relative path: SHA-256}` of the files that fail2ban reads; a folder of distribution files is one entry, `name/`.
pub type Fingerprint = BTreeMap<String, String>;

/// A part of an observation; what is not asked for costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Hashes of the configuration.
    Files,
    /// jail.local with its bytes.
    JailLocal,
    /// fail2ban.local with its bytes.
    Fail2banLocal,
    /// The running server with its jails.
    Server,
    /// The packet filter.
    Firewall,
    /// Backups of jail.local.
    Backups,
    /// Changes that were begun and not ended.
    Changes,
    /// Who holds the lock.
    Lock,
    /// Files round fail2ban, its logs and its database.
    Surroundings,
    /// Whitelist entries that expire by themselves.
    Temporary,
    /// Backups of jail.local with their bytes.
    BackupTexts,
    /// The filters' own files.
    Filters,
    /// Changes that were made, with the files before and after them.
    Journal,
    /// jail.local as f2bctl wrote it last.
    LastWritten,
    /// The log that Asterisk writes, sampled.
    AsteriskLog,
    /// Where the entries of the running whitelists come from.
    Origins,
    /// The running Asterisk: the logs that it has open, and its ports. It follows [`Part::Server`], which has the jails' logs.
    Asterisk,
    /// Who was found again after a ban, by fail2ban's action log. It follows [`Part::Server`], which has the bans.
    AfterBan,
}

/// What was seen on a host at one moment. Parts that were not asked for are unknown.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Observed {
    /// The host's clock when the snapshot was taken.
    pub clock: Clock,
    /// Who is logged in there, and from where.
    pub operator: Login,
    /// Folders whose content others than root and this login could have put there.
    #[serde(default)]
    pub exposed: Vec<Exposed>,
    /// Who holds a lock on the configuration directory that changes do not wait for, as a clause.
    #[serde(default)]
    pub foreign_lock: Option<String>,
    /// Hashes of the configuration.
    #[serde(default)]
    pub files: Known<Fingerprint>,
    /// jail.local itself.
    #[serde(default)]
    pub jail_local: Known<HostFile>,
    /// fail2ban.local, the server's own settings.
    #[serde(default)]
    pub fail2ban_local: Known<HostFile>,
    /// The running fail2ban-server.
    #[serde(default)]
    pub server: Known<Server>,
    /// The kernel's packet filter, as far as fail2ban's rules go.
    #[serde(default)]
    pub firewall: Known<Firewall>,
    /// Backups of jail.local, oldest first.
    #[serde(default)]
    pub backups: Known<Vec<Backup>>,
    /// Changes that were begun and not ended.
    #[serde(default)]
    pub changes: Known<Vec<OpenChange>>,
    /// What is around fail2ban.
    #[serde(default)]
    pub surroundings: Known<Surroundings>,
    /// Who holds the host's lock at this moment.
    #[serde(default)]
    pub lock: Known<Option<LockHolder>>,
    /// Whitelist entries that expire by themselves.
    #[serde(default)]
    pub temporary: Known<TemporaryRegister>,
    /// Backups of jail.local with their bytes, oldest first.
    #[serde(default)]
    pub backup_texts: Known<Vec<HostFile>>,
    /// Every file of `filter.d`, relative to the configuration directory; those that end in `.local` with their bytes.
    #[serde(default)]
    pub filters: Known<Vec<HostFile>>,
    /// Changes that were made.
    #[serde(default)]
    pub journal: Known<Journal>,
    /// The log that Asterisk writes, by the host's settings.
    #[serde(default)]
    pub asterisk_log: Known<LogSample>,
    /// jail.local as f2bctl wrote it last; absent if it never did.
    #[serde(default)]
    pub last_written: Known<Option<LastWritten>>,
    /// Where the entries of the running jails' whitelists come from.
    #[serde(default)]
    pub origins: Known<Origins>,
    /// The running Asterisk.
    #[serde(default)]
    pub asterisk: Known<RunningAsterisk>,
    /// For each jail: whom it found again after a ban that stands.
    #[serde(default)]
    pub after_ban: Known<BTreeMap<String, BTreeMap<String, FoundAgain>>>,
    /// jail.local as this host's fail2ban reads it, from the first time that someone asked for it.
    #[serde(skip)]
    pub jail_local_reading: OnceLock<Result<JailLocal, Vec<Diagnostic>>>,
    /// What the files on disk would set up, tried on a copy; for the few drafts that have to know it.
    #[serde(skip)]
    pub on_disk: Option<Rehearsal>,
}

/// A folder of the host that is open to others: what is in it may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// Absolute path on the host.
    pub path: String,
    /// Why, as a clause.
    pub reason: String,
}

/// The login that the agent runs under.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The effective user's name.
    pub user: String,
    /// The effective user's number; 0 is root.
    pub uid: u32,
    /// The user who called sudo, if the agent runs through it.
    pub sudo_user: Option<String>,
    /// The operator's own address as sshd saw it before sudo, without a zone; the one that must not be locked out.
    pub address: Option<String>,
    /// The host's port that the operator's connection came in by, likewise.
    #[serde(default)]
    pub port: Option<u16>,
    /// Whether logging in asks a person for something, so that a second login needs one as well.
    #[serde(skip)]
    pub asks_a_person: bool,
    /// The host's own name for itself.
    pub hostname: String,
    /// The Python version that runs the agent.
    pub python: String,
}

/// A file of the host with its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFile {
    /// Absolute path on the host.
    pub path: String,
    /// False if there is no such file; the other facts are absent then.
    pub exists: bool,
    /// Where a symbolic link leads.
    #[serde(default)]
    pub link: Option<String>,
    /// SHA-256 of the content, hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The content.
    #[serde(default, with = "super::base64_bytes")]
    pub content: Option<Vec<u8>>,
    /// Permission bits.
    #[serde(default)]
    pub mode: Option<u32>,
}

/// A fail2ban-server, running or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Whether it answers on its socket.
    pub running: bool,
    /// Why it does not answer.
    #[serde(default)]
    pub reason: Option<String>,
    /// The path of its socket.
    pub socket: String,
    /// fail2ban's version, e.g. `1.0.2`.
    #[serde(default)]
    pub version: Option<String>,
    /// The server's own settings: `loglevel`, `logtarget`, `dbfile`, `dbpurgeage`.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    /// The running jails by name.
    #[serde(default)]
    pub jails: BTreeMap<String, Jail>,
    /// A hash over all jails' values and actions, as the agent computes it.
    #[serde(default)]
    pub digest: Option<String>,
}

/// A jail as a server holds it: the live one, or that of a rehearsal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Jail {
    /// What `get JAIL KEY` answers, by key; times in seconds, `ignoreip` and `logpath` sorted.
    pub values: BTreeMap<String, Value>,
    /// The properties of each action by its name.
    #[serde(default)]
    pub actions: BTreeMap<String, BTreeMap<String, String>>,
    /// Who is banned.
    #[serde(default)]
    pub bans: Vec<Ban>,
    /// fail2ban's counters.
    #[serde(default)]
    pub counters: Counters,
    /// Keys that could not be read, with the reason.
    #[serde(default)]
    pub unknown: BTreeMap<String, String>,
}

impl Jail {
    /// A whole-number setting such as `maxretry`, `findtime` or `bantime` (seconds; -1 is for ever).
    pub fn number(&self, key: &str) -> Option<i64> {
        self.values.get(key).and_then(Value::as_i64)
    }

    /// A list setting such as `ignoreip` or `logpath`.
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.values.get(key).and_then(Value::as_array);
        let texts = items.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    /// The entries that this jail never bans, in fail2ban's own spelling.
    pub fn ignoreip(&self) -> Vec<String> {
        self.list("ignoreip")
    }
}

/// One ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// The banned address (or network).
    pub ip: BlockedAddress,
    /// When it began, seconds of the Unix clock.
    pub since: i64,
    /// When it ends, seconds of the Unix clock; absent if never.
    pub until: Option<i64>,
}

/// A jail's counters since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Addresses with failures that have not reached the threshold.
    pub currently_failed: u64,
    /// Failures seen.
    pub total_failed: u64,
    /// Bans in force.
    pub currently_banned: u64,
    /// Bans made.
    pub total_banned: u64,
}

/// A backup of jail.local beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// Absolute path on the host.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Last modification, seconds of the Unix clock.
    pub modified: f64,
    /// Permission bits.
    pub mode: u32,
}

/// A change that was begun on the host and has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenChange {
    /// The change's identifier.
    pub id: String,
    /// The step that was begun last.
    pub phase: String,
    /// When it began, seconds of the Unix clock.
    pub began: f64,
    /// Who began it.
    pub operator: Option<String>,
    /// The command it belongs to.
    pub command: Option<String>,
    /// The files it touches, relative to the configuration directory.
    pub files: Vec<String>,
    /// Until when it waits for its confirmation, seconds of the Unix clock; absent in every other phase.
    #[serde(default)]
    pub until: Option<f64>,
}

impl OpenChange {
    /// Whether it can still be finished: one that has begun to go back goes all the way back.
    pub fn can_be_finished(&self) -> bool {
        self.phase != "undoing"
    }
}

/// The changes that were made on a host, as far as their files are still kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// The changes, newest first.
    pub changes: Vec<PastChange>,
    /// Each file that one of them touched, as it is now; paths relative to the configuration directory.
    pub now: Vec<HostFile>,
    /// How many older changes were left out of the answer.
    pub left_out: u64,
}

/// A change that was made and proven.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastChange {
    /// The change's identifier.
    pub id: String,
    /// When it ended, seconds of the Unix clock.
    pub ended: f64,
    /// Who made it.
    pub operator: Option<String>,
    /// The command it belongs to.
    pub command: Option<String>,
    /// The change that it undid, where it was an undo.
    #[serde(default)]
    pub undoes: Option<String>,
    /// The files that it touched, in the order in which it put them in force.
    pub files: Vec<PastFile>,
}

/// One file of a change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFile {
    /// The path, relative to the configuration directory.
    pub path: String,
    /// The content before; absent if there was no such file.
    #[serde(default, with = "super::base64_bytes")]
    pub before: Option<Vec<u8>>,
    /// The content after; absent if the file went.
    #[serde(default, with = "super::base64_bytes")]
    pub after: Option<Vec<u8>>,
    /// Owner and mode before; absent if there was no such file.
    #[serde(default)]
    pub attributes: Option<Attributes>,
}

/// Owner, mode, age and extended attributes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attributes {
    /// Permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// Last modification, seconds of the Unix clock: by it backups are put in order.
    pub modified: i64,
    /// Extended attributes by their names, in base64: only the agent reads them.
    #[serde(default)]
    pub extended: BTreeMap<String, String>,
}

/// A log file, with what its last lines are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogSample {
    /// The path as the host's settings name it.
    pub path: String,
    /// The path with its links followed.
    pub real: String,
    /// Whether there is such a file.
    pub exists: bool,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
    /// Last modification, seconds of the Unix clock.
    #[serde(default)]
    pub modified: Option<f64>,
    /// How many lines were looked at: the ends of the log and of the one rotated last.
    #[serde(default)]
    pub lines: u64,
    /// How many of them have each level, e.g. `NOTICE`.
    #[serde(default)]
    pub levels: BTreeMap<String, u64>,
    /// The levels of the last lines about failed attempts, the oldest first: which are logged now.
    #[serde(default)]
    pub newest: Vec<String>,
    /// How many are notices with two addresses, of which the caller wrote one: some can be read in two ways.
    #[serde(default)]
    pub two_addresses: u64,
}

/// What the holder of the lock reports of itself; all absent if it reported nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LockHolder {
    /// Who.
    pub operator: Option<String>,
    /// For what.
    pub command: Option<String>,
    /// Since when, seconds of the Unix clock.
    pub since: Option<f64>,
}

/// What is around fail2ban on a host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// jail.local, the two filters, and f2bctl's own state.
    pub files: Vec<PathFacts>,
    /// Every file that fail2ban reads, the folders that it reads them from, and where links lead.
    #[serde(default)]
    pub configuration: Vec<PathFacts>,
    /// The users (uid) who run fail2ban's server anyway: root, and in a rehearsal its owner.
    #[serde(default)]
    pub trusted: Vec<u32>,
    /// Asterisk's log, then fail2ban's.
    pub logs: Vec<LogFacts>,
    /// fail2ban's database.
    pub database: PathFacts,
}

/// A file or folder, as far as it is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathFacts {
    /// Absolute path.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// Permission bits.
    pub mode: u32,
    /// Its owner's number.
    pub uid: u32,
    /// Its owner's name, or the number again.
    pub owner: String,
    /// Who else may write to it by an access control list: `user asterisk`, `group ops`.
    pub writers: Vec<String>,
    /// Bytes.
    pub size: u64,
    /// Last modification, seconds of the Unix clock.
    pub modified: f64,
    /// Why it cannot be looked at.
    pub unknown: Option<String>,
}

/// A log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogFacts {
    /// The file.
    #[serde(flatten)]
    pub file: PathFacts,
    /// Its last line.
    pub last_line: String,
    /// That line's own time, read in the host's zone, seconds of the Unix clock.
    pub last_time: Option<f64>,
}

/// Which recent lines of Asterisk's log each jail counts, by fail2ban's own reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The last lines of the log, oldest first.
    pub lines: Vec<String>,
    /// For each jail that reads it: the number of each line that it counts, and the address that it counts it for.
    pub counted: BTreeMap<String, Known<Vec<(usize, String)>>>,
    /// The lines in which no jail reads a time.
    #[serde(default)]
    pub undated: BTreeSet<usize>,
    /// For each jail the addresses of recent lines that its filter counts and of which the action log has nothing, neither found
    /// nor ignored, with the time of the line, seconds of the Unix clock; absent if that log could not be compared.
    #[serde(default)]
    pub unheard: Option<BTreeMap<String, Vec<(String, i64)>>>,
}

/// The register of temporary whitelist entries on the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryRegister {
    /// The entries, those that have ended and were not cleared away included.
    pub entries: Vec<TemporaryEntry>,
    /// Who is there to end them: `systemd` or `process`; absent for nobody.
    pub ender: Option<String>,
}

/// A whitelist entry of running jails that ends by itself; it is in no file that fail2ban reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemporaryEntry {
    /// The address or network, in fail2ban's own spelling.
    pub entry: String,
    /// The jails in which it was set.
    pub jails: Vec<String>,
    /// When it was set, seconds of the Unix clock.
    pub since: i64,
    /// When it ends, seconds of the Unix clock.
    pub until: i64,
    /// Who set it.
    pub operator: String,
    /// Why.
    pub reason: Option<String>,
}

/// What a draft came to on a copy of the host's configuration, in a throw-away fail2ban-server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Rehearsal {
    /// `fail2ban-client -t`.
    pub test: TestRun,
    /// `fail2ban-client -d`.
    pub dump: DumpRun,
    /// The first command of the stream that the server refused.
    pub failed: Option<FailedCommand>,
    /// The jails that the draft sets up; empty if a command failed.
    pub jails: BTreeMap<String, Jail>,
    /// For each jail that would start new: who it would ban at once, since it reads its log back over findtime.
    #[serde(default)]
    pub forecast: BTreeMap<String, Known<Vec<String>>>,
    /// Whether the files are still those that the running server was made of.
    #[serde(default)]
    pub loaded: Option<Loaded>,
    /// The server's own settings in the stream.
    pub settings: BTreeMap<String, Value>,
}

/// How `fail2ban-client -t` ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TestRun {
    /// Exit status; negative for a signal.
    pub status: i32,
    /// The end of what it printed.
    pub output: String,
}

/// How `fail2ban-client -d` ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DumpRun {
    /// Exit status; negative for a signal.
    pub status: i32,
    /// Lines that are not commands of the stream: warnings and errors.
    pub notes: Vec<String>,
}

/// A command of the configuration stream that fail2ban-server refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailedCommand {
    /// The command's words, e.g. `set asterisk-auth maxretry None`.
    pub command: Vec<Value>,
    /// fail2ban's own message.
    pub error: String,
}

impl FailedCommand {
    /// The jail and the key that the command sets, where it has that form.
    pub fn jail_and_key(&self) -> Option<(&str, &str)> {
        let word = |index: usize| self.command.get(index).and_then(Value::as_str);
        match word(0)? {
            "set" | "multi-set" => Some((word(1)?, word(2)?)),
            _ => None,
        }
    }
}
