//! Property: whatever text a host puts into a document, the human view of it holds no character that steers a terminal, and
//! JSON has the text as it is. There is one document here for each kind of answer; `answer_of` fails to compile for a new one.

use std::collections::BTreeMap;

use f2bctl::document::{
    AccountTraffic, Advice, Answer, Answered, AuditFault, AuditVerdict, BackupDiff, BackupList, BackupRow, BackupText,
    Because, Blocked, Change, Check, Completions, Demonstration, Document, Effect, Entry, Exemption, Failure,
    FailureKind, Finding, FindingCode, Findings, History, HostRow, Hosts, JailDecision, Job, Lab, LabReport, Login,
    Need, Outcome, Phase, Plan, ProofRow, Question, Recidive, RecidiveStatus, Regex, Registrations, Report, Seen,
    Severity, Step, Temporary, TemporaryRow, UnderWay, Verdict, Warning, WarningCode, WatchEnded, Whitelist,
    WhitelistCheck, Why,
};
use f2bctl::model::comment_text::is_hidden;
use f2bctl::model::host_name::HostName;
use f2bctl::model::network::Network;
use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::model::operation::{LiftBans, Operation, RestartCause, Unbanned};
use f2bctl::model::regex_trial::{AddressCount, MissedShape, RegexCount, RegexTrial};
use f2bctl::ui::human_view;
use f2bctl::ui::text::harmless_json;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::past;
use super::states::{activity, ban, row, status};

/// How many kinds of answers there are.
const KINDS: usize = 26;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(super::over_ssh::NASTY.to_owned()),
        "[+ -]?[\u{1b}\u{9b}\r\n\t\u{7f}\u{202e}a-z|]{0,12}",
    ]
}

/// The answer of this number, with `text` wherever a host's text may stand.
fn answer_of(kind: usize, text: &str) -> Answer {
    let answers: [fn(&str) -> Answer; KINDS] = [
        |text| change(text).into(),
        |text| status(text).into(),
        |text| activity(text).into(),
        |text| whitelist_check(text).into(),
        |text| {
            Whitelist {
                whitelist: vec![row(text)],
            }
            .into()
        },
        |text| {
            Registrations {
                registrations: Vec::new(),
                text: text.into(),
            }
            .into()
        },
        |text| {
            Temporary {
                temporary: vec![temporary(text)],
                ender: Some(text.into()),
            }
            .into()
        },
        |text| {
            BackupList {
                backups: vec![backup(text)],
            }
            .into()
        },
        |text| {
            BackupDiff {
                backup: text.into(),
                same: false,
                diff: text.into(),
                text: text.into(),
            }
            .into()
        },
        |text| {
            BackupText {
                backup: text.into(),
                text: text.into(),
            }
            .into()
        },
        |text| verdict(text).into(),
        |text| {
            Findings {
                findings: vec![finding(text)],
                checks: vec![Check::of("s", "c", Vec::new(), Some(text.into()))],
            }
            .into()
        },
        |text| Regex { regex: trial(text) }.into(),
        |text| {
            RecidiveStatus {
                recidive: recidive(text),
            }
            .into()
        },
        |text| {
            History {
                entries: vec![entry(text)],
                more: true,
                markdown: None,
            }
            .into()
        },
        |text| {
            History {
                entries: Vec::new(),
                more: false,
                markdown: Some(text.into()),
            }
            .into()
        },
        |_| {
            Hosts {
                hosts: vec![host()],
                config: "c".into(),
                config_present: true,
            }
            .into()
        },
        |_| {
            LabReport {
                about: demonstration(),
                text: "Done.".to_owned(),
            }
            .into()
        },
        |text| {
            Completions {
                shell: "bash".to_owned(),
                text: text.into(),
            }
            .into()
        },
        |text| {
            UnderWay {
                change_id: Some(text.into()),
            }
            .into()
        },
        |_| WatchEnded { seen: Seen::default() }.into(),
        |text| reason(text, false).into(),
        |text| reason(text, true).into(),
        |text| past::tuned(change(text), text).into(),
        |text| past::tune_review(text).into(),
        |text| past::whitelist_review(text).into(),
    ];
    let answer = answers[kind](text);
    // Whoever adds a kind of answer is sent here by the compiler, and adds it above.
    match &answer {
        Answer::Change(_)
        | Answer::Status(_)
        | Answer::WhitelistCheck(_)
        | Answer::Whitelist(_)
        | Answer::Registrations(_)
        | Answer::Temporary(_)
        | Answer::BackupList(_)
        | Answer::BackupDiff(_)
        | Answer::BackupText(_)
        | Answer::Audit(_)
        | Answer::Findings(_)
        | Answer::Explanation(_)
        | Answer::Regex(_)
        | Answer::Recidive(_)
        | Answer::History(_)
        | Answer::Activity(_)
        | Answer::Hosts(_)
        | Answer::Lab(_)
        | Answer::Completions(_)
        | Answer::UnderWay(_)
        | Answer::WatchEnded(_)
        | Answer::Why(_)
        | Answer::Tuned(_)
        | Answer::TuneReview(_)
        | Answer::WhitelistReview(_)
        | Answer::Nothing {} => answer,
    }
}

