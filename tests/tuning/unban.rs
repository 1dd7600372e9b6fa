//! `unban` says who will be banned again at once, by the failures that led to the ban.

use std::io::Write as _;

use super::support::{Lab, eventually};

/// A wrong password, so many seconds ago.
fn wrong(address: &str, account: &str, ago: i64) -> String {
    let time = chrono::Local::now() - chrono::TimeDelta::seconds(ago);
    format!(
        "[{}] NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{account}@192.0.2.71>' failed for \
         '{address}:5060' (callid: {ago}@{address}) - Failed to authenticate\n",
        time.format("%Y-%m-%d %H:%M:%S")
    )
}

#[test]
fn a_phone_that_goes_on_is_named_with_the_time_that_is_left() {
    let lab = Lab::start();
    let mut log = std::fs::File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    let lines: String = [40, 20, 0].map(|ago| wrong("198.51.100.21", "201", ago)).concat();
    log.write_all(lines.as_bytes()).expect("written");
    eventually("a ban", || {
        lab.client(&["status", "asterisk-auth"]).contains("198.51.100.21")
    });

    let planned = lab.run(&["unban", "198.51.100.21", "--dry-run", "--json"]);
    planned.expect(0);
    let warnings = planned.json()["warnings"].to_string();
    assert!(
        warnings.contains("198.51.100.21 failed 3 times in 40 s by account 201 before jail asterisk-auth banned it")
            && warnings.contains("banned again in about 60 s")
            && warnings.contains("unban 198.51.100.21 --grace 30m"),
        "{warnings}"
    );
    // With a time to fix it there is nothing to warn of, nor of a ban that somebody set.
    let graced = lab.run(&["unban", "198.51.100.21", "--grace", "30m", "--dry-run", "--json"]);
    assert!(!graced.warnings().contains(&"banned_again_soon".to_owned()));
    lab.client(&["set", "asterisk-auth", "banip", "198.51.100.99"]);
    let by_hand = lab.done(&["unban", "198.51.100.99", "--yes", "--json"]);
    assert!(!by_hand.warnings().contains(&"banned_again_soon".to_owned()));
    lab.done(&["unban", "198.51.100.21", "--yes"]);
}
