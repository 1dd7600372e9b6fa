//! Temporary entries beside those that files give: neither becomes the other unsaid.

use serde_json::json;

use super::support::Lab;

const GUEST: &str = "198.51.100.7";
const JAILS: [&str; 2] = ["asterisk-auth", "asterisk-scan"];

/// The running jails whose whitelist has an entry.
fn having(lab: &Lab, entry: &str) -> Vec<String> {
    let mut jails = lab.jails();
    jails.retain(|jail| lab.ignored_in(jail).contains(entry));
    jails
}

#[test]
fn an_entry_does_not_become_one_for_good_where_jail_local_has_had_no_list() {
    let lab = Lab::start();
    let text = lab.jail_local_text();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("ignoreip")).collect();
    let without = without
        .join("\n")
        .replace("[sshd]\nenabled  = true", "[sshd]\nenabled  = false");
    lab.write_jail_local(format!("{without}\n"));
    let given = "[DEFAULT]\nignoreip = 203.0.113.77\n";
    std::fs::create_dir_all(lab.paths.config_dir().join("jail.d")).expect("the folder");
    std::fs::write(lab.paths.config_dir().join("jail.d/office.conf"), given).expect("an earlier file");
    lab.client(&["reload"]);
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    assert_eq!(having(&lab, GUEST), JAILS);

    lab.done(&["onboard", "192.0.2.64/28", "--customer", "Test Inn", "--yes"]);
    // The new key replaces what another file gives, so it begins with that, and with nothing that was set at run time.
    let line = "\nignoreip = 203.0.113.77 192.0.2.64/28\n";
    assert!(lab.jail_local_text().contains(line), "{}", lab.jail_local_text());
    assert_eq!(having(&lab, GUEST), JAILS);
    assert_eq!(having(&lab, "203.0.113.77"), JAILS);
    lab.done(&["temp", "remove", GUEST, "--yes"]);
    assert!(having(&lab, GUEST).is_empty());
}

#[test]
fn an_entry_that_a_file_gives_too_is_forgotten_and_reported_to_stay() {
    let lab = Lab::start();
    lab.done(&["temp", "add", GUEST, "--for", "1h", "--yes"]);
    lab.edit_jail_local("ignoreip = ", &format!("ignoreip = {GUEST} "));
    let run = lab.done(&["temp", "remove", GUEST, "--yes", "--json"]);
    assert!(!run.stdout.contains("in force nowhere"), "{}", run.stdout);
    assert!(
        run.warnings().contains(&"still_whitelisted".to_owned()),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("stays whitelisted in asterisk-auth, asterisk-scan"),
        "{}",
        run.stdout
    );
    assert_eq!(having(&lab, GUEST), JAILS);
    let listed = lab.done(&["temp", "list", "--json"]).json();
    assert_eq!(listed["temporary"], json!([]));
}
