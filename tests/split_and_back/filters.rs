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

    /// The addresses that a filter finds in each of these lines, each of which it decides by itself, in one run.
    pub fn found_in_each(&self, jail: &str, lines: &[String], journal: bool) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        std::fs::write(&log, lines.join("\n") + "\n").expect("the log");
        let log = log.to_str().expect("text");
        let [addresses, matched] = ["ip", "msg"].map(|what| self.printed(what, jail, log, journal));
        assert_eq!(addresses.len(), matched.len(), "one line for each address");
        let mut found = addresses.into_iter().zip(matched).peekable();
        // A line that was counted twice would be left over.
        let each = lines
            .iter()
            .map(|line| found.next_if(|(_, matched)| matched.trim() == line.trim()))
            .map(|counted| counted.into_iter().map(|(address, _)| address).collect())
            .collect();
        assert_eq!(found.next(), None, "each match is of a line, in their order");
        each
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

/// The lines of such a file that hold one of these levels.
fn real_lines(name: &str, levels: &[&str]) -> Vec<String> {
    let log = project().join("tests/data/asterisk-22").join(name);
    let text = std::fs::read_to_string(log).expect("the log");
    let kept = text
        .lines()
        .filter(|line| levels.iter().any(|level| line.contains(level)));
    kept.map(str::to_owned).collect()
}

#[test]
fn real_lines_count_where_they_belong() {
    let (notice, security) = (Filters::of("notice"), Filters::of("security"));
    let trials: [(&Filters, &[&str], usize); 3] = [
        (&notice, &["NOTICE[", "SECURITY["], 0),
        (&notice, &["NOTICE["], 0),
        (&security, &["SECURITY["], 1),
    ];
    for (filters, levels, variant) in trials {
        let files: Vec<Vec<String>> = REAL.iter().map(|(name, ..)| real_lines(name, levels)).collect();
        for (number, jail) in JAILS.iter().enumerate() {
            let mut found = filters.found_in_each(jail, &files.concat(), false).into_iter();
            for ((name, address, notices, events), lines) in REAL.iter().zip(&files) {
                let own: Vec<String> = found.by_ref().take(lines.len()).flatten().collect();
                assert_eq!(
                    own,
                    vec![(*address).to_owned(); [notices, events][variant][number]],
                    "{name}, {levels:?}, {jail}"
                );
            }
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
    for (filters, events) in [(&notice, false), (&security, true)] {
        for journal in [false, true] {
            let asked: Vec<&Sample> = samples
                .iter()
                .filter(|sample| sample.journal == journal && sample.line.contains(" SECURITY[") == events)
                .collect();
            let lines: Vec<String> = asked.iter().map(|sample| sample.line.clone()).collect();
            let [strict, lenient] = JAILS.map(|jail| filters.found_in_each(jail, &lines, journal));
            for (sample, found) in asked.iter().zip(strict.into_iter().zip(lenient)) {
                let found = [found.0, found.1].concat();
                assert_eq!(found, [sample.address.as_str()], "{}", sample.line);
            }
        }
    }
}

#[test]
fn the_other_variant_takes_no_line_of_the_first() {
    for (level, variant) in [("SECURITY[", "notice"), ("NOTICE[", "security")] {
        let lines = real_lines("endpoint-acl.log", &[level]);
        for jail in JAILS {
            let found = Filters::of(variant).found_in_each(jail, &lines, false).concat();
            assert_eq!(found, Vec::<String>::new(), "{variant}, {jail}");
        }
    }
}

/// Calls to no extension, as chan_sip, older and newer versions of PJSIP write them; the extension is the caller's text.
#[test]
fn a_call_to_no_extension_is_a_probe_of_its_sender_alone() {
    let filters = Filters::of("notice");
    let victim =
        "' rejected because extension not found in context 'a'. x: Call (UDP:203.0.113.99:5060) to extension '";
    let heads = [
        "chan_sip.c: Call from '' (",
        "res_pjsip_session.c: Call from 'anonymous' (UDP:",
        "res_pjsip_session.c:  anonymous: Call (UDP:",
        "res_pjsip_session.c:2337 new_invite:  PJSIP/6001-00000002: Call (TLS:",
    ];
    let calls = heads.iter().flat_map(|head| {
        ["9011442037690237", victim].map(|extension| {
            format!(
                "[2026-11-22 06:54:01] NOTICE[1] {head}192.0.2.200:5060) to extension '{extension}' rejected because \
                 extension not found in context 'public'."
            )
        })
    });
    let calls: Vec<String> = calls.collect();
    for (jail, wanted) in JAILS.iter().zip([vec![], vec!["192.0.2.200".to_owned()]]) {
        for (line, found) in calls.iter().zip(filters.found_in_each(jail, &calls, false)) {
            assert_eq!(found, wanted, "{jail}: {line}");
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
    let mut lines = Vec::new();
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
                lines.push(format!(
                    "[2026-11-22 06:54:01] SECURITY[1] res_security_log.c: SecurityEvent=\"{event}\",EventTV=\"t\",\
                     Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{session}\",{}{tail}",
                    address(CALLER)
                ));
            }
        }
    }
    let filters = Filters::of("security");
    for jail in JAILS {
        for (line, found) in lines.iter().zip(filters.found_in_each(jail, &lines, false)) {
            assert!(found.iter().all(|ip| ip == CALLER), "{jail} {found:?}: {line}");
        }
    }
}
