//! Lines as a host may write them: cut in two writes, longer than any buffer, in a file that goes and comes back, and
//! moved, packed and truncated while nobody looks. Each ban is told once and in order.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Pid, Signal, kill_process};

use super::support::{Lab, eventually};
use super::{Watcher, ban, children};

/// A host whose action log is written by the test alone.
struct Host {
    lab: Lab,
    log: PathBuf,
}

/// What fail2ban writes of a ban.
fn line(number: u32) -> String {
    format!(
        "2026-01-01 08:00:{number:02},000 fail2ban.actions        [7]: NOTICE  [asterisk-scan] Ban 192.0.2.{number}\n"
    )
}

impl Host {
    fn new() -> Self {
        let lab = Lab::start();
        // While fail2ban runs, its own log is followed.
        lab.stop_fail2ban();
        let log = lab.folder().join("own.log");
        lab.set_host("log", &format!("{:?}", log.display().to_string()));
        Self { lab, log }
    }

    /// With one line in the log, and somebody who has seen it.
    fn watched() -> (Self, Watcher) {
        let host = Self::new();
        host.write(line(1));
        let watcher = host.watch();
        watcher.sees(1);
        (host, watcher)
    }

    fn watch(&self) -> Watcher {
        Watcher::start(&self.lab, "lab", &["--since", "2026-01-01", "--json"])
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(&self.log)
            .expect("the log");
        file.write_all(text.as_ref()).expect("written");
    }

    fn rotated(&self, ending: &str) -> PathBuf {
        let mut path = self.log.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    }

    fn pack(&self, from: &str, to: &str) {
        let file = File::create(self.rotated(to)).expect("a file");
        let mut packer = GzEncoder::new(file, Compression::default());
        let text = std::fs::read(self.rotated(from)).expect("the generation");
        packer.write_all(&text).expect("packed");
        packer.finish().expect("packed");
        std::fs::remove_file(self.rotated(from)).expect("the generation goes");
    }

    /// Does something while the agent that follows the log stands still, so that it sees no step between.
    fn unseen(&self, what: impl FnOnce()) {
        let agent = self.agent();
        kill_process(agent, Signal::STOP).expect("it stops");
        what();
        kill_process(agent, Signal::CONT).expect("it goes on");
    }

    /// How many agents have the log open.
    fn readers(&self) -> usize {
        let has_it_open = |process: &PathBuf| {
            let open = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
            let is_agent = std::fs::read(process.join("cmdline")).is_ok_and(|words| words.starts_with(b"python3"));
            is_agent
                && open
                    .filter_map(|file| std::fs::read_link(file.path()).ok())
                    .any(|path| path == self.log)
        };
        let processes = std::fs::read_dir("/proc")
            .expect("/proc")
            .flatten()
            .map(|entry| entry.path());
        processes.filter(has_it_open).count()
    }

    fn agent(&self) -> Pid {
        let sshd = std::fs::read_to_string(self.lab.paths.sshd_pid()).expect("its number");
        let mut open = children(sshd.trim().parse().expect("a number"));
        while let Some(pid) = open.pop() {
            let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if command.starts_with("python3") {
                return Pid::from_raw(pid).expect("a process");
            }
            open.extend(children(pid));
        }
        panic!("no agent");
    }
}

/// The bans that were told are those from 1 on, each once and in order.
#[track_caller]
fn told_up_to(watcher: &Watcher, last: u32) {
    watcher.sees(last);
    assert_eq!(watcher.banned(), (1..=last).collect::<Vec<_>>(), "{}", watcher.stderr());
}

/// The running server says where it logs to, whatever the settings name.
#[test]
fn the_log_that_fail2ban_writes_is_followed_and_one_that_is_no_file_is_named() {
    let lab = Lab::start();
    lab.set_host("log", "\"/var/log/no-such-fail2ban.log\"");
    let watcher = Watcher::start(&lab, "lab", &["--json"]);
    eventually("it says which log is followed", || {
        watcher.stderr().contains("which is followed")
    });
    ban(&lab, 7);
    watcher.sees(7);
    lab.client(&["set", "logtarget", "STDERR"]);
    let blind = Watcher::start(&lab, "lab", &["--json"]);
    eventually("it says that no line comes", || {
        blind.stderr().contains("logs to STDERR and not to a file")
    });
}

