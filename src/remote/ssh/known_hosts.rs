//! Files of known host keys, read and matched as OpenSSH does; recording a new key. The decision what to trust is in `host_key`.
//!
//! Reading is pure: bytes in, entries out. A line that OpenSSH would ignore (unknown key type, broken key, unknown marker) is ignored.

use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use russh::keys::key::parse_public_key;
use russh::keys::{Algorithm, HashAlg, PublicKey};
use sha1::Sha1;

/// The port that a host's entry does not name.
const DEFAULT_PORT: u16 = 22;

/// What a line says about its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// The key is the host's own.
    HostKey,
    /// The key signs certificates of the hosts (`@cert-authority`).
    CertAuthority,
    /// The key must never be accepted (`@revoked`).
    Revoked,
}

/// One usable line of a file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The file.
    pub file: PathBuf,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What the line says about the key.
    pub marker: Marker,
    /// The key's type, such as `ssh-ed25519`.
    pub key_type: String,
    /// The key's fingerprint, such as `SHA256:…`.
    pub fingerprint: String,
    hosts: String,
    key: PublicKey,
}

/// The entries of several files, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct KnownHosts {
    entries: Vec<Entry>,
}

/// What the files say about one key of one host.
#[derive(Debug, Clone)]
pub(super) enum Verdict<'a> {
    /// This very key is the host's.
    Known,
    /// No file has a key for the host.
    Unknown,
    /// The files have other keys for the host, and not this one.
    Changed(Vec<&'a Entry>),
    /// The key is marked as revoked.
    Revoked(&'a Entry),
}

/// A host as files of known hosts name it: lower case, and `[host]:port` unless the port is 22.
#[must_use]
pub(super) fn host_name_for(address: &str, port: u16) -> String {
    let address = address.to_ascii_lowercase();
    if port == DEFAULT_PORT {
        address
    } else {
        format!("[{address}]:{port}")
    }
}

impl KnownHosts {
    /// Adds the lines of a file.
    pub fn add(&mut self, file: &Path, content: &[u8]) {
        let lines = content.split(|byte| *byte == b'\n');
        let entries = lines
            .enumerate()
            .filter_map(|(index, line)| read_line(file, index + 1, line));
        self.entries.extend(entries);
    }

    /// Every entry whose patterns match `host` (lower case or not; `[host]:port` unless the port is 22).
    pub fn matching<'a>(&'a self, host: &str) -> impl Iterator<Item = &'a Entry> {
        let host = host.to_ascii_lowercase();
        self.entries.iter().filter(move |entry| matches(&entry.hosts, &host))
    }

    /// What is known of `key` for `host`. A revocation beats every other line.
    #[must_use]
    pub(super) fn verdict(&self, host: &str, key: &PublicKey) -> Verdict<'_> {
        let matching: Vec<&Entry> = self.matching(host).collect();
        let is_this = |entry: &&&Entry| entry.key.key_data() == key.key_data();
        let of = |marker: Marker| matching.iter().filter(move |entry| entry.marker == marker);
        if let Some(entry) = of(Marker::Revoked).find(is_this) {
            return Verdict::Revoked(entry);
        }
        if of(Marker::HostKey).any(|entry| is_this(&entry)) {
            return Verdict::Known;
        }
        let others: Vec<&Entry> = of(Marker::HostKey).copied().collect();
        if others.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::Changed(others)
        }
    }

    /// The entry that makes `authority` a signer of certificates for `host`.
    #[must_use]
    pub(super) fn authority(&self, host: &str, authority: &PublicKey) -> Option<&Entry> {
        self.matching(host)
            .find(|entry| entry.marker == Marker::CertAuthority && entry.key.key_data() == authority.key_data())
    }

    /// The types of the host's own keys that the files have, in file order.
    #[must_use]
    pub(super) fn key_types(&self, host: &str) -> Vec<Algorithm> {
        self.matching(host)
            .filter(|entry| entry.marker == Marker::HostKey)
            .map(|entry| entry.key.algorithm())
            .collect()
    }

    /// Whether any line names a signer of certificates for `host`.
    #[must_use]
    pub(super) fn has_authority(&self, host: &str) -> bool {
        self.matching(host).any(|entry| entry.marker == Marker::CertAuthority)
    }
}

impl Entry {
    /// `FILE:LINE`, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The first word of a line and what follows it, blanks around both removed.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let start = line.iter().position(|byte| !is_blank(*byte)).unwrap_or(line.len());
    let line = line.get(start..).unwrap_or_default();
    let end = line.iter().position(|byte| is_blank(*byte)).unwrap_or(line.len());
    (line.get(..end).unwrap_or_default(), line.get(end..).unwrap_or_default())
}

