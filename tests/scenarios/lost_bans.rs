//! Every kind of ban comes back from a reload that lifts them all, whatever fail2ban's database is good for: there, in
//! memory alone, damaged, or refusing each row. What cannot come back is said.

use serde_json::json;

use super::ONBOARD;
use super::bans::{database, database_file, lose_every_ban};
use super::support::snapshot::{assert_put_back, bans};
use super::support::{Lab, Snapshot, eventually};

/// A ban with an end of its own, as fail2ban gives one to an address that is banned again to a later end. To ban for ever
/// is no later end for it than none at all, so that a ban with some end of its own comes first.
fn ban_for(lab: &Lab, jail: &str, ip: &str, seconds: &str) {
    let usual = lab.client(&["get", jail, "bantime"]);
    for bantime in [usual.trim(), seconds] {
        lab.client(&["set", jail, "bantime", bantime]);
        lab.ban(jail, ip);
        lab.client(&["set", jail, "banip", ip]);
    }
    lab.client(&["set", jail, "bantime", usual.trim()]);
}

/// A jail that bans for ever, and in it and beside it bans of each kind; the host as it is then.
fn bans_of_each_kind(lab: &Lab) -> Snapshot {
    lab.edit_jail_local("findtime = 3600\nbantime  = 3600", "findtime = 3600\nbantime  = -1");
    lab.client(&["reload"]);
    let banned = ["198.51.100.7", "2001:db8::7", "198.51.100.64/29", "2001:db8:7::/64"];
    for jail in ["sshd", "asterisk-scan"] {
        lab.client(&[&["set", jail, "banip"], &banned[..]].concat());
        eventually("the bans are listed", || {
            banned.iter().all(|ip| lab.banned_in(jail).contains(*ip))
        });
    }
    ban_for(lab, "sshd", "198.51.100.9", "-1");
    ban_for(lab, "sshd", "2001:db8::9", "700000");
    let before = lab.snapshot();
    let ends = bans(&before.server);
    let end = |jail: &str, ip: &str| ends[&(jail.to_owned(), ip.to_owned())];
    for (jail, ip) in [("asterisk-scan", "198.51.100.64/29"), ("sshd", "198.51.100.9")] {
        assert!(end(jail, ip) < 0.0, "it is for ever: {ends:?}");
    }
    assert!(
        end("sshd", "2001:db8::9") > end("sshd", "2001:db8::7") + 600_000.0,
        "{ends:?}"
    );
    before
}

/// All of them are lifted by a reload that fails, and come back.
fn all_come_back(lab: &Lab) {
    let before = bans_of_each_kind(lab);
    lose_every_ban(lab);
    lab.run(ONBOARD).expect(6);
    assert_put_back(&before, &lab.snapshot());
    assert_eq!(lab.phases().last().map(String::as_str), Some("undone"));
    // What step by step gave the jails another bantime has given it back.
    assert_eq!(lab.client(&["get", "sshd", "bantime"]), "3600");
    assert_eq!(lab.client(&["get", "asterisk-scan", "bantime"]), "-1");
}

/// A fail2ban that remembers its bans elsewhere than in a file.
fn lab_with_database(place: &str) -> Lab {
    let lab = Lab::start();
    lab.stop_fail2ban();
    let overrides = lab.paths.config_dir().join("fail2ban.local");
    let text = std::fs::read_to_string(&overrides).expect("fail2ban.local");
    let own = text.lines().find(|line| line.starts_with("dbfile = "));
    let text = text.replace(own.expect("a database"), &format!("dbfile = {place}"));
    std::fs::write(&overrides, text).expect("fail2ban.local");
    lab.done(&["start", "--yes"]);
    lab
}

#[test]
fn bans_of_each_kind_come_back_through_the_database() {
    all_come_back(&Lab::start());
}

#[test]
fn bans_of_each_kind_come_back_where_there_is_no_database() {
    all_come_back(&lab_with_database("None"));
}

#[test]
fn bans_of_each_kind_come_back_where_the_database_is_in_memory() {
    all_come_back(&lab_with_database(":memory:"));
}

#[test]
fn bans_of_each_kind_come_back_where_the_database_takes_no_row() {
    let lab = Lab::start();
    for verb in ["INSERT", "UPDATE"] {
        let statement = format!(
            "CREATE TRIGGER no_{verb} BEFORE {verb} ON bips BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        );
        database(&lab, &statement);
    }
    all_come_back(&lab);
    assert_eq!(
        database(&lab, "SELECT count(*) FROM bips WHERE ip LIKE '2001:%'"),
        json!([[0]])
    );
}

#[test]
fn bans_of_each_kind_come_back_where_the_database_is_damaged() {
    let lab = Lab::start();
    let before = bans_of_each_kind(&lab);
    let file = database_file(&lab);
    let mut bytes = std::fs::read(&file).expect("the database");
    bytes.iter_mut().take(4096).for_each(|byte| *byte = b'#');
    std::fs::write(&file, bytes).expect("the database");
    lose_every_ban(&lab);
    let run = lab.run(ONBOARD);
    run.expect(6);
    assert_put_back(&before, &lab.snapshot());
}

/// fail2ban refuses each ban that is set by hand.
const REFUSED: &str = r#"
def act(event, arguments, seen):
    server = sys.modules.get("f2bctl_agent.server")
    if server is None or not hasattr(server, "Server") or seen["armed"]:
        return
    seen["armed"] = True
    usual = server.Server.command
    def command(self, *words):
        if "banip" in words and words[0] == "set":
            AT_BANIP
        return usual(self, *words)
    server.Server.command = command
"#;

#[test]
fn a_ban_that_fail2ban_refuses_to_set_again_is_named_and_recovered_later() {
    let lab = lab_with_database("None");
    lab.ban("sshd", "198.51.100.7");
    let before = lab.snapshot();
    lose_every_ban(&lab);
    lab.on_agent(&REFUSED.replace("AT_BANIP", "raise server.Refused('no such words')"));
    let run = lab.run(ONBOARD);
    run.expect(7);
    assert_eq!(run.json()["outcome"], json!("not_restored"));
    assert!(run.error().contains("no such words"), "{}", run.error());
    assert_eq!(lab.client(&["get", "sshd", "bantime"]), "3600", "the jail's own again");
    lab.usual_login();
    lab.done(&["backup", "--yes"]);
    assert_eq!(lab.phases(), ["done", "undone", "done"]);
    assert_put_back(&before, &lab.snapshot());
}

#[test]
fn an_agent_that_dies_while_it_bans_again_leaves_no_other_bantime_behind() {
    let lab = lab_with_database("None");
    ban_for(&lab, "sshd", "198.51.100.7", "700000");
    let before = lab.snapshot();
    lose_every_ban(&lab);
    // Nobody follows it up before the look at what it left: each later login is turned away.
    let once = lab.folder().join("once");
    lab.on_agent(&REFUSED.replace(
        "AT_BANIP",
        &format!("open({:?}, 'w').close(); die()", once.display().to_string()),
    ));
    let run = lab.run(ONBOARD);
    assert!(once.exists(), "the agent was not killed: {}", run.stdout);
    run.expect(7);
    assert_ne!(lab.client(&["get", "sshd", "bantime"]), "3600");
    lab.usual_login();
    lab.done(&["backup", "--yes"]);
    assert_eq!(lab.client(&["get", "sshd", "bantime"]), "3600");
    assert_put_back(&before, &lab.snapshot());
}
