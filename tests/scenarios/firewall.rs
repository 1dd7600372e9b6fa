//! Real iptables in a network namespace of its own: after a change each jail still has its ban action, a new ban makes
//! its rule, an unban takes it away, and a change that fails leaves the rules as they were.

use std::process::{Command, Output};

use serde_json::json;

use super::ONBOARD;
use super::left_out::{is_root_for, left_out};
use super::support::snapshot::assert_put_back;
use super::support::{Lab, PROGRAM, Run, eventually, texts};

/// A lab whose sshd and fail2ban live in a network namespace, with iptables instead of the harmless action.
pub(super) struct Fenced {
    pub(super) lab: Lab,
    namespace: String,
}

impl Fenced {
    /// `None` (said as left out) where one may not make a namespace or iptables is missing.
    #[track_caller]
    pub(super) fn start() -> Option<Self> {
        if !is_root_for("a network namespace") {
            return None;
        }
        let lab = Lab::folder_only();
        let namespace = lab
            .folder()
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let made = Command::new("ip").args(["netns", "add", &namespace]).output();
        if !made.as_ref().is_ok_and(|made| made.status.success()) {
            left_out(&format!("not even root may make a network namespace here: {made:?}"));
            return None;
        }
        let fenced = Self { lab, namespace };
        assert!(fenced.inside("ip", &["link", "set", "lo", "up"]).status.success());
        if !fenced.inside("iptables", &["-S"]).status.success() {
            left_out("iptables does not work here");
            return None;
        }
        assert_eq!(fenced.run(&["lab", "up"]).code, 0, "the lab starts");
        fenced.lab.client(&["unban", "--all"]);
        for (from, to) in [
            ("banaction = lab-record", "banaction = iptables-multiport"),
            (
                "banaction_allports = lab-record",
                "banaction_allports = iptables-allports",
            ),
        ] {
            fenced.lab.edit_jail_local(from, to);
        }
        fenced.lab.forget_sip_over_udp();
        // The server is started anew by what the runbook's operator would type, inside the namespace.
        fenced.lab.client(&["stop"]);
        eventually("fail2ban has ended", || !fenced.lab.paths.fail2ban_pid().exists());
        let config = fenced.lab.paths.config_dir();
        let started = fenced.inside("fail2ban-client", &["-c", config.to_str().expect("UTF-8"), "start"]);
        assert!(started.status.success(), "{started:?}");
        Some(fenced)
    }

