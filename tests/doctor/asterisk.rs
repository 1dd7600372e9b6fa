//! The running Asterisk: the logs that it has open, and the ports on which it listens. A process of that name stands for it,
//! with files and sockets open as Asterisk has them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::support::namespace::{Neighbour, in_namespace, iptables, rules};
use super::support::{Lab, eventually};
use super::{appear_and_go, edit, fault, host, made_and_healed, others};

/// Opens the first argument to append to, listens on UDP ports that the others name (TCP: `5038/tcp`), and is called
/// asterisk from then on.
const PROGRAM: &str = r#"
import socket, sys
held = [open(sys.argv[1], "a")]
for port in sys.argv[2:]:
    if port == "-C":
        break  # what follows is where Asterisk's configuration is
    number, _, protocol = port.partition("/")
    held.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM if protocol else socket.SOCK_DGRAM))
    held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held[-1].bind(("0.0.0.0", int(number)))
    if protocol:
        held[-1].listen()
with open("/proc/self/comm", "w") as name:
    name.write("asterisk")
print("ready", flush=True)
sys.stdin.read()
"#;

/// A process that ends with the value.
pub(crate) struct Asterisk {
    child: Child,
    _ready: BufReader<ChildStdout>,
}

impl Asterisk {
    pub(crate) fn start(log: &Path, ports: &[&str]) -> Self {
        Self::by(Command::new("python3"), log, ports)
    }

    /// In the network namespace of this process.
    fn contained(pid: u32, log: &Path, ports: &[&str]) -> Self {
        let mut enter = Command::new("nsenter");
        enter.args(["-t", &pid.to_string(), "-n", "--", "python3"]);
        Self::by(enter, log, ports)
    }

    fn by(mut python: Command, log: &Path, ports: &[&str]) -> Self {
        let mut child = python
            .args(["-I", "-c", PROGRAM])
            .arg(log)
            .args(ports)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut ready = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        ready.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        Self { child, _ready: ready }
    }
}

impl Drop for Asterisk {
    fn drop(&mut self) {
        // One that has ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_that_asterisk_does_not_write() {
    let lab = host();
    let log = lab.paths.asterisk_log();
    let full = log.with_file_name("full");
    {
        let _writes_another = Asterisk::start(&full, &[]);
        assert_eq!(others(&lab), ["log_not_written".to_owned()].into());
    }
    assert_eq!(
        others(&lab),
        [].into(),
        "nothing is claimed where no Asterisk runs and the log is new"
    );

    // Its log is rotated, and it goes on writing to the old file until its logger is reloaded.
    let text = std::fs::read(&log).expect("the log");
    let mut asterisk = Some(Asterisk::start(&log, &[]));
    assert_eq!(others(&lab), [].into(), "what it writes is what the jails read");
    let rotate = || {
        std::fs::rename(&log, log.with_extension("log.1")).expect("renamed");
        std::fs::write(&log, &text).expect("a new file");
    };
    let reload_logger = || asterisk = Some(Asterisk::start(&log, &[]));
    appear_and_go(&lab, [fault("log_not_written", rotate, reload_logger)]);

    // An Asterisk that has nothing to log is no fault of its own, and is not one that does not run.
    let age = || {
        let file = std::fs::File::options().append(true).open(&log).expect("the log");
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 3600);
        file.set_modified(old).expect("aged");
    };
    let grow = || std::fs::write(&log, &text).expect("written");
    // By its logger.conf it logs attempts: a quiet night is no finding. Without these levels none would ever be seen.
    let main = lab.folder().join("asterisk.conf");
    let logger = lab.folder().join("logger.conf");
    let channels =
        |levels: &str| std::fs::write(&logger, format!("[logfiles]\nmessages.log => {levels}\n")).expect("written");
    std::fs::write(&main, "[directories]\n").expect("written");
    channels("notice,warning");
    drop(asterisk);
    asterisk = Some(Asterisk::start(&log, &["-C", &main.display().to_string()]));
    age();
    assert!(!others(&lab).contains("log_not_growing"));
    grow();
    appear_and_go(
        &lab,
        [fault(
            "levels_not_logged",
            || channels("warning,error"),
            || channels("notice,security"),
        )],
    );
    drop(asterisk);
    asterisk = Some(Asterisk::start(&log, &[]));
    appear_and_go(&lab, [fault("log_not_growing", age, grow)]);
    drop(asterisk);
    appear_and_go(&lab, [fault("asterisk_not_running", age, grow)]);
}

