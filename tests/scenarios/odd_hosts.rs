//! Hosts that are set up otherwise than most: another time zone, a socket that is put together, jails with odd names, and a
//! change that is interrupted while somebody else thinks about another one.

use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use super::ONBOARD;
use super::support::snapshot::assert_put_back;
use super::support::{CLIENT, Lab, eventually};

/// Seconds of the Unix clock of a time as f2bctl shows it.
fn seconds(shown: &serde_json::Value) -> i64 {
    let text = shown.as_str().expect("a time");
    chrono::DateTime::parse_from_rfc3339(text)
        .expect("RFC 3339")
        .timestamp()
}

#[test]
fn bans_are_dated_by_the_servers_own_time_zone() {
    let lab = Lab::start();
    lab.stop_fail2ban();
    // Five hours or four behind the host's own clock, whatever zone that has.
    let status = std::process::Command::new(CLIENT)
        .arg("-c")
        .arg(lab.paths.config_dir())
        .arg("start")
        .env("TZ", "America/New_York")
        .stdout(Stdio::null())
        .status()
        .expect("fail2ban-client is installed");
    assert!(status.success());
    eventually("the jails run", || lab.jails().len() == 3);
    let before = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    lab.ban("sshd", "192.0.2.44");
    let document = lab.done(&["status", "sshd", "--json"]).json();
    let ban = &document["jails"][0]["banned"][0];
    let since = seconds(&ban["since"]);
    assert!((since - i64::try_from(before).expect("a time")).abs() < 60, "{ban}");
    assert_eq!(seconds(&ban["until"]) - since, 3600, "{ban}");
    // A reload that loses every ban and then fails: each comes back with the end that it had.
    let held = lab.snapshot();
    lab.on_client(
        "if [ \"$3\" = reload ] && [ ! -e $here/once ]; then touch $here/once; client \"$1\" \"$2\" unban --all; exit 1; fi",
    );
    lab.run(ONBOARD).expect(6);
    assert_put_back(&held, &lab.snapshot());
}

#[test]
fn a_socket_that_is_put_together_from_other_values_is_found() {
    let lab = Lab::start();
    let path = lab.paths.config_dir().join("fail2ban.conf");
    let text = std::fs::read_to_string(&path).expect("fail2ban.conf");
    let folder = lab.paths.socket();
    let folder = folder.parent().expect("a folder").display().to_string();
    let line = text
        .lines()
        .find(|line| line.starts_with("socket"))
        .expect("the socket's line")
        .to_owned();
    let put_together = text.replace(&line, "socket = %(place)s/fail2ban.sock\nplace = %(above)s");
    std::fs::write(&path, put_together).expect("fail2ban.conf");
    let drop_in = lab.paths.config_dir().join("fail2ban.d");
    std::fs::create_dir_all(&drop_in).expect("fail2ban.d");
    std::fs::write(drop_in.join("place.conf"), format!("[Definition]\nabove = {folder}\n")).expect("a file");
    assert_eq!(
        lab.client(&["ping"]),
        "Server replied: pong",
        "fail2ban itself reads it so"
    );
    let document = lab.done(&["status", "--json"]).json();
    assert_eq!(document["fail2ban"]["running"], true, "{document}");
    lab.done(ONBOARD);
}

#[test]
fn a_jail_with_a_comma_in_its_name_is_one_jail() {
    let lab = Lab::start();
    let jail = "[pbx,two]\nenabled = true\nfilter = asterisk-auth\nlogpath = %(log)s\nmaxretry = 3\n";
    let jail = jail.replace("%(log)s", &lab.paths.asterisk_log().display().to_string());
    lab.edit_jail_local("[asterisk-auth]", &format!("{jail}\n[asterisk-auth]"));
    lab.client(&["reload"]);
    let document = lab.done(&["status", "--json"]).json();
    let names: Vec<&str> = document["jails"]
        .as_array()
        .expect("jails")
        .iter()
        .filter_map(|jail| jail["name"].as_str())
        .collect();
    assert_eq!(names, ["asterisk-auth", "asterisk-scan", "pbx,two", "sshd"]);
    lab.done(ONBOARD);
    assert!(lab.client(&["get", "pbx,two", "ignoreip"]).contains("192.0.2.0/28"));
}

#[test]
fn nothing_is_built_on_a_change_that_was_interrupted_meanwhile() {
    let lab = super::interrupted::interrupted_in("lifting");
    lab.usual_login();
    // What another operator's killed change left appears when this one has looked and is rehearsing.
    let journal = lab.paths.state_dir().join("changes");
    let aside = lab.folder().join("aside");
    std::fs::rename(&journal, &aside).expect("put aside");
    lab.on_client(&format!(
        "case \" $* \" in *' -t '*) [ ! -d {0} ] || mv {0} {1} ;; esac",
        aside.display(),
        journal.display()
    ));
    let offboard = ["offboard", "203.0.113.0/24", "--yes", "--json"];
    let refused = lab.run(&offboard);
    assert!(
        refused
            .expect(5)
            .error()
            .contains("was interrupted and is not recovered yet"),
        "{}",
        refused.stdout
    );
    assert_eq!(lab.phases(), ["lifting"]);
    // Run again it settles that one first, and what it then does lasts.
    let run = lab.done(&offboard);
    assert!(
        run.warnings().contains(&"interrupted_change_settled".to_owned()),
        "{}",
        run.stdout
    );
    assert_eq!(lab.phases(), ["undone", "done"]);
    for jail in lab.jails() {
        let ignored = lab.ignored_in(&jail);
        assert!(
            !ignored.contains("192.0.2.0/28") && !ignored.contains("203.0.113.0/24"),
            "{ignored:?}"
        );
    }
}