    pub(super) fn inside(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace, program])
            .args(arguments);
        command.output().expect("ip")
    }

    /// Runs the program in the namespace, where the lab's sshd listens on 127.0.0.1.
    fn run(&self, arguments: &[&str]) -> Run {
        let usual = self.lab.program();
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace, PROGRAM])
            .args(arguments)
            .env_clear();
        for (name, value) in usual.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        Run::of(command.stdin(std::process::Stdio::null()))
    }

    pub(super) fn on_lab(&self, arguments: &[&str]) -> Run {
        self.run(&[&["-H", "lab"], arguments].concat())
    }

    /// The rules of the kernel that concern fail2ban, sorted.
    pub(super) fn rules(&self) -> Vec<String> {
        let output = self.inside("iptables", &["-w", "-S"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut rules: Vec<String> = text
            .lines()
            .filter(|rule| rule.contains("f2b-"))
            .map(str::to_owned)
            .collect();
        rules.sort();
        rules
    }

    pub(super) fn shuts_out(&self, jail: &str, ip: &str) -> bool {
        let begin = format!("-A f2b-{jail} -s {ip}/32");
        self.rules().iter().any(|rule| rule.starts_with(&begin))
    }

    pub(super) fn ban(&self, jail: &str, ip: &str) {
        self.lab.ban(jail, ip);
        eventually("the rule is there", || self.shuts_out(jail, ip));
    }
}

impl Drop for Fenced {
    fn drop(&mut self) {
        let down = self.run(&["lab", "down"]);
        if down.code != 0 {
            eprintln!("lab down: {down:?}");
        }
        let _ = Command::new("ip").args(["netns", "delete", &self.namespace]).status();
    }
}

#[test]
fn every_jail_keeps_its_action_and_a_new_ban_makes_its_rule() {
    let Some(host) = Fenced::start() else { return };
    host.ban("asterisk-auth", "192.0.2.10");
    host.ban("sshd", "198.51.100.7");
    let status = host.on_lab(&["status", "--json"]);
    status.expect(0);
    for jail in status.json()["jails"].as_array().expect("jails") {
        let name = jail["name"].as_str().expect("a name");
        // A ban over TCP does not keep a scanner off an Asterisk that answers over UDP, so that is said.
        let expected = if name == "sshd" { json!(true) } else { json!(false) };
        if name != "asterisk-scan" {
            assert_eq!(jail["enforced"], expected, "{jail}");
        }
        assert_eq!(texts(&jail["actions"]), ["iptables-multiport"]);
    }

    let run = host.on_lab(ONBOARD);
    run.expect(0);
    assert_eq!(run.json()["plan"]["restart"], json!([]));
    assert_eq!(
        run.json()["unbanned"],
        json!([{"ip": "192.0.2.10", "jails": ["asterisk-auth"]}])
    );
    assert!(!host.shuts_out("asterisk-auth", "192.0.2.10"));
    assert!(host.shuts_out("sshd", "198.51.100.7"));
    for (index, jail) in host.lab.jails().iter().enumerate() {
        assert_eq!(
            host.lab.client(&["get", jail, "actions"]).lines().last(),
            Some("iptables-multiport"),
            "{jail}"
        );
        let ip = format!("198.51.100.{}", 60 + index);
        host.ban(jail, &ip);
        let jump = format!("-j f2b-{jail}");
        assert!(
            host.rules()
                .iter()
                .any(|rule| rule.starts_with("-A INPUT") && rule.ends_with(&jump)),
            "{jail}"
        );
    }
    host.on_lab(&["unban", "198.51.100.60", "198.51.100.61", "198.51.100.7", "--yes"])
        .expect(0);
    assert!(
        !host
            .rules()
            .iter()
            .any(|rule| rule.contains("198.51.100.60") || rule.contains("198.51.100.7/"))
    );
    assert!(host.shuts_out("sshd", "198.51.100.62"));
}

#[test]
fn a_change_that_fails_leaves_the_rules_as_they_were() {
    let Some(host) = Fenced::start() else { return };
    host.ban("asterisk-auth", "192.0.2.10");
    host.ban("sshd", "198.51.100.7");
    host.lab.on_client(
        "if [ \"$3\" = reload ] && [ ! -e $here/failed ]; then touch $here/failed\n\
         client -c \"$2\" stop sshd; client -c \"$2\" unban 192.0.2.10; exit 255; fi",
    );
    let (before, rules) = (host.lab.snapshot(), host.rules());
    host.on_lab(ONBOARD).expect(6);
    assert_put_back(&before, &host.lab.snapshot());
    eventually("the rules are back", || host.rules() == rules);
}

#[test]
fn an_action_that_was_renamed_on_disk_is_drift_and_restarts_the_jails() {
    let Some(host) = Fenced::start() else { return };
    host.ban("sshd", "198.51.100.7");
    host.lab
        .edit_jail_local("banaction = iptables-multiport", "banaction = iptables-allports");
    let run = host.on_lab(ONBOARD);
    run.expect(5);
    assert!(run.error().contains("iptables-allports"), "{}", run.error());

    let run = host.on_lab(&[ONBOARD, &["--with-drift"]].concat());
    run.expect(0);
    assert_eq!(
        texts(&run.json()["plan"]["restart"]),
        ["asterisk-auth", "asterisk-scan", "sshd"]
    );
    for jail in host.lab.jails() {
        assert_eq!(
            host.lab.client(&["get", &jail, "actions"]).lines().last(),
            Some("iptables-allports"),
            "{jail}"
        );
    }
    // A plain reload would have left the jails without any action: the ban without its rule, and no new rules.
    eventually("the old ban has its rule", || host.shuts_out("sshd", "198.51.100.7"));
    host.ban("asterisk-scan", "198.51.100.9");
}

/// A process that may stand still, which is killed whatever happens.
struct Killed(String);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-9", &self.0]).status();
    }
}

