//! Whatever a host reports of itself, and of the rehearsal: planners, plan, views and the human view stand it and show it
//! escaped. Input: two JSON documents with a line end between them, the observation and the rehearsal (the stream as the
//! agent tells it).

#![no_main]

use f2bctl::checks::warnings::survey;
use f2bctl::document::{Change, Document, Outcome, Report, Whitelist};
use f2bctl::model::comment_text::{CommentText, is_hidden};
use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::planning::details::Details;
use f2bctl::planning::plan_builder::{Rehearsals, assemble};
use f2bctl::planning::policy::Guard;
use f2bctl::planning::procedure::Procedure;
use f2bctl::planning::whitelist::whitelist;
use f2bctl::procedure::{Annotate, Backup, Offboard, Onboard, Reload, Start, Unban, status};
use f2bctl::ui;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (first, second) = data.split_at(end);
    let Ok(observed) = serde_json::from_slice::<Observed>(first) else {
        return;
    };
    let rehearsal = serde_json::from_slice::<Rehearsal>(second).unwrap_or_default();
    report(&observed);
    let details = Details {
        customer: CommentText::new("Blue Lotus").ok(),
        by: "ravi".to_owned(),
        ..Details::default()
    };
    let networks = vec!["198.51.100.0/28".to_owned()];
    let guard = Guard {
        allow_special: true,
        start: true,
        ..Guard::default()
    };
    let procedures: [Box<dyn Procedure>; 8] = [
        Box::new(Onboard {
            networks: networks.clone(),
            jails: Vec::new(),
            details: details.clone(),
        }),
        Box::new(Offboard::Networks(networks.clone())),
        Box::new(Offboard::Customer("Blue Lotus".to_owned())),
        Box::new(Offboard::Expired),
        Box::new(Annotate {
            network: networks[0].clone(),
            details,
        }),
        Box::new(Unban {
            again: Vec::new(),
            targets: networks,
            jails: Vec::new(),
            grace: None,
        }),
        Box::new(Reload),
        Box::new(Start),
    ];
    for procedure in procedures {
        plan(procedure.as_ref(), &observed, &rehearsal, &guard);
    }
    plan(&Backup { label: None }, &observed, &rehearsal, &guard);
});

fn plan(procedure: &dyn Procedure, observed: &Observed, rehearsal: &Rehearsal, guard: &Guard) {
    let planned = procedure.draft(observed, guard).and_then(|draft| {
        let rehearsals = Rehearsals {
            draft: Some(rehearsal),
            disk: None,
        };
        assemble(procedure.command(), draft, observed, rehearsals, guard)
    });
    match planned {
        Ok(plan) => {
            let change = Change {
                plan: Some(plan.shown()),
                done: Vec::new(),
                backup: None,
                change_id: None,
                unbanned: plan.lifted().map(|lifted| lifted.banned.clone()).unwrap_or_default(),
                not_banned: Vec::new(),
                proof: Vec::new(),
                ender: None,
            };
            shown(&Document {
                outcome: Outcome::Planned,
                ..Document::report(procedure.command(), None, change)
            });
        }
        Err(refusal) => assert!(!refusal.message.is_empty()),
    }
}

fn report(observed: &Observed) {
    let rows = whitelist(observed).unwrap_or_default();
    let whitelist = Whitelist { whitelist: rows };
    let warnings = survey(observed);
    shown(&Document::report("whitelist list", None, whitelist));
    let report = Report::from(status(observed, &[])).warned(warnings);
    shown(&Document::report("status", None, report));
}

fn shown(document: &Document) {
    let text = ui::human_view(document);
    assert!(
        !without_style(&text)
            .chars()
            .any(|character| character != '\n' && is_hidden(character)),
        "{text:?}"
    );
    let json = ui::text::harmless_json(document);
    assert!(!json.chars().any(is_hidden));
    let plain = serde_json::to_value(document).expect("JSON");
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), plain);
}

/// The text without the few colours that are the program's own.
fn without_style(text: &str) -> String {
    let mut plain = text.to_owned();
    for own in [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
    ] {
        plain = plain.replace(own, "");
    }
    plain
}