#[test]
fn a_port_that_a_ban_leaves_open() {
    if !in_namespace("doctor::asterisk::a_port_that_a_ban_leaves_open") {
        return;
    }
    let lab = host();
    let asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060"]);
    assert_eq!(others(&lab), [].into(), "a ban closes 5060");
    drop(asterisk);
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5080", "10234", "4569"]);
    assert_eq!(others(&lab), ["sip_port_open".to_owned()].into());
    // What the finding says: the port in jail.local, and a restart of the jails, whose actions a reload leaves as they are.
    let text = lab.jail_local_text();
    let restart = || {
        for jail in ["asterisk-auth", "asterisk-scan"] {
            lab.client(&["reload", "--restart", jail]);
        }
    };
    lab.write_jail_local(text.replace("5060,5061", "5060,5061,5080,4569"));
    restart();
    assert_eq!(others(&lab), [].into(), "the fix that it names, fixes it");
    let back = edit(&lab, "sip_port_open", "5060,5061,5080,4569", "5060,5061");
    made_and_healed(&lab, [back], restart);
}

const BANNED: &str = "198.51.100.7";

/// A lab that bans by iptables, with an Asterisk beside it.
fn fenced() -> Lab {
    let lab = host();
    lab.edit_jail_local("banaction = lab-record", "banaction = iptables-multiport");
    lab.done(&["reload", "--yes"]);
    lab
}