fn reason(text: &str, is_explained: bool) -> Why {
    Why {
        verdict: Verdict::NoMatch,
        answer: text.into(),
        address: None,
        account: Some(text.into()),
        customer: Some(text.into()),
        phases: vec![Phase {
            number: 2,
            question: Question::Counted,
            answer: Answered::No,
            text: text.into(),
            evidence: vec![text.into()],
        }],
        jails: Vec::new(),
        accounts: vec![AccountTraffic {
            account: Some(text.into()),
            failures: 1,
            successes: 0,
            reasons: BTreeMap::from([(text.to_owned(), 1)]),
            methods: vec![text.into()],
            first: Some("2026-11-27T10:00:00+00:00".to_owned()),
            last: None,
            last_success: None,
        }],
        addresses: Vec::new(),
        episodes: Vec::new(),
        horizon: None,
        sources: vec![text.into()],
        next: vec![Advice::text("look")],
        reply: None,
        lines: is_explained.then(|| vec![text.into()]),
        expected: None,
    }
}

fn change(text: &str) -> Change {
    let effect = Effect {
        jail: text.to_owned(),
        key: text.to_owned(),
        before: Value::from(text),
        after: Value::from(text),
    };
    Change {
        plan: Some(Plan {
            steps: vec![Step {
                action: "reload",
                summary: text.into(),
            }],
            operations: operations(text),
            undo: vec![text.into()],
            diff: text.into(),
            effect: vec![effect.clone()],
            drift: vec![effect],
            restart: vec![text.into()],
            temporary: None,
            banned_at_once: Default::default(),
            unblocked: vec![blocked(text)],
            unbans: vec![unbanned(text)],
            effect_text: vec![text.into()],
            drift_text: vec![text.into()],
            already: vec![text.into()],
        }),
        done: vec![Step {
            action: "reload",
            summary: text.into(),
        }],
        backup: Some(text.into()),
        change_id: Some(text.into()),
        unbanned: vec![unbanned(text)],
        not_banned: vec![text.into()],
        proof: vec![ProofRow {
            jail: text.into(),
            ok: false,
            problems: vec![text.into()],
            ignoreip: vec![text.into(), "::1".into()],
            maxretry: Some(3),
            findtime: Some(-5),
            bantime: None,
            banned: vec![text.into()],
            actions: vec![text.into()],
            log_files: vec![text.into()],
        }],
        ender: Some(text.into()),
    }
}

fn operations(text: &str) -> Vec<Operation> {
    vec![
        Operation::Backup { label: text.to_owned() },
        Operation::Restart {
            jail: text.to_owned(),
            because: RestartCause::Actions,
            bans: 1,
        },
        Operation::LiftBans(LiftBans {
            of: Vec::new(),
            banned: vec![unbanned(text)],
        }),
    ]
}

fn unbanned(text: &str) -> Unbanned {
    Unbanned {
        ip: text.to_owned(),
        jails: vec![text.to_owned()],
        chains: vec![text.to_owned()],
    }
}

fn blocked(text: &str) -> Blocked {
    Blocked {
        ip: text.into(),
        chains: vec![text.into()],
    }
}

fn whitelist_check(text: &str) -> WhitelistCheck {
    WhitelistCheck {
        address: Network::parse("192.0.2.0/28").expect("a network").network,
        whitelisted: true,
        jails: vec![decision(text, None), decision(text, Some(true))],
        banned_in: vec![text.into()],
        whitelist: vec![row(text)],
        partly: vec![row(text)],
        in_force: vec![text.into()],
        not_in_force: vec![text.into()],
        blocked_without_ban: vec![blocked(text)],
    }
}

fn decision(text: &str, ignored: Option<bool>) -> JailDecision {
    let because = |by| Because {
        by,
        entry: Some(text.into()),
        source: Some(text.into()),
    };
    JailDecision {
        jail: text.into(),
        ignored,
        because: vec![because(Exemption::IgnoreIp), because(Exemption::IgnoreCommand)],
        reason: Some(text.into()),
    }
}

fn temporary(text: &str) -> TemporaryRow {
    TemporaryRow {
        network: text.into(),
        since: "2026-11-22T10:15:03+00:00".to_owned(),
        until: "2026-11-22T10:15:03+00:00".to_owned(),
        left: i64::MIN,
        ended: false,
        operator: text.into(),
        reason: Some(text.into()),
        in_force: vec![text.into()],
        not_in_force: vec![text.into()],
    }
}

fn backup(text: &str) -> BackupRow {
    BackupRow {
        path: text.into(),
        name: text.into(),
        size: u64::MAX,
        modified: "2026-11-22T10:15:03+00:00".to_owned(),
        mode: "0600".to_owned(),
    }
}

