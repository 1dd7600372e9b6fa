//! Runbook, "Test whether a regex matches a log line": the host's own fail2ban-regex, summed up.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::support::{Lab, assert_same};

const PROBE: &str = "NOTICE[321] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '\"100\" <sip:100@203.0.113.1>' \
                     failed for '192.0.2.55:5062' (callid: a1b2) - No matching endpoint found";

fn stamped(line: &str) -> String {
    format!("[{}] {line}", chrono::Local::now().format("%Y-%m-%d %H:%M:%S"))
}

#[test]
fn the_jails_own_log_counts_as_fail2ban_counts_it() {
    let lab = Lab::start();
    let before = lab.snapshot();
    let run = lab.done(&["regex", "asterisk-scan", "--json"]);
    let trial = run.json()["regex"].clone();
    // The lab's log: a storm of 27 first REGISTERs, 18 probes, 2 wrong passwords.
    assert_eq!(trial["kind"], json!("jail"));
    assert_eq!(trial["source"], json!(lab.paths.asterisk_log()));
    assert_eq!(
        (&trial["matched"], &trial["failregex"][0]["count"]),
        (&json!(45), &json!(45))
    );
    assert_eq!(
        trial["addresses"],
        json!([
            {"address": "203.0.113.10", "count": 27, "regexes": [1]},
            {"address": "198.51.100.66", "count": 18, "regexes": [1]},
        ])
    );
    // Every other line is missed, and told by its shape.
    let number = |key: &str| trial[key].as_u64().expect("a number");
    assert_eq!(
        number("lines"),
        number("matched") + number("ignored") + number("missed")
    );
    let shapes = trial["missed_shapes"].as_array().expect("shapes");
    let counted: u64 = shapes.iter().filter_map(|shape| shape["count"].as_u64()).sum();
    assert_eq!(counted, number("missed"));
    assert!(shapes.iter().any(|shape| {
        shape["shape"]
            .as_str()
            .is_some_and(|text| text.ends_with("Failed to authenticate"))
    }));
    assert_same(&before, &lab.snapshot());

    let strict = lab.done(&["regex", "asterisk-auth", "--json"]).json()["regex"].clone();
    assert_eq!(
        (&strict["matched"], &strict["addresses"][0]["address"]),
        (&json!(2), &json!("192.0.2.77"))
    );
}

#[test]
fn the_counts_are_those_of_fail2ban_regex_itself() {
    let lab = Lab::start();
    let filter = lab.paths.config_dir().join("filter.d").join("asterisk-scan.local");
    let output = std::process::Command::new("/usr/bin/fail2ban-regex")
        .arg("-c")
        .arg(lab.paths.config_dir())
        .arg(lab.paths.asterisk_log())
        .arg(filter)
        .output()
        .expect("fail2ban-regex is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let trial = lab.done(&["regex", "asterisk-scan", "--json"]).json()["regex"].clone();
    let number = |key: &str| trial[key].as_u64().expect("a number");
    let told = format!(
        "Lines: {} lines, {} ignored, {} matched, {} missed",
        number("lines"),
        number("ignored"),
        number("matched"),
        number("missed")
    );
    assert!(text.contains(&told), "{told}\n{text}");
}

#[test]
fn a_line_a_local_file_and_stdin_are_tried_and_the_exit_code_tells() {
    let lab = Lab::start();
    let line = stamped(PROBE);
    let run = lab.done(&["regex", "asterisk-scan", "--line", &line, "--json"]);
    assert_eq!(
        run.json()["regex"]["addresses"],
        json!([{"address": "192.0.2.55", "count": 1, "regexes": [1]}])
    );
    lab.run(&["regex", "asterisk-auth", "--line", &line]).expect(8);
    lab.run(&["regex", "asterisk-auth", "--line", "-e $(id) `id` ; 'x"])
        .expect(8);

    let file = lab.folder().join("lines.log");
    std::fs::write(
        &file,
        format!("{line}\n\n{line}\nsomething else \u{1b}[31m 17\nsomething else \u{1b}[31m 18\n"),
    )
    .expect("a file");
    let path = file.display().to_string();
    let run = lab.done(&["regex", "asterisk-scan", "--file", &path, "--json"]);
    let trial = run.json()["regex"].clone();
    assert_eq!(
        (&trial["lines"], &trial["matched"], &trial["missed"]),
        (&json!(4), &json!(2), &json!(2))
    );
    assert_eq!(trial["missed_shapes"][0]["count"], json!(2));
    // What a log holds does not reach the terminal as it is.
    let shown = lab.done(&["regex", "asterisk-scan", "--file", &path]).stdout;
    assert!(
        !shown.contains('\u{1b}') && shown.contains("2 of 4 lines match"),
        "{shown}"
    );
}

#[test]
fn a_jail_is_tried_with_its_own_date_pattern_and_encoding() {
    let lab = Lab::start();
    lab.edit_jail_local("[asterisk-scan]\n", "[asterisk-scan]\nlogencoding = latin-1\n");
    let mut bytes = stamped(PROBE).replace("\"100\"", "\"caf?\"").into_bytes();
    for byte in &mut bytes {
        if *byte == b'?' {
            *byte = 0xe9;
        }
    }
    let file = lab.folder().join("latin.log");
    std::fs::write(&file, bytes).expect("a file");
    let run = lab.done(&[
        "regex",
        "asterisk-scan",
        "--file",
        &file.display().to_string(),
        "--json",
    ]);
    let trial = run.json()["regex"].clone();
    assert_eq!((&trial["encoding"], &trial["matched"]), (&json!("latin-1"), &json!(1)));
    // The filter's `{^LN-BEG}` is the jail's: a date in the middle of a line is none.
    assert_eq!(trial["datepattern"], json!("{^LN-BEG}"));
    lab.run(&["regex", "asterisk-scan", "--line", &format!("x {}", stamped(PROBE))])
        .expect(8);
}

#[test]
fn a_log_that_leads_elsewhere_or_is_the_kernels_is_refused_with_the_reason() {
    let lab = Lab::start();
    let folder = lab.folder().join("writable");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).expect("a mode");
    std::os::unix::fs::symlink("/etc/shadow", folder.join("full.log")).expect("a link");
    let user = std::process::Command::new("id").arg("-un").output().expect("id");
    let user = String::from_utf8(user.stdout).expect("a name");
    let log = folder.join("full.log").display().to_string();
    for (log, reasons) in [
        (
            log.as_str(),
            [
                "is a link in a folder that others may write to (mode 0777)",
                "not followed",
            ],
        ),
        (
            "/proc/kmsg",
            [
                "what lies in /proc is the kernel's",
                &format!("runs as {})", user.trim()),
            ],
        ),
        ("/dev/zero", ["/dev/zero is not a regular file", ""]),
    ] {
        let run = lab.run(&["regex", "asterisk-scan", "--log", log, "--json"]);
        run.expect(3);
        assert!(
            reasons.iter().all(|reason| run.error().contains(reason)),
            "{}",
            run.error()
        );
    }
}