/// What `status` says of a jail: `enforced` and its reason.
fn enforced(lab: &Lab, jail: &str) -> (Value, String) {
    let run = lab.run(&["status", jail, "--json"]);
    let jail = &run.json()["jails"][0];
    (
        jail["enforced"].clone(),
        jail["enforced_reason"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn rules_that_accept_before_fail2bans() {
    if !in_namespace("doctor::asterisk::rules_that_accept_before_fail2bans") {
        return;
    }
    let lab = fenced();
    assert_eq!(enforced(&lab, "asterisk-auth").0, Value::Null, "no Asterisk runs");
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060", "5060/tcp"]);
    lab.ban("asterisk-auth", BANNED);
    eventually("both have their rule", || rules().matches(BANNED).count() == 2);
    assert_eq!(enforced(&lab, "asterisk-auth"), (json!(true), String::new()));
    assert_eq!(others(&lab), [].into());
    iptables("-N site");
    iptables("-I INPUT 1 -j site");
    let restart = || {
        for jail in ["asterisk-auth", "asterisk-scan"] {
            lab.client(&["reload", "--restart", jail]);
        }
        eventually("the rules are back", || rules().matches(BANNED).count() == 2);
    };
    for accepting in [
        "-p udp --dport 5060 -j ACCEPT",
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-s 198.51.100.0/24 -j ACCEPT",
    ] {
        let first = || {
            iptables(&format!("-A site {accepting}"));
            iptables("-D INPUT -j site");
            iptables("-I INPUT 1 -j site");
        };
        // What the finding says: a restart puts fail2ban's jump first again.
        appear_and_go(&lab, [fault("rule_before_ban", first, restart)]);
        iptables("-F site");
    }
    iptables("-D INPUT -j site");
    iptables("-I INPUT 1 -j site");
    for (other, known) in [
        ("-s 203.0.113.0/24 -j ACCEPT", json!(true)),
        ("-p tcp --dport 22 -j ACCEPT", json!(true)),
        ("-p udp -m recent --name x --rcheck -j ACCEPT", Value::Null),
    ] {
        iptables(&format!("-A site {other}"));
        assert_eq!(enforced(&lab, "asterisk-auth").0, known, "{other}");
        assert_eq!(others(&lab), [].into(), "{other}");
        iptables("-F site");
    }
}

#[test]
fn the_manager_and_iax_beside_sip() {
    if !in_namespace("doctor::asterisk::the_manager_and_iax_beside_sip") {
        return;
    }
    let lab = fenced();
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060", "5060/tcp", "5038/tcp", "4569"]);
    assert_eq!(enforced(&lab, "asterisk-auth").0, json!(false));
    let text = lab.jail_local_text();
    lab.write_jail_local(text.replace("5060,5061", "5060,5061,5038,4569"));
    for jail in ["asterisk-auth", "asterisk-scan"] {
        lab.client(&["reload", "--restart", jail]);
    }
    assert_eq!(others(&lab), [].into());
    assert_eq!(enforced(&lab, "asterisk-auth").0, json!(true));
}

#[test]
fn an_asterisk_to_which_packets_are_sent_on() {
    if !in_namespace("doctor::asterisk::an_asterisk_to_which_packets_are_sent_on") {
        return;
    }
    let lab = fenced();
    let holder = Neighbour::new("198.51.100.20", "198.51.100.77");
    let _asterisk = Asterisk::contained(holder.pid(), &lab.paths.asterisk_log(), &["5060", "5060/tcp"]);
    lab.ban("asterisk-auth", BANNED);
    eventually("both have their rule", || rules().matches(BANNED).count() == 2);
    let (answer, reason) = enforced(&lab, "asterisk-auth");
    assert_eq!(answer, Value::Null, "{reason}");
    assert!(reason.contains("network namespace of its own"), "{reason}");
    for protocol in ["udp", "tcp"] {
        iptables(&format!(
            "-t nat -A PREROUTING -p {protocol} --dport 5080 -j DNAT --to-destination 198.51.100.77:5060"
        ));
    }
    let before = lab.jail_local();
    let through = || {
        lab.edit_jail_local("[asterisk-auth]\n", "[asterisk-auth]\nchain = FORWARD\n");
        lab.edit_jail_local("[asterisk-scan]\n", "[asterisk-scan]\nchain = FORWARD\n");
        lab.client(&["reload", "--restart", "--all"]);
        eventually("the rules are back", || rules().matches(BANNED).count() == 2);
    };
    assert!(rules().contains("-A INPUT"), "{}", rules());
    appear_and_go(&lab, [fault("ban_passed_by", || (), through)]);
    assert_eq!(enforced(&lab, "asterisk-auth"), (json!(true), String::new()));
    lab.write_jail_local(before);
}

#[test]
fn who_was_found_again_after_the_ban() {
    let lab = host();
    lab.ban("asterisk-auth", BANNED);
    let found = |seconds: i64| {
        let moment = chrono::Local::now() - chrono::Duration::seconds(seconds);
        let time = moment.format("%Y-%m-%d %H:%M:%S");
        let line = format!("{time},123 fail2ban.filter         [1]: INFO    [asterisk-auth] Found {BANNED} - {time}\n");
        let log = lab.paths.action_log();
        let text = std::fs::read_to_string(&log).expect("the action log");
        std::fs::write(&log, text + &line).expect("written");
    };
    let written = |seconds: i64| {
        let moment = chrono::Local::now() - chrono::Duration::seconds(seconds);
        let log = lab.paths.asterisk_log();
        let line = format!(
            "[{}] VERBOSE[1] x.c: {BANNED}:5060\n",
            moment.format("%Y-%m-%d %H:%M:%S")
        );
        std::fs::write(&log, std::fs::read_to_string(&log).expect("the log") + &line).expect("written");
    };
    // Lines of before the ban that are read anew look new to fail2ban.
    written(60);
    // On its way when the ban came.
    found(0);
    found(-5);
    assert_eq!(others(&lab), [].into());
    let again = || written(-5);
    let lift = || {
        lab.client(&["unban", BANNED]);
    };
    appear_and_go(&lab, [fault("banned_but_reachable", again, lift)]);
}