fn verdict(text: &str) -> AuditVerdict {
    AuditVerdict {
        records: 1,
        local_records: 1,
        local_trail: "/audit.jsonl".into(),
        host_key: text.into(),
        compared: 0,
        findings: vec![AuditFault {
            trail: "host",
            code: "altered",
            file: Some(text.into()),
            line: None,
            message: text.into(),
        }],
        findings_left_out: 1,
        checks: Vec::new(),
    }
}

fn finding(text: &str) -> Finding {
    Finding::new(FindingCode::Unknown, Severity::Error, text, text.to_owned())
}

fn trial(text: &str) -> RegexTrial {
    let expression = RegexCount {
        number: 1,
        regex: text.into(),
        count: u64::MAX,
    };
    RegexTrial {
        kind: text.into(),
        name: text.into(),
        source: text.into(),
        truncated: true,
        horizon: Some(text.into()),
        encoding: text.into(),
        datepattern: Some(text.into()),
        lines: 1,
        matched: 0,
        ignored: 0,
        missed: 1,
        failregex: vec![expression.clone()],
        ignoreregex: vec![expression],
        addresses: vec![AddressCount {
            address: text.into(),
            count: 1,
            regexes: vec![1],
        }],
        address_count: u64::MAX,
        missed_shapes: vec![MissedShape {
            shape: text.into(),
            count: 1,
            sample: text.into(),
        }],
        shape_count: 0,
    }
}

fn recidive(text: &str) -> Recidive {
    Recidive {
        enabled: true,
        maxretry: None,
        findtime: None,
        bantime: None,
        log_files: Some(vec![text.into()]),
        banned: Some(vec![ban(text)]),
        needs: vec![Need {
            code: "log_target",
            met: None,
            message: text.to_owned(),
        }],
    }
}

pub fn entry(text: &str) -> Entry {
    Entry {
        id: text.into(),
        time: text.into(),
        operator: text.into(),
        key: Some("SHA256:another".into()),
        seen: Some(Login {
            login: text.into(),
            uid: 0,
            session_login: Some("another".into()),
            sudo_user: None,
            sudo_uid: None,
            address: Some(text.into()),
            key: Some(text.into()),
        }),
        command: text.into(),
        reason: Some(text.into()),
        ticket: Some(text.into()),
        summary: text.into(),
        outcome: text.into(),
        failure: Some(text.into()),
    }
}

/// Hosts come from the operator's own configuration, which takes no hidden characters.
fn host() -> HostRow {
    HostRow {
        name: "lab".to_owned(),
        address: "root@192.0.2.1".to_owned(),
        identity: None,
        known_hosts: None,
        r#become: Some("sudo"),
        config_dir: "/etc/fail2ban".into(),
        client: "fail2ban-client".to_owned(),
        log: "/var/log/fail2ban.log".into(),
        asterisk_log: "/var/log/asterisk/messages.log".into(),
        state_dir: "/var/lib/f2bctl".into(),
        groups: vec!["pbx".to_owned()],
        protected: Vec::new(),
        allow_special: false,
        origin: "file",
        default: Some(true),
    }
}

fn demonstration() -> Lab {
    Lab::Demonstrated(Demonstration {
        lab: Box::new(host()),
        jobs: vec![Job {
            arguments: vec!["status".to_owned()],
            exit_code: 0,
        }],
    })
}

fn document(kind: usize, text: &str, outcome: Outcome) -> Document {
    let name = HostName {
        name: text.to_owned(),
        address: text.to_owned(),
    };
    let warning = Warning::new(WarningCode::Unended, text.to_owned());
    let report = Report::from(answer_of(kind, text)).warned(vec![warning]);
    Document {
        outcome,
        error: Some(Failure::new(FailureKind::Refused, text).hint(text.to_owned())),
        ..Document::report("status", Some(&name), report)
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..9)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn without_style(text: &str) -> String {
    let own = [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
    ];
    own.iter().fold(text.to_owned(), |text, code| text.replace(code, ""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_view_of_any_document_steers_a_terminal(
        kind in 0..KINDS,
        text in text(),
        outcome in prop::sample::select(vec![Outcome::Planned, Outcome::Unchanged, Outcome::Changed, Outcome::Report]),
    ) {
        let document = document(kind, &text, outcome);
        let view = without_style(&human_view(&document));
        prop_assert!(!view.chars().any(|shown| shown != '\n' && is_hidden(shown)), "{:?}", view);
        let json = harmless_json(&document);
        prop_assert!(!json.chars().any(is_hidden), "{:?}", json);
        let read: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(read["host"]["name"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn any_json_is_an_observation_or_an_error(document in value()) {
        let _ = serde_json::from_value::<Observed>(document.clone());
        let _ = serde_json::from_value::<Rehearsal>(document);
    }
}
