//! The program itself against a real sshd whose agent lies: what reaches the terminal, what it costs, how it ends.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use f2bctl::model::comment_text::is_hidden;
use serde_json::{Value, json};

use super::sshd::{Sshd, own_login};
use crate::documents;

/// Everything that steers a terminal: colours, clearing, a title, an 8-bit sequence, a carriage return, a direction mark.
pub const NASTY: &str = "x\u{1b}[31m\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}5m\r\n\u{8}\u{7f}\u{202e}y\u{0}";
/// What would begin a line of f2bctl's own, by every sort of line end.
const FORGED: &str = "FORGED== pbx2 ==\nFORGED\r\nFORGED\u{2028}FORGED\u{2029}FORGED\u{85}FORGED\u{b}FORGED\u{200b}\n\u{202e}FORGED\n\nFORGED";
/// The program's own colours.
const OWN: [&str; 6] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
];

struct Bench {
    sshd: Sshd,
}

impl Bench {
    fn new(lie: &Value) -> Self {
        let sshd = Sshd::start_with("ForceCommand exec python3 @FOLDER@/liar.py\nBanner @FOLDER@/banner");
        sshd.trust();
        // Written by what it gives; the flags below name the files.
        let _ = sshd.options();
        std::fs::write(sshd.path("liar.py"), include_str!("liar.py")).expect("a file");
        std::fs::write(sshd.path("banner"), format!("{NASTY}\n")).expect("a file");
        let bench = Self { sshd };
        bench.lies(lie);
        bench
    }

    fn lies(&self, lie: &Value) {
        std::fs::write(self.sshd.path("lie.json"), lie.to_string()).expect("a file");
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_f2bctl"));
        let path = |name: &str| self.sshd.path(name);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", path("home"))
            .env("USER", "ravi")
            .env("XDG_CONFIG_HOME", path("config"))
            .env("XDG_STATE_HOME", path("state"))
            .arg("-H")
            .arg(format!("{}@127.0.0.1:{}", own_login(), self.sshd.port))
            .args(["-i".as_ref(), path("client").as_os_str()])
            .args(["--known-hosts".as_ref(), path("known_hosts").as_os_str()])
            .args(["-F".as_ref(), path("ssh_config").as_os_str()])
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.program(arguments).output().expect("the program runs")
    }
}

/// What may not be in an output, if anything is.
fn steering(bytes: &[u8]) -> Option<String> {
    let mut text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    for own in OWN {
        text = text.replace(own, "");
    }
    let found = text.chars().find(|shown| *shown != '\n' && is_hidden(*shown))?;
    Some(format!("{found:?} in {text:?}"))
}

fn snapshot() -> Value {
    snapshot_of(NASTY)
}