fn read_line(file: &Path, number: usize, line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (mut hosts, mut rest) = word(line);
    if hosts.is_empty() || hosts.starts_with(b"#") {
        return None;
    }
    let marker = match hosts {
        b"@cert-authority" => Marker::CertAuthority,
        b"@revoked" => Marker::Revoked,
        _ if hosts.starts_with(b"@") => return None,
        _ => Marker::HostKey,
    };
    if marker == Marker::CertAuthority && rest.starts_with(b"\t") && rest.contains(&b' ') {
        // OpenSSH reads such a line otherwise, and trust goes no further than its own.
        return None;
    }
    if marker != Marker::HostKey {
        (hosts, rest) = word(rest);
    }
    let (key_type, rest) = word(rest);
    let (key, _comment) = word(rest);
    let key = read_key(std::str::from_utf8(key_type).ok()?, key)?;
    Some(Entry {
        file: file.to_owned(),
        line: number,
        marker,
        key_type: key.algorithm().to_string(),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        hosts: std::str::from_utf8(hosts).ok()?.to_owned(),
        key,
    })
}

/// The key of a line, if its text is whole and of the type that the line names.
fn read_key(key_type: &str, text: &[u8]) -> Option<PublicKey> {
    let blob = STANDARD.decode(text).ok()?;
    let key = parse_public_key(&blob).ok()?;
    (key.algorithm().as_str() == key_type && !matches!(key.algorithm(), Algorithm::Other(_))).then_some(key)
}

/// Whether a line's first field names `host`: a hash, or patterns of which none is negated and matching.
fn matches(hosts: &str, host: &str) -> bool {
    if let Some(hashed) = hosts.strip_prefix("|1|") {
        return matches_hash(hashed, host).unwrap_or(false);
    }
    let mut found = false;
    for pattern in hosts.split(',') {
        let (negated, pattern) = pattern
            .strip_prefix('!')
            .map_or((false, pattern), |pattern| (true, pattern));
        if matches_pattern(pattern.to_ascii_lowercase().as_bytes(), host.as_bytes()) {
            if negated {
                return false;
            }
            found = true;
        }
    }
    found
}

fn matches_hash(hashed: &str, host: &str) -> Option<bool> {
    let (salt, expected) = hashed.split_once('|')?;
    let mac = keyed_hash(&STANDARD.decode(salt).ok()?, host)?;
    Some(mac.verify_slice(&STANDARD.decode(expected).ok()?).is_ok())
}

fn keyed_hash(salt: &[u8], host: &str) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).ok()?;
    mac.update(host.as_bytes());
    Some(mac)
}

/// `*` stands for any run of characters, `?` for one. Linear in time: only the last `*` is ever tried again.
pub(super) fn matches_pattern(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                last_star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(wanted) if *wanted == b'?' || Some(wanted) == text.get(at_text) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    (at_pattern, at_text) = (star + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at_pattern..)
        .is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

/// Appends a host's key to `file` (created 0600, its folder 0700), with the name hashed or plain.
///
/// # Errors
/// When the file is not a regular file or cannot be written; nothing is written then.
pub(super) fn record(file: &Path, host: &str, key: &PublicKey, hashed: bool) -> io::Result<()> {
    let key = PublicKey::new(key.key_data().clone(), "")
        .to_openssh()
        .map_err(io::Error::other)?;
    let name = if hashed { hash_name(host)? } else { host.to_owned() };
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
    {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut opened = std::fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    if !opened.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file, so nothing written to it would be found again",
        ));
    }
    let mut content = Vec::new();
    opened.read_to_end(&mut content)?;
    let line_break = if content.last().is_some_and(|last| *last != b'\n') {
        "\n"
    } else {
        ""
    };
    opened.write_all(format!("{line_break}{name} {}\n", key.trim_end()).as_bytes())?;
    opened.sync_data()
}

