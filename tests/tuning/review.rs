//! `whitelist review`: each finding is made to appear on a real host, by its logs and by what it remembers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::support::Lab;

/// The local time, so many seconds ago.
fn stamp(ago: i64) -> String {
    let time = chrono::Local::now() - chrono::TimeDelta::seconds(ago);
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A SECURITY event, so many seconds ago.
fn event(address: &str, account: &str, name: &str, ago: i64) -> String {
    format!(
        "[{}] SECURITY[4] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"x\",Severity=\"Informational\",\
         Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{account}\",SessionID=\"{ago}@x\",\
         LocalAddress=\"IPV4/UDP/192.0.2.71/5060\",RemoteAddress=\"IPV4/UDP/{address}/5060\",UsingPassword=\"1\"\n",
        stamp(ago)
    )
}

/// What a jail did with somebody's failures, a few seconds apart.
fn did(jail: &str, verb: &str, address: &str, count: i64) -> String {
    let mut text = String::new();
    for number in 0..count {
        let time = stamp(9000 - number * 20);
        let tail = if verb == "Ignore" {
            "by ip".to_owned()
        } else {
            format!("- {time}")
        };
        let _ = writeln!(
            text,
            "{time},123 fail2ban.filter         [77]: INFO    [{jail}] {verb} {address} {tail}"
        );
    }
    text
}

fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).expect("a file");
}

