//! The rehearsal host with real processes: sshd, ssh, fail2ban-server, fail2ban-client.

mod bench;

use std::path::{Path, PathBuf};
use std::process::Command;

use f2bctl::document::LabState;
use f2bctl::lab::{self, CopiedConfiguration, CopiedFile, LabError, LabEvent, LabHost, Service, UpOptions};
use f2bctl::settings::{Environment, Settings};

use bench::*;

#[test]
fn a_lab_is_what_the_runbook_describes() {
    let bench = Bench::new();
    let (host, events) = bench.up();
    assert!(!host.already_running);
    prove(&bench, &host);
    assert!(events.contains(&LabEvent::Banned {
        address: "192.0.2.10".parse().unwrap(),
        jails: vec!["asterisk-auth".into(), "asterisk-scan".into()]
    }));
    // Both outlive the program and the terminal that started them.
    let status = lab::status(&bench.paths).unwrap();
    for pid in [status.sshd.pid.unwrap(), status.fail2ban.pid.unwrap()] {
        assert_ne!(session_of(&pid.to_string()), session_of("self"));
    }
    // The storm of the whitelisted customer is not counted; scanner and guesser are, each request once.
    eventually("scan counted", || failures(&bench, "asterisk-scan") == 18);
    eventually("auth counted", || failures(&bench, "asterisk-auth") == 2);
    eventually("sshd counted", || failures(&bench, "sshd") == 2);
    assert_eq!(bench.fail2ban_regex("asterisk-auth.local"), "Failregex: 2 total");
    assert_eq!(bench.fail2ban_regex("asterisk-scan.local"), "Failregex: 45 total");
    // It is the configured host, and everything of it is private.
    let settings = Settings::load(
        Some(&bench.paths.configuration_file),
        &Environment::below(bench.folder.path()),
    )
    .unwrap();
    assert_eq!(settings.select("lab").unwrap(), std::slice::from_ref(&host.settings));
    assert!(host.settings.allow_special);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&bench.paths.folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let backup = bench.paths.config_dir().join("jail.local.bak-2026-05-11-pre-split");
    assert!(std::fs::read_to_string(backup).unwrap().contains("[asterisk]"));
}

#[test]
fn the_runbooks_rollback_works_there() {
    let bench = Bench::new();
    bench.up();
    let config = bench.paths.config_dir();
    std::fs::copy(
        config.join("jail.local.bak-2026-05-11-pre-split"),
        config.join("jail.local"),
    )
    .unwrap();
    for filter in ["asterisk-auth.local", "asterisk-scan.local"] {
        std::fs::remove_file(config.join("filter.d").join(filter)).unwrap();
    }
    bench.client(&["-t"]);
    bench.client(&["reload"]);
    assert!(bench.client(&["status"]).contains("Jail list:\tasterisk, sshd"));
    assert_eq!(bench.get("asterisk", "maxretry"), "10");
    assert!(bench.get("asterisk", "actions").contains("lab-record"));
}

#[test]
fn an_unban_leaves_the_record_too() {
    let bench = Bench::new();
    bench.up();
    bench.client(&["set", "asterisk-auth", "banip", "192.0.2.11"]);
    let list = bench.paths.bans().join("asterisk-auth-udp.list");
    let text = || std::fs::read_to_string(&list).unwrap_or_default();
    eventually("both recorded", || text() == "192.0.2.10\n192.0.2.11\n");
    assert_eq!(bench.client(&["unban", "192.0.2.10"]).trim(), "2");
    eventually("one left", || text() == "192.0.2.11\n");
}

#[test]
fn up_twice_changes_nothing() {
    let bench = Bench::new();
    let (first, _) = bench.up();
    let before = lab::status(&bench.paths).unwrap();
    let text = std::fs::read(&bench.paths.configuration_file).unwrap();
    let (second, events) = bench.up();
    assert_eq!(
        events,
        [LabEvent::AlreadyRunning {
            folder: bench.paths.folder.clone()
        }]
    );
    assert!(second.already_running);
    assert_eq!(second.settings, first.settings);
    assert_eq!(lab::status(&bench.paths).unwrap(), before);
    assert_eq!(std::fs::read(&bench.paths.configuration_file).unwrap(), text);
}

