//! The action log followed over rotation, as the real server and logrotate do it, and over a connection that is cut.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Pid, Signal, kill_process};

use super::support::{Lab, assert_same};
use super::{Watcher, ban, children};

/// The log's rotated generation of this ending.
fn rotated(lab: &Lab, ending: &str) -> PathBuf {
    let mut path = lab.paths.action_log().into_os_string();
    path.push(ending);
    PathBuf::from(path)
}

/// logrotate with `create`: the log is renamed, an empty one is made; the server writes on to the old one until told.
fn rename_and_create(lab: &Lab) {
    std::fs::rename(lab.paths.action_log(), rotated(lab, ".1")).expect("it is renamed");
    File::create(lab.paths.action_log()).expect("a new one");
}

fn pack(lab: &Lab, from: &str, to: &str) {
    let text = std::fs::read(rotated(lab, from)).expect("the generation");
    let mut packer = GzEncoder::new(File::create(rotated(lab, to)).expect("a file"), Compression::default());
    packer.write_all(&text).expect("it is packed");
    packer.finish().expect("it is packed");
    std::fs::remove_file(rotated(lab, from)).expect("the generation goes");
}

/// Cuts every connection to the lab's sshd; the sshd itself goes on. Where it does not run as root, a connection has a
/// second process below the first one, and it is the second one that holds the socket.
fn cut_connections(lab: &Lab) {
    let sshd: i32 = std::fs::read_to_string(lab.paths.sshd_pid())
        .expect("its number")
        .trim()
        .parse()
        .expect("a number");
    let mut open = children(sshd);
    while let Some(process) = open.pop() {
        // `sshd`, or `sshd-session` of newer versions; what they run for the login ends when its pipes do.
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        if name.starts_with("sshd") {
            open.extend(children(process));
            let _ = kill_process(Pid::from_raw(process).expect("a process"), Signal::KILL);
        }
    }
}

fn is_ascending_without_gap(numbers: &[u32], from: u32) {
    let expected: Vec<u32> = (from..from + u32::try_from(numbers.len()).expect("few")).collect();
    assert_eq!(numbers, expected, "each once and in order");
}

#[test]
fn no_line_is_lost_or_shown_twice_while_the_log_is_rotated() {
    let lab = Lab::start();
    ban(&lab, 1);
    let watcher = Watcher::start(&lab, "lab", &["--since", "1h", "--json"]);
    watcher.sees(1);
    rename_and_create(&lab);
    ban(&lab, 2); // still goes to the renamed file
    watcher.sees(2);
    lab.client(&["flushlogs"]);
    ban(&lab, 3);
    watcher.sees(3);
    // Twice in the time of one look, or nearly so.
    for number in [4, 5] {
        for (from, to) in [(".2", ".3"), (".1", ".2")] {
            if rotated(&lab, from).exists() {
                std::fs::rename(rotated(&lab, from), rotated(&lab, to)).expect("the older one moves on");
            }
        }
        std::fs::rename(lab.paths.action_log(), rotated(&lab, ".1")).expect("it is renamed");
        lab.client(&["flushlogs"]);
        ban(&lab, number);
    }
    watcher.sees(5);
    // copytruncate: the copy has what was written since the last look.
    ban(&lab, 6);
    for (from, to) in [(".3", ".4"), (".2", ".3"), (".1", ".2")] {
        std::fs::rename(rotated(&lab, from), rotated(&lab, to)).expect("the older one moves on");
    }
    std::fs::copy(lab.paths.action_log(), rotated(&lab, ".1")).expect("a copy");
    let log = File::options()
        .write(true)
        .open(lab.paths.action_log())
        .expect("the log");
    log.set_len(0).expect("it is truncated");
    ban(&lab, 7);
    watcher.sees(7);
    is_ascending_without_gap(&watcher.banned(), 1);
    assert_eq!(watcher.banned().len(), 7);
}

#[test]
fn the_past_is_read_from_rotated_and_packed_files() {
    let lab = Lab::start();
    let line = |day: u32, number: u32| {
        format!(
            "2026-01-{day:02} 08:00:{number:02},000 fail2ban.actions        [7]: NOTICE  [asterisk-scan] Ban 192.0.2.{number}\n"
        )
    };
    std::fs::write(rotated(&lab, ".3"), line(1, 1) + &line(1, 2)).expect("a generation");
    pack(&lab, ".3", ".3.gz");
    std::fs::write(rotated(&lab, ".2"), line(2, 3) + &line(2, 4)).expect("a generation");
    pack(&lab, ".2", ".2.gz");
    std::fs::write(rotated(&lab, ".1"), line(3, 5) + "a line that goes on\n" + &line(3, 6)).expect("a generation");
    ban(&lab, 7);
    // What only looks like a generation is passed over, and not waited for.
    std::fs::create_dir(rotated(&lab, ".4")).expect("a folder");
    rustix::fs::mkfifoat(rustix::fs::CWD, rotated(&lab, ".5"), 0o600.into()).expect("a pipe");
    let before = lab.snapshot();
    let all = Watcher::start(
        &lab,
        "lab",
        &["--since", "2026-01-01", "--json", "--ip", "192.0.2.0/28"],
    );
    let some = Watcher::start(
        &lab,
        "lab",
        &["--since", "2026-01-02 08:00:04", "--json", "--ip", "192.0.2.0/28"],
    );
    let late = Watcher::start(&lab, "lab", &["--since", "1h", "--json", "--ip", "192.0.2.0/28"]);
    for (watcher, from) in [(&all, 1), (&some, 4), (&late, 7)] {
        watcher.sees(7);
        let told = watcher.banned();
        is_ascending_without_gap(&told, from);
        assert_eq!(told.last(), Some(&7));
    }
    assert_same(&before, &lab.snapshot());
}

#[test]
fn a_connection_that_is_cut_is_taken_up_where_it_was_left_even_over_a_rotation() {
    let lab = Lab::start();
    ban(&lab, 1);
    let watcher = Watcher::start(&lab, "lab", &["--since", "1h", "--json"]);
    watcher.sees(1);
    cut_connections(&lab);
    ban(&lab, 2);
    rename_and_create(&lab);
    lab.client(&["flushlogs"]);
    ban(&lab, 3);
    pack(&lab, ".1", ".1.gz");
    watcher.sees(3);
    ban(&lab, 4);
    watcher.sees(4);
    assert!(
        watcher.stderr().contains("The connection was lost"),
        "{}",
        watcher.stderr()
    );
    assert!(watcher.stderr().contains("Connected again"), "{}", watcher.stderr());
    // And where the log was copied and truncated meanwhile.
    cut_connections(&lab);
    ban(&lab, 5);
    std::fs::copy(lab.paths.action_log(), rotated(&lab, ".1")).expect("a copy");
    std::fs::rename(rotated(&lab, ".1.gz"), rotated(&lab, ".2.gz")).expect("the older one moves on");
    let log = File::options()
        .write(true)
        .open(lab.paths.action_log())
        .expect("the log");
    log.set_len(0).expect("it is truncated");
    ban(&lab, 6);
    watcher.sees(6);
    is_ascending_without_gap(&watcher.banned(), 1);
    assert_eq!(watcher.interrupt(), 130);
}
