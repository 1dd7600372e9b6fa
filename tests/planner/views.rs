//! What people read of the recorded hosts, on pages of 80 and of 120 columns. The clock is the host's own, and so recorded.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64_STANDARD;
use f2bctl::checks::doctor::{Evidence, checklist, examine, whitelist_checklist};
use f2bctl::checks::warnings::survey;
use f2bctl::checks::whitelist::whitelist_findings;
use f2bctl::document::{
    Answer, Document, Entry, Failure, FailureKind, Findings, History, RecidiveStatus, Regex, Report, Temporary,
    Whitelist,
};
use f2bctl::model::host_name::HostName;
use f2bctl::model::known::{Cause, Known};
use f2bctl::model::observed::Observed;
use f2bctl::planning::policy::Guard;
use f2bctl::planning::whitelist::whitelist;
use f2bctl::procedure::{recidive, status, temporary};
use f2bctl::ui::{Page, open_metrics, view_on};
use serde_json::{Value, json};

use super::hosts::RecordedHost;
use super::script::{self, Script};

/// How wide the readme's picture of a terminal is.
const PICTURE_COLUMNS: usize = 100;

/// Draws a document on both pages.
pub fn hold(name: &str, draw: &dyn Fn(&Page) -> String) {
    for columns in [80, 120] {
        hold_page(&format!("{name}-{columns}"), &draw(&Page::of_columns(columns)));
    }
}

/// Compares what was drawn for one page.
pub fn hold_page(name: &str, drawn: &str) {
    let text = console::strip_ansi_codes(drawn).into_owned();
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        omit_expression => true,
        snapshot_path => "views",
    }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The host that a view names.
pub fn host() -> Option<HostName> {
    Some(HostName {
        name: "pbx1".to_owned(),
        address: "root@pbx1.example.net".to_owned(),
    })
}

fn status_document(name: &str) -> Document {
    let observed: Observed = RecordedHost::read(name).observed();
    let report = Report::from(status(&observed, &[])).warned(survey(&observed));
    let mut document = Document::report("status", None, report);
    document.host = host();
    document
}

fn status_of(name: &str) {
    let document = status_document(name);
    hold(&format!("status-{name}"), &|page| view_on(&document, page));
}

/// A host that was looked at whole, with more bans and entries than fit a screen and a customer who is banned.
fn crowded() -> Observed {
    let mut value = RecordedHost::read("runbook").observed;
    let now = value["clock"]["now"].as_f64().expect("a clock") as i64;
    let network = |number: u32| format!("100.70.{}.{}", number / 256, number % 256);
    let bans = |first: u32, number: u32| -> Vec<Value> {
        let ban =
            |number: u32| json!({"ip": network(number), "since": now - 7 * i64::from(number), "until": now + 3000});
        (first..first + number).map(ban).collect()
    };
    let jails = &mut value["server"]["value"]["jails"];
    jails["sshd"]["bans"] = json!(bans(0, 120));
    jails["asterisk-scan"]["bans"] = json!([{"ip": "203.0.113.7", "since": now - 90, "until": now + 2460}]);
    let lines: Vec<String> = (0..130).map(|number| network(4096 + number)).collect();
    let list = format!("[DEFAULT]\nignoreip = 203.0.113.0/24 {}\n", lines.join(" "));
    let register = "# 203.0.113.0/24 | Vista Seven Hotels | Current uplink\n";
    value["jail_local"]["value"]["content"] = json!(BASE64_STANDARD.encode(format!("{register}{list}")));
    value["asterisk"] = json!({"value": {"processes": [], "read": []}});
    let loaded = json!({"at": 1.0, "changed": 20.0, "file": "/etc/fail2ban/jail.local"});
    value["origins"] = json!({"value": {"jails": {}, "loaded": loaded}});
    value["changes"] = json!({"value": [{"id": "0193", "phase": "replaced", "began": 0.0, "operator": "mia",
        "command": "tune", "files": []}]});
    serde_json::from_value(value).expect("an observation")
}