#[test]
fn a_packed_log_is_read_as_the_plain_one_and_a_damaged_one_as_far_as_it_goes() {
    let lab = Lab::start();
    let plain = lab.done(&["regex", "asterisk-scan", "--json"]).json()["regex"].clone();
    let text = std::fs::read(lab.paths.asterisk_log()).expect("the lab's log");
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&text).expect("packed");
    let packed = packer.finish().expect("packed");
    let log = lab.folder().join("messages.log.2.gz");
    let tried = |bytes: &[u8], code: i32| {
        std::fs::write(&log, bytes).expect("a file");
        let run = lab.run(&["regex", "asterisk-scan", "--log", &log.display().to_string(), "--json"]);
        run.expect(code);
        run
    };
    let trial = tried(&packed, 0).json()["regex"].clone();
    for key in ["lines", "matched", "missed", "addresses", "failregex"] {
        assert_eq!(trial[key], plain[key], "{key}");
    }
    assert_eq!((&trial["truncated"], &trial["horizon"]), (&json!(false), &Value::Null));
    let cut = tried(&packed[..packed.len() - 100], 0).json()["regex"].clone();
    let source = cut["source"].as_str().expect("a text");
    assert!(source.contains(" (cannot be read to its end: "), "{source}");
    assert!(cut["lines"].as_u64() > Some(0) && cut["lines"].as_u64() < plain["lines"].as_u64());
    let error = tried(b"no archive", 3).error();
    assert!(error.contains("messages.log.2.gz cannot be read: "), "{error}");
}

#[test]
fn a_filter_is_tried_by_itself_on_asterisks_log_and_strangers_are_refused() {
    let lab = Lab::start();
    let log = lab.paths.asterisk_log().display().to_string();
    lab.set_host("asterisk_log", &format!("\"{log}\""));
    let run = lab.run(&["regex", "asterisk", "--json"]);
    run.expect(0);
    let trial = run.json()["regex"].clone();
    assert_eq!((&trial["kind"], &trial["source"]), (&json!("filter"), &json!(log)));
    assert!(
        trial["failregex"]
            .as_array()
            .is_some_and(|list: &Vec<Value>| list.len() > 3)
    );

    for (arguments, message) in [
        (
            &["regex", "nosuch"][..],
            "'nosuch' is neither an enabled jail nor a filter of this host; the enabled jails are asterisk-auth, \
             asterisk-scan, sshd",
        ),
        (
            &["regex", "asterisk-scan", "--log", "/nowhere.log"],
            "/nowhere.log is not a file on this host",
        ),
    ] {
        let run = lab.run(&[arguments, &["--json"]].concat());
        run.expect(3);
        assert_eq!(run.error(), message);
    }
    lab.run(&["regex", "../../etc/passwd", "--json"]).expect(3);
    lab.run(&["regex", "asterisk-scan", "--log", "relative.log"]).expect(2);
    lab.run(&["regex", "asterisk-scan", "--file", "/nowhere.log"]).expect(2);
    lab.run(&["regex", "asterisk-scan", "--line", "x", "--log", "/y"])
        .expect(2);
}