#[test]
fn a_killed_process_is_reported_and_healed() {
    let bench = Bench::new();
    let (host, _) = bench.up();
    let running = lab::status(&bench.paths).unwrap();
    assert_eq!(running.state, LabState::Running);
    assert_eq!(running.jails.unwrap(), ["asterisk-auth", "asterisk-scan", "sshd"]);

    kill(running.fail2ban.pid.unwrap());
    let broken = lab::status(&bench.paths).unwrap();
    assert_eq!(
        (broken.state, broken.fail2ban.pid, broken.sshd),
        (LabState::Broken, None, running.sshd)
    );
    let (healed, events) = bench.up();
    assert!(
        events.contains(&LabEvent::Healing {
            service: Service::Fail2ban
        }),
        "{events:?}"
    );
    assert_eq!(healed.settings, host.settings);
    prove(&bench, &healed);

    // After a reboot both are gone, and another process may have the number.
    let running = lab::status(&bench.paths).unwrap();
    kill(running.fail2ban.pid.unwrap());
    kill(running.sshd.pid.unwrap());
    let own = std::process::id();
    std::fs::write(bench.paths.fail2ban_pid(), own.to_string()).unwrap();
    std::fs::write(bench.paths.sshd_pid(), own.to_string()).unwrap();
    assert_eq!(lab::status(&bench.paths).unwrap().state, LabState::Stopped);
    let (healed, _) = bench.up();
    assert_eq!(healed.settings, host.settings);
    prove(&bench, &healed);
    assert_eq!(lab::status(&bench.paths).unwrap().state, LabState::Running);
}

#[test]
fn a_port_that_another_took_is_given_up() {
    let bench = Bench::new();
    let (host, _) = bench.up();
    kill(lab::status(&bench.paths).unwrap().sshd.pid.unwrap());
    let port: u16 = host.settings.address.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut taken = None;
    eventually("taken", || {
        taken = std::net::TcpListener::bind(("127.0.0.1", port)).ok();
        taken.is_some()
    });
    assert_eq!(lab::status(&bench.paths).unwrap().state, LabState::Broken);
    let (healed, events) = bench.up();
    assert_ne!(healed.settings.address, host.settings.address);
    assert!(events.contains(&LabEvent::HostWritten {
        file: bench.paths.configuration_file.clone()
    }));
    prove(&bench, &healed);
}

#[test]
fn down_leaves_nothing() {
    let bench = Bench::new();
    let file = bench.paths.configuration_file.clone();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "# mine\n[hosts.web]\naddress = \"web\"\n").unwrap();
    let (host, _) = bench.up();
    let status = lab::status(&bench.paths).unwrap();
    let pids = [status.sshd.pid.unwrap(), status.fail2ban.pid.unwrap()];
    // A session that is still open is no reason to stay.
    let mut session = {
        let (user, rest) = host.settings.address.split_once('@').unwrap();
        Command::new("ssh")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
            .arg(format!(
                "UserKnownHostsFile={}",
                host.settings.known_hosts.as_ref().unwrap().display()
            ))
            .arg("-i")
            .arg(host.settings.identity.as_ref().unwrap())
            .args([
                "-p",
                rest.rsplit_once(':').unwrap().1,
                "-l",
                user,
                "127.0.0.1",
                "cat -u",
            ])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    eventually("logged in", || said(&ssh(&host, "ps -eo args")).contains("cat -u"));
    let events = bench.down();
    assert!(pids.iter().all(|pid| !alive(*pid)));
    assert!(!session.wait().unwrap().success());
    assert!(!bench.paths.folder.exists());
    assert!(!bench.paths.sockets.exists());
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "# mine\n[hosts.web]\naddress = \"web\"\n"
    );
    let folder = bench.paths.folder.clone();
    assert_eq!(
        events,
        [
            LabEvent::Stopped {
                service: Service::Fail2ban
            },
            LabEvent::Stopped { service: Service::Sshd },
            LabEvent::FolderRemoved { folder: folder.clone() },
            LabEvent::HostRemoved { file },
        ]
    );
    assert_eq!(bench.down(), [LabEvent::NothingThere { folder }]);
    assert_eq!(lab::status(&bench.paths).unwrap().state, LabState::Absent);
}

#[test]
fn a_long_home_gets_short_sockets() {
    let bench = Bench::below(tempfile::tempdir().unwrap(), &"long".repeat(25));
    let (host, _) = bench.up();
    assert!(!bench.paths.sockets.starts_with(&bench.paths.folder));
    prove(&bench, &host);
    // A cleaner of /tmp may take the sockets away from under a server that runs.
    let cut_off = lab::status(&bench.paths).unwrap().fail2ban.pid.unwrap();
    std::fs::remove_dir_all(&bench.paths.sockets).unwrap();
    assert_eq!(lab::status(&bench.paths).unwrap().state, LabState::Broken);
    let (healed, _) = bench.up();
    assert!(!alive(cut_off));
    prove(&bench, &healed);
    bench.down();
    assert!(!bench.paths.sockets.exists());
}

