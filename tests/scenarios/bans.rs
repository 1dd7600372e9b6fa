//! Bans that an undo has to bring back where fail2ban's own database cannot, and what it knew of them beside their ends;
//! and a fail2ban that goes away when a change has ended.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::ONBOARD;
use super::support::Lab;
use super::support::snapshot::assert_put_back;

/// A member of that network, whom an onboard lets in again.
const MEMBER: &str = "192.0.2.3";
/// The agent dies when bans were lifted and before that is recorded.
const KILLED_AFTER_LIFTING: &str = r#"
def act(event, arguments, seen):
    if seen["phase"] == "lifting" and event == "open" and str(arguments[0]).endswith("audit.jsonl"):
        die()
"#;
/// fail2ban-server is killed when the change writes down that it has ended.
const SERVER_KILLED_AT_THE_END: &str = r#"
def act(event, arguments, seen):
    ends = seen["phase"] not in (None, "prepared") or KILLED_IN == "prepared"
    if ends and event == "open" and str(arguments[0]).endswith("audit.jsonl"):
        seen["opened"] = seen.get("opened", 0) + 1
        if seen["opened"] == (2 if KILLED_IN == "prepared" else 1):
            with open("@PID@") as file:
                os.kill(int(file.read()), signal.SIGKILL)
            time.sleep(0.3)
"#;

/// Where fail2ban's database lies.
pub fn database_file(lab: &Lab) -> PathBuf {
    let told = lab.client(&["get", "dbfile"]);
    PathBuf::from(told.trim().rsplit(' ').next().expect("a path"))
}

/// Runs one statement on fail2ban's database; its rows.
pub fn database(lab: &Lab, statement: &str) -> Value {
    let program = "import json,sqlite3,sys\n\
                   connection = sqlite3.connect(sys.argv[1], timeout=10)\n\
                   with connection: rows = connection.execute(sys.argv[2]).fetchall()\n\
                   text = lambda value: value.decode() if isinstance(value, bytes) else value\n\
                   print(json.dumps([[text(value) for value in row] for row in rows]))";
    let output = Command::new("python3")
        .args(["-I", "-c", program])
        .arg(database_file(lab))
        .arg(statement)
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("rows")
}

/// The first reload lifts every ban, from the database too, and fails.
pub fn lose_every_ban(lab: &Lab) {
    lab.on_client(
        "if [ \"$3\" = reload ] && [ ! -e $here/failed ]; then touch $here/failed\n\
         client -c \"$2\" unban --all; exit 255\nfi",
    );
}

fn put_back(lab: &Lab) {
    let before = lab.snapshot();
    let run = lab.run(ONBOARD);
    run.expect(6);
    assert_put_back(&before, &lab.snapshot());
}

#[test]
fn a_lifted_ban_comes_back_with_its_count_and_its_lines() {
    let lab = Lab::start();
    lab.ban("asterisk-auth", MEMBER);
    let known = format!("ip = '{MEMBER}' AND jail = 'asterisk-auth'");
    let lines = r#"{"matches": ["a line of the log, caf\u00e9"], "failures": 3}"#;
    database(
        &lab,
        &format!("UPDATE bips SET bancount = 4, data = '{lines}' WHERE {known}"),
    );
    let rows = format!("SELECT timeofban, bantime, bancount, data FROM bips WHERE {known}");
    let before = database(&lab, &rows);
    assert_eq!(before[0][2], json!(4), "{before}");

    lab.on_agent(KILLED_AFTER_LIFTING);
    put_back(&lab);
    assert_eq!(database(&lab, &rows), before);
}

#[test]
fn a_ban_for_longer_than_the_jail_bans_comes_back() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    let usual = lab.client(&["get", "sshd", "bantime"]);
    // The same address banned again to a later end has a time of its own; the jail goes back to what it has.
    lab.client(&["set", "sshd", "bantime", "700000"]);
    lab.ban("sshd", "198.51.100.7");
    lab.client(&["set", "sshd", "bantime", usual.trim()]);
    lose_every_ban(&lab);
    put_back(&lab);
    let told = lab.client(&["get", "sshd", "banip", "--with-time"]);
    assert!(told.contains("198.51.100.7"), "{told}");
}

#[test]
fn a_ban_of_a_whitelisted_address_comes_back() {
    let lab = Lab::start();
    lab.ban("sshd", "203.0.113.5");
    assert!(lab.ignored_in("sshd").contains("203.0.113.0/24"));
    lose_every_ban(&lab);
    put_back(&lab);
    assert!(lab.banned_in("sshd").contains("203.0.113.5"));
}

fn killed_at_the_end(lab: &Lab, phase: &str) {
    let pid = lab.paths.fail2ban_pid().display().to_string();
    let act = SERVER_KILLED_AT_THE_END
        .replace("@PID@", &pid)
        .replace("KILLED_IN", &format!("{phase:?}"));
    lab.on_agent(&act);
}

#[test]
fn a_server_that_dies_behind_the_last_look_is_reported_and_recorded() {
    let lab = Lab::start();
    killed_at_the_end(&lab, "reloaded");
    let run = lab.run(ONBOARD);
    run.expect(7);
    let document = run.json();
    assert_eq!(
        (&document["outcome"], &document["changed"]),
        (&json!("not_restored"), &json!(true)),
        "{document}"
    );
    assert!(
        run.error().contains("was made and proven; then fail2ban-server"),
        "{}",
        run.error()
    );
    assert_eq!(lab.phases(), ["done"]);
    let outcomes: Vec<Value> = lab
        .audit_of("outcome")
        .iter()
        .map(|one| one["outcome"].clone())
        .collect();
    assert_eq!(outcomes, [json!("changed"), json!("not_restored")]);
    lab.usual_login();
    lab.done(&["audit", "verify"]);
    lab.done(&["start", "--yes"]);
    assert!(lab.ignored_in("sshd").contains("192.0.2.0/28"));
}

#[test]
fn a_change_without_a_part_in_the_server_says_that_it_died() {
    let lab = Lab::start();
    killed_at_the_end(&lab, "prepared");
    let run = lab.done(&["backup", "--label", "quiet", "--yes", "--json"]);
    assert_eq!(run.json()["outcome"], json!("changed"));
    assert!(
        run.warnings().contains(&"fail2ban_lost".to_owned()),
        "{:?}",
        run.warnings()
    );
    assert_eq!(lab.backups().len(), 1);
}
