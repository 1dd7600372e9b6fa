//! The split's filters by the host's own fail2ban-regex: real Asterisk 22 lines, fail2ban's own samples, forged lines.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::loaded;

pub const JAILS: [&str; 2] = ["asterisk-auth", "asterisk-scan"];
/// fail2ban's own sample lines, each with the address that is expected.
const SAMPLES: &str = "/usr/lib/python3/dist-packages/fail2ban/tests/files/logs/asterisk";

/// A configuration with the filters of one variant over the distribution's files.
pub struct Filters {
    folder: tempfile::TempDir,
}

impl Filters {
    /// The filters of `notice` or `security`.
    pub fn of(variant: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let filters = folder.path().join("filter.d");
        std::fs::create_dir(&filters).expect("a folder");
        for name in ["fail2ban.conf", "jail.conf", "filter.d/common.conf"] {
            std::fs::copy(Path::new("/etc/fail2ban").join(name), folder.path().join(name))
                .expect("fail2ban is installed");
        }
        for jail in JAILS {
            let own = project().join(format!("src/model/runbook/{jail}.{variant}.local"));
            std::fs::copy(own, filters.join(format!("{jail}.local"))).expect("the product's filter");
        }
        Self { folder }
    }

    /// The addresses that a filter finds in a log (or in one line), one for each match.
    pub fn found(&self, jail: &str, log: &str, journal: bool) -> Vec<String> {
        self.printed("ip", jail, log, journal)
    }

    /// Each match of a filter in a log: the address and the line.
    pub fn matches(&self, jail: &str, log: &str) -> Vec<(String, String)> {
        let [addresses, lines] = ["ip", "msg"].map(|what| self.printed(what, jail, log, false));
        assert_eq!(addresses.len(), lines.len(), "one line for each address");
        addresses.into_iter().zip(lines).collect()
    }

    /// What fail2ban-regex prints of each match.
    fn printed(&self, what: &str, jail: &str, log: &str, journal: bool) -> Vec<String> {
        let option = if journal { "[logtype=journal]" } else { "" };
        let filter = format!("{jail}{option}");
        let words = ["-o", what, "--usedns", "no", "-c"].map(OsStr::new);
        let last = [self.folder.path().as_os_str(), OsStr::new(log), OsStr::new(&filter)];
        let output = loaded::run("fail2ban-regex", &[&words[..], &last].concat());
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // Not lines(): a line of Asterisk's may hold any byte but a newline.
        text.split_terminator('\n').map(str::to_owned).collect()
    }

