//! The running Asterisk: the logs that it has open, and the ports on which it listens. A process of that name stands for it,
//! with files and sockets open as Asterisk has them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::support::Lab;
use super::support::namespace::in_namespace;
use super::{appear_and_go, codes, edit, fault, made_and_healed};

/// Opens the first argument to append to, listens on UDP ports that the others name, and is called asterisk from then on.
const PROGRAM: &str = r#"
import socket, sys
held = [open(sys.argv[1], "a")]
for port in sys.argv[2:]:
    held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    held[-1].bind(("0.0.0.0", int(port)))
with open("/proc/self/comm", "w") as name:
    name.write("asterisk")
print("ready", flush=True)
sys.stdin.read()
"#;

/// A process that ends with the value.
struct Asterisk {
    child: Child,
    _ready: BufReader<ChildStdout>,
}

impl Asterisk {
    fn start(log: &Path, ports: &[&str]) -> Self {
        let mut child = Command::new("python3")
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
    let lab = Lab::start();
    let log = lab.paths.asterisk_log();
    let full = log.with_file_name("full");
    {
        let _writes_another = Asterisk::start(&full, &[]);
        assert_eq!(codes(&lab), ["log_not_written".to_owned()].into());
    }
    assert_eq!(
        codes(&lab),
        [].into(),
        "nothing is claimed where no Asterisk runs and the log is new"
    );

    // Its log is rotated, and it goes on writing to the old file until its logger is reloaded.
    let text = std::fs::read(&log).expect("the log");
    let mut asterisk = Some(Asterisk::start(&log, &[]));
    assert_eq!(codes(&lab), [].into(), "what it writes is what the jails read");
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
    appear_and_go(&lab, [fault("log_not_growing", age, grow)]);
    drop(asterisk);
    appear_and_go(&lab, [fault("asterisk_not_running", age, grow)]);
}

#[test]
fn a_port_that_a_ban_leaves_open() {
    if !in_namespace("doctor::asterisk::a_port_that_a_ban_leaves_open") {
        return;
    }
    let lab = Lab::start();
    let asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5060"]);
    assert_eq!(codes(&lab), [].into(), "a ban closes 5060");
    drop(asterisk);
    let _asterisk = Asterisk::start(&lab.paths.asterisk_log(), &["5080", "10234", "4569"]);
    assert_eq!(codes(&lab), ["sip_port_open".to_owned()].into());
    // What the finding says: the port in jail.local, and a restart of the jails, whose actions a reload leaves as they are.
    let text = lab.jail_local_text();
    let restart = || {
        for jail in ["asterisk-auth", "asterisk-scan"] {
            lab.client(&["reload", "--restart", jail]);
        }
    };
    lab.write_jail_local(text.replace("5060,5061", "5060,5061,5080"));
    restart();
    assert_eq!(codes(&lab), [].into(), "the fix that it names, fixes it");
    let back = edit(&lab, "sip_port_open", "5060,5061,5080", "5060,5061");
    made_and_healed(&lab, [back], restart);
}
