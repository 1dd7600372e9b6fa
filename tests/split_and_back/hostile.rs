//! Lines into which a caller wrote what looks like another address: nobody is framed, and nobody escapes. The corpus is
//! data (tests/data/hostile-lines), most of it a real Asterisk's, and the host's own fail2ban decides.

use super::filters::{Filters, JAILS};
use super::support::{Lab, eventually};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hostile-lines");

/// A line, the filter that decides about it, and the address that it counts, if any.
struct Hostile {
    jail: String,
    address: Option<String>,
    what: String,
    line: String,
}

fn corpus(variant: &str) -> Vec<Hostile> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{variant}.txt")).expect("the corpus");
    let mut found = Vec::new();
    let mut lines = text.split('\n').filter(|line| !line.starts_with("# "));
    while let Some(head) = lines
        .next()
        .and_then(|line| line.strip_prefix("#: ").map(str::to_owned))
    {
        let [jail, address, what] = head.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{head}: jail, address, what was tried");
        };
        assert!(JAILS.contains(&jail), "{head}");
        found.push(Hostile {
            jail: jail.to_owned(),
            address: (address != "-").then(|| address.to_owned()),
            what: what.to_owned(),
            line: lines.next().expect("a line after its head").to_owned(),
        });
    }
    assert_eq!(lines.next(), None, "{variant}: every line is read");
    found
}

#[test]
fn nobody_is_framed_and_nobody_escapes() {
    for variant in ["notice", "security"] {
        let corpus = corpus(variant);
        assert!(corpus.len() >= 100, "{variant}: {} lines", corpus.len());
        let lines: Vec<String> = corpus.iter().map(|hostile| hostile.line.clone()).collect();
        let filters = Filters::of(variant);
        for jail in JAILS {
            for (hostile, found) in corpus.iter().zip(filters.found_in_each(jail, &lines, false)) {
                let wanted: Vec<String> = hostile
                    .address
                    .iter()
                    .filter(|_| hostile.jail == jail)
                    .cloned()
                    .collect();
                assert_eq!(found, wanted, "{variant}, {jail}, {}: {}", hostile.what, hostile.line);
            }
        }
    }
}

/// Where the text of a notice leaves open who it was, the event beside it does not.
#[test]
fn what_a_notice_leaves_open_its_event_decides() {
    let left: Vec<Hostile> = corpus("notice");
    let left = left
        .iter()
        .filter(|hostile| hostile.address.is_none() && hostile.what.contains("(Asterisk"));
    let events = corpus("security");
    let mut tried = 0;
    for hostile in left {
        let event = events
            .iter()
            .find(|event| event.what == hostile.what && event.jail == hostile.jail);
        let event = event.unwrap_or_else(|| panic!("{}: no event beside it", hostile.what));
        assert!(event.address.is_some(), "{}", hostile.what);
        tried += 1;
    }
    assert!(tried >= 10, "only {tried} lines");
}

/// A guesser whose call id holds the text that stands before an address, as it was seen on a real host.
#[test]
fn a_guesser_with_an_address_in_his_call_id_is_banned() {
    let lab = Lab::start();
    lab.done(&["split", "--yes"]);
    let now = chrono::Local::now().format("[%F %T] ").to_string();
    let guesses = std::fs::read_to_string(format!("{FOLDER}/guesses.txt")).expect("the guesses");
    let lines: String = guesses.lines().map(|line| format!("{now}{line}\n")).collect();
    let mut log = std::fs::File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    std::io::Write::write_all(&mut log, lines.as_bytes()).expect("appended");
    eventually("the guesser is banned", || {
        lab.client(&["get", "asterisk-auth", "banip"]).contains("198.51.100.67")
    });
    for jail in JAILS {
        let banned = lab.client(&["get", jail, "banip"]);
        assert!(!banned.contains("203.0.113."), "{jail}: {banned}");
    }
}

/// With both levels in the log, a caller who writes addresses into notices makes `split` read the events.
#[test]
fn notices_with_two_addresses_give_way_to_events() {
    let lab = Lab::start();
    let guesses = std::fs::read_to_string(format!("{FOLDER}/guesses.txt")).expect("the guesses");
    let crafted = guesses
        .lines()
        .next()
        .expect("a guess")
        .replace("x' failed for '0", "x' failed for '203.0.113.99:5060' (callid: 0");
    let now = chrono::Local::now().format("[%F %T] ").to_string();
    let mut text = std::fs::read_to_string(lab.paths.asterisk_log()).expect("the log");
    assert!(text.contains("SECURITY["), "the rehearsal host logs both levels");
    text.push_str(&format!("{now}{crafted}\n"));
    std::fs::write(lab.paths.asterisk_log(), text).expect("the log");
    let plan = lab.done(&["split", "--dry-run"]).stdout;
    assert!(plan.contains("into which the caller wrote an address"), "{plan}");
    lab.done(&["split", "--yes"]);
    for jail in JAILS {
        let path = lab.paths.config_dir().join(format!("filter.d/{jail}.local"));
        assert!(
            std::fs::read_to_string(path)
                .expect("the filter")
                .contains("variant SECURITY"),
            "{jail}"
        );
    }
}

/// A host with an earlier version's filter: doctor reports it, `split` replaces it and restarts its jail, since a reload
/// that changes `maxlines` leaves a jail counting nothing.
#[test]
fn an_earlier_filter_is_replaced_and_its_jail_counts() {
    let lab = Lab::start();
    let filter = lab.paths.config_dir().join("filter.d/asterisk-scan.local");
    std::fs::copy(format!("{FOLDER}/asterisk-scan.older.local"), filter).expect("the earlier filter");
    lab.done(&["reload", "--yes"]);
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxlines"]), "2");
    let findings = lab.run(&["doctor", "--json"]).json()["findings"].to_string();
    assert!(findings.contains("filters_outdated"), "{findings}");
    let plan = lab.done(&["split", "--yes", "--json"]).json();
    assert_eq!(plan["plan"]["restart"], serde_json::json!(["asterisk-scan"]), "{plan}");
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxlines"]), "1");
    let findings = lab.run(&["doctor", "--json"]).json()["findings"].to_string();
    assert_eq!(findings, "[]");
    let now = chrono::Local::now().format("[%F %T] ").to_string();
    let probe = "NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1@192.0.2.1>' failed for \
                 '198.51.100.201:5060' (callid: 1) - No matching endpoint found\n";
    let mut log = std::fs::File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    std::io::Write::write_all(&mut log, format!("{now}{probe}").as_bytes()).expect("appended");
    eventually("the jail counts", || {
        let action_log = std::fs::read_to_string(lab.paths.action_log()).expect("the action log");
        action_log.contains("[asterisk-scan] Found 198.51.100.201 ")
    });
}