/// A snapshot in which each text is this one.
fn snapshot_of(nasty: &str) -> Value {
    json!({
        "clock": {"now": 1e300, "zone": nasty, "offset": i32::MIN},
        "operator": {"user": nasty, "uid": 0, "sudo_user": nasty, "address": nasty, "hostname": nasty, "python": nasty},
        "exposed": [{"path": nasty, "reason": nasty}],
        "files": {"value": {nasty: nasty}},
        "jail_local": {"value": {"path": nasty, "exists": true, "link": nasty, "sha256": nasty, "mode": u32::MAX,
            "content": base64(format!("[DEFAULT]\n# 192.0.2.0/24 | {nasty} | n\nignoreip = 192.0.2.0/24 {nasty}\n").as_bytes())}},
        "server": {"value": {"running": true, "reason": nasty, "socket": nasty, "version": nasty, "digest": nasty,
            "settings": {nasty: nasty}, "jails": {nasty: {
                "values": {"maxretry": i64::MIN, "findtime": i64::MAX, "bantime": -1, "ignoreip": [nasty], "logpath": [nasty]},
                "actions": {nasty: {nasty: nasty}},
                "bans": [{"ip": nasty, "since": i64::MIN, "until": i64::MAX}, {"ip": "192.0.2.1", "since": i64::MAX, "until": null}],
                "counters": {"currently_failed": u64::MAX, "total_failed": 0, "currently_banned": 0, "total_banned": 0},
                "unknown": {nasty: nasty}}}}},
        "firewall": {"value": {"chains": {nasty: {"addresses": [nasty], "entries": []}}, "unknown": {nasty: nasty}}},
        "backups": {"value": [{"path": format!("/etc/{nasty}"), "size": u64::MAX, "modified": -1e300, "mode": 0}]},
        "changes": {"value": [{"id": nasty, "phase": nasty, "began": 1e300, "operator": nasty, "command": nasty, "files": [nasty]}]},
        "lock": {"value": null},
    })
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const COMMANDS: [&[&str]; 11] = [
    &["status"],
    &[
        "-v",
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--allow-special",
        "--yes",
    ],
    &[
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--allow-special",
        "--dry-run",
    ],
    &["offboard", "192.0.2.0/24", "--yes"],
    &["unban", "192.0.2.1", "--yes"],
    &["whitelist", "list"],
    &["whitelist", "check", "192.0.2.1"],
    &["backups", "list"],
    &["backups", "show", "x"],
    &["history"],
    &["audit", "verify"],
];

/// Each sort of answer that a host can give, with this text wherever a text can be.
fn lies_of(text: &str) -> Vec<Value> {
    let record = json!({"kind": "attempt", "operator": text, "hash": text, "sequence": 1, "command": text, "time": text,
        "outcome": "changed", "summary": text, "reason": text, "ticket": text, "failure": text, "change_id": text});
    let trail = format!("{record}\n{text}\n");
    let answers = |more: Value| {
        let mut answers = json!({
            "observe": {"ok": snapshot_of(text)}, "lock": {"ok": {}},
            "read": {"ok": {"files": [{"path": text, "exists": true, "content": base64(text.as_bytes())}]}},
            "audit": {"ok": {"path": text, "exists": true, "text": trail}},
            "recover": {"ok": {"outcome": text, "not_restored": [text]}},
            "replay": {"ok": {"counted": {text: {"value": [[1, text]]}}}},
            "regex": {"ok": {"kind": text, "name": text, "source": text, "encoding": text, "datepattern": text,
                "failregex": [{"number": 1, "regex": text, "count": 1}], "addresses": [{"address": text, "count": 1, "regexes": [1]}],
                "missed_shapes": [{"shape": text, "count": 1, "sample": text}], "ignoreregex": [], "truncated": false,
                "lines": 2, "matched": 1, "ignored": 0, "missed": 1, "address_count": 1, "shape_count": 1}},
        });
        for (verb, answer) in more.as_object().into_iter().flatten() {
            answers[verb] = answer.clone();
        }
        answers
    };
    let events = json!([{"step": "waiting", "text": text}, {"step": text, "text": text}]);
    let rehearsal = json!({"test": {"status": 1, "output": text}, "dump": {"status": 0, "notes": [text]},
        "failed": {"command": ["set", text, text], "error": text}, "jails": {}, "settings": {}});
    let failure = |kind: &str| json!({"error": {"kind": kind, "message": text}});
    let mut lies = vec![
        json!({"before": text, "events": events, "answers": answers(json!({"rehearse": {"ok": rehearsal}}))}),
        json!({"answers": {"observe": {"ok": {text: text}}, "lock": {"ok": {}}}}),
        json!({"answers": {}, "exit": 1, "stderr": 1, "noise": text}),
        json!({"answers": {}, "exit": 1, "stderr": 1, "noise": format!("sudo: {text}")}),
    ];
    for kind in [
        "locked",
        "precondition",
        "permission",
        "missing",
        "io",
        "conflict",
        text,
    ] {
        let mut refused = answers(json!({"rehearse": failure(kind), "read": failure(kind), "audit": failure(kind)}));
        lies.push(json!({"answers": refused.clone(), "events": events}));
        refused["observe"] = failure(kind);
        refused["lock"] = failure(kind);
        lies.push(json!({"answers": refused}));
    }
    lies
}

/// Every report, and the changes by their dry runs: a host that lies gets no further.
const READERS: [&[&str]; 20] = [
    &["status"],
    &["doctor"],
    &["whitelist", "list"],
    &["whitelist", "check", "192.0.2.1"],
    &["whitelist", "lint"],
    &["whitelist", "export"],
    &["temp", "list"],
    &["backups", "list"],
    &["backups", "show", "x"],
    &["backups", "diff", "x"],
    &["history"],
    &["history", "--markdown"],
    &["audit", "verify"],
    &["regex", "asterisk", "--line", "x"],
    &["recidive", "status"],
    &[
        "-v",
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--allow-special",
        "--dry-run",
    ],
    &["offboard", "192.0.2.0/24", "--yes"],
    &["-v", "unban", "192.0.2.1", "--dry-run"],
    &["split", "--dry-run"],
    &["reload", "--yes"],
];

#[test]
fn no_line_begins_with_what_a_host_chose_and_no_heading_is_forged() {
    let bench = Bench::new(&json!({"answers": {}}));
    std::fs::write(bench.sshd.path("banner"), format!("{FORGED}\n")).expect("a file");
    let this = format!("{}@127.0.0.1:{}", own_login(), bench.sshd.port);
    let two = format!("{this},nobody@127.0.0.1:1");
    let headings = [format!("== {this} =="), "== nobody@127.0.0.1:1 ==".to_owned()];
    for (number, lie) in lies_of(FORGED).iter().enumerate() {
        bench.lies(lie);
        for (position, command) in READERS.iter().enumerate() {
            // Each command under the first lie, and under a quarter of the others: a login takes its time.
            if number > 0 && (number + position) % 4 > 0 {
                continue;
            }
            // A file of one host is shown as it is.
            let is_file = command.starts_with(&["backups", "show"]) || command.starts_with(&["whitelist", "export"]);
            let several = is_file || position % 2 == 0;
            let host: &[&str] = if several { &["-H", &two] } else { &[] };
            let output = bench.run(&[host, command].concat());
            assert_ne!(
                output.status.code(),
                Some(101),
                "{command:?} panicked under lie {number}"
            );
            for stream in [&output.stdout, &output.stderr] {
                assert_eq!(steering(stream), None, "{command:?} under lie {number}");
                let text = String::from_utf8_lossy(stream);
                let text = OWN.iter().fold(text.into_owned(), |text, own| text.replace(own, ""));
                for line in text.lines() {
                    // The rows of a table begin with a blank.
                    let begins = line.starts_with("FORGED") || line.starts_with('\\');
                    let is_forged = line.starts_with("== ") && !headings.iter().any(|heading| heading == line);
                    assert!(
                        !begins && !is_forged,
                        "{command:?} under lie {number}: {line:?} in\n{text}"
                    );
                }
            }
        }
    }
}

#[test]
fn nothing_of_the_host_steers_the_terminal_and_json_stays_json() {
    let trail = format!(
        "{}\n{NASTY}\n",
        json!({"operator": NASTY, "hash": NASTY, "sequence": 1})
    );
    let lies = [
        json!({"before": NASTY, "events": [{"step": "waiting", "text": NASTY}, {"step": NASTY, "text": NASTY}], "answers": {
            "observe": {"ok": snapshot()}, "lock": {"ok": {}},
            "read": {"ok": {"files": [{"path": NASTY, "exists": true, "content": base64(NASTY.as_bytes())}]}},
            "audit": {"ok": {"file": NASTY, "text": trail, "continued": false, "next": null}},
            "recover": {"ok": {"outcome": NASTY, "not_restored": [NASTY]}},
            "rehearse": {"ok": {"test": {"status": 1, "output": NASTY}, "dump": {"status": 0, "notes": [NASTY]},
                "failed": {"command": ["set", NASTY, NASTY], "error": NASTY}, "jails": {}, "settings": {}}},
        }}),
        json!({"answers": {}, "events": [{"step": "undo", "text": NASTY}]}),
        json!({"answers": {"observe": {"error": {"kind": NASTY, "message": NASTY}}, "lock": {"error": {"kind": "locked", "message": NASTY}}}}),
        json!({"answers": {"observe": {"ok": {NASTY: NASTY}}, "lock": {"ok": {}}}}),
        json!({"answers": {}, "exit": 1, "stderr": 1, "noise": NASTY}),
        json!({"answers": {}, "exit": 1, "stderr": 1, "noise": format!("sudo: {NASTY}")}),
    ];
    let bench = Bench::new(&lies[0]);
    for lie in &lies {
        bench.lies(lie);
        for command in COMMANDS {
            let human = bench.run(&[&["--color", "always"], command].concat());
            let code = human.status.code().expect("it ends by itself");
            assert_ne!(
                code,
                101,
                "{command:?} panicked: {}",
                String::from_utf8_lossy(&human.stderr)
            );
            for stream in [&human.stdout, &human.stderr] {
                assert_eq!(steering(stream), None, "{command:?} under {lie}");
            }
            let machine = bench.run(&[&["--json"], command].concat());
            for stream in [&machine.stdout, &machine.stderr] {
                assert_eq!(steering(stream), None, "{command:?} --json");
            }
            documents::read(&String::from_utf8_lossy(&machine.stdout));
        }
    }
}

#[test]
fn a_change_that_the_host_only_claims_is_not_reported_as_done() {
    let jail_local = "[DEFAULT]\nignoreip = 127.0.0.1/8 ::1\n";
    let jail =
        |ignoreip: Value| json!({"values": {"maxretry": 3, "findtime": 600, "bantime": 60, "ignoreip": ignoreip}});
    let observed = json!({
        "clock": {"now": 1.0, "zone": "UTC", "offset": 0},
        "operator": {"user": "root", "uid": 0, "hostname": "h", "python": "3"},
        "files": {"value": {"jail.local": "x"}},
        "jail_local": {"value": {"path": "/etc/fail2ban/jail.local", "exists": true, "content": base64(jail_local.as_bytes())}},
        "server": {"value": {"running": true, "socket": "s", "version": "1.1.0", "digest": "d",
            "jails": {"asterisk-auth": jail(json!(["127.0.0.0/8", "::1"]))}}},
        "changes": {"value": []}, "lock": {"value": null},
    });
    let rehearsal = json!({"test": {"status": 0, "output": ""}, "dump": {"status": 0, "notes": []}, "failed": null,
        "jails": {"asterisk-auth": jail(json!(["127.0.0.0/8", "203.0.113.0/28", "::1"]))}, "settings": {}});
    let lie = |result: Value| json!({"answers": {"observe": {"ok": observed}, "lock": {"ok": {}}, "rehearse": {"ok": rehearsal}, "apply": {"ok": result}}});
    let row = json!({"jail": "asterisk-auth", "ok": true, "maxretry": 3, "findtime": 600, "bantime": 60,
        "ignoreip": ["127.0.0.0/8", "203.0.113.0/28", "::1"]});
    let bench = Bench::new(&json!({"answers": {}}));
    let onboard = [
        "--json",
        "onboard",
        "203.0.113.0/28",
        "--customer",
        "X",
        "--allow-special",
        "--yes",
    ];
    let outcome = |result: Value| -> (Option<i32>, Value) {
        bench.lies(&lie(result));
        let output = bench.run(&onboard);
        let document = documents::read(&String::from_utf8_lossy(&output.stdout));
        (output.status.code(), document["outcome"].clone())
    };
    let honest = outcome(json!({"outcome": "changed", "proof": [row]}));
    assert_eq!(
        honest,
        (Some(0), json!("changed")),
        "the lies below fail for their own reason"
    );
    for result in [
        json!({"outcome": "changed", "change_id": "0199-of-another", "proof": [row]}),
        json!({"outcome": "changed"}),
        json!({"outcome": "CHANGED", "proof": [row]}),
        json!({}),
        json!([]),
        json!(null),
    ] {
        assert_eq!(outcome(result.clone()), (Some(7), json!("unknown")), "{result}");
    }
    // An answer that is none, in the middle of a change.
    let name = format!("{}@127.0.0.1:{}", own_login(), bench.sshd.port);
    for answer in [
        json!({}),
        json!({"error": 5}),
        json!({"error": {"kind": "gibberish", "message": "no"}}),
        json!({"error": {"kind": "fault", "message": "no"}}),
    ] {
        let mut lie = lie(json!({}));
        lie["answers"]["apply"] = answer.clone();
        bench.lies(&lie);
        let output = bench.run(&onboard);
        let document = documents::read(&String::from_utf8_lossy(&output.stdout));
        assert_eq!(
            (output.status.code(), &document["outcome"]),
            (Some(7), &json!("unknown")),
            "{answer}: {document}"
        );
        let message = document["error"]["message"].as_str().expect("a message");
        assert!(
            message.contains(&name) && !message.contains("nothing was changed"),
            "{message}"
        );
    }
}

#[test]
fn a_host_that_answers_nonsense_is_not_reached_and_is_named() {
    let bench = Bench::new(&json!({"answers": {}}));
    let name = format!("{}@127.0.0.1:{}", own_login(), bench.sshd.port);
    let lies = [
        json!({"answers": {"observe": {"ok": {"clock": "noon"}}, "lock": {"ok": {}}}}),
        json!({"answers": {"observe": {"ok": []}, "lock": {"ok": {}}}}),
        json!({"answers": {"observe": {"error": {"kind": "gibberish", "message": "no"}}, "lock": {"ok": {}}}}),
        json!({"answers": {"observe": {"error": "no"}, "lock": {"ok": {}}}}),
        json!({"answers": {"observe": {}, "lock": {"ok": {}}}}),
        json!({"answers": {}, "raw": "Welcome to the machine\n"}),
        json!({"answers": {}, "raw": "99999999999\nx"}),
        json!({"flood": {"step": "x", "text": "e".repeat(8_000_000)}}),
        json!({"bomb": 70}),
    ];
    for lie in &lies {
        bench.lies(lie);
        // What is large is read once.
        let commands = [&["status"][..], &["unban", "192.0.2.1", "--yes"], &["doctor"]];
        let count = if lie.get("answers").is_some() {
            commands.len()
        } else {
            1
        };
        for command in commands.into_iter().take(count) {
            let output = bench.run(&[&["--json"], command].concat());
            let document = documents::read(&String::from_utf8_lossy(&output.stdout));
            let message = document["error"]["message"].as_str().expect("a message");
            let begin = lie.to_string().chars().take(100).collect::<String>();
            assert_eq!(output.status.code(), Some(4), "{command:?} under {begin}: {document}");
            assert!(
                message.contains(&name) && message.ends_with("nothing was changed"),
                "{message}"
            );
        }
    }
    let peak = peak_of(&bench, &["status"]);
    assert!(peak < 250 << 10, "{peak} KiB");
}

/// The most memory that a run to its end had, in KiB.
fn peak_of(bench: &Bench, arguments: &[&str]) -> u64 {
    let program = bench.program(arguments);
    let words: Vec<_> = std::iter::once(program.get_program())
        .chain(program.get_args())
        .collect();
    let script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); \
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut measured = Command::new("python3");
    measured.args(["-I", "-c", script]).args(words).env_clear();
    measured.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = measured.stdin(Stdio::null()).output().expect("python3");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a number")
}

/// The most memory that a process ever had, in KiB.
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(child.id().to_string()).join("status"));
    let status = status.expect("it runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a figure");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

#[test]
fn a_flood_of_events_fills_no_memory_and_can_be_interrupted() {
    // Slower than the bound of an answer, and without an end.
    let bench = Bench::new(&json!({"answers": {}, "flood": {"step": "x", "text": "e".repeat(100_000)}, "pause": 0.02}));
    let mut child = bench
        .program(&["status"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    std::thread::sleep(Duration::from_secs(4));
    let peak = peak(&child);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("a signal");
    let began = Instant::now();
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(130));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(peak < 150 << 10, "{peak} KiB");
}

#[test]
fn a_flood_on_stderr_is_kept_to_its_end() {
    let bench = Bench::new(&json!({"answers": {}, "exit": 3, "stderr": 200, "noise": "n".repeat(1000)}));
    let began = Instant::now();
    let output = bench.run(&["status"]);
    assert_eq!(
        output.status.code(),
        Some(4),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stderr.len() < 40 << 10, "{} bytes", output.stderr.len());
    assert!(began.elapsed() < Duration::from_secs(120));
}
