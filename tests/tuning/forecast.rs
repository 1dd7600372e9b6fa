//! `tune --since` and `tune --review`: the host's own action log, through the present and the proposed setting.

use std::fs::File;
use std::io::Write as _;

use serde_json::{Value, json};

use super::support::{Lab, assert_same};

/// A line of the action log, so many seconds ago.
fn line(ago: i64, words: &str) -> String {
    let time = chrono::Local::now() - chrono::TimeDelta::seconds(ago);
    let time = time.format("%Y-%m-%d %H:%M:%S");
    match words.contains("Found") {
        true => format!("{time},123 fail2ban.filter         [77]: INFO    [asterisk-scan] {words} - {time}\n"),
        false => format!("{time},123 fail2ban.actions        [77]: NOTICE  [asterisk-scan] {words}\n"),
    }
}

/// So many failures of an address, a second apart.
fn found(address: &str, count: i64, ago: i64) -> String {
    let lines = (0..count).map(|number| line(ago - number, &format!("Found {address}")));
    lines.collect()
}

fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).expect("a log");
}

/// The lab's action log rotated: what was before yesterday is in `.1`.
fn history(lab: &Lab) {
    let log = lab.paths.action_log();
    // What the lab's own fail2ban has logged so far goes.
    write(&log, "");
    let rotated = log.with_file_name("fail2ban.log.1");
    let old =
        found("192.0.2.9", 30, 400_000) + &found("198.51.100.7", 50, 300_000) + &line(299_950, "Ban 198.51.100.7");
    write(&rotated, &old);
    let mut file = File::options().append(true).open(&log).expect("the log");
    let new = found("198.51.100.8", 22, 3000);
    file.write_all(new.as_bytes()).expect("written");
}

/// An address of the lab's first customer.
fn customer(lab: &Lab) -> String {
    let rows = lab.done(&["whitelist", "list", "--json"]).json();
    let rows = rows["whitelist"].as_array().expect("rows").clone();
    let row = rows
        .iter()
        .find(|row| row["customer"] != json!("localhost") && row["documented"] == json!(true));
    let network = row.expect("a customer")["network"]
        .as_str()
        .expect("a network")
        .to_owned();
    network.split('/').next().expect("an address").to_owned()
}

fn tuned(lab: &Lab, arguments: &[&str], exit: i32) -> Value {
    let run = lab.run(&[&["tune", "--json"], arguments].concat());
    run.expect(exit).json()
}

#[test]
fn the_past_is_replayed_and_a_customer_stops_a_threshold_that_would_ban_him() {
    let lab = Lab::start();
    history(&lab);
    let before = lab.snapshot();
    let planned = tuned(
        &lab,
        &["asterisk-scan", "maxretry", "20", "--since", "14d", "--dry-run"],
        0,
    );
    let forecast = &planned["forecast"];
    assert_eq!(forecast["coverage"]["found"], json!(102), "{forecast:#}");
    assert_eq!(forecast["present"]["banned"]["unknown"], json!(1));
    assert_eq!(forecast["proposed"]["banned"]["unknown"], json!(3));
    let curve = forecast["curve"].as_array().expect("a curve");
    assert!(
        curve.len() == 5
            && curve
                .iter()
                .all(|line| line["attackers"].as_array().map(Vec::len) == Some(200))
    );
    let kinds: Vec<&Value> = forecast["classes"]
        .as_array()
        .expect("classes")
        .iter()
        .map(|class| &class["kind"])
        .collect();
    assert_eq!(kinds, [&json!("newly"), &json!("earlier")]);

    // What the rotated file holds is kept on this machine, and the second look says the same.
    let again = tuned(
        &lab,
        &["asterisk-scan", "maxretry", "20", "--since", "14d", "--dry-run"],
        0,
    );
    assert_eq!(again["forecast"]["proposed"], forecast["proposed"]);
    let fresh = [
        "asterisk-scan",
        "maxretry",
        "20",
        "--since",
        "14d",
        "--dry-run",
        "--no-cache",
    ];
    assert_eq!(tuned(&lab, &fresh, 0)["forecast"]["proposed"], forecast["proposed"]);

    let customer = customer(&lab);
    let mut file = File::options()
        .append(true)
        .open(lab.paths.action_log())
        .expect("the log");
    file.write_all(found(&customer, 25, 2000).as_bytes()).expect("written");
    let refused = tuned(&lab, &["asterisk-scan", "maxretry", "20", "--since", "14d", "--yes"], 3);
    let message = refused["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains("would newly ban 1 addresses of customers") && message.contains(&customer),
        "{message}"
    );
    assert_eq!(refused["forecast"]["smallest"]["maxretry"], json!(26), "{refused:#}");
    assert_same(&before, &lab.snapshot());
    let forced = ["asterisk-scan", "maxretry", "20", "--since", "14d", "--yes", "--force"];
    tuned(&lab, &forced, 2);
    let forced = [&forced[..], &["--reason", "they have moved away"]].concat();
    assert_eq!(tuned(&lab, &forced, 0)["outcome"], json!("changed"));

    // The record has the forecast, and it is compared with what happened since.
    let review = tuned(&lab, &["--review"], 0);
    let review = &review["reviews"][0];
    assert_eq!(review["promise"]["jail"], json!("asterisk-scan"));
    assert_eq!(review["promise"]["proposed"]["maxretry"], json!(20));
    assert_eq!(review["since"]["in_force"], json!(true), "{review:#}");
    assert!(
        review["text"].as_str().expect("a text").contains("too early to judge"),
        "{review:#}"
    );
    tuned(&lab, &["asterisk-auth", "--review"], 3);
    lab.done(&["audit", "verify"]);
    let text = lab.done(&["tune", "--review"]).stdout;
    assert!(text.contains("asterisk-scan: maxretry 20 in 1 h, ban 1 h"), "{text}");
}

#[test]
fn a_jail_that_found_nothing_and_one_that_does_not_run() {
    let lab = Lab::start();
    write(&lab.paths.action_log(), "");
    let planned = tuned(
        &lab,
        &["asterisk-auth", "maxretry", "5", "--since", "14d", "--dry-run"],
        0,
    );
    let gaps = planned["forecast"]["coverage"]["gaps"].to_string();
    assert!(gaps.contains("fix the filter, not the threshold"), "{gaps}");
    tuned(&lab, &["nosuch", "maxretry", "5", "--since", "14d", "--dry-run"], 3);
    tuned(
        &lab,
        &["asterisk-auth", "maxretry", "2", "--since", "14d", "--dry-run"],
        3,
    );
}
