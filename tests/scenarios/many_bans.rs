//! Restores that take long, on a real packet filter: fail2ban brings bans back one by one, and whatever happens meanwhile
//! the firewall ends with what fail2ban lists, each ban once, and nothing else. And what it does not list is named and let go of.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::ONBOARD;
use super::bans::database_file;
use super::firewall::Fenced;
use super::support::snapshot::assert_put_back;
use super::support::{Lab, eventually, texts};

/// So many bans, at `SLOW` each, take longer to restore than a proof waits for anything that stands still.
const BANS: usize = 180;
const SLOW: &str = "0.1";
const JAIL: &str = "asterisk-auth";

/// A host with many bans in a jail that is about TCP alone. `split` gives it a second action, whose bans take a while, as on
/// a host that has more to do.
fn many_bans() -> Option<(Fenced, Vec<String>)> {
    let fenced = Fenced::start()?;
    let folder = fenced.lab.paths.config_dir().join("action.d");
    let text = format!(
        "[INCLUDES]\nbefore = iptables-multiport.conf\n\n[Definition]\n\
         actionban = case <name> in *-udp) sleep {SLOW};; esac; <iptables> -I f2b-<name> 1 -s <ip> -j <blocktype>\n"
    );
    std::fs::write(folder.join("iptables-slow.conf"), text).expect("the action is written");
    fenced
        .lab
        .edit_jail_local("banaction = iptables-multiport", "banaction = iptables-slow");
    fenced.lab.client(&["reload", "--restart", "--all"]);
    let mut banned: Vec<String> = (1..=BANS).map(|number| format!("192.0.2.{number}")).collect();
    let words = ["set", JAIL, "banip"].into_iter();
    let words: Vec<&str> = words.chain(banned.iter().map(String::as_str)).collect();
    fenced.lab.client(&words);
    banned.sort();
    eventually("all are banned, with a rule each", || blocked(&fenced, JAIL) == banned);
    Some((fenced, banned))
}