fn codes(answer: &Value) -> BTreeSet<String> {
    let findings = answer["findings"].as_array().expect("findings").iter();
    findings
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn each_finding_appears_with_its_numbers_and_none_where_all_is_well() {
    let lab = Lab::start();
    let (log, actions) = (lab.paths.asterisk_log(), lab.paths.action_log());
    write(&log, &event("203.0.113.6", "6001", "SuccessfulAuth", 60));
    write(&actions, "");
    let quiet = lab.run(&["whitelist", "review", "--json"]).expect(0).json();
    assert_eq!(codes(&quiet), BTreeSet::new(), "{quiet:#}");
    assert!(lab.paths.state_dir().join("seen.json").exists());

    lab.done(&["onboard", "192.0.2.128/28", "--customer", "Zeta PBX", "--yes"]);
    let days = |days: i64| (chrono::Local::now() - chrono::TimeDelta::days(days)).timestamp();
    // It has been looked at for 100 days, and was never seen.
    let seen = json!({"looked": days(0), "networks": {"192.0.2.128/28": {"last": null, "from": days(100)}}});
    write(&lab.paths.state_dir().join("seen.json"), &seen.to_string());

    // The office of Blue Lotus Hotels was there two days ago, and is elsewhere now.
    let mut old = String::new();
    for account in ["7001", "7002", "7003"] {
        old += &event("198.51.100.130", account, "SuccessfulAuth", 2 * 86_400);
    }
    write(&log.with_file_name("messages.log.1"), &old);
    let mut new = String::new();
    for account in ["7001", "7002", "7003"] {
        new += &event("198.51.100.20", account, "SuccessfulAuth", 8000);
    }
    for number in 0..12 {
        new += &event("203.0.113.5", "6004", "ChallengeResponseFailed", 7000 - number);
    }
    for number in 0..6 {
        new += &event("192.0.2.60", "6001", "ChallengeResponseFailed", 6000 - number);
    }
    new += &event("192.0.2.60", "6001", "SuccessfulAuth", 5900);
    new += &event("203.0.113.6", "6001", "SuccessfulAuth", 5800);
    for account in ["6001", "7001"] {
        new += &event("192.0.2.70", account, "SuccessfulAuth", 5700);
    }
    for account in ["8001", "8002", "8003"] {
        new += &event("192.0.2.50", account, "SuccessfulAuth", 5600);
    }
    write(&log, &new);
    let acted = did("asterisk-auth", "Ignore", "203.0.113.5", 12) + &did("asterisk-scan", "Found", "192.0.2.50", 31);
    write(&actions, &acted);

    let review = lab.run(&["whitelist", "review", "--json"]).expect(8).json();
    let all: BTreeSet<String> = f2bctl::document::ReviewCode::ALL
        .iter()
        .map(|code| code.word().to_owned())
        .collect();
    assert_eq!(codes(&review), all, "{review:#}");
    let of = |code: &str| -> &Value {
        let mut findings = review["findings"].as_array().expect("findings").iter();
        findings.find(|one| one["code"] == code).expect(code)
    };
    let message = |code: &str| of(code)["message"].as_str().expect("a message").to_owned();
    assert!(
        message("whitelisted_attacking").contains(
            "But for the whitelist asterisk-auth would have banned 203.0.113.5 1 times: account 6004, 12 failures"
        ),
        "{review:#}"
    );
    assert_eq!(of("whitelisted_attacking")["customer"], json!("Vista Seven Hotels"));
    assert!(
        message("near_miss").contains("192.0.2.50 came to a count of 31 of 50 in jail asterisk-scan"),
        "{review:#}"
    );
    assert!(
        message("failures_then_success").contains("192.0.2.60 failed 6 times with account 6001"),
        "{review:#}"
    );
    assert!(message("shared_address").contains("192.0.2.70"), "{review:#}");
    assert!(
        message("moved_uplink").contains("3 of 3 accounts of Blue Lotus Hotels register from 198.51.100.20"),
        "{review:#}"
    );
    assert_eq!(
        of("moved_uplink")["next"],
        json!(
            "`f2bctl onboard 198.51.100.20 --customer 'Blue Lotus Hotels'`, then `f2bctl offboard 198.51.100.128/28`"
        )
    );
    assert_eq!(of("stale_entry")["subject"], json!("192.0.2.128/28"));
    let text = lab.run(&["whitelist", "review"]).expect(8).stdout.clone();
    assert!(text.contains("stale_entry Zeta PBX:"), "{text}");
}

/// What came to a ban before the entry was there, the whitelist did not prevent; and where no success is logged, nobody is
/// called silent or without one.
#[test]
fn nothing_is_claimed_of_what_is_not_logged() {
    let lab = Lab::start();
    let notice = |ago: i64| {
        format!(
            "[{}] NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:6004@192.0.2.71>' failed for \
             '203.0.113.5:5060' (callid: {ago}@x) - Failed to authenticate\n",
            stamp(ago)
        )
    };
    let failures: String = (0..12).map(|number| notice(7000 - number)).collect();
    write(&lab.paths.asterisk_log(), &failures);
    let long_ago = (chrono::Local::now() - chrono::TimeDelta::days(100)).timestamp();
    let now = chrono::Local::now().timestamp();
    let seen = json!({"looked": now, "networks": {"198.51.100.128/28": {"last": null, "from": long_ago}}});
    lab.make_state_dir();
    write(&lab.paths.state_dir().join("seen.json"), &seen.to_string());

    let before = did("asterisk-auth", "Found", "203.0.113.5", 3) + &did("asterisk-auth", "Ban", "203.0.113.5", 1);
    write(&lab.paths.action_log(), &before);
    let review = lab.run(&["whitelist", "review", "--json"]).expect(0).json();
    assert_eq!(codes(&review), BTreeSet::new(), "{review:#}");
    assert!(review["gaps"].to_string().contains("who is silent"), "{review:#}");

    write(
        &lab.paths.action_log(),
        &did("asterisk-auth", "Ignore", "203.0.113.5", 12),
    );
    let review = lab.run(&["whitelist", "review", "--json"]).expect(8).json();
    assert_eq!(
        codes(&review),
        ["whitelisted_attacking".to_owned()].into(),
        "{review:#}"
    );
    let message = review["findings"][0]["message"].to_string();
    assert!(message.contains("no success is ever logged here"), "{message}");
}
