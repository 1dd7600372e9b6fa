//! What people read of the recorded hosts, on pages of 80 and of 120 columns. The clock is the host's own, and so recorded.

use std::fmt::Write as _;

use f2bctl::checks::warnings::survey;
use f2bctl::checks::whitelist::whitelist_findings;
use f2bctl::document::{Document, Findings, Report, Temporary, Whitelist};
use f2bctl::model::host_name::HostName;
use f2bctl::model::observed::Observed;
use f2bctl::planning::policy::Guard;
use f2bctl::planning::whitelist::whitelist;
use f2bctl::procedure::{status, temporary};
use f2bctl::ui::{Page, view_on};

use super::hosts::RecordedHost;
use super::script::{self, Script};

/// Draws a document on both pages.
fn hold(name: &str, draw: &dyn Fn(&Page) -> String) {
    for columns in [80, 120] {
        let drawn = draw(&Page::of_columns(columns));
        let text = console::strip_ansi_codes(&drawn).into_owned();
        insta::with_settings!({
            prepend_module_to_snapshot => false,
            omit_expression => true,
            snapshot_path => "views",
        }, {
            insta::assert_snapshot!(format!("{name}-{columns}"), text);
        });
    }
}

fn host() -> Option<HostName> {
    Some(HostName {
        name: "pbx1".to_owned(),
        address: "root@pbx1.example.net".to_owned(),
    })
}

fn status_of(name: &str) {
    let observed: Observed = RecordedHost::read(name).observed();
    let rows = whitelist(&observed).expect("a whitelist");
    let report = Report::from(status(&observed, rows, &[])).warned(survey(&observed));
    let mut document = Document::report("status", None, report);
    document.host = host();
    hold(&format!("status-{name}"), &|page| view_on(&document, page));
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
    let document = Document::report("whitelist lint", None, Findings { findings: found });
    hold("whitelist-lint", &|page| view_on(&document, page));
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