#[test]
fn a_strangers_folder_is_left_alone() {
    let bench = Bench::new();
    std::fs::create_dir_all(&bench.paths.folder).unwrap();
    let file = bench.paths.folder.join("letters.txt");
    std::fs::write(&file, "dear").unwrap();
    let refusal = bench.up_with(&UpOptions::default()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        format!(
            "{} is not empty and was not made by `lab up`",
            bench.paths.folder.display()
        )
    );
    assert!(matches!(
        lab::down(&bench.paths, &mut |_| ()),
        Err(LabError::NotALab(_))
    ));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "dear");
}

#[test]
fn an_interrupted_up_is_made_again() {
    let bench = Bench::new();
    bench.up();
    let record = bench.paths.folder.join("lab.json");
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(text.contains("\"complete\": true"));
    std::fs::write(&record, text.replace("\"complete\": true", "\"complete\": false")).unwrap();
    let before = lab::status(&bench.paths).unwrap();
    assert_eq!(before.state, LabState::Broken);
    let (host, events) = bench.up();
    assert!(events.contains(&LabEvent::Stopped {
        service: Service::Fail2ban
    }));
    assert!(!alive(before.fail2ban.pid.unwrap()) && !alive(before.sshd.pid.unwrap()));
    prove(&bench, &host);
}

fn distribution() -> Vec<CopiedFile> {
    let root = Path::new("/etc/fail2ban");
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(root).unwrap().to_path_buf();
                files.push(CopiedFile {
                    path: below,
                    bytes: std::fs::read(&path).unwrap(),
                    mode: 0o644,
                });
            }
        }
    }
    files
}

fn copied(extra: &[(&str, &str)]) -> UpOptions {
    let mut files = distribution();
    files.extend(extra.iter().map(|(path, text)| CopiedFile {
        path: PathBuf::from(path),
        bytes: text.as_bytes().to_vec(),
        mode: 0o640,
    }));
    UpOptions {
        from: Some(CopiedConfiguration {
            source: "pbx1".into(),
            files,
        }),
        port: None,
    }
}

#[test]
fn a_copied_configuration_is_made_harmless() {
    let bench = Bench::new();
    let options = copied(&[
        (
            "jail.local",
            "[DEFAULT]\nignoreip = 127.0.0.1/8 192.0.2.128/25\nbanaction = iptables-allports\n\n\
             [asterisk]\nenabled = true\nlogpath = /var/log/asterisk/messages.log\nmaxretry = 40\n\
             action = iptables-allports[protocol=udp]\n\n[recidive]\nenabled = true\n",
        ),
        (
            "fail2ban.local",
            "[DEFAULT]\nsocket = /var/run/fail2ban/other.sock\ndbfile = /var/lib/fail2ban/x.sqlite3\n",
        ),
        ("action.d/lab-record.local", "[Definition]\nactionban = false\n"),
    ]);
    let (host, events) = bench.up_with(&options).unwrap();
    let copied = |event: &LabEvent| matches!(event, LabEvent::ConfigurationCopied { source, files } if source == "pbx1" && *files > 100);
    assert!(events.iter().any(copied), "{events:?}");
    let status = bench.client(&["status"]);
    assert!(status.contains("Jail list:\tasterisk, recidive, sshd"), "{status}");
    for jail in ["asterisk", "recidive", "sshd"] {
        assert!(bench.get(jail, "actions").ends_with("lab-record"));
        let logs = bench.get(jail, "logpath");
        assert!(logs.contains(&bench.paths.folder.display().to_string()), "{logs}");
    }
    assert_eq!(bench.get("asterisk", "maxretry"), "40");
    assert!(bench.get("asterisk", "ignoreip").contains("192.0.2.128/25"));
    assert!(ssh(&host, "true").status.success());
    assert_eq!(lab::status(&bench.paths).unwrap().source.as_deref(), Some("pbx1"));
    let again = bench.up_with(&options).unwrap_err();
    assert!(matches!(again, LabError::Occupied(_)));
}

#[test]
fn a_copied_configuration_that_reaches_out_is_refused() {
    let bench = Bench::new();
    let late = copied(&[("jail.d/zzz.local", "[sshd]\naction = iptables-multiport\n")]);
    assert_eq!(
        bench.up_with(&late).unwrap_err().to_string(),
        "the copied configuration cannot be used here: jail.d/zzz.local is read after the lab's own zz-lab.local"
    );
    let status = lab::status(&bench.paths).unwrap();
    assert_eq!(
        (status.state, status.fail2ban.pid, status.sshd.pid),
        (LabState::Broken, None, None)
    );
    let (host, _) = bench.up();
    prove(&bench, &host);
}

