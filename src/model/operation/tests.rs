//! Every operation says what it will do and what it did, and is the same value when it has been written and read.

use serde_json::{Value, json};

use super::{Edit, LiftBans, Made, Operation, TemporaryEdit, Unbanned};

/// One edit of each kind, as they are written.
fn edits() -> Vec<Value> {
    let (network, path) = ("192.0.2.0/28", "filter.d/asterisk-auth.local");
    vec![
        json!({"kind": "whitelist", "network": network, "customer": "Lotus Court Hotels"}),
        json!({"kind": "unwhitelist", "entry": network, "customer": null}),
        json!({"kind": "annotate", "network": network, "line": "# 192.0.2.0/28 | Lotus Court Hotels."}),
        json!({"kind": "adopt", "network": network, "line": "# 192.0.2.0/28 | Lotus Court Hotels."}),
        json!({"kind": "repair", "will": "Move it.", "done": "Moved it."}),
        json!({"kind": "set_value", "jail": "sshd", "key": "findtime", "before": null, "after": 600, "is_time": true}),
        json!({"kind": "enable_recidive", "jail": "recidive", "log": "/var/log/fail2ban.log"}),
        json!({"kind": "disable", "jail": "asterisk", "replaced": true}),
        json!({"kind": "remember", "seconds": 604_800, "file": "fail2ban.local"}),
        json!({"kind": "install_filter", "path": path, "level": "NOTICE", "because": null, "replaces": true}),
        json!({"kind": "remove_filter", "path": path}),
        json!({"kind": "add_jail", "jail": "asterisk-auth", "maxretry": 3, "findtime": 600, "bantime": 86_400, "ports": "5060,5061"}),
        json!({"kind": "correct_jail", "jail": "asterisk-auth",
               "changes": [{"key": "maxretry", "before": "5", "after": "3"}]}),
        json!({"kind": "restore", "backup": "jail.local.bak-2026-11-22-split"}),
        json!({"kind": "rollback", "backup": "jail.local.bak-2026-11-22-pre-split"}),
        json!({"kind": "carry", "entries": [network]}),
        json!({"kind": "read_log", "jail": "asterisk", "path": "/var/log/asterisk/messages.log"}),
        json!({"kind": "put_back", "path": path, "change": "the split 01a2"}),
        json!({"kind": "bring_back", "path": path, "change": "the split 01a2"}),
        json!({"kind": "take_away", "path": path, "change": "the split 01a2"}),
        json!({"kind": "prune", "backup": "jail.local.bak-2026-11-22-split"}),
    ]
}

#[test]
fn an_edit_says_what_will_be_done_and_what_was_done() {
    for written in edits() {
        let edit: Edit = serde_json::from_value(written.clone()).expect("an edit");
        assert_eq!(json!(edit), written);
        let (will, did) = (edit.step(), edit.done());
        assert_eq!(will.action, did.action, "{written}");
        assert_ne!(will.summary, did.summary, "{written}");
        assert!(
            will.summary.ends_with('.') && did.summary.ends_with('.'),
            "{will:?} {did:?}"
        );
    }
}

#[test]
fn a_value_that_was_set_is_named_with_the_one_before() {
    let set = |before: Option<i64>| Edit::SetValue {
        jail: "asterisk-scan".to_owned(),
        key: "maxretry".to_owned(),
        before,
        after: 100,
        is_time: false,
    };
    assert_eq!(set(Some(50)).done().summary, "[asterisk-scan] maxretry: 50 -> 100.");
    assert_eq!(set(None).done().summary, "[asterisk-scan] maxretry: set to 100.");
}

#[test]
fn what_only_the_host_knows_is_taken_from_what_it_made() {
    let backup = Operation::Backup {
        label: "tune".to_owned(),
    };
    let ban = |number: u8| Unbanned {
        ip: format!("192.0.2.{number}"),
        jails: vec!["sshd".to_owned()],
        ..Unbanned::default()
    };
    let lift = Operation::LiftBans(LiftBans {
        of: Vec::new(),
        banned: (1..=12).map(ban).collect(),
    });
    let made = Made {
        backup: Some("/etc/fail2ban/jail.local.bak-2026-11-27-160206-tune".to_owned()),
        unbanned: vec![ban(1)],
        unbanned_count: Some(1_500),
    };
    assert_eq!(backup.done(&Made::default()), []);
    assert_eq!(
        backup.done(&made)[0].summary,
        "Backed up jail.local as /etc/fail2ban/jail.local.bak-2026-11-27-160206-tune."
    );
    assert_eq!(lift.done(&made)[0].summary, "Unbanned 192.0.2.1 in sshd.");
    assert_eq!(lift.done(&made)[1].summary, "Unbanned 1,490 more addresses.");
    let planned = &lift.steps()[0].summary;
    assert!(planned.ends_with("192.0.2.10 (sshd) and 2 more."), "{planned}");
}

#[test]
fn an_operation_is_the_same_value_after_its_way_to_the_host() {
    let operations = json!([
        {"kind": "backup", "label": "onboard"},
        {"kind": "replace_file", "path": "jail.local", "before": "WzB9Cg==", "after": null, "attributes": null,
         "meaning": edits()},
        {"kind": "register_temporary", "before": [], "after": [],
         "meaning": [{"kind": "forget", "entry": "192.0.2.9", "nowhere": true}]},
        {"kind": "reload"},
        {"kind": "restart", "jail": "sshd", "because": "actions", "bans": 0},
        {"kind": "start"},
        {"kind": "set_runtime", "settings": [{"jail": "sshd", "key": "addignoreip", "value": "192.0.2.9"}],
         "meaning": [{"kind": "set_again", "entry": "192.0.2.9", "jails": ["sshd"]}]},
        {"kind": "lift_bans", "of": [{"network": "192.0.2.0/28", "jails": null}], "banned": []},
        {"kind": "confirm", "seconds": 30, "because": "it touches jail sshd"},
    ]);
    let read: Vec<Operation> = serde_json::from_value(operations.clone()).expect("operations");
    assert_eq!(json!(read), operations);
    for operation in &read {
        assert!(!operation.steps().is_empty(), "{operation:?} is not shown");
    }
    let again = TemporaryEdit::SetAgain {
        entry: "192.0.2.9".to_owned(),
        jails: vec!["sshd".to_owned()],
    };
    assert_eq!(again.step().action, "set_again");
}
