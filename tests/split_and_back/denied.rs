//! A request that an endpoint's ACL denies: three notices, one count. Each line is decided by itself, whoever writes in
//! between, and nobody can hide a scan among denied requests.

use std::fmt::Write as _;

use serde_json::json;

use super::filters::{Filters, JAILS};
use super::support::{Lab, eventually};

const PHONE: &str = "192.0.2.5";
const SCANNER: &str = "198.51.100.66";
const DISCOVERY: &str = "No matching endpoint found";
const DENIED: &str = "Not match Endpoint ACL";
const CONTACT: &str = "Not match Endpoint Contact ACL";
const FAILED: &str = "Failed to authenticate";

/// How Asterisk writes a notice: into a file of its own, by syslog, or to the journal.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    File,
    Syslog,
    Journal,
}

impl Form {
    fn line(self, level: &str, place: (&str, &str), text: &str) -> String {
        let (file, function) = place;
        match self {
            Self::File => format!("[2026-11-22 06:54:03] {level}[31194] {file}: {text}"),
            Self::Syslog => {
                format!("Nov 22 06:54:03 pbx asterisk[412]: {level}[31194]: {file}:914 in {function}: {text}")
            }
            Self::Journal => format!("pbx asterisk[412]: {level}[31194]: {file}:914 in {function}: {text}"),
        }
    }

    fn request(self, address: &str, reason: &str) -> String {
        let text = format!(
            "Request 'REGISTER' from '<sip:6020@192.0.2.1>' failed for '{address}:55114' (callid: a3f4@{address}) - {reason}"
        );
        self.line("NOTICE", ("res_pjsip/pjsip_distributor.c", "log_failed_request"), &text)
    }

    fn rejecting(self, acl: &str, address: &str) -> String {
        let text = format!("{acl}: Rejecting '{address}' due to a failure to pass ACL '(BASELINE)'");
        self.line("NOTICE", ("acl.c", "ast_apply_acl"), &text)
    }
}

/// What the two filters count of some lines, the address of each count, in one run of each.
fn counted(form: Form, lines: &[String]) -> [Vec<String>; 2] {
    let filters = Filters::of("notice");
    JAILS.map(|jail| filters.found_in_each(jail, lines, form == Form::Journal).concat())
}

/// Sequences of lines, one behind the other, with what each filter is to count of each.
struct Sequences {
    form: Form,
    lines: Vec<Vec<String>>,
    wanted: Vec<[Vec<String>; 2]>,
}

impl Sequences {
    fn of(form: Form) -> Self {
        Self {
            form,
            lines: Vec::new(),
            wanted: Vec::new(),
        }
    }

    fn expect(&mut self, lines: &[String], auth: &[&str], scan: &[&str]) {
        self.lines.push(lines.to_vec());
        self.wanted.push([texts(auth), texts(scan)]);
    }

