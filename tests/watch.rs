//! The action log followed on a real host: real bans, real rotations, real connections that are cut.

#[path = "support/mod.rs"]
mod support;

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::{Lab, assert_same, eventually};

/// A running `watch`, whose output goes to files.
struct Watcher {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Watcher {
    fn start(lab: &Lab, host: &str, arguments: &[&str]) -> Self {
        let place = tempfile::Builder::new()
            .tempdir_in(lab.folder())
            .expect("a folder")
            .keep();
        let (out, err) = (place.join("out"), place.join("err"));
        let mut command: Command = lab.program();
        command
            .args(["-H", host, "watch"])
            .args(arguments)
            .stdout(File::create(&out).expect("a file"))
            .stderr(File::create(&err).expect("a file"));
        let child = command.spawn().expect("it starts");
        Self { child, out, err }
    }

    fn stdout(&self) -> String {
        std::fs::read_to_string(&self.out).expect("its output")
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(&self.err).expect("its talk")
    }

    /// The whole JSON lines so far.
    fn events(&self) -> Vec<Value> {
        let text = self.stdout();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }

    /// The last numbers of the addresses that a test banned, in the order in which that was told.
    fn banned(&self) -> Vec<u32> {
        let events = self.events();
        let bans = events.iter().filter(|event| event["event"] == "ban");
        let last = |event: &Value| event["ip"].as_str()?.rsplit('.').next()?.parse().ok();
        // The lab itself bans an address when it starts.
        bans.filter_map(last).filter(|number| *number != 10).collect()
    }

    fn sees(&self, number: u32) {
        eventually(&format!("the ban of {number} is told\n{}", self.stderr()), || {
            self.banned().contains(&number)
        });
    }

    fn interrupt(mut self) -> i32 {
        signal(&self.child, Signal::INT);
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process")).expect("a process");
    kill_process(pid, signal).expect("it takes signals");
}

/// A ban in the documentation range, by the real server.
fn ban(lab: &Lab, number: u32) {
    lab.client(&["set", "asterisk-scan", "banip", &format!("192.0.2.{number}")]);
    let log = lab.paths.action_log();
    let told = format!("Ban 192.0.2.{number}\n");
    // A test that goes on to move the log needs the line to lie in it.
    eventually("the ban is logged", || {
        let folder = log.parent().expect("a folder");
        let files = std::fs::read_dir(folder)
            .expect("the logs")
            .map(|entry| entry.expect("an entry").path());
        files
            .into_iter()
            .any(|file| std::fs::read(file).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&told)))
    });
}

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