#[test]
fn status_of_a_crowded_host_fits_a_screen() {
    let observed = crowded();
    let mut document = Document::report("status", host().as_ref(), status(&observed, &[]));
    for (columns, lines) in [(80, 40), (120, 40)] {
        let drawn = view_on(&document, &Page::of_screen(columns, lines));
        hold_page(&format!("status-crowded-{columns}"), &drawn);
        assert!(drawn.lines().count() <= lines, "{drawn}");
        assert!(
            drawn
                .lines()
                .any(|line| line.contains("203.0.113.7") && line.contains("41 min left")),
            "{drawn}"
        );
    }
    if let Answer::Status(answer) = &mut document.answer {
        answer.whole = true;
    }
    let drawn = view_on(&document, &Page::of_screen(80, 24));
    assert!(drawn.lines().count() > 250, "{drawn}");
}

/// What a monitoring system is given: valid OpenMetrics text in which what is not known is absent.
#[test]
fn status_as_open_metrics() {
    let observed = crowded();
    let mut document = Document::report("status", host().as_ref(), status(&observed, &[]));
    if let Answer::Status(answer) = &mut document.answer {
        answer.jails[0].name = "a \"b\\c\nd".into();
    }
    let down = HostName {
        name: "pbx2".to_owned(),
        address: String::new(),
    };
    let failure = Failure::new(FailureKind::Connection, "no route");
    let documents = [document, Document::failed("status", Some(&down), &failure)];
    let text = open_metrics(&documents, false);
    hold_page("status-openmetrics", &text);
    assert!(
        text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1,
        "{text}"
    );
    // Nobody is named, and nothing is claimed of what is not known.
    for word in ["Vista", "203.0.113", "f2bctl_protected", "f2bctl_jail_enforced"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    for line in [
        "f2bctl_host_answered{host=\"pbx2\"} 0.0",
        "f2bctl_whitelisted_banned{host=\"pbx1\"} 1.0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    let named = open_metrics(&documents, true);
    let line = "f2bctl_customer_banned{host=\"pbx1\",address=\"203.0.113.7\",customer=\"Vista Seven Hotels\"} 1.0";
    assert!(named.contains(line), "{named}");
}

/// What the readme shows of a terminal, drawn from what a terminal shows.
#[test]
fn the_picture_of_the_readme() {
    let drawn = view_on(&status_document("onboarded"), &Page::of_columns(PICTURE_COLUMNS));
    let picture = anstyle_svg::Term::new().render_svg(&format!("$ f2bctl status\n{drawn}\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/status.svg");
    if std::env::var_os("F2BCTL_REGENERATE").is_some() {
        std::fs::write(path, &picture).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(path).expect("a picture");
    assert!(
        committed == picture,
        "write it anew: F2BCTL_REGENERATE=1 cargo test --test planner picture"
    );
}

#[test]
fn status_of_a_host_with_bans() {
    status_of("runbook");
}

#[test]
fn status_of_a_host_with_a_temporary_entry() {
    status_of("onboarded");
}

#[test]
fn status_of_a_host_whose_fail2ban_is_down() {
    status_of("stopped");
}

#[test]
fn the_whitelist() {
    let observed = RecordedHost::read("onboarded").observed();
    let rows = whitelist(&observed).expect("a whitelist");
    let document = Document::report("whitelist list", None, Whitelist { whitelist: rows });
    hold("whitelist-list", &|page| view_on(&document, page));
}

#[test]
fn temporary_entries() {
    let observed = RecordedHost::read("onboarded").observed();
    let rows = Temporary {
        temporary: temporary(&observed).expect("a register"),
        ender: None,
    };
    let document = Document::report("temp list", None, rows);
    hold("temp-list", &|page| view_on(&document, page));
}

#[test]
fn findings_of_the_whitelist() {
    let observed = RecordedHost::read("handwritten").observed();
    let found = whitelist_findings(&observed, &Guard::default()).expect("findings");
    let checks = whitelist_checklist(&observed, &found);
    let document = Document::report(
        "whitelist lint",
        None,
        Findings {
            findings: found,
            checks,
        },
    );
    hold("whitelist-lint", &|page| view_on(&document, page));
}

fn not_made<T>() -> Known<T> {
    Known::Unknown {
        unknown: "the copy was not made".to_owned(),
        kind: Cause::Other,
    }
}

#[test]
fn findings_about_a_host() {
    let observed = RecordedHost::read("single").observed();
    let evidence = Evidence {
        observed: &observed,
        disk: &not_made(),
        pre_split: None,
        replay: &not_made(),
        asterisk_log: "/var/log/asterisk/messages.log",
        clock: observed.clock.now,
        guard: Guard::default(),
    };
    let findings = examine(&evidence);
    let checks = checklist(&evidence, &findings);
    let document = Document::report("doctor", None, Findings { findings, checks });
    hold("doctor", &|page| view_on(&document, page));
}

#[test]
fn what_the_jail_for_repeat_offenders_needs() {
    let recidive = recidive(&RecordedHost::read("runbook").observed()).expect("an answer");
    let document = Document::report("recidive status", None, RecidiveStatus { recidive });
    hold("recidive-status", &|page| view_on(&document, page));
}

#[test]
fn a_trial_of_a_filter() {
    let counted = |number, regex, count| json!({"number": number, "regex": regex, "count": count});
    let trial = json!({
        "kind": "jail", "name": "asterisk-auth", "source": "/var/log/asterisk/messages.log", "truncated": true,
        "horizon": "2026-11-22T06:10:00+05:30", "encoding": "utf-8", "datepattern": null,
        "lines": 41_230, "matched": 218, "ignored": 2, "missed": 41_010,
        "failregex": [
            counted(1, "^Request '[A-Z]+' from '[^']*' failed for '<HOST>(?::\\d+)?' .*- Failed to authenticate$", 217),
            counted(2, "^SecurityEvent=\"InvalidPassword\",.*RemoteAddress=\"IPV[46]/[^/]+/<HOST>/\\d+\"", 1),
        ],
        "ignoreregex": [],
        "addresses": [
            {"address": "192.0.2.77", "count": 210, "regexes": [1]},
            {"address": "2001:db8::7", "count": 8, "regexes": [1, 2]},
        ],
        "address_count": 2,
        "missed_shapes": [{
            "shape": "NOTICE[N] chan_sip.c: Registration from '...' failed for 'ADDR' - Wrong password",
            "count": 31,
            "sample": "[2026-11-22 06:54:01] NOTICE[811] chan_sip.c: Registration from '<sip:201@192.0.2.1>' failed for \
                       '192.0.2.77:5060' - Wrong password",
        }],
        "shape_count": 1,
    });
    let regex = serde_json::from_value(trial).expect("a trial");
    let document = Document::report("regex", None, Regex { regex });
    hold("regex", &|page| view_on(&document, page));
}

#[test]
fn what_was_changed() {
    let made = Entry {
        id: "01a220a1-cae1-76ea-a556-219ceb279d31".into(),
        time: "2026-11-22T01:24:01Z".into(),
        operator: "ravi@desk".into(),
        key: None,
        seen: None,
        command: "onboard".into(),
        reason: Some("new customer".into()),
        ticket: Some("OPS-412".into()),
        summary: "Added 192.0.2.0/28 (Blue Lotus Hotels) to [DEFAULT] ignoreip.".into(),
        outcome: "changed".into(),
        failure: None,
    };
    let put_back = Entry {
        id: "01a220a2-0d11-7aa0-8e6a-6cf2b1d1a702".into(),
        command: "tune".into(),
        ticket: None,
        summary: "Set maxretry of jail asterisk-scan to 100.".into(),
        outcome: "restored".into(),
        failure: Some("jail asterisk-scan runs with maxretry 50".into()),
        ..made.clone()
    };
    let history = History {
        entries: vec![made, put_back],
        more: true,
        markdown: None,
    };
    let document = Document::report("history", None, history);
    hold("history", &|page| view_on(&document, page));
}

#[test]
fn plans() {
    for name in ["rollback", "second_run"] {
        let script = Script::read(name);
        let recorded = RecordedHost::read(&script.host);
        hold(&format!("plan-{name}"), &|page| {
            let mut text = String::new();
            for command in &script.commands {
                let mut rehearse = |files: &[_]| recorded.rehearsal(files);
                let drawn = script::view(command, recorded.observed(), &mut rehearse, page);
                let _ = writeln!(text, "$ f2bctl {command}\n{drawn}\n");
            }
            text
        });
    }
}