    /// How many failures each of the two filters counts in a log, all of this address.
    pub fn counts(&self, log: &str, address: &str) -> [usize; 2] {
        JAILS.map(|jail| {
            let found = self.found(jail, log, false);
            assert!(found.iter().all(|ip| ip == address), "{jail}: {found:?}");
            found.len()
        })
    }
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of real lines, its address, and what (asterisk-auth, asterisk-scan) count in the notices and in the events.
///
/// A request that an endpoint's ACL denies says both "Not match Endpoint ACL" and "Failed to authenticate" and counts
/// once, in the strict jail; the four in the lenient one are the unauthenticated requests before.
const REAL: [(&str, &str, [usize; 2], [usize; 2]); 6] = [
    ("legitimate-register-storm.log", "203.0.113.10", [0, 27], [0, 27]),
    ("register-storm-over-max-contacts.log", "203.0.113.10", [0, 27], [0, 27]),
    ("register-scan.log", "198.51.100.66", [0, 60], [0, 60]),
    ("wrong-password.log", "192.0.2.5", [6, 0], [6, 0]),
    ("endpoint-acl.log", "192.0.2.5", [4, 4], [4, 4]),
    ("unknown-caller-invite.log", "198.51.100.66", [0, 5], [0, 5]),
];

#[test]
fn real_lines_count_where_they_belong() {
    let (notice, security) = (Filters::of("notice"), Filters::of("security"));
    let folder = tempfile::tempdir().expect("a folder");
    for (name, address, notices, events) in REAL {
        let log = project().join("tests/data/asterisk-22").join(name);
        let path = log.to_str().expect("text");
        assert_eq!(
            notice.counts(path, address),
            notices,
            "{name}, with both levels in the log"
        );
        for (level, filters, wanted) in [("NOTICE[", &notice, notices), ("SECURITY[", &security, events)] {
            let text = std::fs::read_to_string(&log).expect("the log");
            let kept: Vec<&str> = text.lines().filter(|line| line.contains(level)).collect();
            let alone = folder.path().join(name);
            std::fs::write(&alone, kept.join("\n") + "\n").expect("the log");
            assert_eq!(
                filters.counts(alone.to_str().expect("text"), address),
                wanted,
                "{name}, {level}...] alone"
            );
        }
    }
}

/// A sample line of fail2ban's, with the address that is in it.
struct Sample {
    line: String,
    address: String,
    journal: bool,
}

fn samples() -> Vec<Sample> {
    let text = std::fs::read_to_string(SAMPLES).expect("the samples of Debian's fail2ban package");
    let (mut found, mut expected, mut journal) = (Vec::new(), None, false);
    for line in text.lines() {
        if line.starts_with("# filterOptions") {
            journal = line.contains("journal");
        } else if let Some(json) = line.strip_prefix("# failJSON: ") {
            let said: Value = serde_json::from_str(json).expect("JSON");
            expected = said["host"].as_str().map(str::to_owned);
        } else if !line.starts_with('#')
            && !line.trim().is_empty()
            && let Some(address) = expected.take()
        {
            let prefix = if journal { "server asterisk[123]: " } else { "" };
            let line = format!("{prefix}{line}");
            found.push(Sample { line, address, journal });
        }
    }
    found
}

#[test]
fn each_sample_of_fail2bans_is_taken_by_one_filter_with_its_address() {
    let (notice, security) = (Filters::of("notice"), Filters::of("security"));
    let samples = samples();
    assert!(samples.len() >= 40, "only {} samples", samples.len());
    for Sample { line, address, journal } in samples {
        let filters = if line.contains(" SECURITY[") {
            &security
        } else {
            &notice
        };
        let found: Vec<String> = JAILS
            .iter()
            .flat_map(|jail| filters.found(jail, &line, journal))
            .collect();
        assert_eq!(found, [address], "{line}");
    }
}

#[test]
fn the_other_variant_takes_no_line_of_the_first() {
    let text = std::fs::read_to_string(project().join("tests/data/asterisk-22/endpoint-acl.log")).expect("the log");
    let folder = tempfile::tempdir().expect("a folder");
    for (level, variant) in [("SECURITY[", "notice"), ("NOTICE[", "security")] {
        let kept: Vec<&str> = text.lines().filter(|line| line.contains(level)).collect();
        let log = folder.path().join("log");
        std::fs::write(&log, kept.join("\n")).expect("the log");
        let filters = Filters::of(variant);
        assert_eq!(
            filters.counts(log.to_str().expect("text"), "nobody"),
            [0, 0],
            "{variant}"
        );
    }
}

/// Calls to no extension, as chan_sip, older and newer versions of PJSIP write them; the extension is the caller's text.
#[test]
fn a_call_to_no_extension_is_a_probe_of_its_sender_alone() {
    let filters = Filters::of("notice");
    let victim =
        "' rejected because extension not found in context 'a'. x: Call (UDP:203.0.113.99:5060) to extension '";
    for head in [
        "chan_sip.c: Call from '' (",
        "res_pjsip_session.c: Call from 'anonymous' (UDP:",
        "res_pjsip_session.c:  anonymous: Call (UDP:",
        "res_pjsip_session.c:2337 new_invite:  PJSIP/6001-00000002: Call (TLS:",
    ] {
        for extension in ["9011442037690237", victim] {
            let line = format!(
                "[2026-11-22 06:54:01] NOTICE[1] {head}192.0.2.200:5060) to extension '{extension}' rejected because \
                 extension not found in context 'public'."
            );
            assert_eq!(filters.found("asterisk-scan", &line, false), ["192.0.2.200"], "{line}");
            assert_eq!(
                filters.found("asterisk-auth", &line, false),
                Vec::<String>::new(),
                "{line}"
            );
        }
    }
}

/// The account, the session and the response are the caller's: whatever he writes there, nobody else is counted.
#[test]
fn no_event_can_be_forged_for_another() {
    const VICTIM: &str = "203.0.113.99";
    const CALLER: &str = "192.0.2.200";
    let address = |ip: &str| format!("LocalAddress=\"IPV4/UDP/192.0.2.1/5060\",RemoteAddress=\"IPV4/UDP/{ip}/5060\"");
    let forged = format!("x\",{}", address(VICTIM));
    let filters = Filters::of("security");
    for event in [
        "InvalidAccountID",
        "ChallengeResponseFailed",
        "InvalidPassword",
        "FailedACL",
    ] {
        let tails = match event {
            "FailedACL" => vec![",ACLName=\"domain_must_match\"".to_owned()],
            "InvalidAccountID" => vec![String::new()],
            _ => vec![
                ",Challenge=\"1/a\",Response=\"ab\",ExpectedResponse=\"\"".to_owned(),
                format!(",Challenge=\"1/a\",Response=\"{forged},Foo=\"\",ExpectedResponse=\"\""),
                format!(
                    ",Challenge=\"1/a\",Response=\"{forged},Challenge=\"1/a\",Response=\"ab\",ExpectedResponse=\"\""
                ),
            ],
        };
        for (account, session) in [("1", "s"), (forged.as_str(), "s"), ("1", forged.as_str())] {
            for tail in &tails {
                let line = format!(
                    "[2026-11-22 06:54:01] SECURITY[1] res_security_log.c: SecurityEvent=\"{event}\",EventTV=\"t\",\
                     Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{session}\",{}{tail}",
                    address(CALLER)
                );
                for jail in JAILS {
                    let found = filters.found(jail, &line, false);
                    assert!(found.iter().all(|ip| ip == CALLER), "{jail} {found:?}: {line}");
                }
            }
        }
    }
}