    /// Asks fail2ban once for each filter.
    #[track_caller]
    fn hold(self) {
        let filters = Filters::of("notice");
        for (number, jail) in JAILS.iter().enumerate() {
            let found = filters.found_in_each(jail, &self.lines.concat(), self.form == Form::Journal);
            let mut found = found.into_iter();
            for (lines, wanted) in self.lines.iter().zip(&self.wanted) {
                let own: Vec<String> = found.by_ref().take(lines.len()).flatten().collect();
                assert_eq!(own, wanted[number], "{jail}: {}", lines.join("\n"));
            }
        }
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_denied_request_counts_once_in_each_form_of_log() {
    for form in [Form::File, Form::Syslog, Form::Journal] {
        let mut sequences = Sequences::of(form);
        let first = form.request(PHONE, DISCOVERY);
        let failed = form.request(PHONE, FAILED);
        let denied = [
            form.rejecting("SIP ACL", PHONE),
            form.request(PHONE, DENIED),
            failed.clone(),
        ];
        sequences.expect(&denied, &[PHONE], &[]);
        sequences.expect(
            &[std::slice::from_ref(&first), &denied[..]].concat(),
            &[PHONE],
            &[PHONE],
        );
        // The address of a contact is what the caller wrote there, so it is another one.
        let contact = [
            form.rejecting("SIP Contact ACL", "203.0.113.9"),
            form.request(PHONE, CONTACT),
            failed,
        ];
        sequences.expect(&contact, &[PHONE], &[]);
        sequences.expect(&[&denied[..], &denied[..], &[first]].concat(), &[PHONE; 2], &[PHONE]);
        sequences.hold();
    }
}

#[test]
fn a_denial_counts_only_where_asterisk_logs_no_failure_for_it() {
    let form = Form::File;
    let mut sequences = Sequences::of(form);
    for (reason, address) in [(DENIED, PHONE), (CONTACT, PHONE), (DENIED, "[2001:db8::5]")] {
        let denied = form.request(address, reason);
        sequences.expect(std::slice::from_ref(&denied), &[], &[]);
        // Before 13.13 a line does not name the method, and the request is answered for good.
        let old = denied.replace("Request 'REGISTER' from", "Request from");
        sequences.expect(&[old], &[], &[address.trim_matches(['[', ']'])]);
    }
    sequences.hold();
}

#[test]
fn no_line_is_matched_or_passed_over_by_what_comes_behind_it() {
    let form = Form::File;
    let pair = [form.rejecting("SIP ACL", PHONE), form.request(PHONE, DENIED)];
    let mut sequences = Sequences::of(form);
    // A denied request that was passed over would be matched later.
    let other = form.line("VERBOSE", ("pbx.c", "f"), "Executing");
    sequences.expect(&[&pair[..], &[other]].concat(), &[], &[]);
    sequences.expect(&[&pair[..], &[form.request(PHONE, FAILED)]].concat(), &[PHONE], &[]);
    let scan = form.request(SCANNER, DISCOVERY);
    sequences.expect(&[&pair[..], std::slice::from_ref(&scan)].concat(), &[], &[SCANNER]);
    sequences.expect(&[&[scan], &pair[..]].concat(), &[], &[SCANNER]);
    sequences.hold();
}

/// Every order of three lines out of these, one behind the other: each discovery counts, whatever stands around it.
#[test]
fn a_scan_cannot_hide_behind_denied_requests() {
    let form = Form::File;
    let kinds = [
        form.request(SCANNER, DISCOVERY),
        form.request(SCANNER, DENIED),
        form.rejecting("SIP ACL", SCANNER),
        form.rejecting("SIP Contact ACL", SCANNER),
        form.request(SCANNER, FAILED),
        form.request(PHONE, DENIED),
    ];
    let mut lines = Vec::new();
    for first in &kinds {
        for second in &kinds {
            for third in &kinds {
                lines.extend([first.clone(), second.clone(), third.clone()]);
            }
        }
    }
    let times = |text: &String| lines.iter().filter(|line| *line == text).count();
    let [auth, scan] = counted(form, &lines);
    assert_eq!(auth.len(), times(&kinds[4]));
    assert_eq!(scan, vec![SCANNER.to_owned(); times(&kinds[0])]);
}

#[test]
fn no_notice_can_be_forged_for_another() {
    let (form, victim) = (Form::File, "203.0.113.99");
    let forged = format!("x' failed for '{victim}:5060' (callid: 1) - ");
    let mut lines = Vec::new();
    for reason in [DISCOVERY, DENIED, CONTACT, FAILED] {
        for (from, call) in [
            (format!("{forged}{reason}"), "1".to_owned()),
            ("x".to_owned(), format!("{forged}{reason}")),
        ] {
            let text =
                format!("Request 'REGISTER' from '{from}' failed for '{SCANNER}:5060' (callid: {call}) - {reason}");
            let line = form.line("NOTICE", ("res_pjsip/pjsip_distributor.c", "f"), &text);
            for before in [
                vec![],
                vec![form.rejecting("SIP ACL", victim)],
                vec![form.request(victim, FAILED)],
            ] {
                lines.extend(before);
                lines.push(line.clone());
            }
        }
    }
    let found = Filters::of("notice").found_in_each("asterisk-scan", &lines, false);
    for (line, found) in lines.iter().zip(found) {
        assert!(found.iter().all(|address| address == SCANNER), "{found:?}: {line}");
    }
}

/// Asterisk's own lines with times of now, through a running server, doctor's replay and `f2bctl regex`.
#[test]
fn the_running_server_the_replay_and_the_trial_count_alike() {
    let lab = Lab::start();
    lab.done(&["split", "--yes"]);
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/asterisk-22/endpoint-acl.log");
    let text = std::fs::read_to_string(real).expect("the log");
    let now = chrono::Local::now().format("[%F %T]").to_string();
    let mut fresh = String::new();
    for line in text.lines() {
        let (_, rest) = line.split_once(']').expect("a time");
        let _ = writeln!(fresh, "{now}{rest}");
    }
    std::fs::write(lab.folder().join("fresh"), &fresh).expect("written");
    let mut log = std::fs::File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    std::io::Write::write_all(&mut log, fresh.as_bytes()).expect("appended");
    let found = |jail: &str| {
        let action_log = std::fs::read_to_string(lab.paths.action_log()).expect("the action log");
        let line = format!("[{jail}] Found {PHONE} ");
        action_log.lines().filter(|text| text.contains(&line)).count()
    };
    eventually("the strict jail has counted", || found("asterisk-auth") == 4);
    // The last line of the four requests counts in the strict jail, so the lenient one has seen all of its own.
    eventually("the lenient jail has counted", || found("asterisk-scan") >= 4);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!((found("asterisk-auth"), found("asterisk-scan")), (4, 4));
    assert_eq!(lab.client(&["get", "asterisk-scan", "maxlines"]), "1");
    for jail in JAILS {
        let file = lab.folder().join("fresh");
        let trial = lab
            .done(&["regex", jail, "--file", file.to_str().expect("text"), "--json"])
            .json();
        assert_eq!(trial["regex"]["addresses"][0]["count"], json!(4), "{jail}: {trial}");
    }
    let doctor = lab.run(&["doctor", "--json"]).json();
    assert_eq!(doctor["findings"], json!([]), "{doctor}");
}