/// The processes that a process has begun.
fn children(parent: i32) -> Vec<i32> {
    let numbers = std::fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let pids = numbers.filter_map(|name| name.parse::<i32>().ok());
    let parent_of = |pid: i32| -> Option<i32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    pids.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// Cuts every connection to the lab's sshd; the sshd itself goes on.
fn cut_connections(lab: &Lab) {
    let sshd: i32 = std::fs::read_to_string(lab.paths.sshd_pid())
        .expect("its number")
        .trim()
        .parse()
        .expect("a number");
    for session in children(sshd) {
        let _ = kill_process(Pid::from_raw(session).expect("a process"), Signal::KILL);
    }
}

fn is_ascending_without_gap(numbers: &[u32], from: u32) {
    let expected: Vec<u32> = (from..from + u32::try_from(numbers.len()).expect("few")).collect();
    assert_eq!(numbers, expected, "each once and in order");
}

#[test]
fn events_have_their_customer_and_can_be_filtered() {
    let lab = Lab::start();
    ban(&lab, 1);
    lab.client(&["set", "asterisk-auth", "banip", "203.0.113.77"]);
    let all = Watcher::start(&lab, "lab", &["--since", "1h", "--json"]);
    let of_customer = Watcher::start(
        &lab,
        "lab",
        &["--since", "1h", "--json", "--customer", "vista seven hotels"],
    );
    let of_network = Watcher::start(
        &lab,
        "lab",
        &[
            "--since",
            "1h",
            "--json",
            "--ip",
            "192.0.2.0/28",
            "--jail",
            "asterisk-scan",
        ],
    );
    let people = Watcher::start(&lab, "lab", &["--since", "1h", "--ip", "203.0.113.77"]);
    for watcher in [&all, &of_customer] {
        watcher.sees(77);
    }
    all.sees(1);
    of_network.sees(1);
    let told = |watcher: &Watcher, key: &str| -> Vec<String> {
        let mut values: Vec<String> = watcher.events().iter().map(|event| event[key].to_string()).collect();
        values.sort();
        values.dedup();
        values
    };
    assert_eq!(told(&of_customer, "customer"), ["\"Vista Seven Hotels\""]);
    assert_eq!(told(&of_network, "jail"), ["\"asterisk-scan\""]);
    assert!(told(&of_network, "ip").iter().all(|ip| ip.starts_with("\"192.0.2.")));
    let events = all.events();
    let ban = events
        .iter()
        .find(|event| event["ip"] == "203.0.113.77" && event["event"] == "ban")
        .expect("the ban");
    for (key, value) in [
        ("command", "watch"),
        ("jail", "asterisk-auth"),
        ("customer", "Vista Seven Hotels"),
    ] {
        assert_eq!(ban[key], value, "{ban}");
    }
    assert_eq!(
        (&ban["schema"], &ban["host"]["name"]),
        (&Value::from(1), &Value::from("lab"))
    );
    assert!(
        chrono::DateTime::parse_from_rfc3339(ban["time"].as_str().expect("a time")).is_ok(),
        "{ban}"
    );
    for word in ["\"server_started\"", "\"jail_started\"", "\"found\"", "\"ignore\""] {
        assert!(
            told(&all, "event").contains(&word.to_owned()),
            "{word} in {:?}",
            told(&all, "event")
        );
    }
    eventually("the human line is there", || people.stdout().contains("203.0.113.77"));
    assert!(people.stdout().contains("Vista Seven Hotels"), "{}", people.stdout());
    // A customer who comes while it runs is named from then on.
    lab.done(&["onboard", "192.0.2.0/28", "--customer", "Late Inn", "--yes"]);
    eventually("the new customer is named", || {
        lab.client(&["set", "asterisk-scan", "banip", "192.0.2.14"]);
        lab.client(&["set", "asterisk-scan", "unbanip", "192.0.2.14"]);
        all.events()
            .iter()
            .any(|event| event["ip"] == "192.0.2.14" && event["customer"] == "Late Inn")
    });
    assert_eq!(all.interrupt(), 130);
}

#[test]
fn no_line_is_lost_or_told_twice_while_the_log_is_rotated() {
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

#[test]
fn the_host_keeps_nothing_running_for_a_watcher_that_is_gone() {
    let lab = Lab::start();
    let agents = || -> usize {
        let sshd: i32 = std::fs::read_to_string(lab.paths.sshd_pid())
            .expect("its number")
            .trim()
            .parse()
            .expect("a number");
        let mut open = children(sshd);
        let mut python = 0;
        while let Some(pid) = open.pop() {
            let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            python += usize::from(command.contains("f2bctl_agent"));
            open.extend(children(pid));
        }
        python
    };
    ban(&lab, 1);
    let mut watcher = Watcher::start(&lab, "lab", &["--since", "1h", "--json"]);
    watcher.sees(1);
    assert_eq!(agents(), 1);
    watcher.child.kill().expect("it is killed");
    eventually("its agent has ended", || agents() == 0);
    // Nobody reads: the first line that finds that out ends it, without an error.
    let mut reader = Command::new("head")
        .args(["-n", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("head");
    let pipe = reader.stdin.take().expect("a pipe");
    let mut piped = lab
        .program()
        .args(["-H", "lab", "watch", "--since", "1h"])
        .stdout(pipe)
        .spawn()
        .expect("it starts");
    reader.wait().expect("head ends");
    let mut status = None;
    let mut number = 20;
    eventually("it has ended", || {
        number += 1;
        ban(&lab, number);
        status = piped.try_wait().expect("its end");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

#[test]
fn several_hosts_are_watched_at_once_and_one_that_cannot_be_reached_does_not_stop_the_others() {
    let lab = Lab::start();
    let text = lab.configuration();
    let section = text.split_once("[hosts.lab]").expect("the host").1;
    let section = section.split("\n[").next().expect("its keys");
    let absent = "\n[hosts.absent]\naddress = \"root@127.0.0.1:1\"\n";
    std::fs::write(
        &lab.paths.configuration_file,
        format!("{text}\n[hosts.second]{section}\n{absent}"),
    )
    .expect("written");
    ban(&lab, 1);
    let watcher = Watcher::start(&lab, "lab,second,absent", &["--since", "1h", "--ip", "192.0.2.1"]);
    eventually("both tell it", || {
        let told = watcher.stdout();
        told.contains("lab: ") && told.contains("second: ")
    });
    eventually("the third is told of", || {
        watcher.stderr().contains("absent: Not watched")
    });
    assert_eq!(watcher.interrupt(), 130);
    lab.program()
        .args(["-H", "absent", "watch"])
        .output()
        .map(|output| assert_eq!(output.status.code(), Some(4)))
        .expect("it runs");
}

#[test]
fn a_jail_that_does_not_run_is_refused_instead_of_waited_for() {
    let lab = Lab::start();
    let run = lab.run(&["--json", "watch", "--jail", "nosuch"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    let error = &run.json()["error"];
    assert!(
        error["message"].as_str().is_some_and(|told| told.contains("nosuch")),
        "{error}"
    );
    assert!(
        error["hints"][0]
            .as_str()
            .is_some_and(|told| told.contains("asterisk-auth")),
        "{error}"
    );
}
