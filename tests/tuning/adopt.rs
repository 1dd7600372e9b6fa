//! A hand-kept whitelist gets its register: production's free-text comments above the line.

use serde_json::json;

use super::support::{Lab, assert_same};

const BY_HAND: &str = "# Example Hotels (EX): 203.0.113.0/24 current uplink, 198.51.100.0/24 previous\n";

/// The lab's jail.local with these comments and entries instead of its own.
fn by_hand(lab: &Lab, comments: &str, entries: &str) {
    let text = lab.jail_local_text();
    let own = |line: &&str| line.contains(" | ") || line.starts_with("ignoreip");
    let mut kept: Vec<&str> = text.lines().filter(|line| !own(line)).collect();
    let place = kept
        .iter()
        .position(|line| line.starts_with("backend"))
        .expect("a place");
    let block = format!("{comments}ignoreip = 127.0.0.1/8 ::1 {entries}");
    kept.insert(place, &block);
    lab.write_jail_local(kept.join("\n") + "\n");
    lab.client(&["reload"]);
}

#[test]
fn comments_become_register_lines_and_the_entries_stay() {
    let lab = Lab::start();
    by_hand(&lab, BY_HAND, "203.0.113.0/24 198.51.100.0/24");
    let before = lab.jail_local_text();
    let bans = lab.snapshot();

    lab.done(&["whitelist", "adopt", "--yes"]);

    let today = chrono::Local::now().date_naive();
    let lines = format!(
        "# 203.0.113.0/24 | Example Hotels (EX) | current uplink | adopted={today}\n\
         # 198.51.100.0/24 | Example Hotels (EX) | previous | adopted={today}\n"
    );
    assert_eq!(lab.jail_local_text(), before.replace(BY_HAND, &lines));
    lab.done(&["whitelist", "lint"]);
    let settled = lab.snapshot();
    assert_eq!(settled.server, bans.server);
    let again = lab.done(&["whitelist", "adopt", "--yes", "--json"]);
    assert_eq!(again.json()["outcome"], json!("unchanged"));
    assert_same(&settled, &lab.snapshot());
}

#[test]
fn what_is_unclear_is_refused_by_name_until_it_is_given() {
    let lab = Lab::start();
    by_hand(
        &lab,
        &format!("{BY_HAND}# 192.0.2.0/28 is theirs\n"),
        "203.0.113.0/24 198.51.100.0/24 192.0.2.0/28 192.0.2.64/28",
    );
    let before = lab.snapshot();
    let run = lab.run(&["whitelist", "adopt", "--yes", "--json"]);
    run.expect(2);
    let line = lab
        .jail_local_text()
        .lines()
        .position(|line| line.contains("is theirs"))
        .expect("a line")
        + 1;
    assert_eq!(
        run.error(),
        format!(
            "the comments do not name the customers of these entries: 192.0.2.0/28 (line {line}: `# 192.0.2.0/28 is \
             theirs`); \
             192.0.2.64/28 (no comment names it)"
        )
    );
    assert_same(&before, &lab.snapshot());

    lab.done(&[
        "whitelist",
        "adopt",
        "--assign",
        "192.0.2.0/28=Lotus Court Hotels",
        "--assign",
        "192.0.2.64/28=Zeta PBX",
        "--yes",
    ]);
    let text = lab.jail_local_text();
    let today = chrono::Local::now().date_naive();
    assert!(
        text.contains(&format!("# 192.0.2.64/28 | Zeta PBX | | adopted={today}\n")),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "# 192.0.2.0/28 | Lotus Court Hotels | is theirs | adopted={today}\n"
        )),
        "{text}"
    );
    // The comment did not say the name, so it is kept; the one that said everything is gone.
    assert!(
        text.contains("# 192.0.2.0/28 is theirs\n") && !text.contains(BY_HAND),
        "{text}"
    );
}
