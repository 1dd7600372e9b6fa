//! Another hand's mistakes, made just before: each is found before anything live is touched, with its place in the
//! file. Every one of them passes `fail2ban-client -t`, or a reload, on some version of fail2ban.

use serde_json::json;

use super::ONBOARD;
use super::support::{Lab, Run, assert_same};

/// Onboards on this jail.local, which has to be refused (3) with nothing touched.
#[track_caller]
fn refused(lab: &Lab, bytes: &[u8]) -> Run {
    lab.write_jail_local(bytes);
    let before = lab.snapshot();
    let attempts = lab.audit_of("attempt").len();
    let run = lab.run(ONBOARD);
    run.expect(3);
    assert_eq!(run.json()["outcome"], json!("refused"));
    assert_same(&before, &lab.snapshot());
    // The refused attempt is on record, and nothing else of it is.
    assert_eq!(lab.audit_of("attempt").len(), attempts + 1);
    assert!(lab.audit_of("intent").is_empty());
    run
}

/// The place that a message has to name: `jail.local:LINE:COLUMN`, of the first hit of a text.
fn place(text: &[u8], of: &[u8]) -> String {
    let at = text
        .windows(of.len())
        .position(|window| window == of)
        .expect("it is there");
    let line = text[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let begin = text[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    format!("jail.local:{line}:{}", at - begin + 1)
}

#[test]
fn every_mistake_is_found_before_anything_live_is_touched() {
    let lab = Lab::start();
    lab.ban("sshd", "198.51.100.7");
    let good = lab.jail_local_text();
    let swapped = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1).into_bytes()
    };

    // `-t` says OK to these two; the reload would remove every jail and lift every ban.
    for (from, to) in [
        ("maxretry = 3\n", "maxretry = abc\n"),
        ("findtime = 3600\n", "findtime = ten\n"),
    ] {
        let bytes = swapped(from, to);
        let run = refused(&lab, &bytes);
        // The place is that of the value, behind "maxretry = ".
        let (line, column) = place(&bytes, to.as_bytes())
            .rsplit_once(':')
            .map(|(line, _)| (line.to_owned(), 12))
            .expect("a place");
        assert!(
            run.error().contains(&format!("{line}:{column}")),
            "{line}: {}",
            run.error()
        );
    }
    // Up to 1.0.2 a tab makes one entry out of two, and that is everybody.
    let bytes = swapped("::1 203.0.113.0/24", "::1\t203.0.113.0/24");
    let run = refused(&lab, &bytes);
    assert!(run.error().contains(&place(&bytes, b"::1\t")), "{}", run.error());
    // A byte that is not UTF-8, in a comment: the whole file is ignored, with all its jails.
    let mut bytes = good.clone().into_bytes();
    let at = good.find("Real authentication").expect("a comment");
    bytes.splice(at..at, *b"Caf\xe9 ");
    let run = refused(&lab, &bytes);
    assert!(run.error().contains(&place(&bytes, b"\xe9")), "{}", run.error());
    // A byte-order mark.
    let run = refused(&lab, &[b"\xef\xbb\xbf", good.as_bytes()].concat());
    assert!(run.error().contains("jail.local:1:1"), "{}", run.error());
    // A line without a delimiter, an option twice, a section twice.
    for (from, to, at) in [
        ("usedns = no\n", "usedns = no\nusedns no\n", "usedns no\n"),
        (
            "filter   = asterisk-auth\n",
            "filter   = asterisk-auth\nfilter   = sshd\n",
            "filter   = sshd",
        ),
        ("[asterisk-scan]", "[sshd]", "[sshd]\nenabled  = true\nfilter"),
    ] {
        let bytes = swapped(from, to);
        let run = refused(&lab, &bytes);
        let place = place(&bytes, at.as_bytes());
        assert!(run.error().contains(&place), "{place} is not in {}", run.error());
    }
    // The reload would say OK to these, and a jail would be gone.
    for (from, to) in [
        ("filter   = asterisk-scan", "filter   = no-such-filter"),
        ("banaction = lab-record", "banaction = no-such-action"),
        ("[sshd]\n", "[ssdh]\nenabled = true\n[sshd]\n"),
    ] {
        let run = refused(&lab, &swapped(from, to));
        assert!(run.error().contains("preflight"), "{}", run.error());
    }
    let logs = lab.paths.asterisk_log().display().to_string();
    refused(&lab, &swapped(&logs, "/nowhere/messages.log"));

    // Mended, it goes through.
    lab.write_jail_local(&good);
    lab.done(ONBOARD);
    lab.done(&["audit", "verify"]);
}

#[test]
fn a_broken_filter_is_found_too() {
    let lab = Lab::start();
    let filter = lab.paths.config_dir().join("filter.d/asterisk-auth.local");
    let good = std::fs::read_to_string(&filter).expect("the filter");
    for (from, to) in [("failregex = ^", "failregex = ((^"), ("<HOST>", "nobody")] {
        std::fs::write(&filter, good.replace(from, to)).expect("written");
        let before = lab.snapshot();
        let run = lab.run(ONBOARD);
        run.expect(3);
        assert!(run.error().contains("preflight"), "{}", run.error());
        assert_same(&before, &lab.snapshot());
        // The same preflight stands before a bare reload.
        lab.run(&["reload", "--yes"]).expect(3);
        assert_same(&before, &lab.snapshot());
    }
}

#[test]
fn rehearsals_leave_nothing_behind() {
    let lab = Lab::start();
    let before = lab.snapshot();
    // One of an agent that was killed, and one that works in a namespace of its own, where its process has another number.
    let folder = || {
        tempfile::Builder::new()
            .prefix("f2bctl-rehearsal-")
            .tempdir_in("/tmp")
            .expect("a folder")
    };
    let (left, used) = (folder(), folder());
    let held = std::fs::File::open(used.path()).expect("the folder");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    lab.done(&[
        "onboard",
        "192.0.2.0/28",
        "--customer",
        "Lotus Court Hotels",
        "--dry-run",
    ]);
    assert!(!left.path().exists() && used.path().exists());
    lab.edit_jail_local("maxretry = 3\n", "maxretry = abc\n");
    lab.run(ONBOARD).expect(3);
    lab.edit_jail_local("maxretry = abc\n", "maxretry = 3\n");
    assert_eq!(
        lab.jail_local(),
        before.files[std::path::Path::new("jail.local")].bytes()
    );
    // Neither a copy nor a throw-away server of this host's rehearsals is there any more.
    let mark = lab.paths.config_dir().display().to_string();
    for entry in std::fs::read_dir("/tmp").expect("the temporary folder") {
        let path = entry.expect("an entry").path();
        let copy = path.join("copy/fail2ban.local");
        let text = std::fs::read_to_string(copy).unwrap_or_default();
        assert!(
            !text.contains(lab.folder().to_str().expect("UTF-8")),
            "{} is left of {mark}",
            path.display()
        );
    }
}