#[test]
fn a_server_that_hangs_keeps_its_rules_and_that_is_reported() {
    let Some(fenced) = Fenced::start() else { return };
    fenced.ban("sshd", "198.51.100.7");
    let rules = fenced.rules();
    let pid = std::fs::read_to_string(fenced.lab.paths.fail2ban_pid()).expect("a pid");
    let killed = Killed(pid.trim().to_owned());
    fenced
        .lab
        .on_client("if [ \"$3\" = reload ]; then kill -STOP $(cat \"$2\"/../../run/fail2ban.pid); exit 255; fi");
    let run = fenced.on_lab(ONBOARD);
    run.expect(7);
    let words = ["fail2ban-server hangs", &format!("kill -9 {}", pid.trim())];
    for word in words {
        assert!(run.error().contains(word), "{word:?} is not in {:?}", run.error());
    }
    assert_eq!(fenced.rules(), rules, "banned addresses stay blocked");

    // While it hangs nothing is settled, and nothing is swept away either.
    fenced.lab.set_host("client", "\"fail2ban-client\"");
    let run = fenced.on_lab(&["backup", "--yes", "--json"]);
    run.expect(3);
    assert!(run.error().contains("fail2ban-server hangs"), "{}", run.error());
    assert_eq!(
        (fenced.rules(), fenced.lab.phases()),
        (rules.clone(), vec!["undoing".to_owned()])
    );

    drop(killed);
    fenced.on_lab(&["start", "--yes", "--json"]).expect(0);
    eventually("the rules are back", || fenced.rules() == rules);
    assert_eq!(fenced.lab.banned_in("sshd").len(), 1);
}

#[test]
fn rules_of_a_jail_that_only_the_interrupted_change_had_go_with_it() {
    let Some(fenced) = Fenced::start() else { return };
    fenced.ban("sshd", "198.51.100.7");
    let rules = fenced.rules();
    interrupt_in(&fenced, &["recidive", "enable", "--yes"], "reloaded");
    fenced.lab.ban("recidive", "198.51.100.9");
    let shut_out = || fenced.rules().iter().any(|rule| rule.contains("198.51.100.9/32"));
    eventually("the rule is there", shut_out);
    let pid = std::fs::read_to_string(fenced.lab.paths.fail2ban_pid()).expect("a pid");
    drop(Killed(pid.trim().to_owned()));
    eventually("the server is gone", || !fenced.lab.is_running());
    fenced.on_lab(&["backup", "--yes"]).expect(0);
    assert_eq!(fenced.lab.phases(), ["undone", "done"]);
    // Nobody would ever have lifted what was banned by the jail that is gone.
    eventually("the rules are as before", || fenced.rules() == rules);
}

/// A change in the namespace whose agent dies in this phase, and which nobody follows up.
fn interrupt_in(fenced: &Fenced, change: &[&str], phase: &str) {
    let once = fenced.lab.folder().join("once");
    fenced.lab.kill_agent_in(phase);
    let login = fenced.lab.folder().join("login");
    let text = std::fs::read_to_string(&login).expect("the login");
    let first = format!("[ -e {0} ] && exit 1; touch {0}\nPATH=", once.display());
    std::fs::write(&login, text.replacen("PATH=", &first, 1)).expect("the login");
    fenced.on_lab(change).expect(7);
    fenced.lab.usual_login();
    assert_eq!(fenced.lab.phases(), [phase]);
}