/// The addresses of the rules of a chain, each as often as it stands there.
fn blocked(fenced: &Fenced, action: &str) -> Vec<String> {
    let begin = format!("-A f2b-{action} -s ");
    let rules = fenced.rules();
    let addresses = rules.iter().filter_map(|rule| rule.strip_prefix(&begin));
    let mut found: Vec<String> = addresses
        .filter_map(|rest| rest.split_once("/32 ").map(|(ip, _)| ip.to_owned()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_restart_waits_for_bans_that_take_longer_than_its_proof() {
    let Some((fenced, banned)) = many_bans() else { return };
    let rules = fenced.rules();
    let (run, status) = std::thread::scope(|scope| {
        let change = scope.spawn(|| fenced.on_lab(&["split", "--yes", "--json"]));
        // The rehearsal comes first, which takes its time where others work as well.
        while blocked(&fenced, "asterisk-auth-udp").is_empty() && !change.is_finished() {
            std::thread::sleep(Duration::from_millis(100));
        }
        let status = fenced.on_lab(&["status", "--json"]);
        assert!(
            blocked(&fenced, "asterisk-auth-udp").len() < BANS,
            "the report came in the midst of it"
        );
        (change.join().expect("the change ends"), status)
    });
    run.expect(0);
    status.expect(0);
    assert!(run.stderr.contains(&format!("of {BANS} bans")), "{}", run.stderr);
    for action in ["asterisk-auth-tcp", "asterisk-auth-udp"] {
        assert_eq!(blocked(&fenced, action), banned, "{action}");
    }
    let rule_of_before = |rule: &String| rule.ends_with("f2b-asterisk-auth");
    assert!(!fenced.rules().iter().any(rule_of_before), "{:?}", fenced.rules());
    fenced.on_lab(&["undo", "--yes", "--json"]).expect(0);
    assert_eq!(fenced.rules(), rules);
}

#[test]
fn a_change_that_fails_in_the_middle_of_a_restore_puts_each_ban_back_once() {
    let Some((fenced, _)) = many_bans() else { return };
    let (before, rules) = (fenced.lab.snapshot(), fenced.rules());
    // The jail runs with another value as soon as it has begun to restore its bans.
    fenced.lab.on_client(
        "if [ \"$4\" = --restart ] && [ ! -e $here/moved ]; then touch $here/moved\n\
         client \"$@\"; client -c \"$2\" set asterisk-auth findtime 77; exit 0\nfi",
    );
    let run = fenced.on_lab(&["split", "--yes", "--json"]);
    run.expect(6);
    assert!(
        run.error().contains("findtime") && run.error().len() < 2000,
        "{}",
        run.error()
    );
    assert_put_back(&before, &fenced.lab.snapshot());
    assert_eq!(fenced.rules(), rules);
}

#[test]
fn what_the_firewall_blocks_without_a_ban_is_named_and_let_go_of() {
    let Some(fenced) = Fenced::start() else { return };
    fenced.ban("sshd", "198.51.100.7");
    fenced.ban("sshd", "192.0.2.9");
    for words in [
        "-N f2b-old",
        "-I INPUT -p udp -j f2b-old",
        "-A f2b-old -s 192.0.2.9/32 -m comment --comment \"left over\" -j DROP",
        "-A f2b-sshd -s 192.0.2.3/32 -j REJECT",
        "-N other",
        "-A other -s 192.0.2.3/32 -j DROP",
    ] {
        let words: Vec<&str> = words.split_whitespace().collect();
        let joined = words.join(" ").replace("\"left over\"", "left-over");
        let output = fenced.inside("iptables", &joined.split(' ').collect::<Vec<_>>());
        assert!(output.status.success(), "{joined}: {output:?}");
    }
    let chains = json!([{"ip": "192.0.2.3", "chains": ["f2b-sshd"]}]);
    let check = fenced.on_lab(&["whitelist", "check", "192.0.2.3", "--json"]);
    check.expect(0);
    assert_eq!(check.json()["blocked_without_ban"], chains);

    // In another jail alone it is not asked for.
    let run = fenced.on_lab(&["unban", "192.0.2.3", "--jail", JAIL, "--yes", "--json"]);
    run.expect(0);
    assert_eq!(run.json()["not_banned"], json!(["192.0.2.3"]));
    let run = fenced.on_lab(&["unban", "192.0.2.3", "--yes", "--json"]);
    run.expect(0);
    assert_eq!(
        run.json()["unbanned"],
        json!([{"ip": "192.0.2.3", "jails": [], "chains": ["f2b-sshd"]}])
    );
    assert!(!fenced.rules().iter().any(|rule| rule.contains("f2b-sshd -s 192.0.2.3")));
    let own = fenced.inside("iptables", &["-w", "-S", "other"]);
    assert!(
        String::from_utf8_lossy(&own.stdout).contains("192.0.2.3"),
        "another's rule is left alone"
    );

    // A ban and what is left over of an earlier one.
    let run = fenced.on_lab(ONBOARD);
    run.expect(0);
    assert_eq!(
        run.json()["unbanned"],
        json!([{"ip": "192.0.2.9", "jails": ["sshd"], "chains": ["f2b-old"]}])
    );
    assert!(!fenced.rules().iter().any(|rule| rule.contains("192.0.2.9")));
    assert!(fenced.shuts_out("sshd", "198.51.100.7"));
}

/// Somebody who has fail2ban's database locked, until the value is dropped.
struct Holder(Child);

impl Holder {
    fn of(lab: &Lab, seconds: &str) -> Self {
        let program = "import sqlite3,sys,time\n\
                       held = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
                       held.execute('BEGIN EXCLUSIVE')\n\
                       print('held', flush=True)\n\
                       time.sleep(float(sys.argv[2]))";
        let mut child = Command::new("/usr/bin/python3")
            .args(["-I", "-c", program])
            .arg(database_file(lab))
            .arg(seconds)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), "held");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_locked_database_refuses_a_change_and_names_who_has_it() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let holder = Holder::of(&lab, "120");
    let run = lab.run(ONBOARD);
    run.expect(3);
    for word in ["fail2ban's database", &format!("process {} (python3)", holder.0.id())] {
        assert!(run.error().contains(word), "{word:?} is not in {:?}", run.error());
    }
    assert_eq!(before.server, lab.snapshot().server, "every jail runs on");
    drop(holder);
    lab.done(ONBOARD);
    // One that is over in time is waited for.
    let holder = Holder::of(&lab, "3");
    lab.done(&["offboard", "192.0.2.0/28", "--yes"]);
    drop(holder);
}

#[test]
fn a_reload_that_met_a_locked_database_is_done_again() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    let jails = lab.jails();
    let database = database_file(&lab);
    // The lock begins when the change has looked for one, and outlasts fail2ban's own patience.
    lab.on_client(&format!(
        "if [ \"$3\" = reload ] && [ ! -e $here/locked ]; then\n\
         /usr/bin/python3 -I -c 'import sqlite3,sys,time\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
         c.execute(\"BEGIN EXCLUSIVE\")\nopen(sys.argv[2], \"w\").close()\ntime.sleep(8)' {} $here/locked >/dev/null 2>&1 &\n\
         while [ ! -e $here/locked ]; do sleep 0.05; done\nfi",
        database.display()
    ));
    let run = lab.run(ONBOARD);
    run.expect(0);
    assert_eq!(lab.jails(), jails);
    assert!(lab.banned_in("sshd").contains("198.51.100.7"));
    assert_eq!(texts(&run.json()["plan"]["restart"]), Vec::<String>::new());
}
