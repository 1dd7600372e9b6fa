//! The action log followed on a real host: real bans, real rotations, real connections that are cut.

mod lines;
mod rotation;

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::documents;
use crate::support::{self, Lab, eventually};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

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
        whole.lines().map(documents::read).collect()
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
    a_customer_that_comes_near_a_ban_is_an_event(&lab);
}

/// An entry that a jail has lost is drift; the customer's storm in it is counted as fail2ban counts, and handed on.
fn a_customer_that_comes_near_a_ban_is_an_event(lab: &Lab) {
    let handed = lab.folder().join("handed");
    let program = lab.folder().join("to-chat");
    std::fs::write(&program, format!("#!/bin/sh\ncat >> {}\n", handed.display())).expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    lab.client(&["set", "asterisk-scan", "delignoreip", "203.0.113.0/24"]);
    let exec = program.display().to_string();
    let counts = Watcher::start(lab, "lab", &["--customers", "--json", "--exec", &exec]);
    eventually("it says what the counts stand on", || {
        counts.stderr().contains("Counted as this host's fail2ban counts")
    });
    let mut log = File::options()
        .append(true)
        .open(lab.paths.asterisk_log())
        .expect("the log");
    let lines: String = (0..33).map(|number| unknown_endpoint("203.0.113.9", number)).collect();
    log.write_all(lines.as_bytes()).expect("written");
    let last = |counts: &Watcher| {
        let found = counts.events().into_iter().rfind(|event| event["event"] == "found");
        found.map_or(0, |found| found["headroom"]["count"].as_i64().expect("a count"))
    };
    eventually("all failures are counted", || last(&counts) == 33);
    let near: Vec<Value> = counts
        .events()
        .into_iter()
        .filter(|event| event["event"] == "near_ban")
        .collect();
    assert_eq!(near.len(), 1, "{near:?}");
    assert_eq!(
        (
            &near[0]["customer"],
            &near[0]["jail"],
            &near[0]["headroom"]["count"],
            &near[0]["headroom"]["maxretry"]
        ),
        (
            &"Vista Seven Hotels".into(),
            &"asterisk-scan".into(),
            &30.into(),
            &50.into()
        )
    );
    let words = |event: &str| {
        let text = std::fs::read_to_string(&handed).unwrap_or_default();
        text.lines().any(|line| documents::read(line)["event"] == event)
    };
    eventually("both were handed on", || words("near_ban") && words("drift"));
    assert_eq!(counts.interrupt(), 130);
}

/// What Asterisk writes of a request of an unknown account.
fn unknown_endpoint(address: &str, number: u32) -> String {
    let time = chrono::Local::now().format("%Y-%m-%d %H:%M:%S");
    format!(
        "[{time}] NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:{number}@192.0.2.71>' failed for \
         '{address}:5060' (callid: {number}@{address}) - No matching endpoint found\n"
    )
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