/// A login that is made for one test and removed after it.
struct ThrowAwayUser {
    name: String,
}

impl ThrowAwayUser {
    fn new(home: &Path) -> Self {
        let name = format!("f2blab{}", std::process::id());
        let made = Command::new("useradd")
            .args(["--no-create-home", "--shell", "/bin/sh", "--user-group", "--home-dir"])
            .arg(home)
            .arg(&name)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", said(&made));
        let owned = Command::new("chown")
            .arg(format!("{name}:"))
            .arg(home)
            .status()
            .unwrap();
        assert!(owned.success());
        Self { name }
    }
}

impl Drop for ThrowAwayUser {
    fn drop(&mut self) {
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}

/// As root the whole is done once more by a login without any right; else every test is that.
#[test]
fn an_ordinary_user_can_do_it() {
    if !rustix::process::geteuid().is_root() {
        return ordinary_user_round();
    }
    let folder = tempfile::tempdir().unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("round");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let user = ThrowAwayUser::new(&home);
    let output = Command::new("setpriv")
        .args(["--reuid", &user.name, "--regid", &user.name, "--init-groups", "--"])
        .arg(&program)
        .args(["--exact", "lab::an_ordinary_user_can_do_it", "--nocapture"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &home)
        .env("TMPDIR", &home)
        .current_dir("/")
        .output()
        .unwrap();
    let text = said(&output);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn ordinary_user_round() {
    let bench = Bench::new();
    let (host, _) = bench.up();
    assert!(!host.settings.address.starts_with("root@"));
    prove(&bench, &host);
    bench.down();
    assert!(!bench.paths.folder.exists());
}

#[test]
fn two_at_once_make_one_lab() {
    let bench = Bench::new();
    let hosts: Vec<LabHost> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| bench.up().0)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(hosts[0].settings, hosts[1].settings);
    assert_eq!(hosts.iter().filter(|host| host.already_running).count(), 1);
}

#[test]
fn a_faulty_configuration_is_reported_and_can_be_taken_down() {
    let bench = Bench::new();
    bench.up();
    let file = bench.paths.config_dir().join("jail.local");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("maxretry = 50", "maxretry = abc")).unwrap();
    kill(lab::status(&bench.paths).unwrap().fail2ban.pid.unwrap());
    let error = bench.up_with(&UpOptions::default()).unwrap_err();
    assert!(
        matches!(
            error,
            LabError::NotStarted {
                service: Service::Fail2ban,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("'maxretry' in 'asterisk-scan'"), "{error}");
    assert_eq!(lab::status(&bench.paths).unwrap().fail2ban.pid, None);
    bench.down();
    assert!(!bench.paths.folder.exists());
}

#[test]
fn a_caller_cannot_have_another_banned() {
    let bench = Bench::new();
    bench.up();
    // The display name before the address and the call id after it are the caller's: both may look like more.
    let victim = "' failed for '203.0.113.99:5060' (callid: x";
    let caller = "failed for '192.0.2.200:5060'";
    let forged: String = ["No matching endpoint found", "Failed to authenticate"]
        .iter()
        .flat_map(|what| {
            [
                format!("'\"1{victim}) - {what}\" <sip:1@192.0.2.1>' {caller} (callid: 1) - {what}"),
                format!("'\"1{victim}\" <sip:1@192.0.2.1>' {caller} (callid: 1) - {what}"),
                format!("'<sip:1@192.0.2.1>' {caller} (callid: 1{victim}) - {what}"),
                format!("'<sip:1@192.0.2.1>' {caller} (callid: 1{victim}) - {what}) - {what}"),
                format!("'\"O'Hara\" <sip:1@192.0.2.1>' failed for '192.0.2.201:5060' (callid: a b)c) - {what}"),
            ]
        })
        .map(|line| {
            format!("[2026-11-22 06:54:01] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from {line}\n")
        })
        .collect();
    let log = bench.folder.path().join("forged.log");
    std::fs::write(&log, forged).unwrap();
    for filter in ["asterisk-auth.local", "asterisk-scan.local"] {
        let output = Command::new("fail2ban-regex")
            .args(["-o", "ip", "-c"])
            .arg(bench.paths.config_dir())
            .arg(&log)
            .arg(bench.paths.config_dir().join("filter.d").join(filter))
            .output()
            .unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        let mut callers = vec!["192.0.2.200"; 4];
        callers.push("192.0.2.201");
        assert_eq!(found.lines().collect::<Vec<_>>(), callers, "{filter}");
    }
}
