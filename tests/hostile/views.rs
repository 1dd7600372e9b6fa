//! Property: whatever JSON a document holds, the human view of it holds no character that steers a terminal.

use f2bctl::model::comment_text::is_hidden;
use f2bctl::model::observed::{Observed, Rehearsal};
use f2bctl::ui::human_view;
use f2bctl::ui::text::harmless_json;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The words that renderers look for, so that what is generated gets past the first look.
const KEYS: [&str; 59] = [
    "name",
    "address",
    "maxretry",
    "findtime",
    "bantime",
    "currently_failed",
    "total_failed",
    "currently_banned",
    "total_banned",
    "banned",
    "ip",
    "customer",
    "since",
    "until",
    "ignoreip",
    "log_files",
    "actions",
    "enforced",
    "whitelist",
    "network",
    "note",
    "meta",
    "documented",
    "in_force",
    "not_in_force",
    "source",
    "jails",
    "fail2ban",
    "version",
    "running",
    "unknown",
    "backups",
    "size",
    "modified",
    "entries",
    "time",
    "operator",
    "command",
    "outcome",
    "ticket",
    "summary",
    "markdown",
    "records",
    "findings",
    "trail",
    "message",
    "steps",
    "done",
    "undo",
    "diff",
    "effect_text",
    "drift_text",
    "unbanned",
    "not_banned",
    "proof",
    "jail",
    "ok",
    "backup",
    "change_id",
];
const COMMANDS: [&str; 13] = [
    "status",
    "whitelist list",
    "whitelist check",
    "backups list",
    "backups show",
    "backups diff",
    "completions",
    "history",
    "audit verify",
    "hosts",
    "onboard",
    "lab status",
    "whatever comes",
];
const OUTCOMES: [&str; 5] = ["planned", "unchanged", "changed", "report", "refused"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(super::over_ssh::NASTY.to_owned()),
        "[+ -]?[\u{1b}\u{9b}\r\n\t\u{7f}\u{202e}a-z|]{0,12}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        let key = prop_oneof![4 => prop::sample::select(&KEYS[..]).prop_map(str::to_owned), 1 => text()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..9)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec((prop::sample::select(&KEYS[..]), value()), 0..30);
    let names = (prop::sample::select(&COMMANDS[..]), prop::sample::select(&OUTCOMES[..]));
    (fields, names, any::<bool>(), value(), text()).prop_map(|(fields, (command, outcome), planned, plan, text)| {
        let mut document: Map<String, Value> = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        document.insert("command".to_owned(), json!(command));
        document.insert("outcome".to_owned(), json!(outcome));
        document.insert("text".to_owned(), json!(text));
        document.insert("host".to_owned(), json!({"name": text}));
        if planned {
            document.insert("plan".to_owned(), plan);
        }
        Value::from(document)
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
    fn no_view_of_any_document_steers_a_terminal(document in document()) {
        let text = without_style(&human_view(&document));
        prop_assert!(!text.chars().any(|shown| shown != '\n' && is_hidden(shown)), "{:?}", text);
        let json = harmless_json(&document);
        prop_assert!(!json.chars().any(is_hidden), "{:?}", json);
        prop_assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), serde_json::from_str::<Value>(&document.to_string()).expect("JSON"));
    }

    #[test]
    fn any_json_is_an_observation_or_an_error(document in value()) {
        let _ = serde_json::from_value::<Observed>(document.clone());
        let _ = serde_json::from_value::<Rehearsal>(document);
    }
}
