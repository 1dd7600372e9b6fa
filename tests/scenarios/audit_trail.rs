//! `audit verify` on a real host: whatever was done to a trail, the host's or the operator's own, is told with the line
//! where it was done, and a trail that is whole again is told as whole.

use std::path::{Path, PathBuf};

use super::support::{Lab, environment};

/// What somebody did to the lines of a trail, and the code and the lines by which it has to be told.
type Damage = (&'static str, fn(&mut Vec<String>), &'static str, &'static [u64]);

const DAMAGES: [Damage; 7] = [
    ("cut in the middle", |lines| lines[2].truncate(40), "unreadable", &[3]),
    ("one removed", |lines| drop(lines.remove(2)), "missing", &[3]),
    ("two swapped", |lines| lines.swap(1, 2), "reordered", &[2, 3]),
    (
        "one edited",
        |lines| lines[2] = lines[2].replace("backup", "unban "),
        "altered",
        &[3],
    ),
    (
        "another's operator, and the hash as it was",
        |lines| lines[0] = lines[0].replace("ravi@", "asha@"),
        "altered",
        &[1],
    ),
    (
        "another program's line",
        |lines| lines.insert(1, "Nov 23 08:00:00 pbx cron: done".to_owned()),
        "unreadable",
        &[2],
    ),
    (
        "another program's JSON at the end",
        |lines| lines.push(r#"{"level":"info","sequence":1}"#.to_owned()),
        "altered",
        &[5],
    ),
];

fn lines_of(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a trail");
    text.lines().map(str::to_owned).collect()
}

fn write(path: &Path, lines: &[String]) {
    std::fs::write(path, lines.join("\n") + "\n").expect("the trail is written");
}

/// The host's trail and the operator's, of two changes each: an intent and an outcome for each of them.
fn trails(lab: &Lab) -> [(&'static str, PathBuf); 2] {
    for label in ["first", "second"] {
        lab.done(&["backup", "--label", label, "--yes"]);
    }
    let own = environment(lab.folder()).state_home.join("f2bctl").join("audit.jsonl");
    [("host", lab.paths.state_dir().join("audit.jsonl")), ("local", own)]
}

#[test]
fn whatever_was_done_to_an_audit_log_is_reported_with_its_line() {
    let lab = Lab::start();
    for (name, path) in trails(&lab) {
        let whole = lines_of(&path);
        assert_eq!(whole.len(), 4, "{name}: {whole:?}");
        for (what, damage, code, places) in DAMAGES {
            let mut lines = whole.clone();
            damage(&mut lines);
            assert_ne!(lines, whole, "{what}");
            write(&path, &lines);
            let run = lab.run(&["audit", "verify", "--json"]);
            run.expect(8);
            let document = run.json();
            let findings = document["findings"].as_array().expect("findings").clone();
            // The operator's trail remembers records of the host: that these are gone is told beside it.
            let own = findings.iter().filter(|found| found["code"] != "contradicted");
            let told: Vec<_> = own
                .map(|found| (&found["trail"], &found["code"], found["line"].as_u64()))
                .collect();
            let expected: Vec<_> = places.iter().map(|line| (name, code, Some(*line))).collect();
            assert_eq!(told.len(), expected.len(), "{name}, {what}: {document}");
            for (told, expected) in told.iter().zip(expected) {
                assert_eq!(
                    (told.0.as_str(), told.1.as_str()),
                    (Some(expected.0), Some(expected.1)),
                    "{what}: {document}"
                );
                assert_eq!(told.2, expected.2, "{name}, {what}: {document}");
            }
            let people = lab.run(&["audit", "verify"]);
            people.expect(8);
            for line in places {
                assert!(
                    people.stdout.contains(&format!("ine {line}")),
                    "{what}: {}",
                    people.stdout
                );
            }
        }
        write(&path, &whole);
        lab.done(&["audit", "verify"]);
    }
}

#[test]
fn a_host_that_forgot_its_last_records_or_all_of_them_contradicts_the_operators_log() {
    let lab = Lab::start();
    let [(_, host), _] = trails(&lab);
    let whole = lines_of(&host);
    for kept in [whole.len() - 1, 0] {
        write(&host, &whole[..kept]);
        if kept == 0 {
            std::fs::remove_file(&host).expect("the trail goes");
        }
        let run = lab.run(&["audit", "verify", "--json"]);
        run.expect(8);
        let document = run.json();
        let findings = document["findings"].as_array().expect("findings");
        assert!(!findings.is_empty());
        assert!(
            findings.iter().all(|found| found["code"] == "contradicted"),
            "{document}"
        );
        let last = findings.last().expect("one")["message"].as_str().expect("a sentence");
        assert!(last.contains("Record 4"), "{document}");
    }
    write(&host, &whole);
    lab.done(&["audit", "verify"]);
}

#[test]
fn a_change_goes_on_behind_a_damaged_record_and_what_is_new_is_whole() {
    let lab = Lab::start();
    let trails = trails(&lab);
    for (_, path) in &trails {
        let mut lines = lines_of(path);
        let last = lines.last_mut().expect("a record");
        last.truncate(last.len() / 2);
        std::fs::write(path, lines.join("\n")).expect("cut short, as by a power cut");
    }
    lab.done(&["backup", "--label", "third", "--yes"]);
    let run = lab.run(&["audit", "verify", "--json"]);
    run.expect(8);
    let document = run.json();
    let codes: Vec<_> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|found| {
            (
                found["trail"].as_str().unwrap_or_default().to_owned(),
                found["code"].as_str().unwrap_or_default().to_owned(),
                found["line"].as_u64(),
            )
        })
        .collect();
    for name in ["host", "local"] {
        assert!(
            codes.contains(&(name.to_owned(), "unreadable".to_owned(), Some(4))),
            "{document}"
        );
    }
    assert!(
        !codes
            .iter()
            .any(|(_, code, line)| code != "unreadable" && line.is_some()),
        "{document}"
    );
}