fn hash_name(host: &str) -> io::Result<String> {
    let mut salt = [0_u8; 20];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut salt)?;
    let mac = keyed_hash(&salt, host).ok_or_else(|| io::Error::other("the host name could not be hashed"))?;
    Ok(format!(
        "|1|{}|{}",
        STANDARD.encode(salt),
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const TWO: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILagOJFgwaMNhBWQINinKOXmqS4Gh5NgxgriXwdOoINJ";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(text).unwrap()
    }

    fn known(content: &str) -> KnownHosts {
        let mut known = KnownHosts::default();
        known.add(Path::new("kh"), content.as_bytes());
        known
    }

    #[test]
    fn a_revocation_beats_a_good_line() {
        let known = known(&format!("web {ONE}\n@revoked * {ONE}\n"));
        assert!(matches!(known.verdict("web", &key(ONE)), Verdict::Revoked(entry) if entry.line == 2));
        assert!(matches!(known.verdict("web", &key(TWO)), Verdict::Changed(_)));
    }

    #[test]
    fn the_right_one_of_several_keys_counts_and_a_changed_one_is_named_with_its_line() {
        let known = known(&format!("# old\n\n#\nweb {ONE}\nweb {TWO}\n"));
        assert!(matches!(known.verdict("web", &key(TWO)), Verdict::Known));
        let known = super::tests::known(&format!("# a\n# b\n# c\nweb {ONE}\n"));
        let Verdict::Changed(entries) = known.verdict("web", &key(TWO)) else {
            panic!("not changed")
        };
        assert_eq!(entries.iter().map(|entry| entry.place()).collect::<Vec<_>>(), ["kh:4"]);
    }

    #[test]
    fn lines_that_openssh_ignores_are_ignored() {
        let broken = ONE.replace("AAAAIJ", "AAAAIK").replace("IeZJ", "Ie");
        let content = format!(
            "web {broken}\nweb ssh-nonsense AAAA\n@unknown web {ONE}\nweb ssh-rsa {}\nweb\n@revoked\n",
            &ONE[12..]
        );
        assert!(matches!(known(&content).verdict("web", &key(ONE)), Verdict::Unknown));
        let mut latin = known("");
        latin.add(Path::new("kh"), format!("w\u{fc}b {ONE}\nweb {ONE}\n").as_bytes());
        latin.add(Path::new("kh2"), b"caf\xe9 ssh-ed25519 AAAA\n");
        assert!(matches!(latin.verdict("web", &key(ONE)), Verdict::Known));
    }

    #[test]
    fn names_match_as_patterns_with_negation_and_ports() {
        let cases = [
            ("web", "web", true),
            ("WEB.Example", "web.example", true),
            ("*.example,!bad.example", "good.example", true),
            ("*.example,!bad.example", "bad.example", false),
            ("!bad.example,*.example", "bad.example", false),
            ("!bad.example", "good.example", false),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("[web]:2222", "[web]:2222", true),
            ("web", "[web]:2222", false),
            ("192.0.2.*", "192.0.2.7", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b*c", "axxbyybz", false),
            ("*", "", true),
            ("", "web", false),
        ];
        for (hosts, host, expected) in cases {
            assert_eq!(matches(hosts, host), expected, "{hosts} against {host}");
        }
    }

    #[test]
    fn many_stars_cost_no_time() {
        let pattern = "*a".repeat(400);
        assert!(!matches_pattern(pattern.as_bytes(), "a".repeat(399).as_bytes()));
    }

    #[test]
    fn a_recorded_key_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/known_hosts");
        for (host, hashed) in [("[192.0.2.7]:2222", false), ("web", true)] {
            record(&file, host, &key(ONE), hashed).unwrap();
            let mut known = KnownHosts::default();
            known.add(&file, &std::fs::read(&file).unwrap());
            assert!(matches!(known.verdict(host, &key(ONE)), Verdict::Known), "{host}");
        }
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("[192.0.2.7]:2222 ssh-ed25519 ") && text.contains("\n|1|"),
            "{text}"
        );
        assert!(!text.contains("web"));
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_missing_last_newline_does_not_glue_lines_and_a_device_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        std::fs::write(&file, format!("old {ONE}")).unwrap();
        record(&file, "web", &key(TWO), false).unwrap();
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            format!("old {ONE}\nweb {TWO}\n")
        );
        assert!(record(Path::new("/dev/null"), "web", &key(ONE), false).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(content in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let mut known = KnownHosts::default();
            known.add(Path::new("kh"), &content);
            proptest::prop_assert!(matches!(known.verdict("web", &key(ONE)), Verdict::Unknown));
        }

        #[test]
        fn a_pattern_matches_as_its_letters_say(pattern in "[ab*?]{0,9}", text in "[ab]{0,9}") {
            proptest::prop_assert_eq!(matches_pattern(pattern.as_bytes(), text.as_bytes()), slowly(pattern.as_bytes(), text.as_bytes()));
        }
    }

    /// The definition itself, by trying everything.
    fn slowly(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some((b'*', more)), _) => (0..=text.len()).any(|taken| slowly(more, &text[taken..])),
            (Some((wanted, more)), Some((found, rest))) => (*wanted == b'?' || wanted == found) && slowly(more, rest),
            (Some(_), None) => false,
        }
    }
}