#[test]
fn a_line_that_is_written_in_two_is_reported_when_it_is_whole() {
    let (host, watcher) = Host::watched();
    for (number, end) in [(2, 1), (3, 30), (4, line(4).len() - 1)] {
        let text = line(number);
        host.write(&text[..end]);
        // Longer than two looks at the log.
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(watcher.banned().last(), Some(&(number - 1)), "{}", &text[..end]);
        host.write(&text[end..]);
        told_up_to(&watcher, number);
    }
}

#[test]
fn a_line_that_is_longer_than_any_buffer_is_no_ban_at_its_end_and_hides_none_behind_it() {
    let (host, watcher) = Host::watched();
    // It is read in pieces of 64 KiB, and the last of them looks like a line of its own.
    for pieces in [1, 2, 16] {
        let mut long = vec![b'x'; pieces * 64 * 1024];
        long.extend(line(42).as_bytes());
        host.write(&long);
    }
    host.write(line(2));
    told_up_to(&watcher, 2);
    // The same for who begins to read in the middle of such a line, or at the start of the log.
    host.write(vec![b'x'; 3 * 64 * 1024]);
    let late = Watcher::start(&host.lab, "lab", &["--json"]);
    eventually("both agents have the log open", || host.readers() == 2);
    host.write(line(42));
    host.write(line(3));
    late.sees(3);
    assert_eq!(late.banned(), [3]);
    told_up_to(&watcher, 3);
    told_up_to(&host.watch(), 3);
}

#[test]
fn bytes_that_are_no_text_and_lines_that_say_nothing_spoil_no_other_line() {
    let (host, watcher) = Host::watched();
    host.write(b"\xff\xfe\x00\n\n\n\x1b[2J no line of fail2ban's\r\n");
    host.write(line(2));
    told_up_to(&watcher, 2);
    assert!(!watcher.stdout().contains('\u{1b}') && !watcher.stderr().contains('\u{1b}'));
}

#[test]
fn a_log_that_is_gone_for_a_while_is_waited_for() {
    let host = Host::new();
    let watcher = host.watch();
    eventually("that is said", || {
        watcher.stderr().contains("does not exist; waiting for it")
    });
    host.write(line(1));
    told_up_to(&watcher, 1);
    std::fs::remove_file(&host.log).expect("it goes");
    std::thread::sleep(Duration::from_millis(700));
    host.write(line(2));
    told_up_to(&watcher, 2);
    // Moved away, with nothing in its place for a while; the last line came after that.
    std::fs::rename(&host.log, host.rotated(".1")).expect("it is renamed");
    let mut old = File::options()
        .append(true)
        .open(host.rotated(".1"))
        .expect("the old one");
    old.write_all(line(3).as_bytes()).expect("written");
    told_up_to(&watcher, 3);
    host.write(line(4));
    told_up_to(&watcher, 4);
}

#[test]
fn two_rotations_and_a_packing_between_two_looks_lose_nothing() {
    let (host, watcher) = Host::watched();
    host.unseen(|| {
        host.write(line(2));
        std::fs::rename(&host.log, host.rotated(".1")).expect("it is renamed");
        host.write(line(3));
        host.pack(".1", ".1.gz");
        std::fs::rename(host.rotated(".1.gz"), host.rotated(".2.gz")).expect("the older one moves on");
        std::fs::rename(&host.log, host.rotated(".1")).expect("it is renamed");
        host.write(line(4));
    });
    told_up_to(&watcher, 4);
    host.write(line(5));
    told_up_to(&watcher, 5);
}

#[test]
fn a_log_that_was_copied_and_truncated_and_is_longer_than_before_at_the_next_look_loses_nothing() {
    let (host, watcher) = Host::watched();
    host.unseen(|| {
        host.write(line(2));
        std::fs::copy(&host.log, host.rotated(".1")).expect("a copy");
        truncate(&host.log);
        for number in 3..=9 {
            host.write(line(number));
        }
    });
    told_up_to(&watcher, 9);
    // Without a copy there is nothing to go on in; what is new is told all the same.
    host.unseen(|| truncate(&host.log));
    host.write(line(11));
    watcher.sees(11);
    assert_eq!(
        watcher.stderr().matches("was truncated").count(),
        2,
        "{}",
        watcher.stderr()
    );
}

fn truncate(path: &Path) {
    let file = File::options().write(true).open(path).expect("the log");
    file.set_len(0).expect("it is truncated");
}
