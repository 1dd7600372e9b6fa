//! A host as it is at one moment, read without f2bctl: the configuration's files, and the server's jails and bans.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::loaded;

/// How far the end of a ban may move when it is brought back, seconds (contract, "Bans as before").
const TOLERANCE: f64 = 2.0;

/// What of a file has to come back: content, mode, owner and group.
type Kept = (Vec<u8>, u32, (u32, u32));

/// One file, as far as anybody could tell that it was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    bytes: Vec<u8>,
    modified: (i64, i64),
    inode: u64,
    mode: u32,
    owner: (u32, u32),
    link: Option<PathBuf>,
}

/// A host at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The files of the configuration directory, by their path below it.
    pub files: BTreeMap<PathBuf, FileFacts>,
    /// The running jails with values, actions and bans (address -> end); null if fail2ban does not answer.
    pub server: Value,
}

impl FileFacts {
    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Snapshot {
    /// Looks at a configuration directory and at the server of a socket.
    pub fn of(config_dir: &Path, socket: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(config_dir, config_dir, &mut files);
        Self {
            files,
            server: server(socket),
        }
    }

    /// The same with another value in one jail.
    #[must_use]
    pub fn with(&self, jail: &str, key: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.server[jail][key] = Value::from(value);
        changed
    }
}

/// The running jails, or null if fail2ban does not answer.
pub fn server(socket: &Path) -> Value {
    let output = loaded::run("state", &[socket.as_os_str()]);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("FileNotFoundError") || said.contains("ConnectionRefusedError"),
            "the server cannot be asked: {said}"
        );
        return Value::Null;
    }
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn collect(base: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, FileFacts>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let own = std::fs::symlink_metadata(&path).expect("metadata");
        if own.is_dir() {
            collect(base, &path, files);
            continue;
        }
        let link = own.is_symlink().then(|| std::fs::read_link(&path).expect("a link"));
        let facts = std::fs::metadata(&path).unwrap_or(own);
        let name = path.strip_prefix(base).expect("below").to_path_buf();
        files.insert(
            name,
            FileFacts {
                bytes: std::fs::read(&path).unwrap_or_default(),
                modified: (facts.mtime(), facts.mtime_nsec()),
                inode: facts.ino(),
                mode: facts.mode(),
                owner: (facts.uid(), facts.gid()),
                link,
            },
        );
    }
}

/// Nothing was written and nothing moved in the server: same files to the nanosecond and the inode, same jails, same
/// bans with their ends.
#[track_caller]
pub fn assert_same(before: &Snapshot, after: &Snapshot) {
    for (name, facts) in &before.files {
        assert_eq!(
            Some(facts),
            after.files.get(name),
            "{} is not as before",
            name.display()
        );
    }
    let new: Vec<_> = after
        .files
        .keys()
        .filter(|name| !before.files.contains_key(*name))
        .collect();
    assert!(new.is_empty(), "new files: {new:?}");
    assert_same_server(before, after);
}

/// The files' contents, owners and modes are as before, and the server too; they may have been written to in between.
#[track_caller]
pub fn assert_put_back(before: &Snapshot, after: &Snapshot) {
    let contents = |snapshot: &Snapshot| -> BTreeMap<PathBuf, Kept> {
        let backup = |name: &Path| name.to_string_lossy().contains("jail.local.bak-");
        let kept = snapshot.files.iter().filter(|(name, _)| !backup(name));
        kept.map(|(name, facts)| (name.clone(), (facts.bytes.clone(), facts.mode, facts.owner)))
            .collect()
    };
    let (then, now) = (contents(before), contents(after));
    assert_eq!(then.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>());
    for (name, facts) in &then {
        assert_eq!(Some(facts), now.get(name), "{} is not as before", name.display());
    }
    assert_same_server(before, after);
}

/// The same jails with the same values, actions and bans, whose ends may differ by the tolerance.
#[track_caller]
pub fn assert_same_server(before: &Snapshot, after: &Snapshot) {
    assert_eq!(without_bans(&before.server), without_bans(&after.server));
    let (then, now) = (bans(&before.server), bans(&after.server));
    assert_eq!(
        then.keys().collect::<Vec<_>>(),
        now.keys().collect::<Vec<_>>(),
        "the banned are not those of before"
    );
    for (ban, end) in &then {
        let moved = (end - now[ban]).abs();
        assert!(moved <= TOLERANCE, "the end of the ban {ban:?} moved by {moved} s");
    }
}

fn without_bans(server: &Value) -> Value {
    let mut server = server.clone();
    for jail in server.as_object_mut().into_iter().flat_map(|jails| jails.values_mut()) {
        if let Some(jail) = jail.as_object_mut() {
            jail.remove("bans");
        }
    }
    server
}

/// (jail, address) -> end of each ban.
pub fn bans(server: &Value) -> BTreeMap<(String, String), f64> {
    let mut found = BTreeMap::new();
    for (name, jail) in server.as_object().into_iter().flatten() {
        for (ip, end) in jail["bans"].as_object().into_iter().flatten() {
            found.insert((name.clone(), ip.clone()), end.as_f64().expect("a time"));
        }
    }
    found
}
